"""Writing objects: every rule between a request and what is stored.

Each function is one step of the loop from begin to end, so nothing comes between what it read and
what it writes.
"""

import copy
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from konductor.runner.local.apiserver.answer import (
    MODIFIED,
    Refusal,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from konductor.runner.local.apiserver.body import Body
from konductor.runner.local.apiserver.builtin.field import FieldError, required
from konductor.runner.local.apiserver.kinds import Kinds
from konductor.runner.local.apiserver.rule import UNCHECKED
from konductor.runner.local.apiserver.served import (
    Json,
    Object,
    Served,
    metadata_errors,
    unreadable,
)
from konductor.runner.local.apiserver.stock import Key, Stock

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX = 5
_LONGEST_BASE = 58
NAMESPACES = "namespaces"


@dataclass(frozen=True, slots=True)
class Options:
    """What a write is asked to do besides."""

    dry_run: bool = False
    validation: str = "Warn"
    """Of fields that nobody knows: Strict, Warn or Ignore."""


@dataclass(frozen=True, slots=True)
class Written:
    """An object as it was stored, and what the client should be warned of."""

    document: Json
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a DELETE asks for."""

    dry_run: bool = False
    uid: str = ""
    resource_version: str = ""
    propagation: str = ""
    grace: int | None = None


class Room:
    """The objects of a cluster, and the rules for changing them."""

    def __init__(self, stock: Stock, kinds: Kinds, now: Callable[[], str]) -> None:
        """Take the objects, the kinds, and a clock of canonical times."""
        self.stock = stock
        self.kinds = kinds
        self.now = now

    def get(self, served: Served, namespace: str, name: str) -> Json:
        """Return an object, not to be changed.

        Raises:
            Refusal: there is none.
        """
        found = self.stock.get(Key(served.key, namespace, name))
        if found is None:
            raise not_found(served.plural, served.group, name)
        return found

    def create(self, served: Served, namespace: str, body: Body, options: Options) -> Written:
        """Create an object.

        Raises:
            Refusal: it must not be.
        """
        document, warnings = self._taken(served, body, options, patched="")
        metadata = document["metadata"]
        _set_namespace(served, metadata, namespace)
        if metadata.get("resourceVersion"):
            message = "resourceVersion should not be set on objects to be created"
            raise Refusal(500, "", message)
        _name(metadata)
        for member in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"):
            metadata.pop(member, None)
        metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": self.now()}
        if served.counts_generation:
            metadata["generation"] = 1
        if served.namespaced:
            self._check_namespace(served, namespace, metadata.get("name", ""))
        served.create(document)
        self._judge(served, document, served.create_errors(document), new=True)
        key = Key(served.key, namespace, metadata["name"])
        if self.stock.get(key) is not None:
            raise already_exists(served.plural, served.group, metadata["name"])
        warnings += served.warnings(document)
        stored = document if options.dry_run else self.stock.put(key, document)
        return Written(stored, warnings)

    def update(
        self,
        served: Served,
        place: tuple[str, str],
        change: Callable[[Json], Body],
        options: Options,
        *,
        subresource: str = "",
        patch: bool = False,
    ) -> Written:
        """Replace an object by what ``change`` makes of a copy of it.

        Raises:
            Refusal: it must not be.
        """
        namespace, name = place
        old = self.get(served, namespace, name)
        body = change(copy.deepcopy(old))
        new, warnings = self._taken(served, body, options, patched=name if patch else "")
        metadata = new["metadata"]
        _same_name(metadata, name)
        _set_namespace(served, metadata, namespace)
        self._check_version(served, new, old, patch=patch)
        _keep_metadata(metadata, old["metadata"])
        if subresource == "status":
            kept = metadata.get("managedFields")
            new["metadata"] = copy.deepcopy(old["metadata"])
            metadata = new["metadata"]
            metadata.pop("managedFields", None) if kept is None else None
            served.keep_status(new, old)
            errors = served.status_errors(new, old)
        else:
            served.keep(new, old)
            errors = served.update_errors(new, old)
        _count_generation(served, new, old)
        if new == old:
            return Written(old, warnings)
        self._judge(served, new, [*_finalizer_errors(metadata, old["metadata"]), *errors])
        return Written(self._put(served, Key(served.key, namespace, name), new, options), warnings)

    def put(self, served: Served, document: Json) -> Json:
        """Store an object that the server itself has changed, and remove it if that is due."""
        metadata = document["metadata"]
        key = Key(served.key, metadata.get("namespace", ""), metadata["name"])
        return self._put(served, key, document, Options())

    def _put(self, served: Served, key: Key, new: Json, options: Options) -> Json:
        if options.dry_run:
            return new
        stored = self.stock.put(key, new)
        if _is_over(served, stored):
            self.stock.remove(key)
        return stored

    def delete(self, served: Served, place: tuple[str, str], asked: Deletion) -> tuple[Json, bool]:
        """Delete an object, or mark it to be deleted; return it and whether it is gone.

        Raises:
            Refusal: there is none, or a precondition does not hold.
        """
        old = self.get(served, *place)
        self._check_preconditions(served, old, asked)
        new = copy.deepcopy(old)
        metadata = new["metadata"]
        _propagate(metadata, asked.propagation, orphans=served.orphans)
        grace = _grace(served, new, asked.grace)
        if not metadata.get("finalizers") and not grace and served.key != NAMESPACES:
            if not asked.dry_run:
                old = self.stock.remove(Key(served.key, *place))
            return old, True
        if "deletionTimestamp" not in metadata or grace < metadata["deletionGracePeriodSeconds"]:
            if "deletionTimestamp" not in metadata and served.counts_generation:
                metadata["generation"] += 1
            metadata.setdefault("deletionTimestamp", self.now())
            metadata["deletionGracePeriodSeconds"] = grace
        if served.key == NAMESPACES:
            new["status"] = {**new.get("status", {}), "phase": "Terminating"}
        if new == old or asked.dry_run:
            return new, False
        stored = self._put(served, Key(served.key, *place), new, Options())
        return stored, self.stock.get(Key(served.key, *place)) is None

    def _taken(
        self, served: Served, body: Body, options: Options, *, patched: str
    ) -> tuple[Json, list[str]]:
        """Return a body's document in the form that is stored, and what to warn of.

        Raises:
            Refusal: it is of another kind, unreadable, or not strictly right.
        """
        document = body.document
        _same_kind(served, document)
        decoded, unknown = served.decode(document)
        decoded["metadata"].pop("managedFields", None)
        faults = [f'duplicate field "{path}"' for path in body.duplicates]
        faults += [f'unknown field "{path}"' for path in unknown]
        if not faults or options.validation == "Ignore":
            return decoded, []
        if options.validation == "Warn":
            return decoded, faults
        told = f"strict decoding error: {', '.join(faults)}"
        if patched:
            cause = FieldError("patch", "FieldValueInvalid", f"Invalid value: {told}")
            raise invalid("", "", "", [cause])
        raise unreadable(served.kind, served.version, told)

    def _check_namespace(self, served: Served, namespace: str, name: str) -> None:
        found = self.stock.get(Key(NAMESPACES, "", namespace))
        if found is None:
            raise not_found(NAMESPACES, "", namespace)
        if "deletionTimestamp" in found["metadata"]:
            message = f"namespace {namespace} is being terminated"
            cause = {
                "reason": "NamespaceTerminating",
                "message": message,
                "field": "metadata.namespace",
            }
            why = (
                f"unable to create new content in namespace {namespace} because it is being "
                "terminated"
            )
            raise forbidden(served.plural, served.group, name, why, causes=[cause])

    def _check_version(self, served: Served, new: Json, old: Object, *, patch: bool) -> None:
        metadata, was = new["metadata"], old["metadata"]
        name, version = was["name"], metadata.get("resourceVersion")
        if metadata.get("uid") and metadata["uid"] != was["uid"]:
            why = (
                f"Precondition failed: UID in precondition: {metadata['uid']}, "
                f"UID in object meta: {was['uid']}"
            )
            raise conflict(served.plural, served.group, name, why)
        if not version and not served.unconditional_update and not patch:
            detail = "Invalid value: 0: must be specified for an update"
            error = FieldError("metadata.resourceVersion", "FieldValueInvalid", detail)
            raise invalid(served.plural, served.group, name, [error])
        if version and version != was["resourceVersion"]:
            raise conflict(served.plural, served.group, name, MODIFIED)

    def _check_preconditions(self, served: Served, old: Object, asked: Deletion) -> None:
        metadata = old["metadata"]
        checks = (
            ("UID", asked.uid, metadata["uid"], "deleted and then recreated"),
            ("ResourceVersion", asked.resource_version, metadata["resourceVersion"], "modified"),
        )
        for what, wanted, found, guess in checks:
            if wanted and wanted != found:
                why = (
                    f"the {what} in the precondition ({wanted}) does not match the {what} in "
                    f"record ({found}). The object might have been {guess}"
                )
                raise conflict(served.kind, served.group, metadata["name"], why)

    def _judge(
        self,
        served: Served,
        document: Json,
        errors: Iterable[FieldError],
        *,
        new: bool = False,
    ) -> None:
        name = document["metadata"].get("name", "")
        if not name:
            missing = [required("metadata.name", "name or generateName is required")]
            raise invalid(
                served.kind, served.group, "", missing + ([UNCHECKED] if served.is_custom else [])
            )
        own = metadata_errors(served, document) if new or served.is_custom else ()
        found = [*own, *errors]
        if found:
            raise invalid(served.kind, served.group, name, found)


def _same_kind(served: Served, document: Object) -> None:
    kind, version = document.get("kind"), document.get("apiVersion")
    if not served.is_custom and not kind and not version:
        return  # a built-in type is known by its path
    for member, value in (("Kind", kind), ("apiVersion", version)):
        if not isinstance(value, str) or not value:
            told = f"Object '{member}' is missing in the body"
            raise bad_request(
                f"the object provided is unrecognized (must be of type {served.kind}): {told}"
            )
    if version != served.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version "
            f"({served.api_version})"
        )
    if kind != served.kind:
        name = str((document.get("metadata") or {}).get("name", ""))
        detail = f'Invalid value: "{kind}": must be {served.kind}'
        raise invalid(
            str(kind), served.group, name, [FieldError("kind", "FieldValueInvalid", detail)]
        )


def _set_namespace(served: Served, metadata: Json, namespace: str) -> None:
    if not served.namespaced:
        metadata.pop("namespace", None)
    elif metadata.get("namespace", namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    else:
        metadata["namespace"] = namespace


def _name(metadata: Json) -> None:
    if not metadata.get("name") and (base := metadata.get("generateName")):
        suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX))
        metadata["name"] = base[:_LONGEST_BASE] + suffix


def _same_name(metadata: Json, name: str) -> None:
    given = metadata.setdefault("name", name)
    if given != name:
        raise bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )


def _keep_metadata(metadata: Json, old: Object) -> None:
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


def _finalizer_errors(metadata: Object, old: Object) -> list[FieldError]:
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


def _count_generation(served: Served, new: Json, old: Object) -> None:
    if not served.counts_generation:
        return
    passed_over = {"metadata", "apiVersion", "kind"} | ({"status"} if served.has_status else set())
    names = (new.keys() | old.keys()) - passed_over
    if any(new.get(name) != old.get(name) for name in names):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _propagate(metadata: Json, policy: str, *, orphans: bool) -> None:
    """Set the finalizer that tells the garbage collector what to do about dependants."""
    wanted = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}.get(policy, "")
    if not policy and orphans:
        wanted = "orphan"
    others = [
        one for one in metadata.get("finalizers", ()) if one not in ("orphan", "foregroundDeletion")
    ]
    kept = metadata.get("finalizers", []) if not policy and not wanted else others
    finalizers = [*kept, wanted] if wanted else kept
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)


def _grace(served: Served, document: Object, asked: int | None) -> int:
    """Return the seconds that a pod on a node is given to end; other objects need none."""
    if served.key != "pods" or not document["spec"].get("nodeName"):
        return 0
    if document.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    if asked is not None:
        return max(asked, 0)
    return int(document["spec"].get("terminationGracePeriodSeconds", 30))


def _is_over(served: Served, document: Object) -> bool:
    """Tell whether an object that was to be deleted can go now."""
    metadata = document["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if served.key == NAMESPACES:
        return not document.get("spec", {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")
