"""The end of a run: what its last stages said, what failed and why, where to read on. Pure."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from konductor.api.barrier import Phase
from konductor.api.run import RunPhase
from konductor.runner.state import RunState, StageState
from konductor.runner.view.frame import PHASE_STYLES, failure_lines
from konductor.runner.view.span import since


def summary(state: RunState, now: datetime, *, logs: str) -> RenderableType:
    """Return the closing lines; ``logs`` says where the logs of failed pods are."""
    parts: list[RenderableType] = []
    for stage in state.stages.values():
        parts += [_said(stage, line) for line in stage.said or ()]
    troubled = [one for one in state.stages.values() if one.has_failed or one.failures]
    for stage in troubled:
        parts += _stage_lines(stage)
    if troubled and logs:
        parts.append(Text(f"logs: {logs}", "bright_black"))
    return Group(*parts, _last_line(state, now))


def _said(stage: StageState, line: str) -> Text:
    return Text.assemble((f"{stage.name} | ", "bright_black"), line)


def _stage_lines(stage: StageState) -> list[Text]:
    lines: list[Text] = []
    if stage.has_failed:
        words = f" {stage.phase}/{stage.reason}: {stage.message}"
        lines.append(Text.assemble(("✘ ", "red"), (stage.name, "bold"), words))
        if stage.obstacle:
            lines.append(Text(f"    its pods could not start: {stage.obstacle}", "yellow"))
    elif stage.phase is Phase.OPEN:
        names = ", ".join(failure.participant for failure in stage.failures)
        words = f" opened at {stage.arrived}/{stage.expected} without {names}"
        lines.append(Text.assemble(("! ", "yellow"), (stage.name, "bold"), words))
    return lines + [line for one in stage.failures for line in failure_lines(one)]


def _last_line(state: RunState, now: datetime) -> Text:
    time = since(state.started_at, state.finished_at, now)
    word = "was deleted" if state.gone else _WORDS[state.phase]
    line = Text.assemble((f"run {state.run} {word}", f"bold {PHASE_STYLES[state.phase]}"))
    if time:
        line.append(f" after {time}")
    if state.message and state.phase is not RunPhase.SUCCEEDED:
        line.append(f": {state.message}")
    return line


_WORDS = {
    RunPhase.PENDING: "has not started",
    RunPhase.RUNNING: "is still running",
    RunPhase.SUCCEEDED: "succeeded",
    RunPhase.FAILED: "failed",
    RunPhase.TIMEOUT: "timed out",
    RunPhase.CANCELLED: "was cancelled",
}
