"""Where an object that is there differs from the one that is wanted. Pure."""

from collections.abc import Iterator

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.resource import CRDS

_APART = ("apiVersion", "kind", "metadata", "status")
_LONGEST = 60


def differences(there: Json, wanted: Json) -> tuple[str, ...]:
    """Return what would change, a line a place, without metadata, status and descriptions.

    What the server or somebody else added beside the wanted fields is no difference, except in
    the versions of a CustomResourceDefinition: what is left there changes what is accepted.
    """
    if wanted["kind"] == CRDS.kind:
        now, then = (_versions(one.get("spec")) for one in (there, wanted))
        return tuple(_between(now, then, "spec.versions", exact=True))
    return tuple(_between(there, _compared(wanted), "", exact=False))


def restricted(document: object, shape: object) -> object:
    """Return a document without what the shape does not have.

    >>> restricted({"a": 1, "b": [{"c": 2, "d": 3}]}, {"b": [{"c": 0}]})
    {'b': [{'c': 2}]}
    """
    if isinstance(document, dict) and isinstance(shape, dict):
        return {name: restricted(document.get(name), shape[name]) for name in shape}
    if isinstance(document, list) and isinstance(shape, list) and len(document) == len(shape):
        return [restricted(one, part) for one, part in zip(document, shape, strict=True)]
    return document


def _compared(document: Json) -> Json:
    return {name: value for name, value in document.items() if name not in _APART}


def _versions(spec: object) -> Json:
    return {one["name"]: one for one in json_list(json_map(spec).get("versions"))}


def _between(there: object, wanted: object, path: str, *, exact: bool) -> Iterator[str]:
    if isinstance(there, dict) and isinstance(wanted, dict):
        names = [*wanted, *(there.keys() - wanted.keys() if exact else ())]
        for name in names:
            yield from _between(
                there.get(name), wanted.get(name), f"{path}.{name}".lstrip("."), exact=exact
            )
    elif isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        for place, (one, other) in enumerate(zip(there, wanted, strict=True)):
            yield from _between(one, other, f"{path}[{place}]", exact=exact)
    elif there != wanted and not _describes(path, there or wanted):
        becomes = "go" if wanted is None else f"become {_shown(wanted)}"
        yield f"{path}: {_shown(there)} would {becomes}"


def _describes(path: str, value: object) -> bool:
    return path.endswith(".description") and isinstance(value, str)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
