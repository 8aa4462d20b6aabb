"""Garbage collection, off while nothing of what is made is garbage: modules, a compiled program."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Keep the collector from walking what grows over and over: half of the time of a program.

    Freezing and unfreezing moves what was made to the oldest generation, without a walk.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
