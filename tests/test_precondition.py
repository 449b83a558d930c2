"""Preconditions as they stand: word for word while talks go on, and parked only by both."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.channel.log import Log
from backchannel.channel.reading import read
from backchannel.errors import Violation
from backchannel.moves.paper import Carried, Front, Withdraw
from backchannel.moves.precondition import (
    Demand,
    Precondition,
    PreconditionDrop,
    PreconditionPark,
    Preconditions,
    Status,
    parse,
)
from backchannel.wire.codec import Record, encode
from circle import Circle
from conftest import DEEP
from pens import ROOM, Sheet, paper

PEOPLE = ("Ada A principal", "Abe A exploratory-envoy", "Ben B principal", "Gil G go-between")
FIRST = Precondition("Violence is renounced first.", "a speech", None)


def demand(room: Circle, eid: EventId) -> Demand:
    """What every desk makes of a precondition; they must agree."""
    every = [read(room.log(name), Preconditions).demand(eid) for name in room.pens]
    found = every[0]
    assert found is not None
    facts = {(one.status, one.wording, one.since, len(one.parked)) for one in every if one is not None}
    assert len(facts) == 1
    assert None not in every
    return found


def test_it_is_parked_by_its_own_side_and_another_and_stays_word_for_word() -> None:
    room = Circle(*PEOPLE)
    stated = room.say("Ada", "precondition", FIRST)
    assert demand(room, stated).status is Status.ON_RECORD
    room.say("Ben", "precondition-park", PreconditionPark(stated))
    assert demand(room, stated).status is Status.ON_RECORD, "one side alone parks nothing"
    for nobody in ("Abe", "Gil"):
        room.say(nobody, "precondition-park", PreconditionPark(stated))
    assert demand(room, stated).status is Status.ON_RECORD
    room.say("Ada", "precondition-park", PreconditionPark(stated))
    found = demand(room, stated)
    assert (found.status, found.wording, found.since) == (Status.PARKED, FIRST.wording, room.at)
    assert [by.side for _, by in found.parked] == ["B", "A"]


@pytest.mark.parametrize("name", ["Ben", "Abe", "Gil"])
def test_nobody_else_drops_or_restates_it(name: str) -> None:
    room = Circle(*PEOPLE)
    stated = room.say("Ada", "precondition", FIRST)
    room.say(name, "precondition-drop", PreconditionDrop(stated))
    other = room.say(name, "precondition", Precondition("Violence is regretted.", "nowhere", stated))
    assert demand(room, stated).status is Status.ON_RECORD
    assert read(room.log(), Preconditions).restates(other) is None


def test_a_new_wording_is_a_new_act_and_nobody_has_parked_it() -> None:
    room = Circle(*PEOPLE)
    stated = room.say("Ada", "precondition", FIRST)
    for name in ("Ada", "Ben"):
        room.say(name, "precondition-park", PreconditionPark(stated))
    softer = room.say("Ada", "precondition", Precondition("Violence is suspended.", "a letter", stated))
    found = read(room.log(), Preconditions)
    assert (demand(room, stated).status, demand(room, stated).wording) == (Status.DROPPED, FIRST.wording)
    assert demand(room, softer).status is Status.ON_RECORD
    assert (found.restated_as(stated), found.restates(softer)) == (softer, stated)
    room.say("Ada", "precondition-drop", PreconditionDrop(softer))
    assert demand(room, softer).status is Status.DROPPED
    assert found.restated_as(softer) is None


def test_an_item_is_parked_too_and_a_note_or_what_is_carried_is_nobodys_demand_here() -> None:
    room = Circle(*PEOPLE)
    demanded = room.say("Ada", "paper", paper("The base goes."))
    noted = room.say("Ben", "front", Front("The Times", "No talks with them", 0, (), ()))
    carried = room.say(
        "Gil", "paper", structs.replace(paper("They say no"), carried=Carried("X", "verbatim"))
    )
    for eid in (demanded, noted, carried):
        room.say("Ben", "precondition-park", PreconditionPark(eid))
    assert [demand(room, eid).side for eid in (demanded, noted, carried)] == ["A", None, None]
    assert {demand(room, eid).status for eid in (demanded, noted, carried)} == {Status.ON_RECORD}
    for eid in (demanded, noted, carried):
        room.say("Ada", "precondition-park", PreconditionPark(eid))
    assert {demand(room, eid).status for eid in (demanded, noted, carried)} == {Status.PARKED}
    room.say("Ada", "withdraw", Withdraw(demanded))
    assert demand(room, demanded).status is Status.DROPPED


def test_when_the_words_have_gone_no_wording_is_left() -> None:
    room = Circle(*PEOPLE)
    stated = room.say("Ada", "precondition", FIRST)
    room.say("Ben", "precondition-park", PreconditionPark(stated))
    room.log().erase(stated, Erased.EXPIRED)
    assert read(room.log(), Preconditions).all() == []


@settings(max_examples=150 if DEEP else 6, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_standing(seed: int) -> None:
    rng = random.Random(seed)
    room = Circle(*PEOPLE)
    room.post = False
    for _ in range(25):
        name = rng.choice(sorted(room.pens))
        target = rng.choice(sorted(room.log(name).entries))
        kind, body = rng.choice(
            [
                ("precondition", FIRST),
                ("precondition", Precondition("Other", "a letter", target)),
                ("precondition-park", PreconditionPark(target)),
                ("precondition-park", PreconditionPark(target)),
                ("precondition-drop", PreconditionDrop(target)),
                ("paper", paper("a demand")),
            ]
        )
        room.say(name, kind, body)
        room.world.deliver(rng.randint(0, 5))
    room.world.settle()
    whole = room.log()
    sheets: list[Sheet] = [written for written in room.world.sheets if written.id in whole.entries]
    rng.shuffle(sheets)
    log = Log(ROOM, whole.first_epoch, whole.root)
    for written in sheets:
        log.add(written.arrival())
        read(log, Preconditions)
    assert _facts(log) == _facts(whole)


def _facts(log: Log) -> dict[EventId, object]:
    return {
        one.entry.id: (one.status, one.wording, one.side, one.since, [said.id for said, _ in one.parked])
        for one in read(log, Preconditions).all()
    }


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("precondition", Precondition("", "a speech", None)),
        ("precondition", Precondition("x" * 10_001, "a speech", None)),
        ("precondition", Precondition("x", "", None)),
        ("precondition", Precondition("x", "y" * 201, None)),
        ("precondition", Precondition("x", "y", b"")),
        ("precondition-park", PreconditionPark(b"")),
        ("precondition-drop", PreconditionDrop(bytes(31))),
    ],
)
def test_what_is_not_sound_is_a_violation(kind: str, body: Record) -> None:
    with pytest.raises(Violation):
        parse(kind, encode(body))
