"""Checked blocks that become no Job, to what the plan knows of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from konductor.dsl.block import Approval, ConditionGate, OnTimeout, Probe, Semaphore
from konductor.dsl.pipeline import Checked
from konductor.dsl.plan import Edge
from konductor.dsl.settings import Setting
from konductor.dsl.values import MapValue, Value, text_of

_READY_EVERY = timedelta(seconds=2)
_PROBE_EVERY = timedelta(seconds=5)
_WAYS = ("tcp", "http", "exec", "ready")


def approval(one: Checked, edges: Callable[[Checked], tuple[Edge, ...]]) -> Approval:
    """Return an approval block."""
    return Approval(
        name=one.name,
        required=one.expected or 1,
        doc=one.node.doc,
        message=_text(one, "message"),
        approvers=_texts(one.value("approvers")),
        timeout=_span(one, "timeout"),
        on_timeout=on_timeout(one),
        edges=edges(one),
    )


def semaphore(one: Checked) -> Semaphore:
    """Return a semaphore block."""
    return Semaphore(
        name=one.name,
        permits=cast("int", one.value("permits")),
        doc=one.node.doc,
        object_name=_text(one, "name"),
        lease=_span(one, "lease"),
    )


def gate(one: Checked) -> ConditionGate:
    """Return a gate block."""
    conditions = cast("tuple[Value, ...]", one.value("conditions") or ())
    return ConditionGate(
        name=one.name,
        conditions=tuple(
            tuple((key, text_of(value) or "") for key, value in condition.pairs)
            for condition in conditions
            if isinstance(condition, MapValue)
        ),
        timeout=_span(one, "timeout"),
        latch=one.value("latch") is not False,
    )


def on_timeout(one: Checked) -> OnTimeout:
    """Return what becomes of a block whose time is over."""
    return OnTimeout(_text(one, "on_timeout") or OnTimeout.FAIL)


def probes(one: Checked) -> tuple[Probe, ...]:
    """Return the probes of a barrier block."""
    return tuple(_probe(name, block, _PROBE_EVERY) for name, block in one.blocks("probe").items())


def readiness(one: Checked) -> Probe | None:
    """Return how a daemon is known to be ready; None: it says nothing."""
    setting = one.find("ready")
    return None if setting is None else _probe("", setting, _READY_EVERY)


def _probe(name: str, block: Setting, otherwise: timedelta) -> Probe:
    way = next(one for one in _WAYS if one in block.members)
    every = block.members["every"].value if "every" in block.members else otherwise
    return Probe(way, _texts(block.members[way].value), cast("timedelta", every), name)


def _span(one: Checked, name: str) -> timedelta | None:
    return cast("timedelta | None", one.value(name))


def _text(one: Checked, name: str) -> str:
    return text_of(one.value(name)) or ""


def _texts(value: Value) -> tuple[str, ...]:
    values = value if isinstance(value, tuple | range) else () if value is None else (value,)
    return tuple(text_of(one) or "" for one in values)
