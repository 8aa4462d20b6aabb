"""The form of the function or template whose arguments are being written."""

from dataclasses import dataclass

from konductor.dsl.editor.context import Frame, context_of
from konductor.dsl.editor.describe import doc_of_symbol, headline, signature
from konductor.dsl.editor.offer import EDGE_FUNCTIONS, called
from konductor.dsl.editor.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Signature:
    """A call's form, and which of its parameters is at the cursor."""

    label: str
    doc: str
    parameters: tuple[str, ...]
    active: int


def signature_at(snapshot: Snapshot, offset: int) -> Signature | None:
    """Return the form of the innermost call around an offset."""
    context = context_of(snapshot, offset)
    if context.text is not None or context.in_comment:
        return None
    for frame in reversed(context.frames):
        if frame.bracket == "LPAR" and frame.header:
            return _signature(snapshot, offset, frame)
        if frame.bracket == "LBRACE" and not frame.is_value:
            return None
    return None


def _signature(snapshot: Snapshot, offset: int, frame: Frame) -> Signature | None:
    name = frame.header[-1].text
    symbol = called(snapshot, offset, frame.header)
    if symbol is not None and symbol.members:
        parameters = tuple(headline(one, snapshot) for one in symbol.members)
        named = [one.name for one in symbol.members]
        active = _active(frame, named)
        return Signature(headline(symbol, snapshot), doc_of_symbol(symbol), parameters, active)
    label = signature(name)
    if label:
        inner = label[label.index("(") + 1 : label.rindex(")")]
        parameters = tuple(part.strip(" []") for part in inner.split(",") if part.strip(" …[]"))
        return Signature(label, "", parameters, min(frame.commas, max(len(parameters) - 1, 0)))
    if name in EDGE_FUNCTIONS:
        return Signature(f"{name}(…)", EDGE_FUNCTIONS[name], (), 0)
    return None


def _active(frame: Frame, names: list[str]) -> int:
    """Return the number of the parameter that the cursor's argument is for."""
    argument = frame.statement
    if len(argument) > 1 and argument[1].kind == "EQUAL" and argument[0].text in names:
        return names.index(argument[0].text)
    return min(frame.commas, len(names) - 1)
