import threading
from datetime import timedelta
from pathlib import Path

import pytest

from konductor.connection import Connection
from konductor.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Expired,
    Forbidden,
    ObjectNotFound,
    ServerBusy,
    Unreachable,
)
from konductor.hooks.client import Client, OutOfTime, Stopped
from konductor.hooks.follow import follow
from konductor.hooks.stop import Stop
from konductor.hooks.timing import Clock, Patience, back_off
from tests.unit.conftest import BARRIERS, Api
from tests.unit.hooks.conftest import Time


def test_read_is_sent_again_when_the_connection_breaks(
    api: Api, client: Client, time: Time
) -> None:
    api.barrier("a")
    api.faults = ["drop", 503, "lose"]
    assert client.read(f"{BARRIERS}/a")["metadata"]["name"] == "a"
    assert time.pauses == [0.05, 0.2, 0.5]


def test_patience_ends_sooner_before_the_first_answer(api: Api, client: Client, time: Time) -> None:
    api.down = True
    with pytest.raises(Unreachable, match=r"no answer from http://127\.0\.0\.1"):
        client.read(BARRIERS)
    assert 103 < time.now < 106


def test_server_that_answered_once_is_borne_for_longer(
    api: Api, client: Client, time: Time
) -> None:
    client.read(BARRIERS)
    api.down = True
    with pytest.raises(Unreachable):
        client.read(BARRIERS)
    assert time.now > 400


def test_thirty_seconds_without_a_server_are_survived(api: Api, client: Client, time: Time) -> None:
    api.barrier("a")
    client.read(BARRIERS)
    api.down, began = True, time.now
    time.at_pause = lambda: setattr(api, "down", time.now - began < 30)
    assert client.read(f"{BARRIERS}/a")["metadata"]["name"] == "a"


def test_retry_after_is_heeded(api: Api, client: Client, time: Time) -> None:
    api.faults = [429]
    client.read(BARRIERS)
    assert time.pauses == [7.0]


@pytest.mark.parametrize(("code", "error"), [(400, BadRequest), (404, ObjectNotFound)])
def test_refusals_are_raised_at_once(
    api: Api, client: Client, time: Time, code: int, error: type[Exception]
) -> None:
    api.faults = [code]
    with pytest.raises(error):
        client.read(BARRIERS)
    assert time.pauses == []


def test_repeatable_creation_whose_answer_was_lost_finds_itself(api: Api, client: Client) -> None:
    api.faults = ["lose"]
    with pytest.raises(AlreadyExists):
        client.create(BARRIERS, {"metadata": {"name": "a"}, "spec": {}}, repeatable=True)
    assert f"{BARRIERS}/a" in api.objects


def test_other_creation_whose_answer_was_lost_is_not_sent_again(api: Api, client: Client) -> None:
    api.faults = ["lose"]
    with pytest.raises(Unreachable):
        client.create(BARRIERS, {"metadata": {"name": "a"}, "spec": {}}, repeatable=False)
    assert api.requests == ["POST barriers"]


def test_other_creation_is_sent_again_where_it_cannot_have_been_done(
    api: Api, client: Client
) -> None:
    api.faults = [429]
    client.create(BARRIERS, {"metadata": {"name": "a"}, "spec": {}}, repeatable=False)
    assert api.requests == ["POST barriers", "POST barriers"]
    api.faults = [503]
    with pytest.raises(ServerBusy):
        client.create(BARRIERS, {"metadata": {"name": "b"}, "spec": {}}, repeatable=False)


def test_refused_connection_is_tried_again(time: Time) -> None:
    client = Client(Connection("http://127.0.0.1:1"), clock=time.clock())
    with pytest.raises(Unreachable, match="refused"):
        client.create(BARRIERS, {"metadata": {"name": "a"}}, repeatable=False)
    assert len(time.pauses) > 1


def test_deletion_holds_to_the_uid(api: Api, client: Client) -> None:
    uid = api.barrier("a")["metadata"]["uid"]
    with pytest.raises(Conflict):
        client.delete(f"{BARRIERS}/a", uid="another")
    client.delete(f"{BARRIERS}/a", uid=uid)
    assert api.objects == {}


def test_watch_tells_changes_until_it_is_cut(api: Api, client: Client) -> None:
    api.barrier("a")
    events = client.watch(BARRIERS, {"resourceVersion": "0"})
    assert next(events)["type"] == "ADDED"
    api.barrier("a", arrived=1)
    assert next(events)["object"]["status"]["arrived"] == 1
    api.cut_watches()
    with pytest.raises(Unreachable):
        next(events)


def test_expired_version_is_told_apart(api: Api, client: Client) -> None:
    api.oldest = 5
    with pytest.raises(Expired):
        next(client.watch(BARRIERS, {"resourceVersion": "1"}))


def test_stop_wakes_a_blocked_watch(api: Api, connection: Connection) -> None:
    stop = Stop()
    client = Client(connection, stop=stop)

    def set_it() -> None:
        api.until_watched()
        stop.set()

    thread = threading.Thread(target=set_it)
    thread.start()
    with pytest.raises(Stopped):
        next(client.watch(BARRIERS, {"resourceVersion": "0"}))
    thread.join()


def test_nothing_is_asked_once_the_stop_is_set(api: Api, connection: Connection) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        Client(connection, stop=stop).read(BARRIERS)
    assert api.requests == []


def test_stop_ends_a_pause(api: Api, client: Client, time: Time) -> None:
    api.down = True
    time.at_pause = client.stop.set
    with pytest.raises(Stopped):
        client.read(BARRIERS)


def test_deadline_ends_a_blocked_watch(connection: Connection) -> None:
    client = Client(connection)
    with client.until(client.clock.steady() + 0.05), pytest.raises(OutOfTime):
        next(client.watch(BARRIERS, {"resourceVersion": "0"}))


def test_deadline_without_an_answer_says_so(api: Api, client: Client, time: Time) -> None:
    api.down = True
    with client.until(time.now + 1), pytest.raises(Unreachable):
        client.read(BARRIERS)
    assert time.now == pytest.approx(101)


def test_inner_deadline_gives_way_to_the_outer_one(client: Client, time: Time) -> None:
    with client.until(time.now - 1), client.until(time.now + 9), pytest.raises(OutOfTime):
        client.read(BARRIERS)


def test_token_is_read_anew_for_each_request(connection: Connection, tmp_path: Path) -> None:

    token = tmp_path / "token"
    token.write_text("one\n")
    client = Client(connection._replace(token_file=str(token)))
    assert client._headers("x")["Authorization"] == "Bearer one"
    token.write_text("two\n")
    assert client._headers("x")["Authorization"] == "Bearer two"


def test_path_prefix_of_the_server_is_kept(connection: Connection, api: Api) -> None:

    client = Client(connection._replace(server=connection.server + "/proxied"))
    api.objects["/proxied/x"] = {"metadata": {}}
    assert client.read("/x") == {"metadata": {}}
    client.close()


def test_date_is_the_servers(client: Client) -> None:
    client.read(BARRIERS)
    assert client.date.endswith("GMT")


def test_chance_spreads_the_attempts() -> None:

    assert back_off(9, 0, Clock(chance=lambda: 1.0)) == 3.0
    assert Patience(timedelta(1), timedelta(2), timedelta(0)).first < timedelta(2)


def test_refusal_of_a_server_that_starts_is_borne(api: Api, client: Client) -> None:
    """Until it has read its roles it allows nobody anything."""
    api.barrier("a")
    api.faults = [403, 500, 401, 403, 403]
    assert client.read(f"{BARRIERS}/a")["metadata"]["name"] == "a"
    assert api.requests == [*["GET barriers/a", "GET /readyz"] * 3, "GET barriers/a"]


def test_refusal_of_a_server_that_is_ready_is_final(api: Api, client: Client, time: Time) -> None:
    api.faults = [403, "", 403]
    with pytest.raises(Forbidden, match="fault 403"):
        client.read(f"{BARRIERS}/a")
    assert api.requests == ["GET barriers/a", "GET /readyz", "GET barriers/a"]
    assert time.pauses == []


def test_refusal_of_a_server_without_that_path_is_final(api: Api, client: Client) -> None:
    api.faults = [403, 404, 403]
    with pytest.raises(Forbidden):
        client.read(f"{BARRIERS}/a")


def test_refusal_on_a_line_that_has_allowed_something_is_final(api: Api, client: Client) -> None:
    api.barrier("a")
    client.read(f"{BARRIERS}/a")
    api.faults = [403]
    with pytest.raises(Forbidden):
        client.read(f"{BARRIERS}/a")
    assert len(api.requests) == 2


def test_refusal_of_a_server_that_never_says_it_is_ready_is_final_in_the_end(
    api: Api, client: Client, time: Time
) -> None:
    api.faults = [403] * 100
    with pytest.raises(Forbidden):
        client.create(BARRIERS, {"metadata": {"name": "a"}}, repeatable=False)
    assert 4 < sum(time.pauses) < 8


def test_watch_that_a_starting_server_refuses_is_tried_again(api: Api, client: Client) -> None:
    api.barrier("a")
    states = follow(client, ("apis/konductor.io/v1", "barriers"), "a")
    next(states)
    api.faults = ["drop", 403, 500]
    api.barrier("a", phase="Open")
    assert next(states)["a"]["status"] == {"phase": "Open"}
