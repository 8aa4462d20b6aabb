"""The state folder: what survives, what is refused, and what nobody else may read."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from konductor.connection import json_kubeconfig, trust
from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.stock import Key, Stock
from tests.integration.apiserver.conftest import Api, define, running

Make = Callable[..., dict[str, Any]]
_MAPS = "/api/v1/namespaces/default/configmaps"


def test_objects_kinds_and_versions_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as api:
        made = api.ask("POST", _MAPS, {"metadata": {"name": "a"}, "data": {"x": "y"}}).body
    with running(tmp_path) as api:
        assert api.ask("GET", f"{_MAPS}/a").body == made
        later = api.ask("POST", _MAPS, {"metadata": {"name": "b"}}).body["metadata"]
        assert int(later["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
        old = made["metadata"]["resourceVersion"]
        (event,) = api.events(f"{_MAPS}?watch=true&resourceVersion={int(old) - 1}")
        assert event["object"]["code"] == 410


def test_definitions_survive_a_restart(tmp_path: Path, barrier: Make) -> None:
    path = "/apis/konductor.io/v1/namespaces/default/barriers"
    with running(tmp_path) as api:
        define(api)
        assert api.ask("POST", path, barrier("a")).code == 201
    with running(tmp_path) as api:
        assert api.ask("GET", f"{path}/a").body["spec"] == {"expected": 3}
        assert api.ask("POST", path, barrier("b", expected=0)).code == 422


def test_nobody_else_can_read_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with running(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        for name in ("kubeconfig", "secret", "server.pem", "cluster.db"):
            assert (folder / name).stat().st_mode & 0o077 == 0, name


_SERVE = """
import asyncio, sys
from pathlib import Path
from konductor.runner.local.apiserver.server import serve

async def main():
    async with serve(Path(sys.argv[1])) as server:
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _SERVE, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    found = json_kubeconfig(tmp_path / "kubeconfig", source="")
    assert found
    api = Api(found, tmp_path / "kubeconfig", tmp_path, None, trust(found))  # type: ignore[arg-type]  # another process
    answered = 0
    for number in range(50):
        assert api.ask("POST", _MAPS, {"metadata": {"name": f"m{number}"}}).code == 201
        answered += 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with running(tmp_path) as again:
        assert len(again.ask("GET", _MAPS).body["items"]) == answered


def test_a_full_disk_is_named_and_stores_nothing_by_halves(tmp_path: Path) -> None:
    stock = Stock(tmp_path / "db")
    (pages,) = stock._database.execute("PRAGMA page_count").fetchone()
    stock._database.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(Refusal) as full:
        _fill(stock)
    stored = len(stock.list("maps"))
    key = Key("maps", "default", f"m{stored}")
    assert full.value.code == 500
    assert "the disk is full: nothing was stored" in full.value.message
    assert stock.get(key) is None
    version = stock.version
    stock._database.execute(f"PRAGMA max_page_count = {pages + 100}")
    assert (
        int(stock.put(key, {"metadata": {"name": key.name}})["metadata"]["resourceVersion"])
        == version + 1
    )
    stock.close()
    again = Stock(tmp_path / "db")
    assert len(again.list("maps")) == stored + 1
    again.close()


def _fill(stock: Stock) -> None:
    for number in range(1000):
        key = Key("maps", "default", f"m{number}")
        stock.put(key, {"metadata": {"name": key.name}, "data": "x" * 500})
