"""What the API server itself refuses, whoever asks: a test for each rule of the CRDs."""

import json
from typing import Any

import pytest

from tests.controlplane.plane import ControlPlane

pytestmark = pytest.mark.controlplane

START, LATER = "2026-11-23T10:00:00Z", "2026-11-23T10:00:09Z"
WAITING = {"phase": "Waiting", "startedAt": START, "arrived": 2}
OPEN = WAITING | {"phase": "Open", "openedAt": START}
FAILED = WAITING | {"phase": "Failed", "closedAt": START}


class Kind:
    """Objects of one kind in a namespace of the test's own."""

    def __init__(self, plane: ControlPlane, kind: str, namespace: str) -> None:
        self._plane, self._kind, self._place = plane, kind, ("-n", namespace)

    def create(self, spec: object, name: str = "a", code: int = 0) -> str:
        document = {
            "apiVersion": "konductor.io/v1",
            "kind": self._kind,
            "metadata": {"name": name},
            "spec": spec,
        }
        if spec is None:
            del document["spec"]
        text = json.dumps(document)
        return self._plane.kubectl(*self._place, "create", "-f", "-", text=text, code=code)

    def set(self, code: int = 0, **part: Any) -> str:
        words = ("patch", self._kind, "a", "--type=merge", f"-p={json.dumps(part)}")
        subresource = ("--subresource=status",) if "status" in part else ()
        return self._plane.kubectl(*self._place, *words, *subresource, code=code)


@pytest.fixture
def namespace(controlplane: ControlPlane, request: pytest.FixtureRequest) -> str:
    name = f"t{abs(hash(request.node.nodeid))}"
    controlplane.kubectl("create", "namespace", name)
    return name


@pytest.fixture
def barriers(controlplane: ControlPlane, namespace: str) -> Kind:
    return Kind(controlplane, "Barrier", namespace)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (None, "spec: Required value"),
        ({}, "spec.expected: Required value"),
        ({"expected": 0}, "should be greater than or equal to 1"),
        ({"expected": 1_000_001}, "should be less than or equal to 1000000"),
        ({"expected": 2, "quorum": 3}, "quorum must not exceed expected"),
        ({"expected": 1, "timeout": "soon"}, "spec.timeout in body should match"),
        ({"expected": 1, "timeout": "0s"}, "timeout must be more than 0"),
        ({"expected": 1, "timeout": "87601h"}, "timeout must be more than 0 and at most 87600h"),
        (
            {"expected": 1, "after": [{"barriers": ["b"], "atLeast": 2}]},
            "atLeast must not exceed the number of barriers in its term",
        ),
        ({"expected": 1, "after": [{"barriers": ["b", "b"]}]}, "Duplicate value"),
        ({"expected": 1, "after": [{"barriers": ["b"]}] * 65}, "must have at most 64 items"),
        ({"expected": 1, "bogus": 1}, 'unknown field "spec.bogus"'),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_ill_barrier_is_refused(barriers: Kind, spec: object, words: str) -> None:
    assert words in barriers.create(spec, code=1)


@pytest.mark.parametrize(
    ("kind", "spec"), [("Barrier", {"expected": 1}), ("Run", {"pipeline": "p"})]
)
def test_name_that_no_label_can_hold_is_refused(
    controlplane: ControlPlane, namespace: str, kind: str, spec: object
) -> None:
    objects = Kind(controlplane, kind, namespace)
    assert "at most 63 characters" in objects.create(spec, name="n" * 64, code=1)
    objects.create(spec, name="n" * 63)


@pytest.mark.parametrize("unit", ["ns", "us", "µs", "ms", "s", "m", "h"])
def test_each_unit_of_a_duration_is_taken(barriers: Kind, unit: str) -> None:
    barriers.create({"expected": 1, "timeout": f"1.5{unit}"})


def test_largest_cascade_is_taken(barriers: Kind) -> None:
    terms = [
        {"barriers": [f"{term}-{name}".ljust(60, "x") for name in range(256)]} for term in range(64)
    ]
    barriers.create({"expected": 1_000_000, "after": terms})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (OPEN, {"phase": "Waiting"}, "stays so"),
        (OPEN, {"phase": "Failed"}, "stays so"),
        (FAILED, {"phase": "Open"}, "stays so"),
        (OPEN, None, "stays so"),
        (WAITING, {"startedAt": LATER}, "startedAt never changes"),
        (WAITING, {"startedAt": None}, "startedAt never changes"),
        (OPEN, {"openedAt": LATER}, "openedAt never changes"),
        (FAILED, {"closedAt": None}, "closedAt never changes"),
        (WAITING, {"arrived": 1}, "arrived never falls"),
        (WAITING, {"arrived": 1, "phase": "Open"}, "arrived never falls"),
        ({"arrived": 2}, {"phase": "Open"}, "opens only once it has started"),
        ({"startedAt": START}, {"phase": "Open"}, "its quorum has arrived"),
        (WAITING | {"arrived": 1}, {"phase": "Open"}, "its quorum has arrived"),
        (WAITING, {"phase": "Ajar"}, "Unsupported value"),
    ],
)
def test_status_that_takes_something_back_is_refused(
    barriers: Kind, before: dict[str, Any], after: dict[str, Any] | None, words: str
) -> None:
    barriers.create({"expected": 3, "quorum": 2})
    barriers.set(status=before)
    assert words in barriers.set(status=after, code=1)


def test_barrier_opens_and_goes_on_counting(barriers: Kind) -> None:
    barriers.create({"expected": 3, "quorum": 2})
    barriers.set(status=WAITING)
    barriers.set(status=OPEN)
    barriers.set(status={"arrived": 3})


@pytest.mark.parametrize(
    ("status", "change", "words"),
    [
        (OPEN, {"expected": 4}, "expected and quorum are frozen"),
        (FAILED, {"quorum": 1}, "expected and quorum are frozen"),
        (WAITING, {"after": [{"barriers": ["c"]}]}, "after is frozen"),
        (WAITING, {"after": None}, "after is frozen"),
        ({}, {"arrivalsFrom": {"jobs": ["k"]}}, "arrivalsFrom never changes"),
        ({}, {"arrivalsFrom": None}, "arrivalsFrom never changes"),
    ],
)
def test_spec_is_frozen_when_it_has_been_acted_upon(
    barriers: Kind, status: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    spec = {"expected": 3, "quorum": 2, "after": [{"barriers": ["b"]}]}
    barriers.create(spec | {"arrivalsFrom": {"jobs": ["j"]}})
    barriers.set(status=status)
    assert words in barriers.set(spec=change, code=1)


def test_spec_may_change_before(barriers: Kind) -> None:
    barriers.create({"expected": 3, "after": [{"barriers": ["b"]}]})
    barriers.set(spec={"expected": 4, "after": None, "timeout": "1h"})
    barriers.set(status=WAITING)
    barriers.set(spec={"expected": 2, "timeout": "2h"})


def test_arrival_never_changes(controlplane: ControlPlane, namespace: str) -> None:
    arrivals = Kind(controlplane, "Arrival", namespace)
    spec = {"barrier": "b", "barrierUID": "u", "participant": "p", "outcome": "Arrived"}
    arrivals.create(spec)
    assert "an Arrival never changes" in arrivals.set(spec={"outcome": "Failed"}, code=1)
    assert "Unsupported value" in arrivals.create(spec | {"outcome": "Perhaps"}, name="b", code=1)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"spec": {"ready": True}}, {"spec": {"ready": False}}, "ready stays ready"),
        ({"spec": {"cancel": True}}, {"spec": {"cancel": False}}, "stays cancelled"),
        ({"spec": {}}, {"spec": {"pipeline": "q"}}, "pipeline never changes"),
        ({"spec": {}}, {"spec": {"timeout": "0s"}}, "timeout must be more than 0"),
        ({"spec": {}}, {"spec": {"ttl": "87601h"}}, "ttl must be at most 87600h"),
        (
            {"status": {"phase": "Succeeded", "finishedAt": START}},
            {"status": {"phase": "Failed"}},
            "a finished run stays as it is",
        ),
    ],
)
def test_run_takes_nothing_back(
    controlplane: ControlPlane,
    namespace: str,
    before: dict[str, Any],
    after: dict[str, Any],
    words: str,
) -> None:
    runs = Kind(controlplane, "Run", namespace)
    runs.create({"pipeline": "p"})
    runs.set(**before)
    assert words in runs.set(**after, code=1)


def test_columns_are_those_a_person_wants(
    controlplane: ControlPlane, barriers: Kind, namespace: str
) -> None:
    barriers.create({"expected": 3, "quorum": 2})
    status = WAITING | {"progress": "2/3", "quorum": 2, "deadline": LATER}
    barriers.set(status=status)
    head, row = controlplane.kubectl("get", "bar", "-n", namespace).splitlines()
    assert head.split() == ["NAME", "PHASE", "PROGRESS", "QUORUM", "DEADLINE", "AGE"]
    assert row.split()[:5] == ["a", "Waiting", "2/3", "2", LATER]
    wide = controlplane.kubectl("get", "bar", "-n", namespace, "-o", "wide").splitlines()[0]
    assert {"REASON", "FAILED"} <= set(wide.split())


def test_wait_sees_the_condition(
    controlplane: ControlPlane, barriers: Kind, namespace: str
) -> None:
    barriers.create({"expected": 1})
    condition = {"type": "Open", "status": "True", "reason": "AllArrived"}
    barriers.set(status=OPEN | {"conditions": [condition]})
    words = ("wait", "--for=condition=Open", "barrier/a", "-n", namespace, "--timeout=20s")
    assert "condition met" in controlplane.kubectl(*words)


@pytest.mark.parametrize("name", ["bar", "arr", "run", "barrier", "arrivals", "konductor"])
def test_kind_is_found_by_short_name_and_category(controlplane: ControlPlane, name: str) -> None:
    controlplane.kubectl("get", name, "-A")


@pytest.mark.parametrize("kind", ["barriers", "arrivals", "runs"])
def test_every_field_is_explained(controlplane: ControlPlane, kind: str) -> None:
    crd = json.loads(controlplane.kubectl("get", "crd", f"{kind}.konductor.io", "-o", "json"))
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    found = list(_unexplained(schema, kind))
    assert not found
    assert "FIELDS" in controlplane.kubectl("explain", f"{kind}.spec")


def _unexplained(schema: dict[str, Any], path: str) -> list[str]:
    found = []
    for name, field in schema.get("properties", {}).items():
        if path.count(".") == 0 and name in ("apiVersion", "kind", "metadata"):
            continue
        if not field.get("description"):
            found.append(f"{path}.{name}")
        found += _unexplained(field, f"{path}.{name}")
    return found + (_unexplained(schema["items"], path) if "items" in schema else [])
