"""Take a picture of every page of a desk at two widths, light and dark, in every language, into build/screens.

`make screens`, or `python tests/screens.py --only room --mode ar-390-light` for some of them.
"""

import argparse
import html
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from backchannel.languages import LANGUAGES
from backchannel.pages import guides
from backchannel.pages.rows import ACTS
from backchannel.pages.table import LOOKS
from browsers import FLAGS, PASSPHRASE, Desk, chromium
from cli_stage import Stage, stage
from rich_room import furnish
from screens_passing import passing, wanted
from screens_public import public, sheets

OUT = Path(__file__).parent.parent / "build" / "screens"
WIDTHS = {1280: 860, 390: 844}
SCHEMES = ("light", "dark")
FORMS = (
    "say",
    "pledge-make",
    "sound-feel",
    "sound-answer",
    "package-prefer",
    "seal-draft",
    "surface-propose",
    "mandate-give",
    "clock-add",
    "sunset-choose",
    "invite",
    "words",
    "leave",
)
GUIDES = sorted(
    one.removesuffix(".html")
    for one in guides.names("en") - {f"{guides.FIRST}.html"}
    if one.endswith(".html")
)
ITEMS = {"item": "4", "item-front": "7", "item-withdrawn": "9", "item-personal": "3"}


@dataclass(frozen=True)
class Mode:
    """How a page is looked at."""

    language: str
    width: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.language}-{self.width}-{self.scheme}"


MODES = [Mode(*each) for each in product(LANGUAGES, WIDTHS, SCHEMES)]


def every_page(room: str, other: str) -> dict[str, str]:
    """Name every page of an unlocked desk, with its address; `other` is a room in which nobody is yet."""
    boards = {name: f"/rooms/{room}/{name}" for name in (*LOOKS, "people", "compare")}
    forms = {f"form-{act}": f"/act/{act}?room={room}" for act in FORMS}
    return {
        "today": "/",
        "room": f"/rooms/{room}",
        "room-empty": f"/rooms/{other}",
        "pledges-empty": f"/rooms/{other}/pledges",
        **boards,
        **{name: f"/rooms/{room}/items/{label}" for name, label in ITEMS.items()},
        "print": f"/rooms/{room}/print?copy=2",
        "forge": f"/rooms/{room}/forge",
        "compare-words": f"/rooms/{room}/compare?upto=5",
        "settings": "/settings",
        "notebook": "/notebook",
        "search": "/search",
        "check": "/check",
        "help": "/help",
        **{f"help-{one}": f"/help/{one}" for one in GUIDES},
        "form-open-room": "/act/open-room",
        "form-join": "/act/join",
        **forms,
        "refused": f"/rooms/{'ab' * 32}",
    }


def every_form(room: str) -> dict[str, str]:
    """Name the form of every act."""
    return {
        f"form-{name}": f"/act/{name}?room={room}" if act.room else f"/act/{name}"
        for name, act in ACTS.items()
    }


def look(page: Page, name: str, mode: Mode) -> None:
    """Take a picture of the page that is shown."""
    page.set_viewport_size({"width": mode.width, "height": WIDTHS[mode.width]})
    page.emulate_media(color_scheme="dark" if mode.scheme == "dark" else "light")
    for frame in page.locator("iframe").all():
        frame.content_frame.locator(".verdict").wait_for()
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size(
            {"width": mode.width, "height": whole}
        )  # what is not in the window is not drawn
        page.wait_for_timeout(200)
    page.screenshot(path=OUT / f"{name}-{mode}.png", full_page=True)


def speak(desk: Desk, language: str) -> None:
    """Change the pages' language, by the button that everybody has."""
    desk.page.locator(f".languages [value={language}]").click()


def doors(browser: Browser, folder: Path, modes: Sequence[Mode]) -> None:
    """What a newcomer sees before there is a desk, and the way to a first room."""
    desk = Desk("newcomer", folder / "newcomer", _context(browser).new_page())
    try:
        desk.open()
        for mode in modes:
            speak(desk, mode.language)
            look(desk.page, "new", mode)
        speak(desk, "en")
        desk.fill(name="Newcomer", passphrase=PASSPHRASE, again=PASSPHRASE)
        desk.page.locator("main button.do").first.click()
        for mode in modes:
            speak(desk, mode.language)
            look(desk.page, "first", mode)
    finally:
        desk.kill()


def rooms(
    browser: Browser, folder: Path, one: Stage, room: str, modes: Sequence[Mode], only: Sequence[str]
) -> None:
    """Everything on a desk whose room is full."""
    helena = one.people["helena"]
    desk = Desk("helena", helena.home, _context(browser).new_page())
    try:
        desk.open()
        for mode in modes if wanted("locked", only) else ():
            speak(desk, mode.language)
            look(desk.page, "locked", mode)
        speak(desk, "en")
        desk.fill(passphrase=helena.key)
        desk.page.locator("main button.do").click()
        desk.page.wait_for_selector("#live")
        other = next(
            found for found in re.findall(r"/rooms/([0-9a-f]{64})", desk.page.content()) if found != room
        )
        for language, looks in groupby(modes, key=lambda mode: mode.language):
            ways = list(looks)
            speak(desk, language)
            for name, where in {**every_form(room), **every_page(room, other)}.items():
                if not wanted(name, only):
                    continue
                desk.page.goto(f"{desk.desk_address}{where}")
                _unfold(desk.page)
                for mode in ways if name not in every_form(room) else _enough(ways):
                    look(desk.page, name, mode)
            if (1280, "light") in {(mode.width, mode.scheme) for mode in ways} and wanted("print", only):
                sheets(desk.page, OUT, f"{desk.desk_address}/rooms/{room}/print", language)
            for name in passing(desk, room, only):
                for mode in ways:
                    look(desk.page, name, mode)
        if wanted("away", only):
            one.relay.stop()
            _away(desk, room, modes)
    finally:
        desk.kill()


def _enough(ways: Sequence[Mode]) -> Sequence[Mode]:
    """Choose of the ways to look at a page those that show a form's every part: wide in the light, narrow in the dark."""
    return [mode for mode in ways if (mode.width == min(WIDTHS)) == (mode.scheme == "dark")] or ways


def _unfold(page: Page) -> None:
    """Open all that a form has folded away."""
    page.evaluate(
        "document.querySelectorAll('.narrow form.act details').forEach((one) => { one.open = true; })"
    )


def _away(desk: Desk, room: str, modes: Sequence[Mode]) -> None:
    """What a page says while the relay does not answer."""
    desk.page.goto(f"{desk.desk_address}/rooms/{room}")
    desk.page.locator(".away").wait_for()
    for mode in modes:
        speak(desk, mode.language)
        look(desk.page, "away", mode)


def gallery() -> None:
    """Write one page with all pictures, each a link to itself."""
    names = sorted(path.name for path in OUT.glob("*.png"))
    figures = "\n".join(
        f'<figure><a href="{name}"><img src="{name}" loading="lazy" alt=""></a><figcaption>{html.escape(name)}</figcaption></figure>'
        for name in names
    )
    style = "body{display:flex;flex-wrap:wrap;gap:1rem;font:12px sans-serif}img{height:360px}figure{margin:0}"
    (OUT / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>Screens</title><style>{style}</style>{figures}", "utf-8"
    )


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--only", action="append", default=[], help="a page, such as room or form-*; may be repeated"
    )
    asked.add_argument("--mode", action="append", default=[], help="such as ar-390-dark; may be repeated")
    args = asked.parse_args()
    modes = [mode for mode in MODES if not args.mode or str(mode) in args.mode]
    OUT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play:
        folder = Path(made)
        with stage(folder) as one:
            room = furnish(one, folder)
            for person in one.people.values():
                person.lock()
            browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
            if any(wanted(name, args.only) for name in ("new", "first")):
                doors(browser, folder, modes)
            rooms(browser, folder, one, room, modes, args.only)
            public(browser, OUT, [(one.language, one.width, one.scheme) for one in modes], args.only)
            browser.close()
    gallery()
    spent = f"{time.monotonic() - began:.0f} s"
    print(f"{len(list(OUT.glob('*.png')))} pictures, all of them on {OUT / 'index.html'}; {spent}")  # noqa: T201


if __name__ == "__main__":
    main()
