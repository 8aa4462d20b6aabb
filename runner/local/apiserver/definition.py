"""CustomResourceDefinitions as a kind: their defaults, what they must be, and how they are shown.

The kinds that they define are `custom`'s matter. Where all versions of a definition have the same
schema a real server names it ``spec.validation`` in messages, after its own inner form.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver import structural
from konductor.runner.local.apiserver.builtin import decode as go
from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    forbidden,
    immutable,
    invalid,
    required,
    unsupported,
)
from konductor.runner.local.apiserver.builtin.kind import (
    ALL_VERBS,
    keep_all_but_status,
    keep_status,
)
from konductor.runner.local.apiserver.builtin.schema import schema_name
from konductor.runner.local.apiserver.builtin.table import CREATED, NAME, Column, created
from konductor.runner.local.apiserver.printer import BadPath, form
from konductor.runner.local.apiserver.rule import BadRule, collect
from konductor.runner.local.apiserver.served import Json, Object, Served, TableForm, unreadable

GROUP, KIND = "apiextensions.k8s.io", "CustomResourceDefinition"
PLURAL = "customresourcedefinitions"
KEY = f"{PLURAL}.{GROUP}"
_COMPONENT = schema_name(GROUP, "v1", KIND)
_ESTABLISHED = "the initial names have been accepted"
_SCOPES = ("Cluster", "Namespaced")
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_COLUMNS = (
    NAME,
    Column("Scope", "Cluster/Namespaced"),
    Column("Versions", "Served versions"),
    CREATED,
    Column("Group", "API group", priority=1),
    Column("Kind", "CustomResource kind", priority=1),
    Column("ShortNames", "Short names", priority=1),
    Column("Established", "Established status", type="boolean", priority=1),
)


def definitions(now: Callable[[], str]) -> Served:
    """Return the kind CustomResourceDefinition; ``now`` gives the time of its conditions."""

    def create(document: Json) -> None:
        document["status"] = _status(document["spec"], now())

    return Served(
        group=GROUP,
        version="v1",
        plural=PLURAL,
        singular="customresourcedefinition",
        kind=KIND,
        list_kind=f"{KIND}List",
        namespaced=False,
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        verbs=ALL_VERBS,
        subresources=("status",),
        is_custom=False,
        counts_generation=True,
        unconditional_update=False,
        orphans=False,
        name_rule=naming.dns_subdomain,
        decode=_decode,
        create=create,
        create_errors=_errors,
        keep=_keep,
        update_errors=_update_errors,
        keep_status=keep_all_but_status,
        status_errors=lambda _, __: (),
        warnings=lambda _: [],
        fields=lambda _: {},
        table=TableForm(lambda: [column.definition() for column in _COLUMNS], _cells),
        merge=None,
    )


def _decode(document: Json) -> tuple[Json, list[str]]:
    try:
        decoded = go.decode(_COMPONENT, document)
    except go.DecodeError as error:
        raise unreadable(KIND, "v1", error) from error
    value = decoded.value | {"kind": KIND, "apiVersion": f"{GROUP}/v1"}
    _default(value["spec"])
    return value, list(decoded.unknown)


def _default(spec: Json) -> None:
    names = spec["names"]
    if names.get("kind"):
        names["singular"] = names.get("singular") or names["kind"].lower()
        names["listKind"] = names.get("listKind") or f"{names['kind']}List"
    spec.setdefault("conversion", {"strategy": "None"})


def _status(spec: Object, now: str) -> Json:
    stored = [one["name"] for one in spec.get("versions") or () if one.get("storage")]
    return {
        "conditions": [
            _condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
            _condition("Established", "InitialNamesAccepted", _ESTABLISHED, now),
        ],
        "acceptedNames": spec["names"],
        "storedVersions": stored,
    }


def _condition(kind: str, reason: str, message: str, now: str) -> Json:
    return {
        "type": kind,
        "status": "True",
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _keep(new: Json, old: Object) -> None:
    """Keep the status, and in it the names that are accepted and the versions ever stored."""
    keep_status(new, old)
    status, spec = dict(new.get("status") or {}), new["spec"]
    stored = list(status.get("storedVersions") or ())
    fresh = [one["name"] for one in spec.get("versions") or () if one.get("storage")]
    status["storedVersions"] = stored + [name for name in fresh if name not in stored]
    new["status"] = status | {"acceptedNames": spec["names"]}


def _cells(found: Object, _: datetime) -> list[Any]:
    spec, status = found["spec"], found.get("status") or {}
    names = spec["names"]
    served = [
        f"{one['name']}(storage)" if one.get("storage") else one["name"]
        for one in spec.get("versions") or ()
        if one.get("served")
    ]
    established = any(
        one["type"] == "Established" and one["status"] == "True"
        for one in status.get("conditions") or ()
    )
    short = ",".join(names.get("shortNames") or ())
    shown = [found["metadata"]["name"], spec["scope"], ",".join(served), created(found)]
    return [*shown, spec["group"], names["kind"], short, established]


def _update_errors(new: Object, old: Object) -> Iterator[FieldError]:
    spec, was = new["spec"], old["spec"]
    frozen = [
        *immutable("spec.group", spec["group"], was["group"]),
        *immutable("spec.scope", spec["scope"], was["scope"]),
        *immutable("spec.names.kind", spec["names"].get("kind"), was["names"]["kind"]),
        *immutable("spec.names.plural", spec["names"].get("plural"), was["names"]["plural"]),
    ]
    yield from frozen or _errors(new)


def _errors(document: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a definition."""
    spec, name = document["spec"], document["metadata"]["name"]
    names = spec["names"]
    if name != f"{names.get('plural', '')}.{spec.get('group', '')}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    yield from _group_errors(spec.get("group") or "")
    yield from _scope_errors(spec.get("scope") or "")
    yield from _schemas_errors(spec.get("versions") or ())
    yield from _version_names(spec.get("versions"))
    yield from _names_errors(names)
    strategy = spec["conversion"].get("strategy")
    if strategy != "None":
        yield unsupported("spec.conversion.strategy", strategy, ("None",))


def _group_errors(group: str) -> Iterator[FieldError]:
    if not group:
        yield required("spec.group")
        return
    for sentence in naming.dns_subdomain(group):
        yield invalid("spec.group", group, sentence)
    if "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _scope_errors(scope: str) -> Iterator[FieldError]:
    if not scope:
        yield required("spec.scope")
    elif scope not in _SCOPES:
        yield unsupported("spec.scope", scope, _SCOPES)


def _names_errors(names: Object) -> Iterator[FieldError]:
    for member in ("plural", "singular", "kind", "listKind"):
        path, text = f"spec.names.{member}", names.get(member) or ""
        if not text:
            yield required(path)
        for sentence in naming.dns_label(text.lower()) if text else ():
            yield invalid(path, text, sentence)
    for at, text in enumerate(names.get("shortNames") or ()):
        for sentence in naming.dns_label(text):
            yield invalid(f"spec.names.shortNames[{at}]", text, sentence)


def _version_names(versions: list[Json] | None) -> Iterator[FieldError]:
    names = [one.get("name") or "" for one in versions or ()]
    for at, name in enumerate(names):
        for sentence in naming.dns_label(name):
            yield invalid(f"spec.versions[{at}].name", name, sentence)
    if len(set(names)) != len(names):
        yield invalid("spec.versions", versions, "must contain unique version names")
    stored = [one.get("name") for one in versions or () if one.get("storage")]
    if len(stored) != 1:
        detail = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", versions, detail)
    if not stored:
        detail = "must have at least one stored version"
        yield invalid("status.storedVersions", None, detail)


def _schemas_errors(versions: Iterable[Object]) -> Iterator[FieldError]:
    found = list(versions)
    schemas = [(one.get("schema") or {}).get("openAPIV3Schema") for one in found]
    shared = all(schema == schemas[0] for schema in schemas)
    for at, (version, schema) in enumerate(zip(found, schemas, strict=True)):
        path = f"spec.versions[{at}]"
        if schema is None:
            yield required(f"{path}.schema.openAPIV3Schema", "schemas are required")
        elif not shared or at == 0:
            where = "spec.validation" if shared else f"{path}.schema"
            yield from _schema_errors(schema, f"{where}.openAPIV3Schema")
        yield from _column_errors(version, "spec" if shared else path)


def _column_errors(version: Object, path: str) -> Iterator[FieldError]:
    for at, column in enumerate(version.get("additionalPrinterColumns") or ()):
        try:
            form([column])
        except BadPath as error:
            place = f"{path}.additionalPrinterColumns[{at}].jsonPath"
            yield invalid(place, column["jsonPath"], f"is an invalid path: {error}")


def _schema_errors(schema: Object, path: str) -> Iterator[FieldError]:
    found = [*_root(schema, path), *_structure(schema, path)]
    yield from found
    if found:
        return
    try:
        collect(schema, path)
    except BadRule as error:
        yield invalid(error.path, error.rule, f"compilation failed: {error}")


def _root(schema: Object, path: str) -> Iterator[FieldError]:
    kind = schema.get("type")
    if not kind:
        yield required(f"{path}.type", "must not be empty at the root")
    elif kind != "object":
        yield invalid(f"{path}.type", kind, "must be object at the root")
    own = schema.get("properties", {}).get("metadata", {})
    if own.get("properties", {}).keys() - {"name", "generateName"}:
        detail = (
            "must not specify anything other than name and generateName, "
            "but metadata is implicitly specified"
        )
        yield forbidden(f"{path}.properties[metadata]", detail)


def _structure(schema: Object, path: str) -> Iterator[FieldError]:
    """Yield what keeps a schema from being structural, the inner parts first."""
    if schema.get("$ref"):
        yield forbidden(f"{path}.$ref", "$ref is not supported")
    for place, inner, described in _parts(schema, path):
        yield from _structure(inner, place)
        free = inner.get(structural.PRESERVE) or inner.get(structural.INT_OR_STRING)
        if not inner.get("type") and not free:
            yield required(f"{place}.type", f"must not be empty for specified {described}")
    if schema.get("type") and schema["type"] not in _TYPES:
        yield unsupported(f"{path}.type", schema["type"], _TYPES)
    if "pattern" in schema and not _compiles(schema["pattern"]):
        yield invalid(f"{path}.pattern", schema["pattern"], "must be a valid regular expression")
    if schema.get("type") == "array" and not schema.get("items"):
        yield required(f"{path}.items", "must be specified")
    if "default" in schema:
        yield from structural.errors(schema, schema["default"], f"{path}.default")


def _parts(schema: Object, path: str) -> Iterator[tuple[str, Object, str]]:
    if isinstance(schema.get("items"), Mapping):
        yield f"{path}.items", schema["items"], "array items"
    for name, inner in sorted((schema.get("properties") or {}).items()):
        yield f"{path}.properties[{name}]", inner, "object fields"
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield f"{path}.additionalProperties", schema["additionalProperties"], "object fields"


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
