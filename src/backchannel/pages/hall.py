"""One page that names many desks of this machine and leads to each: what a browser opens when a play is over.

Started as `python -m backchannel.pages.hall`; every line of its standard input is the present list of desks as JSON, and it ends
when that input ends. On standard output it writes its address, and then `unseen` if no browser has come (docs/spec/pages.md 1.5).
"""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backchannel.languages import of_terminal
from backchannel.pages import shown
from backchannel.pages.browser import show
from backchannel.pages.entering import entry
from backchannel.pages.gate import Gate
from backchannel.pages.keys import Entrance, Keys, host_of, launch_address
from backchannel.pages.page import environment
from backchannel.pages.process import listen, server_of
from backchannel.pages.words import spoken

Places = Sequence[
    Mapping[str, Any]
]  # of each desk its `name`, `side` and `addresses`, which are good once each
STATIC = {"desk.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
UNSEEN = "unseen"


def hall(places: Callable[[], Places], keys: Keys, *, host: str, path: str) -> Gate:
    """Make the page, answering at `http://HOST/PATH/` to a browser that was let in; it looks anew each time it is asked for."""
    words = spoken(of_terminal())

    async def front(_: Request) -> Response:
        shown.language.set(words.language)
        template = environment().get_template("hall.html")
        return HTMLResponse(template.render(t=words, base=path, places=places()))

    async def sit(request: Request) -> Response:
        """Lead to a desk by an address that nobody has used."""
        at = request.path_params["at"]
        if at >= len(places()) or not places()[at]["addresses"]:
            return RedirectResponse(f"{path}/", status_code=303)
        return RedirectResponse(places()[at]["addresses"].pop(0), status_code=303)

    def static(name: str, kind: str) -> Route:
        data = files("backchannel.pages").joinpath("static", name).read_bytes()

        async def give(_: Request) -> Response:
            return Response(data, media_type=kind)

        return Route(f"/static/{name}", give)

    routes = [
        entry(keys, path),
        Route("/", front),
        Route("/sit/{at:int}", sit),
        *(static(*each) for each in STATIC.items()),
    ]
    return Gate(Starlette(routes=routes), host=host, path=path, keys=keys)


async def attend() -> None:
    """Serve the page, and have the browser open it."""
    loop, given = asyncio.get_running_loop(), asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(given), sys.stdin)
    places: Places = json.loads(await given.readline())
    listening, entrance = listen(0), Entrance()
    token = entrance.keys.launch()
    address = launch_address(listening, token)
    server = server_of(hall(lambda: places, entrance.keys, host=host_of(listening), path=entrance.path))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    _tell(address)
    showing = asyncio.create_task(_show(address, lambda: entrance.keys.used(token)))
    try:
        while line := await given.readline():
            places = json.loads(line)
    finally:
        showing.cancel()
        server.should_exit = True
        await asyncio.gather(showing, serving, return_exceptions=True)


async def _show(address: str, came: Callable[[], bool]) -> None:
    if not await show(address, came):
        _tell(UNSEEN)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(attend())
