"""Rights: what a role of the installation grants, what we lack of it, and what we were refused."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import yaml

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ACCESS_REVIEWS
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


def rights_of(role: str) -> tuple[Right, ...]:
    """Return what a role of the installation grants (``konductor/install/access.yaml``)."""
    text = files("konductor.install").joinpath("access.yaml").read_text("utf-8")
    rules = next(
        json_list(one["rules"])
        for one in yaml.safe_load_all(text)
        if one["metadata"]["name"] == role
    )
    return tuple(
        Right(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


async def lacking(
    cluster: Cluster, rights: Iterable[Right], namespace: str = ""
) -> tuple[Right, ...]:
    """Return those rights that we do not have in a namespace, or in all without one.

    Raises:
        KonductorError: the cluster does not answer, or tells nobody.
    """
    asked = tuple(rights)
    answers = await asyncio.gather(*(_may(cluster, one, namespace) for one in asked))
    return tuple(one for one, may in zip(asked, answers, strict=True) if not may)


async def _may(cluster: Cluster, right: Right, namespace: str) -> bool:
    plural, _, part = right.resource.partition("/")
    wanted = {
        "group": right.group,
        "resource": plural,
        "subresource": part,
        "verb": right.verb,
        "namespace": namespace,
    }
    document: Json = {
        "apiVersion": ACCESS_REVIEWS.api_version,
        "kind": ACCESS_REVIEWS.kind,
        "metadata": {},
        "spec": {"resourceAttributes": wanted},
    }
    answer = await cluster.create(ACCESS_REVIEWS, document)
    return bool(json_map(answer.get("status")).get("allowed"))


def refused_right(error: Forbidden) -> Right | None:
    """Return the right whose lack an answer tells of; None: it was refused for another reason.

    >>> words = 'cannot patch resource "runs/status" in API group "konductor.io" in the namespace'
    >>> str(refused_right(Forbidden(words, code=403)))
    'patch runs.konductor.io/status'
    """
    found = _CANNOT.search(error.message)
    return Right(found[3], found[2], found[1]) if found else None
