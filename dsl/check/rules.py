"""All rules."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from konductor.dsl.check.amount import check_amount
from konductor.dsl.check.arrival import check_arrival
from konductor.dsl.check.counts import check_counts
from konductor.dsl.check.cycle import check_cycle
from konductor.dsl.check.each import check_each
from konductor.dsl.check.exclusive import check_exclusive
from konductor.dsl.check.external import check_external
from konductor.dsl.check.filters import check_filters
from konductor.dsl.check.hooks import check_hooks
from konductor.dsl.check.image import check_image
from konductor.dsl.check.label import check_label
from konductor.dsl.check.names import check_names
from konductor.dsl.check.objectsize import check_object_size
from konductor.dsl.check.permits import check_permits
from konductor.dsl.check.pipe import check_pipe
from konductor.dsl.check.retry import check_retry
from konductor.dsl.check.script import check_script
from konductor.dsl.check.shape import check_shape
from konductor.dsl.check.skipped import check_skipped
from konductor.dsl.check.time import check_time
from konductor.dsl.check.unused import check_unused
from konductor.dsl.check.waiting import check_waiting
from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.pipeline import CheckedPipeline

Rule: TypeAlias = Callable[[CheckedPipeline], Iterator[Diagnostic]]
RULES: tuple[Rule, ...] = (
    check_names,
    check_label,
    check_image,
    check_counts,
    check_amount,
    check_exclusive,
    check_external,
    check_filters,
    check_hooks,
    check_cycle,
    check_each,
    check_skipped,
    check_unused,
    check_script,
    check_time,
    check_arrival,
    check_permits,
    check_retry,
    check_shape,
    check_waiting,
    check_pipe,
    check_object_size,
)


def check(pipeline: CheckedPipeline) -> None:
    """Report what the rules find to the pipeline's evaluation."""
    for rule in RULES:
        for diagnostic in rule(pipeline):
            pipeline.evaluation.report(diagnostic)
