"""The page for the public: sealed texts in one HTML file that checks and draws itself (docs/spec/public-page.md)."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from backchannel.crypto.seals import fingerprint
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.sealed_file import encode_file, read_file
from backchannel.daylight.verify import verify
from backchannel.errors import Refused
from backchannel.said import joined, said

VERSION = 1
LANGUAGES = ("en", "fr", "ar")
RIGHT_TO_LEFT = frozenset({"ar"})
MOST_TEXTS = 8

_START = re.compile(rb"\s*<!doctype html", re.IGNORECASE)
_OPENING = re.compile(rb'<html[^>]*\bdata-page="([0-9]{1,6})"[^>]*\bdata-languages="([a-z ]{1,40})"')
_SEALED, _END = b'<script type="application/json" class="sealed">', b"</script>"
_OPENING_WITHIN = 1 << 10  # bytes from the beginning


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What stands in a page: its sealed files, and whether all around them is as this program writes it."""

    files: tuple[bytes, ...]
    languages: tuple[str, ...]
    faithful: bool


def write_page(sealed: Sequence[bytes], languages: Sequence[str] = LANGUAGES[:1]) -> bytes:
    """Write a page of sealed files, the first language first; NotSealed if one of them does not verify."""
    if strange := [one for one in languages if one not in LANGUAGES]:
        raise Refused(
            said(
                "There is no {strange}; the page speaks {languages}.",
                strange=strange[0],
                languages=joined(", ", LANGUAGES),
            )
        )
    if not 0 < len(sealed) <= MOST_TEXTS:
        raise Refused(
            said("A page has one to {most_texts} sealed texts; make several pages.", most_texts=MOST_TEXTS)
        )
    for one in sealed:
        verify(one)
    chosen = tuple(dict.fromkeys(languages)) or LANGUAGES[:1]
    # spec 2: a file in canonical form is base64url in JSON, so no words of anybody can end the element that holds it
    texts = "".join(
        f'<script type="application/json" class="sealed">{encode_file(read_file(one)).decode("ascii").strip()}</script>\n'
        for one in sealed
    )
    return (
        f'<!doctype html>\n<html lang="{chosen[0]}" dir="{_direction(chosen[0])}" data-page="{VERSION}" data-languages="{" ".join(chosen)}">\n'
        f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_words('unchecked', chosen[0])}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(map(_unchecked, chosen))}</main>\n{texts}<script>{script()}</script>\n</body>\n</html>\n"
    ).encode()


def policy() -> str:
    """Give the page's own content security policy: its one script, its one style, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_source(script())}'; style-src '{_source(_style())}'; base-uri 'none';"
        " form-action 'none'"
    )


def script_fingerprint() -> str:
    """Give the SHA-256 of the page's script as people read it out; it is the same in every page of this version."""
    return fingerprint(hashlib.sha256(script().encode()).digest())


def is_page(data: bytes) -> bool:
    return _START.match(data) is not None


def read_page(data: bytes) -> PublicPage:
    """Take a page apart, or raise NotSealed if a text in it does not verify or no text is in it."""
    # Whatever bytes these are, each is looked at a bounded number of times.
    opening = _OPENING.search(data, 0, _OPENING_WITHIN)
    _, *texts = data.split(_SEALED, MOST_TEXTS + 1)
    found = tuple(one.partition(_END)[0] for one in texts if _END in one)
    if opening is None or not 0 < len(found) == len(texts) <= MOST_TEXTS:
        raise NotSealed(
            Fault.PAGE_ALTERED,
            "This is not a page that this program writes: no sealed text stands in it where one must be.",
        )
    if int(opening[1]) > VERSION:
        raise NotSealed(
            Fault.NEWER_VERSION, "This page was written by newer software; check it with a newer version."
        )
    for one in found:
        verify(one)
    languages = tuple(opening[2].decode("ascii").split())
    try:
        same = write_page(found, languages) == data
    except Refused:
        same = False
    return PublicPage(found, languages, same)


def check_faithful(page: PublicPage) -> None:
    """Accept a page only if every byte around its texts is as this program writes it, or raise NotSealed."""
    if not page.faithful:
        raise NotSealed(
            Fault.PAGE_ALTERED,
            "What is sealed in this page holds, but the page around it is not as this program writes it: it may show other words"
            " than were sealed. Do not read it in a browser; make a sound page of what is in it with `backchannel page`.",
        )


def script() -> str:
    """Give the page's one script: its words, the hash of its style, then what checks, then what draws."""
    words = json.dumps(_catalogue(), ensure_ascii=False, separators=(",", ":"))
    style = _source(_style())
    return f'const WORDS={words};\nconst STYLE="{style}";\n{_part("check.js")}\n{_part("draw.js")}'


def _source(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _style() -> str:
    return _part("page.css")


def _direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def _unchecked(language: str) -> str:
    """Say in one language what to do while nothing was checked; all that a page says without its script."""
    return (
        f'<section lang="{language}" dir="{_direction(language)}"><h1>{_words("unchecked", language)}</h1>'
        f'<p>{_words("unchecked-about", language)}</p><p><code dir="ltr">backchannel verify page.html</code></p></section>\n'
    )


def _words(name: str, language: str) -> str:
    return html.escape(_catalogue()[name][language])


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_part("words.json"))
    return found


@cache
def _part(name: str) -> str:
    return files("backchannel.daylight").joinpath("page", name).read_text(encoding="utf-8")
