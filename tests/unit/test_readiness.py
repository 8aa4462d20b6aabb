from konductor.errors import Forbidden, ServerBusy
from konductor.readiness import Readiness

REFUSAL = Forbidden("no", code=403)


def test_refusal_of_a_server_that_never_says_it_is_ready_is_final_in_the_end() -> None:
    readiness = Readiness()
    found = [readiness.still_starting(REFUSAL, now, 3.0) for now in (10.0, 13.0, 13.5)]
    assert [type(one) for one in found] == [ServerBusy, ServerBusy, Forbidden]


def test_time_begins_anew_with_each_start() -> None:
    readiness = Readiness()
    readiness.still_starting(REFUSAL, 10.0, 3.0)
    proven = [readiness.proven]
    readiness.allowed()
    proven.append(readiness.proven)
    readiness.lost()
    proven.append(readiness.proven)
    assert proven == [False, True, False]
    assert isinstance(readiness.still_starting(REFUSAL, 20.0, 3.0), ServerBusy)
