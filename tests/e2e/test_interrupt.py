"""Ctrl-C: once cancels the run, which ends in its own order; twice ends it at once."""

import termios
from collections.abc import Callable

import pytest

from .conftest import Home, Running, on_a_busy_machine, wait_until

pytestmark = pytest.mark.xdist_group("e2e")
PROGRAM = """pipeline slow {
  defaults { image = "busybox:1.37" }
  stage nap {
    replicas = 2
    run      = 'touch "$HOME/napping-$KON_INDEX"; sleep 600'
  }
  stage never after nap { run = 'touch "$HOME/never"' }
  finally tidy { run = 'TIDY' }
}
"""
TIDY = 'echo "tidied up: $KON_RUN_STATUS"; touch "$HOME/tidied"'
SLOW = 'touch "$HOME/tidying"; sleep 600; touch "$HOME/tidied"'


@pytest.fixture(params=["on a terminal", "without one"])
def run_slowly(home: Home, request: pytest.FixtureRequest) -> Callable[[str], Running]:
    """Start the program with that `finally`; return once its first stage runs."""
    start = home.start if request.param == "without one" else home.start_on_terminal

    def begin(tidy: str) -> Running:
        running = start("run", home.program(PROGRAM.replace("TIDY", tidy)), "--view", "plain")
        wait_until(lambda: all((home.path / f"napping-{one}").exists() for one in (0, 1)))
        return running

    return begin


def test_one_interrupt_cancels_the_run_and_finally_runs(
    home: Home, run_slowly: Callable[[str], Running]
) -> None:
    run = run_slowly(TIDY)
    run.interrupt()
    assert run.end() == 130, run.said
    assert "cancelling" in run.text
    assert "tidy | tidied up: Cancelled" in run.text
    assert "was cancelled" in run.text
    assert (home.path / "tidied").exists()
    assert not (home.path / "never").exists()
    assert not home.processes()


def test_second_interrupt_ends_everything_at_once(
    home: Home, run_slowly: Callable[[str], Running]
) -> None:
    run = run_slowly(SLOW)
    run.interrupt()
    wait_until((home.path / "tidying").exists)
    run.interrupt()
    assert run.end(on_a_busy_machine(5)) == 130, run.said
    assert not (home.path / "tidied").exists()
    assert not home.processes()


def test_interrupt_while_the_cluster_starts_leaves_nothing(home: Home) -> None:
    run = home.start("run", home.program(PROGRAM.replace("TIDY", TIDY)))
    wait_until(lambda: any("konductor.cli.serve" in one for one in home.processes()))
    run.interrupt()
    assert run.end() == 130, run.said
    assert "Traceback" not in run.said
    home.until_nothing_is_left(2)


def test_interrupt_leaves_the_terminal_as_it_was(home: Home) -> None:
    run = home.start_on_terminal("run", home.program(PROGRAM.replace("TIDY", TIDY)))
    assert run.terminal is not None
    before = termios.tcgetattr(run.terminal)
    run.until("2 running")
    run.interrupt()
    assert run.end() == 130, run.said
    assert termios.tcgetattr(run.terminal) == before
    assert run.said.rindex("\x1b[?25h") > run.said.rindex("\x1b[?25l"), "the cursor is hidden"
