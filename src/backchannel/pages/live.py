"""News for open pages, as server-sent events: that something changed, never what (spec pages 6)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

from backchannel.pages.house import House
from backchannel.pages.page import Asking

LOOK_SECONDS = 0.25
WARNED_SECONDS = 60  # before the desk locks itself, or half of a shorter time
NOT_COUNTED = -1
ALIVE_SECONDS = 15.0
MOST_STREAMS = 4  # of one browser: it opens six connections to one port at most, and pages need some of them
RESTING = b"event: resting\nretry: 5000\ndata: .\n\n"  # the page asks again after so many milliseconds


async def news(asking: Asking) -> StreamingResponse:
    """Tell a page whenever this desk's records have grown, it is about to lock itself, or it was locked."""
    seen = asking.request.query_params.get("seen", "")
    room = asking.request.query_params.get("room", "")
    over = asyncio.Event()

    async def gone() -> bool:
        return over.is_set() or await asking.request.is_disconnected()

    told = in_turn(changes(asking.house, seen, gone, room), over, asking.session.streams)
    return StreamingResponse(told, media_type="text/event-stream")


async def in_turn(
    told: AsyncIterator[bytes], over: asyncio.Event, streams: list[asyncio.Event]
) -> AsyncIterator[bytes]:
    """Pass news on until its browser has so many newer streams that its pages would wait for a connection."""
    streams.append(over)
    for oldest in streams[:-MOST_STREAMS]:
        oldest.set()
    try:
        async for event in told:
            if over.is_set():
                yield RESTING
                return
            yield event
    finally:
        streams.remove(over)


async def changes(
    house: House, seen: str, gone: Callable[[], Awaitable[bool]], room: str = ""
) -> AsyncIterator[bytes]:
    """Give news from the position `seen` on, until the desk is locked or the page is gone.

    A page of one room is told apart what moved there and what moved elsewhere, so that it asks anew only for what it shows.
    """
    quiet, counted, whole, had = 0.0, NOT_COUNTED, house.position(), house.arrived()
    while house.unlocked and not house.ending and not await gone():
        before, whole, state = whole, house.position(), house.position(room)
        if state != seen:
            yield b"event: moved\ndata: .\n\n"
            quiet = 0.0
        elif whole != before:
            yield b"event: elsewhere\ndata: .\n\n"
            quiet = 0.0
        elif quiet >= ALIVE_SECONDS:
            yield b": here\n\n"
            quiet = 0.0
        if whole != before and (has := house.arrived()) != had:
            had = has
            yield b"event: came\ndata: .\n\n"
        seen = state
        left = house.left_seconds
        if left < min(WARNED_SECONDS, house.lock_seconds / 2) and int(left) != counted:
            counted = int(left)
            yield f"event: locking\ndata: {counted}\n\n".encode()
        elif left >= min(WARNED_SECONDS, house.lock_seconds / 2) and counted != NOT_COUNTED:
            counted = NOT_COUNTED
            yield b"event: staying\ndata: .\n\n"
        await asyncio.sleep(LOOK_SECONDS)
        quiet += LOOK_SECONDS
    yield b"event: locked\ndata: .\n\n"
