"""Guides that hold, in every language: every command in them is understood, every name is on a page, every link and picture is there."""

import asyncio
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from backchannel.__main__ import parser
from backchannel.languages import FIRST, LANGUAGES, RIGHT_TO_LEFT, in_language
from backchannel.pages.house import House
from backchannel.pages.words import catalogue
from guide_pages import EACH, GUIDES, HERE, OUT, page, served, source
from paged import PATH, Answer, Pages

MOST_BYTES = 2_500_000
SPAN, LINE = r"`(backchannel [^`]+)`", r"^ +(backchannel .+)$"
BLOCKS = r"<(h\d|p|pre|ul|ol|li|table|tr|th|td|figure)\b"
each_guide = pytest.mark.parametrize(("name", "language"), EACH)
each_translation = pytest.mark.parametrize(("name", "language"), [one for one in EACH if one[1] != FIRST])


def written(name: str, language: str) -> str:
    return source(name, language).read_text("utf-8")


def made(name: str, language: str) -> str:
    return served(name, language).read_text("utf-8")


def commands(name: str, language: str) -> list[list[str]]:
    found = re.findall(f"{SPAN}|{LINE}", written(name, language), re.MULTILINE)
    return [shlex.split(span or line) for span, line in found]


def bold(name: str, language: str) -> list[str]:
    return [plain(found) for found in re.findall(r"\*\*(.+?)\*\*", written(name, language))]


def plain(text: str) -> str:
    """Give a name as it is compared: whatever kind of apostrophe and of space it is set with."""
    return re.sub(r"\s", " ", text.replace("\u2019", "'")).strip(" .:")


def shape(words: Sequence[str]) -> list[str]:
    """Give what of a command is the program's and not a person's: its words and options."""
    return [word for word in words[: ([*words, "--"]).index("--")] if re.fullmatch(r"[a-z-]+", word)]


@each_guide
def test_what_a_desk_shows_is_made_from_the_guide(name: str, language: str) -> None:
    assert made(name, language) == page(written(name, language)), "run tests/guide_pages.py"


@each_guide
def test_every_command_of_a_guide_is_understood(name: str, language: str) -> None:
    for _, *words in commands(name, language):
        assert callable(parser(words[0]).parse_args(words).run), words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_in_bold_is_one_that_the_pages_use(language: str) -> None:
    said = {plain(words[language]) for words in catalogue().values()}
    named = {found for name in GUIDES for found in bold(name, language)}
    assert named - said == set()
    assert len(named) > 30


@each_translation
def test_a_guide_says_the_same_in_every_language(name: str, language: str) -> None:
    ours, first = made(name, language), made(name, FIRST)
    for kind in (BLOCKS, r'src="([^"]*)"'):
        assert re.findall(kind, ours) == re.findall(kind, first)
    for kind in (r'href="([^"]*)"', r"<(code)\b"):
        assert sorted(re.findall(kind, ours)) == sorted(re.findall(kind, first))
    assert list(map(shape, commands(name, language))) == list(map(shape, commands(name, FIRST)))
    meant: dict[str, set[str]] = {}
    for words in catalogue().values():
        meant.setdefault(plain(words[language]), set()).add(plain(words[FIRST]))
    names = bold(name, language)
    assert len(names) == len(bold(name, FIRST))
    for english in bold(name, FIRST):
        assert any(english in meant[found] for found in names), f"{english} is not named"


@each_translation
def test_a_guide_is_written_in_its_language(name: str, language: str) -> None:
    text = re.sub(r"<pre.*?</pre>|<code.*?</code>|<[^>]+>", " ", made(name, language), flags=re.DOTALL)
    letters = re.findall(r"[^\W\d_]", text)
    arabic = len(re.findall(r"[\u0620-\u064a]", text)) / len(letters)
    assert arabic > 0.97 if language in RIGHT_TO_LEFT else arabic == 0  # "Tor" and the like
    assert re.findall(r"\b(?:the|and|you|that|with)\b", text) == []
    if language == "fr":
        assert re.findall(r" [;:!?»]|« |'", text) == [], (
            "French sets these apart with spaces that do not break"
        )
    else:
        assert re.findall(r"[,;?](?!\d)", text) == [], "Arabic has its own"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_between_guides_and_every_picture_is_there_and_none_is_left_over(language: str) -> None:
    texts = "".join(made(name, language) for name in GUIDES)
    linked = set(re.findall(r'href="([^"]*)"', texts))
    assert linked == {f"{HERE}/help/{name}" for name in GUIDES} - {f"{HERE}/help/guides"}
    shown = set(re.findall(rf'src="{HERE}/help/pictures/([^"]*)"', texts))
    assert {path.name for path in (OUT / language).iterdir()} == shown | {f"{name}.html" for name in GUIDES}
    assert "http" not in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_guide_links_to_in_docs_is_there(language: str) -> None:
    for name in GUIDES:
        for path in re.findall(r"\]\(([^)]*)\)", written(name, language)):
            assert (source(name, language).parent / path).resolve().is_file(), path
            assert not path.endswith(".webp") or f"/guides/{language}/" in path


def test_the_pictures_are_small_and_what_they_say_they_are() -> None:
    pictures = [path.read_bytes() for path in OUT.glob("*/*.webp")]
    assert len(set(pictures)) == len(pictures), "each language has pictures of its own"
    assert sum(map(len, pictures)) < MOST_BYTES
    assert all(data[:4] == b"RIFF" and data[8:12] == b"WEBP" for data in pictures)


def test_a_desk_shows_its_guides_and_their_pictures_in_the_readers_language(tmp_path: Path) -> None:
    asked = ("/help", "/help/envoy", "/help/pictures/room.webp")
    none = ("/help/pictures/envoy.html", "/help/..%2fapp.py", "/help/none", "/nowhere")

    async def run() -> list[list[Answer]]:
        pages = Pages(House(tmp_path))
        return [
            [
                await pages.get(path, cookie=f"desk={pages.session.id}; language={language}")
                for path in (*asked, *none)
            ]
            for language in LANGUAGES
        ]

    for language, (shelf, envoy, picture, *missing) in zip(LANGUAGES, asyncio.run(run()), strict=True):
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        assert f'<html lang="{language}" dir="{direction}"' in shelf.body.decode()
        assert f'href="{PATH}/help/envoy"' in shelf.body.decode()
        assert made("envoy", language).replace(HERE, PATH) in envoy.body.decode()
        assert (picture.status, picture.headers["content-type"]) == (200, "image/webp")
        assert picture.body == (OUT / language / "room.webp").read_bytes()
        assert [one.status for one in missing] == [404, 404, 404, 404]
        assert in_language("There is no such guide.", language) in missing[2].body.decode()
