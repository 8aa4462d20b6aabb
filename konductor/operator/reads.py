"""Fresh reads: which subjects wait for one, and for which it still tells the truth.

Watches are not ordered among each other, so before anything final but Open is written, all that
could speak against it is read, by a read that began after its cause was seen (semantics.md, 2.7).
One read of a namespace serves all subjects that wait for one by then.
"""

import asyncio

from konductor.operator.subject import Subject
from konductor.semantics.observation import FreshRead


class Reads:
    """Reads that are wanted, and reads that were made."""

    def __init__(self) -> None:
        self._wanted: dict[str, set[Subject]] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._under_way: dict[Subject, bool] = {}  # False: something has happened to it since
        self._made: dict[Subject, FreshRead] = {}
        self._served: set[Subject] = set()

    def ask(self, subject: Subject) -> bool:
        """Ask for a read of the subject's namespace; False: it has just had one."""
        if subject in self._served:
            self._served.discard(subject)
            return False
        namespace = subject.key.namespace
        if namespace not in self._wanted:
            self._wanted[namespace] = set()
            self._queue.put_nowait(namespace)
        self._wanted[namespace].add(subject)
        return True

    async def begin(self) -> tuple[str, set[Subject]]:
        """Wait until a read is wanted; return its namespace and for whom it is."""
        namespace = await self._queue.get()
        subjects = self._wanted.pop(namespace)
        self._under_way |= dict.fromkeys(subjects, True)
        return namespace, subjects

    def cause(self, subject: Subject) -> None:
        """Note that something has happened to a subject, which a read begun before may lack."""
        if subject in self._under_way:
            self._under_way[subject] = False
        self._made.pop(subject, None)

    def end(self, subjects: set[Subject], read: FreshRead | None) -> None:
        """Hand over a read; None: it failed, so that whoever needs it asks again."""
        for subject in subjects:
            if self._under_way.pop(subject, False) and read:
                self._made[subject] = read

    def take(self, subject: Subject) -> FreshRead | None:
        """Return the read made for a subject, once."""
        read = self._made.pop(subject, None)
        if read:
            self._served.add(subject)
        else:
            self._served.discard(subject)
        return read
