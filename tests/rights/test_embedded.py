"""``koncli run`` where no operator is: who runs it has one role, in one namespace, and no more."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import BARRIERS, RUNS
from konductor.errors import BadRequest
from konductor.runner.run import Target, create
from tests.rights.audit import Right, granted
from tests.rights.conftest import Account, Ground, document
from tests.rights.crossing import cross
from tests.rights.program import play

pytestmark = pytest.mark.controlplane

ROOM, CROSSED = "carried", "carried-crossed"
ROLE = "konductor-embedded"
LOOKING = {
    *(Right("coordination.k8s.io", "leases", verb) for verb in ("get", "list")),
    Right("", "configmaps", "get"),
}
"""Whether an operator is somewhere else, and what its installation tells.

Who may not look carries one.
"""
WORDS = {
    "by-pod": "succeeded",
    "by-job": "succeeded",
    "aborted": "failed",
    "claiming": "timed out",
}


@pytest.fixture(scope="module")
def account(ground: Ground) -> Account:
    for room in (ROOM, CROSSED):
        ground.namespace(room)
    found = ground.account("runner", ROOM)
    for room in (ROOM, CROSSED):
        ground.bind(ROLE, found.user, room)
    ground.bind("konductor-participant", f"system:serviceaccount:{ROOM}:default", ROOM)
    return found


@pytest.fixture(scope="module")
def said(
    ground: Ground,
    account: Account,
    kubelet: None,  # noqa: ARG001  # without it no pod would run
) -> dict[str, str]:
    """What `koncli run` says of each run."""
    with ThreadPoolExecutor() as pool:
        told = pool.map(partial(play, ground, account, ROOM), WORDS)
        return dict(zip(WORDS, told, strict=True))


@pytest.mark.parametrize("run", WORDS)
def test_run_that_koncli_carries_ends_as_it_should(said: dict[str, str], run: str) -> None:
    assert f"run {run} {WORDS[run]}" in said[run]
    assert "koncli carries one for this run" in said[run]


@pytest.fixture(scope="module")
def elsewhere(
    ground: Ground,
    account: Account,
    kubelet: None,  # noqa: ARG001  # without it no pod would run
) -> None:
    """Somebody who has the role in the whole cluster, and so sees that no operator is there."""
    other = ground.account("everywhere", account.namespace)
    ground.bind(ROLE, other.user)
    assert "no operator serves" in play(ground, other, ROOM, "elsewhere")


@pytest.fixture(scope="module")
def refused(account: Account) -> None:
    """A run that goes again, as the cluster refuses one of its objects."""
    metadata = {"name": "refused", "labels": {}}
    run = document(RUNS, dict(metadata), {"pipeline": "p"})
    ill = document(BARRIERS, dict(metadata), {"expected": 0})

    async def begin() -> None:
        async with HttpCluster(account.connection()) as cluster:
            await create(cluster, [run, ill], Target("refused", ROOM))

    with pytest.raises(BadRequest):
        asyncio.run(begin())


@pytest.fixture(scope="module")
def crossed(ground: Ground, account: Account) -> None:
    cross(ground, account, CROSSED)


@pytest.mark.usefixtures("said", "elsewhere", "refused", "crossed")
def test_role_has_each_right_that_is_asked_for_and_no_other(ground: Ground) -> None:
    assert ground.audit.used(ROLE) ^ granted(ROLE) == set()


@pytest.mark.usefixtures("said")
def test_nothing_is_asked_for_that_the_role_does_not_grant(
    ground: Ground, account: Account
) -> None:
    assert set(ground.audit.refused(account.user)) <= LOOKING
