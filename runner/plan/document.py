"""A preview as JSON, for programs and for comparisons to come. Pure."""

import json
from datetime import timedelta

from konductor.api.meta import Json
from konductor.dsl.emit.run import plan_json
from konductor.duration import format_duration
from konductor.runner.plan.outcome import outcome
from konductor.runner.plan.preview import Preview, Row
from konductor.runner.state import spell


def document(shown: Preview) -> Json:
    """Return everything that is known of the run to come; ``plan`` is what a run stores."""
    rows = [(level, row) for level, names in enumerate(shown.levels, 1) for row in names]
    return {
        "pipeline": shown.plan.pipeline,
        "run": shown.run,
        "digest": shown.plan.digest,
        "parameters": [
            {"name": one.name, "type": one.type, "value": json.loads(one.value), "from": one.origin}
            for one in shown.values
        ],
        "levels": [[row.name for row in names] for names in shown.levels],
        "stages": [_row(row) | {"level": level} for level, row in rows],
        "finally": [_row(row) for row in shown.finals],
        "edges": [
            {
                "stage": edge.downstream,
                "edge": spell(edge),
                "upstream": list(edge.upstream),
                "opens": (found := outcome(edge)).opens,
                "fails": found.fails,
                "timesOut": found.times_out,
                "skipped": found.skipped,
            }
            for edge in shown.edges
        ],
        "skipped": [
            {"name": one.name, "kind": one.kind, "reason": one.reason, "because": list(one.because)}
            for one in shown.skipped
        ],
        "slowest": {"finish": _span(shown.slowest.at), "way": shown.slowest.way},
        "withoutTimeout": list(shown.unbounded),
        "objects": [{"kind": one.kind, "name": one.name} for one in shown.objects],
        "images": dict(shown.images),
        "plan": json.loads(plan_json(shown.plan)),
    }


def _row(row: Row) -> Json:
    return {
        "name": row.name,
        "kind": row.kind,
        "expected": row.one.expected,
        "quorum": row.one.quorum,
        "after": row.after,
        "timeout": _span(row.timeout),
        "start": _span(row.start),
        "finish": _span(row.finish),
        "images": list(row.images),
    }


def _span(span: timedelta | None) -> str | None:
    return None if span is None else format_duration(span)
