"""An operator that lacks a right says which, at its start and later, and does not hurry."""

import asyncio
import json

import pytest

from konductor.api.barrier import Phase
from konductor.install.access import roles
from tests.rights.audit import Right, granted
from tests.rights.conftest import Account, Ground, barrier, operator, read_until, until

pytestmark = pytest.mark.controlplane

ROOM = "lacking"


@pytest.fixture(scope="module")
def account(ground: Ground) -> Account:
    """An operator of one namespace, with the Roles of a namespaced installation."""
    ground.namespace(ROOM)
    found = ground.account("operator", ROOM)
    ground.create(*roles(ROOM))
    for role in ("konductor-operator", "konductor-leader"):
        bind(ground, found, role)
    return found


def without(*taken: Right) -> str:
    """Return the operator's Role, right by right, without some of these."""
    role = next(one for one in roles(ROOM) if one["metadata"]["name"] == "konductor-operator")
    rules = [
        {"apiGroups": [one.group], "resources": [one.resource], "verbs": [one.verb]}
        for one in sorted(granted("konductor-operator") - set(taken))
    ]
    return json.dumps(role | {"rules": rules})


def bind(ground: Ground, account: Account, role: str) -> None:
    words = ("create", "rolebinding", role, f"--role={role}", f"--user={account.user}")
    ground.plane.kubectl(*words, "-n", ROOM)


def take_away(ground: Ground, right: Right) -> None:
    """Take one right from the operator's Role; `give_back` undoes it."""
    ground.plane.kubectl("replace", "-f", "-", text=without(right))


def give_back(ground: Ground) -> None:
    ground.plane.kubectl("replace", "-f", "-", text=without())


def test_operator_of_a_namespace_needs_no_right_outside_of_it(
    ground: Ground, account: Account
) -> None:
    with operator(account, "-n", ROOM, lease_namespace=ROOM):
        ground.create(barrier("up", ROOM), barrier("down", ROOM, after=[{"barriers": ["up"]}]))
        ground.arrive(ROOM, "up", "down")
        asyncio.run(until(lambda: ground.barrier("down", ROOM).status.phase is Phase.OPEN))
    assert not ground.audit.refused(account.user)


@pytest.mark.parametrize(
    ("right", "words"),
    [
        (Right("konductor.io", "barriers/status", "patch"), "patch barriers.konductor.io/status"),
        (Right("", "events", "create"), "create events"),
    ],
)
def test_operator_that_lacks_a_right_names_it_and_ends_with_4(
    ground: Ground, account: Account, right: Right, words: str
) -> None:
    take_away(ground, right)
    asyncio.run(until(lambda: not may(account, words)))
    try:
        said = account.koncli("operator", "-n", ROOM, "--port", "0", code=4)
    finally:
        give_back(ground)
    assert f"the operator lacks rights: `{words}` in namespace `{ROOM}`" in said
    assert "konductor-operator" in said
    asyncio.run(until(lambda: may(account, words)))


def may(account: Account, words: str) -> bool:
    verb, _, what = words.partition(" ")
    resource, _, part = what.partition("/")
    asked = ("auth", "can-i", verb, resource, "-n", ROOM)
    more = (f"--subresource={part}",) if part else ()
    try:
        account.kubectl(*asked, *more)
    except AssertionError:
        return False
    return True


def test_operator_that_lacks_all_says_where(ground: Ground) -> None:
    nobody = ground.account("nobody", ROOM)
    said = nobody.koncli("operator", "--lease-namespace", ROOM, "--port", "0", code=4)
    assert "`get barriers.konductor.io`" in said
    assert "in all namespaces; `get leases.coordination.k8s.io`" in said
    assert f"in namespace `{ROOM}`" in said


def test_write_that_is_forbidden_later_is_told_and_tried_without_hurry(
    ground: Ground, account: Account
) -> None:
    right, words = (
        Right("konductor.io", "barriers/status", "patch"),
        "patch barriers.konductor.io/status",
    )
    with operator(account, "-n", ROOM, lease_namespace=ROOM) as process:
        names = [f"held-{number}" for number in range(5)]
        ground.create(*(barrier(name, ROOM, 2) for name in names))
        asyncio.run(until(lambda: all(is_seen(ground, name) for name in names)))
        take_away(ground, right)
        asyncio.run(until(lambda: not may(account, words)))
        ground.arrive(ROOM, *names, as_whom=("x", "y"))
        said = read_until(process, "lacks the right")
        assert f"`{words}`" in said
        assert ground.audit.refused(account.user)[right] <= 5 * 4
        give_back(ground)
        asyncio.run(until(lambda: is_open(ground, names)))


def is_seen(ground: Ground, name: str) -> bool:
    return bool(ground.barrier(name, ROOM).status.conditions)


def is_open(ground: Ground, names: list[str]) -> bool:
    return all(ground.barrier(name, ROOM).status.phase is Phase.OPEN for name in names)
