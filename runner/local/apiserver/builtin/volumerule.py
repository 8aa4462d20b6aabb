"""What the volumes of a pod must be."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    required,
)

Object = Mapping[str, Any]

_MODE_MAX = 0o777
_NAMED = {"configMap": "name", "secret": "secretName", "persistentVolumeClaim": "claimName"}
_OF_MODE = ("configMap", "secret", "downwardAPI", "projected")
_ORDER = ("emptyDir", "hostPath")
"""Where several kinds are given, the first of them is the one that is meant."""


def volumes(found: Iterable[Object], path: str) -> Iterator[FieldError]:
    """Yield what is wrong with the volumes of a pod."""
    taken: set[str] = set()
    for index, volume in enumerate(found):
        where, name = f"{path}[{index}]", volume.get("name", "")
        wrong = list(_sources(volume, where))
        if not name:
            wrong.append(required(f"{where}.name"))
        else:
            wrong += [invalid(f"{where}.name", name, text) for text in naming.dns_label(name)]
        if name in taken:
            wrong.append(duplicate(f"{where}.name", name))
        if not wrong:
            taken.add(name)
        yield from wrong


def _sources(volume: Object, path: str) -> Iterator[FieldError]:
    kinds = [kind for kind in volume if kind != "name"]
    kinds.sort(key=lambda kind: _ORDER.index(kind) if kind in _ORDER else len(_ORDER))
    for kind in kinds[1:]:
        yield forbidden(f"{path}.{kind}", "may not specify more than 1 volume type")
    if "hostPath" in kinds[:1]:
        yield from _host_path(volume["hostPath"].get("path", ""), f"{path}.hostPath.path")
    for kind, name in _NAMED.items():
        if kind in kinds[:1] and not volume[kind].get(name):
            yield required(f"{path}.{kind}.{name}")
    for kind in _OF_MODE:
        if kind in kinds[:1]:
            yield from _mode(volume[kind], f"{path}.{kind}")


def _host_path(target: str, path: str) -> Iterator[FieldError]:
    if not target:
        yield required(path)
    elif ".." in target.split("/"):
        yield invalid(path, target, "must not contain '..'")


def _mode(source: Object, path: str) -> Iterator[FieldError]:
    mode = source.get("defaultMode")
    if mode is not None and not 0 <= mode <= _MODE_MAX:
        detail = "must be a number between 0 and 0777 (octal), both inclusive"
        yield invalid(f"{path}.defaultMode", mode, detail)
    for index, item in enumerate(source.get("items", ())):
        where = f"{path}.items[{index}]"
        if "key" in item and not item["key"]:
            yield required(f"{where}.key")
        target = item.get("path", "")
        if not target:
            yield required(f"{where}.path")
        elif target.startswith("/"):
            yield invalid(f"{where}.path", target, "must be a relative path")
        elif ".." in target.split("/"):
            yield invalid(f"{where}.path", target, "must not contain '..'")
