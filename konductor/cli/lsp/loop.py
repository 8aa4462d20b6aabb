"""The server's life: messages come in, answers go out, and nothing an editor sends ends it.

One thread reads, so that a message that calls an earlier one off is seen in time; the other
answers, one message after the other. pygls knows the protocol and its types; the loop is ours,
since pygls' own loses requests that it cannot read, and the exit code.
"""

import json
import logging
import os
import queue
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from lsprotocol.types import EXIT, INITIALIZE, SHUTDOWN

from konductor.cli.lsp.server import Server, new_server
from konductor.errors import ExitCode

_CHUNK = 1 << 16
_LONGEST_HEADER = 1 << 14
_IDLE = 0.003
"""Seconds of silence after which findings are reckoned."""
_PARSE_ERROR, _INVALID_REQUEST, _INVALID_PARAMS = -32700, -32600, -32602
_INTERNAL_ERROR = -32603
_NOT_INITIALIZED, _CANCELLED = -32002, -32800
_CANCEL = "$/cancelRequest"
_logger = logging.getLogger(__name__)


def serve() -> int:
    """Serve standard input and output; return the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="koncli lsp: %(message)s")
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it is told to the editor instead
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # whatever prints must not print into the protocol
    messages: queue.Queue[bytes | None] = queue.Queue()
    reader = threading.Thread(
        target=_read, args=(sys.stdin.fileno(), messages), name="koncli-lsp-reader", daemon=True
    )
    reader.start()
    try:
        return _Loop(new_server(output), messages).run()
    except BrokenPipeError:
        return ExitCode.DONE  # the editor is gone


def _read(descriptor: int, messages: "queue.Queue[bytes | None]") -> None:
    """Cut the input into messages; None ends them."""
    buffer = bytearray()
    try:
        while (body := _next(descriptor, buffer)) is not None:
            messages.put(body)
    except OSError:
        pass
    messages.put(None)


def _next(descriptor: int, buffer: bytearray) -> bytes | None:
    """Return the next message; what is no header is skipped."""
    length: int | None = None
    while (line := _line(descriptor, buffer)) is not None:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
        elif not line and length is not None:
            return _body(descriptor, buffer, length)
    return None


def _line(descriptor: int, buffer: bytearray) -> bytes | None:
    """Return the next line of a header; None: the input has ended."""
    while (end := buffer.find(b"\n")) < 0:
        if len(buffer) > _LONGEST_HEADER:
            buffer.clear()
        if not _more(descriptor, buffer):
            return None
    line = bytes(buffer[:end]).strip()
    del buffer[: end + 1]
    return line


def _body(descriptor: int, buffer: bytearray, length: int) -> bytes | None:
    while len(buffer) < length:
        if not _more(descriptor, buffer):
            return None
    body = bytes(buffer[:length])
    del buffer[:length]
    return body


def _more(descriptor: int, buffer: bytearray) -> bool:
    chunk = os.read(descriptor, _CHUNK)
    buffer += chunk
    return bool(chunk)


@dataclass(slots=True)
class _Loop:
    server: Server
    messages: "queue.Queue[bytes | None]"
    pending: "deque[dict[str, Any] | None]" = field(default_factory=deque)
    cancelled: "set[object]" = field(default_factory=set)
    initialized: bool = False
    shut_down: bool = False

    def run(self) -> int:
        """Answer until the end; return the exit code."""
        while True:
            self._take(wait=not self.pending)
            if not self.pending:
                self._guarded_publish()
                continue
            message = self.pending.popleft()
            if message is None:
                return ExitCode.DONE
            if message.get("method") == EXIT:
                return ExitCode.DONE if self.shut_down else ExitCode.FAILED
            self._guarded(message)

    def _take(self, *, wait: bool) -> None:
        """Move what has come into `pending`; wait for something if there is nothing else to do."""
        try:
            if wait:
                timeout = _IDLE if self.server.has_findings_due else None
                self._accept(self.messages.get(timeout=timeout))
            while True:
                self._accept(self.messages.get_nowait())
        except queue.Empty:
            return

    def _accept(self, body: bytes | None) -> None:
        if body is None:
            self.pending.append(None)
            return
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self.server.refuse(None, _PARSE_ERROR, f"the message is no JSON: {error}")
            return
        if not isinstance(message, dict):
            self.server.refuse(None, _INVALID_REQUEST, "the message is no object")
        elif message.get("method") == _CANCEL:
            params = message.get("params")
            self._cancel(params.get("id") if isinstance(params, dict) else None)
        else:
            self.pending.append(message)

    def _cancel(self, identity: object) -> None:
        """Call off a request that is still waiting."""
        waiting = (one for one in self.pending if one is not None and "method" in one)
        if isinstance(identity, str | int) and any(one.get("id") == identity for one in waiting):
            self.cancelled.add(identity)

    def _guarded(self, message: dict[str, Any]) -> None:
        """Deal with a message; a bug, or one nested too deep, must not end the server."""
        try:
            self._handle(message)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  # the last resort, whatever it is
            self._tell_of_bug(error)
            identity = message.get("id")
            if isinstance(identity, str | int) and "method" in message:
                self.server.refuse(identity, _INTERNAL_ERROR, repr(error))

    def _handle(self, message: dict[str, Any]) -> None:
        identity, method = message.get("id"), message.get("method")
        is_request = "id" in message and "method" in message
        if not isinstance(identity, str | int | None) or not isinstance(method, str | None):
            self.server.refuse(None, _INVALID_REQUEST, "a request has an id and a method")
            return
        refusal = self._refusal(identity, method)
        if refusal is not None:
            if is_request:
                self.server.refuse(identity, *refusal)
            return
        self.initialized = self.initialized or method == INITIALIZE
        self.shut_down = self.shut_down or method == SHUTDOWN
        message.setdefault("jsonrpc", "2.0")
        problem = self.server.handle(message)
        if problem and is_request:
            self.server.refuse(identity, _INVALID_PARAMS, problem)

    def _refusal(self, identity: str | int | None, method: str | None) -> tuple[int, str] | None:
        """Return why a message is not handled."""
        if identity in self.cancelled:
            self.cancelled.discard(identity)
            return _CANCELLED, "the request was called off"
        if not self.initialized and method != INITIALIZE:
            return _NOT_INITIALIZED, "`initialize` comes first"
        if self.initialized and method == INITIALIZE:
            return _INVALID_REQUEST, "`initialize` comes once"
        if self.shut_down:
            return _INVALID_REQUEST, "the server is shutting down"
        return None

    def _guarded_publish(self) -> None:
        try:
            self.server.publish()
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug must not end the server
            self._tell_of_bug(error)

    def _tell_of_bug(self, error: Exception) -> None:
        _logger.error("this is a bug in koncli, please report it", exc_info=error)
        self.server.complain(f"this is a bug in koncli, please report it: {error!r}")
