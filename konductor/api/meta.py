"""Object metadata, times and the few helpers that read and write Kubernetes JSON. Stdlib only."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object at the edge; inside, everything is a value of a class of its own."""


class Owner(NamedTuple):
    """An ownerReference."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False

    def manifest(self) -> Json:
        """Return its JSON."""
        document: Json = {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
            "uid": self.uid,
        }
        return document | {"controller": True} if self.controller else document


class Metadata(NamedTuple):
    """The metadata of an object that konductor reads or sets."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    created: datetime | None = None
    deleted: datetime | None = None
    labels: Mapping[str, str] = MappingProxyType({})
    annotations: Mapping[str, str] = MappingProxyType({})
    owners: tuple[Owner, ...] = ()

    @staticmethod
    def parse(document: Json) -> "Metadata":
        """Read an object's metadata."""
        return Metadata(
            name=str(document.get("name") or ""),
            namespace=str(document.get("namespace") or ""),
            uid=str(document.get("uid") or ""),
            resource_version=str(document.get("resourceVersion") or ""),
            generation=int(document.get("generation") or 0),
            created=optional_time(document.get("creationTimestamp")),
            deleted=optional_time(document.get("deletionTimestamp")),
            labels=dict(json_map(document.get("labels"))),
            annotations=dict(json_map(document.get("annotations"))),
            owners=tuple(
                Owner(
                    str(one.get("apiVersion", "")),
                    str(one.get("kind", "")),
                    str(one.get("name", "")),
                    str(one.get("uid", "")),
                    controller=bool(one.get("controller")),
                )
                for one in map(json_map, json_list(document.get("ownerReferences")))
            ),
        )

    def manifest(self) -> Json:
        """Return what a client may set: no uid, version, generation or times."""
        return without_empty(
            {
                "name": self.name,
                "namespace": self.namespace,
                "labels": dict(self.labels),
                "annotations": dict(self.annotations),
                "ownerReferences": [owner.manifest() for owner in self.owners],
            }
        )


def json_map(value: object) -> Json:
    """Return a JSON object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def json_list(value: object) -> list[Any]:
    """Return a JSON array, or an empty one where there is none."""
    return value if isinstance(value, list) else []


def optional_text(value: object) -> str | None:
    """Return a non-empty string, or None."""
    return value if isinstance(value, str) and value else None


def optional_time(value: object) -> datetime | None:
    """Return an RFC 3339 time as an aware datetime, or None where there is none.

    >>> optional_time("2026-11-23T08:00:00Z")
    datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def time_text(value: datetime | None) -> str | None:
    """Return a time in the API server's form, UTC and whole seconds."""
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def without_empty(document: Json) -> Json:
    """Return the document without members that are None, empty strings, lists or objects."""
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}


def merge_patch(document: Json, patch: Json) -> Json:
    """Return a document after a merge patch (RFC 7396); neither argument is changed."""
    out = dict(document)
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        elif isinstance(value, dict):
            inner = out.get(name)
            out[name] = merge_patch(inner if isinstance(inner, dict) else {}, value)
        else:
            out[name] = deepcopy(value)
    return out
