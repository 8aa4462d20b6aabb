"""Habits of other languages, known by the tokens around a syntax error, and what to write instead.

Only what stands at the place of an error is looked at, so a program that is right never gets here.
"""

import re
from collections.abc import Callable

from konductor.dsl.diagnostics import Diagnostic, Fix, error, instead
from konductor.dsl.machine import Machine
from konductor.dsl.source import Span
from konductor.dsl.table import START
from konductor.dsl.tokens import DECLARES, SEPARATOR, Token
from konductor.dsl.vocabulary import YAML_KEYS

_UNREADABLE, _UNEXPECTED, _NO_SEPARATOR = "K0100", "K0101", "K0103"
LIST_ITEM = "`-` begins no list"
"""The message that stands once for a whole YAML list."""
_UNITS = {
    **dict.fromkeys(("millis", "msec", "msecs", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("k", "kb"), "k"),
    **dict.fromkeys(("mb",), "M"),
    **dict.fromkeys(("g", "gb"), "G"),
    **dict.fromkeys(("t", "tb"), "T"),
    **dict.fromkeys(("ki", "kib"), "Ki"),
    **dict.fromkeys(("mi", "mib"), "Mi"),
    **dict.fromkeys(("gi", "gib"), "Gi"),
    **dict.fromkeys(("ti", "tib"), "Ti"),
    **dict.fromkeys(("percent", "pct"), "%"),
}
"""The language's unit, by what other languages call it, in lower case."""
_ALL_UNITS = "durations end with ms, s, m, h or d; quantities with k, M, G, T, Ki, Mi, Gi or Ti"
_LITERALS = frozenset({"STRING", "RAWSTRING", "INT", "FLOAT", "DURATION", "QUANTITY", "PERCENT"})
_BEGINS = (SEPARATOR, "LBRACE", "COMMA")


def habit(machine: Machine) -> Diagnostic | None:
    """Return the finding for what another language would have here; None: nothing known."""
    for look in _LOOKS:
        found = look(machine, machine.token)
        if found is not None:
            return found
    return None


def _unit(machine: Machine, token: Token) -> Diagnostic | None:
    """``30min``, ``4GB``, ``1 h``."""
    before = _before(machine)
    if token.kind != "NAME" or before is None or before.kind not in ("INT", "FLOAT"):
        return None
    unit = _UNITS.get(token.text.lower())
    if unit is None and before.end != token.start:
        return None
    span = Span(machine.source, before.start, token.end)
    remedy = instead(span, f"{before.text}{unit}" if unit else None)
    message = f"`{token.text}` is no unit"
    if unit == token.text:
        message = f"`{span.text}` has a space before its unit"
    notes = () if unit else (_ALL_UNITS,)
    return error(_UNEXPECTED, span, message, "one number with its unit", notes=notes, **remedy)


def _yaml_item(machine: Machine, token: Token) -> Diagnostic | None:
    """``- item`` on a line of its own."""
    before = _before(machine)
    if token.kind != "MINUS" or (before is not None and before.kind not in _BEGINS):
        return None
    helps = ('a list stands in `[ ]`: `command = ["echo", "hello"]`',)
    return error(
        _UNEXPECTED, _place(machine, token), LIST_ITEM, "a program is no YAML", helps=helps
    )


def _yaml_key(machine: Machine, token: Token) -> Diagnostic | None:
    """``key: value``."""
    at = machine.position
    if token.kind != "COLON" or not _begins_statement(machine, at - 1):
        return None
    key = machine.tokens[at - 1]
    line = machine.source.line(machine.source.position(token.start)[0])
    value = re.split(r"[,}]", line[machine.source.position(token.start)[1] :])[0].strip()
    following = machine.tokens[at + 1 : at + 3]
    is_literal = following[0].kind in _LITERALS or following[0].kind in ("TRUE", "FALSE", "LSQB")
    if key.text in YAML_KEYS:
        helps = (f"write {YAML_KEYS[key.text]}: a program is no YAML",)
        return error(_UNEXPECTED, _place(machine, token), "`:` sets no value", helps=helps)
    if key.kind in DECLARES:
        shown = f"{key.text} {value or 'NAME'} {{"
    elif not value or is_literal or following[0].kind == "LBRACE":
        shown = f"{key.text} = …"
    else:
        shown = f'{key.text} = "{value.partition(" #")[0]}"'
    helps = (f"write `{shown}`: a program is no YAML",)
    return error(_UNEXPECTED, _place(machine, token), "`:` sets no value", "write `=`", helps=helps)


def _bare_text(machine: Machine, token: Token) -> Diagnostic | None:
    """``image = acme/load:1``, a text without quotes."""
    before = _before(machine)
    if token.kind != "COLON" or before is None or before.end != token.start:
        return None
    number, column = machine.source.position(token.start)
    line = machine.source.line(number)
    begin = re.search(r"[^\s={,\[(]+\Z", line[: column - 1])
    end = re.match(r":[^\s},\])]+", line[column - 1 :])
    if "EQUAL" not in _statement_so_far(machine) or begin is None or end is None:
        return None
    start = token.start - len(begin[0])
    span = Span(machine.source, start, token.start + end.end())
    quoted = f'"{span.text}"'
    message = f"`{span.text}` stands without quotes"
    return error(_UNEXPECTED, span, message, "no expression", **instead(span, quoted))


def _triple_equals(machine: Machine, token: Token) -> Diagnostic | None:
    """``a === b``."""
    before = _before(machine)
    if token.kind != "EQUAL" or before is None or before.text not in ("==", "!="):
        return None
    if before.end != token.start:
        return None
    span = Span(machine.source, before.start, token.end)
    message = f"`{span.text}` is no operator"
    return error(_UNEXPECTED, span, message, **instead(span, before.text))


def _or(machine: Machine, token: Token) -> Diagnostic | None:
    """``a || b``."""
    second = _next(machine)
    if token.kind != "VBAR" or second is None or second.kind != "VBAR":
        return None
    span = Span(machine.source, token.start, second.end)
    return error(_UNREADABLE, span, "`||` means nothing here", **instead(span, "or"))


def _several_names(machine: Machine, token: Token) -> Diagnostic | None:
    """``stage a, b {``."""
    at = machine.position
    if token.kind != "COMMA" or at < 2 or machine.tokens[at - 2].kind not in DECLARES:  # noqa: PLR2004  # keyword and name
        return None
    word = machine.tokens[at - 2].text
    message = f"`{word}` declares one, not several"
    helps = (f"write a `{word}` for each, or one with a `matrix {{ … }}`",)
    return error(_UNEXPECTED, _place(machine, token), message, "one name only", helps=helps)


def _names_without_comma(machine: Machine, token: Token) -> Diagnostic | None:
    """``after a b``."""
    before = _before(machine)
    if token.kind != "NAME" or before is None or before.kind != "NAME":
        return None
    if "AFTER" not in _statement_so_far(machine):
        return None
    place = Span(machine.source, before.end, before.end)
    message = f"`,` is missing before `{token.text}`"
    return error(_NO_SEPARATOR, place, message, "write `,` here", fix=Fix(place, ","))


def _bracketed_names(machine: Machine, token: Token) -> Diagnostic | None:
    """``after [a, b]``."""
    before = _before(machine)
    if token.kind != "LSQB" or before is None or before.kind != "AFTER":
        return None
    text = machine.source.text
    close = text.find("]", token.start)
    names = text[token.end : close] if close >= 0 else "a, b"
    message = "`after` takes names without brackets"
    helps = (f"write `after {names.strip()}`",)
    return error(_UNEXPECTED, _place(machine, token), message, helps=helps)


def _quoted_name(machine: Machine, token: Token) -> Diagnostic | None:
    """``after "a"``."""
    if token.kind not in ("STRING", "RAWSTRING") or not _is_in_after(machine, "AFTER", "COMMA"):
        return None
    span, name = _place(machine, token), token.text[1:-1]
    message = f"`{token.text}` is a text, and what stands behind `after` is a name"
    return error(_UNEXPECTED, span, message, "names take no quotes", **instead(span, name))


def _joined_names(machine: Machine, token: Token) -> Diagnostic | None:
    """``after a and b``, ``after a or b``."""
    if token.kind not in ("AND", "OR") or not _is_in_after(machine, "NAME", "RPAR"):
        return None
    span = _place(machine, token)
    message = f"`{token.text}` joins conditions, not names"
    if token.kind == "AND":
        helps = ("write `,`: a stage waits for all that it names",)
        fix = Fix(_since(machine, token), ",")
        return error(_UNEXPECTED, span, message, "write `,`", helps=helps, fix=fix)
    return error(_UNEXPECTED, span, message, helps=("write `after any(a, b)`",))


def _since(machine: Machine, token: Token) -> Span:
    """Return the place of a token, with the space before it."""
    return Span(machine.source, machine.tokens[machine.position - 1].end, token.end)


def _is_in_after(machine: Machine, *kinds: str) -> bool:
    """Tell whether the error is among the names behind `after`, just behind one of these kinds."""
    before = _before(machine)
    if before is None or before.kind not in kinds:
        return False
    so_far = _statement_so_far(machine)
    return "AFTER" in so_far and not {"IF", "WHEN"} & set(so_far[: so_far.index("AFTER")])


def _if_in_header(machine: Machine, token: Token) -> Diagnostic | None:
    """``stage a if p {``."""
    so_far = _statement_so_far(machine)
    if token.kind != "IF" or not so_far or so_far[-1] not in DECLARES or "EQUAL" in so_far:
        return None
    span = _place(machine, token)
    message = "`if` stands behind the name of an edge; a stage has `when`"
    return error(_UNEXPECTED, span, message, "write `when`", fix=Fix(span, "when"))


def _loop(machine: Machine, token: Token) -> Diagnostic | None:
    """``for x in y {`` around stages: `for` alone would be an attribute's key."""
    before = _before(machine)
    if token.kind != "NAME" or before is None or before.kind != "FOR":
        return None
    helps = ("write `map NAME over LIST {`, or a stage with a `matrix`",)
    return error(_UNEXPECTED, _place(machine, before), "`for` begins no statement", helps=helps)


def _header_word(machine: Machine, token: Token) -> Diagnostic | None:
    """``when = condition`` and ``if = condition`` among the attributes."""
    second = _next(machine)
    if token.kind not in ("WHEN", "IF") or second is None or second.kind != "EQUAL":
        return None
    message = f"`{token.text}` is no attribute"
    helps = ("it stands in the header: `stage NAME when CONDITION {`",)
    return error(_UNEXPECTED, _place(machine, token), message, helps=helps)


def _statement_of_control(machine: Machine, token: Token) -> Diagnostic | None:
    """``if x {`` and ``for x in y {`` around stages."""
    if token.kind not in ("IF", "FOR") or not _begins_statement(machine, machine.position):
        return None
    line = machine.source.line(machine.source.position(token.start)[0])
    condition = line.strip()[len(token.text) :].partition("{")[0].strip() or "…"
    helps = {
        "IF": (f"write the condition in a header: `stage NAME when {condition} {{`",),
        "FOR": ("write `map NAME over LIST {`, or a stage with a `matrix`",),
    }[token.kind]
    message = f"`{token.text}` begins no statement"
    return error(_UNEXPECTED, _place(machine, token), message, helps=helps)


_LOOKS: tuple[Callable[[Machine, Token], Diagnostic | None], ...] = (
    _unit,
    _yaml_item,
    _yaml_key,
    _bare_text,
    _triple_equals,
    _or,
    _several_names,
    _names_without_comma,
    _bracketed_names,
    _quoted_name,
    _joined_names,
    _if_in_header,
    _loop,
    _header_word,
    _statement_of_control,
)


def _before(machine: Machine) -> Token | None:
    return machine.tokens[machine.position - 1] if machine.position else None


def _next(machine: Machine) -> Token | None:
    following = machine.tokens[machine.position + 1 : machine.position + 2]
    return following[0] if following else None


def _begins_statement(machine: Machine, at: int) -> bool:
    if not at:
        return machine.goal == machine.table.ends[START]
    return at > 0 and machine.tokens[at - 1].kind in _BEGINS


def _statement_so_far(machine: Machine) -> list[str]:
    """Return the kinds of the tokens of the statement before the error."""
    kinds: list[str] = []
    for token in reversed(machine.tokens[: machine.position]):
        if token.kind in (SEPARATOR, "LBRACE", "RBRACE"):
            break
        kinds.append(token.kind)
    return kinds


def _place(machine: Machine, token: Token) -> Span:
    return Span(machine.source, token.start, token.end)
