"""A small client of the language server, over the pipes of a real process."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

URI = "file:///nowhere/a.kon"


class Client:
    """Starts ``koncli lsp`` and speaks to it."""

    def __init__(self) -> None:
        """Start the process; nothing is said yet."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "konductor.cli.main", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.errors: list[bytes] = []
        self._came: Queue[dict[str, Any] | None] = Queue()
        self._kept: list[dict[str, Any]] = []
        self._last = 0
        self._versions: dict[str, int] = {}
        self._threads = [
            threading.Thread(target=one, daemon=True) for one in (self._read, self._drain)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        out = self.process.stdout
        while line := out.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                while out.readline().strip():
                    pass
                self._came.put(json.loads(out.read(length)))
        self._came.put(None)

    def _drain(self) -> None:
        assert self.process.stderr
        self.errors += self.process.stderr

    def raw(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None, **named: Any) -> int:
        """Send a request; return its id."""
        self._last += 1
        self.send({"id": self._last, "method": method, "params": params or named})
        return self._last

    def wait(self, wanted: Any, timeout: float = 20) -> dict[str, Any]:
        """Return the first message that is wanted; others are kept."""
        for at, message in enumerate(self._kept):
            if wanted(message):
                return self._kept.pop(at)
        until = time.monotonic() + timeout
        while True:
            try:
                came = self._came.get(timeout=max(until - time.monotonic(), 0.01))
            except Empty:
                raise AssertionError(f"nothing came; kept: {self._kept[-3:]}") from None
            assert came is not None, b"".join(self.errors).decode()
            if wanted(came):
                return came
            self._kept.append(came)

    def answer(self, number: int) -> dict[str, Any]:
        """Return the whole answer to a request."""
        return self.wait(lambda one: one.get("id") == number and "method" not in one)

    def call(self, method: str, params: Any = None, **named: Any) -> Any:
        """Send a request and return its result."""
        answer = self.answer(self.ask(method, params, **named))
        assert "error" not in answer, answer
        return answer.get("result")

    def start(self, **capabilities: Any) -> Any:
        """Shake hands; return the server's capabilities."""
        result = self.call(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities}
        )
        self.notify("initialized")
        return result["capabilities"]

    def open(self, text: str, uri: str = URI) -> None:
        """Open a file."""
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": "kon", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=item)

    def change(self, *changes: Mapping[str, Any], uri: str = URI) -> int:
        """Change a file; return its new version."""
        self._versions[uri] += 1
        item = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", textDocument=item, contentChanges=list(changes))
        return self._versions[uri]

    def change_closed(self) -> None:
        """Change a file that is not open, which no editor should."""
        item = {"uri": "file:///nowhere/closed.kon", "version": 9}
        change = {"text": "pipeline"}
        self.notify("textDocument/didChange", textDocument=item, contentChanges=[change])

    def found(self, uri: str = URI, version: int | None = None) -> list[dict[str, Any]]:
        """Return the findings that are pushed next for a file, of a version if one is named."""

        def wanted(one: Mapping[str, Any]) -> bool:
            params = one.get("params") or {}
            return (
                one.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and version in (None, params.get("version"))
            )

        found: list[dict[str, Any]] = self.wait(wanted)["params"]["diagnostics"]
        return found

    def at(self, line: int, character: int, uri: str = URI, **more: Any) -> dict[str, Any]:
        """Return the parameters of a request about a place."""
        place = {"line": line, "character": character}
        return {"textDocument": {"uri": uri}, "position": place, **more}

    def stop(self) -> int:
        """Say goodbye; return the exit code."""
        self.call("shutdown")
        self.notify("exit")
        return self.ended()

    def ended(self) -> int:
        """Return the exit code of a server that was told to end."""
        code = self.process.wait(20)
        self.close()
        return code

    def close(self) -> None:
        """End the process if it still runs, and its pipes."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()
