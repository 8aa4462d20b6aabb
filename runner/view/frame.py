"""The whole picture: a headline, the graph with its gauges, what the failing ones said. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from textwrap import wrap

from rich.console import Group, RenderableType
from rich.text import Text

from konductor.api.barrier import Phase
from konductor.api.run import RunPhase
from konductor.runner.state import Failure, RunState, StageState
from konductor.runner.view.row import Row, row
from konductor.runner.view.span import since

_HEAD_LINES = 3
_FAILURES_SHOWN = 3
_LINES_SHOWN = 4
_OBSTACLES_SHOWN = 3
_OBSTACLE_LINES = 3
_WIDTH = 100
_COLUMNS: tuple[Callable[[Row], str | Text], ...] = (
    lambda one: one.name,
    lambda one: one.count,
    lambda one: one.state,
    lambda one: one.time,
)
PHASE_STYLES = {
    RunPhase.PENDING: "bright_black",
    RunPhase.RUNNING: "cyan",
    RunPhase.SUCCEEDED: "green",
    RunPhase.FAILED: "red",
    RunPhase.TIMEOUT: "red",
    RunPhase.CANCELLED: "yellow",
}


def frame(
    state: RunState, now: datetime, *, height: int, width: int = _WIDTH, failures: bool = True
) -> RenderableType:
    """Return what a terminal of ``height`` lines shows of a run."""
    told = _told(state) if failures else []
    held_up = obstacles(state, width) if failures else []
    lines = sum(1 + len(shown_lines(one)) for one in told) + len(held_up)
    room = max(height - _HEAD_LINES - lines - bool(told) - bool(held_up), 3)
    shown, hidden = select(tuple(state.stages.values()), room)
    parts: list[RenderableType] = [headline(state, now), Text(), *graph(shown, now)]
    if hidden:
        parts.append(_hidden_line(hidden))
    if held_up:
        parts += [Text(), *held_up]
    if told:
        parts += [Text(), *(line for one in told for line in failure_lines(one))]
    return Group(*parts)


def headline(state: RunState, now: datetime) -> Text:
    """Return the first line: which run, how far, since when."""
    done = sum(one.phase.is_terminal for one in state.stages.values())
    word = "Cancelling" if state.cancelling and not state.phase.is_terminal else str(state.phase)
    line = Text.assemble((state.run, "bold"), "  ", (word, PHASE_STYLES[state.phase]))
    line.append(f"  {done}/{len(state.stages)}")
    if time := since(state.started_at, state.finished_at, now):
        line.append(f"  {time}")
    return line


def select(
    stages: Sequence[StageState], room: int
) -> tuple[tuple[StageState, ...], tuple[StageState, ...]]:
    """Return the stages that fit into ``room`` lines, and those that do not.

    What failed and what runs comes first, then what waits, then what is done; those shown keep
    the order of the graph. One line is left for the sum of the hidden ones.
    """
    if len(stages) <= room:
        return tuple(stages), ()
    ranked = sorted(range(len(stages)), key=lambda at: (_rank(stages[at]), at))
    chosen = set(ranked[: room - 1])
    shown = tuple(one for at, one in enumerate(stages) if at in chosen)
    return shown, tuple(one for at, one in enumerate(stages) if at not in chosen)


def _rank(stage: StageState) -> int:
    if stage.has_failed:
        return 0
    if stage.phase is Phase.WAITING:
        return 1 if stage.started_at else 2
    return 3


def _hidden_line(hidden: Sequence[StageState]) -> Text:
    done = sum(one.phase.is_terminal for one in hidden)
    running = sum(not one.phase.is_terminal and one.started_at is not None for one in hidden)
    counts = ((done, "done"), (running, "running"), (len(hidden) - done - running, "waiting"))
    words = ", ".join(f"{count} {word}" for count, word in counts if count)
    return Text(f"  … and {words}", "bright_black")


def graph(stages: Sequence[StageState], now: datetime) -> list[Text]:
    """Return the graph, a line a stage; a narrow terminal cuts the ends of the lines."""
    rows = [row(stage, now) for stage in stages]
    name, count, state, time = (
        max((len(cells(one)) for one in rows), default=0) for cells in _COLUMNS
    )
    lines = []
    for one in rows:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append_text(one.sign).append(" ").append_text(_padded(one.name, name)).append("  ")
        line.append_text(one.bar).append(f"  {one.count:>{count}}  ")
        line.append_text(_padded(one.state, state)).append(f"  {one.time:>{time}}  ")
        lines.append(line.append_text(one.after))
    return lines


def _padded(text: Text, width: int) -> Text:
    padded = text.copy()
    padded.pad_right(width - len(text))
    return padded


def obstacles(state: RunState, width: int) -> list[Text]:
    """Return what keeps pods from starting, a stage at a time, in lines of at most ``width``."""
    held_up = [stage for stage in state.stages.values() if stage.is_held_up]
    lines: list[Text] = []
    for stage in held_up[:_OBSTACLES_SHOWN]:
        found = wrap(
            f"! {stage.name}: {stage.obstacle}",
            width=width,
            subsequent_indent="    ",
            max_lines=_OBSTACLE_LINES,
            placeholder=" …",
        )
        lines += [Text(line, "yellow", no_wrap=True, overflow="ellipsis") for line in found]
    return lines


def _told(state: RunState) -> list[Failure]:
    failures = [failure for stage in state.stages.values() for failure in stage.failures]
    return failures[-_FAILURES_SHOWN:]


def shown_lines(failure: Failure) -> tuple[str, ...]:
    """Return the few last lines of a failure that are shown."""
    return (failure.lines or ())[-_LINES_SHOWN:]


def failure_lines(failure: Failure) -> list[Text]:
    """Return a failed participant in one line, and below it the last lines of its log."""
    head = Text.assemble(("✘ ", "red"), (failure.who, "bold"), f" {told_reason(failure)}")
    return [head, *(Text(f"    {line}", "bright_black") for line in shown_lines(failure))]


def told_reason(failure: Failure) -> str:
    """Return why a participant failed: ``failed: exit code 1, attempt 2``."""
    again = f", attempt {failure.attempts}" if failure.attempts > 1 else ""
    return f"failed: {failure.reason or 'no reason given'}{again}"
