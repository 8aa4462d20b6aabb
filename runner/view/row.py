"""One stage in one line: its sign, gauge, count, state and edges. Pure."""

from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from konductor.api.barrier import Phase
from konductor.runner.state import StageState
from konductor.runner.view.gauge import gauge
from konductor.runner.view.span import elapsed, since


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line."""

    sign: Text
    name: Text
    bar: Text
    count: str
    state: Text
    time: str
    after: Text


def row(stage: StageState, now: datetime) -> Row:
    """Return the line of a stage or barrier."""
    sign, style = _sign(stage)
    return Row(
        sign=Text(sign, style),
        name=Text(stage.name, "bold" if _is_active(stage) else ""),
        bar=gauge(
            expected=stage.expected,
            quorum=stage.quorum,
            arrived=stage.arrived,
            failed=stage.failed,
        ),
        count=f"{stage.arrived}/{stage.expected}",
        state=Text(describe(stage, now), style),
        time=since(stage.started_at, stage.ended_at, now),
        after=Text(f"after {stage.after}" if stage.after else _kind(stage), "bright_black"),
    )


def describe(stage: StageState, now: datetime) -> str:
    """Return the state of a stage in a few words."""
    if stage.is_skipped:
        return "skipped"
    if stage.phase is Phase.WAITING:
        return _waiting(stage, now)
    if stage.phase is Phase.OPEN:
        return "open" if not stage.failed else f"open, {_failed(stage)}"
    return str(stage.reason or stage.phase)


def _waiting(stage: StageState, now: datetime) -> str:
    if stage.started_at is None:
        return "waiting"
    words = [f"{stage.running} running"] if stage.running else []
    if stage.is_held_up:
        words.append(f"{stage.stuck} stuck" if stage.stuck else "no pods")
    if stage.failed:
        words.append(_failed(stage))
    if stage.deadline is not None:
        words.append(f"{elapsed(stage.deadline - now)} left")
    return ", ".join(words) or "started"


def _failed(stage: StageState) -> str:
    return f"{stage.failed} failed"


def _kind(stage: StageState) -> str:
    return stage.kind if stage.kind in ("finally", "barrier") else ""


def _is_active(stage: StageState) -> bool:
    return stage.started_at is not None and not stage.phase.is_terminal


def _sign(stage: StageState) -> tuple[str, str]:
    if stage.is_skipped:
        return "○", "bright_black"
    if stage.phase is Phase.OPEN:
        return "✔", "green"
    if stage.phase is Phase.WAITING:
        if stage.is_held_up:
            return "!", "yellow"
        return ("●", "cyan") if stage.started_at else ("·", "bright_black")
    return "✘", "red"
