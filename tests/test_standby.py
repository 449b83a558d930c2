"""Standby texts: who gives the signal, who releases, what a cancellation takes away, and that nobody else reads them."""

from pathlib import Path

import pytest

from backchannel.channel.log import Log
from backchannel.desk import standbys
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.standby import (
    Standby,
    StandbyCancel,
    StandbyRelease,
    StandbySignal,
    Status,
    cancelled,
    parse,
    standing,
)
from backchannel.wire.codec import Record, encode
from desks import DAY_MS, in_talks
from pens import Pen, World
from round_table import in_any_order, seated, tell

PEOPLE = (("Dean", "A", "principal"), ("Andrew", "U", "go-between"), ("Eve", "B", "principal"))
CANARY = "The Secretary-General proposes a trade of the missiles"


def lodged() -> tuple[World, Pen, Pen, Pen, bytes]:
    world, pens = seated(*PEOPLE)
    dean, andrew, eve = pens.values()
    text = tell(world, dean, "standby", Standby(andrew.id, "a call", "the UN", CANARY), 1)
    return world, dean, andrew, eve, text.id


def status(log: Log) -> list[Status]:
    return [one.status for one in standing(log)]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("standby", Standby(bytes(31), "a call", "", "text")),
        ("standby", Standby(bytes(32), " ", "", "text")),
        ("standby", Standby(bytes(32), "x" * 501, "", "text")),
        ("standby", Standby(bytes(32), "a call", "x" * 201, "text")),
        ("standby", Standby(bytes(32), "a call", "", "\n")),
        ("standby", Standby(bytes(32), "a call", "", "x" * 200_001)),
        ("standby-signal", StandbySignal(bytes(31))),
        ("standby-release", StandbyRelease(bytes(33))),
        ("standby-cancel", StandbyCancel(bytes(32), b"")),
    ],
)
def test_a_standby_text_out_of_its_bounds_is_refused(kind: str, body: Record) -> None:
    parse("standby", encode(Standby(bytes(32), "a call", "", "text")))
    with pytest.raises(Violation, match="standby text"):
        parse(kind, encode(body))


def test_only_the_lodgers_signal_and_the_holders_release_after_it_count() -> None:
    world, dean, andrew, eve, text = lodged()
    tell(world, andrew, "standby-release", StandbyRelease(text), 2)
    tell(world, andrew, "standby-signal", StandbySignal(text), 2)
    tell(world, eve, "standby-signal", StandbySignal(text), 2)
    tell(world, andrew, "standby-release", StandbyRelease(text), 3)
    assert in_any_order(world, eve, status) == [Status.LODGED]
    tell(world, dean, "standby-signal", StandbySignal(text), 4)
    tell(world, eve, "standby-release", StandbyRelease(text), 5)
    tell(world, dean, "standby-release", StandbyRelease(text), 5)
    assert in_any_order(world, andrew, status) == [Status.SIGNALLED]
    tell(world, andrew, "standby-release", StandbyRelease(text), 6)
    assert in_any_order(world, dean, status) == [Status.RELEASED]


def test_a_release_that_crossed_with_the_signal_counts_for_nothing() -> None:
    world, dean, andrew, _, text = lodged()
    signal = dean.write("standby-signal", StandbySignal(text), 2)
    tell(world, andrew, "standby-release", StandbyRelease(text), 2, alone=True)
    world.say(dean, signal)
    world.settle()
    assert in_any_order(world, dean, status) == [Status.SIGNALLED]


def test_only_the_lodger_cancels_and_not_what_they_know_is_out() -> None:
    world, dean, andrew, eve, text = lodged()
    tell(world, eve, "standby-cancel", StandbyCancel(text, andrew.id), 2)
    tell(world, andrew, "standby-cancel", StandbyCancel(text, andrew.id), 2)
    tell(world, dean, "standby-cancel", StandbyCancel(text, eve.id), 2)
    assert in_any_order(world, dean, status) == [Status.LODGED]
    tell(world, dean, "standby-signal", StandbySignal(text), 3)
    tell(world, andrew, "standby-release", StandbyRelease(text), 4)
    tell(world, dean, "standby-cancel", StandbyCancel(text, andrew.id), 5)
    assert in_any_order(world, eve, status) == [Status.RELEASED]
    assert in_any_order(world, eve, cancelled) == []


def test_a_cancellation_that_crosses_with_a_release_leaves_it_released_and_takes_the_words(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "dean", "andrew")
    dean, andrew = stage.seats.values()
    text = Standby(andrew.room.me, "a call", "", CANARY)
    target = standbys.lodge(dean.room, text, stage.now).id
    stage.settle()
    standbys.signal(dean.room, target, stage.now)
    stage.settle()
    standbys.cancel(dean.room, target, stage.now)
    standbys.release(andrew.room, target, stage.now)
    stage.settle()
    for seat in (dean, andrew):
        seat.reopen()
        (one,) = standing(seat.room.log)
        assert (one.status, one.body) == (Status.RELEASED, None)
    stage.close()


def test_a_cancelled_text_is_in_no_file_of_any_desk_and_its_cancellation_stays(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "dean", "andrew")
    dean, andrew = stage.seats.values()
    target = standbys.lodge(dean.room, Standby(andrew.room.me, "a call", "", CANARY), stage.now).id
    stage.settle()
    assert holds(andrew.room.db.all("SELECT data FROM events"))
    standbys.cancel(dean.room, target, stage.now)
    stage.settle()
    for seat in (dean, andrew):
        assert not holds(seat.room.db.all("SELECT data FROM events"))
        assert not holds(seat.room.db.all("SELECT body FROM letters"))
    stage.now += 100 * DAY_MS
    stage.settle()
    assert status(andrew.room.log) == [Status.CANCELLED]
    with pytest.raises(Refused, match="taken back"):
        standbys.release(andrew.room, target, stage.now)
    stage.close()


def holds(rows: list[tuple[bytes]]) -> bool:
    return any(CANARY.encode() in bytes(value) for (value,) in rows)


def test_what_nobody_may_do_with_a_standby_text_is_refused_and_says_who_may(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "dean", "andrew")
    dean, andrew = stage.seats.values()
    words = Standby(andrew.room.me, "a call", "", CANARY)
    with pytest.raises(Refused, match="another person"):
        standbys.lodge(andrew.room, words, stage.now)
    with pytest.raises(Refused, match="another person"):
        standbys.lodge(dean.room, Standby(bytes(32), "a call", "", CANARY), stage.now)
    target = standbys.lodge(dean.room, words, stage.now).id
    stage.settle()
    with pytest.raises(Blocked, match="dean gives it"):
        standbys.release(andrew.room, target, stage.now)
    with pytest.raises(Refused, match="held by andrew"):
        standbys.release(dean.room, target, stage.now)
    for forbidden in (standbys.signal, standbys.cancel):
        with pytest.raises(Refused, match="lodged by dean"):
            forbidden(andrew.room, target, stage.now)
    with pytest.raises(Refused, match="no such standby"):
        standbys.signal(dean.room, dean.room.log.root, stage.now)
    standbys.signal(dean.room, target, stage.now)
    with pytest.raises(Refused, match="already"):
        standbys.signal(dean.room, target, stage.now)
    stage.settle()
    assert standbys.release(andrew.room, target, stage.now)[1].text == CANARY
    with pytest.raises(Refused, match="released already"):
        standbys.release(andrew.room, target, stage.now)
    stage.settle()
    with pytest.raises(Refused, match="released already"):
        standbys.cancel(dean.room, target, stage.now)
    stage.close()
