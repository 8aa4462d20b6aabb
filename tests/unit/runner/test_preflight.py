"""What is looked at before a run is created."""

import asyncio
import copy
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import NAMESPACES, WHO_AM_I, Resource
from konductor.cluster.rights import Right
from konductor.cluster.written import KINDS, written
from konductor.dsl.compile import compile_source
from konductor.dsl.plan import Hooks, Plan
from konductor.errors import ApiError, Forbidden, KonductorError, NotFound, Refused
from konductor.runner.preflight.hooks import HooksFound, look_at_hooks, pulled
from konductor.runner.preflight.kinds import check_kinds, lack
from konductor.runner.preflight.look import Asked, check_cluster
from konductor.runner.preflight.rights import check_rights, needed
from konductor.runner.preflight.space import check_namespace
from konductor.runner.preflight.version import check_version

T = TypeVar("T")
IMAGE = "registry.example/koncli:1"
PROGRAM = """
pipeline etl {
  defaults { image = "busybox:1.37" }
  stage extract { run = "true" }
  stage load after extract {
    service_account = "loader"
    run = "true"
  }
}
"""


class Server(MemoryCluster):
    """A cluster that says which Kubernetes it is, what it serves, and who may do what."""

    def __init__(
        self,
        version: str = "v1.37.0",
        *,
        denied: tuple[str, ...] = (),
        mute: tuple[str, ...] = (),
        user: str = "jane",
    ) -> None:
        super().__init__()
        self._said = version
        self._denied = denied
        self._mute = mute
        self._user = user
        self.openapi["konductor.io/v1"] = published()

    async def version(self) -> Json:
        return {"gitVersion": self._said}

    async def create(self, resource: Resource, document: Json) -> Json:
        if resource.plural in self._mute:
            raise Forbidden(f"you may not create {resource.plural}", code=403)
        if resource == WHO_AM_I:
            return document | {"status": {"userInfo": {"username": self._user}}}
        if resource.group != "authorization.k8s.io":
            return await super().create(resource, document)
        wanted = document["spec"]["resourceAttributes"]
        right = str(Right(wanted["group"], wanted["resource"], wanted["verb"]))
        whose = document["spec"].get("user", "").rpartition(":")[2]
        refused = f"{whose} {right}".strip() in self._denied
        return document | {"status": {"allowed": right != "* *.*" and not refused}}


def published() -> Json:
    """Return the schemas of our kinds as a server publishes them."""
    schemas = {}
    for one in written(KINDS):
        kind = one["spec"]["names"]["kind"]
        schema = copy.deepcopy(one["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
        named = {"group": "konductor.io", "version": "v1", "kind": kind}
        schemas[f"io.konductor.v1.{kind}"] = schema | {"x-kubernetes-group-version-kind": [named]}
    return {"components": {"schemas": schemas}}


def run(scene: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(scene)


@pytest.fixture
def plan() -> Plan:
    found = compile_source(PROGRAM).plan
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["v1.33.0", "v1.37.1-eks-abc", "v2.0.0", "v1.34+", ""])
def test_server_that_is_new_enough_will_do(version: str) -> None:
    run(check_version(Server(version)))


def test_server_that_is_too_old_is_refused_by_its_version() -> None:
    with pytest.raises(Refused, match=r"Kubernetes v1\.32\.9, and koncli needs 1\.33 or later"):
        run(check_version(Server("v1.32.9")))


def test_kinds_that_are_served_whole_will_do() -> None:
    run(check_kinds(Server(), pauses=()))


def test_missing_kinds_are_named_with_who_brings_them() -> None:
    server = Server()
    server.openapi.clear()
    with pytest.raises(NotFound, match=r"does not serve `Arrival`, `Barrier`, .*`Run`") as caught:
        run(check_kinds(server, pauses=()))
    assert "koncli install" in caught.value.hint


def test_older_kinds_are_refused_by_what_they_lack() -> None:
    server = Server()
    schemas = server.openapi["konductor.io/v1"]["components"]["schemas"]
    spec = schemas["io.konductor.v1.Barrier"]["properties"]["spec"]["properties"]
    del spec["arrivalsFrom"], spec["after"]["items"]["properties"]["ifSkipped"]
    on_failure = schemas["io.konductor.v1.Run"]["properties"]["spec"]["properties"]["onFailure"]
    on_failure["enum"].remove("abort")
    with pytest.raises(Refused) as caught:
        run(check_kinds(server, pauses=()))
    for name in (
        "Barrier.spec.arrivalsFrom",
        "Barrier.spec.after.ifSkipped",
        "Run.spec.onFailure=abort",
    ):
        assert f"`{name}`" in caught.value.message
    del schemas["io.konductor.v1.Run"]["properties"]["status"], spec["timeout"]
    with pytest.raises(Refused, match="and 2 more"):
        run(check_kinds(server, pauses=()))


def test_newer_kinds_will_do() -> None:
    server = Server()
    schemas = server.openapi["konductor.io/v1"]["components"]["schemas"]
    schemas["io.konductor.v1.Run"]["properties"]["spec"]["properties"]["more"] = {"type": "string"}
    run(check_kinds(server, pauses=()))


def test_kinds_that_are_published_a_moment_later_will_do() -> None:
    class Slow(Server):
        looks = 0

        async def schemas(self, group: str, version: str) -> Json:
            self.looks += 1
            if self.looks < 3:
                raise ApiError.of(404, {})
            return await super().schemas(group, version)

    run(check_kinds(Slow(), pauses=(0, 0)))
    run(check_kinds(Slow(), pauses=(0, 0, 0)))


def test_what_takes_any_field_lacks_none() -> None:
    ours: Json = {"properties": {"a": {"properties": {"b": {}}}}}
    assert list(lack(ours, {"x-kubernetes-preserve-unknown-fields": True})) == []
    assert list(lack({"additionalProperties": ours}, {})) == ["a"]


def test_namespace_has_to_be_there_and_to_stay() -> None:
    server = Server()
    with pytest.raises(NotFound) as caught:
        run(check_namespace(server, "etl"))
    assert "kubectl create namespace etl" in caught.value.hint
    run(server.create(NAMESPACES, {"metadata": {"name": "etl"}}))
    run(check_namespace(server, "etl"))
    ending = {"status": {"phase": "Terminating"}}
    run(server.patch(NAMESPACES, "etl", ending, subresource="status"))
    with pytest.raises(Refused, match="is being deleted"):
        run(check_namespace(server, "etl"))


def test_namespace_that_may_not_be_looked_at_is_taken_for_there() -> None:
    class Walled(Server):
        async def get(self, *_: Any, **__: Any) -> Json:
            raise Forbidden("you may not get namespaces", code=403)

    run(check_namespace(Walled(), "etl"))


def test_run_beside_an_operator_takes_less_than_one_that_brings_its_own() -> None:
    beside, alone = needed(embeds=False, claims=False), needed(embeds=True, claims=True)
    assert set(beside) < set(alone)
    patch = Right("konductor.io", "barriers/status", "patch")
    claim = Right("", "persistentvolumeclaims", "create")
    assert patch not in beside
    assert {patch, claim} <= set(alone)
    assert claim not in needed(embeds=True, claims=False)
    assert claim in needed(embeds=False, claims=True)


def test_everything_allowed_will_do() -> None:
    run(check_rights(Server(), "etl", embeds=True, claims=True))


def test_missing_rights_are_named_with_what_grants_them() -> None:
    server = Server(denied=("create jobs.batch", "patch runs.konductor.io"))
    with pytest.raises(Refused) as caught:
        run(check_rights(server, "etl", embeds=False, claims=False))
    error = caught.value
    assert error.message == (
        "you may not `patch runs.konductor.io`, `create jobs.batch` in namespace `etl`"
    )
    command = "kubectl create rolebinding koncli -n etl --clusterrole=edit --user=jane"
    assert f"`{command}`" in error.hint


def test_rights_of_the_operator_are_asked_for_where_koncli_carries_it() -> None:
    denied: tuple[str, ...] = (
        "patch leases.coordination.k8s.io",
        "watch pods",
        "create events",
        "list pods",
    )
    denied += ("create configmaps", "patch barriers.konductor.io")
    server = Server(denied=denied, user="system:serviceaccount:ci:runner")
    with pytest.raises(
        Refused, match=r"and 2 more in namespace `etl`, where no operator"
    ) as caught:
        run(check_rights(server, "etl", embeds=True, claims=False))
    assert "--clusterrole=konductor-embedded --serviceaccount=ci:runner`" in caught.value.hint


def test_who_may_not_ask_for_their_name_fills_it_in() -> None:
    server = Server(denied=("create jobs.batch",), mute=("selfsubjectreviews",))
    with pytest.raises(Refused) as caught:
        run(check_rights(server, "etl", embeds=False, claims=False))
    assert "--user=NAME`" in caught.value.hint


def test_pods_that_may_take_part_are_told_of_their_image(plan: Plan) -> None:
    found = run(look_at_hooks(Server(), plan, "etl", IMAGE))
    assert found == HooksFound(note=pulled(IMAGE))


def test_account_that_may_not_arrive_is_named(plan: Plan) -> None:
    server = Server(denied=("loader create arrivals.konductor.io",))
    found = run(look_at_hooks(server, plan, "etl", IMAGE))
    assert found.missing == (
        "service account `loader` may not `create arrivals.konductor.io` in namespace `etl`"
    )


def test_what_may_not_be_asked_of_others_is_said(plan: Plan) -> None:
    server = Server(mute=("localsubjectaccessreviews",))
    found = run(look_at_hooks(server, plan, "etl", IMAGE))
    assert found.note.startswith("whether pods may wait and arrive is not known")
    assert not found.missing


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("logiciq/koncli", "pulled anew for each pod"),
        ("host:5000/koncli:latest", "pulled anew for each pod"),
        ("host:5000/koncli", "pulled anew for each pod"),
        ("host:5000/koncli:1.2", "by each node that has not got it"),
        ("koncli@sha256:00", "pinned by its digest"),
    ],
)
def test_image_says_how_nodes_come_by_it(image: str, words: str) -> None:
    assert words in pulled(image)


@pytest.mark.parametrize("hooks", list(Hooks))
def test_first_fault_is_told(plan: Plan, hooks: Hooks) -> None:

    asked = Asked(replace(plan, hooks=hooks), "etl", IMAGE, embeds=True)

    def faults(server: Server) -> KonductorError:
        with pytest.raises(KonductorError) as caught:
            run(check_cluster(server, asked))
        return caught.value

    old = Server("v1.20.0", denied=("create jobs.batch",))
    assert "v1.20.0" in faults(old).message
    assert "namespace `etl`" in faults(Server(denied=("create jobs.batch",))).message
    server = Server()
    run(server.create(NAMESPACES, {"metadata": {"name": "etl"}}))
    found = run(check_cluster(server, asked))
    assert bool(found.note) is (hooks is Hooks.POD)
