"""A power cut at any moment of opening a room, meeting, admitting, changing keys or leaving costs nobody their place."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.desk import Desk
from backchannel.desk.meeting import Stage as Meeting
from backchannel.errors import Refused
from conftest import DEEP
from desks import URL, Seat, Stage, fast_folder, in_talks, powered, record

EVERY = 1 if DEEP else 23  # of the statements of a whole life, how many are left out between two cuts


@contextmanager
def noted(left: int) -> Iterator[None]:
    """Say in any error how many statements there were before the cut."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"cut after {left} statements")
        raise


@contextmanager
def quick_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name, powered():
        yield Path(name)


def turns(stage: Stage, rounds: int = 12) -> None:
    """Let the couriers work until there is nothing to do; a cut is something."""
    for _ in range(rounds):
        done = [seat.run(lambda _, seat=seat: seat.turn()) for seat in stage.seats.values()]  # type: ignore[misc]
        if not any(work is None or work for work in done):
            return


def open_room(anna: Seat) -> None:
    charter = Charter("Talks", "channel", "plenary", "for-you-only", 90 * 86_400, 8192, anna.now)

    def opening(desk: Desk) -> None:
        if not any(room.seated for room in desk.rooms()):
            desk.open_room(charter, name="Anna", side="A", role=Role.PRINCIPAL, relay=URL, now=anna.now)

    for _ in range(3):
        anna.run(opening)


def meet(stage: Stage, anna: Seat, boris: Seat) -> None:
    address = words = ""
    for _ in range(3):
        if not address:
            made = anna.run(
                lambda desk: desk.invite(anna.room, side="B", role=Role.PRINCIPAL, name="Boris", now=anna.now)
            )
            address, words = made or ("", "")
    turns(stage)
    for _ in range(3):
        if not boris.desk.meetings():
            boris.run(lambda desk: desk.join(address, words, "Boris", boris.now))
    turns(stage)


def admit(stage: Stage, anna: Seat) -> None:
    for _ in range(3):
        waiting = [motion for motion in anna.room.seating.motions.values() if not motion.carried]
        if waiting and anna.room.me not in waiting[0].approvers:
            anna.run(lambda _, motion=waiting[0]: acts.admit(anna.room, motion.id, anna.now))  # type: ignore[misc]
    turns(stage)


@pytest.mark.timeout(7200 if DEEP else 120)
@pytest.mark.parametrize("cut", ["Anna", "Boris"])
def test_a_power_cut_at_any_statement_of_first_contact_leaves_two_people_talking(cut: str) -> None:
    with quick_folder() as folder:
        crashed, left = 0, 3
        while True:
            stage = Stage(folder / str(left))
            anna, boris = stage.sit("Anna"), stage.sit("Boris")
            stage.seats[cut].fuse.left = left
            open_room(anna)
            turns(stage)
            meet(stage, anna, boris)
            admit(stage, anna)
            turns(stage)
            cuts = stage.seats[cut].crashes
            stage.seats[cut].fuse.left = -1
            stage.calm()
            assert [meeting.stage for meeting in boris.desk.meetings()] == [Meeting.ASKED], left
            assert boris.room.seated, left
            anna.show("hello")
            boris.show("hello to you")
            stage.calm()
            assert set(anna.texts()) == set(boris.texts()) == {"hello", "hello to you"}, left
            stage.close()
            shutil.rmtree(stage.folder)
            if not cuts:
                break
            crashed += 1
            left += EVERY
    assert crashed >= 8


@pytest.mark.timeout(7200 if DEEP else 120)
def test_a_power_cut_at_any_statement_of_coming_and_going_leaves_one_record() -> None:
    """Boris leaves, Vera comes, a side shortens the retention, and somebody's desk dies meanwhile."""
    with quick_folder() as folder:
        (folder / "scene").mkdir()
        scene = in_talks(folder / "scene", "Anna", "Boris", "Carl")
        scene.sit("Vera")
        scene.meet("Carl", "Vera", "A")
        scene.close()
        crashed = 0
        for left in range(2, 100_000, EVERY):
            cut = ("Anna", "Carl", "Boris", "Vera")[left // EVERY % 4]
            stage = scene.copy(folder / str(left), random.Random(left))
            for seat in stage.seats.values():
                seat.desk.close()
                seat.desk = Desk.open(seat.home, b"k" * 32)
            anna, boris, carl, vera = stage.seats.values()
            stage.seats[cut].fuse.left = left
            boris.run(lambda _: acts.leave(boris.room, boris.now))  # noqa: B023 - run at once
            anna.run(lambda _: acts.retention(anna.room, 86_400, anna.now))  # noqa: B023 - run at once
            for seat in (anna, carl, boris):
                for motion in seat.room.seating.motions.values():
                    seat.run(lambda _, seat=seat, motion=motion: admit_if_possible(seat, motion.id))  # type: ignore[misc]
            turns(stage)
            for seat in (anna, carl):
                for motion in seat.room.seating.motions.values():
                    seat.run(lambda _, seat=seat, motion=motion: admit_if_possible(seat, motion.id))  # type: ignore[misc]
            turns(stage)
            cuts = stage.seats[cut].crashes
            stage.seats[cut].fuse.left = -1
            with noted(left):
                stage.calm()
            for seat in (anna, carl):
                for motion in seat.room.seating.motions.values():
                    admit_if_possible(seat, motion.id)
            stage.calm()
            assert vera.room.seated, left
            gone = [seat for seat in (boris,) if seat.room.left]
            assert not [seat for seat in gone if seat.room.me in anna.room.seating.seated], left
            start = vera.room.log.first_epoch
            told = [
                [row for row in record(seat.room) if seat.room.entry(row[0]).event.epoch >= start]
                for seat in (anna, carl, vera)
            ]
            assert told[0] == told[1] == told[2], left
            stage.close()
            shutil.rmtree(stage.folder)
            crashed += bool(cuts)
            if not cuts and left > 2 + 8 * EVERY:
                break
        assert crashed >= 8


def admit_if_possible(seat: Seat, motion: object) -> None:
    try:
        acts.admit(seat.room, motion, seat.now)  # type: ignore[arg-type]
    except Refused:
        return
