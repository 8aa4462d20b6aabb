"""Label and field selectors as they stand in a query: read once, then asked of each object."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.answer import bad_request
from konductor.runner.local.apiserver.builtin import naming

Json = Mapping[str, Any]
Fields = Callable[[Json], Mapping[str, str]]
_SET = re.compile(r"\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)\s*")
_EQUAL = re.compile(r"\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*")
_EXISTS = re.compile(r"\s*(!?)\s*([^\s!=,()]+)\s*")


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
        return value is None


def label_selector(text: str) -> Callable[[Json], bool]:
    """Return the predicate of a label selector.

    Raises:
        Refusal: it cannot be read.
    """
    requirements = list(_requirements(text))

    def fits(document: Json) -> bool:
        labels = document["metadata"].get("labels") or {}
        return all(one.fits(labels) for one in requirements)

    return fits


def _requirements(text: str) -> list[_Requirement]:
    found: list[_Requirement] = []
    position = 0
    while text.strip() and position <= len(text):
        requirement, end = _requirement(text, position)
        if end < len(text) and text[end] != ",":
            raise _unreadable(text)
        for sentence in naming.qualified_name(requirement.key):
            told = f'Invalid value: "{requirement.key}": {sentence}'
            raise bad_request(f"unable to parse requirement: <nil>: {told}")
        found.append(requirement)
        if end >= len(text):
            break
        position = end + 1
    return found


def _requirement(text: str, position: int) -> tuple[_Requirement, int]:
    if match := _SET.match(text, position):
        values = frozenset(value.strip() for value in match[3].split(","))
        return _Requirement(match[1], match[2], values), match.end()
    if match := _EQUAL.match(text, position):
        operator = "notin" if match[2] == "!=" else "in"
        return _Requirement(match[1], operator, frozenset((match[3],))), match.end()
    if match := _EXISTS.match(text, position):
        return _Requirement(match[2], "absent" if match[1] else "exists"), match.end()
    raise _unreadable(text)


def _unreadable(text: str) -> Exception:
    return bad_request(
        f'unable to parse requirement: couldn\'t parse the selector string "{text}": '
        "found characters that are no part of a requirement"
    )


def field_selector(text: str, fields: Fields) -> Callable[[Json], bool]:
    """Return the predicate of a field selector.

    ``fields`` gives what an object can be selected by, beyond its name and namespace.

    Raises:
        Refusal: it cannot be read. A label that is not supported is found with the first object
            or, where there is none, with `unsupported`.
    """
    terms = [_term(part, text) for part in _split(text)]

    def fits(document: Json) -> bool:
        metadata = document["metadata"]
        known = {
            "metadata.name": metadata.get("name", ""),
            "metadata.namespace": metadata.get("namespace", ""),
            **fields(document),
        }
        for name, wanted, value in terms:
            if name not in known:
                raise unsupported(name)
            if (str(known[name]) == value) is not wanted:
                return False
        return True

    return fits


def selected_fields(text: str) -> list[str]:
    """Return the fields that a selector asks for."""
    return [_term(part, text)[0] for part in _split(text)]


def unsupported(name: str) -> Exception:
    """Nothing can be selected by that field."""
    return bad_request(f"field label not supported: {name}")


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _term(part: str, text: str) -> tuple[str, bool, str]:
    for operator, wanted in (("!=", False), ("==", True), ("=", True)):
        name, found, value = part.partition(operator)
        if found:
            return name, wanted, value
    raise bad_request(f"invalid field selector: '{part}'; can't understand '{part}' in {text!r}")
