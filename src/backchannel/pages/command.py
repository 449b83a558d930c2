"""`backchannel desk open`: the desk in the browser."""

import argparse
import asyncio
import os
import sys
import webbrowser
from pathlib import Path

from backchannel.desk.client import VARIABLE
from backchannel.desk.parser import HOME
from backchannel.errors import Exit
from backchannel.languages import on_terminal
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
    address = launch_address(listening, entrance.path, entrance.keys.launch())

    def tell() -> None:
        sys.stdout.write(on_terminal(said("Your desk is at {address}", address=address)) + "\n")
        once = "The address lets one browser in, once. Ctrl-C ends the pages and locks the desk."
        sys.stdout.write(on_terminal(said(once)) + "\n")
        sys.stdout.flush()
        if args.browser:
            webbrowser.open(address)

    asyncio.run(serve(house, listening, entrance, tell))
    return Exit.OK
