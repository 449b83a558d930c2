"""A sounding that lacks somebody's last word is repeated among the others only if each of their people so decides, on the same answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.inputs import committed
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Message, Round, parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.desk import sounding_again, soundings
from backchannel.desk.acting import act
from backchannel.desk.sounding_course import REPEAT_MS
from backchannel.desk.sounding_ledger import NOTHING_LEARNT, ledger
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import LEFT, Done, all_of, left
from backchannel.errors import Refused
from backchannel.moves.sounding import SoundingOpen, Soundings
from backchannel.wire.codec import encode
from desks import DAY_MS, Seat, Stage, in_talks
from typing_in import typed

OPTIONS = ("a pause", "a hotline", "inspections")
MARKS = {"anna": [True, True, False], "boris": [True, True, True], "clara": [True, False, True]}


@pytest.fixture(scope="module")
def voided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, EventId]:
    """Give three people of whom Clara has kept her last word back, closed, and the sounding that is void for it."""
    stage = in_talks(tmp_path_factory.mktemp("talks"), "anna", "boris", "clara")
    anna = stage.seats["anna"]
    what = soundings.opening(anna.room, Kind.ALL, OPTIONS, anna.now + DAY_MS, anna.now)
    target = soundings.open_sounding(anna.room, what, "peace", MARKS["anna"], anna.now).id
    stage.settle()
    for name in ("boris", "clara"):
        soundings.answer(stage.seats[name].room, target, MARKS[name], stage.now)
    clara = stage.seats["clara"]
    for name in ("boris", "clara", "anna", "boris", "clara"):  # so Clara speaks before she has Anna's inputs
        stage.seats[name].turn()
    assert rounds(clara, target, clara) == [Round.KEYS, Round.AGREEMENT, Round.INPUTS]
    linger(stage, without="clara")
    linger(stage, 3 * DAY_MS, without="clara")
    stage.close()
    return stage, target


@pytest.fixture
def stage(voided: tuple[Stage, EventId], tmp_path: Path) -> Iterator[Stage]:
    twin = voided[0].copy(tmp_path / "twin", voided[0].relay.rng)
    yield twin
    twin.close()


@pytest.fixture
def target(voided: tuple[Stage, EventId]) -> EventId:
    return voided[1]


def linger(stage: Stage, ms: int = 0, *, without: str = "") -> None:
    """Let time pass, first at once and then tick by tick; one of the desks may be off."""
    stage.now += ms
    for _ in range(6):
        for _ in range(8):
            for name, seat in stage.seats.items():
                if name != without:
                    seat.turn()
        stage.now += 50_000


def messages(seat: Seat, target: EventId) -> list[tuple[Seat | None, Message]]:
    by = {one.room.me: one for one in seat.stage.seats.values()}
    said = read(seat.room.log, Soundings).said(target)
    return [(by.get(entry.author), parse_message(data)) for entry, told in said for data in told]


def rounds(seat: Seat, target: EventId, author: Seat) -> list[Round]:
    return [message.round for by, message in messages(seat, target) if by is author]


def done(seat: Seat, target: EventId) -> Done | None:
    return next(one.done for one in standing(seat.room, seat.now) if one.opened.entry.id == target)


def decide(seat: Seat, target: EventId) -> EventId:
    return sounding_again.again(seat.room, target, seat.now + DAY_MS, seat.now)


def test_those_who_gave_their_last_word_learn_among_themselves_what_they_accept(
    stage: Stage, target: EventId
) -> None:
    anna, boris, clara = stage.seats.values()
    again = decide(anna, target)
    stage.settle()
    assert rounds(boris, again, anna) == [Round.KEYS], "nothing but keys before all have decided"
    boris.reopen()
    assert decide(boris, target) == again
    stage.settle()
    for seat in (anna, boris):
        ended = done(seat, again)
        assert ended is not None
        assert (ended.how, ended.joint) == (How.RESULT, (0, 1))
        assert all_of(seat.room, LEFT) == []
    assert rounds(anna, again, clara) == [], "nothing is done on behalf of the absent"
    commitments = {
        (by.name, at): committed(message.body)[0]
        for at in (target, again)
        for by, message in messages(anna, at)
        if by is not None and message.round is Round.INPUTS
    }
    for name in ("anna", "boris"):
        assert commitments[name, target] == commitments[name, again], "the very answers given then"
    with pytest.raises(Refused, match="cannot be repeated"):
        decide(anna, target)


def test_without_a_decision_of_all_nothing_is_stated_and_it_ends_in_time(
    stage: Stage, target: EventId
) -> None:
    anna, boris, _ = stage.seats.values()
    again = decide(anna, target)
    linger(stage, DAY_MS)
    ended = done(anna, again)
    assert ended is not None
    assert (ended.how, ended.sides, ended.round) == (How.ABSENT, (boris.room.me,), Round.KEYS)
    assert ledger(anna.room)[-1].joint == NOTHING_LEARNT
    assert all(left(seat.room, target) is not None for seat in (anna, boris)), "it can still be decided on"
    linger(stage, REPEAT_MS)
    assert all(left(seat.room, target) is None for seat in (anna, boris)), "the answers are gone"
    with pytest.raises(Refused, match="cannot be repeated"):
        decide(anna, target)


def test_two_who_decide_at_once_meet_in_one_re_run(stage: Stage, target: EventId) -> None:
    anna, boris, _ = stage.seats.values()
    opened = {decide(anna, target), decide(boris, target)}
    assert len(opened) == 2
    stage.settle()
    results = [
        at for at in opened for seat in (anna, boris) if getattr(done(seat, at), "how", "") == How.RESULT
    ]
    assert len(results) == 2
    assert len(set(results)) == 1
    stated = {at for at in opened for by, message in messages(anna, at) if message.round is Round.INPUTS}
    assert stated == set(results)


def test_whoever_kept_the_word_back_or_never_spoke_repeats_nothing(stage: Stage, target: EventId) -> None:
    clara = stage.seats["clara"]
    linger(stage)
    with pytest.raises(Refused, match="cannot be repeated"):
        decide(clara, target)


def test_a_re_run_among_others_than_those_who_are_left_is_joined_by_nobody(
    stage: Stage, target: EventId
) -> None:
    """Anna's desk is made to ask for one that leaves an option out, to compare the two results."""
    anna, boris, _ = stage.seats.values()
    first = next(one.opened.params for one in standing(anna.room, anna.now))
    kept = left(anna.room, target)
    assert kept is not None
    sides = tuple(sorted((anna.room.me, boris.room.me)))
    by = anna.now + DAY_MS
    fields = (first.chunk, 0, 0, False, (by, by, by), b"h" * 32, b"n" * 32, kept.inputs)
    forged = type(first)(1, Kind.ALL, sides, first.options[:2], *fields)
    false = act(anna.room, "sounding-open", SoundingOpen("peace", encode(forged), ()), anna.now).id
    stage.settle()
    again = decide(boris, false)
    assert again != false
    stage.settle()
    assert rounds(anna, false, boris) == []


def test_the_command_says_first_what_a_re_run_may_show(stage: Stage, target: EventId) -> None:
    anna, boris, _ = stage.seats.values()
    (warning, *_) = typed(anna, "sound", "again", command="sound consequence").lines
    assert "without clara (C), among " in warning
    assert "show what clara (C) alone rejected" in warning
    assert len(standing(anna.room, anna.now)) == 1
    typed(anna, "sound", "again", "--yes")
    stage.settle()
    assert any("to be repeated without somebody" in line for line in typed(boris, "status").lines)
    assert any("decide by" in line for line in typed(boris, "sound", "show").lines)
    with pytest.raises(Refused, match="sound again"):
        typed(boris, "sound", "answer", standing(boris.room, boris.now)[-1].opened.entry.id.hex(), "--all")
    typed(boris, "sound", "again", "--yes")
    stage.settle()
    shown = typed(anna, "sound", "show").lines
    assert any(
        line.startswith("  Among ") and line.endswith(" alone:") and "clara" not in line for line in shown
    )
    assert any("1. a pause" in line for line in shown)
