"""Tries everything to outlive whoever ends it; each process carries the marker in its arguments.

It ends by itself after `_LIFE`, so that a test that was cut short does not leave it for ever.
"""

import os
import signal
import sys
import time

_LIFE = 60.0
_END = time.monotonic() + _LIFE


def escape() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)


def daemonise() -> bool:
    """Double fork with a session of its own; true in the daemon."""
    if os.fork():
        os.wait()
        return False
    os.setsid()
    if os.fork():
        os._exit(0)
    os.setsid()
    escape()
    os.closerange(0, 64)
    return True


def keep_changing_pid() -> None:
    while time.monotonic() < _END:
        if os.fork():
            os._exit(0)
        time.sleep(0.002)


def breed() -> None:
    """Keep a few dozen children that set sessions of their own and start others."""
    while time.monotonic() < _END:
        for _ in range(10):
            if os.fork() == 0:
                os.setsid()
                time.sleep(0.05)
                if os.fork() == 0:
                    time.sleep(0.2)
                os._exit(0)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(0.05)


escape()
if daemonise():
    keep_changing_pid()
    os._exit(0)
if daemonise():
    breed()
    os._exit(0)
if daemonise():
    # A program of another name, without our environment, in a session of its own.
    os.execve(  # noqa: S606  # its purpose
        "/bin/sh",
        ["sh", "-c", "trap '' TERM HUP; for _ in $(seq 60); do sleep 1; done", sys.argv[1]],
        {},
    )
sys.stdout.write("ready\n")
sys.stdout.flush()
if len(sys.argv) > 2:
    time.sleep(float(sys.argv[2]))
else:
    time.sleep(_LIFE)
