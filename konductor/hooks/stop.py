"""A signal to end, which also wakes whoever is blocked in a read from a socket."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """One-shot: set once, from any thread or a signal handler, it stays set."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._guard = threading.RLock()  # a signal handler may interrupt its own thread in here
        self._wakers: list[Callable[[], None]] = []

    def set(self) -> None:
        """Ask for the end, and wake all who are blocked."""
        with self._guard:
            self._event.set()
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    def is_set(self) -> bool:
        """Tell whether the end was asked for."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Block until the end is asked for, or that long; return whether it was."""
        return self._event.wait(seconds)

    @contextmanager
    def wakes(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have ``wake`` called when the end is asked for, also if it was already."""
        with self._guard:
            self._wakers.append(wake)
            late = self._event.is_set()
        if late:
            wake()
        try:
            yield
        finally:
            with self._guard:
                self._wakers.remove(wake)
