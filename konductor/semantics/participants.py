"""Long lists of participants in little space: ``extract-[0-4,7,9-811]``."""

from collections.abc import Iterable, Sequence


def fold(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as ``status.arrivals`` holds them.

    At most 1,000 names within 12 kB stand as they are. More are folded, one entry a stem, in the
    order in which the stems first come; what exceeds 12 kB even so ends in "… and N more".
    """
    raise NotImplementedError


def unfold(entries: Iterable[str], count: int) -> tuple[str, ...]:
    """Return the names that `fold` was given, but for those in "… and N more".

    Args:
        entries: ``status.arrivals``.
        count: how many names they stand for (``status.arrived``).
    """
    raise NotImplementedError
