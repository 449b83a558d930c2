"""What is withdrawn or has expired is in no file of any desk, and in no letter on its way."""

import random
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.desk import acts
from backchannel.errors import Refused
from backchannel.moves.paper import Status, standing

from desks import DAY_MS, Stage, in_talks  # isort: skip

from insiders import CANARY, common, learn_keys, three, whole_file


def gone_everywhere(stage: Stage, eid: EventId, status: Status) -> None:
    learn_keys(stage)
    for seat in stage.seats.values():
        assert CANARY.encode() not in whole_file(seat.room), seat.name
        assert b"attached " + CANARY.encode() not in whole_file(seat.room)
        (item,) = [item for item in standing(seat.room.log, stage.now) if item.entry.id == eid]
        assert item.status is status
        assert item.body is None


def test_a_withdrawn_text_is_in_no_file_of_any_desk(tmp_path: Path) -> None:
    stage, anna, boris, _ = three(tmp_path)
    entry = anna.show(CANARY, files=[("a", b"attached " + CANARY.encode() * 500)])
    stage.settle()
    learn_keys(stage)
    assert CANARY.encode() in whole_file(boris.room)
    acts.withdraw(anna.room, entry.id, stage.now)
    stage.settle()
    gone_everywhere(stage, entry.id, Status.WITHDRAWN)
    stage.close()


def test_a_text_that_was_handed_back_is_in_no_file_of_any_desk(tmp_path: Path) -> None:
    stage, anna, boris, _ = three(tmp_path)
    kept = anna.show("a text of another kind")
    offered = acts.show(anna.room, CANARY, returnable=True, now=stage.now)
    stage.settle()
    learn_keys(stage)
    assert CANARY.encode() in whole_file(boris.room)
    with pytest.raises(Refused, match="did not show this as a paper that may be handed back"):
        acts.hand_back(boris.room, kept.id, stage.now)
    with pytest.raises(Refused, match="your own"):
        acts.hand_back(anna.room, offered.id, stage.now)
    acts.hand_back(boris.room, offered.id, stage.now)
    stage.settle()
    gone_everywhere(stage, offered.id, Status.HANDED_BACK)
    with pytest.raises(Refused, match="taken back already"):
        acts.withdraw(anna.room, offered.id, stage.now)
    stage.close()


def test_the_strictest_side_decides_how_long_texts_live_and_then_they_are_in_no_file(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    acts.retention(boris.room, 7 * 86_400, stage.now)
    acts.retention(carl.room, 30 * 86_400, stage.now)
    stage.calm()
    for seat in (anna, boris, carl):
        assert seat.room.seating.retention_seconds == 7 * 86_400
        assert seat.room.seating.retention_by_side == {"B": 7 * 86_400, "C": 30 * 86_400}
    acts.retention(boris.room, 60 * 86_400, stage.now)  # a side cannot take back that it asked for less
    entry = anna.show(CANARY)
    stage.calm()
    assert {seat.room.seating.retention_seconds for seat in stage.seats.values()} == {7 * 86_400}
    assert {seat.room.way().transport.ttl_seconds for seat in stage.seats.values()} == {7 * 86_400}
    stage.now += 7 * DAY_MS + 1
    stage.calm()
    gone_everywhere(stage, entry.id, Status.EXPIRED)
    stage.close()


def test_an_expired_text_is_taken_out_of_letters_still_on_their_way(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    entry = anna.show(CANARY, expires=stage.now + 3_600_000)
    for seat in (anna, boris):
        seat.turn()
        seat.turn()
    drop = stage.relay.drops[anna.room.way().transport.drop]
    drop.swallowed["Carl"] = set(
        range(len(drop.cells))
    )  # Carl's desk was away until the relay had let go of it
    stage.now += 3_600_001
    anna.turn()
    learn_keys(stage)
    assert CANARY.encode() not in whole_file(anna.room)
    (letter,) = anna.room.db.all("SELECT body FROM letters WHERE about = ?", entry.id)
    assert letter[0]
    anna.show("later")
    stage.calm()
    gone_everywhere(stage, entry.id, Status.EXPIRED)
    assert common(anna.room, carl.room)
    stage.close()


def test_a_kill_between_an_erasure_and_its_flush_leaves_nothing_once_the_desk_is_opened(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna = stage.seats["Anna"]
    entry = anna.show(CANARY)
    stage.settle()
    anna.room._flush = False
    flush, anna.room.db.flush = anna.room.db.flush, lambda: None  # type: ignore[method-assign]
    acts.withdraw(anna.room, entry.id, stage.now)
    assert flush is not None
    anna.reopen()
    stage.settle()
    gone_everywhere(stage, entry.id, Status.WITHDRAWN)
    stage.close()


def test_chance_decides_nothing_here() -> None:
    """The relay of these tests is honest unless a test says otherwise."""
    relay = Stage(Path()).relay
    assert relay.manners == type(relay.manners)()
    assert random.Random(0).random() == relay.rng.random()
