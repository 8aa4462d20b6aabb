"""Rights: what a role of the installation grants, what we lack of it, and what we were refused."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ACCESS_REVIEWS, SUBJECT_REVIEWS
from konductor.cluster.written import INSTALLATION, written
from konductor.errors import Forbidden

_CANNOT = re.compile(r'cannot (\w+) resource "([^"]+)" in API group "([^"]*)"')
"""How RBAC, and every authorizer of Kubernetes, says what is missing."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """A verb on a kind of object, or on a part of it."""

    group: str
    """Empty for the core group."""
    resource: str
    """``barriers``, or ``barriers/status``."""
    verb: str

    def __str__(self) -> str:
        """Return it as ``kubectl auth can-i`` takes it.

        >>> str(Right("konductor.io", "barriers/status", "patch"))
        'patch barriers.konductor.io/status'
        """
        plural, slash, part = self.resource.partition("/")
        group = f".{self.group}" if self.group else ""
        return f"{self.verb} {plural}{group}{slash}{part}"


_EVERYTHING = Right("*", "*", "*")
_AT_ONCE = 16


def rights_of(role: str) -> tuple[Right, ...]:
    """Return what a role of the installation grants (``konductor/install/access.yaml``)."""
    rules = next(
        json_list(one["rules"])
        for one in written(INSTALLATION)
        if one["kind"] == "ClusterRole" and one["metadata"]["name"] == role
    )
    return tuple(
        Right(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


async def lacking(
    cluster: Cluster, rights: Iterable[Right], namespace: str = "", account: str = ""
) -> tuple[Right, ...]:
    """Return those rights that we do not have in a namespace, or in all without one.

    With ``account``, those that this service account of the namespace does not have.

    Raises:
        Forbidden: we may not ask that about others.
        KonductorError: the cluster does not answer, or tells nobody.
    """
    asked, turns = tuple(rights), asyncio.Semaphore(_AT_ONCE)

    async def one(right: Right) -> bool:
        async with turns:
            return await _may(cluster, right, namespace, account)

    answers = await asyncio.gather(*map(one, asked))
    return tuple(right for right, may in zip(asked, answers, strict=True) if not may)


async def may_do_everything(cluster: Cluster, namespace: str, account: str = "") -> bool:
    """Tell whether we, or a service account, have every right in a namespace: by one question.

    Raises:
        KonductorError: as `lacking`.
    """
    return await _may(cluster, _EVERYTHING, namespace, account)


async def _may(cluster: Cluster, right: Right, namespace: str, account: str) -> bool:
    plural, _, part = right.resource.partition("/")
    wanted = {
        "group": right.group,
        "resource": plural,
        "subresource": part,
        "verb": right.verb,
        "namespace": namespace,
    }
    kind, spec = ACCESS_REVIEWS, {"resourceAttributes": wanted}
    if account:
        kind, spec = SUBJECT_REVIEWS, spec | _user(namespace, account)
    document: Json = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"namespace": namespace} if kind.namespaced else {},
        "spec": spec,
    }
    answer = await cluster.create(kind, document)
    return bool(json_map(answer.get("status")).get("allowed"))


def _user(namespace: str, account: str) -> Json:
    """Return a service account as the API server sees it once it has signed in."""
    everywhere = "system:serviceaccounts"
    groups = [everywhere, f"{everywhere}:{namespace}", "system:authenticated"]
    return {"user": f"system:serviceaccount:{namespace}:{account}", "groups": groups}


def refused_right(error: Forbidden) -> Right | None:
    """Return the right whose lack an answer tells of; None: it was refused for another reason.

    >>> words = 'cannot patch resource "runs/status" in API group "konductor.io" in the namespace'
    >>> str(refused_right(Forbidden(words, code=403)))
    'patch runs.konductor.io/status'
    """
    found = _CANNOT.search(error.message)
    return Right(found[3], found[2], found[1]) if found else None
