"""Label and field selectors as they stand in a query: read once, then asked of each object.

The reader is that of a real server (apimachinery/pkg/labels), so that its messages are, too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.answer import Refusal, bad_request
from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError, invalid

Json = Mapping[str, Any]
Select = Callable[[Json], bool]
Fields = Callable[[Json], Mapping[str, str]]
_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")
_SIGNS = frozenset(("==", "!=", *"=!(),<>"))
_OPERATORS = {
    "=": "in",
    "==": "in",
    "!=": "notin",
    "in": "in",
    "notin": "notin",
    "<": "<",
    ">": ">",
}
_EVERYWHERE = ("metadata.name", "metadata.namespace")


@dataclass(frozen=True, slots=True)
class _Requirement:
    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def fits(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return value is not None
            case "absent":
                return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or not re.fullmatch(r"[+-]?\d+", value):
            return False
        (limit,) = self.values
        return int(value) < int(limit) if self.operator == "<" else int(value) > int(limit)


def label_selector(text: str) -> Select:
    """Return the predicate of a label selector.

    Raises:
        Refusal: it cannot be read.
    """
    requirements = _Reader(text).requirements()
    if not requirements:
        return lambda _: True

    def fits(document: Json) -> bool:
        labels = document["metadata"].get("labels") or {}
        return all(one.fits(labels) for one in requirements)

    return fits


class _Reader:
    """Reads a label selector, one requirement after another."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def requirements(self) -> list[_Requirement]:
        """Return all requirements.

        Raises:
            Refusal: there is something else.
        """
        found: list[_Requirement] = []
        while self._next:
            if self._next in _SIGNS and self._next != "!":
                self._refuse("!, identifier, or 'end of string'")
            found.append(self._requirement())
            if self._next not in ("", ","):
                self._refuse("',' or 'end of string'")
            if self._take() and (not self._next or self._next in _SIGNS - {"!"}):
                self._refuse("identifier after ','")
        return found

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next
        self._at += 1
        return token

    def _refuse(self, expected: str, *, inside: bool = False, comma: str = ",") -> None:
        head = "unable to parse requirement: " if inside else ""
        raise bad_request(f"{head}found '{self._next}'{comma} expected: {expected}")

    def _requirement(self) -> _Requirement:
        absent = self._next == "!"
        if absent:
            self._take()
        if not self._next or self._next in _SIGNS:
            self._refuse("identifier", inside=True)
        key = self._take()
        _check(invalid("<nil>", key, text) for text in naming.qualified_name(key))
        if absent or self._next in ("", ","):
            return _Requirement(key, "absent" if absent else "exists")
        if self._next not in _OPERATORS:
            self._refuse("in, notin, =, ==, !=, gt, lt", inside=True)
        sign = self._take()
        values = self._values() if sign in ("in", "notin") else [self._value()]
        return _checked(key, sign, values)

    def _value(self) -> str:
        if self._next in ("", ","):
            return ""
        if self._next in _SIGNS:
            self._refuse("identifier", inside=True)
        return self._take()

    def _values(self) -> list[str]:
        if self._next != "(":
            self._refuse("'('", inside=True, comma="")
        self._take()
        found = [""] if self._next in (",", ")") else []
        while self._next != ")":
            if self._next == ",":
                self._take()
                found += [""] if self._next in (",", ")") else []
            elif self._next and self._next not in _SIGNS:
                found.append(self._take())
                if self._next not in (",", ")"):
                    self._refuse("',' or ')'", inside=True)
            else:
                self._refuse("',', or identifier", inside=True)
        self._take()
        return found


def _checked(key: str, sign: str, values: list[str]) -> _Requirement:
    if sign in "<>" and not re.fullmatch(r"[+-]?\d+", values[0]):
        detail = "for 'Gt', 'Lt' operators, the value must be an integer"
        _check([invalid("values[0]", values[0], detail)])
    _check(
        invalid(f"values[{at}][{key}]", value, text)
        for at, value in enumerate(values)
        for text in naming.label_value(value)
    )
    return _Requirement(key, _OPERATORS[sign], frozenset(values))


def _check(errors: Iterator[FieldError] | list[FieldError]) -> None:
    found = [str(one) for one in errors]
    if found:
        told = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
        raise bad_request(f"unable to parse requirement: {told}")


def field_selector(text: str, fields: Fields, *, custom: bool) -> Select:
    """Return the predicate of a field selector.

    ``fields`` gives what an object can be selected by, beyond its name and namespace.

    Raises:
        Refusal: it cannot be read, or asks for a field that nothing is selected by.
    """
    terms = [_term(part, text) for part in re.split(r"(?<!\\),", text) if part]
    own = fields({"metadata": {}, "spec": {}, "status": {}}) if terms else {}
    for name, _, _ in terms:
        if name not in own and name not in _EVERYWHERE:
            raise _unsupported(name, told_as_custom=custom or bool(own))

    def fits(document: Json) -> bool:
        metadata = document["metadata"]
        found = {name: metadata.get(name.removeprefix("metadata."), "") for name in _EVERYWHERE}
        found |= fields(document)
        return all((str(found.get(name, "")) == value) is wanted for name, wanted, value in terms)

    return fits if terms else lambda _: True


def selected_name(text: str) -> str:
    """Return the one name that a field selector asks for, or an empty string."""
    name, found, value = text.partition("metadata.name=")
    plain = found and not name and not re.search(r"[\\,=!]", value)
    return value if plain else ""


def _unsupported(name: str, *, told_as_custom: bool) -> Refusal:
    if told_as_custom:
        return bad_request(f"field label not supported: {name}")
    known = ", ".join(f'"{one}"' for one in _EVERYWHERE)
    return bad_request(f'"{name}" is not a known field selector: only {known}')


def _term(part: str, text: str) -> tuple[str, bool, str]:
    match = re.match(r"(.*?)(!=|==|=)(.*)", part, re.DOTALL)
    if not match:
        raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
    return match[1], match[2] != "!=", re.sub(r"\\([\\,=])", r"\1", match[3])
