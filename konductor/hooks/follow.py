"""Follows objects of one kind: what there is, and again after each change."""

from collections.abc import Iterator, Mapping

from konductor.api.meta import Json, json_list, json_map
from konductor.errors import Expired, ObjectNotFound, ServerBusy, Unreachable
from konductor.hooks.client import Client

BARRIERS = "apis/konductor.io/v1", "barriers"
ARRIVALS = "apis/konductor.io/v1", "arrivals"
PODS = "api/v1", "pods"
JOBS = "apis/batch/v1", "jobs"


def find(client: Client, kind: tuple[str, str], name: str) -> Json | None:
    """Return an object, or None if there is none.

    Raises:
        ApiError: the server refuses.
        Unreachable: it gives no answer.
    """
    try:
        return client.read(client.path(*kind, name))
    except ObjectNotFound:
        return None


def follow(client: Client, kind: tuple[str, str], name: str = "") -> Iterator[Mapping[str, Json]]:
    """Yield the objects of the client's namespace by name, at once and after each change.

    ``name`` follows that object alone. What may have hidden a change is mended by reading all
    again. The mapping is the same one each time.

    Raises:
        ApiError: the server refuses, or knows no such kind.
        Unreachable: it gives no answer for longer than the client's patience.
        OutOfTime: the client's deadline passed.
        Stopped: the stop was set.
    """
    path, query = client.path(*kind), {"fieldSelector": f"metadata.name={name}"} if name else {}
    objects: dict[str, Json] = {}
    version, attempt = "", 0
    while True:
        try:
            if not version:
                version = _read(client, path, query, objects)
                yield objects
            for event in client.watch(path, {**query, "resourceVersion": version}):
                version, attempt = _version(event), 0
                if _apply(event, objects):
                    yield objects
        except Expired:
            version = ""
        except (Unreachable, ServerBusy) as error:
            version, attempt = "", attempt + 1
            client.bear(error, attempt)


def _read(client: Client, path: str, query: Mapping[str, str], objects: dict[str, Json]) -> str:
    """Fill in all objects that there are; return the version of this read."""
    answer = client.read(path, query)
    objects.clear()
    for item in map(json_map, json_list(answer.get("items"))):
        objects[str(json_map(item.get("metadata")).get("name"))] = item
    return _version({"object": answer})


def _apply(event: Json, objects: dict[str, Json]) -> bool:
    """Take in one watch event; return whether it changed anything."""
    document = json_map(event.get("object"))
    name = str(json_map(document.get("metadata")).get("name"))
    match event.get("type"):
        case "BOOKMARK":
            return False
        case "DELETED":
            objects.pop(name, None)
        case _:
            objects[name] = document
    return True


def _version(event: Json) -> str:
    return str(json_map(json_map(event.get("object")).get("metadata")).get("resourceVersion"))
