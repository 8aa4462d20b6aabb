"""The node `konductor-local`: how it presents itself, binds pods and tells events."""

import os
import platform
from collections.abc import Mapping
from datetime import datetime, timedelta

from konductor.api.meta import Json, time_text
from konductor.api.names import Annotation
from konductor.cluster.port import Cluster, PatchType
from konductor.cluster.resource import LEASES, NODES, Resource
from konductor.errors import AlreadyExists, ObjectNotFound
from konductor.runner.local.kubelet.pod import Pod

NAME = "konductor-local"
CAPACITY = 110
"""Pods at a time, Kubernetes' own default for a node."""
_LEASES = "kube-node-lease"
_KILO = 1024
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def resources() -> dict[str, str]:
    """Return what this machine has, as a node's capacity."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _KILO
    return {
        "cpu": str(os.cpu_count() or 1),
        "memory": f"{memory}Ki",
        "pods": str(CAPACITY),
    }


def node_manifest(name: str, address: str, capacity: Mapping[str, str], now: datetime) -> Json:
    """Return the Node object."""
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    time = time_text(now)
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "pods run as plain processes of one user",
        "lastHeartbeatTime": time,
        "lastTransitionTime": time,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": system,
                "kubernetes.io/arch": architecture,
            },
        },
        "status": {
            "capacity": dict(capacity),
            "allocatable": dict(capacity),
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [ready],
            "nodeInfo": {
                "architecture": architecture,
                "operatingSystem": system,
                "kernelVersion": platform.release(),
                "osImage": platform.system(),
                "containerRuntimeVersion": "process://1",
                "kubeletVersion": "konductor",
                "kubeProxyVersion": "",
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
            },
        },
    }


async def register(cluster: Cluster, name: str, address: str) -> None:
    """Create the Node, or bring the one that is there up to date."""
    document = node_manifest(name, address, resources(), cluster.now())
    try:
        await cluster.create(NODES, document)
    except AlreadyExists:
        await cluster.patch(NODES, name, {"metadata": document["metadata"]})
    status = {"status": document["status"]}
    await cluster.patch(NODES, name, status, kind=PatchType.STRATEGIC, subresource="status")


async def beat(cluster: Cluster, name: str, every: timedelta) -> None:
    """Renew the node's Lease, by which a real control plane knows that it lives."""
    now = cluster.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec: Json = {
        "holderIdentity": name,
        "leaseDurationSeconds": int(4 * every.total_seconds()),
        "renewTime": now,
    }
    try:
        await cluster.patch(LEASES, name, {"spec": spec}, namespace=_LEASES)
    except ObjectNotFound:
        meta = {"name": name, "namespace": _LEASES}
        kind = {"apiVersion": LEASES.api_version, "kind": LEASES.kind}
        await cluster.create(LEASES, kind | {"metadata": meta, "spec": spec})


async def bind(cluster: Cluster, pod: Pod, node: str) -> None:
    """Give a pod to a node; the annotation says how it will run there."""
    document: Json = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {
            "name": pod.meta.name,
            "namespace": pod.meta.namespace,
            "uid": pod.meta.uid,
            "annotations": {str(Annotation.UNISOLATED): "true"},
        },
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    }
    await cluster.create(Resource("", "v1", f"pods/{pod.meta.name}/binding", "Binding"), document)
