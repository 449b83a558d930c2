"""A desk whose pages somebody else announced: takes over the port, the token and the passphrase that a porter hands it.

Started by `pages/porter.py` as `python -m backchannel.pages.lent DESCRIPTOR`, with one line of JSON on standard input; it ends
when that input ends, so that no desk outlives its porter.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

from backchannel.errors import BackchannelError
from backchannel.pages.house import House
from backchannel.pages.keys import Entrance
from backchannel.pages.process import serve


async def attend(listening: socket.socket, order: dict[str, Any]) -> None:
    """Unlock the desk and serve its pages; one that cannot be unlocked shows its door, and says why."""
    entrance = Entrance()
    for token in order["tokens"]:
        entrance.keys.launch(token)
    house = House(Path(order["home"]), order["idle_seconds"])
    try:
        await house.unlock(order["passphrase"])
    except BackchannelError as error:
        sys.stderr.write(f"{order['home']}: {error}\n")
    await serve(house, listening, entrance, lambda: None, lifeline=sys.stdin.fileno())


def main() -> int:
    listening = socket.socket(fileno=int(sys.argv[1]))
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as given:
        order = json.loads(given.readline())
    asyncio.run(attend(listening, order))
    return 0


if __name__ == "__main__":
    sys.exit(main())
