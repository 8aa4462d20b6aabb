"""Stages and barrier blocks to Barriers."""

from konductor.api.barrier import Barrier, BarrierSpec
from konductor.api.meta import Json
from konductor.api.names import Annotation
from konductor.dsl.emit.name import RunNames
from konductor.dsl.plan import Hooks, OnFail, RawBarrier, Stage, Stragglers


def stage_barrier(stage: Stage, names: RunNames) -> Json:
    """Return the Barrier at which a stage's participants arrive."""
    counts_jobs = names.plan.hooks is Hooks.JOB
    spec = BarrierSpec(
        expected=stage.expected,
        quorum=stage.quorum,
        timeout=stage.timeout,
        after=names.terms(stage.terms),
        jobs=tuple(names.job(stage, cell) for cell in stage.cells) if counts_jobs else (),
    )
    return _manifest(stage, spec, names, _annotations(stage))


def raw_barrier(barrier: RawBarrier, names: RunNames) -> Json:
    """Return the Barrier of a ``barrier`` block."""
    spec = BarrierSpec(
        expected=barrier.expected,
        quorum=barrier.quorum,
        timeout=barrier.timeout,
        after=names.terms(barrier.terms),
    )
    return _manifest(barrier, spec, names, {})


def _annotations(stage: Stage) -> dict[str, str]:
    annotations: dict[str, str] = {}
    if stage.stragglers is Stragglers.CANCEL:
        annotations[str(Annotation.STRAGGLERS)] = str(stage.stragglers)
    if stage.on_fail is OnFail.CONTINUE:
        annotations[str(Annotation.ON_FAIL)] = str(stage.on_fail)
    if stage.on:
        annotations[str(Annotation.ON)] = ",".join(stage.on)
    return annotations


def _manifest(
    one: Stage | RawBarrier, spec: BarrierSpec, names: RunNames, annotations: dict[str, str]
) -> Json:
    metadata = names.metadata(names.barrier(one.name), names.barrier_labels(one))
    return Barrier(metadata._replace(annotations=annotations), spec).manifest()
