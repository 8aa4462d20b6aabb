from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

DEADLINE = 20.0


def wait_until(fact: Callable[[], bool], seconds: float = DEADLINE) -> float:
    """Wait for a fact; return how long it took."""
    begun = time.monotonic()
    while not fact():
        assert time.monotonic() - begun < seconds, "it did not come true in time"
        select.select([], [], [], 0.005)  # /proc and files tell no events
    return time.monotonic() - begun


def marked(marker: str) -> list[int]:
    """Return the living processes whose environment or command line holds the marker."""
    found = []
    for name in (entry.name for entry in Path("/proc").iterdir()):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            if b") Z " in Path(f"/proc/{name}/stat").read_bytes():
                continue
            texts = [Path(f"/proc/{name}/{file}").read_bytes() for file in ("environ", "cmdline")]
        except OSError:
            continue
        if any(marker.encode() in text for text in texts):
            found.append(int(name))
    return found


class ReaperClient:
    """Speaks with a reaper as the kubelet does, but waiting for each answer."""

    def __init__(self) -> None:
        self.link, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "konductor.runner.local.kubelet.reaper",
                str(theirs.fileno()),
            ],
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self.link.settimeout(DEADLINE)
        self._lines = self.link.makefile("rb")

    def ask(self, **message: object) -> None:
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def spawn(self, identity: str, *argv: str, **more: object) -> None:
        environment = {"PATH": os.environ["PATH"]} | dict(more.pop("env", {}))  # type: ignore[call-overload]
        self.ask(do="spawn", id=identity, argv=argv, env=environment, cwd="/", **more)

    def hear(self) -> dict[str, object]:
        return dict(json.loads(self._lines.readline()))

    def close(self) -> None:
        self._lines.close()
        self.link.close()
        self.process.wait(DEADLINE)


@pytest.fixture
def reaper() -> Iterator[ReaperClient]:
    client = ReaperClient()
    yield client
    client.close()


@pytest.fixture
def marker() -> str:
    return f"marker-{uuid.uuid4().hex}"
