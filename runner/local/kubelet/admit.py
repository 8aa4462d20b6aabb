"""Lets pods in, in the order in which they asked (`admission` decides)."""

import asyncio

from konductor.runner.local.kubelet.admission import Free, Request, grant


class Admissions:
    """The places and slots of a node."""

    def __init__(self, *, places: int, slots: int) -> None:
        self._free = Free(places, slots)
        self._waiting: dict[asyncio.Future[None], Request] = {}

    async def acquire(self, request: Request) -> None:
        """Wait until the request is granted."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = request
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if self._waiting.pop(turn, None) is None:  # granted in the very same moment
                self.give_back(request)
            raise

    def take(self, request: Request) -> None:
        """Count what is held anyway, such as the place of a pod that is bound already."""
        self._free = Free(self._free.places - request.place, self._free.slots - request.slot)

    def give_back(self, request: Request) -> None:
        """Free what a request held."""
        self._free = Free(self._free.places + request.place, self._free.slots + request.slot)
        self._grant()

    def _grant(self) -> None:
        granted = set(grant(tuple(self._waiting.values()), self._free))
        for turn, request in list(self._waiting.items()):
            if request in granted:
                del self._waiting[turn]
                self.take(request)
                turn.set_result(None)
