"""Events, in both groups."""

from typing import Any

from tests.recordings.cases.barriers import barrier
from tests.recordings.step import Group, Kubectl, Probe

_ABOUT = {"apiVersion": "konductor.io/v1", "kind": "Barrier", "name": "a", "namespace": "{ns}"}


def _event(name: str, /, **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": _ABOUT,
        "reason": "Arrived",
        "message": "2 of 3 arrived",
        "type": "Normal",
        "source": {"component": "konductor"},
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 2,
        **fields,
    }


_NEWER = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "metadata": {"name": "newer"},
    "regarding": _ABOUT,
    "reason": "Opened",
    "note": "open",
    "type": "Normal",
    "action": "Open",
    "eventTime": "2026-01-01T00:00:00.000000Z",
    "reportingController": "konductor.io/operator",
    "reportingInstance": "one",
}
_PATH = "/apis/events.k8s.io/v1/namespaces/{ns}/events"

EVENTS = Group(
    "events",
    (
        Kubectl("the object of the events", "create -f -", barrier("a")),
        Kubectl("create", "create -f -", _event("e")),
        Kubectl("get", "get events"),
        Kubectl("get wide", "get events -o wide"),
        Kubectl("get as YAML", "get event e -o yaml"),
        Kubectl("get by object", "get events --field-selector involvedObject.name=a -o name"),
        Kubectl("get by reason", "get events --field-selector reason=Nothing"),
        Kubectl("get by an unknown field", "get events --field-selector bogus=1"),
        Kubectl("events for an object", "events --for barrier/a"),
        Kubectl("events by type", "events --types=Warning"),
        Kubectl("describe shows them", "describe barrier a"),
        Kubectl(
            "create elsewhere",
            "create -f -",
            _event("x", involvedObject={**_ABOUT, "namespace": "other"}),
        ),
        Kubectl("create in the newer group", "create -f -", _NEWER),
        Probe("the newer event in core", "GET", "/api/v1/namespaces/{ns}/events/newer"),
        Probe("the core event in the newer group", "GET", f"{_PATH}/e"),
        Probe(
            "create in the newer group without a time",
            "POST",
            _PATH,
            {**_NEWER, "metadata": {"name": "x"}, "eventTime": None},
        ),
        Probe(
            "create in the newer group of no type",
            "POST",
            _PATH,
            {**_NEWER, "metadata": {"name": "x"}, "type": "Odd"},
        ),
        Kubectl("delete", "delete event e"),
    ),
)
