import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from konductor.connection import Connection
from konductor.errors import Forbidden, NotFound, ObjectNotFound, StageFailed, TimedOut
from konductor.hooks.client import Client, OutOfTime
from konductor.hooks.goal import Goal, Target
from konductor.hooks.wait import wait
from tests.unit.conftest import BARRIERS, Api
from tests.unit.hooks.conftest import Time


def act(api: Api, action: Callable[[], object]) -> threading.Thread:
    """Do something as soon as the client watches."""

    def work() -> None:
        api.until_watched()
        action()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_open_barrier_takes_one_request(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a", phase="Open")
    barriers = wait(client, Goal(("a",)), tell=told.append)
    assert barriers["a"]["status"]["phase"] == "Open"
    assert api.requests == ["GET barriers"]
    assert told == []


def test_barrier_is_watched_until_it_opens(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    thread = act(api, lambda: api.barrier("a", phase="Open"))
    wait(client, Goal(("a",)), tell=told.append)
    thread.join()
    assert api.requests == ["GET barriers", "WATCH barriers"]
    assert told == [
        "waiting for `a` to open",
        "`a`: 0 of 2 arrived; no operator has looked at it yet",
    ]


def test_failure_of_the_barrier_is_raised(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    thread = act(api, lambda: api.barrier("a", phase="Failed"))
    with pytest.raises(StageFailed, match="barrier `a` is Failed"):
        wait(client, Goal(("a",)), tell=told.append)
    thread.join()


def test_barrier_that_ran_out_of_time_is_told_apart(
    api: Api, client: Client, told: list[str]
) -> None:
    api.barrier("a", phase="Timeout")
    with pytest.raises(TimedOut, match="barrier `a` is Timeout"):
        wait(client, Goal(("a",)), tell=told.append)


def test_absent_barrier_is_waited_for(api: Api, client: Client, told: list[str]) -> None:
    thread = act(api, lambda: api.barrier("a", phase="Open"))
    wait(client, Goal(("a",)), tell=told.append)
    thread.join()
    assert told[1] == "`a` does not exist yet"


def test_recreated_barrier_is_told_and_waited_for(
    api: Api, client: Client, told: list[str]
) -> None:
    api.barrier("a")

    def recreate() -> None:
        api.remove(f"{BARRIERS}/a")
        api.barrier("a")
        api.barrier("a", phase="Open")

    thread = act(api, recreate)
    wait(client, Goal(("a",)), tell=told.append)
    thread.join()
    assert "`a` was deleted; waiting for it to come back" in told


def test_recreation_behind_a_cut_watch_is_noticed(
    api: Api, client: Client, told: list[str]
) -> None:
    api.barrier("a")

    def recreate() -> None:
        with api.changed:  # so that the watch is cut before it tells
            api.remove(f"{BARRIERS}/a")
            api.barrier("a")
            api.cut_watches()

    def tell(line: str) -> None:
        told.append(line)
        if "anew" in line:
            api.barrier("a", phase="Open")

    thread = act(api, recreate)
    wait(client, Goal(("a",)), tell=tell)
    thread.join()
    assert "`a` was deleted and created anew" in told


def test_expired_watch_is_mended_by_reading_again(
    api: Api, client: Client, told: list[str]
) -> None:
    api.barrier("a")
    api.oldest = 2

    def tell(line: str) -> None:
        told.append(line)
        if len(told) == 1:
            api.barrier("a", phase="Open")

    wait(client, Goal(("a",)), tell=tell)
    assert api.requests == ["GET barriers", "WATCH barriers", "GET barriers"]


def test_any_of_several_is_enough(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    thread = act(api, lambda: api.barrier("b", phase="Open"))
    barriers = wait(client, Goal(("a", "b"), at_least=1), tell=told.append)
    thread.join()
    assert set(barriers) == {"a", "b"}


def test_others_of_the_namespace_do_not_matter(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("other", phase="Failed")
    api.barrier("a", phase="Open")
    api.barrier("b", phase="Open")
    assert set(wait(client, Goal(("a", "b")), tell=told.append)) == {"a", "b"}


def test_start_is_waited_for(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    thread = act(api, lambda: api.barrier("a", startedAt="2026-11-23T00:00:00Z"))
    wait(client, Goal(("a",), Target.STARTED), tell=told.append)
    thread.join()


def test_timeout_tells_who_is_missing(connection: Connection, api: Api, told: list[str]) -> None:
    api.barrier("a", arrived=1)
    with pytest.raises(TimedOut, match="waited 50ms for `a` to open: `a`: 1 of 2 arrived"):
        wait(
            Client(connection),
            Goal(("a",)),
            timeout=timedelta(milliseconds=50),
            tell=told.append,
        )


def test_timeout_over_an_absent_barrier_is_not_found(
    connection: Connection, told: list[str]
) -> None:
    with pytest.raises(NotFound, match="`a` does not exist yet"):
        wait(
            Client(connection),
            Goal(("a",)),
            timeout=timedelta(milliseconds=50),
            tell=told.append,
        )


def test_deadline_of_the_caller_stays_the_callers(client: Client, told: list[str]) -> None:
    with client.until(client.clock.steady() - 1), pytest.raises(OutOfTime):
        wait(client, Goal(("a",)), tell=told.append)


def test_cluster_without_barriers_says_what_to_do(
    api: Api, client: Client, told: list[str]
) -> None:
    api.unserved = "404 page not found"
    with pytest.raises(ObjectNotFound) as caught:
        wait(client, Goal(("a",)), tell=told.append)
    assert "koncli install --crds-only" in caught.value.hint


def test_refusal_ends_the_wait(api: Api, client: Client, told: list[str]) -> None:
    api.faults = [403, "", 403]
    with pytest.raises(Forbidden):
        wait(client, Goal(("a",)), tell=told.append)


def test_progress_is_told_at_intervals(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a", expected=9)

    def arrive() -> None:
        api.barrier("a", expected=9, arrived=1)
        api.barrier("a", expected=9, arrived=2, phase="Open")

    thread = act(api, arrive)
    wait(client, Goal(("a",)), tell=told.append)
    thread.join()
    assert len(told) == 2


def test_server_that_is_down_for_a_while_is_survived(
    api: Api, client: Client, told: list[str], time: Time
) -> None:
    api.barrier("a")

    def restart() -> None:
        if time.now > 130:
            api.down = False
            api.barrier("a", phase="Open")

    def fall() -> None:
        time.at_pause = restart
        with api.changed:
            api.down = True
            api.changed.notify_all()

    thread = act(api, fall)
    wait(client, Goal(("a",)), tell=told.append)
    thread.join()
    assert time.now > 130
