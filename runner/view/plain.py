"""The run as lines of text, one a change: for logs, pipes and CI. Pure."""

from datetime import datetime

from konductor.api.barrier import Phase
from konductor.runner.state import Failure, RunState, StageState
from konductor.runner.view.frame import shown_lines, told_reason
from konductor.runner.view.span import since


def news(before: RunState, after: RunState, now: datetime) -> list[str]:
    """Return one line for each thing that a person would want to know of a change."""
    lines: list[str] = []
    if after.cancelling and not before.cancelling:
        lines.append(f"{after.run}: cancelling")
    for name, stage in after.stages.items():
        if stage is not before.stages[name]:
            lines += _stage_news(before.stages[name], stage, now)
    return lines


def _stage_news(before: StageState, after: StageState, now: datetime) -> list[str]:
    lines = []
    if after.started_at and not before.started_at:
        lines.append(f"{after.name}: started, 0/{after.expected}")
    if after.is_held_up and after.obstacle != before.obstacle:
        lines.append(f"{after.name}: cannot start: {after.obstacle}")
    for failure in after.failures:
        lines += _failure_news(before, after, failure)
    if after.phase.is_terminal and not before.phase.is_terminal:
        lines.append(_end(after, now))
    return lines


def _failure_news(before: StageState, after: StageState, failure: Failure) -> list[str]:
    known = next((one for one in before.failures if one.pod == failure.pod), None)
    if failure.lines is None or (known is not None and known.lines is not None):
        return []
    head = f"{after.name}: {failure.who} {told_reason(failure)}"
    return [head, *(f"    {line}" for line in shown_lines(failure))]


def _end(stage: StageState, now: datetime) -> str:
    count = f"{stage.arrived}/{stage.expected}"
    time = since(stage.started_at, stage.ended_at, now)
    after = f" after {time}" if time else ""
    if stage.phase is Phase.OPEN:
        failed = f", {stage.failed} failed" if stage.failed else ""
        return f"{stage.name}: open at {count}{failed}{after}"
    if stage.is_skipped:
        return f"{stage.name}: skipped. {stage.message}".rstrip()
    return f"{stage.name}: {stage.phase}/{stage.reason} at {count}{after}. {stage.message}".rstrip()
