"""What is wrong with one field of an object, in the words of the real server.

Rules return lists of these; the API server answers 422 with all of them as causes.
"""

import json
from dataclasses import dataclass
from typing import Any

_OMITTED = object()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One broken rule."""

    field: str
    """Path of the field, ``spec.containers[0].name``."""
    reason: str
    """The cause's reason, ``FieldValueInvalid`` for one."""
    message: str
    """Without the path: ``Invalid value: -1: must be greater than or equal to 0``."""

    def __str__(self) -> str:
        """Return it as it stands in the message of the whole answer."""
        return f"{self.field}: {self.message}"


def required(field: str, detail: str = "") -> FieldError:
    """A field that has to be set is not."""
    return FieldError(field, "FieldValueRequired", _joined("Required value", detail))


def invalid(field: str, value: Any, detail: str) -> FieldError:  # noqa: ANN401  # any JSON
    """A value is of the right type and still wrong."""
    shown = "Invalid value" if value is _OMITTED else f"Invalid value: {_shown(value)}"
    return FieldError(field, "FieldValueInvalid", _joined(shown, detail))


def broken(field: str, detail: str) -> FieldError:
    """A whole field is invalid, and its value is too long to be shown."""
    return invalid(field, _OMITTED, detail)


def unsupported(field: str, value: Any, supported: tuple[str, ...]) -> FieldError:  # noqa: ANN401  # any JSON
    """A value is none of those that there are."""
    listed = ", ".join(json.dumps(name) for name in supported)
    return FieldError(
        field,
        "FieldValueNotSupported",
        f"Unsupported value: {_shown(value)}: supported values: {listed}",
    )


def duplicate(field: str, value: Any) -> FieldError:  # noqa: ANN401  # any JSON
    """A value that has to be unique is there twice."""
    return FieldError(field, "FieldValueDuplicate", f"Duplicate value: {_shown(value)}")


def forbidden(field: str, detail: str) -> FieldError:
    """A field must not be set, or not be changed."""
    return FieldError(field, "FieldValueForbidden", f"Forbidden: {detail}")


def not_found(field: str, value: Any) -> FieldError:  # noqa: ANN401  # any JSON
    """A value names something that is not there."""
    return FieldError(field, "FieldValueNotFound", f"Not found: {_shown(value)}")


def too_long(field: str, limit: int) -> FieldError:
    """A text is longer than it may be."""
    return FieldError(field, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(field: str, count: int, limit: int) -> FieldError:
    """A list has more items than it may have."""
    detail = f"Too many: {count}: must have at most {limit} items"
    return FieldError(field, "FieldValueTooMany", detail)


def at_least_zero(field: str, value: int | None) -> list[FieldError]:
    """A number, where it is set, must not be negative."""
    if value is None or value >= 0:
        return []
    return [invalid(field, value, "must be greater than or equal to 0")]


def immutable(field: str, new: Any, old: Any) -> list[FieldError]:  # noqa: ANN401  # any JSON
    """A value must be what it was."""
    return [] if new == old else [invalid(field, in_order(new), "field is immutable")]


def _joined(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text


def _shown(value: Any) -> str:  # noqa: ANN401  # any JSON
    """Return a value as Go's field errors show it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def in_order(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return a value with its maps sorted by key, as Go shows maps."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return value
