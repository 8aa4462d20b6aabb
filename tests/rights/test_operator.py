"""``koncli operator``, and the pods that it serves, with the rights of their roles and no other."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import pytest

from konductor.api.barrier import Phase
from konductor.api.meta import Json
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import PatchType
from konductor.cluster.resource import BARRIERS, JOBS, RUNS, Resource
from konductor.connection import Connection
from konductor.operator.engine import Engine
from konductor.operator.engine import Scope as EngineScope
from konductor.operator.kopf_feed import feed
from tests.rights.audit import granted
from tests.rights.conftest import Account, Ground, barrier, operator, until

pytestmark = pytest.mark.controlplane

HOME, ROOM = "konductor-system", "work"
ROLES = ("konductor-operator", "konductor-leader", "konductor-participant")
SERVED: Final = """
  ttl = 1s
  stage first {
    replicas = 2
    quorum = 1
    stragglers = "cancel"
    run = 'test $KON_INDEX = 0 || sleep 60'
  }
  stage second after first { run = 'echo second' }
  stage slow {
    timeout = 2s
    on_fail = "continue"
    run = 'sleep 60'
  }
  finally report { run = 'echo $KON_RUN_STATUS' }
"""
ABORTED: Final = """
  on_failure = "abort"
  stage bad {
    retries = 0
    run = 'exit 1'
  }
  stage busy { run = 'sleep 60' }
"""
RUNS_OF: Final = {
    "by-pod": ("pod", SERVED, 0),
    "by-job": ("job", SERVED, 0),
    "aborted": ("job", ABORTED, 1),
}
"""By name: the hooks, the program, and the exit code."""


@pytest.fixture(scope="module")
def account(ground: Ground) -> Account:
    """The operator's service account, bound as an installation binds it."""
    ground.namespace(HOME)
    found = ground.account("operator", HOME)
    ground.bind("konductor-operator", found.user)
    ground.bind("konductor-leader", found.user, HOME)
    return found


@pytest.fixture(scope="module")
def cascade(
    ground: Ground,
    account: Account,
    kubelet: None,  # noqa: ARG001  # without it no pod would run
) -> dict[str, str]:
    """Raw barriers, and a run with each kind of hooks; what `koncli run` said of these."""
    ground.namespace(ROOM)
    ground.bind("konductor-participant", f"system:serviceaccount:{ROOM}:default", ROOM)
    runner = ground.account("runner", ROOM)
    ground.bind("konductor-embedded", runner.user)  # finds the operator, so brings none
    with operator(account, lease_namespace=HOME):
        ground.create(
            barrier("up", ROOM),
            barrier("down", ROOM, after=[{"barriers": ["up"]}]),
            barrier("late", ROOM, timeout="1s"),
        )
        ground.arrive(ROOM, "up", "down")
        ground.create(barrier("raw", ROOM), raw_job())
        with ThreadPoolExecutor() as pool:
            said = dict(zip(RUNS_OF, pool.map(partial(play, ground, runner), RUNS_OF), strict=True))
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


def play(ground: Ground, runner: Account, run: str) -> str:
    """Run a program, where an earlier namesake has left behind who had arrived."""
    hooks, stages, code = RUNS_OF[run]
    stale = {"name": f"{run}-first-arrivals", "namespace": ROOM}
    ground.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": stale})
    path = ground.folder / f"{run}.kon"
    head = f'hooks = "{hooks}"\n  defaults {{ image = "busybox:1.37" }}'
    path.write_text(f"pipeline served {{\n  {head}{stages}}}\n")
    words = ("--kubeconfig", str(runner.kubeconfig), "-n", ROOM, "--view", "plain")
    return runner.koncli("run", str(path), "--run", run, *words, code=code)


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


class Crossed(HttpCluster):
    """The operator's cluster, where somebody else writes each object just before it does."""

    def __init__(self, connection: Connection, ground: Ground) -> None:
        super().__init__(connection)
        self._ground = ground
        self._crossed: set[str] = set()

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Json | Sequence[Json],
        *,
        namespace: str = "",
        kind: PatchType = PatchType.MERGE,
        subresource: str = "",
        resource_version: str = "",
    ) -> Json:
        """Patch, as the second to do so the first time."""
        if resource.plural not in self._crossed:
            self._crossed.add(resource.plural)
            words = ("label", resource.plural, name, "-n", namespace, "crossed=yes")
            await asyncio.to_thread(self._ground.plane.kubectl, *words)
        return await super().patch(
            resource,
            name,
            patch,
            namespace=namespace,
            kind=kind,
            subresource=subresource,
            resource_version=resource_version,
        )


@pytest.fixture(scope="module")
def crossed(ground: Ground, account: Account) -> None:
    """A run whose every object somebody else writes at the same time."""
    place = ground.namespace("crossed")
    labels = {"konductor.io/run": "r", "konductor.io/barrier": "b"}
    metadata = {"namespace": place, "labels": labels}
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "true"}]}
    ground.create(
        document(RUNS, metadata | {"name": "r"}, {"pipeline": "p", "stages": 1, "ready": True}),
        document(BARRIERS, metadata | {"name": "b"}, {"expected": 1}),
        document(JOBS, metadata | {"name": "j"}, {"suspend": True, "template": {"spec": pod}}),
    )

    async def serve() -> None:
        async with Crossed(account.connection(), ground) as cluster:
            engine = Engine(cluster, EngineScope(namespace=place))
            fed = feed(account.connection(), engine.hear, namespace=place, run="")
            tasks = [asyncio.ensure_future(engine.run(lambda: None))]
            await asyncio.sleep(0)
            tasks.append(asyncio.ensure_future(fed))
            await until(lambda: is_released(ground, place))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(serve())


def document(resource: Resource, metadata: Json, spec: Json) -> dict[str, Any]:
    head = {"apiVersion": resource.api_version, "kind": resource.kind}
    return head | {"metadata": metadata, "spec": spec}


def is_released(ground: Ground, place: str) -> bool:
    return "konductor.io/released" in json.dumps(ground.find("job", "j", place))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("cascade", "crossed")
def test_role_has_each_right_that_is_asked_for_and_no_other(ground: Ground, role: str) -> None:
    assert ground.audit.used(role) ^ granted(role) == set()
