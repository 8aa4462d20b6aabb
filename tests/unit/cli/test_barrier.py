"""``koncli barrier`` against the small API server; the whole command line, in process."""

import json
import os
import signal
import threading
from collections.abc import Callable

import pytest
import yaml

from konductor.cli import arguments
from konductor.cli.main import main
from konductor.connection import Connection
from tests.unit.conftest import BARRIERS, Api

Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koncli:
    monkeypatch.setattr(arguments, "connect", lambda _: connection)
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
    "words",
    [
        ("wait", "a", "B_"),
        ("arrive", "B_"),
        ("fail", "B_"),
        ("status", "B_"),
        ("reset", "B_"),
        ("delete", "a", "B_"),
        ("create", "a", "--after", "B_"),
    ],
)
def test_name_that_no_barrier_can_have_is_not_waited_for(
    koncli: Koncli, api: Api, words: tuple[str, ...]
) -> None:
    code, _, err = koncli(*words)
    assert (code, api.requests) == (2, [])
    assert "`B_` is no name of a barrier; write lower-case letters" in err


def test_name_that_no_namespace_can_have_is_not_waited_in(koncli: Koncli, api: Api) -> None:
    code, _, err = koncli("wait", "a", "-n", "Bad_ns")
    assert (code, api.requests) == (2, [])
    assert "`Bad_ns` is no name of a namespace" in err


@pytest.mark.parametrize("words", [("list",), ("create", "a"), ("wait", "a"), ("arrive", "a")])
@pytest.mark.parametrize(
    "answer", ["404 page not found", "the server could not find the requested resource"]
)
def test_cluster_without_the_kinds_says_who_brings_them(
    koncli: Koncli, api: Api, words: tuple[str, ...], answer: str
) -> None:
    api.unserved = answer
    code, _, err = koncli(*words)
    assert code == 5
    assert "the cluster does not serve konductor's kinds" in err
    assert "`koncli install --crds-only`" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a", "--expected", "3", "--quorum", "4"), "--quorum 4 exceeds --expected 3"),
        (("a", "--expected", "1000001"), "--expected 1000001 is more than 1,000,000"),
        (("a", "--expected", "0"), "`0` is no whole number above 0"),
        (("a", "--expected", "3", "--timeout", "5x"), "`5x` is no duration"),
        (("a", "--expected", "3", "--after", "a"), "barrier `a` cannot come after itself"),
        (("A", "--expected", "3"), "`A` is no name of a barrier"),
        (("a" * 64, "--expected", "3"), "has 64 characters"),
        ((), "the following arguments are required: NAME"),
        (("a", "--exp", "3"), "unrecognized arguments: --exp 3"),
        (("a", "--expected"), "argument --expected: expected one argument"),
        (("a", "--log-level", "loud"), "invalid choice: 'loud'"),
    ],
)
def test_nothing_is_sent_that_cannot_be(
    koncli: Koncli, api: Api, words: tuple[str, ...], message: str
) -> None:
    code, _, err = koncli("create", *words)
    assert code == 2
    assert message in err
    assert api.requests == []


@pytest.mark.parametrize("none", ["0", "0s"])
def test_zero_is_no_limit_and_one_process_is_expected(koncli: Koncli, api: Api, none: str) -> None:
    """As the koncli of the Go konductor has it."""
    assert koncli("create", "a", "--timeout", none, "--quorum", "0")[0] == 0
    assert api.objects[f"{BARRIERS}/a"]["spec"] == {"expected": 1}
    api.barrier("b", phase="Open")
    assert koncli("wait", "b", "--timeout", none)[0] == 0


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
    assert koncli("wait", "a", "--any", "--for", "Open", "b")[0] == 0
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


@pytest.mark.parametrize("words", [("p",), ("--holder", "p"), ("p", "--holder=p"), ("--id=p", "p")])
def test_participant_may_be_named_as_a_holder(
    koncli: Koncli, api: Api, words: tuple[str, ...]
) -> None:
    api.barrier("a")
    assert koncli("arrive", "a", *words)[:2] == (0, "`p` arrived at `a`\n")


def test_two_holders_are_refused(koncli: Koncli, api: Api) -> None:
    code, _, err = koncli("arrive", "a", "p", "--holder", "q")
    assert code == 2
    assert "`p` and --id q are two participants" in err
    assert api.requests == []


def test_arrival_can_wait_until_it_is_counted(koncli: Koncli, api: Api) -> None:
    api.barrier("a", arrived=0)

    def count(request: str) -> None:
        if request.startswith("POST"):
            api.before_answer = lambda _: None
            api.barrier("a", arrived=1, arrivals=["me"])

    api.before_answer = count
    code, out, _ = koncli("arrive", "a", "--wait-for-update")
    assert (code, out) == (0, "`me` arrived at `a`\na Waiting 1/2\n")


def test_arrival_that_nobody_counts_in_time_is_in_all_the_same(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    code, out, err = koncli("arrive", "a", "--wait-for-update", "--update-timeout", "30ms")
    assert (code, out) == (0, "`me` arrived at `a`\na Waiting 0/2\n")
    assert "the barrier's status does not tell of it yet" in err


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


def test_pod_that_aborts_says_its_own_name(
    koncli: Koncli, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "ann")
    monkeypatch.setenv("KON_POD", "sort-0-x2x7p")
    api.barrier("a")
    koncli("fail", "a")
    (arrival,) = (one for path, one in api.objects.items() if "arrivals" in path)
    assert arrival["spec"]["participant"] == "ann@sort-0-x2x7p"


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


@pytest.mark.parametrize(
    "words",
    [("wait", "a"), ("arrive", "a"), ("fail", "a", "--id", "p"), ("reset", "a"), ("delete", "a")],
)
def test_every_subcommand_takes_the_forms(koncli: Koncli, api: Api, words: tuple[str, ...]) -> None:
    api.barrier("a", phase="Open")
    assert koncli(*words, "-o", "name")[:2] == (0, "barrier.konductor.io/a\n")
    api.barrier("a", phase="Open")
    assert json.loads(koncli(*words, "-o", "json")[1])["metadata"]["name"] == "a"
    api.barrier("a", phase="Open")
    assert yaml.safe_load(koncli(*words, "-o", "yaml")[1])["spec"] == {"expected": 2}
    api.barrier("a", phase="Open")
    assert koncli(*words, "-o", "wide")[1].startswith("Barrier:")
    api.barrier("a", phase="Open")
    assert koncli(*words, "-o", "text")[0] == 0


def test_several_barriers_are_a_list_for_machines(koncli: Koncli, api: Api) -> None:
    for name in "ab":
        api.barrier(name, phase="Open")
    assert len(json.loads(koncli("wait", "a", "b", "-o", "json")[1])["items"]) == 2
    assert koncli("wait", "a", "b", "-o", "wide")[1].count("Barrier:") == 2
    assert koncli("delete", "a", "b", "-o", "name")[1].count("barrier.konductor.io/") == 2


def test_options_may_stand_before_the_subcommand(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    assert koncli("-o", "name", "--log-level=warning", "status", "a")[1:] == (
        "barrier.konductor.io/a\n",
        "",
    )


def test_level_says_how_much_is_said(koncli: Koncli, api: Api) -> None:
    api.barrier("a")
    _, out, err = koncli("arrive", "a", "--log-level", "ERROR")
    assert (out, err) == ("`me` arrived at `a`\n", "")
    _, _, err = koncli("arrive", "a", "--log-level", "debug")
    (post,) = (line for line in err.splitlines() if "POST" in line)
    assert post == "koncli: POST /apis/konductor.io/v1/namespaces/etl/arrivals 409"
    assert "there is no barrier" in koncli("status", "b", "--log-level", "error")[2]


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


def test_reset_keeps_all_that_was_said_of_a_barrier(koncli: Koncli, api: Api) -> None:
    """Also what this version of koncli does not know."""
    before = api.barrier("a", phase="Open")
    said = {"labels": {"team": "a"}, "annotations": {"why": "b"}, "finalizers": ["x.test/y"]}
    spec = before["spec"] | {"newer": {"than": "us"}}
    api.put(f"{BARRIERS}/a", before | {"metadata": before["metadata"] | said, "spec": spec})
    assert koncli("reset", "a")[0] == 0
    after = api.objects[f"{BARRIERS}/a"]
    assert after["spec"] == spec
    assert {key: after["metadata"][key] for key in ("labels", "annotations")} == {
        "labels": {"team": "a"},
        "annotations": {"why": "b"},
    }


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


def test_term_ends_a_wait_as_an_interruption_does(koncli: Koncli, api: Api) -> None:
    """In a container it is the first process, which TERM would else not even reach."""
    api.barrier("a")

    def end() -> None:
        api.until_watched()
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=end)
    thread.start()
    assert koncli("wait", "a")[0] == 130
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before


def test_unreachable_server_is_one_clear_error(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "connect", lambda _: Connection("http://127.0.0.1:1"))
    code, _, err = koncli("list")
    assert code == 6
    assert "no answer from http://127.0.0.1:1" in err


def test_subcommand_is_required(koncli: Koncli) -> None:
    code, _, err = koncli()
    assert code == 2
    assert "SUBCOMMAND" in err
