"""Opens an address in the person's own browser where there is a display, and tells if no browser came.

A process of its own does it, because a browser may take as long as it likes, and it is given the address on its standard
input. Browsers that draw in a terminal are left out: they would take the terminal, or use the address up unseen.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import Final

DISPLAYS: Final = ("WAYLAND_DISPLAY", "DISPLAY")
OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.stdin.read()))"
COMING_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 0.1


def has_display(environment: Mapping[str, str]) -> bool:
    """Tell whether a browser would have somewhere to show itself."""
    return sys.platform == "darwin" or any(environment.get(name) for name in DISPLAYS)


async def show(address: str, came: Callable[[], bool]) -> bool:
    """Have a browser open an address; tells whether it came, which is not known of all that start and end again."""
    opening = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", OPEN),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "TERM"},
        start_new_session=True,  # so that Ctrl-C at the terminal is not for the browser
    )  # fmt: skip
    try:
        assert opening.stdin is not None
        opening.stdin.write(address.encode())
        opening.stdin.close()
        for _ in range(int(COMING_SECONDS / LOOK_SECONDS)):
            if came() or opening.returncode not in {None, 0}:
                break
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        if opening.returncode is None:
            opening.kill()  # a browser that it has started stays
            await opening.wait()
    return came()
