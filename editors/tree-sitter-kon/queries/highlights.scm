; The last pattern that matches wins.

(identifier) @variable

(comment) @comment
((comment) @comment.documentation
  (#match? @comment.documentation "^##[^#]"))

[
  "import" "as" "param" "let" "fn" "template" "pipeline" "stage" "map" "reduce" "barrier"
  "approval" "semaphore" "finally" "where" "over" "of" "from" "after" "when" "on"
] @keyword
["if" "then" "else"] @keyword.conditional
"for" @keyword.repeat
["in" "and" "or" "not"] @keyword.operator

(boolean) @boolean
(null) @constant.builtin
(integer) @number
[(float) (percent) (duration) (quantity)] @number.float

[(string) (raw_string)] @string
(escape) @string.escape
(interpolation "${" @punctuation.special "}" @punctuation.special) @embedded
(heredoc_body) @string
[(heredoc_start) (heredoc_end)] @label

["=" "==" "!=" "<=" ">=" "<" ">" "+" "-" "*" "/" ".." "->" "|" "?"] @operator
["{" "}" "(" ")" "[" "]"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter

(type name: _ @type.builtin)
(enum (string) @string.special)

(pipeline name: (identifier) @module)
(template name: (identifier) @function)
(function name: (identifier) @function)
(call function: (identifier) @function.call)
(edge target: (ref) @function.call (arguments))
(parameter name: (identifier) @variable.parameter)
(named_argument name: (identifier) @variable.parameter)
(param name: (identifier) @constant)
(let name: (identifier) @constant)
[
  (stage name: (identifier) @type)
  (map_stage name: (identifier) @type)
  (reduce name: (identifier) @type)
  (barrier name: (identifier) @type)
  (approval name: (identifier) @type)
  (semaphore name: (identifier) @type)
  (finally name: (identifier) @type)
]
(attribute key: _ @property)
(pair key: _ @property)
(member name: (identifier) @property)
(nested_block name: (identifier) @tag)
(nested_block label: (identifier) @label)
