"""Oral understandings as they stand: whose word counts, which word, and that no wording gets in."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Role
from backchannel.desk import acts
from backchannel.desk import understanding as desk
from backchannel.desk.sending import say
from backchannel.errors import Blocked, Expired, Refused, Violation
from backchannel.moves.promise import Lapse
from backchannel.moves.understanding import (
    Status,
    Understanding,
    UnderstandingConfirm,
    UnderstandingDecline,
    UnderstandingOffer,
    parse,
    repeated,
    standing,
)
from backchannel.wire.codec import encode
from conftest import DEEP
from desks import DAY_MS, NOW, Stage, in_talks
from pens import Pen, World, scattered, seated

OFFER = UnderstandingOffer("Turkey", ("A", "B"), None, "election", None)


def table(*people: tuple[str, str, str]) -> tuple[World, list[Pen]]:
    world = seated(random.Random(1), *people)
    return world, world.pens


def only(pen: Pen) -> Understanding:
    assert pen.log is not None
    (found,) = standing(pen.log).values()
    return found


def said(words: Mapping[str, Entry]) -> list[tuple[str, EventId]]:
    return [(side, entry.id) for side, entry in words.items()]


def facts(log: Log) -> list[object]:
    return [
        (eid, found.status, found.confirmed_at, *(said(words) for words in (found.confirmed, found.declined)))
        for eid, found in standing(log).items()
    ]


def test_it_is_confirmed_when_every_named_side_has_said_so_and_not_before() -> None:
    world, (ada, ben, carl) = table(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Carl", "C", "principal")
    )
    offer = UnderstandingOffer("Turkey", ("A", "B", "C"), None, "election", None)
    said = ada.write("understanding-offer", offer, 10)
    world.say(ada, said)
    world.settle()
    assert only(carl).awaits == ("B", "C")
    world.say(ben, ben.write("understanding-confirm", UnderstandingConfirm(said.id), 30))
    world.settle()
    assert (only(ada).status, only(ada).confirmed_at) == (Status.OFFERED, None)
    world.say(carl, carl.write("understanding-confirm", UnderstandingConfirm(said.id), 20))
    world.settle()
    for pen in world.pens:
        assert (only(pen).status, only(pen).confirmed_at) == (Status.CONFIRMED, 30)
        assert list(only(pen).confirmed) == ["A", "B", "C"]


@pytest.mark.parametrize("role", ["exploratory-envoy", "adviser", "observer", "go-between"])
def test_nobody_confirms_for_a_side_but_who_speaks_for_it(role: str) -> None:
    world, (ada, ben, ines) = table(("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Ines", "B", role))
    said = ada.write("understanding-offer", OFFER, 1)
    world.say(ada, said)
    world.settle()
    world.say(ines, ines.write("understanding-confirm", UnderstandingConfirm(said.id), 2))
    world.say(ada, ada.write("understanding-confirm", UnderstandingConfirm(said.id), 2))
    world.settle()
    assert only(ben).status is Status.OFFERED
    world.say(ines, ines.write("understanding-decline", UnderstandingDecline(said.id), 3))
    world.settle()
    assert only(ben).status is Status.OFFERED


def test_an_offer_counts_only_of_a_named_sides_speaker_or_a_go_between_who_thereby_says_no_sides_yes() -> (
    None
):
    world, (ada, ben, carl, gina) = table(
        ("Ada", "A", "principal"),
        ("Ben", "B", "adviser"),
        ("Carl", "C", "principal"),
        ("Gina", "A", "go-between"),
    )
    for pen in (ben, carl):
        world.say(pen, pen.write("understanding-offer", OFFER, 1))
    world.settle()
    assert ada.log is not None
    assert standing(ada.log) == {}
    world.say(gina, gina.write("understanding-offer", OFFER, 2))
    world.settle()
    assert only(ada).awaits == ("A", "B")


def test_a_sides_first_word_is_its_word_whoever_says_the_second() -> None:
    world, (ada, ben, bella) = table(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Bella", "B", "authorised-envoy")
    )
    one = ada.write("understanding-offer", OFFER, 1)
    world.say(ada, one)
    world.settle()
    world.say(ben, ben.write("understanding-confirm", UnderstandingConfirm(one.id), 5))
    world.settle()
    for pen in (bella, ben, ada):
        world.say(pen, pen.write("understanding-decline", UnderstandingDecline(one.id), 2))
    world.settle()
    assert only(ada).status is Status.CONFIRMED


def test_a_yes_and_a_no_of_one_side_that_cross_come_out_alike_on_every_desk() -> None:
    world, (ada, ben, bella) = table(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Bella", "B", "authorised-envoy")
    )
    one = ada.write("understanding-offer", OFFER, 1)
    world.say(ada, one)
    world.settle()
    yes = ben.write("understanding-confirm", UnderstandingConfirm(one.id), 6)
    no = bella.write("understanding-decline", UnderstandingDecline(one.id), 5)
    world.say(ben, yes)
    world.say(bella, no)
    world.settle()
    assert {only(pen).status for pen in world.pens} == {Status.DECLINED}, "the earlier by its time"


def test_what_does_not_stand_counts_for_nothing() -> None:
    world, (ada, ben) = table(("Ada", "A", "principal"), ("Ben", "B", "principal"))
    world.say(ada, ada.write("understanding-offer", OFFER, 1, audience=bytes(32)))
    world.settle()
    assert ben.log is not None
    assert standing(ben.log) == {}
    one = ada.write("understanding-offer", OFFER, 2)
    world.say(ada, one)
    world.settle()
    for kind, body in (("confirm", UnderstandingConfirm(one.id)), ("decline", UnderstandingDecline(one.id))):
        world.say(ben, ben.write(f"understanding-{kind}", body, 3, audience=bytes(32)))
    world.settle()
    assert only(ada).status is Status.OFFERED


def test_a_side_that_is_not_named_and_who_had_not_seen_the_offer_have_no_word_in_it() -> None:
    world, (ada, ben, carl) = table(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Carl", "C", "principal")
    )
    one = ada.write("understanding-offer", UnderstandingOffer("Turkey", ("A", "B"), 50, "never", None), 1)
    early = ben.write("understanding-confirm", UnderstandingConfirm(one.id), 2)
    world.say(ada, one)
    world.say(ben, early)
    world.settle()
    world.say(carl, carl.write("understanding-decline", UnderstandingDecline(one.id), 3))
    world.settle()
    assert (list(only(ada).confirmed), only(ada).awaits, only(ada).status) == (["A"], ("B",), Status.OFFERED)
    world.say(ben, ben.write("understanding-decline", UnderstandingDecline(one.id), 50))
    world.settle()
    assert (list(only(ada).confirmed), list(only(ada).declined)) == (["A"], ["B"])
    assert only(ada).status is Status.DECLINED


def test_a_word_after_the_time_of_performance_counts_for_nothing() -> None:
    world, (ada, ben) = table(("Ada", "A", "principal"), ("Ben", "B", "principal"))
    one = ada.write("understanding-offer", UnderstandingOffer("Turkey", ("A", "B"), 50, "never", None), 1)
    world.say(ada, one)
    world.settle()
    world.say(ben, ben.write("understanding-confirm", UnderstandingConfirm(one.id), 51))
    world.settle()
    assert only(ada).status is Status.OFFERED


@settings(max_examples=200 if DEEP else 10, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_standing(seed: int) -> None:
    rng = random.Random(seed)
    world, pens = table(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Carl", "C", "authorised-envoy")
    )
    offers: list[EventId] = []
    for at in range(12):
        pen = rng.choice(pens)
        if not offers or rng.random() < 0.3:
            sides = tuple(rng.sample("ABC", rng.randint(2, 3) if offers else 3))
            written = pen.write(
                "understanding-offer", UnderstandingOffer("Turkey", sides, 8, "never", None), at
            )
            offers.append(written.id)
        else:
            kind, record = rng.choice(
                [
                    ("understanding-confirm", UnderstandingConfirm),
                    ("understanding-decline", UnderstandingDecline),
                ]
            )
            written = pen.write(kind, record(rng.choice(offers)), rng.randint(0, at))
        world.say(pen, written)
        world.deliver(rng.randint(0, 6))
    world.settle()
    assert pens[0].log is not None
    wanted = facts(pens[0].log)
    assert wanted
    for pen in pens[1:]:
        assert pen.log is not None
        assert facts(pen.log) == wanted
    assert facts(scattered(pens[0].log, world.sheets, rng)) == wanted


def test_bytes_that_say_nothing_sound_are_refused() -> None:
    parse("understanding-offer", encode(OFFER))
    for wrong in (
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "two\nlines"},
        {"subject": "turned \u202e round"},
        {"sides": ("A",)},
        {"sides": ("A", "A")},
        {"sides": ("A", "B" * 101)},
        {"sides": tuple(map(str, range(17)))},
        {"lapse": "sometimes"},
        {"replaces": bytes(31)},
    ):
        with pytest.raises(Violation):
            parse("understanding-offer", encode(structs.replace(OFFER, **wrong)))
    for kind, record in (("confirm", UnderstandingConfirm), ("decline", UnderstandingDecline)):
        with pytest.raises(Violation):
            parse(f"understanding-{kind}", encode(record(bytes(31))))


def test_five_words_in_a_row_are_wording_and_four_are_a_subject() -> None:
    text = "The missiles in Turkey go: within five months, and never in public."
    assert repeated("the missiles in Turkey", [text]) is None
    assert repeated("On THE MISSILES, in  Turkey - go", ["other", text]) == "the missiles in turkey go"
    assert repeated("go within turkey missiles in the", [text]) is None
    assert repeated("", [text]) is None
    chinese = "\u571f\u8033\u5176\u7684\u98de\u5f39\u4e94\u4e2a\u6708\u5185\u64a4\u8d70"
    assert repeated(f"{chinese[1:11]}, now", [f"We say: {chinese}."]) == chinese[1:11]
    assert repeated(chinese[:9], [chinese]) is None


# -- at the desk ------------------------------------------------------------------------------------------


def in_room(folder: Path) -> Stage:
    stage = in_talks(folder, "anna", "boris")
    stage.sit("clara")
    stage.bring("anna", "clara", "B", Role.ADVISER)
    return stage


def test_a_desk_refuses_what_would_count_for_nothing_and_sends_nothing(tmp_path: Path) -> None:
    stage = in_room(tmp_path)
    anna, boris, clara = (seat.room for seat in stage.seats.values())
    acts.show(anna, "The missiles in Turkey go within five months.", now=stage.now)
    stage.settle()
    before = len(anna.log.entries)
    for subject, sides, match in (
        ("The missiles in Turkey go soon", ("B",), "repeats “the missiles in turkey go”"),
        ("", ("B",), "from 1 to 200 letters"),
        ("x" * 201, ("B",), "from 1 to 200 letters"),
        ("Turkey", ("A",), "between two sides"),
        ("Turkey", ("C",), "Nobody in this room may speak for “C”"),
        ("Tur\u202ekey", ("B",), "plain line"),
    ):
        with pytest.raises(Refused, match=match):
            desk.offer(anna, subject, sides, now=stage.now)
    with pytest.raises(Refused, match="passed already"):
        desk.offer(anna, "Turkey", ["B"], due=stage.now, now=stage.now)
    with pytest.raises(Refused, match="principal"):
        desk.offer(clara, "Turkey", ["A"], now=stage.now)
    assert len(anna.log.entries) == before
    offered = desk.offer(anna, "Turkey", ["b"], due=stage.now + DAY_MS, now=stage.now).id
    stage.settle()
    for room, match in ((anna, "confirmed this already"), (clara, "principal")):
        with pytest.raises(Refused, match=match):
            desk.confirm(room, offered, stage.now)
    with pytest.raises(Refused, match="no such understanding"):
        desk.confirm(boris, anna.log.root, stage.now)
    with pytest.raises(Expired):
        desk.confirm(boris, offered, stage.now + 2 * DAY_MS)
    with pytest.raises(Blocked, match="Waiting for B"):
        desk.record(standing(anna.log)[offered])
    desk.decline(boris, offered, stage.now)
    with pytest.raises(Refused, match="offer it anew"):
        desk.confirm(boris, offered, stage.now)
    stage.close()


def test_the_record_of_a_confirmed_understanding_is_what_a_sealed_text_keeps(tmp_path: Path) -> None:
    stage = in_room(tmp_path)
    anna, boris, _ = (seat.room for seat in stage.seats.values())
    offered = desk.offer(anna, "Turkey", ["B"], lapse=Lapse.AT_ONCE, now=stage.now).id
    stage.settle()
    stage.now += 4_321
    desk.confirm(boris, offered, stage.now)
    record = desk.record(standing(boris.log)[offered])
    assert (record.confirmed, record.lapse, record.sides) == ("1962-11-03T06:13:24Z", "lapses", ("A", "B"))
    assert stage.now == NOW + 4_321
    stage.close()


def test_an_altered_desk_that_speaks_for_nobody_changes_nothing(tmp_path: Path) -> None:
    stage = in_room(tmp_path)
    anna, boris, clara = (seat.room for seat in stage.seats.values())
    offered = desk.offer(anna, "Turkey", ["B"], now=stage.now).id
    stage.settle()
    with clara.changing():
        say(clara, "understanding-confirm", encode(UnderstandingConfirm(offered)), stage.now)
        say(clara, "understanding-confirm", b"nonsense", stage.now)
    stage.settle()
    for room in (anna, boris):
        assert standing(room.log)[offered].status is Status.OFFERED
    stage.close()


def test_it_expires_with_the_rooms_texts_and_then_says_nothing(tmp_path: Path) -> None:
    stage = in_room(tmp_path)
    anna, boris, _ = (seat.room for seat in stage.seats.values())
    offered = desk.offer(anna, "Turkey", ["B"], now=stage.now).id
    stage.settle()
    desk.confirm(boris, offered, stage.now)
    stage.settle()
    stage.now += 91 * DAY_MS
    stage.settle()
    for room in (anna, boris):
        found = standing(room.log)[offered]
        assert (found.status, found.body, found.confirmed, found.confirmed_at) == (
            Status.GONE,
            None,
            {},
            None,
        )
        assert not [row for row in room.db.all("SELECT data FROM events") if b"Turkey" in bytes(row[0])]
    with pytest.raises(Expired):
        desk.confirm(boris, offered, stage.now)
    stage.close()
