"""CustomResourceDefinitions: themselves as a kind, and the kinds that they define."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from konductor.runner.local.apiserver import structural
from konductor.runner.local.apiserver.builtin import decode as go
from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
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
from konductor.runner.local.apiserver.builtin.table import created
from konductor.runner.local.apiserver.printer import BadPath, form
from konductor.runner.local.apiserver.rule import UNCHECKED, BadRule, Rules, blocks, collect
from konductor.runner.local.apiserver.served import (
    CUSTOM_VERBS,
    Json,
    Object,
    Served,
    TableForm,
    decode_metadata,
    unreadable,
)

GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
KEY = f"{PLURAL}.{GROUP}"
_COMPONENT = schema_name(GROUP, "v1", "CustomResourceDefinition")
_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"


def definitions(now: Callable[[], str]) -> Served:
    """Return the kind CustomResourceDefinition; ``now`` gives the time of its conditions."""

    def decode(document: Json) -> tuple[Json, list[str]]:
        try:
            decoded = go.decode(_COMPONENT, document)
        except go.DecodeError as error:
            raise unreadable("CustomResourceDefinition", "v1", error) from error
        value = decoded.value | {
            "kind": "CustomResourceDefinition",
            "apiVersion": f"{GROUP}/v1",
        }
        _default(value)
        return value, list(decoded.unknown)

    def create(document: Json) -> None:
        names = document["spec"].get("names", {})
        served = [one["name"] for one in document["spec"].get("versions", ()) if one.get("storage")]
        document["status"] = {
            "conditions": [
                _condition("NamesAccepted", "NoConflicts", "no conflicts found", now()),
                _condition("Established", "InitialNamesAccepted", _ESTABLISHED, now()),
            ],
            "acceptedNames": names,
            "storedVersions": served,
        }

    return Served(
        group=GROUP,
        version="v1",
        plural=PLURAL,
        singular="customresourcedefinition",
        kind="CustomResourceDefinition",
        list_kind="CustomResourceDefinitionList",
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
        decode=decode,
        create=create,
        create_errors=_errors,
        keep=keep_status,
        update_errors=lambda new, _: _errors(new),
        keep_status=keep_all_but_status,
        status_errors=lambda _, __: (),
        warnings=lambda _: [],
        fields=lambda _: {},
        table=TableForm(lambda: _COLUMNS, lambda one, _: [one["metadata"]["name"], created(one)]),
        merge=None,
    )


_ESTABLISHED = "the initial names have been accepted"
_COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0},
    {"name": "Created At", "type": "date", "format": "", "description": "", "priority": 0},
]


def _condition(kind: str, reason: str, message: str, now: str) -> Json:
    return {
        "type": kind,
        "status": "True",
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _default(document: Json) -> None:
    spec = document.get("spec", {})
    names = spec.get("names", {})
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})


def _errors(document: Object) -> Iterable[FieldError]:
    spec, name = document["spec"], document["metadata"]["name"]
    wanted = f"{spec.get('names', {}).get('plural')}.{spec.get('group')}"
    if name != wanted:
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", spec.get("scope", ""), ("Cluster", "Namespaced"))
    if spec["conversion"].get("strategy") != "None":
        yield unsupported("spec.conversion.strategy", spec["conversion"].get("strategy"), ("None",))
    versions = spec.get("versions", ())
    if sum(bool(one.get("storage")) for one in versions) != 1:
        detail = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", list(versions), detail)
    for at, version in enumerate(versions):
        yield from _version_errors(version, f"spec.versions[{at}]")


def _version_errors(version: Object, path: str) -> Iterable[FieldError]:
    schema = version.get("schema", {}).get("openAPIV3Schema")
    where = f"{path}.schema.openAPIV3Schema"
    if schema is None:
        yield required(where, "schemas are required")
        return
    yield from _structure(schema, where)
    try:
        collect(schema, where)
    except BadRule as error:
        place, _, told = str(error).partition(": Invalid value: ")
        yield FieldError(place, "FieldValueInvalid", f"Invalid value: {told}")
    for at, column in enumerate(version.get("additionalPrinterColumns", ())):
        try:
            form([column])
        except BadPath as error:
            place = f"{path}.additionalPrinterColumns[{at}].jsonPath"
            yield invalid(place, column["jsonPath"], f"is an invalid path: {error}")


def _structure(schema: Any, path: str) -> Iterable[FieldError]:  # noqa: ANN401  # any JSON
    """Yield what keeps a schema from being structural: each node says its type."""
    if not isinstance(schema, Mapping):
        return
    free = schema.get(structural.PRESERVE) or schema.get(structural.INT_OR_STRING)
    if not schema.get("type") and not free:
        yield required(f"{path}.type", "must not be empty for specified object fields")
    if "pattern" in schema and not _compiles(schema["pattern"]):
        yield invalid(f"{path}.pattern", schema["pattern"], "must be a valid regular expression")
    for name, inner in schema.get("properties", {}).items():
        if path.endswith("openAPIV3Schema") and name == "metadata":
            continue
        yield from _structure(inner, f"{path}.properties[{name}]")
    if "items" in schema:
        yield from _structure(schema["items"], f"{path}.items")
    yield from _structure(schema.get("additionalProperties"), f"{path}.additionalProperties")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def defined(definition: Object) -> list[Served]:
    """Return the kinds that a CRD defines, one a served version."""
    spec = definition["spec"]
    return [_kind(spec, version) for version in spec["versions"] if version.get("served")]


def _kind(spec: Object, version: Object) -> Served:
    names = spec["names"]
    schema = version["schema"]["openAPIV3Schema"]
    rules = collect(schema)
    subresources = tuple(version.get("subresources") or ())
    has_status = "status" in subresources
    check = _checker(schema, rules)
    api_version = f"{spec['group']}/{version['name']}"

    def decode(document: Json) -> tuple[Json, list[str]]:
        metadata, unknown = decode_metadata(document)
        document |= {"metadata": metadata, "apiVersion": api_version, "kind": names["kind"]}
        structural.fill(schema, document)
        own = {name: document[name] for name in document if name not in _ENVELOPE}
        unknown += structural.prune(schema, own)
        return {**{name: document[name] for name in _ENVELOPE}, **own}, unknown

    def create(document: Json) -> None:
        if has_status:
            document.pop("status", None)

    def keep(new: Json, old: Object) -> None:
        if has_status:
            keep_status(new, old)

    return Served(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        singular=names["singular"],
        kind=names["kind"],
        list_kind=names["listKind"],
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames", ())),
        categories=tuple(names.get("categories", ())),
        verbs=CUSTOM_VERBS,
        subresources=tuple(one for one in subresources if one == "status"),
        is_custom=True,
        counts_generation=True,
        unconditional_update=False,
        orphans=False,
        name_rule=naming.dns_subdomain,
        decode=decode,
        create=create,
        create_errors=lambda new: check(new, None),
        keep=keep,
        update_errors=check,
        keep_status=keep_all_but_status,
        status_errors=check,
        warnings=lambda _: [],
        fields=lambda _: {},
        table=form(list(version.get("additionalPrinterColumns", ()))),
        merge=None,
    )


_ENVELOPE = ("apiVersion", "kind", "metadata")


def _checker(
    schema: Object, rules: Rules | None
) -> Callable[[Object, Object | None], list[FieldError]]:
    def check(new: Object, old: Object | None) -> list[FieldError]:
        found = list(structural.errors(schema, {k: v for k, v in new.items() if k != "metadata"}))
        if rules and blocks(found):
            return [*found, UNCHECKED]
        return found + (list(rules.violations(new, old)) if rules else [])

    return check
