"""The page for the public: opened from disk in a real browser it shows what was sealed, or says what fails; `verify` agrees."""

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from altered_files import altered
from backchannel.__main__ import main
from backchannel.crypto.seals import b64, fingerprint, unb64
from backchannel.daylight.faults import STAMPS, Fault, NotSealed
from backchannel.daylight.public_page import (
    LANGUAGES,
    is_page,
    policy,
    read_page,
    script,
    script_fingerprint,
    write_page,
)
from backchannel.daylight.sealed_file import encode_file, read_file
from backchannel.daylight.stamps import with_answer
from backchannel.daylight.text import Kind, Lapse, Relation
from backchannel.daylight.verify import verify
from backchannel.errors import Exit, Refused
from backchannel.pages import daylight
from backchannel.pages.gate import POLICY_NAME
from browsers import FLAGS, axe, chromium
from sealed_texts import DRAFT, SIDES, frozen_text, long_term_keys, sealed, sealing_keys

VECTORS = sorted((Path(__file__).parent / "vectors" / "seals").glob("*.json"))
DEEP = os.environ.get("BACKCHANNEL_DEEP") == "1"
WORDS = json.loads(re.sub(r"^const WORDS=|;\nconst STYLE=.*", "", script(), flags=re.DOTALL))
GOOD, BAD = (WORDS[name]["en"] for name in ("verdict-good", "verdict-bad"))
HOSTILE = "</script><img src=//evil.example onerror=alert(1)><!-- <script>alert(2)</script>\n\u05d0\u0627 & <b>bold</b>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as play:
        one = play.chromium.launch(executable_path=path, args=FLAGS)
        yield one
        one.close()


class Reader:
    """Somebody who opens a page from disk, whose browser notes what it loads and what goes wrong."""

    def __init__(self, browser: Browser, folder: Path, **options: Any) -> None:
        self.page: Page = browser.new_context(**options).new_page()
        self.file = folder / "page.html"
        self.loaded: list[str] = []
        self.page.on("request", lambda one: self.loaded.append(one.url))
        self.page.on(
            "requestfailed", lambda one: self.loaded.remove(one.url) if "csp" in str(one.failure) else None
        )
        self.page.on("dialog", lambda one: self.loaded.append(f"dialog {one.message}"))

    def open(self, data: bytes) -> str:
        """Open a page and give its verdict; empty if its script never ran."""
        self.file.write_bytes(data)
        self.page.goto(self.file.as_uri())
        if self.runs(data):
            self.page.wait_for_selector(".verdict", timeout=5_000)
        return self.page.inner_text(".verdict") if self.page.query_selector(".verdict") else ""

    @staticmethod
    def runs(data: bytes) -> bool:
        """Whether the script in these bytes is the one whose hash the page's policy names."""
        of_script = policy().split("; ")[1]
        return f"<script>{script()}</script>".encode() in data and of_script.encode() in data


@pytest.fixture(scope="module")
def window(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(browser, tmp_path_factory.mktemp("public"), locale="en-US")


@pytest.fixture
def reader(window: Reader) -> Reader:
    """The same window for every test, with nothing in it yet."""
    window.page.goto("about:blank")
    window.loaded.clear()
    return window


def statement() -> bytes:
    refers = ((Relation.STATEMENT, frozen_text(sealing_keys()).digest),)
    draft = replace(
        DRAFT, title="In public", kind=Kind.REPORT, terms={}, understandings={}, lapse=Lapse.STANDS,
        refers_to=refers,
    )  # fmt: skip
    return sealed(draft=draft)


def test_a_page_from_disk_shows_what_was_sealed_and_loads_nothing(reader: Reader) -> None:
    data = write_page([sealed("term-turkey"), statement()])
    assert reader.open(data) == GOOD
    seen = reader.page.inner_text("main")
    checked = verify(sealed("term-turkey"))
    for words in (
        *DRAFT.clauses[0].split("\n"),
        DRAFT.title,
        DRAFT.terms["turkey"],
        fingerprint(checked.text),
    ):
        assert words in seen
    for one in checked.sealers:
        assert fingerprint(one.seal_code) in seen
        assert one.long_term is not None
        assert fingerprint(one.long_term) in seen
    assert f"from none to \u2068{checked.closed_at_most}\u2069" in seen
    assert "Missiles in Turkey" not in seen, "what is closed is not in the page at all"
    assert script_fingerprint() in seen
    assert WORDS["beside"]["en"] in seen, "the statement refers to the text beside it"
    assert reader.loaded == [reader.file.as_uri()]
    reader.page.evaluate(f"{axe()}\n;0")
    assert (
        reader.page.evaluate("axe.run(document).then((found) => found.violations.map((one) => one.id))") == []
    )


def test_verify_takes_a_page_as_it_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file := tmp_path / "text.json").write_bytes(sealed())
    (beside := tmp_path / "said.json").write_bytes(statement())
    page = tmp_path / "page.html"
    assert main(["page", str(file), str(beside), "--to", str(page), "--in=fr", "--in=ar"]) == Exit.OK
    assert script_fingerprint() in capsys.readouterr().out
    assert main(["verify", str(page)]) == Exit.OK
    said = capsys.readouterr().out
    assert said.count(script_fingerprint()) == 2
    assert f"“{DRAFT.title}”, checked here too" in said
    assert main(["verify", "--json", str(page)]) == Exit.OK
    values = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["title"] for one in values] == [DRAFT.title, "In public"]
    assert {one["page_script"] for one in values} == {script_fingerprint()}
    assert main(["page", str(page), "--to", str(page)]) == Exit.REFUSED, "nothing is overwritten"
    assert read_page(page.read_bytes()).languages == ("fr", "ar")


OF_A_STAMP = {"stamp-in-a-name-turned-round"}  # a fault that texts have too, here in a stamp


def outcome_of(vector: dict[str, Any]) -> tuple[bytes, str]:
    """Give the file of a vector and the fault that `verify` finds in it, if it is not one of stamps, which a page leaves alone."""
    data = vector["file"].encode("utf-8", "surrogateescape")
    data += vector.get("repeated", "").encode() * vector.get("times", 0)
    if "request" in vector and vector["fault"] is None:
        data = encode_file(with_answer(read_file(data), unb64(vector["request"]), unb64(vector["response"])))
    fault = vector["fault"] or ""
    return data, "" if fault in STAMPS else fault


def test_the_page_finds_in_every_vector_what_verify_finds(reader: Reader) -> None:
    wanted, asked = {}, {}
    for path in VECTORS:
        vector = json.loads(path.read_text(encoding="utf-8"))
        data, fault = outcome_of(vector)
        wanted[path.stem] = "" if path.stem in OF_A_STAMP else fault
        asked[path.stem] = (data, vector["typed"])
    assert found_by_the_page(reader, asked) == wanted


def test_the_page_finds_in_500_altered_files_what_verify_finds(reader: Reader) -> None:
    files = dict(enumerate(altered(5_000 if DEEP else 500, seed=1962)))
    wanted = {str(number): fault_of(data) for number, data in files.items()}
    assert found_by_the_page(reader, {str(number): (data, {}) for number, data in files.items()}) == wanted
    assert len(set(wanted.values())) > 12
    assert 5 < sum(fault == "" for fault in wanted.values()) < 100


def fault_of(data: bytes) -> str:
    try:
        verify(data)
    except NotSealed as refused:
        return refused.fault
    return ""


def found_by_the_page(reader: Reader, asked: Mapping[str, tuple[bytes, Mapping[str, str]]]) -> dict[str, str]:
    """Give what the page's own script finds in each file, with what was typed beside its sides; empty if it is sound."""
    reader.open(write_page([sealed()]))
    found: dict[str, str] = reader.page.evaluate(
        """async (asked) => {
            const found = {};
            for (const [name, data, typed] of asked) {
                const raw = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
                found[name] = await check(raw, typed).then(() => "", (error) => error.fault ?? String(error));
            }
            return found;
        }""",
        [[name, base64.b64encode(data).decode(), typed] for name, (data, typed) in asked.items()],
    )
    return found


def once(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data, old
        return data.replace(old, new, 1)

    return change


def reworded(data: bytes) -> bytes:
    """Change a letter of a clause inside its disclosure."""
    (written,) = [one for one in re.findall(rb'"(Wy[IJ][\w-]+)"', data) if b"weapons" in unb64(one.decode())]
    return data.replace(written, b64(unb64(written.decode()).replace(b"weapons", b"weapon ")).encode())


def resigned(data: bytes) -> bytes:
    signature = re.findall(rb'"signature":"(\w)', data)[0]
    return data.replace(
        b'"signature":"' + signature, b'"signature":"' + (b"B" if signature == b"A" else b"A"), 1
    )


def without_a_signature(data: bytes) -> bytes:
    return re.sub(rb',\{"protected":"[^}]*\}\]', b"]", data, count=1)


def drawn(data: bytes) -> bytes:
    """Give the page a style, and a policy with its hash, that hides what is sealed and draws other words."""
    style = b"main * { display: none } main::after { content: 'We agreed to nothing.' }"
    source = base64.b64encode(hashlib.sha256(style).digest())
    data = re.sub(rb"<style>.*</style>", b"<style>%b</style>" % style, data, flags=re.DOTALL)
    return re.sub(rb"style-src '[^']*'", b"style-src 'sha256-%b'" % source, data, count=1)


# How somebody alters a page: what they do, and what its reader sees: a fault on the page, or words that are the sealed ones all the same.
ALTERED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a word of the text": (reworded, "not-among-digests"),
    "a signature": (resigned, "signature-wrong"),
    "a side's signature gone": (without_a_signature, "signature-missing"),
    "the payload": (once(b'"payload":"ey', b'"payload":"eX'), "not-json"),
    "an anchor": (once(b'"anchors":["ey', b'"anchors":["eX'), "wrong-anchor"),
    "the proof cut short": (once(b"]}</script>\n<script>", b"</script>\n<script>"), "not-json"),
    "other words beside the proof": (once(b"</main>", b"<h1>We agreed to nothing.</h1></main>"), "page-altered"),
    "other words before the proof": (once(b"<main>", b"<h1>We agreed to nothing.</h1><main>"), "page-altered"),
    "other words after all": (once(b"</html>", b"<h1>We agreed to nothing.</h1></html>"), "page-altered"),
    "other words drawn by a style of its own": (drawn, "page-altered"),
    "other words in the shadow of the page": (
        once(b"<body>", b"<body><template shadowrootmode=closed><h1>We agreed to nothing.</h1></template>"),
        "proven",
    ),
    "other words in the shadow of its first part": (
        once(b"<main>", b"<main><template shadowrootmode=open><h1>We agreed to nothing.</h1></template>"),
        "proven",
    ),
    "words hidden as a whole": (once(b"<html ", b'<html hidden style="display:none" '), "proven"),
    "words hidden by their body": (once(b"<body>", b"<body hidden text=white bgcolor=white>"), "proven"),
    "a style for nobody": (once(b"<style>", b"<style media=print>"), "page-altered"),
    "a note after all": (once(b"</html>", b"</html><!-- -->"), "proven"),
    "another title": (once(b"<title>", b"<title>We agreed to nothing "), "page-altered"),
    "a picture": (once(b"<main>", b"<img src='http://127.0.0.1:1/x'><main>"), "page-altered"),
    "a page that leads elsewhere": (
        once(b'<meta name="referrer" content="no-referrer">', b'<meta http-equiv="refresh" content="9;url=about:blank">'),
        "page-altered",
    ),
    "a page that leads elsewhere under another name": (
        once(b'<meta name="viewport"', b'<meta http-equiv="refresh" name="viewport"'),
        "page-altered",
    ),
    "a part that leads elsewhere": (
        once(b"<main>", b'<main><meta http-equiv="refresh" content="9;url=about:blank">'),
        "page-altered",
    ),
    "another script": (once(b'"use strict";', b'"use strict"; alert(1);'), "unchecked"),
    "another word of the script": (once(b"Every check held", b"All is true"), "unchecked"),
    "another script beside it": (once(b"<main>", b"<script>alert(1)</script><main>"), "page-altered"),
    "another style": (once(b"--paper: light", b"--paper : light"), "proven"),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_page_is_caught_by_verify_and_never_shows_other_words_as_sealed(
    reader: Reader, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, seen = ALTERED[what]
    data = change(write_page([sealed()]))
    verdict, shown = reader.open(data), reader.page.inner_text("body")
    assert main(["verify", "--json", str(reader.file)]) == Exit.VIOLATION
    said = json.loads(capsys.readouterr().out)
    assert not said["sealed"]
    assert "nothing." not in shown
    if seen == "unchecked":
        assert WORDS["unchecked-about"]["en"] in shown
        assert DRAFT.clauses[0] not in shown
    elif seen == "proven":
        assert (verdict, said["fault"]) == (GOOD, "page-altered")
        assert DRAFT.clauses[0] in shown
    else:
        assert (verdict, said["fault"]) == (BAD, seen)
        assert WORDS[f"fault-{seen}"]["en"].partition("{")[0] in shown
        assert DRAFT.clauses[0] not in shown
    assert not [one for one in reader.loaded if one != reader.file.as_uri()], "nothing else is loaded or run"


def test_words_of_others_are_text_and_nothing_else(reader: Reader) -> None:
    draft = replace(DRAFT, title="<script>alert(3)</script>", clauses=(HOSTILE,))
    data = write_page([sealed(draft=draft)])
    assert reader.open(data) == GOOD
    shown = reader.page.inner_text("main")
    assert "<b>bold</b>" in shown
    assert "<script>alert(3)</script>" in shown
    assert reader.page.query_selector("img, b") is None
    assert reader.loaded == [reader.file.as_uri()]
    assert data.count(b"<script") == data.count(b"</script") == 2


def test_a_fingerprint_from_a_side_shows_its_key_and_a_wrong_one_is_told(reader: Reader) -> None:
    reader.open(write_page([sealed()]))
    own = fingerprint(long_term_keys()[SIDES[0]].public.thumbprint)
    field = reader.page.get_by_label(SIDES[0])
    field.fill(own.upper().replace("-", " "))
    field.press("Tab")
    reader.page.wait_for_selector(".owner.shown")
    assert WORDS["owned-shown"]["en"] in reader.page.inner_text(".owner.shown")
    reader.page.get_by_label(SIDES[1]).fill(own)
    reader.page.get_by_label(SIDES[1]).press("Tab")
    reader.page.wait_for_selector("[role=alert]")
    assert SIDES[1] in reader.page.inner_text("[role=alert]")
    assert reader.page.inner_text(".verdict") == BAD


def test_a_page_speaks_the_languages_asked_for_and_turns(reader: Reader) -> None:
    reader.open(write_page([sealed()], LANGUAGES))
    reader.page.get_by_role("button", name="العربية").click()
    reader.page.wait_for_selector("html[dir=rtl]")
    assert reader.page.inner_text(".verdict") == WORDS["verdict-good"]["ar"]
    reader.open(write_page([sealed()], ["fr"]))
    assert reader.page.inner_text(".verdict") == WORDS["verdict-good"]["fr"]
    assert reader.page.query_selector("nav") is None
    with pytest.raises(Refused, match="no xx"):
        write_page([sealed()], ["xx"])


def test_in_a_frame_of_the_desk_it_checks_itself_as_it_will_in_public_and_reaches_nothing(
    reader: Reader,
) -> None:
    """The desk shows it under its own policy in a frame of no origin; what would run in it could ask the desk for nothing."""
    desk, template = (
        "http://127.0.0.1:9/desk/",
        Path(daylight.__file__).parent / "templates" / "daylight.html",
    )
    (frame,) = re.findall(r'<iframe class="public" (sandbox="[^"]*")', template.read_text(encoding="utf-8"))
    answers = {
        desk: {"content_type": "text/html", "body": f'<iframe {frame} src="public"></iframe>'},
        f"{desk}public": {
            "content_type": "text/html",
            "body": write_page([sealed()]),
            "headers": {POLICY_NAME: daylight.PUBLIC_POLICY},
        },
    }
    reader.page.route("**", lambda route: route.fulfill(**answers[route.request.url]))  # type: ignore[arg-type]
    reader.page.goto(desk)
    inside = reader.page.frames[1]
    inside.wait_for_selector(".verdict")
    assert inside.inner_text(".verdict") == GOOD
    assert inside.evaluate(f"fetch('{desk}').then(() => 'reached', () => 'blocked')") == "blocked"
    assert (
        inside.evaluate("(() => { try { return document.cookie; } catch { return 'no origin'; } })()")
        == "no origin"
    )
    reader.page.unroute_all()


def test_where_a_browser_checks_no_signatures_the_page_says_so_and_shows_no_word(reader: Reader) -> None:
    """Over a line that anybody can alter, browsers offer no cryptography."""
    reader.page.route(
        "**", lambda route: route.fulfill(content_type="text/html", body=write_page([sealed()]))
    )
    reader.page.goto("http://news.example/page.html")
    reader.page.wait_for_selector("main.bad")
    shown = reader.page.inner_text("main")
    assert WORDS["cannot-about"]["en"] in shown
    assert "weapons" not in shown
    reader.page.unroute_all()


def test_without_script_a_page_says_how_to_check_in_each_language(browser: Browser, tmp_path: Path) -> None:
    reader = Reader(browser, tmp_path, java_script_enabled=False)
    reader.file.write_bytes(write_page([sealed()], LANGUAGES))
    reader.page.goto(reader.file.as_uri())
    shown = reader.page.inner_text("body")
    assert shown.count("backchannel verify page.html") == len(LANGUAGES)
    for language in LANGUAGES:
        assert WORDS["unchecked-about"][language] in shown
    assert "weapons" not in shown
    reader.page.context.close()


def test_every_fault_has_its_words_in_every_language() -> None:
    faults = {f"fault-{one}" for one in Fault if one not in STAMPS}
    assert {name for name in WORDS if name.startswith("fault-")} - {"fault-name"} == faults
    for name, words in WORDS.items():
        assert set(words) == set(LANGUAGES), name
        assert len({*re.findall(r"\{\w+\}", words["en"])} ^ {*re.findall(r"\{\w+\}", words["ar"])}) == 0, name
    assert "</" not in script()


@pytest.mark.parametrize(
    "again", [b"<html ", b'<script type="application/json" class="sealed">', b"<script>", b"</script>"]
)
def test_a_page_made_to_be_read_for_ever_is_refused_at_once(again: bytes) -> None:
    data = b'<!doctype html><html data-page="1" data-languages="en">' + again * (300_000 // len(again))
    begun = time.process_time()
    with pytest.raises(NotSealed):
        read_page(data if again != b"<html " else data.replace(b"data-page", b"data-pages"))
    assert time.process_time() - begun < 1


def test_only_sealed_texts_make_a_page(tmp_path: Path) -> None:
    with pytest.raises(NotSealed):
        write_page([sealed().replace(b'"signature":"', b'"signature":"A', 1)])
    with pytest.raises(Refused, match="one to"):
        write_page([])
    for nothing in (b"<!doctype html><p>x", b"<!DOCTYPE HTML>"):
        assert is_page(nothing)
        with pytest.raises(NotSealed) as caught:
            read_page(nothing)
        assert caught.value.fault == Fault.PAGE_ALTERED
    newer = write_page([sealed()]).replace(b'data-page="1"', b'data-page="2"')
    with pytest.raises(NotSealed) as caught:
        read_page(newer)
    assert caught.value.fault == Fault.NEWER_VERSION


def test_the_fingerprint_of_the_script_is_published_in_its_specification() -> None:
    page = Path(__file__).parent.parent / "docs" / "spec" / "public-page.md"
    assert script_fingerprint() in page.read_text(encoding="utf-8")
