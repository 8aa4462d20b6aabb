"""An object's metadata: what a client may say of it, and what only the server sets."""

import secrets

from konductor.runner.local.apiserver import gojson
from konductor.runner.local.apiserver.answer import bad_request, invalid
from konductor.runner.local.apiserver.body import Body
from konductor.runner.local.apiserver.builtin.field import FieldError, immutable
from konductor.runner.local.apiserver.served import Json, Object, Served

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX = 5
_LONGEST_BASE = 58


def same_kind(served: Served, body: Body) -> None:
    """Check that a body says it is of the kind that its path names.

    Raises:
        Refusal: it is not.
    """
    document = body.document
    kind, version = document.get("kind"), document.get("apiVersion")
    if not served.is_custom and not kind and not version:
        return  # a built-in type is known by its path
    for member, value in (("Kind", kind), ("apiVersion", version)):
        if not isinstance(value, str) or not value:
            told = f"Object '{member}' is missing in '{body.data.decode(errors='replace')}'"
            raise bad_request(gojson.unrecognized(served.kind, told, body.data))
    if version != served.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version "
            f"({served.api_version})"
        )
    if kind != served.kind:
        metadata = document.get("metadata")
        name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
        detail = f'Invalid value: "{kind}": must be {served.kind}'
        raise invalid(
            str(kind), served.group, name, [FieldError("kind", "FieldValueInvalid", detail)]
        )


def set_namespace(served: Served, metadata: Json, namespace: str) -> None:
    """Set the namespace that the path names.

    Raises:
        Refusal: the object says another.
    """
    if not served.namespaced:
        metadata.pop("namespace", None)
    elif metadata.get("namespace", namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    else:
        metadata["namespace"] = namespace


def give_name(metadata: Json) -> None:
    """Make a name of ``generateName``, if there is none."""
    if not metadata.get("name") and (base := metadata.get("generateName")):
        suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX))
        metadata["name"] = base[:_LONGEST_BASE] + suffix


def same_name(metadata: Json, name: str) -> None:
    """Set the name that the path names.

    Raises:
        Refusal: the object says another.
    """
    given = metadata.setdefault("name", name)
    if given != name:
        raise bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )


def keep_metadata(metadata: Json, old: Object) -> None:
    """Keep what only the server sets."""
    for member in (
        "uid",
        "creationTimestamp",
        "generation",
        "generateName",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ):
        metadata.pop(member, None)
        if member in old:
            metadata[member] = old[member]


def fixed_errors(metadata: Object, old: Object) -> list[FieldError]:
    """Return what must not be changed of what only the server sets, and was."""
    given = metadata.get("uid")
    return immutable("metadata.uid", given, old["uid"]) if given else []


def finalizer_errors(metadata: Object, old: Object) -> list[FieldError]:
    """Return an error if a finalizer is added to an object that is being deleted."""
    if "deletionTimestamp" not in old:
        return []
    added = [one for one in metadata.get("finalizers", ()) if one not in old.get("finalizers", ())]
    if not added:
        return []
    shown = ", ".join(f'"{one}"' for one in added)
    detail = (
        "Forbidden: no new finalizers can be added if the object is being deleted, found new "
        f"finalizers []string{{{shown}}}"
    )
    return [FieldError("metadata.finalizers", "FieldValueForbidden", detail)]


def count_generation(served: Served, new: Json, old: Object) -> None:
    """Let the generation grow if more than metadata and status has changed."""
    if not served.counts_generation:
        return
    passed_over = {"metadata", "apiVersion", "kind"} | ({"status"} if served.has_status else set())
    names = (new.keys() | old.keys()) - passed_over
    if any(new.get(name) != old.get(name) for name in names):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
