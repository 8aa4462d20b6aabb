"""A finally follows ends of a run that there are (K0204)."""

from collections.abc import Iterator

from konductor.dsl.attributes import FINALLY_FILTERS
from konductor.dsl.diagnostics import Diagnostic, error, instead
from konductor.dsl.evaluation import duplicate
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Finally


def check_filters(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each unknown or repeated name after ``on``."""
    for one in pipeline.objects:
        if not isinstance(one.node, Finally):
            continue
        seen: dict[str, Span] = {}
        for name in one.node.on:
            if name.text not in FINALLY_FILTERS:
                similar = nearest(name.text, FINALLY_FILTERS)
                notes = ("there are `success`, `failure`, `timeout` and `cancel`",)
                message = f"no run ends in `{name.text}`"
                yield error("K0204", name.span, message, notes=notes, **instead(name.span, similar))
            elif name.text in seen:
                yield duplicate(f"`{name.text}`", name.span, seen[name.text])
            else:
                seen[name.text] = name.span
