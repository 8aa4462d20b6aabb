"""What keeps a run's own cluster from working ends the run, with the reason."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from konductor.errors import ExitCode, Unreachable
from konductor.runner.local.guard import Guard, guarded

FOLDER = Path("/state")


@dataclass
class Process:
    """A process that ends when it is told."""

    code: int | None = None

    def poll(self) -> int | None:
        return self.code


def guard(*free: int, code: int | None = None) -> Guard:
    left = list(free)
    return Guard(Process(code), FOLDER, lambda _: left.pop(0) if left else 1 << 30)


@pytest.mark.parametrize(
    ("code", "how"),
    [(-9, "it was ended by SIGKILL"), (1, "it ended with exit code 1")],
)
def test_cluster_that_is_gone_is_trouble_at_once(code: int, how: str) -> None:
    trouble = guard(code=code).trouble(0)
    assert trouble is not None
    assert trouble.message == f"the run's local cluster is gone: {how}"
    assert "/state/serve.log" in trouble.hint
    assert trouble.exit_code is ExitCode.UNREACHABLE


def test_full_disk_is_trouble_once_it_stays_full() -> None:
    one = guard(0, 4096, 0)
    assert one.trouble(100) is None
    assert one.trouble(109.9) is None
    trouble = one.trouble(110)
    assert trouble is not None
    assert trouble.message == "the disk is full: nothing can be stored in /state"


def test_room_that_comes_back_is_no_trouble() -> None:
    one = guard(0, 1 << 20, 0, 0)
    assert [one.trouble(now) for now in (0, 9, 11, 20)] == [None] * 4


def test_free_room_is_that_of_the_folder(tmp_path: Path) -> None:
    assert Guard(Process(), tmp_path).trouble(0) is None


async def _work(process: Process) -> None:
    async with guarded(Guard(process, FOLDER, lambda _: 1 << 30)):
        process.code = -9
        await asyncio.Event().wait()


def test_what_is_being_done_is_cancelled() -> None:
    with pytest.raises(Unreachable, match="it was ended by SIGKILL"):
        asyncio.run(_work(Process()))


def test_trouble_of_what_is_done_is_passed_on() -> None:
    async def work() -> None:
        async with guarded(Guard(Process(), FOLDER, lambda _: 1 << 30)):
            raise Unreachable("no answer")

    with pytest.raises(Unreachable, match="no answer"):
        asyncio.run(work())


def test_nothing_is_left_of_the_guard_after_the_work() -> None:
    async def work() -> str:
        async with guarded(Guard(Process(), FOLDER, lambda _: 1 << 30)):
            pass
        return f"{len(asyncio.all_tasks())} task"

    assert asyncio.run(work()) == "1 task"
