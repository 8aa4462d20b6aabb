"""A pause that being stopped ends at once."""

import asyncio
from datetime import timedelta


async def pause(stop: asyncio.Event, span: timedelta) -> None:
    """Wait for that long, or until stopped."""
    try:
        async with asyncio.timeout(span.total_seconds()):
            await stop.wait()
    except TimeoutError:
        return
