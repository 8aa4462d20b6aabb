"""The two hooks of a pod, as a node agent runs them in threads."""

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from konductor.connection import Connection
from konductor.hooks import sidecar, wait
from konductor.hooks.arrive import Mark, Receipt, arrive
from konductor.hooks.client import Client
from konductor.hooks.retry import pause_before
from konductor.hooks.stop import Stop
from tests.unit.conftest import BARRIERS, DEADLINE, PODS, Api
from tests.unit.hooks.conftest import Time

ENVIRONMENT = {"KON_NAMESPACE": "etl", "KON_POD": "x-0-abcde", "KON_PARTICIPANT": "x-0"}


class Hook:
    """One hook in a thread."""

    def __init__(
        self,
        run: Callable[..., int],
        connection: Connection,
        time: Time,
        environment: dict[str, str] | None = None,
        more: tuple[str, ...] = (),
    ) -> None:
        self.term, self.kill, self.output = Stop(), Stop(), StringIO()
        self._codes: list[int] = []

        def work() -> None:
            code = run(
                "x",
                **({"more": more} if more else {}),
                connection=connection,
                environment=ENVIRONMENT if environment is None else environment,
                output=self.output,
                term=self.term,
                kill=self.kill,
                clock=time.clock(),
            )
            self._codes.append(code)

        self._thread = threading.Thread(target=work)
        self._thread.start()

    def code(self) -> int:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()
        return self._codes[0]


def test_wait_ends_when_the_stage_starts(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x")
    hook = Hook(wait.run, connection, time)
    api.until_watched()
    api.barrier("x", startedAt="2026-11-23T00:00:00Z")
    assert hook.code() == 0


RETRIED = ENVIRONMENT | {"KON_BACKOFF": "10s 3.0 1m", "KON_ATTEMPT": "2"}


def test_wait_of_a_retry_takes_its_back_off(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x", startedAt="2026-11-23T00:00:00Z")
    hook = Hook(wait.run, connection, time, RETRIED)
    assert hook.code() == 0
    assert time.pauses == [30]
    assert "trying again in 30s" in hook.output.getvalue()


def test_back_off_ends_with_its_pod(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x", startedAt="2026-11-23T00:00:00Z")
    hooks: list[Hook] = []
    begun = threading.Event()

    def end() -> None:
        begun.wait(DEADLINE)
        hooks[0].term.set()

    time.at_pause = end
    hooks.append(Hook(wait.run, connection, time, RETRIED))
    begun.set()
    assert hooks[0].code() == 6


@pytest.mark.parametrize(
    ("backoff", "attempt", "seconds"),
    [
        ("10s 2.0", "0", 0),
        ("10s 2.0", "", 0),
        ("", "3", 0),
        ("10s 2.0", "1", 10),
        ("10s 2.0", "3", 40),
        ("10s 2.0 15s", "3", 15),
        ("10s 2.0 15s", "100000", 15),
        ("10s 2.0", "100000", 87600 * 3600),
    ],
)
def test_back_off_grows_to_its_limit(backoff: str, attempt: str, seconds: int) -> None:
    told = {"KON_BACKOFF": backoff, "KON_ATTEMPT": attempt}
    assert pause_before(told).total_seconds() == seconds


@pytest.mark.parametrize(("phase", "code"), [("Failed", 1), ("Timeout", 3), ("Open", 0)])
def test_wait_ends_with_its_barrier(
    api: Api, connection: Connection, time: Time, phase: str, code: int
) -> None:
    api.barrier("x", phase=phase)
    assert Hook(wait.run, connection, time).code() == code


@pytest.mark.parametrize("signal", ["term", "kill"])
def test_wait_that_is_ended_may_be_run_again(
    api: Api, connection: Connection, time: Time, signal: str
) -> None:
    api.barrier("x")
    hook = Hook(wait.run, connection, time)
    api.until_watched()
    getattr(hook, signal).set()
    assert hook.code() == 6


def test_arrival_follows_the_success_of_main(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x")
    api.pod("x-0-abcde")
    hook = Hook(sidecar.run, connection, time)
    api.until_watched()
    assert api.arrivals() == []
    api.pod("x-0-abcde", 0)
    assert hook.code() == 0
    assert [one.partition("@")[0] for one in api.arrivals()] == ["x-0"]


def test_arrival_is_posted_at_every_barrier(api: Api, connection: Connection, time: Time) -> None:
    for name in ("x", "y", "z"):
        api.barrier(name)
    api.pod("x-0-abcde", 0)
    hook = Hook(sidecar.run, connection, time, more=("y", "z"))
    assert hook.code() == 0
    assert [one.partition("@")[0] for one in api.arrivals()] == ["x-0"] * 3
    assert "`x-0` arrived at `z`" in hook.output.getvalue()


def test_further_barrier_that_is_gone_does_not_run_main_again(
    api: Api, connection: Connection, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.barrier("x")
    api.barrier("z")
    api.pod("x-0-abcde", 0)
    posted = arrive

    def post(client: Client, name: str, *rest: Mark, **more: Any) -> Receipt:
        return posted(client, name, *rest, **more, timeout=timedelta(0))

    monkeypatch.setattr(sidecar, "arrive", post)
    hook = Hook(sidecar.run, connection, time, more=("y", "z"))
    assert hook.code() == 0
    assert "there is no barrier `y`" in hook.output.getvalue()
    assert [one.partition("@")[0] for one in api.arrivals()] == ["x-0"] * 2


def test_failure_of_main_posts_nothing(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x")
    api.pod("x-0-abcde", 3)
    hook = Hook(sidecar.run, connection, time)
    assert hook.code() == 0
    assert api.arrivals() == []
    assert "main exited 3" in hook.output.getvalue()


@pytest.mark.parametrize("signal", ["term", "kill"])
def test_pod_that_is_ended_before_main_succeeded_posts_nothing(
    api: Api, connection: Connection, time: Time, signal: str
) -> None:
    api.barrier("x")
    api.pod("x-0-abcde")
    hook = Hook(sidecar.run, connection, time)
    api.until_watched()
    getattr(hook, signal).set()
    assert hook.code() == 6
    assert api.arrivals() == []


def test_vanished_pod_posts_nothing(api: Api, connection: Connection, time: Time) -> None:
    api.barrier("x")
    api.pod("x-0-abcde")
    hook = Hook(sidecar.run, connection, time)
    api.until_watched()
    api.remove(f"{PODS}/x-0-abcde")
    assert hook.code() == 6


def test_arrival_is_still_posted_after_term(api: Api, connection: Connection, time: Time) -> None:
    """Main had succeeded, the server was down, and the pod is being ended meanwhile."""
    api.barrier("x")
    api.pod("x-0-abcde", 0)
    hooks: list[Hook] = []

    def fall(request: str) -> None:
        if "pods" in request:
            api.down = True

    def rise() -> None:
        hooks[0].term.set()
        api.down = time.now < 130

    api.before_answer, time.at_pause = fall, rise
    held = threading.Lock()
    with held:
        hooks.append(Hook(sidecar.run, connection, time))
    assert hooks[0].code() == 0
    assert len(api.arrivals()) == 1
    assert time.now > 130


@pytest.mark.parametrize(("second", "code"), [("07", 0), ("10", 6)])
def test_success_counts_only_if_it_came_before_the_pods_end(
    api: Api, connection: Connection, time: Time, second: str, code: int
) -> None:
    """The watch told nothing yet; at TERM the pod itself tells when main ended."""
    api.barrier("x")
    api.pod("x-0-abcde")
    hook = Hook(sidecar.run, connection, time)
    api.until_watched()
    state = {"terminated": {"exitCode": 0, "finishedAt": f"2026-11-23T00:00:{second}Z"}}
    metadata = {
        "name": "x-0-abcde",
        "deletionTimestamp": "2026-11-23T00:00:40Z",
        "deletionGracePeriodSeconds": 30,
    }
    status = {"containerStatuses": [{"name": "main", "state": state}]}
    path = f"{PODS}/x-0-abcde"
    api.objects[path] = {"metadata": metadata, "status": status}  # past the watch
    hook.term.set()
    assert hook.code() == code


def test_participant_recorded_as_failed_does_not_run_again(
    api: Api, connection: Connection, time: Time
) -> None:
    api.barrier("x")
    api.pod("x-0-abcde", 0)
    assert Hook(sidecar.run, connection, time).code() == 0
    for path, document in list(api.objects.items()):
        if "arrivals" in path:
            api.put(path, document | {"spec": document["spec"] | {"outcome": "Failed"}})
    hook = Hook(sidecar.run, connection, time)
    assert hook.code() == 0
    assert "already recorded as Failed" in hook.output.getvalue()


def test_late_arrival_is_no_failure_of_the_pod(
    api: Api, connection: Connection, time: Time
) -> None:
    api.barrier("x", phase="Timeout")
    api.pod("x-0-abcde", 0)
    assert Hook(sidecar.run, connection, time).code() == 0


def test_refusal_ends_with_its_own_code(api: Api, connection: Connection, time: Time) -> None:
    api.faults = [403, "", 403]
    assert Hook(sidecar.run, connection, time).code() == 4


@pytest.mark.parametrize("missing", ["KON_POD", "KON_PARTICIPANT"])
def test_hook_outside_of_a_pod_of_ours_says_so(
    connection: Connection, time: Time, missing: str
) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != missing}
    hook = Hook(sidecar.run, connection, time, environment)
    assert hook.code() == 2
    assert missing in hook.output.getvalue()


def test_deleted_barrier_is_waited_for(api: Api, connection: Connection, time: Time) -> None:
    api.pod("x-0-abcde", 0)
    hook = Hook(sidecar.run, connection, time)
    api.until_watched()
    api.barrier("x")
    assert hook.code() == 0
    assert f"{BARRIERS}/x" in api.objects
