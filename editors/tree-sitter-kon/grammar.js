/**
 * The .kon language for tree-sitter.
 *
 * It follows dsl/grammar.lark, rule by rule. What ends a statement and what belongs to a heredoc
 * is told by src/scanner.c.
 */

const PRECEDENCE = {
  conditional: 1,
  or: 2,
  and: 3,
  not: 4,
  compare: 5,
  range: 6,
  add: 7,
  multiply: 8,
  negate: 9,
  postfix: 10,
};

const SOFT_KEYWORDS = [
  "from", "over", "of", "on", "map", "reduce", "stage", "after", "as", "for", "template",
];

const list = (rule) => seq(rule, repeat(seq(",", rule)));
const header = ($) => [$.from, $.after, $.when, $.block].map((part) => optional(part));
const trailing = (rule) => seq(list(rule), optional(","));

module.exports = grammar({
  name: "kon",

  externals: ($) => [
    $._separator,
    $.heredoc_start,
    $.heredoc_body,
    $.heredoc_end,
    $._error,
  ],

  extras: ($) => [/\s/, $.comment],

  word: ($) => $.identifier,

  supertypes: ($) => [$.expression],

  rules: {
    source_file: ($) =>
      repeat(choice($.import, $.param, $.let, $.function, $.template, $.pipeline)),

    comment: (_) => token(/#[^\n]*/),

    // ---- files ----

    import: ($) =>
      seq("import", field("path", $.string), "as", field("name", $.identifier), $._separator),

    param: ($) =>
      seq(
        "param",
        field("name", $.identifier),
        ":",
        field("type", $._type),
        optional(seq("=", field("default", $.expression))),
        optional(seq("where", field("where", $.expression))),
        $._separator,
      ),

    let: ($) =>
      seq(
        "let",
        field("name", $.identifier),
        optional(seq(":", field("type", $._type))),
        "=",
        field("value", $.expression),
        $._separator,
      ),

    function: ($) =>
      seq(
        "fn",
        field("name", $.identifier),
        $.parameters,
        "->",
        field("type", $._type),
        "=",
        field("body", $.expression),
        $._separator,
      ),

    template: ($) =>
      seq("template", field("name", $.identifier), $.parameters, $.block, $._separator),

    parameters: ($) => seq("(", optional(trailing($.parameter)), ")"),

    parameter: ($) =>
      seq(
        field("name", $.identifier),
        ":",
        field("type", $._type),
        optional(seq("=", field("default", $.expression))),
      ),

    // ---- pipelines ----

    pipeline: ($) =>
      seq("pipeline", field("name", $.identifier), $.pipeline_body, $._separator),

    pipeline_body: ($) =>
      seq(
        "{",
        repeat(
          choice(
            $.param,
            $.let,
            $.stage,
            $.map_stage,
            $.reduce,
            $.barrier,
            $.approval,
            $.semaphore,
            $.finally,
            $.attribute,
            $.nested_block,
          ),
        ),
        "}",
      ),

    stage: ($) => seq("stage", field("name", $.identifier), ...header($), $._separator),

    map_stage: ($) =>
      seq(
        "map",
        field("name", $.identifier),
        "over",
        field("over", $.expression),
        ...header($),
        $._separator,
      ),

    reduce: ($) =>
      seq("reduce", field("name", $.identifier), "of", field("of", $.ref), ...header($), $._separator),

    barrier: ($) =>
      seq(
        "barrier",
        field("name", $.identifier),
        optional($.after),
        optional($.when),
        $.block,
        $._separator,
      ),

    approval: ($) =>
      seq(
        "approval",
        field("name", $.identifier),
        optional($.after),
        optional($.when),
        $.block,
        $._separator,
      ),

    semaphore: ($) => seq("semaphore", field("name", $.identifier), $.block, $._separator),

    finally: ($) =>
      seq(
        "finally",
        field("name", $.identifier),
        optional($.on),
        optional($.from),
        optional($.when),
        optional($.block),
        $._separator,
      ),

    from: ($) => seq("from", field("template", $.ref), $.arguments),
    after: ($) => seq("after", list($.edge)),
    when: ($) => seq("when", $.expression),
    on: ($) => seq("on", list($.identifier)),

    edge: ($) =>
      seq(
        field("target", $.ref),
        optional(choice("?", $.arguments)),
        optional(seq("if", field("guard", $.expression))),
      ),

    ref: ($) => seq($.identifier, repeat(seq(".", $.identifier))),

    // ---- blocks ----

    block: ($) => seq("{", repeat(choice($.let, $.attribute, $.nested_block)), "}"),

    attribute: ($) =>
      seq(
        field("key", choice($._key, $.string)),
        "=",
        field("value", $.expression),
        choice($._separator, ","),
      ),

    nested_block: ($) =>
      seq(
        field("name", $.identifier),
        optional(field("label", choice($.identifier, $.string))),
        $.block,
        choice($._separator, ","),
      ),

    _key: ($) => choice($.identifier, $.soft_keyword),
    soft_keyword: (_) => choice(...SOFT_KEYWORDS),

    // ---- types ----

    _type: ($) => choice($.type, $.enum),

    type: ($) =>
      seq(
        field("name", choice($.identifier, "map")),
        optional(seq("(", list($._type), ")")),
        optional("?"),
      ),

    enum: ($) => seq($.string, repeat(seq("|", $.string))),

    // ---- expressions ----

    expression: ($) =>
      choice(
        $.conditional,
        $.binary,
        $.unary,
        $.member,
        $.index,
        $.call,
        $.integer,
        $.float,
        $.percent,
        $.duration,
        $.quantity,
        $.string,
        $.raw_string,
        $.heredoc,
        $.boolean,
        $.null,
        $.identifier,
        $.list,
        $.comprehension,
        $.map,
        $.parenthesized,
      ),

    conditional: ($) =>
      prec.right(
        PRECEDENCE.conditional,
        seq("if", $.expression, "then", $.expression, "else", $.expression),
      ),

    binary: ($) => {
      const table = [
        [PRECEDENCE.or, "or"],
        [PRECEDENCE.and, "and"],
        [PRECEDENCE.compare, choice("==", "!=", "<=", ">=", "<", ">", "in", seq("not", "in"))],
        [PRECEDENCE.range, ".."],
        [PRECEDENCE.add, choice("+", "-")],
        [PRECEDENCE.multiply, choice("*", "/")],
      ];
      return choice(
        ...table.map(([level, operator]) =>
          prec.left(
            level,
            seq(
              field("left", $.expression),
              field("operator", operator),
              field("right", $.expression),
            ),
          ),
        ),
      );
    },

    unary: ($) =>
      choice(
        prec(PRECEDENCE.not, seq("not", $.expression)),
        prec(PRECEDENCE.negate, seq("-", $.expression)),
      ),

    member: ($) =>
      prec(
        PRECEDENCE.postfix,
        seq(field("object", $.expression), ".", field("name", $.identifier)),
      ),

    index: ($) => prec(PRECEDENCE.postfix, seq($.expression, "[", $.expression, "]")),

    call: ($) =>
      prec(PRECEDENCE.postfix, seq(field("function", $.expression), $.arguments)),

    arguments: ($) => seq("(", optional(trailing(choice($.expression, $.named_argument))), ")"),

    named_argument: ($) =>
      seq(field("name", $.identifier), "=", field("value", $.expression)),

    parenthesized: ($) => seq("(", $.expression, ")"),

    list: ($) => seq("[", optional(trailing($.expression)), "]"),

    comprehension: ($) =>
      seq(
        "[",
        $.expression,
        "for",
        $.identifier,
        optional(seq(",", $.identifier)),
        "in",
        $.expression,
        optional(seq("if", $.expression)),
        "]",
      ),

    map: ($) => seq("{", repeat($.pair), "}"),

    pair: ($) =>
      seq(
        field("key", choice($._key, $.string)),
        "=",
        field("value", $.expression),
        choice($._separator, ","),
      ),

    // ---- literals ----

    identifier: (_) => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*/,
    integer: (_) => /[0-9][0-9_]*/,
    float: (_) => /[0-9]+\.[0-9]+/,
    percent: (_) => /[0-9]+(\.[0-9]+)?%/,
    duration: (_) => /[0-9]+(\.[0-9]+)?(ms|s|m|h|d)([0-9]+(ms|s|m|h|d))*/,
    quantity: (_) => /[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])/,
    boolean: (_) => choice("true", "false"),
    null: (_) => "null",

    raw_string: (_) => /'[^'\n]*'/,

    string: ($) =>
      seq(
        '"',
        repeat(choice($._text, $.escape, $.interpolation)),
        token.immediate('"'),
      ),

    _text: (_) => token.immediate(prec(1, /[^"\\$\n]+|\$/)),
    escape: (_) => token.immediate(prec(2, choice(/\\u\{[0-9A-Fa-f]+\}/, /\\[^u\n]/, "$${"))),
    interpolation: ($) => seq(token.immediate(prec(2, "${")), $.expression, "}"),

    heredoc: ($) => seq($.heredoc_start, optional($.heredoc_body), $.heredoc_end),
  },
});
