"""What the API server answers when it does not do what was asked: a Kubernetes Status.

One class; the functions below make the answers that there are, each with the code, reason and
wording of a real server (apimachinery/pkg/api/errors).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin.field import FieldError

Json = dict[str, Any]


class Refusal(Exception):  # it is an answer, not a fault
    """The request is answered with a Status that is no success."""

    def __init__(
        self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Keep what the Status says."""
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def body(self) -> Json:
        """Return the Status."""
        status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = dict(self.details)
        return status | {"code": self.code}


def qualified(plural: str, group: str) -> str:
    """Return a resource as messages name it: ``barriers.konductor.io``."""
    return f"{plural}.{group}" if group else plural


def _details(name: str, group: str, kind: str, **more: Any) -> Json:  # noqa: ANN401  # JSON
    members = {"name": name, "group": group, "kind": kind, **more}
    return {key: value for key, value in members.items() if value}


def not_found(plural: str, group: str, name: str) -> Refusal:
    """There is no such object."""
    message = f'{qualified(plural, group)} "{name}" not found'
    return Refusal(404, "NotFound", message, _details(name, group, plural))


class NoSuchPath(Refusal):
    """There is no such group, version, resource or document; told in plain text."""

    def __init__(self) -> None:
        """Keep what every such answer says."""
        super().__init__(404, "NotFound", "404 page not found")


def already_exists(plural: str, group: str, name: str) -> Refusal:
    """The name is taken."""
    message = f'{qualified(plural, group)} "{name}" already exists'
    return Refusal(409, "AlreadyExists", message, _details(name, group, plural))


def conflict(plural: str, group: str, name: str, why: str) -> Refusal:
    """Somebody else wrote first, or a precondition does not hold."""
    message = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return Refusal(409, "Conflict", message, _details(name, group, plural))


MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def invalid(kind: str, group: str, name: str, errors: Iterable[FieldError]) -> Refusal:
    """The object breaks rules; all that it breaks are told at once."""
    found = list(errors)
    texts = list(dict.fromkeys(str(one) for one in found))
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [{"reason": one.reason, "message": one.message, "field": one.field} for one in found]
    message = f'{qualified(kind, group)} "{name}" is invalid: {listed}'
    details = _details(name, group, kind, causes=causes)
    return Refusal(422, "Invalid", message, details)


def unprocessable(message: str) -> Refusal:
    """A patch or a strict body cannot be taken in."""
    return Refusal(422, "Invalid", message, {})


def bad_request(message: str) -> Refusal:
    """The request cannot be understood."""
    return Refusal(400, "BadRequest", message)


def method_not_allowed() -> Refusal:
    """The path does not take this method."""
    message = "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, {})


def not_supported(plural: str, group: str, action: str) -> Refusal:
    """The kind does not take this action."""
    message = f'{action} is not supported on resources of kind "{qualified(plural, group)}"'
    return Refusal(405, "MethodNotAllowed", message, _details("", group, plural))


def unsupported_media_type(accepted: Iterable[str]) -> Refusal:
    """The body is of a type that is not read here."""
    listed = ", ".join(accepted)
    message = (
        f"the body of the request was in an unknown format - accepted media types include: {listed}"
    )
    return Refusal(415, "UnsupportedMediaType", message)


def not_acceptable(offered: Iterable[str]) -> Refusal:
    """The client takes none of the forms that there are."""
    message = f"only the following media types are accepted: {', '.join(offered)}"
    return Refusal(406, "NotAcceptable", message)


def unauthorized() -> Refusal:
    """Nobody has said who is asking."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(plural: str, group: str, name: str, why: str, **more: Any) -> Refusal:  # noqa: ANN401  # JSON
    """It must not be done."""
    message = f'{qualified(plural, group)} "{name}" is forbidden: {why}'
    return Refusal(403, "Forbidden", message, _details(name, group, plural, **more))


def expired(message: str) -> Refusal:
    """What was asked for is history."""
    return Refusal(410, "Expired", message)


def too_large_version(asked: int, current: int) -> Refusal:
    """The client knows a later version than there is."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return Refusal(504, "Timeout", message, details)


def internal(message: str) -> Refusal:
    """The server itself cannot."""
    cause = {"message": message}
    text = f"Internal error occurred: {message}"
    return Refusal(500, "InternalError", text, {"causes": [cause]})
