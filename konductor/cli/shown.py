"""What ``koncli run`` and ``koncli watch`` share: a run shown, signals, an operator beside it."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from konductor.api.meta import Owner
    from konductor.cli.arguments import Parser
    from konductor.cluster.port import Cluster
    from konductor.connection import Connection
    from konductor.runner.run import Asked, Target
    from konductor.runner.screen import Screen
    from konductor.runner.state import RunState

_REMEMBERED = 100


def add_view_options(parser: "Parser") -> None:
    """Add the forms in which a run is shown."""
    parser.add_argument(
        "--view",
        choices=("auto", "live", "plain"),
        default="auto",
        help="a live view, or plain lines (default: live on a terminal)",
    )
    parser.add_argument(
        "--svg", default="", metavar="FILE", help="write the last view as a picture"
    )


@contextmanager
def noted_interrupts() -> Iterator[list[int]]:
    """Note each Ctrl-C besides raising it: Python drops what is raised within a destructor."""
    noted: list[int] = []

    def interrupt(number: int, _: object) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def listen(asked: "Asked", *, cancel: Sequence[int], leave: Sequence[int]) -> None:
    """Have signals ask to cancel a run, or to leave it alone and end."""
    loop = asyncio.get_running_loop()
    for number in cancel:
        loop.add_signal_handler(number, asked.interrupts.put_nowait, None)
    for number in leave:
        loop.add_signal_handler(number, asked.leave.set)


def screen_of(options: argparse.Namespace, state: "RunState") -> "Screen":
    """Return where a run is shown, as the options say."""
    from rich.console import Console  # noqa: PLC0415  # not for --help

    from konductor.runner import screen  # noqa: PLC0415  # likewise

    console = Console(highlight=False)
    live = console.is_terminal if options.view == "auto" else options.view == "live"
    if live:
        shown: screen.Screen = screen.LiveScreen(console)
    else:
        shown = screen.PlainScreen(console, state, datetime.now(UTC))
    return screen.Picture(shown, Path(options.svg), screen.recorder) if options.svg else shown


@asynccontextmanager
async def carrier(
    cluster: "Cluster", connection: "Connection", target: "Target", *, embeds: bool
) -> AsyncIterator[Callable[["Owner"], None]]:
    """Give what is to be told once the Run is there: that carries its operator, if it is to."""
    if not embeds:
        yield lambda _: None
        return
    from konductor.operator.carry import Carrier  # noqa: PLC0415  # kopf takes 0.3 s

    names = {"run": target.name, "namespace": target.namespace}
    async with Carrier(cluster, connection, **names) as found:
        yield found.begin


@contextmanager
def warnings_on(screen: "Screen") -> Iterator[None]:
    """Show what an operator in this process warns of, each only once, without a torn view."""
    handler = _Beside(screen)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


class _Beside(logging.Handler):
    """Shows warnings beside a run."""

    def __init__(self, screen: "Screen") -> None:
        super().__init__(logging.WARNING)
        self._screen = screen
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one, unless it was shown before."""
        line = record.getMessage()
        if line not in self._told and len(self._told) < _REMEMBERED:
            self._told.add(line)
            self._screen.say(line)


def note(line: str) -> None:
    """Tell a person something besides the result."""
    try:
        print(f"note: {line}", file=sys.stderr)
    except OSError:  # the terminal is gone
        return


def how_it_goes_on(run: str, namespace: str, *, carried: bool) -> str:
    """Return what becomes of a run that its koncli leaves alone."""
    again = f"`koncli watch {run} -n {namespace}`"
    if carried:
        return f"what runs goes on, and what has not started waits: {again} carries on"
    return f"the run goes on: {again} shows it"
