"""A small synchronous client of an API server, on sockets alone.

A hook starts in every pod, so it can afford neither an HTTP library nor asyncio (0.1-0.3 s of
imports). One connection is kept; faults are mended with back-off where the same request may be
sent twice, for as long as `Patience` says.
"""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf
from urllib.parse import quote, urlencode, urlsplit

from konductor.api.meta import Json, json_map
from konductor.connection import Connection, trust
from konductor.errors import ApiError, Expired, Forbidden, ServerBusy, Unreachable
from konductor.hooks.stop import Stop
from konductor.hooks.timing import AT_TERMINAL, Clock, Patience, back_off
from konductor.hooks.wire import Answer, Line
from konductor.readiness import READY, Readiness

_CONNECT = 10.0
_ANSWER = 30.0
"""Seconds until an answer must have come."""
_SILENCE = 90.0
"""A server sends a bookmark at least each minute: longer silence is a dead connection."""
_WATCH_SECONDS = "290"
_JSON = "application/json"
_ANY = "*/*"
_FAILED = 400
_PORTS = {"http": 80, "https": 443}
_TOO_MANY = 429
_NOT_FOUND = 404
_UNSERVED = ("404 page not found", "the server could not find the requested resource")
"""What a server says of a path: of an API group, and of a kind in one, that it does not have."""
_NO_KINDS = "the cluster does not serve konductor's kinds"


class Stopped(Exception):
    """The stop was set while something was under way."""


class OutOfTime(Exception):  # a signal: who set the deadline knows what to say
    """The client's deadline passed."""


class Client:
    """One API server as one user, for one thread."""

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        patience: Patience = AT_TERMINAL,
        trace: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Connect with the first request; ``trace`` is given a line for each that was answered."""
        self.namespace = connection.namespace
        self.clock = clock or Clock()
        self.stop = stop or Stop()
        self.date = ""
        """The ``Date`` header of the last answer: the server's time, rounded down to a second."""
        self._connection = connection
        self._patience = patience
        self._trace = trace
        self._deadline = inf
        self._answered = False
        self._readiness = Readiness()
        self._heard = self.clock.steady()
        self._line: Line | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Let everything inside end with `OutOfTime` once the steady clock passes that time."""
        before, self._deadline = self._deadline, min(deadline, self._deadline)
        try:
            yield
        finally:
            self._deadline = before

    def path(self, api: str, plural: str, name: str = "") -> str:
        """Return the path of a collection in this client's namespace, or of one object.

        ``api`` is ``api/v1`` or ``apis/GROUP/VERSION``.
        """
        room = f"/{api}/namespaces/{quote(self.namespace, safe='')}/{plural}"
        return f"{room}/{quote(name, safe='')}" if name else room

    def read(
        self, path: str, query: Mapping[str, str] | None = None, *, accept: str = _JSON
    ) -> Json:
        """Return what is there; ``accept`` is the form that the server is to render it in.

        Raises:
            ApiError: the server refuses.
            Unreachable: it gives no answer.
            OutOfTime: the deadline passed.
            Stopped: the stop was set.
        """
        return self._ask("GET", _with_query(path, query or {}), accept=accept)

    def create(self, path: str, document: Json, *, repeatable: bool) -> Json:
        """Create a named object and return it as stored.

        ``repeatable`` says that an `AlreadyExists` may as well mean this very object, so that the
        request can be sent again when its answer was lost.

        Raises:
            AlreadyExists: the name is taken.
            Unreachable: no answer, and without ``repeatable`` it is not known whether it exists.
        """
        return self._ask("POST", path, document, repeatable=repeatable)

    def delete(self, path: str, *, uid: str = "") -> Json:
        """Delete an object; with ``uid``, only that very one.

        Raises:
            ObjectNotFound: there is none.
            Conflict: there is one with another uid.
        """
        options: Json = {"kind": "DeleteOptions", "apiVersion": "v1"}
        options["propagationPolicy"] = "Background"
        if uid:
            options["preconditions"] = {"uid": uid}
        return self._ask("DELETE", path, options, repeatable=False)

    def watch(self, path: str, query: Mapping[str, str]) -> Iterator[Json]:
        """Yield watch events until the server ends the stream in good order.

        Raises:
            Expired: the resource version is history; read again.
            ApiError: the server refuses.
            Unreachable: the connection broke, so changes may have been missed.
        """
        query = {**query, "watch": "true", "allowWatchBookmarks": "true"}
        target = _with_query(path, {**query, "timeoutSeconds": _WATCH_SECONDS})
        rest = b""
        try:
            with self._faults():
                answer = self._send("GET", target, None, _JSON)
                while chunk := self._more(answer):
                    self._heard = self.clock.steady()
                    *lines, rest = (rest + chunk).split(b"\n")
                    yield from map(_event, lines)
        finally:
            self.close()
        if rest:
            raise Unreachable(f"the watch of {self._connection.server} was cut in mid-word")

    def bear(self, error: Unreachable | ServerBusy, attempt: int) -> None:
        """Pause before the next attempt, or raise the error once patience is at its end.

        Raises:
            Unreachable: no answer for too long, or until the deadline.
            Stopped: the stop was set.
        """
        limit = self._patience.later if self._answered else self._patience.first
        if self.clock.steady() - self._heard > limit.total_seconds():
            raise error
        asked = json_map(getattr(error, "status", {}).get("details")).get("retryAfterSeconds")
        pause = back_off(attempt, float(asked or 0), self.clock)
        left = self._deadline - self.clock.steady()
        if self.clock.pause(self.stop, max(0.0, min(pause, left))):
            raise Stopped
        if left <= pause:
            raise error

    def close(self) -> None:
        """Give back the connection."""
        if self._line:
            self._line.close()
            self._line = None

    def _ask(
        self,
        method: str,
        target: str,
        body: Json | None = None,
        *,
        repeatable: bool = True,
        accept: str = _JSON,
    ) -> Json:
        attempt = 0
        while True:
            try:
                return self._answer(method, target, body, accept)
            except (Unreachable, ServerBusy) as error:
                attempt += 1
                if not repeatable and not _never_done(error):
                    raise
                self.bear(error, attempt)

    def _answer(self, method: str, target: str, body: Json | None, accept: str) -> Json:
        with self._faults():
            answer = self._send(method, target, body, accept)
            content = answer.read()
        return _document(content)

    def _send(self, method: str, target: str, body: Json | None, accept: str) -> Answer:
        """Send a request and return its answer, whose body is still to be read.

        A refusal counts only from a server that is known to have read its roles.

        Raises:
            ApiError: the answer is no success.
        """
        try:
            return self._send_once(method, target, body, accept)
        except Forbidden as refusal:
            if self._readiness.proven:
                raise
            self._ask_whether_ready(refusal)
            return self._send_once(method, target, body, accept)

    def _ask_whether_ready(self, refusal: Forbidden) -> None:
        """Return if the server says that it is ready, or knows no such question.

        Raises:
            Forbidden: it has not said so for too long.
            ServerBusy: it does not say so yet.
        """
        try:
            self._send_once("GET", READY, None, _ANY).read()
        except (Forbidden, ServerBusy) as error:
            now, within = self.clock.steady(), self._patience.starting.total_seconds()
            raise self._readiness.still_starting(refusal, now, within) from error
        except ApiError:
            return

    def _send_once(self, method: str, target: str, body: Json | None, accept: str) -> Answer:
        line = self._line if self._line and self._line.sock else self._connect()
        self._timeout(line, _ANSWER)
        data = None if body is None else json.dumps(body).encode()
        prefix = urlsplit(self._connection.server).path
        answer = line.ask(method, prefix + target, data, self._headers(accept))
        self._answered, self._heard = True, self.clock.steady()
        self.date = answer.headers.get("date", "")
        self._trace(f"{method} {target} {answer.status}")
        if answer.status >= _FAILED:
            raise _api_error(answer)
        self._readiness.allowed()
        return answer

    def _connect(self) -> Line:
        line = _line(self._connection)
        self._timeout(line, _CONNECT)
        try:
            line.connect()
        except OSError as error:
            raise Unreachable(self._reason(error)) from error
        self._line = line
        self._readiness.lost()
        return line

    def _more(self, answer: Answer) -> bytes:
        if self._line:
            self._timeout(self._line, _SILENCE)
        return answer.read_some()

    def _timeout(self, line: Line, seconds: float) -> None:
        left = self._deadline - self.clock.steady()
        if left <= 0:
            raise OutOfTime
        line.timeout = min(seconds, left)
        if line.sock:
            line.sock.settimeout(line.timeout)

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, "Content-Type": _JSON, "User-Agent": "koncli"}
        if token := self._connection.bearer():
            headers["Authorization"] = f"Bearer {token}"
        return headers

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what goes wrong on the way into our own errors; let a stop wake a blocked read."""
        if self.stop.is_set():
            raise Stopped
        with self.stop.wakes(self._hang_up):
            try:
                yield
            except OSError as error:
                self.close()
                self._judge()
                raise Unreachable(self._reason(error)) from error
            if self.stop.is_set():
                self.close()
                raise Stopped

    def _judge(self) -> None:
        if self.stop.is_set():
            raise Stopped
        if self.clock.steady() >= self._deadline:
            raise OutOfTime

    def _hang_up(self) -> None:
        """End a read that another thread, or this one below a signal handler, is blocked in."""
        line = self._line
        if line and (ours := line.sock):
            with suppress(OSError):  # it was closed meanwhile
                socket.socket.shutdown(
                    ours, socket.SHUT_RDWR
                )  # TLS goes on reading, and sees the end

    def _reason(self, error: BaseException) -> str:
        return f"no answer from {self._connection.server}: {error or type(error).__name__}"


def _line(connection: Connection) -> Line:
    """Return a connection that is not open yet."""
    server = urlsplit(connection.server)
    through = urlsplit(connection.proxy) if connection.proxy else None
    return Line(
        (server.hostname or "", server.port or _PORTS[server.scheme]),
        tls=trust(connection) if server.scheme == "https" else None,
        name=connection.server_name or server.hostname or "",
        proxy=(through.hostname or "", through.port or _PORTS["http"]) if through else None,
    )


def _with_query(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _document(content: bytes) -> Json:
    try:
        return json_map(json.loads(content))
    except ValueError:
        return {"message": content.decode(errors="replace").strip()}


def _api_error(answer: Answer) -> ApiError:
    status = _document(answer.read())
    after = answer.headers.get("retry-after", "")
    details = {"retryAfterSeconds": int(after)} if after.isdigit() else {}
    is_unserved = answer.status == _NOT_FOUND and status.get("message") in _UNSERVED
    if is_unserved:
        status["message"] = _NO_KINDS
    error = ApiError.of(
        answer.status, status | {"details": json_map(status.get("details")) | details}
    )
    if is_unserved:
        error.hint = "an administrator brings them: `koncli install --crds-only`"
    return error


def _event(line: bytes) -> Json:
    event = json_map(json.loads(line))
    if event.get("type") == "ERROR":
        status = json_map(event.get("object"))
        error = ApiError.of(int(status.get("code") or 0), status)
        raise (
            error
            if isinstance(error, Expired | ServerBusy)
            else Expired(error.message, code=error.code, reason=error.reason, status=status)
        )
    return event


def _never_done(error: Unreachable | ServerBusy) -> bool:
    """Tell whether the server cannot have acted on the request."""
    if isinstance(error, ServerBusy):
        return error.code == _TOO_MANY
    return isinstance(error.__cause__, ConnectionRefusedError | socket.gaierror)
