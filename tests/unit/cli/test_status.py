"""``koncli status`` against the small API server."""

import json
from collections.abc import Callable

import pytest

from konductor.cli import arguments
from konductor.cli.main import main
from konductor.connection import Connection
from tests.unit.conftest import Api

Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koncli:
    monkeypatch.setattr(arguments, "connect", lambda _: connection)

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_status_of_a_barrier_is_that_of_the_barrier_command(koncli: Koncli, api: Api) -> None:
    api.barrier("a", phase="Open", arrived=2)
    shown = koncli("status", "barrier", "a")
    assert shown == koncli("barrier", "status", "a")
    assert "Open" in shown[1]


def test_status_for_machines_is_one_flat_line(koncli: Koncli, api: Api) -> None:
    api.barrier("a", arrived=1, arrivals=["p"])
    for words in (("status", "barrier", "a", "-o", "json"), ("-o=json", "status", "barrier", "a")):
        _, out, _ = koncli(*words)
        assert json.loads(out) == {
            "name": "a",
            "namespace": "etl",
            "expected": 2,
            "arrived": 1,
            "phase": "Waiting",
            "arrivals": ["p"],
        }
    api.barrier("b", phase="Open", openedAt="2026-11-24T18:00:00Z")
    lines = koncli("status", "-o", "json")[1].splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["a", "b"]
    assert json.loads(lines[1])["opened"] == "2026-11-24T18:00:00Z"


@pytest.mark.parametrize("words", [("status",), ("status", "all"), ("--log-level=info", "status")])
def test_status_of_all_is_the_list(koncli: Koncli, api: Api, words: tuple[str, ...]) -> None:
    api.table = {"columnDefinitions": [{"name": "Name"}], "rows": [{"cells": ["a"]}]}
    assert koncli(*words)[:2] == (0, "NAME\na\n")


def test_status_of_no_barrier_is_not_found(koncli: Koncli) -> None:
    assert koncli("status", "barrier", "a", "-o", "json")[0] == 5
    assert koncli("status", "barrier", "a")[0] == 5


def test_status_of_another_kind_is_refused(koncli: Koncli) -> None:
    assert koncli("status", "lease", "a")[0] == 2
