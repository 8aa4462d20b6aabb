"""Decodes an object the way the API server's Go code does: into its struct, and back to JSON.

That drops unknown fields and what is null or empty, adds the fields that Go always writes, brings
times and quantities to their canonical form, and finds type errors, told in the decoder's words.
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from konductor.runner.local.apiserver.builtin.gotype import GoField, GoType, Shape, fields, struct
from konductor.runner.local.apiserver.builtin.instant import parse_time
from konductor.runner.local.apiserver.builtin.quantity import canonical


class DecodeError(ValueError):
    """A value does not fit its Go type; the message is the decoder's."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder made of a document."""

    value: dict[str, Any]
    unknown: tuple[str, ...]
    """Paths of the fields that it dropped, ``spec.containers[0].bogus``, in document order."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the decoder is: for its messages, and for the paths of unknown fields."""

    struct: str = ""
    go_path: str = ""
    path: str = ""
    unknown: list[str] = field(default_factory=list)

    def within(self, name: str, found: GoField, struct_name: str) -> "_Place":
        named = f"{found.inlined_from}.{name}" if found.inlined_from else name
        return _Place(
            struct_name, _joined(self.go_path, named), _joined(self.path, name), self.unknown
        )

    def at(self, step: str) -> "_Place":
        return _Place(self.struct, self.go_path, f"{self.path}{step}", self.unknown)


def decode(component: str, document: dict[str, Any]) -> Decoded:
    """Return a document as Go would write it after reading it, and what it did not know.

    Raises:
        DecodeError: a value has the wrong type, or a time, quantity or base64 text is malformed.
    """
    place = _Place()
    value = _struct(struct(component), document, place)
    return Decoded(value, tuple(place.unknown))


def _struct(go: GoType, document: Any, place: _Place) -> dict[str, Any]:  # noqa: ANN401  # JSON
    if not isinstance(document, dict):
        raise _mismatch(document, go, place)
    known = fields(go.component)
    short = go.component.rpartition(".")[2]
    found: dict[str, Any] = {}
    for name, value in document.items():
        if name not in known:
            place.unknown.append(_joined(place.path, name))
        elif value is not None:
            inside = place.within(name, known[name], short)
            found[name] = _value(known[name].type, value, inside)
    return {name: found[name] for name in known if _kept(known[name], name, found)}


def _kept(known: GoField, name: str, found: dict[str, Any]) -> bool:
    """Tell whether Go writes a field; put its zero value in if it does and there is none."""
    if name not in found:
        if known.type.pointer and known.omit_empty:
            return False
        found[name] = zero(known.type)
    if known.type.pointer:
        return not known.omit_empty or found[name] is not None
    if known.type.shape in _STRUCTS:
        return not known.omit_zero or found[name] != zero(known.type)
    return not (known.omit_empty or known.omit_zero) or bool(found[name])


_STRUCTS = (Shape.STRUCT, Shape.TIME, Shape.MICRO_TIME, Shape.QUANTITY, Shape.INT_OR_STRING)
"""What is a struct to Go, which ``omitempty`` therefore never leaves out."""


def zero(go: GoType) -> Any:  # noqa: ANN401  # JSON
    """Return what Go writes for a variable of this type that nobody has set."""
    if go.pointer:
        return None
    match go.shape:
        case Shape.STRUCT:
            return _struct(go, {}, _Place())
        case Shape.STRING:
            return ""
        case Shape.INTEGER | Shape.NUMBER | Shape.INT_OR_STRING:
            return 0
        case Shape.BOOLEAN:
            return False
        case Shape.QUANTITY:
            return "0"
        case _:
            return None


def _value(go: GoType, value: Any, place: _Place) -> Any:  # noqa: ANN401  # JSON
    match go.shape:
        case Shape.STRUCT:
            return _struct(go, value, place)
        case Shape.LIST | Shape.MAP:
            return _collection(go, value, place)
        case Shape.STRING | Shape.INTEGER | Shape.NUMBER | Shape.BOOLEAN:
            return _scalar(go, value, place)
        case Shape.RAW:
            return value
        case _:
            return _special(go, value, place)


def _collection(go: GoType, value: Any, place: _Place) -> Any:  # noqa: ANN401  # JSON
    element = go.element
    assert element is not None, f"{go.name} has no element type; please report this"  # noqa: S101  # a bug of ours
    if go.shape is Shape.LIST and isinstance(value, list):
        return [
            zero(element) if item is None else _value(element, item, place.at(f"[{index}]"))
            for index, item in enumerate(value)
        ]
    if go.shape is Shape.MAP and isinstance(value, dict):
        return {
            key: zero(element) if item is None else _value(element, item, place.at(f".{key}"))
            for key, item in value.items()
        }
    raise _mismatch(value, go, place)


_INTEGERS = {"int32": 2**31, "int64": 2**63, "int": 2**63}


def _scalar(go: GoType, value: Any, place: _Place) -> Any:  # noqa: ANN401  # JSON
    match go.shape, value:
        case (Shape.BOOLEAN, bool()) | (Shape.STRING, str()):
            return value
        case (Shape.INTEGER, int()) if not isinstance(value, bool):
            limit = _INTEGERS.get(go.name, 2**63)
            if -limit <= value < limit:
                return value
        case (Shape.NUMBER, int() | float()) if not isinstance(value, bool):
            return value
    raise _mismatch(value, go, place)


def _special(go: GoType, value: Any, place: _Place) -> Any:  # noqa: ANN401  # JSON
    match go.shape, value:
        case Shape.QUANTITY, str() | int() | float() | list() | dict() | bool():
            return _quantity(value)
        case (Shape.TIME | Shape.MICRO_TIME, str()):
            return _time(value, micro=go.shape is Shape.MICRO_TIME)
        case Shape.INT_OR_STRING, str():
            return value
        case Shape.INT_OR_STRING, _:
            return _scalar(GoType(Shape.INTEGER, "int32"), value, place)
        case Shape.BYTES, str():
            return _bytes(value)
        case Shape.BYTES, list():
            return base64.b64encode(bytes(value)).decode()
        case ((Shape.TIME | Shape.MICRO_TIME), _):
            raise _mismatch(value, GoType(Shape.STRING, "string"), place)
    raise _mismatch(value, go, place)


def _quantity(value: object) -> str:
    try:
        return canonical(value if isinstance(value, str) else str(value))
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _time(value: str, *, micro: bool) -> str:
    try:
        return parse_time(value, micro=micro)
    except ValueError as error:
        raise DecodeError(str(error)) from error


_GROUP = 4
_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _bytes(value: str) -> str:
    """Return base64 text that is well-formed, without line ends.

    Raises:
        DecodeError: it is malformed; the offset is the one that Go gives.
    """
    text = value.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(text):
        raise DecodeError(f"illegal base64 data at input byte {_bad_offset(text)}")
    return text


def _bad_offset(text: str) -> int:
    content = text.encode()
    wrong = next((at for at, byte in enumerate(content) if byte not in _ALPHABET), None)
    if wrong is None:
        return len(content) // _GROUP * _GROUP
    return wrong


def _mismatch(value: object, go: GoType, place: _Place) -> DecodeError:
    return DecodeError(
        f"json: cannot unmarshal {_described(value, go)} into Go struct field "
        f"{place.struct}.{place.go_path} of type {go.name}"
    )


def _described(value: object, go: GoType) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return f"number {value}" if go.shape is Shape.INTEGER else "number"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
