"""Take pictures of the page for the public, and of it and the sheets on paper, into build/screens; part of `make screens`.

`python tests/screens_public.py --only public-long --mode ar-390-light` for some of them.
"""

import argparse
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from backchannel.daylight.public_page import LANGUAGES, write_page
from backchannel.daylight.text import Draft, Kind, Lapse, Relation
from browsers import FLAGS, chromium
from sealed_texts import frozen_text, sealed, sealing_keys

OUT = Path(__file__).parent.parent / "build" / "screens"
ARTICLES = (
    "The two Governments keep their patrols two miles from the median line of the lower lake, from the day this text is anchored.",
    "The gauges at Merin and at Tell Sahar are read by both sides together, every Monday at noon.\nThe readings are shared the same day, in writing.",
    "Fishing boats of either side shelter in the nearer harbour in a storm, and are asked no questions.",
    "Neither side reports the position of a boat that shelters under article 3.",
    "A joint commission of four members meets once a month, at Merin and at Tell Sahar in turn.",
)
LONG = Draft(
    "Agreement on the waters, the fisheries and the gauges of the lower lake",
    1_795_165_200_000,  # 20 November 2026
    tuple(ARTICLES[number % len(ARTICLES)] for number in range(20)),
    {
        "sluices": "Ostra opens the upper sluices to forty cubic metres a second from 1 March, without announcing it.",
        "detained": "The eleven fishermen are home before the end of the year.",
        "line": "Valdia moves its patrols first.",
    },
    {},
)


@cache
def pages(languages: tuple[str, ...]) -> Mapping[str, bytes]:
    """Give each page by the name of its pictures; what is tampered with has one word of its text changed."""
    speaks = (Relation.STATEMENT, frozen_text(sealing_keys(), LONG).digest)
    said = Draft(
        "What both Governments say", LONG.dated_ms, ("The waters of the lower lake are shared.",), {}, {},
        kind=Kind.REPORT, lapse=Lapse.STANDS, refers_to=(speaks,),
    )  # fmt: skip
    short = sealed("term-turkey", "understanding-spoken")
    sound = write_page([short], languages)
    return {
        "public": sound,
        "public-unanchored": write_page([sealed(anchored=False)], languages),
        "public-long": write_page([sealed("term-sluices", draft=LONG), sealed(draft=said)], languages),
        "public-tampered": _altered(sound),
        "public-unscripted": sound,
    }


def _altered(page: bytes) -> bytes:
    """Change the last letter of the first signature."""
    at = page.index(b'"signature":"') + len(b'"signature":"') + 20
    return page[:at] + (b"A" if page[at : at + 1] != b"A" else b"B") + page[at + 1 :]


def public(browser: Browser, out: Path, modes: Sequence[tuple[str, int, str]], only: Sequence[str]) -> None:
    """Open each page from disk, as somebody who was sent it does, and print the first and the longest."""
    for language, width, scheme in modes:
        languages = tuple(dict.fromkeys((language, *LANGUAGES)))
        for name, data in pages(languages).items():
            if only and name not in only:
                continue
            context = browser.new_context(
                locale=language, viewport={"width": width, "height": 860}, color_scheme="dark" if scheme == "dark" else "light",
                java_script_enabled=name != "public-unscripted",
            )  # fmt: skip
            page = context.new_page()
            opened(page, out, data, scripted=name != "public-unscripted")
            page.screenshot(path=out / f"{name}-{language}-{width}-{scheme}.png", full_page=True)
            if (width, scheme) == (1280, "light") and name != "public-unscripted":
                page.pdf(
                    path=out / f"{name}-{language}.pdf",
                    format="A4",
                    prefer_css_page_size=True,
                    print_background=True,
                )
            context.close()


def sheets(page: Page, out: Path, where: str, language: str) -> None:
    """Print the talk and every text of a room, as a desk's page of sheets gives them."""
    page.goto(where)
    for number, what in enumerate(
        page.eval_on_selector_all("[name=what] option", "(all) => all.map((one) => one.value)")
    ):
        page.goto(f"{where}?what={what}&copy=2&closed=yes")
        page.pdf(path=out / f"sheet-{number}-{language}.pdf", format="A4", prefer_css_page_size=True)


def opened(page: Page, folder: Path, data: bytes, *, scripted: bool) -> None:
    """Open a page from a file, and wait until it has checked itself."""
    file = folder / "public.html"
    file.write_bytes(data)
    page.goto(file.as_uri())
    file.unlink()
    if scripted:
        page.wait_for_selector(".verdict")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", action="append", default=[], help="a page, by its name; may be repeated")
    asked.add_argument("--mode", action="append", default=[], help="such as ar-390-dark; may be repeated")
    args = asked.parse_args()
    modes = [
        each for each in product(LANGUAGES, (1280, 390), ("light", "dark"))
        if not args.mode or "-".join(map(str, each)) in args.mode
    ]  # fmt: skip
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        public(browser, OUT, modes, args.only)
        browser.close()


if __name__ == "__main__":
    main()
