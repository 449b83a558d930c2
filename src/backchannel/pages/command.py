"""`backchannel desk open`: the desk in the browser."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from backchannel.desk.client import VARIABLE
from backchannel.desk.parser import HOME
from backchannel.errors import Exit
from backchannel.languages import on_terminal
from backchannel.pages.browser import has_display, show
from backchannel.said import said


def run(args: argparse.Namespace) -> int:
    """Serve the pages of a desk until Ctrl-C."""
    from backchannel.desk.when import duration  # noqa: PLC0415
    from backchannel.pages.house import House  # noqa: PLC0415 - so that help comes at once
    from backchannel.pages.keys import Entrance, launch_address  # noqa: PLC0415
    from backchannel.pages.process import listen, serve  # noqa: PLC0415

    home = Path(args.desk or os.environ.get(VARIABLE) or HOME).expanduser()
    house = House(home, None if args.idle is None else duration(args.idle))

    listening, entrance = listen(args.port), Entrance()
    token = entrance.keys.launch()
    address = launch_address(listening, token)

    def tell(line: str) -> None:
        sys.stdout.write(on_terminal(line) + "\n")
        sys.stdout.flush()

    async def run() -> None:
        showing: set[asyncio.Task[None]] = set()

        def ready() -> None:
            tell(said("Your desk is at {address}", address=address))
            tell(said("The address lets one browser in, once. Ctrl-C ends the pages and locks the desk."))
            if not args.browser:
                return
            if has_display(os.environ):
                showing.add(asyncio.create_task(_show(address, lambda: entrance.keys.used(token), tell)))
            else:
                tell(
                    said(
                        "There is no display here: open the address in a browser of this machine, or from another one"
                        " with `ssh -L {port}:127.0.0.1:{port}` to this one.",
                        port=listening.getsockname()[1],
                    )
                )

        try:
            await serve(house, listening, entrance, ready)
        finally:
            for task in showing:
                task.cancel()
            await asyncio.gather(*showing, return_exceptions=True)

    asyncio.run(run())
    return Exit.OK


async def _show(address: str, came: Callable[[], bool], tell: Callable[[str], None]) -> None:
    if not await show(address, came):
        tell(said("No browser has come; open the address yourself, in a browser of this machine."))
