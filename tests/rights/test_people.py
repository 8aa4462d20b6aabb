"""What the roles for people and pods allow, and that nobody but an operator writes a status."""

import asyncio
import json
from typing import Final

import pytest

from konductor.api.barrier import Phase
from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import BARRIERS, RUNS, Resource
from konductor.errors import Forbidden
from tests.rights.audit import access
from tests.rights.conftest import Account, Ground, barrier

pytestmark = pytest.mark.controlplane

ROOM = "people"
OPERATORS: Final = {"konductor-operator", "konductor-embedded"}
ROLES: Final = ("view", "edit", "admin", "konductor-participant")
RUN: Final = {"apiVersion": "konductor.io/v1", "kind": "Run", "metadata": {"name": "r"}}


@pytest.fixture(scope="module")
def people(ground: Ground) -> dict[str, Account]:
    """Somebody with each role, in a namespace with a barrier and a run."""
    ground.namespace(ROOM)
    ground.create(barrier("gate", ROOM))
    run = RUN | {"metadata": {"name": "r", "namespace": ROOM}, "spec": {"pipeline": "p"}}
    ground.create(run)
    found = {}
    for role in ROLES:
        found[role] = ground.account(f"who-may-{role}", ROOM)
        ground.bind(role, found[role].user, ROOM)
    return found


def test_only_operators_are_granted_a_status() -> None:
    writers = {
        role["metadata"]["name"]
        for role in access()
        for rule in role["rules"]
        if any("/status" in resource for resource in rule["resources"])
    }
    assert writers == OPERATORS


@pytest.mark.parametrize(
    ("resource", "name"), [(BARRIERS, "gate"), (RUNS, "r")], ids=["barriers", "runs"]
)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_else_writes_a_status(
    people: dict[str, Account], role: str, resource: Resource, name: str
) -> None:
    async def write() -> None:
        async with HttpCluster(people[role].connection()) as cluster:
            patch = {"status": {"phase": str(Phase.OPEN)}}
            await cluster.patch(resource, name, patch, namespace=ROOM, subresource="status")

    with pytest.raises(Forbidden, match=f'cannot patch resource "{resource.plural}/status"'):
        asyncio.run(write())


def test_view_reads_and_writes_nothing(people: dict[str, Account]) -> None:
    viewer = people["view"]
    for kind in ("barriers", "arrivals", "runs"):
        viewer.kubectl("get", kind)
    assert "gate" in viewer.koncli("barrier", "status", "gate", "-n", ROOM)
    said = viewer.koncli("barrier", "create", "mine", "--expected", "1", "-n", ROOM, code=4)
    assert 'cannot create resource "barriers"' in said


def test_edit_creates_arrives_patches_and_deletes(people: dict[str, Account]) -> None:
    editor, place = people["edit"], ("-n", ROOM)
    editor.koncli("barrier", "create", "mine", "--expected", "2", *place)
    editor.koncli("barrier", "arrive", "mine", "--id=anybody", *place)
    editor.kubectl("patch", "barrier/mine", "--type=merge", '-p={"spec": {"timeout": "2h"}}')
    editor.kubectl("patch", "run/r", "--type=merge", '-p={"spec": {"cancel": true}}')
    document = json.loads(editor.kubectl("get", "barrier", "mine", "-o", "json"))
    editor.kubectl("replace", "-f", "-", text=json.dumps(document))
    editor.koncli("barrier", "reset", "mine", *place)
    editor.kubectl("delete", "arrivals", "--all")
    editor.koncli("barrier", "delete", "mine", *place)


def test_participant_takes_part_and_no_more(people: dict[str, Account]) -> None:
    participant = people["konductor-participant"]
    participant.koncli("barrier", "arrive", "gate", "--id=p", "-n", ROOM)
    for words in (
        ("create", "barriers.konductor.io"),
        ("delete", "barriers.konductor.io"),
        ("patch", "barriers.konductor.io"),
        ("list", "arrivals.konductor.io"),
        ("delete", "arrivals.konductor.io"),
        ("get", "runs.konductor.io"),
        ("list", "jobs.batch"),
        ("get", "configmaps"),
        ("create", "pods"),
        ("get", "pods", "--subresource=log"),
    ):
        participant.kubectl("auth", "can-i", *words, code=1)


@pytest.mark.parametrize("role", ["view", "edit", "admin", "konductor-participant"])
def test_rights_end_at_the_namespace(people: dict[str, Account], role: str) -> None:
    said = people[role].kubectl("get", "barriers", "-n", "default", code=1)
    assert 'cannot list resource "barriers"' in said
