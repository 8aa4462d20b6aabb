"""What can go wrong while koncli works, and the exit code that each kind ends with.

::

    KonductorError                  1
     ├─ UsageError                  2   the command line or the program is wrong
     ├─ StageFailed                 1   what was waited for failed
     ├─ TimedOut                    3   it did not happen in time
     ├─ Refused                     4   the cluster, or a person, said no
     ├─ NotFound                    5   no such object
     ├─ Unreachable                 6   no answer from the cluster
     └─ ApiError                    1   the API server answered with a Status
         ├─ BadRequest              2   400, 415, 422: it does not accept the object
         ├─ Forbidden               4   401, 403
         ├─ ObjectNotFound          5   404 (also a NotFound)
         ├─ Conflict                1   409: somebody else wrote first
         │   └─ AlreadyExists       1   409: the name is taken
         ├─ Expired                 1   410: that resource version is history
         └─ ServerBusy              6   429, 5xx: worth another try

A wrong pipeline is no exception: it is a list of ``Diagnostic`` values (konductor.dsl).
Stdlib only, since hooks raise these too.
"""

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every koncli command (semantics.md, 5)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TIMED_OUT = 3
    REFUSED = 4
    NOT_FOUND = 5
    UNREACHABLE = 6
    INTERRUPTED = 130


class KonductorError(Exception):
    """An operation failed; the message says what and how to mend it."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and, apart from it, the way out."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KonductorError):
    """The command line, a parameter or a program is wrong."""

    exit_code = ExitCode.USAGE


class StageFailed(KonductorError):
    """What was run or waited for has failed for good."""

    exit_code = ExitCode.FAILED


class TimedOut(KonductorError):
    """It did not happen within its time."""

    exit_code = ExitCode.TIMED_OUT


class Refused(KonductorError):
    """The cluster or a person refused it."""

    exit_code = ExitCode.REFUSED


class NotFound(KonductorError):
    """There is no such object, context or file."""

    exit_code = ExitCode.NOT_FOUND


class Unreachable(KonductorError):
    """The cluster gives no answer."""

    exit_code = ExitCode.UNREACHABLE


class ApiError(KonductorError):
    """The API server answered a request with a Status that is no success."""

    def __init__(
        self,
        message: str,
        *,
        code: int,
        reason: str = "",
        status: Mapping[str, object] | None = None,
    ) -> None:
        """Keep the HTTP code, the Status reason and the whole Status body."""
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.status: Mapping[str, object] = status or {}

    @property
    def retry_after(self) -> float:
        """Return for how many seconds the server asks to be left alone; 0: it does not say."""
        details = self.status.get("details")
        asked = details.get("retryAfterSeconds") if isinstance(details, Mapping) else None
        return float(asked or 0)

    @staticmethod
    def of(code: int, status: Mapping[str, object]) -> "ApiError":
        """Return the error that stands for an answer of the API server.

        >>> ApiError.of(404, {"message": 'pods "a" not found', "reason": "NotFound"})
        ObjectNotFound('pods "a" not found')
        """
        reason = str(status.get("reason", ""))
        message = str(status.get("message") or f"the API server answered {code}")
        kind: type[ApiError] = _BY_CODE.get(code, ServerBusy if code >= _SERVER_ERROR else ApiError)
        if reason == "AlreadyExists":
            kind = AlreadyExists
        return kind(message, code=code, reason=reason, status=status)


class BadRequest(ApiError):
    """The API server does not accept the object."""

    exit_code = ExitCode.USAGE


class Forbidden(ApiError):
    """The API server does not know this user, or the user lacks the right."""

    exit_code = ExitCode.REFUSED


class ObjectNotFound(ApiError, NotFound):
    """The API server has no such object."""

    exit_code = ExitCode.NOT_FOUND


class Conflict(ApiError):
    """Somebody else wrote the object first."""


class AlreadyExists(Conflict):
    """An object of that name is there already."""


class Expired(ApiError):
    """That resource version has been compacted away; list again."""


class ServerBusy(ApiError):
    """The API server could not answer now; the same request may succeed later."""

    exit_code = ExitCode.UNREACHABLE


_SERVER_ERROR = 500
_BY_CODE: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Forbidden,
    403: Forbidden,
    404: ObjectNotFound,
    409: Conflict,
    410: Expired,
    415: BadRequest,
    422: BadRequest,
    429: ServerBusy,
}
