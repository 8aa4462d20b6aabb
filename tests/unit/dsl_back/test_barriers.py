"""What the checker says of barrier blocks: by when they open, and who arrives."""

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.render import Form, render

LATE = """pipeline b04 {
  defaults { image = "acme/etl:1" }
  stage extract { run = 'x', timeout = 1h }
  stage transform after extract { run = 'x', timeout = 45m, arrive = [ready] }
  barrier ready { expected = 1, timeout = 30m }
}
"""
SHOWN = """error[K0411]: barrier `ready` times out before its arrivals may come
 --> b04_timeout.kon:5:43
  |
4 |   stage transform after extract { run = 'x', timeout = 45m, arrive = [ready] }
  |         --------- may finish as late as 1h45m
5 |   barrier ready { expected = 1, timeout = 30m }
  |                                           ^^^ 30m from the start of the run
  |
  = note: slowest path: extract (1h) -> transform (45m)
  = help: set `timeout = 1h45m` or more
  = help: or start its clock later: `barrier ready after transform {`
"""


def codes(body: str) -> list[str]:
    text = f'pipeline p {{\n defaults {{ image = "a:1" }}\n {body}\n}}\n'
    return [one.code for one in check_source(text).diagnostics]


def test_late_arrival_is_shown_with_its_slowest_path() -> None:
    found = check_source(LATE, path="b04_timeout.kon").diagnostics
    assert render(found, form=Form.FULL) == SHOWN


def test_clock_that_starts_later_is_not_late() -> None:
    later = LATE.replace("barrier ready {", "barrier ready after transform {")
    assert check_source(later).diagnostics == ()


MEETS = "stage a { timeout = 1h }\n stage b after a { timeout = 1h, barriers = [meet] }\n"


def test_program_that_meets_mid_script_arrives_at_the_start() -> None:
    assert codes(f"{MEETS} barrier meet {{ expected = 1, timeout = 1h }}") == []
    assert codes(f"{MEETS} barrier meet {{ expected = 1, timeout = 59m }}") == ["K0411"]


def test_clock_of_a_barrier_where_programs_meet_is_to_start_with_them() -> None:
    text = f'pipeline p {{ defaults {{ image = "a:1" }}\n {MEETS} barrier meet after a? {{ '
    (found,) = check_source(
        text.replace("after a? ", "") + "expected = 1, timeout = 1m } }\n"
    ).diagnostics
    assert found.helps[1] == "or start its clock later: `barrier meet after a {`"


@pytest.mark.parametrize(
    ("quorum", "expected"), [(1, []), (2, []), (3, ["K0411"]), (4, [])], ids=str
)
def test_only_the_arrival_that_makes_the_quorum_counts(quorum: int, expected: list[str]) -> None:
    stages = """
      stage soon { timeout = 1m, replicas = 2, arrive = [b] }
      stage late after soon { timeout = 1h, arrive = [b] }
      stage whenever { arrive = [b] }
    """
    assert codes(f"{stages} barrier b {{ expected = 4, quorum = {quorum}, timeout = 2m }}") == (
        expected
    )


def test_barrier_behind_another_counts_from_its_start() -> None:
    stages = "stage a { timeout = 1h }\n stage b after a { timeout = 1h, arrive = [x] }"
    assert codes(f"{stages}\n barrier x after a {{ expected = 1, timeout = 1h }}") == []
    text = f"{stages}\n barrier x after a {{ expected = 1, timeout = 30m }}"
    assert codes(text) == ["K0411"]


def test_what_may_take_for_ever_is_never_late() -> None:
    assert codes("stage a { arrive = [x] }\n barrier x { expected = 1, timeout = 1s }") == []
    stages = "stage z {}\n stage a { timeout = 1h, arrive = [x] }"
    assert codes(f"{stages}\n barrier x after z {{ expected = 1, timeout = 1s }}") == []


@pytest.mark.parametrize("told", ["outsiders = true", "external = true, name = 'x'"])
def test_where_others_arrive_nothing_is_known(told: str) -> None:
    stages = "stage a { timeout = 1h, arrive = [x] }"
    assert codes(f"{stages}\n barrier x {{ expected = 5, timeout = 1s, {told} }}") == []


def test_probes_arrive_whenever_they_do() -> None:
    probes = 'probe a { http = "http://a" }\n probe b { http = "http://b" }'
    stages = "stage a { timeout = 1h, arrive = [x] }"
    assert codes(f"{stages}\n barrier x {{ expected = 3, timeout = 1s\n {probes} }}") == ["K0411"]
    assert codes(f"{stages}\n barrier x {{ timeout = 1s\n {probes} }}") == []


def test_numbers_that_nobody_knows_are_not_reckoned_with() -> None:
    stages = "param n: int\n stage a { timeout = 1h, replicas = n, arrive = [x] }"
    assert codes(f"{stages}\n barrier x {{ expected = 3, timeout = 1s }}") == []
    assert codes("param n: int\n stage a { arrive = [x] }\n barrier x { expected = n }") == []
    meets = "param n: int\n stage a { replicas = 2, parallelism = n, barriers = [x] }"
    assert codes(f"{meets}\n barrier x {{ expected = 2 }}") == []


def test_finally_arrives_too_late_to_count() -> None:
    assert "K0414" in codes("finally a { arrive = [x] }\n barrier x { expected = 1 }")


def test_participant_that_meets_and_finishes_counts_once() -> None:
    stages = "stage a { replicas = 2, arrive = [x], barriers = [x] }"
    assert codes(f"{stages}\n barrier x {{ expected = 3 }}") == ["K0405"]
    assert codes(f"{stages}\n barrier x {{ expected = 2 }}") == []


def test_skipped_stage_does_not_arrive() -> None:
    stages = (
        "param full: bool = false\n stage a when full { arrive = [x] }\n stage b { arrive = [x] }"
    )
    assert codes(f"{stages}\n barrier x {{ expected = 2 }}") == ["K0405"]


def test_places_that_others_fill_need_not_be_there_at_once() -> None:
    stages = """
      stage a { replicas = 4, parallelism = 2, barriers = [x] }
      stage b { replicas = 2, arrive = [x] }
    """
    assert codes(f"{stages}\n barrier x {{ expected = 6, quorum = 4 }}") == []
    assert codes(f"{stages}\n barrier x {{ expected = 6, quorum = 5 }}") == ["K0413"]


def test_barriers_that_wait_for_each_other_by_arrivals_never_open() -> None:
    stages = "stage a after y { arrive = [x] }\n stage b after x { arrive = [y] }"
    barriers = "barrier x { expected = 1 }\n barrier y { expected = 1 }"
    assert codes(f"{stages}\n {barriers}") == ["K0405", "K0405"]
    assert codes(f"{stages}\n {barriers}\n stage c {{ arrive = [y] }}") == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (6, "s4 (1m) -> s5 (1m)"),
        (12, "s5 (1m) -> s6 (1m) -> s7 (1m)"),
        (13, "s5 (1m) -> … 1 more … -> s7 (1m)"),
        (30, "s5 (1m) -> … 18 more … -> s24 (1m)"),
    ],
)
def test_long_way_is_shortened_in_its_middle(steps: int, told: str) -> None:
    stages = "stage s0 { timeout = 1m }\n" + "\n".join(
        f"stage s{number} after s{number - 1} {{ timeout = 1m }}" for number in range(1, steps)
    )
    text = f'pipeline p {{\n timeout = 1m\n defaults {{ image = "a:1" }}\n {stages}\n}}\n'
    (found,) = check_source(text).diagnostics
    assert found.code == "K0411"
    assert found.notes[0].startswith("slowest path: s0 (1m) -> s1 (1m)")
    assert told in found.notes[0]
    assert found.notes[0].endswith(f"s{steps - 1} (1m)")


def test_barrier_whose_header_cannot_be_read_is_not_missed() -> None:
    assert codes("barrier meet after { expected = 1 }\n stage a { arrive = [meet] }") == ["K0101"]


def test_block_within_a_patch_is_a_map() -> None:
    inner = "securityContext { runAsUser = 1 }"
    assert codes(f"stage a {{ pod {{ {inner}\n affinity x {{ }} }} }}") == ["K0306"]
    assert codes(f"stage a {{ pod {{ {inner} }} }}") == []
