"""Secrets of a local cluster whose values are on this machine: ``[local.secrets.NAME]``.

They are made, or brought up to date, before a run that names them. A Secret of that name that
somebody else made there is left as it is.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from konductor.api.meta import Json
from konductor.cluster.port import Cluster
from konductor.cluster.resource import SECRETS
from konductor.errors import ObjectNotFound, UsageError
from konductor.install.installation import MANAGER
from konductor.install.label import MANAGED_BY

_MEMBERS = frozenset({"secret", "secretRef", "secretKeyRef"})
"""What names a Secret in a pod's spec."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of one key is: in a variable, or else in a file."""

    variable: str = ""
    file: str = ""


LocalSecrets = Mapping[str, Mapping[str, Origin]]
"""By the Secret's name, then by key."""


async def provide(
    cluster: Cluster,
    secrets: LocalSecrets,
    manifests: Sequence[Json],
    namespace: str,
    *,
    base: str,
    environment: Mapping[str, str],
) -> None:
    """Make the Secrets that a run's manifests name and this machine has the values of.

    Args:
        cluster: The local cluster.
        secrets: What ``konductor.toml`` says.
        manifests: The objects of the run.
        namespace: That of the run.
        base: The folder in which relative paths begin.
        environment: The host's variables.

    Raises:
        UsageError: a variable is not set, or a file cannot be read; nothing was made.
    """
    wanted = sorted(secrets.keys() & set(_named(manifests)))
    read = {name: _data(name, secrets[name], Path(base), environment) for name in wanted}
    for name, data in read.items():
        await _store(cluster, name, namespace, data)


def _named(document: object) -> Iterator[str]:
    """Yield the name of every Secret that a document names."""
    if isinstance(document, list | tuple):
        for item in document:
            yield from _named(item)
    elif isinstance(document, dict):
        for key, inner in document.items():
            if key in _MEMBERS and isinstance(inner, dict):
                yield str(inner.get("name") or inner.get("secretName"))
            yield from _named(inner)


def _data(
    name: str, keys: Mapping[str, Origin], base: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    return {
        key: base64.b64encode(_value(name, key, origin, base, environment)).decode()
        for key, origin in keys.items()
    }


def _value(
    name: str, key: str, origin: Origin, base: Path, environment: Mapping[str, str]
) -> bytes:
    what = f"`local.secrets.{name}.{key}`"
    if origin.variable:
        value = environment.get(origin.variable)
        if value is None:
            raise UsageError(
                f"{what} is ${origin.variable}, which is not set", hint="set it for koncli"
            )
        return value.encode(errors="surrogateescape")
    path = base / Path(origin.file).expanduser()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} is {path}, which cannot be read: {error.strerror}") from error


async def _store(cluster: Cluster, name: str, namespace: str, data: dict[str, str]) -> None:
    try:
        there = await cluster.get(SECRETS, name, namespace=namespace)
    except ObjectNotFound:
        metadata = {"name": name, "namespace": namespace, "labels": {MANAGED_BY: MANAGER}}
        kind = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"}
        await cluster.create(SECRETS, {**kind, "metadata": metadata, "data": data})
        return
    if there["metadata"].get("labels", {}).get(MANAGED_BY) == MANAGER and there.get("data") != data:
        gone = dict.fromkeys(there.get("data", {}).keys() - data.keys())
        await cluster.patch(SECRETS, name, {"data": {**gone, **data}}, namespace=namespace)
