"""ConfigMaps and Secrets: keys, sizes, immutability, and what a type of secret must hold."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    forbidden,
    immutable,
    invalid,
    required,
    too_long,
)

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Iterator[FieldError]

_SIZE = 1024 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"
_HELD = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def default_secret(secret: Map) -> None:
    """Fold ``stringData`` into ``data``, and give the secret a type."""
    if plain := secret.pop("stringData", None):
        data = secret.setdefault("data", {})
        for key, value in plain.items():
            data[key] = base64.b64encode(value.encode()).decode()
    secret.setdefault("type", "Opaque")


def config_map_errors(found: Object) -> Errors:
    """Yield what is wrong with a ConfigMap."""
    data, binary = found.get("data", {}), found.get("binaryData", {})
    for key in sorted(data):
        yield from _key(key, f"data[{key}]")
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in sorted(binary):
        yield from _key(key, f"binaryData[{key}]")
    size = sum(len(value.encode()) for value in data.values()) + _size(binary)
    if size > _SIZE:
        yield too_long("[]", _SIZE)


def config_map_update(found: Object, old: Object) -> Errors:
    """Yield what must not be changed of a ConfigMap."""
    yield from _frozen(found, old, ("data", "binaryData"))
    yield from config_map_errors(found)


def secret_errors(found: Object) -> Errors:
    """Yield what is wrong with a Secret."""
    data = found.get("data", {})
    for key in sorted(data):
        yield from _key(key, f"data[{key}]")
    if _size(data) > _SIZE:
        yield too_long("data", _SIZE)
    yield from _held(found, data)


def secret_update(found: Object, old: Object) -> Errors:
    """Yield what must not be changed of a Secret."""
    yield from immutable("type", found.get("type"), old.get("type"))
    yield from _frozen(found, old, ("data",))
    yield from secret_errors(found)


def _key(key: str, path: str) -> Errors:
    for sentence in naming.config_key(key):
        yield invalid(path, key, sentence)


def _held(found: Object, data: Object) -> Errors:
    """Yield what a secret of its type must hold and does not."""
    kind = found.get("type", "")
    if kind == "kubernetes.io/service-account-token":
        if not found["metadata"].get("annotations", {}).get(_ACCOUNT):
            yield required(f"metadata.annotations[{_ACCOUNT}]")
    elif kind == "kubernetes.io/basic-auth" and not {"username", "password"} & set(data):
        yield required("data[username]")
        yield required("data[password]")
    for key in _HELD.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")


def _frozen(found: Object, old: Object, names: tuple[str, ...]) -> Errors:
    if not old.get("immutable"):
        return
    for name in ("immutable", *names):
        if found.get(name) != old.get(name):
            yield forbidden(name, "field is immutable when `immutable` is set")


def _size(data: Mapping[str, str]) -> int:
    return sum(len(base64.b64decode(value)) for value in data.values())
