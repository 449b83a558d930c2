"""Take the pictures of the guides from the desks of a real play: `python tests/guide_pictures.py`, or with the folder of a kept one.

They go beside the pages of the guides, so that a desk can show them; together they stay below a bound that a test holds.
"""

import base64
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from backchannel.desk.clock import VARIABLE as CLOCK
from backchannel.languages import LANGUAGES
from backchannel.pages.page import LANGUAGE_COOKIE
from backchannel.plays.afterwards import KeptPlay
from browsers import FLAGS, chromium
from guide_pages import OUT

CASE = "cuba-1962"
WINDOW: ViewportSize = {"width": 1120, "height": 760}
QUALITY = 58
FORGED = "{name}: The blockade ends tonight, whatever your answer."
# Whose desk, which of its rooms by a word of the title, which page; what is typed there, if anything.
PICTURES = {
    "today": ("dobrynin", "", "/"),
    "room": ("rfk", "Ambassador", ""),
    "people": ("rfk", "Ambassador", "/people"),
    "pledges": ("rfk", "Ambassador", "/pledges"),
    "clock": ("rfk", "Ambassador", "/clock"),
    "text": ("rfk", "Ambassador", "/text"),
    "daylight": ("kennedy", "letters", "/daylight"),
    "go-between": ("scali", "counsellor", ""),
    "leak": ("dobrynin", "Ambassador", "leak-report"),
    "print": ("rfk", "Ambassador", "/print?copy=2"),
    "forge": ("dobrynin", "Ambassador", "/forge"),
}


@contextmanager
def running(*words: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the program beside this one, and end it."""
    given = [sys.executable, "-m", "backchannel", *words]
    with subprocess.Popen(
        given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **more}
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def at_desk(kept: KeptPlay, person: str, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Open a kept desk in the browser; gives the page and the first part of its addresses."""
    words = ("desk", "--desk", str(kept.folder / "desks" / person), "open", "--no-browser")
    with running(*words, **{CLOCK: str(kept.folder / "clock")}) as process:
        assert process.stdout is not None
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        page = browser.new_page(viewport=WINDOW, reduced_motion="reduce")
        page.goto(address)
        page.fill("[name=passphrase]", kept.passphrase)
        page.locator("main button.do").click()
        page.wait_for_selector("#live")
        start = re.match(r"http://[^/]+/[^/]+", page.url)
        assert start is not None
        try:
            yield page, start[0]
        finally:
            page.close()


def take(page: Page, name: str, language: str) -> None:
    """Save what the window shows as a small picture."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (OUT / language / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


def look(page: Page, start: str, name: str, word: str, where: str) -> None:
    """Go to a page and do what its picture shows."""
    rooms = dict(
        reversed(one)
        for one in re.findall(r'/rooms/([0-9a-f]{64})"[^>]*>(?:<bdi>)?([^<]+)', _today(page, start))
    )
    room = next((rid for title, rid in rooms.items() if word.casefold() in title.casefold()), "")
    if where.startswith("/") and not word:
        page.goto(f"{start}{where}")
    elif where == "leak-report":
        page.goto(f"{start}/act/{where}?room={room}")
    else:
        page.goto(f"{start}/rooms/{room}{where}")
    if name == "forge":
        example = page.locator("main small bdi").first.inner_text()
        page.fill("[name=lines]", FORGED.format(name=example))
        page.locator("main button.do").click()
        page.locator("#forged").scroll_into_view_if_needed()
        page.evaluate("scrollTo(0, document.querySelector('main form').offsetTop - 160)")
    if name == "daylight":
        page.frame_locator("iframe").first.locator(".verdict").wait_for()


def _today(page: Page, start: str) -> str:
    page.goto(f"{start}/")
    return page.content()


def pictures(kept: KeptPlay, browser: Browser) -> None:
    for person in dict.fromkeys(person for person, _, _ in PICTURES.values()):
        with at_desk(kept, person, browser) as (page, start):
            for language in LANGUAGES:
                page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": start}])
                for name, (whose, word, where) in PICTURES.items():
                    if whose == person:
                        look(page, start, name, word, where)
                        take(page, name, language)
    for language in LANGUAGES:
        public_page(kept.folder / "sealed" / "row-18-public.html", language, browser)


def public_page(made: Path, language: str, browser: Browser) -> None:
    """Take the public page of the play, made anew in a language."""
    with tempfile.TemporaryDirectory() as folder:
        page, window = Path(folder) / "page.html", browser.new_page(viewport=WINDOW, locale=language)
        words = ("page", str(made), "--in", language, "--to", str(page))
        subprocess.run([sys.executable, "-m", "backchannel", *words], check=True, stdout=subprocess.DEVNULL)
        window.goto(page.as_uri())
        window.wait_for_selector(".verdict")
        take(window, "public-page", language)
        window.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made) / "kept"
        if not folder.exists():
            words = ("play", CASE, "--json", "--keep", str(folder))
            subprocess.run(
                [sys.executable, "-m", "backchannel", *words], check=True, stdout=subprocess.DEVNULL
            )
        kept = KeptPlay.read(folder)
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        db = str(kept.folder / "relay" / "relay.db")
        with running(
            "relay", "run", "--db", db, "--listen", kept.relay, **{CLOCK: str(kept.folder / "clock")}
        ):
            pictures(kept, browser)
        browser.close()
    sizes = [path.stat().st_size for path in OUT.glob("*/*.webp")]
    print(f"{len(sizes)} pictures, {sum(sizes) >> 10} KiB together: {OUT}")  # noqa: T201


if __name__ == "__main__":
    main()
