"""The rules that a CRD writes in CEL (``x-kubernetes-validations``), compiled once and enforced.

A rule is given just the fields that it names: a status with a thousand names would otherwise be
handed over for each of ten rules. What a rule may call is core CEL; a rule that needs more is
refused when its CRD is created, as a rule that cannot be compiled.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from konductor.cel import cel
from konductor.duration import parse_duration
from konductor.runner.local.apiserver.builtin.field import FieldError, broken, invalid
from konductor.runner.local.apiserver.structural import LIST_TYPE, list_key

# It warns of each duration that is none; whoever sent it is told in the answer.
logging.getLogger("cel").setLevel(logging.ERROR)

Json = Any
Schema = Mapping[str, Any]
RULES = "x-kubernetes-validations"
_MEMBER = re.compile(r"(?<![\w.])(self|oldSelf)((?:\.[A-Za-z_]\w*)*)")
_DURATION = re.compile(r"(?<![\w.])duration\(")
_BLOCKING = {
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
}
UNCHECKED = invalid(
    "<nil>",
    None,
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation",
)


def blocks(errors: list[FieldError]) -> bool:
    """Tell whether an object is too wrong for rules to be asked."""
    return any(one.reason in _BLOCKING for one in errors)


@dataclass(slots=True)
class _Needs:
    """Which members of a value a rule reads."""

    whole: bool = False
    members: dict[str, "_Needs"] = field(default_factory=dict)

    def take(self, value: Json) -> Json:
        """Return the value with these members only."""
        if self.whole:
            return value
        if isinstance(value, dict):
            found = self.members.items()
            return {name: needs.take(value[name]) for name, needs in found if name in value}
        return [] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule."""

    text: str
    message: str
    message_program: Any
    reason: str
    path: str
    program: Any
    needs: Mapping[str, _Needs]

    @property
    def is_transition(self) -> bool:
        """Tell whether it compares with the object as it was."""
        return "oldSelf" in self.needs

    def violation(self, new: Json, old: Json | None, path: str) -> FieldError | None:
        """Return the error if the rule does not hold."""
        values = {name: needs.take(new if name == "self" else old) for name, needs in self._known()}
        try:
            context = cel().Context(values, {"goDuration": _duration})
            if self.program.execute(context) is True:
                return None
            message = self._message(context)
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            return invalid(path, _kind(new), f"{_told(error)} evaluating rule: {self.message}")
        return self._error(new, message, path)

    def _known(self) -> Iterator[tuple[str, _Needs]]:
        yield from self.needs.items()

    def _message(self, context: Any) -> str:  # noqa: ANN401  # the library's context
        if self.message_program is not None:
            return str(self.message_program.execute(context))
        return self.message

    def _error(self, value: Json, message: str, path: str) -> FieldError:
        where = f"{path}{self.path}" if path != "<nil>" or not self.path else self.path[1:]
        if isinstance(value, dict | list):
            error = broken(where, message)
        else:
            error = invalid(where, value, message)
        return FieldError(error.field, self.reason or error.reason, error.message)


class BadRule(ValueError):
    """A rule cannot be compiled; the message is the compiler's."""

    def __init__(self, message: str, path: str = "", rule: Mapping[str, Any] | None = None) -> None:
        """Keep where the rule stands, and the rule as a real server's messages show it."""
        super().__init__(message)
        self.path = path
        self.rule = rule


def compile_rule(document: Mapping[str, Any]) -> Rule:
    """Compile one entry of ``x-kubernetes-validations``.

    Raises:
        BadRule: it is no CEL that is understood here.
    """
    text = str(document.get("rule", ""))
    expression = document.get("messageExpression")
    return Rule(
        text=text,
        message=str(document.get("message") or f"failed rule: {text}"),
        message_program=_compile(expression) if expression else None,
        reason=str(document.get("reason", "")),
        path=str(document.get("fieldPath", "")),
        program=_compile(text),
        needs=_needs(f"{text} {expression or ''}"),
    )


def _compile(text: str) -> Any:  # noqa: ANN401  # the library's program
    try:
        program = cel().compile(_DURATION.sub("goDuration(", text))
    except ValueError as error:
        _, told, message = str(error).partition("ERROR: ")
        raise BadRule(f"{told}{message}".replace("\n| ", "\n | ") or str(error)) from error
    return program


def _needs(text: str) -> dict[str, _Needs]:
    """Return what a rule reads of self and oldSelf; ``has(x)`` reads only whether x is there."""
    found: dict[str, _Needs] = {}
    for match in _MEMBER.finditer(text):
        place = found.setdefault(match[1], _Needs())
        names = match[2].split(".")[1:]
        after = text[match.end() : match.end() + 1]
        if after == "(" and names:  # the last name is a function's
            names.pop()
        for name in names:
            place = place.members.setdefault(name, _Needs())
        asks_only = text[: match.start()].endswith("has(") and after == ")"
        place.whole = place.whole or not asks_only
    return found


def _duration(text: str) -> timedelta:
    """Read a Go duration; the library's own reader does not know µs."""
    return parse_duration(text)


def _told(error: Exception) -> str:
    if "goDuration" in str(error):
        return "type conversion error from 'string' to 'google.protobuf.Duration'"
    if isinstance(error, KeyError):
        return f"no such key: {error.args[0]}"
    return str(error)


def _kind(value: Json) -> str:
    match value:
        case str():
            return "string"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
    return "object" if isinstance(value, dict) else "array"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a schema, where they stand: a tree as the schema's, without empty branches."""

    own: tuple[Rule, ...] = ()
    properties: Mapping[str, "Rules"] = field(default_factory=dict)
    items: "Rules | None" = None
    others: "Rules | None" = None
    schema: Schema = field(default_factory=dict)

    def violations(self, new: Json, old: Json | None, path: str = "") -> Iterator[FieldError]:
        """Yield an error for each rule that does not hold.

        ``old`` is the value that this one replaces, or None if there is none to compare with.
        """
        for rule in self.own:
            if rule.is_transition and old is None:
                continue
            if error := rule.violation(new, old, path or "<nil>"):
                yield error
        if isinstance(new, dict):
            yield from self._of_members(new, old if isinstance(old, dict) else {}, path)
        elif isinstance(new, list) and self.items:
            before = self._by_key(old) if isinstance(old, list) else {}
            for at, item in enumerate(new):
                key = json.dumps(list_key(self.schema, item), sort_keys=True)
                yield from self.items.violations(item, before.get(key), f"{path}[{at}]")

    def _of_members(self, new: Json, old: Json, path: str) -> Iterator[FieldError]:
        for name, value in new.items():
            inner = self.properties.get(name) or self.others
            if inner:
                inside = f"{path}.{name}" if path else name
                yield from inner.violations(value, old.get(name), inside)

    def _by_key(self, old: list[Json]) -> dict[str, Json]:
        if self.schema.get(LIST_TYPE) != "map":
            return {}
        return {json.dumps(list_key(self.schema, one), sort_keys=True): one for one in old}


def collect(schema: Schema, path: str = "") -> Rules | None:
    """Compile every rule in a schema; None if there is none.

    Raises:
        BadRule: one cannot be compiled.
    """
    own = tuple(
        _placed(one, f"{path}.{RULES}[{at}]") for at, one in enumerate(schema.get(RULES, ()))
    )
    properties = {
        name: found
        for name, inner in schema.get("properties", {}).items()
        if (found := collect(inner, f"{path}.properties[{name}]"))
    }
    items = collect(schema["items"], f"{path}.items") if schema.get("items") else None
    rest = schema.get("additionalProperties")
    others = collect(rest, f"{path}.additionalProperties") if isinstance(rest, dict) else None
    if not (own or properties or items or others):
        return None
    return Rules(own, properties, items, others, schema)


def _placed(document: Mapping[str, Any], path: str) -> Rule:
    try:
        return compile_rule(document)
    except BadRule as error:
        rule = {shown: document.get(name, empty) for shown, name, empty in _SHOWN}
        raise BadRule(str(error), f"{path}.rule", rule) from error


_SHOWN = (
    ("Rule", "rule", ""),
    ("Message", "message", ""),
    ("MessageExpression", "messageExpression", ""),
    ("Reason", "reason", None),
    ("FieldPath", "fieldPath", ""),
    ("OptionalOldSelf", "optionalOldSelf", None),
)
