"""What leaves a desk: sheets to print say what they are worth, a forged talk leaves no trace, the preview is the page itself."""

import asyncio
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from backchannel.daylight.public_page import read_page
from backchannel.daylight.verify import verify
from backchannel.pages.daylight import PUBLIC_POLICY
from backchannel.pages.gate import POLICY_NAME
from backchannel.pages.house import House
from cli_stage import Stage, stage
from paged import Answer as Paged
from paged import Pages, opened

TEXT = {
    "title": "A pause",
    "dated": "2026-11-20T09:00:00Z",
    "sides": ["North", "South"],
    "clauses": ["Sixty days without patrols."],
    "terms": {"dam": "The dam opens in May."},
}
HOSTILE = "<b>loud</b> \u202eturned"
Answer = tuple[int, dict[str, str], str]


class Visitor:
    """Somebody who asks the pages of one unlocked desk; everything asked in one visit is answered by one desk."""

    def __init__(self, one: Stage, name: str) -> None:
        self.person = one.people[name]
        self.room = ""

    def visit(self, *wanted: tuple[str, dict[str, str] | None]) -> list[Answer]:
        async def run() -> list[Paged]:
            async with opened(self.person.home, self.person.key) as pages:
                return [
                    await (pages.get(path) if form is None else pages.post(path, form))
                    for path, form in wanted
                ]

        return [(one.status, dict(one.headers), one.body.decode()) for one in asyncio.run(run())]

    def see(self, path: str, form: dict[str, str] | None = None) -> Answer:
        return self.visit((f"/rooms/{self.room}{path}", form))[0]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder: Path = tmp_path_factory.mktemp("sheets")
    (folder / "words.json").write_text(json.dumps(TEXT), "utf-8")
    with stage(folder) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open-room --title Line --side North")
        one.bring("anna", "boris", side="South")
        one.told |= {"folder": str(folder)}
        one.play(f"""
            boris> say --register non-paper -- {HOSTILE}
            anna~ show
              loud
            anna> seal draft {{folder}}/words.json
            boris~ seal key
            anna~ seal freeze
            boris~ seal agree
            anna~ seal agree
            boris~ seal go
            anna~ seal go
            anna~ seal anchor --yes
            boris~ seal anchor --yes
            anna~ seal show
              Every side can show that every side sealed.
            anna> surface propose --audience everyone --open term-dam
            anna> lock
        """)
        found = Visitor(one, "anna")
        ((_, _, today),) = found.visit(("/", None))
        found.room = re.findall(r"/rooms/([0-9a-f]{64})", today)[0]
        yield found


def test_a_sheet_of_talk_says_that_it_proves_nothing_and_for_whom_it_is(pages: Visitor) -> None:
    status, _, sheet = pages.see("/print?copy=3")
    assert status == 200
    assert sheet.count("Unverifiable: it may have been altered by whoever holds it.") == 2, (
        "at its head and on every page"
    )
    for words in ("Copy 3", "readable by 2", "Deniable talk", "non-paper", "printed"):
        assert words in sheet
    assert re.search(r"what is said now is kept until <time[^>]*><bdi>\d", sheet), "and until when"
    assert "&lt;b&gt;loud&lt;/b&gt; [U+202E]turned" in sheet


def test_a_sheet_of_a_sealed_text_carries_its_check_words_and_closed_words_only_if_asked(
    pages: Visitor,
) -> None:
    _, _, texts = pages.see("/text")
    ((which,),) = {tuple(re.findall(r"print\?what=([0-9a-f]+)", texts))}
    (words,) = re.findall(r"Check words: <strong[^>]*>([a-z0-9-]{64})<", texts)
    _, _, sheet = pages.see(f"/print?what={which}")
    assert words in sheet
    assert "Sixty days without patrols." in sheet
    assert "Unverifiable" not in sheet
    assert "This paper proves nothing by itself" in sheet
    assert "The dam opens in May." not in sheet
    assert "The dam opens in May." in pages.see(f"/print?what={which}&closed=yes")[2]


@pytest.mark.parametrize("query", ["copy=0", "copy=1000", "copy=x", "copy=", "what=00ff", "what=text"])
def test_a_sheet_that_there_is_not_is_refused_in_a_sentence(pages: Visitor, query: str) -> None:
    status, _, page = pages.see(f"/print?{query}")
    assert status == 422
    assert "from 1 to 999" in page or "There is no such text" in page


def test_a_forged_talk_is_shown_as_forged_and_leaves_no_trace(pages: Visitor) -> None:
    room = f"/rooms/{pages.room}"
    lines = {"lines": "Boris: We give up the dam.\r\n\r\nAnna: Agreed."}
    (_, _, before), (status, _, page), (_, _, after) = pages.visit(
        (f"{room}?view=json", None), (f"{room}/forge", lines), (f"{room}?view=json", None)
    )
    assert status == 200
    assert page.count(">forged<") == 2
    assert "We give up the dam." in page.partition("This was never said.")[2]
    assert "We give up the dam." not in after
    assert json.loads(before)["header"]["head"] == json.loads(after)["header"]["head"]


@pytest.mark.parametrize(
    "lines", ["", "Nobody: We accept.", "no name at all", "\n".join(["Boris: Yes."] * 21)]
)
def test_what_cannot_be_forged_is_refused_and_stays_in_the_form(pages: Visitor, lines: str) -> None:
    status, _, page = pages.see("/forge", {"lines": lines})
    assert status == 422
    assert 'role="alert"' in page
    assert f">{lines}</textarea>" in unescape(page)
    assert ">forged<" not in page


def test_the_preview_is_the_page_that_would_be_published_under_its_own_policy(pages: Visitor) -> None:
    _, _, daylight = pages.see("/daylight")
    (where,) = set(
        re.findall(r'<iframe[^>]* src="/unguessable/rooms/[0-9a-f]{64}(/public/[0-9a-f]+)"', daylight)
    )
    assert "Not agreed to yet by:" in daylight
    assert "It cannot be published yet." in daylight
    status, headers, page = pages.see(where)
    assert (status, headers[POLICY_NAME]) == (200, PUBLIC_POLICY)
    found = read_page(page.encode())
    assert found.faithful
    assert verify(found.files[0]).opened == {"term-dam": "The dam opens in May."}
    status, headers, page = pages.see("/public/000000000000")
    assert (status, "sandbox" in headers[POLICY_NAME]) == (422, False)


def test_files_come_and_go_through_forms_and_what_the_desk_writes_of_itself_is_given_and_not_left(
    pages: Visitor, tmp_path: Path
) -> None:
    """A paper with a file, the back-up and the side's key: each as a command has it, none in a temporary file afterwards."""
    secret = {"new_passphrase": "four words nobody knows", "again": "four words nobody knows"}

    async def run() -> list[Paged]:
        async with opened(pages.person.home, pages.person.key) as asked:
            before = sorted(asked.house.home.iterdir())
            form = {"room": pages.room, "text": "The plan.", "register": "talk", "mandate": "not-stated"}
            said = await asked.bring("/act/say", form, [("attach", "خطة.txt", b"\x00 plan")])
            shown = (await asked.get(f"/rooms/{pages.room}")).body.decode()
            (where,) = re.findall(r"/files/[0-9a-f]+", shown)
            found = [said, await asked.get(f"/rooms/{pages.room}{where}")]
            known = await asked.post("/act/seal-known-as", {"room": pages.room})
            found += [known, await asked.post("/act/backup", secret)]
            found.append(await asked.post("/act/seal-key-export", {"room": pages.room, **secret}))
            key = [("key_file", "side-key", found[-1].body)]
            form = {"key_passphrase": secret["again"]}
            found.append(await asked.bring("/act/seal-key-import", form, key))
            assert sorted(asked.house.home.iterdir()) == before
            return found

    said, file, known, backup, key, taken = asyncio.run(run())
    assert said.status == 303
    assert (file.body, file.headers["content-disposition"]) == (
        b"\x00 plan", "attachment; filename*=UTF-8''%D8%AE%D8%B7%D8%A9.txt",
    )  # fmt: skip
    assert (known.status, backup.status, key.status) == (200, 200, 200)
    assert len(backup.body) > 10_000
    assert b"plan" not in backup.body
    assert "Line" in asyncio.run(_restored(tmp_path, backup.body, secret["again"]))
    (fingerprint,) = set(re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){12}", known.body.decode()))
    assert fingerprint in taken.body.decode()


async def _restored(home: Path, backup: bytes, passphrase: str) -> str:
    """Make a desk from a back-up in the browser, and give its page of today."""
    asked = Pages(House(home / "desk"))
    none = await asked.bring("/restore", {"passphrase": passphrase}, [])
    assert none.status == 422
    assert "Choose a file first." in none.body.decode()
    assert not asked.house.exists
    done = await asked.bring("/restore", {"passphrase": passphrase}, [("backup", "desk-backup", backup)])
    assert done.status == 303
    today = (await asked.get("/")).body.decode()
    await asked.house.lock()
    return today


def test_a_room_that_was_left_is_still_printed_and_nothing_is_forged_in_it(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        one.person("carla")
        one.play("""
            carla> open-room --title Gone --side North
            carla> say -- Only for the archive.
            carla> leave --yes
            carla> lock
        """)
        found = Visitor(one, "carla")
        ((_, _, today),) = found.visit(("/", None))
        found.room = re.findall(r"/rooms/([0-9a-f]{64})", today)[0]
        room = f"/rooms/{found.room}"
        (status, _, sheet), (forge, _, _), (tried, _, told) = found.visit(
            (f"{room}/print", None), (f"{room}/forge", None), (f"{room}/forge", {"lines": "Carla: Yes."})
        )
    assert (status, forge, tried) == (200, 200, 422)
    assert "Unverifiable" in sheet
    assert 'role="alert"' in told
