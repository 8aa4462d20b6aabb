"""A sentence for each kind of syntax error."""

from dataclasses import replace

from konductor.dsl.diagnostics import Diagnostic, Fix, Label, error, instead
from konductor.dsl.expression import TextForm
from konductor.dsl.habit import habit
from konductor.dsl.machine import Machine
from konductor.dsl.repair import CLOSERS, CONTINUES, SPELLING, Change, Repair, opened
from konductor.dsl.source import Span
from konductor.dsl.table import END
from konductor.dsl.tokens import DECLARES, SEPARATOR, Token
from konductor.dsl.vocabulary import BLOCKS

_UNEXPECTED, _NO_VALUE, _NO_SEPARATOR, _NOT_CLOSED = "K0101", "K0102", "K0103", "K0105"
_OPERATORS = frozenset({"CMP", "PLUS", "MINUS", "STAR", "SLASH", "RANGE", "AND", "OR", "NOT", "IN"})
_OF_VALUES = frozenset({"PARAM", "LET", "FN", "AS", "TEMPLATE"})
"""What declares a name of the program, in which `_` stands for `-`."""
_PADDED = {kind: SPELLING[kind] for kind in ("RPAR", "RSQB", "COMMA", "COLON", "LPAR")}
"""What is written without a space before it."""
_FEW = 3
_QUOTES = "inside `${ }` a text stands between single quotes; `$${` is a plain `${`"


def explain(machine: Machine, repair: Repair | None) -> Diagnostic:
    """Return the finding for the error that a machine is at, in view of what would mend it."""
    foreign = habit(machine) if repair is None or repair.change is not Change.KEYWORD else None
    if foreign is not None:
        return foreign
    if repair is None or (repair.change is not Change.VALUE and _is_known(machine)):
        return _not_mended(machine)
    return {
        Change.RESPELL: _respelled,
        Change.JOIN: _joined,
        Change.SEPARATE: _inserted,
        Change.VALUE: _no_value,
        Change.NAME: _nameless,
        Change.KEYWORD: _headless,
        Change.INSERT: _inserted,
        Change.RENAME: _reserved,
        Change.CLOSE: _not_closed,
        Change.UNCLOSE: _closed_early,
        Change.DELETE: _one_too_many,
    }[repair.change](machine, repair)


def _is_known(machine: Machine) -> bool:
    """Tell whether what stands before the error says more than what would mend it."""
    before, token = machine.tokens[machine.position - 1], machine.token
    quoted = before.kind in DECLARES and token.kind == "STRING"
    return quoted or (before.kind == "COLON" and token.kind == "EQUAL")


def empty(span: Span) -> Diagnostic:
    """Return the finding for ``${}``."""
    return error(_NO_VALUE, span, "`${ }` holds no value", "write a value here")


def unclosed(span: Span, form: TextForm) -> Diagnostic:
    """Return the finding for ``${`` without its ``}``."""
    within = "on its line" if form is TextForm.TEMPLATE else "within its text"
    helps = () if form is TextForm.TEMPLATE else (_QUOTES,)
    return error(_NOT_CLOSED, span, f"`${{` is not closed {within}", "opened here", helps=helps)


def in_text(found: Diagnostic, span: Span, form: TextForm) -> Diagnostic:
    """Return a finding inside ``${ }`` with what helps there: shells have another ``${ }``."""
    if form is TextForm.TEMPLATE:
        shown = span.text if span.text.endswith("}") else "${…}"
        help_text = f"write `${shown}` if the shell is to see `{shown}`, or open with `<<` alone"
        return replace(found, helps=(*found.helps, help_text))
    return found


def _respelled(machine: Machine, repair: Repair) -> Diagnostic:
    token, meant = machine.token, repair.tokens[0]
    span = _place(machine, token)
    if token.text == "=":
        return error(
            _UNEXPECTED,
            span,
            "`=` sets a value, it compares nothing",
            "write `==`",
            fix=Fix(span, "=="),
        )
    if token.text == "==":
        return error(
            _UNEXPECTED, span, "`==` compares, it sets no value", "write `=`", fix=Fix(span, "=")
        )
    if token.text == ":":
        return error(_UNEXPECTED, span, "`:` sets no value", "write `=`", fix=Fix(span, " ="))
    word = SPELLING[meant.kind]
    message = f"`{token.text}` is no word of the language"
    return error(_UNEXPECTED, span, message, "not known here", **instead(span, word))


def _joined(machine: Machine, repair: Repair) -> Diagnostic:
    return _continued(machine, repair.stop)


def _continued(machine: Machine, at: int) -> Diagnostic:
    """Return the finding for a line that would go on with the statement above it."""
    token = machine.tokens[at]
    span = _place(machine, token)
    message = f"{_shown(machine, at)} begins a line, but the line above ended its statement"
    if token.kind == "LBRACE":
        helps: tuple[str, ...] = ("put `{` at the end of the line above",)
    else:
        helps = ("put it at the end of the line above, or the whole expression in `( )`",)
    return error(_UNEXPECTED, span, message, "a line end ends a statement", helps=helps)


def _inserted(machine: Machine, repair: Repair) -> Diagnostic:
    kind = repair.tokens[0].kind
    shown = _shown(machine, repair.stop)
    span = _behind(machine, repair.start) if repair.stop > repair.start else _at(machine)
    if kind == SEPARATOR:
        message = f"nothing separates {shown} from what stands before it"
        helps = ("begin a new line, or write `,`",)
        return error(
            _NO_SEPARATOR,
            span,
            message,
            "a statement begins here",
            helps=helps,
            fix=Fix(span._replace(last=span.first), ", "),
        )
    code = _NO_SEPARATOR if kind == "COMMA" else _UNEXPECTED
    message = f"`{SPELLING[kind]}` is missing before {shown}"
    fix = Fix(_behind(machine, repair.start), _PADDED.get(kind, f" {SPELLING[kind]}"))
    return error(code, span, message, f"write `{SPELLING[kind]}` here", fix=fix)


def _nameless(machine: Machine, _: Repair | None) -> Diagnostic:
    word, token = machine.tokens[machine.position - 1], machine.token
    if word.kind not in DECLARES:
        return error(_UNEXPECTED, _at(machine), "`=` sets nothing", "a name is missing before it")
    label = "names take no quotes" if token.kind == "STRING" else "a name belongs here"
    return error(_UNEXPECTED, _at(machine), f"`{word.text}` has no name", label)


def _headless(machine: Machine, repair: Repair) -> Diagnostic:
    keyword, name = repair.tokens
    word = SPELLING[keyword.kind]
    return error(
        _UNEXPECTED,
        _place(machine, name),
        f"nothing says what `{name.text}` is",
        f"`{word}` is missing here",
        helps=(f"write `{word} {name.text}`",),
    )


def _no_value(machine: Machine, repair: Repair) -> Diagnostic:
    before = machine.tokens[repair.start - 1]
    span = _behind(machine, repair.start)
    if before.kind == "EQUAL" and repair.start > 1:
        name = machine.tokens[repair.start - 2].text
        return error(_NO_VALUE, span, f"`{name}` has no value", "write a value here")
    message = f"a value is missing behind `{before.text}`"
    return error(_NO_VALUE, span, message, "write a value here")


def _reserved(machine: Machine, _: Repair) -> Diagnostic:
    word, before = machine.token.text, machine.tokens[machine.position - 1]
    another = f"my_{word}"
    if before.kind in DECLARES:
        joint = "_" if before.kind in _OF_VALUES else "-"
        another = f"{word}{joint}{before.text}"
    return error(
        _UNEXPECTED,
        _at(machine),
        f"`{word}` is a word of the language, so it cannot be a name",
        "reserved",
        helps=(f"choose another name, such as `{another}`",),
    )


def _not_closed(machine: Machine, repair: Repair) -> Diagnostic:
    bracket = next((one for one in reversed(opened(machine)) if one.text), None)
    if bracket is None:  # what is open, only a repair has put there
        return _not_mended(machine)
    noticed = _behind(machine, repair.start)
    astray = _astray(machine) if bracket.kind == "LBRACE" else None
    if astray is not None:
        bracket, noticed = astray[0], _place(machine, astray[1])
    closer = SPELLING[CLOSERS[bracket.kind]]
    return error(
        _NOT_CLOSED,
        Span(machine.source, bracket.start, bracket.end),
        f"the `{bracket.text}` {_header(machine, bracket)}is not closed",
        "opened here",
        secondary=(Label(noticed, f"`{closer}` is missing here at the latest"),),
    )


def _astray(machine: Machine) -> tuple[Token, Token] | None:
    """Return the first brace whose closing one stands further left than its line: not its own."""
    stack: list[Token] = []
    for token in machine.tokens[: machine.position]:
        if token.kind == "LBRACE":
            stack.append(token)
        elif token.kind == "RBRACE" and stack:
            opener = stack.pop()
            indent = _indent(machine, token)
            if indent is not None and indent < (_indent(machine, opener, whole=True) or 0):
                return opener, token
    return None


def _indent(machine: Machine, token: Token, *, whole: bool = False) -> int | None:
    """Return how far its line is indented; None if it does not begin the line, unless `whole`."""
    line, column = machine.source.position(token.start)
    text = machine.source.line(line)
    indent = len(text) - len(text.lstrip())
    return indent if whole or indent == column - 1 else None


def _closed_early(machine: Machine, repair: Repair) -> Diagnostic:
    brace = machine.tokens[repair.start]
    label = Label(_place(machine, brace), "this closes the pipeline")
    return error(
        _UNEXPECTED,
        _at(machine),
        f"{_shown(machine, machine.position)} stands outside of a pipeline",
        "behind the end of the pipeline",
        secondary=(label,),
        helps=("remove that `}`, or write the `{` that is missing before it",),
    )


def _one_too_many(machine: Machine, repair: Repair) -> Diagnostic:
    shown = _shown(machine, machine.position)
    if repair.start < machine.position:
        bracket = machine.tokens[repair.start]
        message = f"`{bracket.text}` does not belong here"
        return error(_UNEXPECTED, _place(machine, bracket), message, "one too many")
    if machine.token.kind in CLOSERS.values():
        return error(_UNEXPECTED, _at(machine), f"{shown} closes nothing", "nothing is open here")
    return error(_UNEXPECTED, _at(machine), f"{shown} does not belong here", "one too many")


def _not_mended(machine: Machine) -> Diagnostic:
    """Return the finding for an error behind which the whole statement is left out."""
    at, token = machine.position, machine.token
    found = _in_view_of(machine, machine.tokens[at - 1]) if at else None
    if found is not None:
        return found
    shown = _shown(machine, at)
    if token.kind in CLOSERS.values() and not opened(machine):
        return error(_UNEXPECTED, _at(machine), f"{shown} closes nothing", "nothing is open here")
    if not machine.values:
        helps = ("at the top stand import, param, let, fn, template and pipeline only",)
        if token.text in BLOCKS:
            helps = (f"write {BLOCKS[token.text]}, within `pipeline NAME {{ … }}`",)
        return error(_UNEXPECTED, _at(machine), f"{shown} begins no statement", helps=helps)
    return error(_UNEXPECTED, _at(machine), f"{shown} does not fit here", _expected(machine))


def _in_view_of(machine: Machine, before: Token) -> Diagnostic | None:
    """Return the finding that the token before the error suggests."""
    token, at = machine.token, _at(machine)
    shown = _shown(machine, machine.position)
    if before.kind == SEPARATOR and token.kind in CONTINUES:
        return _continued(machine, machine.position)
    if before.kind in DECLARES and token.kind != "NAME":
        return _nameless(machine, None)
    if before.kind == "COLON":
        message = f"{shown} is no type, as there must be behind `:`"
        return error(_UNEXPECTED, at, message, "a type belongs here")
    if before.kind == "STRING" and _breaks_off(before.text):
        place = Span(machine.source, before.start + before.text.rindex("${"), before.end)
        return unclosed(place, TextForm.QUOTED)
    if before.kind == "EQUAL" or before.kind in _OPERATORS:
        message = f"{shown} is no value, as there must be behind `{before.text}`"
        return error(_NO_VALUE, at, message, "a value belongs here")
    return None


def _expected(machine: Machine) -> str:
    """Return what alone could stand here, if that is little enough to be told."""
    words = [f"`{word}`" for kind, word in SPELLING.items() if machine.accepts(kind)]
    if machine.accepts("NAME"):
        return "" if words else "a name belongs here"
    return f"expected {' or '.join(words)}" if 0 < len(words) <= _FEW else ""


def _breaks_off(text: str) -> bool:
    return text.rfind("${") > text.rfind("}")


def _header(machine: Machine, bracket: Token) -> str:
    """Return whose brace it is, from the line that it ends: ``of `stage a` `` or nothing."""
    index = machine.tokens.index(bracket)
    first = index
    while first and machine.tokens[first - 1].kind not in (SEPARATOR, "LBRACE"):
        first -= 1
    words = [token.text for token in machine.tokens[first:index][:2]]
    is_header = bracket.kind == "LBRACE" and words and "=" not in words
    return f"of `{' '.join(words)}` " if is_header else ""


def _shown(machine: Machine, at: int) -> str:
    """Return a token as a sentence names it."""
    token = machine.tokens[at]
    if token.kind == SEPARATOR and token.text:
        return "the end of the line"
    if token.kind == SEPARATOR:
        token = machine.tokens[at + 1]
    if token.kind == END:
        return "the end of the file" if token.start == len(machine.source.text) else "`}`"
    if token.kind == "HEREDOC":
        return f"`{token.text.split(chr(10), 1)[0]}`"
    return f"`{token.text}`"


def _at(machine: Machine) -> Span:
    """Return the place of the next token; of a line end, the place where it should go on."""
    token = machine.token
    if token.kind in (SEPARATOR, END):
        return _behind(machine, machine.position)
    return _place(machine, token)


def _behind(machine: Machine, at: int) -> Span:
    while at and machine.tokens[at - 1].kind == SEPARATOR:
        at -= 1
    end = machine.tokens[at - 1].end if at else 0
    return Span(machine.source, end, end)


def _place(machine: Machine, token: Token) -> Span:
    end = token.end if token.kind != "HEREDOC" else token.start + len(token.text.split("\n", 1)[0])
    return Span(machine.source, token.start, end)
