from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from konductor.runner.local.kubelet.logfile import parse

from .conftest import ReaperClient, marked, wait_until

NASTY = str(Path(__file__).with_name("nasty.py"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")


def start_nasty(reaper: ReaperClient, marker: str, tmp_path: Path, *arguments: str) -> None:
    log = tmp_path / "nasty.log"
    reaper.spawn("n", sys.executable, NASTY, marker, *arguments, log=str(log), env={"M": marker})
    assert reaper.hear()["event"] == "started"
    wait_until(lambda: log.exists() and b"ready" in log.read_bytes())
    wait_until(lambda: len(marked(marker)) > 4)


def test_exit_code_is_reported(reaper: ReaperClient, tmp_path: Path) -> None:
    reaper.spawn("a", "sh", "-c", "exit 7", log=str(tmp_path / "log"))
    assert reaper.hear()["event"] == "started"
    assert reaper.hear() == {"id": "a", "event": "exited", "code": 7}


def test_output_is_logged_with_time_and_stream(reaper: ReaperClient, tmp_path: Path) -> None:
    log = tmp_path / "log"
    reaper.spawn("a", "sh", "-c", "echo out; echo err >&2; printf open", log=str(log))
    reaper.hear(), reaper.hear()
    lines = [parse(line) for line in log.read_bytes().splitlines()]
    assert sorted((line.stream, line.whole, line.text) for line in lines) == [
        ("stderr", True, b"err"),
        ("stdout", False, b"open"),
        ("stdout", True, b"out"),
    ]


@pytest.mark.parametrize(
    ("argv", "cwd", "error"),
    [
        (
            ["nowhere-to-be-found"],
            "/",
            'exec: "nowhere-to-be-found": executable file not found in $PATH',
        ),
        (["/nowhere"], "/", 'exec: "/nowhere": no such file or directory'),
        (["/"], "/", 'exec: "/": permission denied'),
        (["true"], "/nowhere", "chdir to working directory '/nowhere' failed: no such directory"),
    ],
)
def test_what_cannot_start_says_why(
    reaper: ReaperClient, argv: list[str], cwd: str, error: str
) -> None:
    reaper.ask(
        do="spawn", id="a", argv=argv, env={"PATH": os.environ["PATH"]}, cwd=cwd, log="/dev/null"
    )
    assert reaper.hear() == {"id": "a", "event": "failed", "error": error}


def test_stop_lets_a_program_end_itself(reaper: ReaperClient, tmp_path: Path) -> None:
    log = tmp_path / "log"
    reaper.spawn(
        "a",
        "sh",
        "-c",
        "trap 'echo bye; exit 3' TERM; echo on; while :; do sleep 9; done",
        log=str(log),
    )
    reaper.hear()
    wait_until(lambda: log.exists() and b"on" in log.read_bytes())
    reaper.ask(do="stop", id="a")
    assert reaper.hear() == {"id": "a", "event": "exited", "code": 3}
    assert b"bye" in log.read_bytes()


def test_resource_limits_hold(reaper: ReaperClient, tmp_path: Path) -> None:
    log = tmp_path / "log"
    reaper.spawn("a", "sh", "-c", "ulimit -n", log=str(log), limits=[[resource.RLIMIT_NOFILE, 99]])
    reaper.hear(), reaper.hear()
    assert parse(log.read_bytes().splitlines()[0]).text == b"99"


def test_signals_are_default_in_the_program(reaper: ReaperClient, tmp_path: Path) -> None:
    log = tmp_path / "log"
    reaper.spawn("a", "sh", "-c", "grep SigIgn /proc/self/status", log=str(log))
    reaper.hear(), reaper.hear()
    ignored = int(parse(log.read_bytes().splitlines()[0]).text.split()[1], 16)
    assert not ignored & ~(3 << 31)  # two real-time signals are the C library's


@linux
def test_kill_ends_the_whole_tree(reaper: ReaperClient, marker: str, tmp_path: Path) -> None:
    start_nasty(reaper, marker, tmp_path)
    reaper.ask(do="kill", id="n")
    assert reaper.hear() == {"id": "n", "event": "exited", "code": 137}
    assert not marked(marker)


@linux
def test_what_a_program_left_behind_ends_with_it(
    reaper: ReaperClient, marker: str, tmp_path: Path
) -> None:
    start_nasty(reaper, marker, tmp_path, "0.3")
    assert reaper.hear() == {"id": "n", "event": "exited", "code": 0}
    assert not marked(marker)


@linux
def test_everything_ends_when_the_parent_is_gone(
    reaper: ReaperClient, marker: str, tmp_path: Path
) -> None:
    start_nasty(reaper, marker, tmp_path)
    reaper.link.shutdown(2)
    assert wait_until(lambda: not marked(marker), 2) < 2
    reaper.process.wait(5)


@linux
def test_everything_ends_when_the_reaper_is_killed(
    reaper: ReaperClient, marker: str, tmp_path: Path
) -> None:
    start_nasty(reaper, marker, tmp_path)
    os.kill(reaper.process.pid, signal.SIGKILL)
    assert wait_until(lambda: not marked(marker), 2) < 2
