"""What a piece of news means for whom."""

from datetime import UTC, datetime

from konductor.api.meta import Json
from konductor.operator.store import Store

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def barrier(name: str, *terms: Json, version: int = 1, **status: object) -> Json:
    return {
        "apiVersion": "konductor.io/v1",
        "kind": "Barrier",
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "resourceVersion": str(version),
        },
        "spec": {"expected": 1, "after": list(terms)},
        "status": status,
    }


def test_circle_that_is_left_when_another_upstream_ends_is_looked_for() -> None:
    store = Store()
    either = {"barriers": ["b", "x"], "atLeast": 1}
    for one in (barrier("a", either), barrier("b", {"barriers": ["a"]}), barrier("x")):
        store.put_barrier(one, NOW)
    assert store.find_cycles() == {}
    failed = {"name": "x", "uid": "uid-x", "phase": "Failed", "reason": "JobFailed"}
    store.put_barrier(barrier("x", version=2, phase="Failed"), NOW)
    store.put_barrier(barrier("a", either, version=3, upstreams=[failed]), NOW)
    assert {subject.key.name for subject in store.find_cycles()} == {"a", "b"}
