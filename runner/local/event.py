"""Events, as the local cluster's controllers and kubelet record them."""

import uuid
from contextlib import suppress

from konductor.api.meta import Json, json_map, time_text, without_empty
from konductor.cluster.port import Cluster
from konductor.cluster.resource import EVENTS
from konductor.errors import KonductorError


async def record(
    cluster: Cluster, about: Json, kind: str, reason: str, message: str, *, source: str
) -> None:
    """Record an Event about an object; one that cannot be recorded is lost, as in Kubernetes."""
    meta = json_map(about.get("metadata"))
    time = time_text(cluster.now())
    reference = {
        "apiVersion": about.get("apiVersion"),
        "kind": about.get("kind"),
        "name": meta.get("name"),
        "namespace": meta.get("namespace"),
        "uid": meta.get("uid"),
        "resourceVersion": meta.get("resourceVersion"),
    }
    document: Json = {
        "apiVersion": EVENTS.api_version,
        "kind": EVENTS.kind,
        "metadata": {
            "name": f"{meta.get('name')}.{uuid.uuid4().hex[:16]}",
            "namespace": meta.get("namespace"),
        },
        "involvedObject": without_empty(reference),
        "type": kind,
        "reason": reason,
        "message": message[:1024],
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
        "source": {"component": source},
        "reportingComponent": source,
        "reportingInstance": "konductor-local",
    }
    with suppress(KonductorError):
        await cluster.create(EVENTS, document)
