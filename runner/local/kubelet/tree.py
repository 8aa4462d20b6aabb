"""Ends a whole tree of processes, whatever they do to get away.

Linux: a process that is a *subreaper* inherits every orphan below it, so double forks and
``setsid`` do not leave its tree. The tree is read from ``/proc``, stopped first, so that nothing
forks while we look, and then killed, again and again until it is empty. Elsewhere there is no
subreaper: only process groups are ended, and what leaves its group gets away.
Stdlib only: it runs in the reaper.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

KEEPS_EVERYTHING = sys.platform == "linux"
"""Whether a process that leaves its group is still found here."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.001
_LONGEST_PAUSE = 0.1


def adopt_orphans() -> None:
    """Make this process the one that inherits each orphan among its descendants."""
    if KEEPS_EVERYTHING:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent(number: int) -> None:
    """Have the kernel send this process a signal as soon as its parent dies."""
    if KEEPS_EVERYTHING:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def end_descendants() -> None:
    """Stop, kill and reap everything below this process; return once nothing is left.

    Whether anything is left, only ``wait`` knows: a process that forks and exits while ``/proc``
    is read may not be in it. Where there is no subreaper, what left is nobody's child any more.
    """
    stopped: set[int] = set()
    pause = _PAUSE
    while _reap():
        living = descendants(os.getpid())
        fresh = living - stopped
        _send(fresh, signal.SIGSTOP)
        stopped |= fresh
        if not fresh:
            _send(living, signal.SIGKILL)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE) if living else _PAUSE


def descendants(root: int) -> set[int]:
    """Return the living processes below one, without it; zombies are not alive."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    open_ends = [root]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found.update(below)
        open_ends.extend(below)
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Yield pid and parent of each living process that ``/proc`` tells of."""
    if not KEEPS_EVERYTHING:
        return
    for name in os.listdir("/proc"):  # noqa: PTH208  # a Path per process costs more than the read
        if not name.isdigit():
            continue
        with suppress(OSError):
            # The command's name may hold spaces and brackets: the fields begin after its last one.
            state, parent = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()[:2]
            if state not in {b"Z", b"X"}:
                yield int(name), int(parent)


def _send(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _reap() -> bool:
    """Take in children that have ended; tell whether others are left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
