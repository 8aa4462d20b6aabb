"""Checked pipeline to Plan; only called once no error was found, so every number is known."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar, cast

from konductor.api.run import OnFailure
from konductor.dsl import syntax
from konductor.dsl.attributes import DEFAULT_SHELL
from konductor.dsl.blockplan import approval, gate, on_timeout, probes, readiness, semaphore
from konductor.dsl.edges import Link
from konductor.dsl.join import join
from konductor.dsl.parameters import plan_parameter
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.placement import placement
from konductor.dsl.plan import (
    Cell,
    Command,
    Edge,
    EdgeKind,
    Gate,
    Hooks,
    Item,
    OnFail,
    Pairs,
    Parameter,
    Plan,
    RawBarrier,
    Resources,
    Retries,
    Script,
    SecretKey,
    Skipped,
    Stage,
    StageKind,
    Stragglers,
    Text,
    Workspace,
)
from konductor.dsl.scope import What
from konductor.dsl.settings import Setting, Settings
from konductor.dsl.values import Quantity, Value, json_of, text_of

T = TypeVar("T")


def plan_of(pipeline: CheckedPipeline) -> Plan:
    """Return the plan of a pipeline in which no error was found."""
    parameters = tuple(plan_parameter(param, pipeline.scope) for param in pipeline.params)
    settings = pipeline.settings
    imported = pipeline.evaluation.modules.values()
    modules = tuple((one.path, one.parsed.source.text) for one in imported)
    running = pipeline.running
    there = {one.name: one for one in running}
    return Plan(
        pipeline=pipeline.node.name.text,
        source=pipeline.source.text,
        path=pipeline.source.path,
        digest=_digest((pipeline.source.text, *pipeline.evaluation.read.values()), parameters),
        modules=modules,
        doc=pipeline.node.doc,
        parameters=parameters,
        namespace=_get(settings, "namespace", ""),
        hooks=Hooks(_get(settings, "hooks", "pod")),
        gate=Gate(_get(settings, "gate", "suspend")),
        on_failure=OnFailure(_get(settings, "on_failure", "drain")),
        timeout=_get(settings, "timeout", cast("timedelta | None", None)),
        ttl=_get(settings, "ttl", cast("timedelta | None", None)),
        workspace=_get(settings, "workspace", cast("Workspace | None", None)),
        labels=_pairs(settings, "labels"),
        stages=tuple(_stage(one, there) for one in running if one.is_stage),
        barriers=tuple(_barrier(one, there) for one in running if one.what is What.BARRIER),
        approvals=tuple(
            approval(one, lambda one: _edges(one, there))
            for one in running
            if one.what is What.APPROVAL
        ),
        semaphores=tuple(semaphore(one) for one in running if one.what is What.SEMAPHORE),
        gates=tuple(gate(one) for one in running if one.what is What.GATE),
        skipped=tuple(_skipped(one) for one in pipeline.objects if one.skipped),
    )


def _digest(texts: Sequence[str], parameters: tuple[Parameter, ...]) -> str:
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape"))
    for one in parameters:
        digest.update(f"\0{one.name}={one.value}".encode())
    return f"sha256:{digest.hexdigest()}"


def _get(settings: Settings, name: str, default: T) -> T:
    """Return an attribute's value, whose type the checker has seen to."""
    return cast("T", settings[name].value) if name in settings else default


def _stage(one: Checked, there: Mapping[str, Checked]) -> Stage:
    settings = one.settings
    expected, quorum = cast("int", one.expected), cast("int", one.quorum)
    node = one.node
    return Stage(
        name=one.name,
        kind=StageKind(str(one.what)),
        cells=_cells(one),
        expected=expected,
        quorum=quorum,
        parallelism=min(_get(settings, "parallelism", expected), expected),
        doc=node.doc,
        source=one.source,
        timeout=_get(settings, "timeout", _default_timeout(one)),
        stragglers=Stragglers(_get(settings, "stragglers", "keep")),
        on_fail=OnFail(_get(settings, "on_fail", "fail")),
        on=tuple(name.text for name in node.on) if isinstance(node, syntax.Finally) else (),
        arrive=tuple(name for name in one.names("arrive") if name in there),
        barriers=tuple(name for name in one.names("barriers") if name in there),
        acquire=tuple(name for name in one.names("acquire") if name in there),
        daemon=_get(settings, "daemon", default=False),
        ready=readiness(one),
        queue=_get(settings, "queue", ""),
        edges=_edges(one, there),
    )


def _cells(one: Checked) -> tuple[Cell, ...]:
    """Return the cells of a stage; without a matrix, the one that it is."""
    axes: list[Pairs] = [
        tuple((name, value_text(value)) for name, value in cell.values.pairs if name in cell.axes)
        for cell in one.cells
    ]
    views = enumerate(zip(one.by_cell, axes or [()], strict=True))
    return tuple(_cell(view, ordinal, pairs) for ordinal, (view, pairs) in views)


def _cell(one: Checked, ordinal: int, axes: Pairs) -> Cell:
    """Return one cell of a stage, of which `one` is the view."""
    settings = one.settings
    differing = _differing(one, "env") if one.elements else frozenset()
    return Cell(
        replicas=cast("int", one.expected),
        ordinal=ordinal,
        axes=axes,
        image=_get(settings, "image", ""),
        program=_program(settings),
        workdir=_get(settings, "workdir", ""),
        env=tuple(
            (name, _env(member))
            for name, member in _members(settings, "env")
            if name not in differing
        ),
        items=_items(one),
        retries=_retries(settings),
        attempt_timeout=_get(settings, "attempt_timeout", cast("timedelta | None", None)),
        resources=_resources(settings),
        **placement(settings),
        labels=_pairs(settings, "labels"),
        annotations=_pairs(settings, "annotations"),
    )


_FINALLY_TIMEOUT = timedelta(minutes=10)


def _default_timeout(one: Checked) -> timedelta | None:
    return _FINALLY_TIMEOUT if one.what is What.FINALLY else None


def _skipped(one: Checked) -> Skipped:
    edges = (Edge(link.kind, link.upstream, one.name, link.at_least) for link in one.declared)
    return Skipped(one.name, str(one.what), one.skipped, one.because, tuple(edges))


def _barrier(one: Checked, there: Mapping[str, Checked]) -> RawBarrier:
    settings = one.settings
    is_external = _get(settings, "external", default=False)
    return RawBarrier(
        name=one.name,
        expected=cast("int", one.expected),
        quorum=cast("int", one.quorum),
        doc=one.node.doc,
        object_name=_get(settings, "name", one.name if is_external else ""),
        external=is_external,
        probes=probes(one),
        on_timeout=on_timeout(one),
        reuse=_get(settings, "reuse", default=False),
        outsiders=_get(settings, "outsiders", default=False),
        timeout=_get(settings, "timeout", cast("timedelta | None", None)),
        edges=_edges(one, there),
    )


def _edges(one: Checked, there: Mapping[str, Checked]) -> tuple[Edge, ...]:
    return tuple(
        Edge(link.kind, link.upstream, one.name, link.at_least, _pairs_of(link, one, there))
        for link in one.links
    )


def _pairs_of(
    link: Link, one: Checked, there: Mapping[str, Checked]
) -> tuple[tuple[int, int], ...]:
    joined = join(there[link.upstream[0]], one) if link.kind is EdgeKind.EACH else None
    return joined.pairs if joined else ()


def _members(settings: Settings, name: str) -> list[tuple[str, Setting]]:
    return list(settings[name].members.items()) if name in settings else []


def _pairs(settings: Settings, name: str) -> Pairs:
    return tuple((key, text_of(one.value) or "") for key, one in _members(settings, name))


def _program(settings: Settings) -> Script | Command | None:
    if "run" in settings:
        shell = cast("tuple[str, ...]", _get(settings, "shell", cast("Value", DEFAULT_SHELL)))
        return Script(_get(settings, "run", ""), shell)
    if "command" in settings or "args" in settings:
        return Command(_words(settings, "command"), _words(settings, "args"))
    return None


def _words(settings: Settings, name: str) -> tuple[Text, ...]:
    values = _get(settings, name, cast("tuple[Value, ...]", ()))
    return tuple(_text(value) for value in values)


def _text(value: Value) -> Text:
    return value if isinstance(value, Text) else Text((text_of(value) or "",))


def _env(member: Setting) -> Text | SecretKey:
    return member.value if isinstance(member.value, SecretKey) else _text(member.value)


def _differing(one: Checked, name: str) -> frozenset[str]:
    """Return the keys of ``env``, or the words' attribute itself, that no two pods share."""
    first = one.settings
    if name != "env":
        values = {_words(element.settings, name) for element in one.elements}
        return frozenset({name}) if len(values) > 1 else frozenset()
    return frozenset(
        key
        for key, member in _members(first, name)
        for element in one.elements
        if element.settings[name].members[key].value != member.value
    )


def _items(one: Checked) -> tuple[Item, ...]:
    """Return the elements of a map, each with what is different in its pod."""
    keys = _differing(one, "env")
    words = _differing(one, "command") | _differing(one, "args")
    return tuple(
        Item(
            text=value_text(element.value),
            env=tuple(
                (name, value) for name, value in _pairs(element.settings, "env") if name in keys
            ),
            command=_plain_words(element.settings, "command") if words else (),
            args=_plain_words(element.settings, "args") if words else (),
        )
        for element in one.elements
    )


def value_text(value: Value) -> str:
    """Return an element of a list as its pods are told it: as text, else as JSON."""
    text = text_of(value)
    if text is not None:
        return text
    return json.dumps(json_of(value), ensure_ascii=False, separators=(",", ":"))


def _plain_words(settings: Settings, name: str) -> tuple[str, ...]:
    return tuple("".join(map(str, text.parts)) for text in _words(settings, name))


def _retries(settings: Settings) -> Retries:
    if "retry" not in settings:
        return Retries(_get(settings, "retries", 0))
    members: Mapping[str, Setting] = settings["retry"].members
    return Retries(
        limit=_get(members, "limit", 0),
        on_exit=tuple(_get(members, "on_exit", cast("tuple[int, ...]", ()))),
        not_on_exit=tuple(_get(members, "not_on_exit", cast("tuple[int, ...]", ()))),
        backoff=_get(members, "backoff", cast("timedelta | None", None)),
        factor=float(_get(members, "factor", 2.0)),
        longest=_get(members, "max", cast("timedelta | None", None)),
    )


def _resources(settings: Settings) -> Resources:
    if "resources" not in settings:
        return Resources()
    members = settings["resources"].members
    memory: Value = members["memory"].value if "memory" in members else None
    cpu = members["cpu"].value if "cpu" in members else None
    return Resources(
        cpu=None if cpu is None else Decimal(str(cpu)),
        memory=str(memory) if isinstance(memory, Quantity | int) else "",
        gpu=_get(members, "gpu", 0),
    )
