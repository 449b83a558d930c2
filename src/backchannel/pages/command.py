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
        sys.stdout.write(
            f"Your desk is at {address}\nThe address lets one browser in, once. Ctrl-C ends the pages and locks the desk.\n"
        )
        sys.stdout.flush()
        if args.browser:
            webbrowser.open(address)

    asyncio.run(serve(house, listening, entrance, tell))
    return Exit.OK
