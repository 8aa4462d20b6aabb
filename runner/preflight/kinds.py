"""Does the server serve our kinds, with every field that this koncli writes or reads?

A server drops what its schema does not have, without a word: a run on older kinds would lose
fields, and be another run. Compared is what the server publishes, which any user may read.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import GROUP, VERSION
from konductor.cluster.port import Cluster
from konductor.cluster.written import KINDS, written
from konductor.errors import KonductorError, NotFound, ObjectNotFound, Refused

INSTALL: Final = "`koncli install` brings the kinds up to date, as an administrator"
_PAUSES: Final = (0.5, 1.0, 2.0)
"""A kind that was just installed is published a moment later."""
_TYPE: Final = "x-kubernetes-group-version-kind"
_NAMED: Final = 3


async def check_kinds(
    cluster: Cluster, *, remedy: str = INSTALL, pauses: Sequence[float] = _PAUSES
) -> None:
    """Hold the served kinds to our own.

    Args:
        cluster: Whose kinds.
        remedy: What mends them.
        pauses: Seconds before each further look, where one finds fault.

    Raises:
        NotFound: a kind is not served.
        Refused: one lacks fields.
    """
    ours = {one["spec"]["names"]["kind"]: _schema(one) for one in written(KINDS)}
    for pause in pauses:
        if _fault(ours, await _served(cluster), remedy) is None:
            return
        await asyncio.sleep(pause)
    if fault := _fault(ours, await _served(cluster), remedy):
        raise fault


def _schema(definition: Json) -> Json:
    (version,) = (one for one in definition["spec"]["versions"] if one["name"] == VERSION)
    schema: Json = version["schema"]["openAPIV3Schema"]
    return schema


async def _served(cluster: Cluster) -> dict[str, Json]:
    try:
        document = await cluster.schemas(GROUP, VERSION)
    except ObjectNotFound:
        return {}
    schemas = json_map(json_map(document.get("components")).get("schemas"))
    return {one["kind"]: schema for schema in schemas.values() for one in schema.get(_TYPE, ())}


def _fault(ours: dict[str, Json], served: dict[str, Json], remedy: str) -> KonductorError | None:
    absent = [f"`{kind}`" for kind in ours if kind not in served]
    if absent:
        return NotFound(
            f"the cluster does not serve {', '.join(absent)} of {GROUP}/{VERSION}", hint=remedy
        )
    lacking = [
        f"`{kind}.{path}`" for kind, schema in ours.items() for path in lack(schema, served[kind])
    ]
    if not lacking:
        return None
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    named = ", ".join(lacking[:_NAMED])
    return Refused(f"the cluster's kinds are older than koncli: no {named}{more}", hint=remedy)


def lack(ours: Json, served: Json, path: str = "") -> Iterator[str]:
    """Yield the path of each field, and each value of an enumeration, that is not served."""
    if served.get("x-kubernetes-preserve-unknown-fields"):
        return
    for name, schema in json_map(ours.get("properties")).items():
        there, place = json_map(served.get("properties")).get(name), f"{path}.{name}".lstrip(".")
        if there is None:
            yield place
        else:
            yield from lack(schema, there, place)
    for inner in ("items", "additionalProperties"):
        if inner in ours:
            yield from lack(json_map(ours[inner]), json_map(served.get(inner)), path)
    if "enum" in served:
        values = json_list(served["enum"])
        yield from (
            f"{path}={value}" for value in json_list(ours.get("enum")) if value not in values
        )
