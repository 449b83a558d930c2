"""A sounding that somebody has not spoken in ends by itself, alike on every desk, and no clock makes a desk say more than it may."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How, outgoing
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.party import Party
from backchannel.desk import soundings
from backchannel.desk.acting import act
from backchannel.desk.sounding_ledger import NOTHING_LEARNT, OPEN, ledger
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import UNDERWAY, Done, all_of
from backchannel.errors import Refused
from backchannel.moves.sounding import Soundings, SoundingSay
from desks import DAY_MS, Seat, Stage, in_talks

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Give three people at one table, closed; each test sets the scene again."""
    stage = in_talks(tmp_path_factory.mktemp("talks"), "anna", "boris", "clara")
    stage.close()
    return stage


@pytest.fixture
def stage(talks: Stage, tmp_path: Path) -> Iterator[Stage]:
    twin = talks.copy(tmp_path / "twin", talks.relay.rng)
    yield twin
    twin.close()


def put(stage: Stage, who: str, asked: tuple[str, ...], options: tuple[str, ...] = ("a pause",)) -> EventId:
    seat = stage.seats[who]
    what = soundings.opening(seat.room, Kind.ALL, options, seat.now + DAY_MS, seat.now, asked=asked)
    entry = soundings.open_sounding(seat.room, what, "peace", [True] * len(options), seat.now)
    stage.settle()
    return entry.id


def give(seat: Seat, target: EventId) -> None:
    soundings.answer(seat.room, target, [True], seat.now)


def done(seat: Seat, target: EventId) -> Done | None:
    """Give how a sounding ended at a desk, without the name of its inputs."""
    ended = next(one.done for one in standing(seat.room, seat.now) if one.opened.entry.id == target)
    return None if ended is None else msgspec.structs.replace(ended, inputs=b"")


def linger(stage: Stage, ms: int = 0, *, without: str = "") -> None:
    """Let time pass, first at once and then tick by tick, as at desks that stay open; one of them may be off."""
    stage.now += ms
    for _ in range(6):
        for _ in range(8):
            for name, seat in stage.seats.items():
                if name != without:
                    seat.turn()
        stage.now += 50_000


def rounds(seat: Seat, target: EventId, author: Seat) -> list[Round]:
    """Give the rounds in which somebody has spoken, as another's desk has it."""
    said = read(seat.room.log, Soundings).said(target)
    return [
        parse_message(data).round for entry, told in said for data in told if entry.author == author.room.me
    ]


def test_who_has_not_answered_in_time_is_named_on_every_desk_without_a_command(stage: Stage) -> None:
    target = put(stage, "anna", ())
    anna, boris, clara = stage.seats.values()
    give(boris, target)
    linger(stage, DAY_MS - HOUR_MS)
    assert {done(seat, target) for seat in stage.seats.values()} == {None}
    linger(stage, HOUR_MS)
    expected = Done(How.ABSENT, (), False, (clara.room.me,), "", False, Round.KEYS, b"")
    assert {done(seat, target) for seat in stage.seats.values()} == {expected}
    assert [all_of(seat.room, UNDERWAY) for seat in stage.seats.values()] == [[], [], []]
    assert [line.joint for line in ledger(anna.room)] == [NOTHING_LEARNT]
    put(stage, "anna", ())  # nothing was learnt, so it is no second sounding of the same


def kept_back(stage: Stage) -> EventId:
    """Have Boris's desk be off from when Anna has given her last word on."""
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    give(boris, target)
    boris.turn()
    for _ in range(4):
        anna.turn()
    assert rounds(anna, target, anna)[-1] is Round.SHARES
    return target


def test_a_last_word_that_does_not_come_voids_the_sounding_and_counts_as_one(stage: Stage) -> None:
    target = kept_back(stage)
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    linger(stage, 3 * DAY_MS, without="boris")
    assert done(anna, target) == Done(How.ABSENT, (), False, (boris.room.me,), "", True, Round.SHARES, b"")
    assert [line.joint for line in ledger(anna.room)] == [OPEN]
    with pytest.raises(Refused, match="before"):
        put(stage, "anna", ("boris",))


def test_a_desk_that_comes_back_too_late_says_no_last_word(stage: Stage) -> None:
    target = kept_back(stage)
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    linger(stage, 3 * DAY_MS, without="boris")
    boris.reopen()
    linger(stage)
    assert Round.SHARES not in rounds(boris, target, boris)
    assert done(boris, target) == Done(How.ABSENT, (), False, (boris.room.me,), "", False, Round.SHARES, b"")
    assert done(anna, target) == Done(How.ABSENT, (), False, (boris.room.me,), "", True, Round.SHARES, b"")


def test_a_desk_that_was_off_reads_first_what_was_said_in_time(stage: Stage) -> None:
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    give(boris, target)
    boris.turn()
    stage.now += 25 * HOUR_MS  # Anna's desk was off: Boris's keys and answer were there in time
    anna.reopen()
    anna.desk.tick(anna.now)
    assert done(anna, target) is None
    stage.settle()
    assert {done(seat, target) for seat in (anna, boris)} == {
        Done(How.RESULT, (0,), True, (), "", True, Round.SHARES, b"")
    }


def test_a_desk_that_reaches_no_relay_ends_it_a_day_later(stage: Stage) -> None:
    target = put(stage, "anna", ("boris",))
    stage.now += 2 * DAY_MS + HOUR_MS
    anna = stage.seats["anna"]
    anna.reopen()
    anna.desk.tick(anna.now)
    assert done(anna, target) is not None


def test_a_clock_that_jumps_ahead_and_back_ends_nothing(stage: Stage) -> None:
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    anna.turn()
    anna.skew = DAY_MS + 2 * HOUR_MS
    anna.turn()
    assert done(anna, target) is None
    anna.skew = 0
    give(boris, target)
    stage.settle()
    assert {done(seat, target) for seat in (anna, boris)} == {
        Done(How.RESULT, (0,), True, (), "", True, Round.SHARES, b"")
    }


def test_a_clock_that_is_set_back_brings_nothing_back(stage: Stage) -> None:
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    linger(stage, DAY_MS)
    anna.skew = boris.skew = -2 * DAY_MS
    with pytest.raises(Refused, match="has ended"):
        give(boris, target)
    stage.settle()
    ended = done(anna, target)
    assert ended is not None
    assert ended.sides == (boris.room.me,)
    assert rounds(anna, target, boris) == []


def test_what_is_said_after_its_time_counts_on_no_desk(stage: Stage) -> None:
    """Boris's clock is slow, so that his desk takes his answer; what he says he dates himself, and all desks go by that."""
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    what = next(one.opened for one in standing(anna.room, anna.now))
    party = Party.open(what.params, what.people.index(boris.room.me))
    stage.now += DAY_MS
    act(boris.room, "sounding-say", SoundingSay(target, outgoing(party.encode())), boris.now)
    linger(stage)
    assert {done(seat, target) for seat in (anna, boris)} == {
        Done(How.ABSENT, (), False, (boris.room.me,), "", False, Round.KEYS, b"")
    }


def test_whoever_gives_a_sounding_up_after_its_time_names_whom_it_waited_for(stage: Stage) -> None:
    target = put(stage, "anna", ("boris",))
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    stage.now += DAY_MS
    found = soundings.stop(anna.room, target, anna.now)
    assert (found.how, found.sides) == (How.ABSENT, (boris.room.me,))
