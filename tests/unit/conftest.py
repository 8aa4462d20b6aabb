"""A small API server for hooks and commands: objects, watches, and faults on demand."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from konductor.connection import Connection

Json = dict[str, Any]
BARRIERS = "/apis/konductor.io/v1/namespaces/etl/barriers"
ARRIVALS = "/apis/konductor.io/v1/namespaces/etl/arrivals"
PODS = "/api/v1/namespaces/etl/pods"
JOBS = "/apis/batch/v1/namespaces/etl/jobs"
DEADLINE = 10.0
"""Seconds after which a test that waits for something has failed."""


@dataclass
class Api:
    """What the server holds, and what it is to do wrong."""

    objects: dict[str, Json] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    faults: list[str | int] = field(default_factory=list)
    """For the next requests: a status code, `drop` (nothing done) or `lose` (done, no answer)."""
    down: bool = False
    unserved: str = ""
    """What a server without konductor's kinds says to every request."""
    table: Json = field(default_factory=dict)
    """What a list is rendered as for people."""
    before_answer: Callable[[str], None] = lambda _: None
    """Called with ``METHOD path`` once the request was acted on."""
    events: list[tuple[int, str, Json]] = field(default_factory=list)
    oldest: int = 0
    cut: int = 0
    """Watches that began before are cut when this grows."""
    changed: threading.Condition = field(default_factory=threading.Condition)  # reentrant
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    watching: int = 0

    def put(self, path: str, document: Json) -> Json:
        with self.changed:
            kind = "MODIFIED" if path in self.objects else "ADDED"
            number = next(self.numbers)
            metadata = {"uid": f"uid-{number}"} | document["metadata"]
            stored = document | {"metadata": metadata | {"resourceVersion": str(number)}}
            self.objects[path] = stored
            self.events.append((number, kind, stored))
            self.changed.notify_all()
            return stored

    def remove(self, path: str) -> None:
        with self.changed:
            document, number = self.objects.pop(path), next(self.numbers)
            metadata = document["metadata"] | {"resourceVersion": str(number)}
            self.events.append((number, "DELETED", document | {"metadata": metadata}))
            self.changed.notify_all()

    def barrier(self, name: str, *, expected: int = 2, deleted: str = "", **status: object) -> Json:
        there = self.objects.get(f"{BARRIERS}/{name}", {"metadata": {}})["metadata"]
        uid = {"uid": there["uid"]} if there else {}
        metadata = {"name": name, "namespace": "etl"} | uid
        if deleted:
            metadata["deletionTimestamp"] = deleted
        document = {"metadata": metadata, "spec": {"expected": expected}, "status": status}
        return self.put(f"{BARRIERS}/{name}", document)

    def pod(self, name: str, code: int | None = None, **metadata: object) -> Json:
        state = {} if code is None else {"terminated": {"exitCode": code}}
        status = {"containerStatuses": [{"name": "main", "state": state}]}
        head = {"name": name, "namespace": "etl"} | metadata
        return self.put(f"{PODS}/{name}", {"metadata": head, "spec": {}, "status": status})

    def arrivals(self) -> list[str]:
        found = (doc for path, doc in self.objects.items() if path.startswith(ARRIVALS))
        return sorted(f"{one['spec']['participant']}@{one['spec']['barrierUID']}" for one in found)

    def cut_watches(self) -> None:
        with self.changed:
            self.cut += 1
            self.changed.notify_all()

    def until_news(self, sent: int, cut: int) -> None:
        self.changed.wait_for(
            lambda: len(self.events) > sent or self.cut > cut or self.down, DEADLINE
        )

    def until_watched(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.watching > 0, DEADLINE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: Api

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def _serve(self) -> None:
        api, url = self.api, urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        verb = "WATCH" if "watch" in query else self.command
        api.requests.append(f"{verb} {url.path.rpartition('/etl/')[2]}")
        fault = "drop" if api.down else (api.faults.pop(0) if api.faults else "")
        if fault == "drop":
            self.close_connection = True
        elif api.unserved:
            self._answer(404, {"message": api.unserved})
        elif isinstance(fault, int):
            self._answer(fault, {"message": f"fault {fault}"})
        elif verb == "WATCH":
            self._watch(url.path, query)
        else:
            code, document = self._act(url.path, query, body)
            api.before_answer(f"{verb} {url.path}")
            if fault == "lose":
                self.close_connection = True
            else:
                self._answer(code, document)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the names that http.server asks for

    def _act(self, path: str, query: dict[str, str], body: Json | None) -> tuple[int, Json]:
        api = self.api
        if self.command == "POST":
            assert body is not None
            there = f"{path}/{body['metadata']['name']}"
            if there in api.objects:
                return 409, {"reason": "AlreadyExists", "message": "there already"}
            return 201, api.put(there, body)
        if "as=Table" in self.headers["Accept"]:
            return 200, api.table
        if path in (BARRIERS, PODS):
            return 200, self._list(path, query)
        if path not in api.objects and path != "/readyz":
            return 404, {"reason": "NotFound", "message": "not found"}
        if self.command == "DELETE":
            wanted = ((body or {}).get("preconditions") or {}).get("uid")
            if wanted and wanted != api.objects[path]["metadata"]["uid"]:
                return 409, {"reason": "Conflict", "message": "another uid"}
            api.remove(path)
            return 200, {"status": "Success"}
        return 200, api.objects.get(path, {})

    def _list(self, path: str, query: dict[str, str]) -> Json:
        with self.api.changed:
            items = [
                document
                for at, document in self.api.objects.items()
                if at.startswith(path + "/") and _selected(document, query)
            ]
            version = self.api.events[-1][0] if self.api.events else 0
        return {"metadata": {"resourceVersion": str(version)}, "items": items}

    def _watch(self, path: str, query: dict[str, str]) -> None:
        api, at = self.api, int(query["resourceVersion"])
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        kind = path.rpartition("/")[2]
        with api.changed:
            cut = api.cut
            api.watching += 1
            api.changed.notify_all()
        if at < api.oldest:
            gone = {"code": 410, "reason": "Expired", "message": "too old"}
            self._chunk({"type": "ERROR", "object": gone})
            self._chunk(None)
            return
        sent = 0
        while True:
            with api.changed:
                api.until_news(sent, cut)
                news, sent = api.events[sent:], len(api.events)
                if api.cut > cut or api.down:
                    self.close_connection = True
                    return
            for number, change, document in news:
                if number > at and _kind(document) == kind and _selected(document, query):
                    self._chunk({"type": change, "object": document})

    def _chunk(self, event: Json | None) -> None:
        data = b"" if event is None else json.dumps(event).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _answer(self, code: int, document: Json) -> None:
        data = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        if code == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(data)


def _kind(document: Json) -> str:
    spec, status = document.get("spec", {}), document.get("status", {})
    if "expected" in spec:
        return "barriers"
    return "pods" if "containerStatuses" in status else "other"


def _selected(document: Json, query: dict[str, str]) -> bool:
    selector = query.get("fieldSelector", "")
    return not selector or selector == f"metadata.name={document['metadata']['name']}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Let a client hang up without a word."""


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def connection(api: Api) -> Iterator[Connection]:
    with serving(api) as port:
        yield Connection(f"http://127.0.0.1:{port}", namespace="etl")


@contextmanager
def serving(api: Api, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve, over TLS where a context is given, and yield the port."""
    handler = type("Handler", (_Handler,), {"api": api})
    with _Server(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        api.cut_watches()
        server.shutdown()
        thread.join()
