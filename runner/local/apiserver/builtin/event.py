"""Events: one object, shown in two groups.

Both core/v1 and events.k8s.io/v1 read and write the same stored event, in core's form; the newer
group names half of its fields differently and is stricter.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError, invalid, required

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Iterator[FieldError]

_NEWER = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_OLDER = {newer: older for older, newer in _NEWER.items()}
GROUP = "events.k8s.io"
CORE, NEWER = "v1", f"{GROUP}/v1"
_CLUSTER = "default"
"""Where events about objects without a namespace are."""


def to_core(event: Object) -> Map:
    """Return an event of events.k8s.io as core has it."""
    return {**_renamed(event, _OLDER), "apiVersion": CORE}


def from_core(event: Object) -> Map:
    """Return an event of core as events.k8s.io has it."""
    return {**_renamed(event, _NEWER), "apiVersion": NEWER}


def errors(event: Object) -> Errors:
    """Yield what is wrong with a new event of core, in core's form."""
    yield from _place(event)
    if event.get("eventTime"):
        yield from _modern(event)


def newer_errors(event: Object) -> Errors:
    """Yield what is wrong with a new event of events.k8s.io, in core's form."""
    yield from _place(event)
    if not event.get("eventTime"):
        yield required("eventTime")
    else:
        yield from _modern(event)
    if event.get("type") not in ("Normal", "Warning"):
        yield invalid("type", "", f"has invalid value: {event.get('type', '')}")


def _place(event: Object) -> Errors:
    about = event.get("involvedObject", {}).get("namespace", "")
    namespace = event["metadata"].get("namespace", "")
    if not about and namespace == _CLUSTER:
        return
    if about != namespace:
        yield invalid("involvedObject.namespace", about, "does not match event.namespace")


def _modern(event: Object) -> Errors:
    component = event.get("reportingComponent", "")
    if not component:
        yield required("reportingComponent")
    for sentence in naming.qualified_name(component):
        yield invalid("reportingComponent", component, sentence)
    for name in ("reportingInstance", "action", "reason"):
        if not event.get(name):
            yield required(name)


def _renamed(event: Object, names: Mapping[str, str]) -> Map:
    return {names.get(name, name): value for name, value in event.items()}
