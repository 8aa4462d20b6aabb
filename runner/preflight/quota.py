"""Does a run fit into the quotas of its namespace?

What the quotas have no room for at all is refused before anything is created; where they only let
fewer pods run at a time than the program asks for, that is said. Pure, but for the two reads.

Quotas with scopes are left out: whether a pod is under one hangs on more than its template.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import Label
from konductor.api.quantity import parse_quantity
from konductor.cluster.port import Cluster
from konductor.cluster.resource import LIMITS, QUOTAS, resource_of
from konductor.dsl.values import Quantity
from konductor.errors import Forbidden, Refused

Amounts: TypeAlias = Mapping[str, Decimal]
_COMPUTE: Final = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_SHORT: Final = {"cpu": "requests.cpu", "memory": "requests.memory"}
_NEED: Final = {"requests.cpu": "cpu", "limits.cpu": "cpu"}
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Room:
    """What one quota says of one resource."""

    quota: str
    resource: str
    """As the quota spells it."""
    hard: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        """Return what is not used."""
        return max(self.hard - self.used, Decimal(0))

    def __str__(self) -> str:
        """Return it with figures: ``quota `q` has 2 of 10 pods left``."""
        left, hard = _text(self.resource, self.left), _text(self.resource, self.hard)
        return f"quota `{self.quota}` has {left} of {hard} {self.resource} left"


async def look_at_quotas(
    cluster: Cluster, manifests: Iterable[Json], namespace: str
) -> tuple[str, ...]:
    """Hold the objects of a run to the quotas of its namespace; return what is tight.

    Raises:
        Refused: they do not fit.
    """
    try:
        quotas, limits = await asyncio.gather(
            cluster.list(QUOTAS, namespace=namespace), cluster.list(LIMITS, namespace=namespace)
        )
    except Forbidden:
        return ()
    rooms = tuple(rooms_of(quotas.items))
    documents = tuple(manifests)
    preset = preset_of(limits.items)
    for refusal in (*_objects(rooms, documents), *_pods(rooms, documents, preset)):
        raise refusal
    return tuple(_tight(rooms, documents, preset))


def rooms_of(quotas: Iterable[Json]) -> Iterator[Room]:
    """Yield each resource of the quotas that hold for every pod."""
    for one in quotas:
        spec, status = json_map(one.get("spec")), json_map(one.get("status"))
        if spec.get("scopes") or spec.get("scopeSelector"):
            continue
        used = json_map(status.get("used"))
        for name, hard in json_map(status.get("hard") or spec.get("hard")).items():
            amounts = parse_quantity(str(hard)), parse_quantity(str(used.get(name, "0")))
            yield Room(one["metadata"]["name"], name, *amounts)


def preset_of(limits: Iterable[Json]) -> frozenset[str]:
    """Return the resources that a LimitRange gives to containers that say nothing of them."""
    found: set[str] = set()
    for one in limits:
        for limit in json_list(json_map(one.get("spec")).get("limits")):
            if limit.get("type") == "Container":
                presets = json_map(limit.get("default"))
                requests = json_map(limit.get("defaultRequest")) | presets
                found |= {f"requests.{name}" for name in requests}
                found |= {f"limits.{name}" for name in presets}
    return frozenset(found)


def _objects(rooms: Iterable[Room], manifests: Iterable[Json]) -> Iterator[Refused]:
    counts: Counter[str] = Counter()
    for one in manifests:
        resource = resource_of(one)
        group = f".{resource.group}" if resource.group else ""
        counts[f"count/{resource.plural}{group}"] += 1
        if not resource.group:
            counts[resource.plural] += 1
        if one["kind"] == "Job":
            counts["count/pods"] += one["spec"]["completions"]
    for room in rooms:
        wanted = counts.get(room.resource, 0)
        if wanted > room.left:
            yield Refused(
                f"{room}, and the run makes {wanted}",
                hint="delete what is done (`kubectl get runs`), or ask for a larger quota",
            )


def _pods(
    rooms: Iterable[Room], manifests: Iterable[Json], preset: frozenset[str]
) -> Iterator[Refused]:
    for room, job, amount in _each(rooms, manifests, preset):
        stage = job["metadata"]["labels"][Label.STAGE]
        if amount is None:
            what = _NEED.get(_SHORT.get(room.resource, room.resource), "memory")
            yield Refused(
                f"quota `{room.quota}` wants `{room.resource}` of every pod, "
                f"and those of `{stage}` say none",
                hint=f"write `resources {{ {what} = … }}` in the stage, or in `defaults` for all",
            )
        elif amount > room.hard:
            wanted = _text(room.resource, amount)
            yield Refused(
                f"no pod of `{stage}` fits into quota `{room.quota}`: it takes {wanted} of "
                f"{_text(room.resource, room.hard)} {room.resource}",
                hint="ask for less in the program, or for a larger quota",
            )


def _tight(
    rooms: Iterable[Room], manifests: Iterable[Json], preset: frozenset[str]
) -> Iterator[str]:
    for room, job, amount in _each(rooms, manifests, preset):
        stage, wanted = job["metadata"]["labels"][Label.STAGE], job["spec"]["parallelism"]
        if amount and (fit := int(room.left // amount)) < wanted:
            yield f"{room}: {fit} of {wanted} pods of `{stage}` at a time"


def _each(
    rooms: Iterable[Room], manifests: Iterable[Json], preset: frozenset[str]
) -> Iterator[tuple[Room, Json, Decimal | None]]:
    """Yield what a pod of each Job takes of each resource; None: it must say, and does not."""
    jobs = [
        (one, _pod(one["spec"]["template"]["spec"])) for one in manifests if one["kind"] == "Job"
    ]
    for room in rooms:
        resource = _SHORT.get(room.resource, room.resource)
        if resource == "pods":
            yield from ((room, job, _ONE) for job, _ in jobs)
        elif resource in _COMPUTE:
            for job, (amounts, silent) in jobs:
                unsaid = resource in silent and resource not in preset
                yield room, job, None if unsaid else amounts.get(resource, Decimal(0))


def _pod(spec: Json) -> tuple[Amounts, frozenset[str]]:
    """Return what a pod takes, and which resources one of its containers says nothing of."""
    beside = [_container(one) for one in spec["containers"]]
    before = [_container(one) for one in spec.get("initContainers", ())]
    amounts = {
        name: max(
            sum((one.get(name, Decimal(0)) for one in beside), Decimal(0)),
            *(one.get(name, Decimal(0)) for one in before),
            Decimal(0),
        )
        for name in _COMPUTE
    }
    silent = (name for name in _COMPUTE if any(name not in one for one in (*beside, *before)))
    return amounts, frozenset(silent)


def _container(container: Json) -> dict[str, Decimal]:
    resources = json_map(container.get("resources"))
    limits = json_map(resources.get("limits"))
    requests = limits | json_map(resources.get("requests"))
    found = {f"limits.{name}": parse_quantity(str(one)) for name, one in limits.items()}
    return found | {f"requests.{name}": parse_quantity(str(one)) for name, one in requests.items()}


def _text(resource: str, amount: Decimal) -> str:
    return str(Quantity(amount, binary="memory" in resource))
