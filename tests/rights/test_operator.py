"""``koncli operator``, and the pods that it serves, with the rights of their roles and no other."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from konductor.api.barrier import Phase
from konductor.cluster.resource import JOBS
from konductor.install.access import operator_bindings, participant_bindings
from konductor.install.installation import Installation
from tests.rights.audit import granted
from tests.rights.conftest import Account, Ground, barrier, document, operator, until
from tests.rights.crossing import cross
from tests.rights.program import play

pytestmark = pytest.mark.controlplane

HOME, ROOM = "konductor-system", "work"
PLAYED = ("by-pod", "by-job", "aborted")
ROLES = ("konductor-operator", "konductor-leader", "konductor-participant", "konductor-served")


@pytest.fixture(scope="module")
def account(ground: Ground) -> Account:
    """The operator's service account, bound as an installation binds it."""
    ground.namespace(HOME)
    ground.create(*operator_bindings(Installation(namespace=HOME)))
    return ground.account("konductor-operator", HOME)


@pytest.fixture(scope="module")
def cascade(
    ground: Ground,
    account: Account,
    kubelet: None,  # noqa: ARG001  # without it no pod would run
) -> dict[str, str]:
    """Raw barriers, and a run with each kind of hooks; what `koncli run` said of these."""
    ground.namespace(ROOM)
    ground.create(*participant_bindings(Installation(participants=(ROOM,))))
    runner = ground.account("runner", ROOM)
    ground.bind("edit", runner.user, ROOM)
    with operator(account, lease_namespace=HOME):
        ground.create(
            barrier("up", ROOM),
            barrier("down", ROOM, after=[{"barriers": ["up"]}]),
            barrier("late", ROOM, timeout="1s"),
        )
        ground.arrive(ROOM, "up", "down")
        ground.create(barrier("raw", ROOM), raw_job())
        with ThreadPoolExecutor() as pool:
            told = pool.map(partial(play, ground, runner, ROOM), PLAYED)
            said = dict(zip(PLAYED, told, strict=True))
        asyncio.run(until(lambda: ground.barrier("late", ROOM).status.phase.is_terminal))
        ended = ("--for=condition=Complete", "job/raw", "-n", ROOM, "--timeout=60s")
        ground.plane.kubectl("wait", *ended)
        gone = ("--for=delete", "run/by-pod", "run/by-job", "-n", ROOM, "--timeout=60s")
        ground.plane.kubectl("wait", *gone)
    with operator(account, "--arrival-ttl", "1ms", lease_namespace=HOME):
        asyncio.run(until(lambda: not ground.plane.kubectl("get", "arrivals", "-n", ROOM)))
    return said


def raw_job() -> dict[str, Any]:
    """Return a Job as a person writes it, whose pod waits in vain and arrives twice."""
    words = (
        "koncli barrier wait none --timeout=1s; for i in 1 2; do koncli barrier arrive raw; done"
    )
    main = {"name": "main", "image": "busybox", "command": ["sh", "-c", words]}
    template = {"spec": {"restartPolicy": "Never", "containers": [main]}}
    metadata = {"name": "raw", "namespace": ROOM}
    return document(JOBS, metadata, {"template": template, "backoffLimit": 0})


@pytest.mark.usefixtures("cascade")
def test_raw_barriers_open_and_time_out(ground: Ground) -> None:
    phases = {name: ground.barrier(name, ROOM).status.phase for name in ("up", "down", "late")}
    assert phases == {"up": Phase.OPEN, "down": Phase.OPEN, "late": Phase.TIMEOUT}


@pytest.mark.parametrize(
    ("run", "words"),
    [("by-pod", "succeeded"), ("by-job", "succeeded"), ("aborted", "failed")],
)
def test_run_ends_as_it_should(cascade: dict[str, str], run: str, words: str) -> None:
    assert f"run {run} {words}" in cascade[run]


@pytest.mark.usefixtures("cascade")
def test_neither_operator_nor_pods_ask_for_what_they_may_not(
    ground: Ground, account: Account
) -> None:
    for user in (account.user, f"system:serviceaccount:{ROOM}:default"):
        assert not ground.audit.refused(user)


@pytest.mark.usefixtures("cascade")
def test_pod_of_a_plain_job_arrives_by_its_jobs_name(ground: Ground) -> None:
    assert ground.barrier("raw", ROOM).status.arrivals == ("raw",)


@pytest.fixture(scope="module")
def crossed(ground: Ground, account: Account) -> None:
    cross(ground, account, ground.namespace("crossed"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("cascade", "crossed")
def test_role_has_each_right_that_is_asked_for_and_no_other(ground: Ground, role: str) -> None:
    assert ground.audit.used(role) ^ granted(role) == set()
