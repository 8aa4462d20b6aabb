"""Declarations inside a block that takes none, such as a stage inside a template."""

from konductor.dsl.cause import is_balanced
from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.machine import Machine
from konductor.dsl.repair import opened
from konductor.dsl.source import Span
from konductor.dsl.tokens import SEPARATOR, Token

_OBJECTS = frozenset({"STAGE", "TMAP", "REDUCE", "FINALLY", "BARRIER", "APPROVAL", "SEMAPHORE"})
_OF_FILE = frozenset({"IMPORT", "FN", "TEMPLATE", "PIPELINE"})
_MISPLACED = _OBJECTS | _OF_FILE | {"PARAM"}
_BLOCKS = _OBJECTS | {"TEMPLATE"}
_HEADS = {
    "STAGE": "stage NAME",
    "TMAP": "map NAME over LIST",
    "REDUCE": "reduce NAME of MAP",
    "FINALLY": "finally NAME",
}
"""What may stand `from` a template."""
_BEGINS = (SEPARATOR, "LBRACE", "COMMA")


def misplaced(machine: Machine) -> Diagnostic | None:
    """Return the finding for a declaration in a block of attributes; None: there is no such.

    Where braces do not match it is not known which block it is in.
    """
    word, owner = _word(machine), _owner(machine)
    if word is None or owner is None or not is_balanced(machine.tokens):
        return None
    outer, name = owner
    shown = f"`{outer.text} {name.text}`"
    return error(
        "K0101",
        Span(machine.source, word.start, word.end),
        f"`{word.text}` stands inside of {shown}, which holds attributes only",
        "it does not belong in here",
        secondary=(Label(Span(machine.source, outer.start, name.end), "this block"),),
        helps=(_remedy(word, outer, name),),
    )


def _remedy(word: Token, outer: Token, name: Token) -> str:
    if word.kind in _OF_FILE:
        return f"write it at the top of the file, outside of `{outer.text} {name.text}`"
    if outer.kind != "TEMPLATE":
        return f"write it before or behind `{outer.text} {name.text}`, in the pipeline"
    if head := _HEADS.get(word.kind):
        use = f"`{head} from {name.text}(…) {{`"
        return f"a template is the block of one stage: write {use} in a pipeline"
    if word.kind == "PARAM":
        return f"write it in the header: `template {name.text}(NAME: TYPE = DEFAULT) {{`"
    return f"write `{word.text}` in a pipeline"


def _word(machine: Machine) -> Token | None:
    """Return the word of a declaration with which the statement at the error begins."""
    at, tokens = machine.position, machine.tokens
    if tokens[at].kind == "NAME":  # the word before it may be the key of an attribute
        at -= 1
    is_first = at > 0 and tokens[at].kind in _MISPLACED and tokens[at - 1].kind in _BEGINS
    is_key = [one.kind for one in tokens[at + 1 : at + 3]] == ["NAME", "EQUAL"]
    return tokens[at] if is_first and not is_key else None


def _owner(machine: Machine) -> tuple[Token, Token] | None:
    """Return the word and the name of the innermost block around the error."""
    brackets = opened(machine)
    if not brackets or brackets[-1].kind != "LBRACE":
        return None
    first = at = machine.tokens.index(brackets[-1])
    while first and machine.tokens[first - 1].kind not in (SEPARATOR, "LBRACE", "RBRACE"):
        first -= 1
    word, name = machine.tokens[first : first + 2] if at - first > 1 else (None, None)
    return (word, name) if word and name and word.kind in _BLOCKS else None
