from datetime import timedelta

import pytest

from konductor.api.barrier import Barrier
from konductor.hooks.client import Client
from konductor.hooks.counted import tells_of, until_counted
from tests.unit.conftest import BARRIERS, Api

SOON = timedelta(seconds=2)


def barrier(**status: object) -> Barrier:
    metadata = {"name": "a", "uid": "u"}
    return Barrier.parse({"metadata": metadata, "spec": {"expected": 9}, "status": status})


@pytest.mark.parametrize(
    ("status", "tells"),
    [
        ({}, False),
        ({"arrived": 1, "arrivals": ["q"]}, False),
        ({"arrived": 1, "arrivals": ["p"]}, True),
        ({"arrived": 8, "arrivals": ["x-[0-7]"]}, False),
        ({"failed": 1, "failures": ["p"]}, True),
        ({"phase": "Open"}, True),
        ({"arrived": 5, "arrivals": ["q", "… and 4 more"]}, False),
        ({"arrived": 6, "arrivals": ["q", "… and 5 more"]}, True),
    ],
)
def test_status_tells_of_whom_it_names(status: dict[str, object], *, tells: bool) -> None:
    assert tells_of(barrier(**status), "p", barrier(arrived=5)) is tells


def test_folded_name_is_told() -> None:
    assert tells_of(barrier(arrived=8, arrivals=["x-[0-7]"]), "x-3", barrier())


def test_barrier_that_is_made_anew_tells_nothing(api: Api, client: Client) -> None:
    before = api.barrier("a")
    api.remove(f"{BARRIERS}/a")
    assert until_counted(client, before, "p", timeout=SOON) is None
    api.barrier("a", arrived=1, arrivals=["p"])
    assert until_counted(client, before, "p", timeout=SOON) is None
