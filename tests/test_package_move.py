"""Agendas as they stand: agreed by all their sides word for word, before anyone marks anything."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.channel.log import Log
from backchannel.channel.reading import read
from backchannel.errors import Violation
from backchannel.moves.package import (
    Agendas,
    OnTable,
    PackageAgenda,
    PackageAgree,
    PackageDrop,
    Status,
    agendas,
    parse,
)
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.schedule import Schedule
from backchannel.wire.codec import Record, encode
from circle import Circle
from conftest import DEEP
from pens import ROOM, Sheet

PEOPLE = (
    "Ada A principal",
    "Abe A exploratory-envoy",
    "Ben B principal",
    "Gil G go-between",
    "Cid C principal",
)
TABLE = PackageAgenda(
    ("A", "B"),
    Agenda.of(
        Issue("Dues", (Option("low"), Option("high"))), Issue("Flag", (Option("ours"), Option("theirs")))
    ),
    Schedule(2, True),
)
OTHER = structs.replace(TABLE, schedule=Schedule(2, True, steps=10))


def standing(room: Circle, eid: EventId) -> OnTable:
    """What every desk makes of an agenda; they must agree."""
    every = [read(room.log(name), Agendas).agenda(eid) for name in room.pens]
    assert len({(one.status, one.body, tuple(sorted(one.agreed))) for one in every}) == 1
    return every[0]


def test_an_agenda_is_agreed_when_each_of_its_sides_has_said_so_of_exactly_its_words_and_steps() -> None:
    room = Circle(*PEOPLE)
    put = room.say("Ada", "package-agenda", TABLE)
    assert standing(room, put).status is Status.PROPOSED
    room.say("Ben", "package-agree", PackageAgree(put, OTHER.digest()))
    for nobody in ("Abe", "Gil", "Cid"):
        room.say(nobody, "package-agree", PackageAgree(put, TABLE.digest()))
    assert (standing(room, put).status, set(standing(room, put).agreed)) == (Status.PROPOSED, {"A"})
    room.say("Ben", "package-agree", PackageAgree(put, TABLE.digest()))
    assert (standing(room, put).status, set(standing(room, put).agreed)) == (Status.AGREED, {"A", "B"})


def test_whoever_puts_an_agenda_on_the_table_for_others_has_not_agreed_for_them() -> None:
    room = Circle(*PEOPLE)
    put = room.say("Cid", "package-agenda", TABLE)
    assert standing(room, put).agreed == {}
    for name in ("Ada", "Ben"):
        room.say(name, "package-agree", PackageAgree(put, TABLE.digest()))
    assert standing(room, put).status is Status.AGREED


@pytest.mark.parametrize(
    ("name", "status"), [("Ben", Status.DROPPED), ("Gil", Status.AGREED), ("Cid", Status.AGREED)]
)
def test_only_one_of_its_sides_takes_an_agenda_off_the_table(name: str, status: Status) -> None:
    room = Circle(*PEOPLE)
    put = room.say("Ada", "package-agenda", TABLE)
    room.say("Ben", "package-agree", PackageAgree(put, TABLE.digest()))
    room.say(name, "package-drop", PackageDrop(put))
    assert standing(room, put).status is status


@pytest.mark.parametrize("name", ["Abe", "Gil"])
def test_who_binds_no_side_puts_no_agenda_on_the_table(name: str) -> None:
    room = Circle(*PEOPLE)
    room.say(name, "package-agenda", TABLE)
    assert agendas(room.log()) == []


def test_when_its_words_have_gone_an_agenda_is_no_more_than_that_there_was_one() -> None:
    room = Circle(*PEOPLE)
    put = room.say("Ada", "package-agenda", TABLE)
    room.log().erase(put, Erased.EXPIRED)
    (found,) = agendas(room.log())
    assert (found.status, found.body, found.agreed) == (Status.GONE, None, {})


@settings(max_examples=150 if DEEP else 6, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_standing(seed: int) -> None:
    rng = random.Random(seed)
    room = Circle(*PEOPLE)
    room.post = False
    for _ in range(20):
        name = rng.choice(sorted(room.pens))
        target = rng.choice(sorted(room.log(name).entries))
        acts: list[tuple[str, Record]] = [
            ("package-agenda", TABLE),
            ("package-agree", PackageAgree(target, TABLE.digest())),
            ("package-agree", PackageAgree(target, OTHER.digest())),
            ("package-drop", PackageDrop(target)),
        ]
        room.say(name, *rng.choice(acts))
        room.world.deliver(rng.randint(0, 5))
    room.world.settle()
    whole = room.log()
    sheets: list[Sheet] = [written for written in room.world.sheets if written.id in whole.entries]
    rng.shuffle(sheets)
    log = Log(ROOM, whole.first_epoch, whole.root)
    for written in sheets:
        log.add(written.arrival())
        read(log, Agendas)
    assert _facts(log) == _facts(whole)


def _facts(log: Log) -> dict[EventId, object]:
    return {
        one.entry.id: (one.status, {side: said.id for side, said in one.agreed.items()})
        for one in agendas(log)
    }


WIDE = Agenda(tuple(Issue(str(place), tuple(Option(str(one)) for one in range(256))) for place in range(13)))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("package-agenda", structs.replace(TABLE, sides=("A",))),
        ("package-agenda", structs.replace(TABLE, sides=("B", "A"))),
        ("package-agenda", structs.replace(TABLE, sides=("A", "A"))),
        ("package-agenda", structs.replace(TABLE, schedule=Schedule(3, True))),
        ("package-agenda", structs.replace(TABLE, agenda=WIDE)),
        ("package-agree", PackageAgree(bytes(31), bytes(32))),
        ("package-agree", PackageAgree(bytes(32), b"")),
        ("package-drop", PackageDrop(b"")),
    ],
)
def test_what_is_not_sound_is_a_violation(kind: str, body: Record) -> None:
    with pytest.raises(Violation):
        parse(kind, encode(body))


def test_an_agenda_that_is_not_plain_is_a_violation_on_the_wire() -> None:
    data = encode(TABLE).replace(b"high", b"lows").replace(b"lows", b"low ")
    with pytest.raises(Violation, match="spaces at the ends"):
        parse("package-agenda", data)
