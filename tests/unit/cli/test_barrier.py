"""``koncli barrier`` against the small API server; the whole command line, in process."""

import json
import threading
from collections.abc import Callable

import pytest
import yaml

from konductor.cli import barrier
from konductor.cli.main import main
from konductor.connection import Connection
from tests.unit.conftest import BARRIERS, Api

Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koncli:
    monkeypatch.setattr(barrier, "connect", lambda _: connection)
    monkeypatch.setenv("KON_PARTICIPANT", "me")

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["barrier", *argv])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_first_line_says_where(koncli: Koncli, connection: Connection, api: Api) -> None:
    api.barrier("a")
    _, out, err = koncli("status", "a")
    assert err == f"koncli: {connection.server}, namespace `etl`\n"
    assert out.startswith("Barrier:")


def test_created_barrier_is_as_asked_for(koncli: Koncli, api: Api) -> None:
    words = ("--expected", "5", "--quorum", "4", "--timeout", "90s", "--after", "b")
    code, out, _ = koncli("create", "a", *words)
    assert (code, out) == (0, "barrier `a` created\n")
    term = {"barriers": ["b"], "require": "Open", "ifSkipped": "Skip"}
    spec = {"expected": 5, "quorum": 4, "timeout": "1m30s", "after": [term]}
    assert api.objects[f"{BARRIERS}/a"]["spec"] == spec


def test_taken_name_is_told(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    code, _, err = koncli("create", "a", "--expected", "5")
    assert code == 1
    assert "there is a barrier `a` already" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a", "--expected", "3", "--quorum", "4"), "--quorum 4 exceeds --expected 3"),
        (("a", "--expected", "1000001"), "--expected 1000001 is more than 1,000,000"),
        (("a", "--expected", "0"), "`0` is no whole number above 0"),
        (("a", "--expected", "3", "--timeout", "5x"), "`5x` is no duration"),
        (("a", "--expected", "3", "--timeout", "0s"), "a duration must be more than 0"),
        (("a", "--expected", "3", "--after", "a"), "barrier `a` cannot come after itself"),
        (("A", "--expected", "3"), "`A` is no name of a barrier"),
        (("a" * 64, "--expected", "3"), "has 64 characters"),
        (("a",), "the following arguments are required: --expected"),
        (("a", "--exp", "3"), "the following arguments are required: --expected"),
    ],
)
def test_nothing_is_sent_that_cannot_be(
    koncli: Koncli, api: Api, words: tuple[str, ...], message: str
) -> None:
    code, _, err = koncli("create", *words)
    assert code == 2
    assert message in err
    assert api.requests == []


def test_wait_returns_what_it_waited_for(koncli: Koncli, api: Api) -> None:
    api.barrier("a", phase="Open", arrived=2)
    assert koncli("wait", "a")[:2] == (0, "a Open 2/2\n")


@pytest.mark.parametrize(("phase", "code"), [("Failed", 1), ("Timeout", 3)])
def test_wait_ends_with_its_barrier(koncli: Koncli, api: Api, phase: str, code: int) -> None:
    api.barrier("a", phase=phase)
    assert koncli("wait", "a")[0] == code
    assert koncli("wait", "a", "--for", "Failed")[0] == 0
    assert koncli("wait", "a", "--for", "Done")[0] == 0
    assert koncli("wait", "a", "--for", "Started")[0] == code


def test_wait_gives_up_in_time(koncli: Koncli, api: Api) -> None:
    assert koncli("wait", "a", "--timeout", "30ms")[0] == 5
    api.barrier("a")
    assert koncli("wait", "a", "--timeout=30ms")[0] == 3


def test_some_of_several_are_enough(koncli: Koncli, api: Api) -> None:
    api.barrier("a", phase="Open")
    api.barrier("b")
    assert koncli("wait", "a", "b", "--any")[0] == 0
    assert koncli("wait", "a", "b", "--at-least", "1")[0] == 0
    code, _, err = koncli("wait", "a", "b", "a", "--at-least", "3")
    assert code == 2
    assert "--at-least 3 of 2 barriers can never be" in err


def test_arrival_is_recorded_once(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    assert koncli("arrive", "a")[:2] == (0, "`me` arrived at `a`\n")
    assert koncli("arrive", "a", "--id", "you")[1] == "`you` arrived at `a`\n"
    assert koncli("arrive", "a")[:2] == (0, "`me` arrived at `a`; that was recorded before\n")
    code, _, err = koncli("fail", "a", "--id", "me")
    assert code == 1
    assert "`me` is already recorded as Arrived at `a`" in err


def test_arrival_waits_for_its_barrier_only_so_long(koncli: Koncli) -> None:
    code, _, err = koncli("arrive", "a", "--timeout", "30ms")
    assert code == 5
    assert "there is no barrier `a` in namespace `etl`" in err


def test_failure_without_a_participant_aborts(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    assert koncli("fail", "a", "--message", "no data today")[1] == "`a` is to fail\n"
    (arrival,) = (one for path, one in api.objects.items() if "arrivals" in path)
    assert arrival["spec"]["outcome"] == "Abort"
    assert arrival["spec"]["message"] == "no data today"
    assert "@" in arrival["spec"]["participant"]


def test_round_is_a_barrier_of_its_own(koncli: Koncli, api: Api) -> None:
    api.barrier("loop", expected=2)
    assert koncli("arrive", "loop", "--round", "7")[1] == "`me` arrived at `loop-7`\n"
    assert koncli("wait", "loop", "--round", "7", "--timeout", "30ms")[0] == 3
    assert f"{BARRIERS}/loop-7" in api.objects


def test_status_shows_who_arrived(koncli: Koncli, api: Api) -> None:
    condition = {"type": "Open", "status": "Unknown", "reason": "WaitingForArrivals"}
    api.barrier(
        "a",
        expected=3,
        arrived=2,
        arrivals=["p-0", "p-1"],
        late=1,
        conditions=[condition | {"message": "1 is missing"}],
    )
    code, out, _ = koncli("status", "a", "-o", "wide")
    assert code == 0
    lines = [line.split(":", 1) for line in out.splitlines()]
    shown = {label: value.strip() for label, value in lines}
    assert shown["Phase"] == "Waiting (WaitingForArrivals)"
    assert shown["Arrived"] == "2 of 3, quorum 3, 1 late"
    assert shown["Arrivals"] == "p-0, p-1"
    assert shown["Message"] == "1 is missing"
    assert shown["UID"] == "uid-1"


def test_status_of_no_barrier_is_not_found(koncli: Koncli) -> None:
    assert koncli("status", "a")[0] == 5


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_forms_for_machines_hold_the_object(
    koncli: Koncli, api: Api, form: str, read: Callable[[str], object]
) -> None:
    stored = api.barrier("a")
    assert read(koncli("status", "a", "-o", form)[1]) == stored
    listed = read(koncli("list", "-o", form)[1])
    head = {"apiVersion": "konductor.io/v1", "kind": "Barrier"}
    assert listed == {"apiVersion": "v1", "kind": "List", "items": [head | stored]}


def test_names_can_be_read_by_a_script(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    api.barrier("b")
    out = koncli("list", "-o", "name")[1]
    assert out == "barrier.konductor.io/a\nbarrier.konductor.io/b\n"


def test_list_is_the_servers_own_table(koncli: Koncli, api: Api) -> None:
    columns = [{"name": "Name"}, {"name": "Phase"}, {"name": "Reason", "priority": 1}]
    rows = [{"cells": ["extract", "Open", "AllArrived"]}, {"cells": ["b", None, ""]}]
    api.table = {"columnDefinitions": columns, "rows": rows}
    assert koncli("list")[1] == "NAME      PHASE\nextract   Open\nb\n"
    assert koncli("list", "-o", "wide")[1].splitlines()[0] == "NAME      PHASE   REASON"


def test_empty_list_says_so_beside_the_output(koncli: Koncli, api: Api) -> None:
    api.table = {"columnDefinitions": [], "rows": []}
    _, out, err = koncli("list")
    assert out == ""
    assert "there are no barriers in namespace `etl`" in err


def test_reset_barrier_is_another_one_with_the_same_spec(koncli: Koncli, api: Api) -> None:
    before = api.barrier("a", phase="Open")
    assert koncli("reset", "a")[:2] == (0, "barrier `a` reset\n")
    after = api.objects[f"{BARRIERS}/a"]
    assert after["spec"] == before["spec"]
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert not after.get("status")


def test_reset_waits_until_the_old_barrier_is_gone(koncli: Koncli, api: Api) -> None:
    """A finalizer holds it."""
    old = api.barrier("a")
    api.before_answer = lambda request: _hold(api, request, old)

    def finish() -> None:
        api.until_watched()
        api.remove(f"{BARRIERS}/a")

    thread = threading.Thread(target=finish)
    thread.start()
    code, _, err = koncli("reset", "a", "-o", "name")
    thread.join()
    assert code == 0
    assert "waiting for barrier `a` to be gone" in err


def _hold(api: Api, request: str, old: dict[str, object]) -> None:
    if request.startswith("DELETE"):
        api.objects[f"{BARRIERS}/a"] = old


def test_reset_by_two_at_once_is_told(koncli: Koncli, api: Api) -> None:
    api.barrier("a")

    def overtake(request: str) -> None:
        if request.startswith("DELETE"):
            api.barrier("a")

    api.before_answer = overtake
    code, _, err = koncli("reset", "a")
    assert code == 1
    assert "created anew by somebody else" in err

    api.before_answer = lambda _: None
    api.faults = ["", 409]
    code, _, err = koncli("reset", "a")
    assert code == 1
    assert "deleted or created anew by somebody else" in err


def test_reset_that_fails_halfway_gives_the_barrier_back(koncli: Koncli, api: Api) -> None:
    api.barrier("a", expected=7)
    api.faults = ["", "", "", 403]
    code, _, err = koncli("reset", "a")
    assert code == 4
    assert '"expected": 7' in err


def test_deletion_tells_what_was_not_there(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    code, out, err = koncli("delete", "a", "b", "c")
    assert (code, out) == (5, "barrier `a` deleted\n")
    assert "there is no barrier `b`, `c` in namespace `etl`" in err
    assert koncli("delete", "b")[0] == 5


def test_unreachable_server_is_one_clear_error(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier, "connect", lambda _: Connection("http://127.0.0.1:1"))
    code, _, err = koncli("list")
    assert code == 6
    assert "no answer from http://127.0.0.1:1" in err


def test_subcommand_is_required(koncli: Koncli) -> None:
    code, _, err = koncli()
    assert code == 2
    assert "SUBCOMMAND" in err
