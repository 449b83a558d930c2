"""Opens an address in the person's own browser where there is a display, and tells if none took it.

A process of its own does it, because a browser may take as long as it likes, and it is given the address on its standard
input. Browsers that draw in a terminal are left out: they would take the terminal, or use the address up unseen.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Final

DISPLAYS: Final = ("WAYLAND_DISPLAY", "DISPLAY")
OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.stdin.read()))"


def has_display(environment: Mapping[str, str]) -> bool:
    """Tell whether a browser would have somewhere to show itself."""
    return sys.platform == "darwin" or any(environment.get(name) for name in DISPLAYS)


async def show(address: str) -> bool:
    """Have a browser open an address; False if none did, as far as it can be seen. Cancelled, it leaves the browser open."""
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    opening = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OPEN),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env=environment, start_new_session=True,  # so that Ctrl-C at the terminal is not for the browser
    )  # fmt: skip
    try:
        await opening.communicate(address.encode())
    finally:
        if opening.returncode is None:
            opening.kill()
            await opening.wait()
    return opening.returncode == 0
