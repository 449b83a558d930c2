"""News for open pages, as server-sent events: that something changed, never what (spec pages 6)."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from backchannel.pages.page import Asking

LOOK_SECONDS = 0.25
WARNED_SECONDS = 60  # before the desk locks itself
ALIVE_SECONDS = 15.0


async def news(asking: Asking) -> StreamingResponse:
    """Tell a page whenever this desk's records have grown, or the desk was locked."""
    return StreamingResponse(_changes(asking), media_type="text/event-stream")


async def _changes(asking: Asking) -> AsyncIterator[bytes]:
    before = asking.request.query_params.get("seen", "")
    quiet, told = 0.0, 0
    house = asking.house
    while house.unlocked and not house.ending and not await asking.request.is_disconnected():
        state = house.position()
        if state != before:
            yield b"event: moved\ndata: .\n\n"
            quiet = 0.0
        elif quiet >= ALIVE_SECONDS:
            yield b": here\n\n"
            quiet = 0.0
        before = state
        left = int(house.left_seconds)
        if left < WARNED_SECONDS and left != told:
            yield f"event: locking\ndata: {left}\n\n".encode()
            told = left
        elif left >= WARNED_SECONDS and told:
            yield b"event: staying\ndata: .\n\n"
            told = 0
        await asyncio.sleep(LOOK_SECONDS)
        quiet += LOOK_SECONDS
    yield b"event: locked\ndata: .\n\n"
