"""Installing on a cluster in memory: what is said, and what stops it half way."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import CRDS, NAMESPACES, Resource
from konductor.errors import (
    ApiError,
    ExitCode,
    Forbidden,
    KonductorError,
    NotFound,
    ObjectNotFound,
    Unreachable,
)
from konductor.install.apply import Manner, Outcome, Unfinished, install
from konductor.install.installation import Installation
from konductor.install.judgement import Step
from konductor.install.kinds import DEPLOYMENTS
from konductor.install.objects import objects

WHOLE = objects(Installation())
BEFORE = [one["metadata"]["name"] for one in WHOLE].index("konductor-view")
"""How many objects are put in place before that role."""


class Cluster(MemoryCluster):
    """A cluster that serves each kind as soon as it is there."""

    async def create(self, resource: Resource, document: Json) -> Json:
        created = await super().create(resource, document)
        if resource is CRDS:
            condition = {"type": "Established", "status": "True"}
            status = {"status": {"conditions": [condition]}}
            name = document["metadata"]["name"]
            return await self.patch(resource, name, status, subresource="status")
        return created


class Tenant(Cluster):
    """A cluster as one sees it who may not read the kinds."""

    def __init__(self, *, serves: bool) -> None:
        super().__init__()
        self.serves = serves

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        if resource is CRDS:
            raise Forbidden("you cannot get them", code=403)
        return await super().get(resource, name, namespace=namespace)

    async def list(self, resource: Resource, **selection: Any) -> Any:
        if not self.serves:
            raise ObjectNotFound("404 page not found", code=404)
        return await super().list(resource, **selection)


class Notes:
    """What was said while it went on."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, Outcome]] = []
        self.warnings: list[str] = []

    def say(self, step: Step, outcome: Outcome) -> None:
        self.outcomes.append((str(step), outcome))

    @property
    def kinds_of_outcome(self) -> set[Outcome]:
        return {outcome for _, outcome in self.outcomes}


def put(
    cluster: MemoryCluster, wanted: tuple[Json, ...] = WHOLE, manner: Manner | None = None
) -> Notes:
    notes = Notes()
    going = install(cluster, wanted, manner or Manner(), say=notes.say, warn=notes.warnings.append)
    asyncio.run(going)
    return notes


def test_each_object_is_created_and_said() -> None:
    notes = put(Cluster())
    assert notes.kinds_of_outcome == {Outcome.CREATED}
    assert len(notes.outcomes) == len(WHOLE)
    assert notes.outcomes[0][0] == "namespace/konductor-system"
    assert notes.outcomes[-1][0] == "deployment.apps/konductor-operator"


def test_second_time_changes_nothing() -> None:
    cluster = Cluster()
    put(cluster)
    assert put(cluster).kinds_of_outcome == {Outcome.UNCHANGED}


def test_what_changed_is_configured_and_the_rest_is_not() -> None:
    cluster = Cluster()
    put(cluster)
    notes = put(cluster, objects(Installation(image="koncli:2")))
    changed = [name for name, outcome in notes.outcomes if outcome is Outcome.CONFIGURED]
    assert changed == ["deployment.apps/konductor-operator"]


def test_what_controllers_write_beside_is_no_change() -> None:
    cluster = Cluster()
    put(cluster)
    note = {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}}
    going = cluster.patch(DEPLOYMENTS, "konductor-operator", note, namespace="konductor-system")
    asyncio.run(going)
    assert put(cluster).kinds_of_outcome == {Outcome.UNCHANGED}


def test_dry_run_stores_nothing_and_leaves_unjudged_what_has_no_namespace_yet() -> None:
    cluster = Cluster()
    notes = put(cluster, manner=Manner(dry_run=True))
    assert cluster.writes == []
    assert notes.kinds_of_outcome == {Outcome.CREATED, Outcome.UNJUDGED}


def test_namespace_of_others_stays_as_it_is_unless_adopted() -> None:
    cluster = Cluster()
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "konductor-system"}}
    asyncio.run(cluster.create(NAMESPACES, namespace))
    assert put(cluster).outcomes[0][1] is Outcome.KEPT
    assert put(cluster, manner=Manner(adopt=True)).outcomes[0][1] is Outcome.CONFIGURED


def test_takeover_is_told() -> None:
    cluster = Cluster()
    theirs = {"apiVersion": "apps/v1", "kind": "Deployment"}
    metadata = {"name": "konductor-operator", "namespace": "konductor-system"}
    spec = {"replicas": 1}
    asyncio.run(cluster.create(DEPLOYMENTS, theirs | {"metadata": metadata, "spec": spec}))
    with pytest.raises(KonductorError, match=r"apps/konductor-operator` is there already"):
        put(cluster)
    assert len(cluster.writes) == 1
    notes = put(cluster, manner=Manner(adopt=True))
    assert any("spec.replicas: 1 would become 2" in line for line in notes.warnings)


def answer(code: int, **status: object) -> ApiError:
    return ApiError.of(code, {"message": "no", **status})


def failing(cluster: MemoryCluster, name: str, error: Exception) -> Callable[..., Any]:
    applying = cluster.apply

    async def apply(resource: Resource, document: Json, **more: Any) -> Json:
        if document["metadata"]["name"] == name:
            raise error
        return await applying(resource, document, **more)

    return apply


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (answer(403), ExitCode.REFUSED, "no"),
        (Unreachable("no answer from x"), ExitCode.UNREACHABLE, "no answer from x"),
        (answer(415), ExitCode.FAILED, "takes no server-side apply"),
        (answer(422), ExitCode.USAGE, "no"),
        (answer(409), ExitCode.FAILED, "others hold fields of it: no"),
        (
            answer(409, details={"causes": [{"field": ".spec.replicas", "message": "with x"}]}),
            ExitCode.FAILED,
            r"\.spec\.replicas \(with x\)",
        ),
    ],
)
def test_failure_says_how_far_it_came_and_the_same_again_goes_on(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: ExitCode, words: str
) -> None:
    cluster = Cluster()
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "apply", failing(cluster, "konductor-view", error))
        with pytest.raises(Unfinished, match=words) as raised:
            put(cluster)
    assert f"{BEFORE} of {len(WHOLE)} objects are in place" in raised.value.message
    assert "konductor-view` cannot be put in place" in raised.value.message
    assert raised.value.exit_code is code
    assert raised.value.hint
    again = put(cluster)
    assert [outcome for _, outcome in again.outcomes[:BEFORE]] == [Outcome.UNCHANGED] * BEFORE
    assert {outcome for _, outcome in again.outcomes[BEFORE:]} == {Outcome.CREATED}


def test_failure_at_the_first_object_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    monkeypatch.setattr(cluster, "apply", failing(cluster, "konductor-system", answer(403)))
    with pytest.raises(Unfinished, match="nothing has been changed"):
        put(cluster)


def test_tenant_need_not_see_the_kinds_that_are_served() -> None:
    wanted = objects(Installation(namespaced=("etl",)))
    notes = put(Tenant(serves=True), wanted, Manner(tenant="etl"))
    unseen = [name for name, outcome in notes.outcomes if outcome is Outcome.UNSEEN]
    assert len(unseen) == 3
    assert notes.outcomes[-1] == ("deployment.apps/konductor-operator", Outcome.CREATED)


def test_tenant_is_told_who_brings_the_kinds() -> None:
    wanted = objects(Installation(namespaced=("etl",)))
    with pytest.raises(NotFound, match="does not know the kind `Barrier`") as raised:
        put(Tenant(serves=False), wanted, Manner(tenant="etl"))
    assert "--crds-only" in raised.value.hint


def test_administrator_needs_to_see_the_kinds() -> None:
    with pytest.raises(Forbidden):
        put(Tenant(serves=True))
