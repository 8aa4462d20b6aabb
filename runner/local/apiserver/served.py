"""One kind as the API server serves it, built-in or from a CRD: the rest asks no further."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver.answer import Refusal, qualified
from konductor.runner.local.apiserver.builtin import decode as go
from konductor.runner.local.apiserver.builtin import event, naming, strategic
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.builtin.kind import Kind
from konductor.runner.local.apiserver.builtin.ownership import finalizer_errors, owner_errors
from konductor.runner.local.apiserver.builtin.schema import schema_name, schemas

Json = dict[str, Any]
Object = Mapping[str, Any]
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


@dataclass(frozen=True, slots=True)
class TableForm:
    """How a kind is shown as a table."""

    columns: Callable[[], list[Json]]
    cells: Callable[[Object, datetime], list[Any]]
    conditions: Callable[[Object], list[dict[str, str]]] = lambda _: []


@dataclass(frozen=True, slots=True)
class Served:
    """A kind, and the functions that say how it behaves.

    Those that change an object do so in place, on a copy made for the request.
    """

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    list_kind: str
    namespaced: bool
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    verbs: tuple[str, ...]
    subresources: tuple[str, ...]
    is_custom: bool
    counts_generation: bool
    unconditional_update: bool
    orphans: bool
    name_rule: Callable[[str], list[str]]
    decode: Callable[[Json], tuple[Json, list[str]]]
    """Bring a document to the form that is stored; also return the paths of unknown fields."""
    create: Callable[[Json], None]
    """Give a new object what every new one has (it has a name and a uid by now)."""
    create_errors: Callable[[Object], Iterable[FieldError]]
    keep: Callable[[Json, Object], None]
    update_errors: Callable[[Object, Object], Iterable[FieldError]]
    keep_status: Callable[[Json, Object], None]
    status_errors: Callable[[Object, Object], Iterable[FieldError]]
    warnings: Callable[[Object], list[str]]
    fields: Callable[[Object], Mapping[str, str]]
    table: TableForm
    merge: Callable[[Json, Json], Json] | None
    """Strategic merge; None: not for this kind."""
    stored_as: str = ""
    """The resource as which objects are stored, if this is another form of them."""
    outward: Callable[[Object], Object] = lambda document: document
    """Bring a stored object to the form in which it is shown."""

    @property
    def key(self) -> str:
        """Return the name under which objects are stored: ``barriers.konductor.io``."""
        return self.stored_as or qualified(self.plural, self.group)

    @property
    def judged_group(self) -> str:
        """Return the group that is named where an object breaks a rule."""
        return "" if self.stored_as else self.group

    @property
    def api_version(self) -> str:
        """Return ``group/version``, or the version alone of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def has_status(self) -> bool:
        """Tell whether ``status`` is a subresource."""
        return "status" in self.subresources


def decode_metadata(document: Json) -> tuple[Json, list[str]]:
    """Return the metadata of a document as Go would write it, and its unknown fields.

    Raises:
        Refusal: a member has the wrong type.
    """
    metadata = document.get("metadata")
    try:
        decoded = go.decode(OBJECT_META, metadata if metadata is not None else {})
    except go.DecodeError as error:
        raise unreadable(str(document.get("kind", "")), "", error) from error
    return decoded.value, [f"metadata.{path}" for path in decoded.unknown]


class Unreadable(Refusal):
    """A value of an object has a wrong type."""

    def __init__(self, message: str, told: str) -> None:
        """Keep the whole message, and what the decoder told."""
        super().__init__(400, "BadRequest", message)
        self.told = told


def unreadable(kind: str, version: str, error: object) -> Unreadable:
    """Return the answer to an object with a value of a wrong type."""
    if version:
        message = f'{kind} in version "{version}" cannot be handled as a {kind}: {error}'
    else:
        message = f"the object provided is unrecognized: {error}"
    return Unreadable(message, str(error))


def of_builtin(kind: Kind) -> Served:
    """Return how a built-in kind is served."""
    if kind.group == event.GROUP:
        return _newer_event(_of_builtin(kind))
    return _of_builtin(kind)


def _newer_event(served: Served) -> Served:
    """Return how events.k8s.io shows the events of core: they are stored once, in core's form."""
    core, newer = (schema_name(group, "v1", "Event") for group in ("", event.GROUP))

    def decode(document: Json) -> tuple[Json, list[str]]:
        decoded, unknown = served.decode(document)
        value = go.decode(core, event.to_core(decoded)).value
        return value | {"kind": served.kind, "apiVersion": event.CORE}, unknown

    def outward(document: Object) -> Object:
        value = go.decode(newer, event.from_core(document)).value
        return value | {"kind": served.kind, "apiVersion": event.NEWER}

    return replace(served, decode=decode, outward=outward, stored_as="events")


def _of_builtin(kind: Kind) -> Served:
    def decode(document: Json) -> tuple[Json, list[str]]:
        try:
            decoded = go.decode(kind.component, document)
        except go.DecodeError as error:
            raise unreadable(kind.kind, kind.version, error) from error
        value = decoded.value | {"kind": kind.kind, "apiVersion": kind.api_version}
        kind.default(value)
        return value, list(decoded.unknown)

    def create(document: Json) -> None:
        kind.admit(document)
        kind.prepare(document)

    return Served(
        group=kind.group,
        version=kind.version,
        plural=kind.plural,
        singular=kind.singular,
        kind=kind.kind,
        list_kind=kind.list_kind,
        namespaced=kind.namespaced,
        short_names=kind.short_names,
        categories=kind.categories,
        verbs=kind.verbs,
        subresources=kind.subresources,
        is_custom=False,
        counts_generation=kind.counts_generation,
        unconditional_update=kind.unconditional_update,
        orphans=kind.orphans,
        name_rule=kind.name_rule,
        decode=decode,
        create=create,
        create_errors=kind.create_errors,
        keep=kind.keep,
        update_errors=kind.update_errors,
        keep_status=kind.keep_status,
        status_errors=kind.status_errors,
        warnings=kind.warnings,
        fields=kind.fields,
        table=TableForm(
            lambda: [column.definition() for column in kind.view.columns],
            kind.view.cells,
            kind.view.conditions,
        ),
        merge=lambda document, patch: strategic.merge(
            document, patch, schemas()[kind.component], kind.kind
        ),
    )


def metadata_errors(served: Served, document: Object) -> Iterable[FieldError]:
    """Yield what is wrong with an object's metadata."""
    metadata = document["metadata"]
    for sentence in served.name_rule(metadata.get("name", "")):
        yield FieldError(
            "metadata.name",
            "FieldValueInvalid",
            f'Invalid value: "{metadata["name"]}": {sentence}',
        )
    for key, value in (metadata.get("labels") or {}).items():
        for text, sentences in (
            (key, naming.qualified_name(key)),
            (value, naming.label_value(value)),
        ):
            for sentence in sentences:
                yield FieldError(
                    "metadata.labels", "FieldValueInvalid", f'Invalid value: "{text}": {sentence}'
                )
    for key in metadata.get("annotations") or {}:
        for sentence in naming.qualified_name(key.lower()):
            yield FieldError(
                "metadata.annotations", "FieldValueInvalid", f'Invalid value: "{key}": {sentence}'
            )
    yield from owner_errors(metadata)
    yield from finalizer_errors(metadata, custom=served.is_custom)
