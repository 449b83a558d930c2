"""Guides that hold: every command in them is understood, every name is on a page, every link and picture is there, and a desk has them."""

import asyncio
import re
import shlex
from pathlib import Path

import pytest

from backchannel.__main__ import parser
from backchannel.pages.house import House
from backchannel.pages.words import catalogue
from guide_pages import GUIDES, HERE, OUT, page
from paged import PATH, Answer, Pages

MOST_BYTES = 1_500_000
TEXTS = {name: path.read_text("utf-8") for name, path in GUIDES.items()}
EACH = pytest.mark.parametrize("name", GUIDES)


@EACH
def test_what_a_desk_shows_is_made_from_the_guide(name: str) -> None:
    assert (OUT / f"{name}.html").read_text("utf-8") == page(TEXTS[name]), "run tests/guide_pages.py"


@EACH
def test_every_command_of_a_guide_is_understood(name: str) -> None:
    spans = re.findall(r"`(backchannel [^`]+)`", TEXTS[name])
    blocks = re.findall(r"^ +(backchannel .+)$", TEXTS[name], re.MULTILINE)
    for command in (*spans, *blocks):
        words = shlex.split(command)[1:]
        assert callable(parser(words[0]).parse_args(words).run), command


def test_every_name_in_bold_is_one_that_the_pages_use() -> None:
    said = {words["en"] for words in catalogue().values()}
    named = {found.strip(".:") for text in TEXTS.values() for found in re.findall(r"\*\*(.+?)\*\*", text)}
    assert named - said == set()
    assert len(named) > 30


def test_every_link_between_guides_and_every_picture_is_there_and_none_is_left_over() -> None:
    made = {name: (OUT / f"{name}.html").read_text("utf-8") for name in GUIDES}
    linked = {one for text in made.values() for one in re.findall(r'href="([^"]*)"', text)}
    assert {f"{HERE}/help/{name}" for name in GUIDES} - {f"{HERE}/help/guides"} <= linked
    assert linked <= {f"{HERE}/help/{name}" for name in GUIDES}
    shown = {
        one for text in made.values() for one in re.findall(rf'src="{HERE}/help/pictures/([^"]*)"', text)
    }
    there = {path.name for path in OUT.glob("*.webp")}
    assert shown == there
    assert {path.name for path in OUT.iterdir()} == there | {f"{name}.html" for name in GUIDES}
    assert "http" not in "".join(made.values())


def test_the_pictures_are_small_and_what_they_say_they_are() -> None:
    pictures = [path.read_bytes() for path in OUT.glob("*.webp")]
    assert sum(map(len, pictures)) < MOST_BYTES
    assert all(data[:4] == b"RIFF" and data[8:12] == b"WEBP" for data in pictures)


def test_a_desk_shows_its_guides_and_says_that_they_are_in_english(tmp_path: Path) -> None:
    async def run() -> list[Answer]:
        pages = Pages(House(tmp_path))
        cookie = f"desk={pages.session.id}; language=ar"
        asked = (
            "/help",
            "/help/envoy",
            "/help/pictures/room.webp",
            "/help/pictures/envoy.html",
            "/help/..%2fapp.py",
            "/help/none",
        )
        return [await pages.get(path, cookie=cookie) for path in asked]

    shelf, envoy, picture, *none = asyncio.run(run())
    assert f'href="{PATH}/help/envoy"' in shelf.body.decode()
    assert catalogue()["help.english"]["ar"] in envoy.body.decode()
    assert '<div lang="en" dir="ltr">' in envoy.body.decode()
    assert HERE not in envoy.body.decode()
    assert (picture.status, picture.headers["content-type"]) == (200, "image/webp")
    assert [one.status for one in none] == [404, 404, 404]
