"""The desk's settings: relays and how they are reached, its lock, what a screen shows, back-up, moving it, destroying it."""

import asyncio
from pathlib import Path

from starlette.responses import Response

from backchannel.desk.whole_desk import WIPE_WORD, wiped
from backchannel.errors import Refused
from backchannel.pages.page import COVER_COOKIE, NOTIFY_COOKIE, Asking, Page

ENDING_SECONDS = 3.0  # that a browser has to fetch the last page of a desk that is gone
TIMES = ("1m", "5m", "15m", "1h", "8h")
SECONDS = {60: "1m", 300: "5m", 900: "15m", 3600: "1h", 28800: "8h"}


async def settings(asking: Asking) -> Page | Response:
    """Everything that is set on this desk; with `?check=1` the proxy is asked whether it answers."""
    proxy = await asking.look("relay", "proxy")
    check = ""
    if asking.request.query_params.get("check") and proxy["proxy"]:
        check = (await asking.house.do(["relay", "proxy", "--check", "--no-sync"])).lines[-1]
    after = (await asking.look("lock-after"))["idle_seconds"]
    return Page(
        "settings",
        {
            "relays": await asking.look("relay", "list"),
            "proxy": proxy,
            "check": check,
            "links": await asking.look("link", "show"),
            "lock_after": SECONDS.get(after, ""),
            "lock_seconds": after,
            "times": TIMES,
            "home": str(asking.house.home),
        },
    )


async def proxy(asking: Asking) -> Page | Response:
    """Reach every relay through a SOCKS5 proxy, or directly again."""
    url = str((await asking.request.form()).get("url", "")).strip()
    await asking.house.do(["relay", "proxy", *(["--", url] if url else ["--off"])])
    return asking.go("/settings?check=1#x")


async def passphrase(asking: Asking) -> Page | Response:
    """Choose another passphrase; the present one is asked for once more."""
    new = await _chosen(asking)
    old = str((await asking.request.form()).get("old", ""))
    reply = await asking.house.do(["passphrase"], {"old": old, "new": new})
    return Page("told", {"lines": list(reply.lines), "bad": False, "room": ""})


async def lock_after(asking: Asking) -> Page | Response:
    time = str((await asking.request.form()).get("time", ""))
    await asking.house.do(["lock-after", "--", time])
    return asking.go("/settings#l")


async def stay(asking: Asking) -> Page | Response:
    """Somebody is there: the desk does not lock itself yet."""
    asking.house.stay()
    return Response(status_code=204)


async def cover(asking: Asking) -> Page | Response:
    """Cover names, titles and texts on the screen, or show them again."""
    return await _kept(asking, COVER_COOKIE)


async def notify(asking: Asking) -> Page | Response:
    """Have this browser say that something came, and never what."""
    return await _kept(asking, NOTIFY_COOKIE)


async def _kept(asking: Asking, choice: str) -> Response:
    """Keep a choice about what a screen shows, and show the page it was made on."""
    form = await asking.request.form()
    return asking.keep(choice, "1" if form.get("on") else "", asking.go(str(form.get("back", "/settings"))))


async def move(asking: Asking) -> Page | Response:
    """Move the desk into another folder of this machine, such as one on a memory stick."""
    form = await asking.request.form()
    folder = Path(str(form.get("folder", "")).strip())
    if not folder.is_absolute():
        raise Refused("Name the whole way to the folder, such as /media/stick/desk.")
    lines = await asking.house.move(folder, str(form.get("passphrase", "")))
    _end_soon(asking)
    return Page("told", {"lines": lines, "bad": False, "room": ""})


async def wipe(asking: Asking) -> Page | Response:
    """Destroy the desk; one word has to be typed."""
    typed = str((await asking.request.form()).get("word", "")).strip().casefold()
    if typed not in {WIPE_WORD, asking.words("wipe.word").casefold()}:
        raise Refused("Nothing was destroyed: the word was not the one that is to be typed.")
    await asking.house.lock()
    reply = wiped(asking.house.home)
    _end_soon(asking)
    return Page("told", {"lines": list(reply.lines), "bad": False, "room": ""})


def _end_soon(asking: Asking) -> None:
    """Nothing is left to serve: end when the browser has its last page."""
    asyncio.get_running_loop().call_later(ENDING_SECONDS, asking.house.end)


async def _chosen(asking: Asking) -> str:
    """Give a new passphrase that was typed twice."""
    form = await asking.request.form()
    new, again = (str(form.get(name, "")) for name in ("passphrase", "again"))
    if new != again:
        raise Refused("The two passphrases are not the same; please type them again.")
    return new
