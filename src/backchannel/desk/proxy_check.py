"""Whether a SOCKS5 proxy, such as Tor's, answers at an address; no relay and no name is asked of it."""

import asyncio
from urllib.parse import urlsplit

from backchannel.said import said

GREETING, GREETED = b"\x05\x02\x00\x02", b"\x05"  # SOCKS 5, with or without a name and password
SECONDS = 3.0


async def proxy_answer(url: str) -> tuple[bool, str]:
    """Say in one sentence whether the proxy of an address answers."""
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port}"
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(GREETING)
                await writer.drain()
                answer = await reader.read(2)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False, said(
            "Nothing answers at {where}: start Tor or whatever is to listen there, or connect directly. Until then no relay"
            " is reached.",
            where=where,
        )
    if len(answer) == len(GREETED) + 1 and answer.startswith(GREETED):
        return True, said("A proxy answers at {where}.", where=where)
    return False, said(
        "Something answers at {where}, but it is no SOCKS5 proxy; check the port: Tor itself has 9050, Tor Browser 9150.",
        where=where,
    )
