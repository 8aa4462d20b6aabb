"""Waits until what was put in place works: kinds that are served, operators that run."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from datetime import timedelta

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Change, Changed, Cluster, Listed, Notice
from konductor.cluster.resource import CRDS, PODS, Resource
from konductor.duration import format_duration
from konductor.errors import KonductorError, TimedOut
from konductor.install.access import ACCOUNT
from konductor.install.kinds import DEPLOYMENTS, shown
from konductor.install.label import OPERATOR


async def established(cluster: Cluster, names: Iterable[str], *, within: timedelta) -> None:
    """Wait until the server serves kinds.

    Raises:
        TimedOut: it does not in that time; the message says why, as far as the server tells.
    """
    for name in names:
        try:
            await _until(cluster, CRDS, name, _is_established, within=within)
        except TimeoutError as error:
            there = await cluster.get(CRDS, name)
            raise TimedOut(_late(shown(CRDS, name), within, _conditions(there))) from error


async def available(cluster: Cluster, namespace: str, *, within: timedelta) -> None:
    """Wait until the operators of a namespace run, at the version that was put in place.

    Raises:
        TimedOut: they do not in that time; the message says what keeps each.
    """
    try:
        await _until(
            cluster, DEPLOYMENTS, ACCOUNT, is_available, within=within, namespace=namespace
        )
    except TimeoutError as error:
        reasons = await _reasons(cluster, namespace)
        raise TimedOut(
            _late(shown(DEPLOYMENTS, ACCOUNT), within, reasons),
            hint=f"`kubectl describe pods -n {namespace} -l app.kubernetes.io/name=koncli`",
        ) from error


def is_available(deployment: Json) -> bool:
    """Tell whether all pods of a Deployment are of its newest version, and serve."""
    status = json_map(deployment.get("status"))
    wanted = json_map(deployment.get("spec")).get("replicas")
    generation = json_map(deployment.get("metadata")).get("generation", 0)
    seen = status.get("observedGeneration", 0) >= generation
    counts = (status.get(name, 0) for name in ("updatedReplicas", "availableReplicas", "replicas"))
    return bool(seen and all(count == wanted for count in counts))


def _is_established(definition: Json) -> bool:
    conditions = json_list(json_map(definition.get("status")).get("conditions"))
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


async def gone(
    cluster: Cluster, resource: Resource, name: str, *, namespace: str = "", within: timedelta
) -> bool:
    """Wait until an object, and what had to go before it, is gone; False: not in that time."""
    try:
        await _until(
            cluster, resource, name, lambda one: not one, within=within, namespace=namespace
        )
    except TimeoutError:
        return False
    return True


async def _until(
    cluster: Cluster,
    resource: Resource,
    name: str,
    fits: Callable[[Json], bool],
    *,
    within: timedelta,
    namespace: str = "",
) -> None:
    """Wait until an object fits; what is not there is an empty one."""
    watch = cluster.watch(resource, namespace=namespace, fields=f"metadata.name={name}")
    async with asyncio.timeout(within.total_seconds()), aclosing(watch) as notices:
        await anext(one async for one in notices if fits(_document(one)))


def _document(notice: Notice) -> Json:
    match notice:
        case Listed(items):
            return items[0] if items else {}
        case Changed(Change.DELETED, _):
            return {}
        case Changed(_, document):
            return document


def _late(what: str, within: timedelta, reasons: list[str]) -> str:
    why = "".join(f"\n  {line}" for line in reasons)
    return f"`{what}` is not ready after {format_duration(within)}{':' if why else ''}{why}"


def _conditions(document: Json) -> list[str]:
    """Return what an object's conditions complain of."""
    conditions = json_list(json_map(document.get("status")).get("conditions"))
    failing = (one for one in conditions if (one["status"] == "True") is (one["type"] in _BAD))
    return [f"{one['type']}: {one.get('message') or one.get('reason')}" for one in failing]


_BAD = ("ReplicaFailure", "Terminating", "NonStructuralSchema")
"""Conditions that are bad news when they hold; all others are when they do not."""


async def _reasons(cluster: Cluster, namespace: str) -> list[str]:
    try:
        there = await cluster.get(DEPLOYMENTS, ACCOUNT, namespace=namespace)
        labels = ",".join(f"{name}={value}" for name, value in OPERATOR.items())
        pods = (await cluster.list(PODS, namespace=namespace, labels=labels)).items
    except KonductorError as error:
        return [f"why is not known: {error.message}"]
    troubles = (f"pod/{pod['metadata']['name']}: {line}" for pod in pods for line in _troubles(pod))
    return [*_conditions(there), *troubles]


def _troubles(pod: Json) -> Iterator[str]:
    status = json_map(pod.get("status"))
    for one in json_list(status.get("conditions")):
        if one["type"] == "PodScheduled" and one["status"] != "True":
            yield f"{one.get('reason')}: {one.get('message')}"
    for container in json_list(status.get("containerStatuses")):
        waiting = json_map(json_map(container.get("state")).get("waiting"))
        ended = json_map(json_map(container.get("lastState")).get("terminated"))
        if waiting:
            yield f"{waiting.get('reason')}: {waiting.get('message', '')}".rstrip(": ")
        if ended:
            yield f"ended with {ended.get('exitCode')}: {ended.get('reason', '')}".rstrip(": ")
        if not waiting and not container.get("ready"):
            yield "it runs and is not ready"
