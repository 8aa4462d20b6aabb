"""What the environment of a container must be: ``env`` and ``envFrom``."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError, invalid, required

Object = Mapping[str, Any]

_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_SUBSCRIPTED = ("metadata.labels['", "metadata.annotations['")


def variables(container: Object, path: str) -> Iterator[FieldError]:
    """Yield what is wrong with the environment of a container."""
    for index, variable in enumerate(container.get("env", ())):
        yield from _variable(variable, f"{path}.env[{index}]")
    for index, source in enumerate(container.get("envFrom", ())):
        yield from _import(source, f"{path}.envFrom", index)


def _variable(variable: Object, path: str) -> Iterator[FieldError]:
    name = variable.get("name", "")
    if not name:
        yield required(f"{path}.name")
    for sentence in naming.variable_name(name):
        yield invalid(f"{path}.name", name, sentence)
    if (source := variable.get("valueFrom")) is not None:
        yield from _source(variable, source, f"{path}.valueFrom")


def _source(variable: Object, source: Object, path: str) -> Iterator[FieldError]:
    kinds = [kind for kind in _SOURCES if kind in source]
    if not kinds:
        detail = f"must specify one of: {', '.join(f'`{kind}`' for kind in _SOURCES[:-1])}"
        yield invalid(path, "", f"{detail} or `{_SOURCES[-1]}`")
    elif len(kinds) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")
    elif variable.get("value"):
        yield invalid(path, "", "may not be specified when `value` is not empty")
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if kind in source:
            yield from _key(source[kind], f"{path}.{kind}")
    if "fieldRef" in source:
        yield from _field(source["fieldRef"], f"{path}.fieldRef")


def _key(reference: Object, path: str) -> Iterator[FieldError]:
    name, key = reference.get("name", ""), reference.get("key", "")
    for sentence in naming.dns_subdomain(name):
        yield invalid(f"{path}.name", name, sentence)
    if not key:
        yield required(f"{path}.key")
    else:
        for sentence in naming.config_key(key):
            yield invalid(f"{path}.key", key, sentence)


def _field(reference: Object, path: str) -> Iterator[FieldError]:
    field = reference.get("fieldPath", "")
    if not field:
        yield required(f"{path}.fieldPath")
    elif field not in _FIELDS and not field.startswith(_SUBSCRIPTED):
        detail = f"error converting fieldPath: field label not supported: {field}"
        yield invalid(f"{path}.fieldPath", field, detail)


def _import(source: Object, path: str, index: int) -> Iterator[FieldError]:
    prefix = source.get("prefix", "")
    for sentence in naming.variable_name(prefix):
        yield invalid(f"{path}[{index}].prefix", prefix, sentence)
    kinds = [kind for kind in ("configMapRef", "secretRef") if kind in source]
    if not kinds:
        yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(kinds) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")
    for kind in kinds[:1] if len(kinds) == 1 else ():
        if not source[kind].get("name"):
            yield required(f"{path}[{index}].{kind}.name")
