"""A report says who met, when and how, and not a word of what was said; the sides seal it like any other text."""

import json
import random
import re
from pathlib import Path

import pytest

from backchannel.channel.members import Role, motion_id
from backchannel.crypto.seals import b64
from backchannel.desk import acts, reporting, sealings
from backchannel.desk.commands.report_words import clauses, draft_file
from backchannel.desk.commands.seals import draft_words
from backchannel.languages import END, FIRST, ISOLATE, LANGUAGES, RIGHT_TO_LEFT, in_language
from backchannel.moves.seal import standing
from desks import DAY_MS, NOW, Stage, in_talks
from sealing_rooms import anchored, signed

SECRET = "We could live with the missiles going"


def talked(folder: Path) -> Stage:
    stage = in_talks(folder, "anna", "boris", "clara")
    anna, boris, clara = (stage.seats[name] for name in ("anna", "boris", "clara"))
    stage.sit("dora")
    stage.bring("boris", "dora", "B", Role.ADVISER)
    for day, (seat, register) in enumerate([(anna, "talk"), (boris, "non-paper"), (anna, "formal")], 1):
        stage.now = NOW + day * DAY_MS
        seat.show(f"{SECRET} {day}", register=register)
        stage.settle()
    taken = anna.show(f"{SECRET}, perhaps")
    stage.settle()
    acts.withdraw(anna.room, taken.id, stage.now)
    acts.note_front(boris.room, "a newspaper", SECRET, stage.now, (), (), now=stage.now)
    stage.settle()
    acts.remove(boris.room, stage.seats["dora"].room.me, "", stage.now)
    stage.settle()
    acts.leave(clara.room, stage.now)
    stage.settle()
    return stage


@pytest.fixture(scope="module")
def talked_once(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = talked(tmp_path_factory.mktemp("talked"))
    stage.close()
    return stage


def test_a_report_says_who_met_and_how_and_not_a_word_of_what_was_said(
    tmp_path: Path, talked_once: Stage
) -> None:
    stage = talked_once.copy(tmp_path, random.Random(0))
    room = stage.seats["anna"].room
    found = reporting.report(room.log)
    assert (found.from_ms, found.to_ms, found.days, found.whole) == (NOW, NOW + 3 * DAY_MS, 4, True)
    assert dict(found.papers) == {"talk": 1, "non-paper": 1, "formal": 1, "gone": 1}
    assert (found.front, found.withdrawn, found.handed_back) == (1, 1, 0)
    people = {one.who.name: one for one in found.people}
    assert people["anna"].founder
    assert people["boris"].approvers == ("anna (A)",)
    assert (people["dora"].brought_by, people["dora"].removers) == ("boris (B)", ("boris (B)",))
    assert "anna (A)" in people["dora"].approvers
    assert (people["clara"].removers, people["clara"].until_ms) == ((), NOW + 3 * DAY_MS)
    assert (people["anna"].until_ms, people["boris"].until_ms) == (None, None)
    draft = json.dumps([draft_file(found, stage.now, language) for language in LANGUAGES])
    said = str(clauses(found)) + json.dumps(reporting.value(found)) + draft
    assert "live" not in said
    assert "newspaper" not in said
    assert room.log.seating().epoch.charter.title not in said
    ids = {room.id, room.log.root, *room.log.entries, *room.log.people(), motion_id(room.me, coming=True)}
    assert not [one for one in ids if one.hex()[:8] in said or b64(one)[:10] in said]
    theirs = reporting.report(stage.seats["boris"].room.log)
    assert (theirs.papers, theirs.front, theirs.days) == (found.papers, found.front, found.days)
    assert not theirs.whole, "Boris came after the room was opened"
    stage.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_drafted_whole_in_the_language_that_was_asked_for(
    tmp_path: Path, talked_once: Stage, language: str
) -> None:
    stage = talked_once.copy(tmp_path, random.Random(0))
    found = reporting.report(stage.seats["boris"].room.log)
    draft = draft_file(found, stage.now, language)
    words = draft_words(json.dumps(draft))
    assert words.title == in_language("How the sides talked", language)
    text = "\n".join([words.title, *words.clauses])
    assert not {ISOLATE, END} & set(text), "what is sealed holds no character that nobody sees"
    names = r"anna|boris|clara|dora|A|B|C"
    left = re.findall(rf"\b(?!(?:{names})\b)[A-Za-z]+", text)
    assert (left == []) == (language in RIGHT_TO_LEFT)
    english = re.findall(r"\b(?:the|room|from|said|was|papers?|left|yes|none|days?)\b", text)
    assert bool(english) == (language == FIRST)
    stage.close()


def test_a_report_is_sealed_as_any_text_and_a_newcomers_says_where_its_record_begins(
    tmp_path: Path, talked_once: Stage
) -> None:
    stage = talked_once.copy(tmp_path, random.Random(0))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    stage.sit("emil")
    stage.bring("anna", "emil", "A", Role.OBSERVER)
    late = reporting.report(stage.seats["emil"].room.log)
    assert not late.whole
    assert "does not go back to the opening of the room" in clauses(late)[0][0]
    assert "was there when this record begins" in str(clauses(late)[1])
    words = draft_words(json.dumps(draft_file(reporting.report(anna.room.log), stage.now, FIRST)))
    assert (words.kind, words.sides) == ("report", ("A", "B"))
    drafted = sealings.draft(anna.room, words, stage.now).id
    stage.settle()
    sealings.give_key(boris.room, drafted, stage.now)
    stage.settle()
    text = sealings.freeze_draft(anna.room, drafted, stage.now).id
    stage.settle()
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "anna", "boris")
    assert standing(anna.room.log).texts[text].sealing.complete
    stage.close()
