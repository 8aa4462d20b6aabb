"""How a name is told about: its declaration in a line, its value, and its doc comment."""

from datetime import timedelta

from konductor.dsl import syntax
from konductor.dsl.editor.index import Symbol
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.expression import Parameter
from konductor.dsl.functions import FILE, FUNCTIONS
from konductor.dsl.pipeline import Checked
from konductor.dsl.plan import Text
from konductor.dsl.scope import OBJECTS, Binding
from konductor.dsl.types import Kind
from konductor.dsl.values import MapValue, Unknown, Value, describe, text_of, type_of
from konductor.duration import format_duration

_LONGEST = 60
_FILE = "file(path: string) -> string"


def headline(symbol: Symbol, snapshot: Snapshot) -> str:
    """Return what a name is, in one line, as the language would declare it."""
    node = symbol.node
    match node:
        case syntax.Fn():
            form = ", ".join(one.span.text for one in node.parameters)
            return f"fn {node.name.text}({form}) -> {node.result.span.text}"
        case syntax.Template():
            form = ", ".join(one.span.text for one in node.parameters)
            return f"template {node.name.text}({form})"
        case syntax.Param() | syntax.Let():
            return _value_line(symbol, node, snapshot)
        case Parameter():
            return node.span.text
        case syntax.Import():
            return f'import "{node.path.text}" as {node.alias.text}'
    if symbol.what in OBJECTS:
        return f"{symbol.what} {symbol.name}"
    return f"{symbol.what} {symbol.name}" if not isinstance(node, syntax.Attr) else node.span.text


def _value_line(symbol: Symbol, node: syntax.Param | syntax.Let, snapshot: Snapshot) -> str:
    keyword = "param" if isinstance(node, syntax.Param) else "let"
    binding = _own(symbol, snapshot)
    kind = node.type.span.text if node.type is not None else ""
    if not kind and binding is not None and binding.type.is_known:
        kind = str(binding.type)
    line = f"{keyword} {symbol.name}" + (f": {kind}" if kind else "")
    value = "" if binding is None else written(binding.value)
    return f"{line} = {value}" if value else line


def _own(symbol: Symbol, snapshot: Snapshot) -> Binding | None:
    """Return what the checker found for a name, if it is this declaration that counts."""
    binding = snapshot.binding(symbol.name)
    return binding if binding is not None and binding.span == symbol.span else None


def type_of_let(symbol: Symbol, snapshot: Snapshot) -> str:
    """Return the type that a let is found to have; empty where nobody knows."""
    binding = _own(symbol, snapshot)
    return str(binding.type) if binding is not None and binding.type.is_known else ""


def written(value: Value) -> str:
    """Return a value as the language would write it, cut where it is long; unknown: nothing."""
    if isinstance(value, Unknown | Text):
        return ""
    text = _literal(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _literal(value: Value) -> str:
    match value:
        case tuple():
            return f"[{', '.join(map(_literal, value))}]"
        case range():
            return f"{value.start}..{value.stop - 1}"
        case MapValue():
            pairs = ", ".join(f"{key} = {_literal(one)}" for key, one in value.pairs)
            return f"{{ {pairs} }}" if pairs else "{}"
        case str():
            return f'"{value}"'
        case timedelta():
            return format_duration(value)
    if type_of(value).kind in (Kind.SECRET, Kind.VOLUME, Kind.ANY, Kind.NULL):
        return describe(value).strip("`")
    return text_of(value) or ""


def doc_of_symbol(symbol: Symbol) -> str:
    """Return the doc comment before a declaration."""
    return str(getattr(symbol.node, "doc", ""))


def signature(name: str) -> str:
    """Return the form of a function that every program has; empty: there is no such."""
    if name == FILE:
        return _FILE
    return str(FUNCTIONS[name]) if name in FUNCTIONS else ""


def reckoning(one: Checked, snapshot: Snapshot) -> str:
    """Return what a barrier waits for: ``expected 20, quorum 18, by 35m``."""
    if one.skipped:
        return f"left out: {one.skipped}"
    parts = [f"expected {one.expected}"] if one.expected is not None else []
    if one.quorum is not None:
        parts.append(f"quorum {one.quorum}")
    latest = snapshot.finishes.get(one.name)
    if latest is not None:
        parts.append(f"by {format_duration(latest)}")
    return ", ".join(parts)


def is_object(symbol: Symbol) -> bool:
    """Tell whether a name is one of a stage, barrier or the like."""
    return symbol.what in OBJECTS
