"""The plan of a run, as the run's own ConfigMaps keep it."""

import base64
import gzip
import json

from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.cluster.port import Cluster
from konductor.cluster.resource import BARRIERS, CONFIGMAPS, JOBS, PVC
from konductor.errors import NotFound

_MADE_LATER = ("-arrivals", "-result")
"""Ends of the names of ConfigMaps that the operator writes."""


async def stored_plan(cluster: Cluster, run: str, namespace: str) -> Json:
    """Return ``{"run", "plan", "objects"}`` of a run that is there.

    Raises:
        NotFound: no run of that name keeps a plan there.
    """
    labels = f"{Label.RUN}={run}"
    maps = (await cluster.list(CONFIGMAPS, namespace=namespace, labels=labels)).items
    parts = {one["metadata"]["name"]: one.get("binaryData", {}).get("plan.gz") for one in maps}
    stem = f"{run}-program-plan-"
    numbered = sorted(
        (int(name.removeprefix(stem)), part)
        for name, part in parts.items()
        if part and name.startswith(stem)
    )
    if not numbered:
        raise NotFound(
            f"there is no plan of a run `{run}` in namespace `{namespace}`, and no such file",
            hint="`kubectl get runs` lists the runs that are there",
        )
    packed = b"".join(base64.b64decode(part) for _, part in numbered)
    names = [("ConfigMap", name) for name in parts if not name.endswith(_MADE_LATER)]
    for kind, resource in (("PersistentVolumeClaim", PVC), ("Job", JOBS), ("Barrier", BARRIERS)):
        found = await cluster.list(resource, namespace=namespace, labels=labels)
        names += [(kind, one["metadata"]["name"]) for one in found.items]
    objects = [{"kind": kind, "name": name} for kind, name in (("Run", run), *names)]
    return {"run": run, "plan": json.loads(gzip.decompress(packed)), "objects": objects}
