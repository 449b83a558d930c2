"""How fast the desk's pages are with 2,000 events in a room and 200 things on its table, and what they take to hold.

Server time of each page, asked in this process: medians of wall and CPU, and the ratio to a Starlette route that gives the same bytes
from a template that never changes. First paint in Chromium over loopback and the memory of the desk's own process, where Chromium is there.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backchannel.pages.table import LOOKS
from browsers import PASSPHRASE, Desk
from busy_room import busy
from paged import Pages, opened

EVENTS, THINGS = 2_000, 200
TIMES = 15
TARGET_MS, TARGET_PAINT_MS, TARGET_MIB = 50.0, 1_000.0, 120.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def every_page(room: str) -> list[str]:
    """Give the address of each page of a desk, and of a form."""
    boards = [f"/rooms/{room}/{name}" for name in (*LOOKS, "people", "compare", "items/100")]
    live = [f"/rooms/{room}?view=part", f"/rooms/{room}?view=json"]
    return ["/", "/settings", f"/rooms/{room}", *boards, *live, f"/act/pledge-make?room={room}"]


async def timed(ask: Callable[[], Awaitable[bytes]]) -> tuple[float, float, bytes]:
    """Give the medians of wall and CPU in milliseconds, the first time left out, and what came."""
    walls, cpus, body = [], [], await ask()
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        body = await ask()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return statistics.median(walls), statistics.median(cpus), body


async def plain(body: bytes) -> float:
    """Milliseconds of CPU of a Starlette route that renders the same bytes from a template without anything to fill in."""
    escaped = body.decode().replace("{", "{{ '{' }}") if b"{{" in body or b"{%" in body else body.decode()
    template = Environment(autoescape=True).from_string(escaped)

    async def page(_: Request) -> Response:
        return HTMLResponse(template.render())

    app = Starlette(routes=[Route("/", page)])
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "root_path": "",
    }

    async def ask() -> bytes:
        said: list[bytes] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: "object") -> None:
            said.append(bytes(message.get("body", b"")))  # type: ignore[attr-defined] # an ASGI message

        await app(dict(scope), receive, send)
        return b"".join(said)

    return (await timed(ask))[1]


async def served(home: Path) -> dict[str, dict[str, float]]:
    """Ask for every page in this process."""
    found: dict[str, dict[str, float]] = {}
    async with opened(home, PASSPHRASE) as pages:
        room = next(pages.house.desk.rooms()).id.hex()
        for path in every_page(room):

            async def ask(pages: Pages = pages, path: str = path) -> bytes:
                answer = await pages.get(path)
                assert answer.status == 200, (path, answer.status)
                return answer.body

            wall, cpu, body = await timed(ask)
            found[path.replace(room, "ROOM")] = {
                "wall_ms": wall, "cpu_ms": cpu, "bytes": len(body), "over_plain": cpu / await plain(body),
            }  # fmt: skip
    return found


def painted(home: Path) -> dict[str, float]:
    """Open the desk in a process of its own and in Chromium: first paint in ms, resident memory in MiB."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        return {}
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        desk = Desk(home.name, home, browser.new_page())
        try:
            desk.open()
            desk.fill(passphrase=PASSPHRASE)
            desk.press("Open the desk")
            desk.page.get_by_role("heading", name="Today").wait_for()
            unlocked = _resident_mib(desk)
            desk.follow("Talks")
            desk.page.get_by_role("log").wait_for()
            address, paints = desk.page.url, []
            for _ in range(7):
                desk.page.goto(address.split("#")[0])
                paints.append(_first_paint_ms(desk))
            after = _resident_mib(desk)
        finally:
            desk.kill()
            browser.close()
    return {"first_paint_ms": statistics.median(paints), "unlocked_mib": unlocked, "after_mib": after}


def _first_paint_ms(desk: Desk) -> float:
    """Ask until the browser has painted; the pages' own policy lets nothing be waited for in them."""
    painted = "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)"
    while not (found := desk.page.evaluate(painted)):
        time.sleep(0.02)
    return float(found[0])


def _resident_mib(desk: Desk) -> float:
    assert desk.process is not None
    status = Path(f"/proc/{desk.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print; `--json` for a machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        busy(folder, PASSPHRASE, events=EVENTS, things=THINGS).close()
        pages = asyncio.run(served(folder / "Anna"))
        browser = painted(folder / "Anna")
    if arguments.json:
        print(json.dumps({"pages": pages, "browser": browser, "events": EVENTS, "things": THINGS}, indent=2))
        return
    print(f"pages of a desk with {EVENTS:,} events and {THINGS} things on the table, median ms of {TIMES}")
    print(
        f"  {'page':32} {'wall':>8} {'CPU':>8} {'KiB':>8}   over a plain template (target {TARGET_MS:.0f} ms)"
    )
    for path, one in pages.items():
        print(
            f"  {path:32} {one['wall_ms']:8.1f} {one['cpu_ms']:8.1f} {one['bytes'] / 1024:8.1f}   {one['over_plain']:.0f} times"
        )
    if not browser:
        print("no Chromium here: first paint and memory were not measured")
        return
    print(f"first paint of the room: {browser['first_paint_ms']:.0f} ms (target {TARGET_PAINT_MS:.0f})")
    print(
        f"memory of the desk: {browser['unlocked_mib']:.0f} MiB after unlock, {browser['after_mib']:.0f} after its pages"
        f" (target {TARGET_MIB:.0f})"
    )


if __name__ == "__main__":
    main()
