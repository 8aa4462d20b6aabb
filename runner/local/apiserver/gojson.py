"""Why a text is no JSON, or not the JSON that was wanted, in the words of Go's decoder."""

import json
import re
from typing import Any

_SHOWN = 30
_HEADER = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)
_IN_KEY = "looking for beginning of object key string"
_WHERE = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": _IN_KEY,
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMES = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}


def fault(error: ValueError | RecursionError, text: str) -> str:
    """Return what Go says of a text that Python's reader refuses with this error."""
    if isinstance(error, RecursionError):
        return "exceeded max depth"
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    position = error.pos + (1 if error.msg == "Invalid \\escape" else 0)
    if position >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    where = _WHERE.get(error.msg) or _after(text[:position])
    return f"invalid character {_quoted(text[position])} {where}"


def _after(text: str) -> str:
    """Tell what kind of member came last before a place where a comma is missing."""
    brackets = re.sub(r"[^{}\[\]]", "", _STRING.sub("", text))
    while (fewer := re.sub(r"\{\}|\[\]", "", brackets)) != brackets:
        brackets = fewer
    return "after array element" if brackets.endswith("[") else "after object key:value pair"


def _quoted(character: str) -> str:
    escaped = character.encode("unicode_escape").decode() if character < " " else character
    return rf"'\{character}'" if character in "'\\" else f"'{escaped}'"


def mismatch(value: Any, wanted: str) -> str:  # noqa: ANN401  # any JSON
    """Return what Go says of a value that does not fit a type."""
    return (
        f"json: cannot unmarshal {_NAMES.get(type(value), 'object')} into Go value of type {wanted}"
    )


def unrecognized(kind: str, told: str, data: bytes) -> str:
    """Return the message that a body is not recognized, with the beginning of it."""
    return f"the object provided is unrecognized (must be of type {kind}): {told} ({_shown(data)})"


def headless(kind: str, told: str, data: bytes) -> str:
    """Return the message that not even a version and a kind were found in a body."""
    return unrecognized(kind, f"couldn't get version/kind; json parse error: {told}", data)


def no_object(kind: str, value: Any, data: bytes) -> str:  # noqa: ANN401  # any JSON
    """Return the message that a body is JSON and no object."""
    return headless(kind, mismatch(value, _HEADER), data)


def _shown(data: bytes) -> str:
    if not data:
        return "<empty>"
    if not data.lstrip().startswith(b"{"):
        return data[:_SHOWN].hex() + (" ..." if len(data) > _SHOWN else "")
    text = data.decode(errors="replace")
    return text[:_SHOWN] + (" ..." if len(text) > _SHOWN else "")
