"""Where a run is shown: a live view on a terminal, or plain lines everywhere else."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from konductor.runner.state import RunState
from konductor.runner.view.frame import frame
from konductor.runner.view.plain import news
from konductor.runner.view.summary import summary

FRAMES_PER_SECOND = 10
_PICTURE_WIDTH = 100
_WHOLE = 1_000_000
"""A height that every graph fits into: the last frame shows all of it."""


class Screen(Protocol):
    """Something that shows a run."""

    def show(self, state: RunState, now: datetime) -> None:
        """Show what is known now."""
        ...

    def say(self, line: str) -> None:
        """Show a line of something else, such as a warning; from any thread."""
        ...

    def close(self, state: RunState, now: datetime, *, logs: str) -> None:
        """Show how it ended; ``logs`` says where the logs of failed pods are."""
        ...


class LiveScreen:
    """A live view: the graph is redrawn in place, its last frame stays."""

    def __init__(self, console: Console) -> None:
        """Take the terminal to draw on."""
        self._console = console
        self._live = Live(console=console, auto_refresh=False, redirect_stderr=False)

    def show(self, state: RunState, now: datetime) -> None:
        """Draw a frame that fits the terminal as it is now."""
        if not self._live.is_started:
            self._live.start()
        width, height = self._console.size
        self._live.update(frame(state, now, height=height - 1, width=width), refresh=True)

    def say(self, line: str) -> None:
        """Print a line above the frame."""
        self._console.print(Text(f"! {line}", "yellow"), soft_wrap=True)

    def close(self, state: RunState, now: datetime, *, logs: str) -> None:
        """Leave the whole graph on the terminal, and the summary below it."""
        last = frame(state, now, height=_WHOLE, failures=False)
        if self._live.is_started:
            self._live.update(Text(), refresh=True)
            self._live.stop()
        self._console.print(Group(last, Text()))
        self._console.print(summary(state, now, logs=logs), soft_wrap=True)


class PlainScreen:
    """Lines of text, one a change, each with the time since the runner began."""

    def __init__(self, console: Console, state: RunState, begun: datetime) -> None:
        """Take where to print and what is known before anything is heard."""
        self._console = console
        self._state = state
        self._begun = begun

    def show(self, state: RunState, now: datetime) -> None:
        """Print what has changed since the last call."""
        time = f"{max((now - self._begun).total_seconds(), 0.0):7.1f}s "
        for line in news(self._state, state, now):
            self._console.print(Text(time + line), soft_wrap=True)
        self._state = state

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(Text(f"! {line}"), soft_wrap=True)

    def close(self, state: RunState, now: datetime, *, logs: str) -> None:
        """Print what is left to say, and the summary."""
        self.show(state, now)
        self._console.print(summary(state, now, logs=logs), soft_wrap=True)


class Picture:
    """The last frame and the summary as an SVG file, beside another screen."""

    def __init__(self, screen: Screen, path: Path, quiet: Callable[[], Console]) -> None:
        """Take the screen to pass everything on to, and a maker of consoles that print nowhere."""
        self._screen = screen
        self._path = path
        self._quiet = quiet

    def show(self, state: RunState, now: datetime) -> None:
        """Pass it on."""
        self._screen.show(state, now)

    def say(self, line: str) -> None:
        """Pass it on."""
        self._screen.say(line)

    def close(self, state: RunState, now: datetime, *, logs: str) -> None:
        """Pass it on, then write the picture.

        Raises:
            OSError: the file cannot be written.
        """
        self._screen.close(state, now, logs=logs)
        console = self._quiet()
        console.print(frame(state, now, height=_WHOLE, failures=False))
        console.print()
        console.print(summary(state, now, logs=""))
        svg = console.export_svg(title=f"koncli run {state.pipeline}.kon")
        self._path.write_text(svg, encoding="utf-8")


def recorder() -> Console:
    """Return a console that prints nowhere and remembers it all."""
    from io import StringIO  # noqa: PLC0415  # only pictures need it

    return Console(file=StringIO(), record=True, width=_PICTURE_WIDTH, force_terminal=True)
