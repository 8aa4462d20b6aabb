"""Writing objects: every rule between a request and what is stored.

Each function is one step of the loop from begin to end, so nothing comes between what it read and
what it writes.
"""

import copy
import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from konductor.runner.local.apiserver.answer import (
    MODIFIED,
    Refusal,
    already_exists,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from konductor.runner.local.apiserver.body import Body
from konductor.runner.local.apiserver.builtin.field import FieldError, required
from konductor.runner.local.apiserver.builtin.field import invalid as invalid_field
from konductor.runner.local.apiserver.kinds import Kinds
from konductor.runner.local.apiserver.metadata import (
    count_generation,
    finalizer_errors,
    fixed_errors,
    give_name,
    keep_metadata,
    same_kind,
    same_name,
    set_namespace,
)
from konductor.runner.local.apiserver.removal import NAMESPACES, grace_of, is_over, propagate
from konductor.runner.local.apiserver.rule import UNCHECKED
from konductor.runner.local.apiserver.served import (
    Json,
    Object,
    Served,
    Unreadable,
    metadata_errors,
    unreadable,
)
from konductor.runner.local.apiserver.stock import Key, Stock


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

    def pod(self, namespace: str, name: str) -> Json:
        """Return a pod, not to be changed.

        Raises:
            Refusal: there is none.
        """
        found = self.stock.get(Key("pods", namespace, name))
        if found is None:
            raise not_found("pods", "", name)
        return found

    def create(self, served: Served, namespace: str, body: Body, options: Options) -> Written:
        """Create an object.

        Raises:
            Refusal: it must not be.
        """
        document, warnings = self._taken(served, body, options, patched="")
        metadata = document["metadata"]
        set_namespace(served, metadata, namespace)
        if metadata.get("resourceVersion"):
            message = "resourceVersion should not be set on objects to be created"
            raise Refusal(500, "", message)
        give_name(metadata)
        for member in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"):
            metadata.pop(member, None)
        metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": self.now()}
        if served.counts_generation:
            metadata["generation"] = 1
        if served.namespaced:
            self._check_namespace(served, namespace, metadata.get("name", ""))
        served.create(document)
        if served.key == "pods":
            self._check_account(served, document)
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
        body = change(copy.deepcopy(dict(served.outward(old))))
        new, warnings = self._taken(served, body, options, patched=name if patch else "")
        metadata = new["metadata"]
        same_name(metadata, name)
        set_namespace(served, metadata, namespace)
        self._check_version(served, new, old, patch=patch)
        fixed = fixed_errors(metadata, old["metadata"])
        keep_metadata(metadata, old["metadata"])
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
        count_generation(served, new, old)
        if new == old and not fixed:
            return Written(old, warnings)
        fixed += finalizer_errors(metadata, old["metadata"])
        # A real server asks twice about a custom object: once for all kinds, once for its own.
        self._judge(served, new, [*fixed, *(fixed if served.is_custom else ()), *errors])
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
        if is_over(served, stored):
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
        propagate(metadata, asked.propagation, orphans=served.orphans)
        grace = grace_of(served, new, asked.grace)
        goes = not metadata.get("finalizers") and not grace and served.key != NAMESPACES
        if not goes or served.key == "pods":
            self._mark(served, new, grace)
        if goes:
            if not asked.dry_run:
                self.stock.remove(Key(served.key, *place))
            return new, True
        if new == old or asked.dry_run:
            return new, False
        stored = self._put(served, Key(served.key, *place), new, Options())
        return stored, self.stock.get(Key(served.key, *place)) is None

    def _mark(self, served: Served, document: Json, grace: int) -> None:
        """Mark an object as one that is being deleted."""
        metadata = document["metadata"]
        if "deletionTimestamp" not in metadata and served.counts_generation:
            metadata["generation"] += 1
        if "deletionTimestamp" not in metadata or grace < metadata["deletionGracePeriodSeconds"]:
            metadata.setdefault("deletionTimestamp", self.now())
            metadata["deletionGracePeriodSeconds"] = grace
        if served.key == NAMESPACES:
            document["status"] = {**document.get("status", {}), "phase": "Terminating"}

    def _taken(
        self, served: Served, body: Body, options: Options, *, patched: str
    ) -> tuple[Json, list[str]]:
        """Return a body's document in the form that is stored, and what to warn of.

        Raises:
            Refusal: it is of another kind, unreadable, or not strictly right.
        """
        document = body.document
        same_kind(served, body)
        try:
            decoded, unknown = served.decode(document)
        except Unreadable as error:
            if not patched:
                raise
            raise _unpatched(json.dumps(document), error.told) from error
        decoded["metadata"].pop("managedFields", None)
        faults = [f'duplicate field "{path}"' for path in body.duplicates]
        faults += [f'unknown field "{path}"' for path in unknown]
        if not faults or options.validation == "Ignore":
            return decoded, []
        if options.validation == "Warn":
            return decoded, faults
        told = f"strict decoding error: {', '.join(faults)}"
        if patched:
            raise _unpatched(json.dumps(document), told)
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

    def _check_account(self, served: Served, pod: Object) -> None:
        """Refuse a pod of a service account that is not there; the default one will be, soon."""
        metadata, account = pod["metadata"], pod["spec"].get("serviceAccountName", "default")
        namespace = metadata["namespace"]
        if account == "default" or self.stock.get(Key("serviceaccounts", namespace, account)):
            return
        told = f'error looking up service account {namespace}/{account}: serviceaccount "{account}"'
        raise forbidden(served.plural, "", metadata.get("name", ""), f"{told} not found")

    def _check_version(self, served: Served, new: Json, old: Object, *, patch: bool) -> None:
        metadata, was = new["metadata"], old["metadata"]
        name, version = was["name"], metadata.get("resourceVersion")
        if not patch and metadata.get("uid") and metadata["uid"] != was["uid"]:
            place = f"{served.group}/{served.plural}/{was.get('namespace', '')}/{name}"
            why = (
                f"StorageError: invalid object, Code: 4, Key: /registry/{place}, ResourceVersion: "
                f"0, AdditionalErrorMsg: Precondition failed: UID in precondition: "
                f"{metadata['uid']}, UID in object meta: {was['uid']}"
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
                served.kind,
                served.judged_group,
                "",
                missing + ([UNCHECKED] if served.is_custom else []),
            )
        own = metadata_errors(served, document) if new or served.is_custom else ()
        found = [*own, *errors]
        if found:
            raise invalid(served.kind, served.judged_group, name, found)


def _unpatched(document: str, told: str) -> Refusal:
    """Return the answer to a patch that makes something unreadable of an object."""
    return invalid("", "", "", [invalid_field("patch", document, told)])
