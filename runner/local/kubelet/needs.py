"""What a pod names and the kubelet must read before it makes the containers. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from konductor.api.meta import Json, json_list, json_map
from konductor.runner.local.kubelet.pod import Pod

_SUPPORTED = (
    "emptyDir",
    "configMap",
    "secret",
    "projected",
    "downwardAPI",
    "hostPath",
    "persistentVolumeClaim",
)
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A service account token that a projected volume asks for."""

    audience: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Needs:
    """Names of objects, and tokens."""

    config_maps: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    tokens: frozenset[TokenRequest] = frozenset()


def kind_of(volume: Json) -> str:
    """Return the member of a volume that says what it is, or an empty string."""
    return next((kind for kind in _SUPPORTED if kind in volume), "")


def parts_of(volume: Json) -> list[Json]:
    """Return the sources of a volume: those of a projected one, else the volume itself."""
    if "projected" in volume:
        return list(map(json_map, json_list(json_map(volume["projected"]).get("sources"))))
    return [volume]


def token_request(source: Json) -> TokenRequest:
    """Read the ``serviceAccountToken`` of a projected volume."""
    return TokenRequest(
        str(source.get("audience") or ""), int(source.get("expirationSeconds") or _HOUR)
    )


def needs(pod: Pod) -> Needs:
    """Return what a pod's volumes and environments name."""
    parts = [part for volume in pod.volumes for part in parts_of(volume)]
    sources = [*_sources(pod), *parts]
    return Needs(
        config_maps=_names(sources, ("configMap", "configMapRef", "configMapKeyRef")),
        secrets=_names(sources, ("secret", "secretRef", "secretKeyRef")),
        claims=_names(list(pod.volumes), ("persistentVolumeClaim",)),
        tokens=frozenset(
            token_request(json_map(part["serviceAccountToken"]))
            for part in parts
            if "serviceAccountToken" in part
        ),
    )


def _sources(pod: Pod) -> Iterator[Json]:
    for container in pod.every_container:
        yield from container.env_from
        yield from (json_map(variable.get("valueFrom")) for variable in container.env)


def _names(sources: list[Json], members: tuple[str, ...]) -> frozenset[str]:
    found = (
        json_map(source[member]) for source in sources for member in members if member in source
    )
    return frozenset(
        str(one.get("name") or one.get("secretName") or one.get("claimName")) for one in found
    )
