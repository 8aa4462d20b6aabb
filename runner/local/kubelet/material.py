"""Reads from the API server what a pod's volumes and environments name."""

import base64

from konductor.api.meta import Json, json_map
from konductor.cluster.port import Cluster, PatchType
from konductor.cluster.resource import CONFIGMAPS, PVC, SECRETS, Resource
from konductor.errors import ObjectNotFound
from konductor.runner.local.kubelet.environment import Sources
from konductor.runner.local.kubelet.fields import Facts
from konductor.runner.local.kubelet.needs import TokenRequest, needs
from konductor.runner.local.kubelet.pod import Pod
from konductor.runner.local.kubelet.volume import Material


async def read_material(cluster: Cluster, pod: Pod, facts: Facts) -> Material:
    """Read ConfigMaps, Secrets and tokens; bind the claims."""
    named = needs(pod)
    config_maps: dict[str, dict[str, bytes]] = {}
    secrets: dict[str, dict[str, bytes]] = {}
    for name in sorted(named.config_maps):
        if (document := await _read(cluster, CONFIGMAPS, name, pod)) is not None:
            config_maps[name] = _config_map(document)
    for name in sorted(named.secrets):
        if (document := await _read(cluster, SECRETS, name, pod)) is not None:
            secrets[name] = _decoded(document.get("data"))
    for name in sorted(named.claims):
        await _bind_claim(cluster, pod, name)
    tokens = {request: await _token(cluster, pod, request) for request in named.tokens}
    return Material(Sources(config_maps, secrets), facts, tokens)


async def _read(cluster: Cluster, resource: Resource, name: str, pod: Pod) -> Json | None:
    try:
        return await cluster.get(resource, name, namespace=pod.meta.namespace)
    except ObjectNotFound:
        return None


def _config_map(document: Json) -> dict[str, bytes]:
    texts = {key: str(value).encode() for key, value in json_map(document.get("data")).items()}
    return texts | _decoded(document.get("binaryData"))


def _decoded(values: object) -> dict[str, bytes]:
    return {key: base64.b64decode(str(value)) for key, value in json_map(values).items()}


async def _bind_claim(cluster: Cluster, pod: Pod, name: str) -> None:
    """Mark a claim Bound: its folder is made on this node, which is the only one.

    Raises:
        ObjectNotFound: there is no such claim (yet).
    """
    namespace = pod.meta.namespace
    claim = await cluster.get(PVC, name, namespace=namespace)
    if json_map(claim.get("status")).get("phase") == "Bound":
        return
    spec = json_map(claim.get("spec"))
    status = {
        "phase": "Bound",
        "accessModes": spec.get("accessModes"),
        "capacity": json_map(spec.get("resources")).get("requests"),
    }
    await cluster.patch(
        PVC,
        name,
        {"status": status},
        namespace=namespace,
        kind=PatchType.MERGE,
        subresource="status",
    )


async def _token(cluster: Cluster, pod: Pod, request: TokenRequest) -> str:
    spec: Json = {
        "audiences": [request.audience] if request.audience else [],
        "expirationSeconds": request.seconds,
        "boundObjectRef": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": pod.meta.name,
            "uid": pod.meta.uid,
        },
    }
    document = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"namespace": pod.meta.namespace},
        "spec": spec,
    }
    path = f"serviceaccounts/{pod.service_account}/token"
    made = await cluster.create(Resource("", "v1", path, "TokenRequest"), document)
    return str(json_map(made.get("status")).get("token"))
