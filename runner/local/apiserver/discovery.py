"""Discovery: which groups, versions and resources there are, in the old form and the aggregated."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from konductor.runner.local.apiserver.answer import NoSuchPath
from konductor.runner.local.apiserver.served import Served

Json = dict[str, Any]
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_STATUS_VERBS = ["get", "patch", "update"]
_SUBRESOURCES: dict[str, tuple[str, str, str, list[str]]] = {
    # name: the group, version and kind of what is sent, and the verbs
    "binding": ("", "", "Binding", ["create"]),
    "eviction": ("policy", "v1", "Eviction", ["create"]),
    "exec": ("", "", "PodExecOptions", ["create", "get"]),
    "finalize": ("", "", "Namespace", ["update"]),
    "log": ("", "", "Pod", ["get"]),
    "token": ("authentication.k8s.io", "v1", "TokenRequest", ["create"]),
}
REVIEWS = (
    ("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview"),
    ("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
)
"""Kinds that are answered and never stored."""


def accepts_aggregated(accept: str) -> bool:
    """Tell whether a client asks for the aggregated form."""
    return any(
        "as=APIGroupDiscoveryList" in offer and "v=v2" in offer.replace("v=v2beta1", "")
        for offer in accept.split(",")
    )


def versions() -> Json:
    """Return what ``/api`` answers in the old form."""
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def groups(kinds: Iterable[Served]) -> Json:
    """Return what ``/apis`` answers in the old form."""
    found = [group(kinds, name) for name in _groups(kinds) if name]
    for one in found:
        del one["kind"], one["apiVersion"]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(kinds: Iterable[Served], name: str) -> Json:
    """Return one group.

    Raises:
        Refusal: there is none of that name.
    """
    found = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in _groups(kinds).get(name, ())
    ]
    if not found:
        raise NoSuchPath
    return {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": name,
        "versions": found,
        "preferredVersion": found[0],
    }


def resources(kinds: Iterable[Served], name: str, version: str) -> Json:
    """Return the resources of a group's version in the old form.

    Raises:
        Refusal: there is no such version.
    """
    found = [one for kind in _of(kinds, name, version) for one in _old_rows(kind)]
    for api_group, api_version, plural, kind in REVIEWS:
        if (api_group, api_version) == (name, version):
            row = {"name": plural, "singularName": kind.lower(), "namespaced": False, "kind": kind}
            found.append(row | {"verbs": ["create"]})
    if not found:
        raise NoSuchPath
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{name}/{version}" if name else version,
        "resources": sorted(found, key=lambda row: row["name"]),
    }


def aggregated(kinds: Iterable[Served], *, core: bool) -> Json:
    """Return ``/api`` or ``/apis`` in the aggregated form."""
    items = [
        {
            "metadata": {"name": name, "creationTimestamp": None} if name else {},
            "versions": [_version(kinds, name, version) for version in versions],
        }
        for name, versions in _groups(kinds).items()
        if core is not bool(name)
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def etag(body: bytes) -> str:
    """Return the entity tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest().upper()}"'


def _groups(kinds: Iterable[Served]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"": ["v1"]}
    named = [(kind.group, kind.version) for kind in kinds]
    for name, version in (*named, *((one[0], one[1]) for one in REVIEWS)):
        versions = found.setdefault(name, [])
        if version not in versions:
            versions.append(version)
    return found


def _of(kinds: Iterable[Served], name: str, version: str) -> list[Served]:
    return [kind for kind in kinds if (kind.group, kind.version) == (name, version)]


def _old_rows(kind: Served) -> list[Json]:
    row: Json = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
        "storageVersionHash": _mark(kind),
    }
    if kind.short_names:
        row["shortNames"] = list(kind.short_names)
    if kind.categories:
        row["categories"] = list(kind.categories)
    rows = [row]
    for name in kind.subresources:
        group_name, version, sent, verbs = _subresource(kind, name)
        row = {
            "name": f"{kind.plural}/{name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            "kind": sent,
            "verbs": verbs,
        }
        rows.append(row | ({"group": group_name, "version": version} if group_name else {}))
    return rows


def _mark(kind: Served) -> str:
    """Return what tells clients whether a kind is stored in another version than before."""
    form = f"{kind.judged_group}/{kind.version}/{kind.kind}"
    return base64.b64encode(hashlib.sha256(form.encode()).digest()[:8]).decode()


def _subresource(kind: Served, name: str) -> tuple[str, str, str, list[str]]:
    return _SUBRESOURCES.get(name, ("", "", kind.kind, _STATUS_VERBS))


def _version(kinds: Iterable[Served], name: str, version: str) -> Json:
    rows = [_new_row(kind) for kind in _of(kinds, name, version)]
    for group_name, api_version, plural, kind in REVIEWS:
        if (group_name, api_version) == (name, version):
            rows.append(_row(plural, kind.lower(), (name, version, kind), "Cluster", ["create"]))
    return {
        "version": version,
        "freshness": "Current",
        "resources": sorted(rows, key=lambda row: row["resource"]),
    }


def _row(
    plural: str, singular: str, sent: tuple[str, str, str], scope: str, verbs: list[str]
) -> Json:
    return {
        "resource": plural,
        "responseKind": dict(zip(("group", "version", "kind"), sent, strict=True)),
        "scope": scope,
        "singularResource": singular,
        "verbs": verbs,
    }


def _new_row(kind: Served) -> Json:
    scope = "Namespaced" if kind.namespaced else "Cluster"
    own = (kind.group, kind.version, kind.kind)
    row = _row(kind.plural, kind.singular, own, scope, list(kind.verbs))
    if kind.short_names:
        row["shortNames"] = list(kind.short_names)
    if kind.categories:
        row["categories"] = list(kind.categories)
    if kind.subresources:
        row["subresources"] = [_new_subresource(kind, name) for name in kind.subresources]
    return row


def _new_subresource(kind: Served, name: str) -> Json:
    group_name, version, sent, verbs = _subresource(kind, name)
    types = (group_name or kind.group, version or kind.version, sent)
    response = dict(zip(("group", "version", "kind"), types, strict=True))
    return {"subresource": name, "responseKind": response, "verbs": verbs}
