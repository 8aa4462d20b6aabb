"""The budgets of a checked pipeline, for the rules that reckon with time."""

from collections.abc import Mapping
from datetime import timedelta

from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.schedule import Budget, Times, reckon
from konductor.dsl.scope import What


def schedule(pipeline: CheckedPipeline) -> Mapping[str, Times]:
    """Return the times of everything but ``finally``; what waits for itself is not among it."""
    return reckon(_budget(one) for one in pipeline.running if one.what is not What.FINALLY)


def _budget(one: Checked) -> Budget:
    value = one.value("timeout")
    timeout = value if isinstance(value, timedelta) else None
    return Budget(one.name, timeout, tuple(up for link in one.links for up in link.upstream))
