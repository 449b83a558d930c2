"""Whatever the relay does and wherever the power is cut, nothing that was said is lost."""

import multiprocessing
import random
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.desk import acts
from backchannel.desk.desk import Desk
from backchannel.errors import Refused
from backchannel.moves.paper import standing
from conftest import DEEP
from desks import DAY_MS, Manners, Seat, Stage, fast_folder, in_talks, powered, record

PEOPLE = ("Anna", "Boris", "Carl", "Dora")
BATCHES = 2
IN_A_ROW = 5  # schedules that go on in one room
SCHEDULES = 10_000 if DEEP else 500


def manners(rng: random.Random) -> Manners:
    return Manners(
        lose_call=rng.choice([0, 0.2]),
        lose_answer=rng.choice([0, 0.3]),
        delay=rng.choice([0, 0.4]),
        duplicate=rng.choice([0, 0.3]),
        shuffle=rng.random() < 0.6,
    )


def play(stage: Stage, rng: random.Random, swallow: float = 0.0) -> set[EventId]:
    """Let chance decide who does what, when the power goes and how the clocks jump; gives what was accepted."""
    accepted: set[EventId] = set()
    stage.relay.manners = manners(rng)
    stage.relay.manners.swallow = swallow
    for step in range(rng.randint(6, 14)):
        seat = rng.choice(list(stage.seats.values()))
        if rng.random() < 0.35:
            seat.fuse.left = rng.randint(1, 60)
        match rng.choice(["say", "say", "say", "turn", "turn", "turn", "clock", "withdraw", "kill", "keys"]):
            case "say":
                accepted |= {eid for eid in [say(seat, f"text {step}", rng)] if eid}
            case "turn":
                most = rng.choice([1, 3, 1_000])
                seat.run(lambda _, seat=seat, most=most: seat.turn(most))  # type: ignore[misc]
            case "clock":
                seat.skew = rng.randint(-20 * DAY_MS, 20 * DAY_MS)
                stage.now += rng.randint(0, 3_600_000)
            case "withdraw":
                seat.run(lambda desk, seat=seat: withdraw(desk, seat, rng))  # type: ignore[misc]
            case "kill":
                seat.reopen()
            case (
                "keys"
            ):  # a side asks for a little less, so the keeper owes everybody new keys and a new drop
                seat.run(lambda _, seat=seat: shorten(seat))  # type: ignore[misc]
    for seat in stage.seats.values():
        seat.fuse.left = -1
    return accepted


def say(seat: Seat, text: str, rng: random.Random) -> EventId | None:
    def speak(_: Desk) -> EventId:
        items = [item.entry.id for item in standing(seat.room.log, seat.now)]
        answers = rng.sample(items, min(len(items), rng.randint(0, 2)))
        files = [("a.bin", rng.randbytes(20_000))] if rng.random() < 0.2 else []
        return seat.show(text, answers=answers, files=files).id

    return seat.run(speak)


def shorten(seat: Seat) -> None:
    acts.retention(seat.room, seat.room.seating.retention_seconds - 1, seat.now)


def withdraw(desk: Desk, seat: Seat, rng: random.Random) -> None:
    own = [item for item in standing(seat.room.log, seat.now) if item.entry.author == seat.room.me]
    if own:
        try:
            acts.withdraw(seat.room, rng.choice(own).entry.id, seat.now)
        except Refused:
            return


def assert_equal_logs(stage: Stage, accepted: set[EventId]) -> None:
    rooms = [seat.room for seat in stage.seats.values()]
    newest = max(room.log.first_epoch for room in rooms)
    records = [[row for row in record(room) if room.entry(row[0]).event.epoch >= newest] for room in rooms]
    assert all(found == records[0] for found in records)
    for room in rooms:
        assert not room.log.waiting
        assert not room.log.handed
        assert not room.log.gaps()
        assert not room.log.forks()
        assert not room.frozen
        assert accepted <= set(room.log.entries)
        assert room.seating == rooms[0].seating
        assert room.same_up_to(10_000) == len(rooms)
        assert room.db.one(
            "SELECT count(*) FROM letters WHERE kind = 0 AND about IN (SELECT id FROM events)"
        ) == (0,)
    tables = [
        [(item.label, item.status, item.crossed, item.answered_by) for item in standing(room.log, stage.now)]
        for room in rooms
    ]
    assert all(table == tables[0] for table in tables)


def run(seeds: range) -> int:
    """Play schedules in a process of their own; gives how often the power went."""
    crashes = 0
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name, powered():
        folder = Path(name)
        scenes = {}
        for size in (2, 3, 4):
            (folder / f"scene{size}").mkdir()
            scenes[size] = in_talks(folder / f"scene{size}", *PEOPLE[:size])
            scenes[size].close()
        for first in seeds[::IN_A_ROW]:
            rng = random.Random(first)
            stage = scenes[rng.choice([2, 2, 3, 4])].copy(folder / str(first), rng)
            accepted: set[EventId] = set()
            for seed in range(first, min(first + IN_A_ROW, seeds.stop)):
                rng.seed(seed)
                try:
                    accepted |= play(stage, rng)
                    stage.calm()
                    assert_equal_logs(stage, accepted)
                except BaseException as error:
                    error.add_note(f"schedule {seed} in the row that begins with {first}")
                    raise
            crashes += sum(seat.crashes for seat in stage.seats.values())
            stage.close()
            shutil.rmtree(stage.folder)
    return crashes


@pytest.mark.timeout(7200 if DEEP else 120)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_schedule_of_crashes_and_faults_loses_a_word(batch: int) -> None:
    size = SCHEDULES // BATCHES
    # A new process, because SQLCipher's locking of memory, once on, cannot be turned off and costs half the time.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        crashes = pool.submit(run, range(batch * size, (batch + 1) * size)).result()
    assert crashes >= size // 4


def run_hostile(seeds: range) -> int:
    """Play schedules over a relay that keeps cells from some readers for good; gives how many it kept."""
    kept = 0
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name, powered():
        folder = Path(name)
        (folder / "scene").mkdir()
        scene = in_talks(folder / "scene", *PEOPLE[:3])
        scene.close()
        for seed in seeds:
            rng = random.Random(seed)
            stage = scene.copy(folder / str(seed), rng)
            try:
                accepted = play(stage, rng, swallow=0.5)
                kept += sum(
                    len(lost) for drop in stage.relay.drops.values() for lost in drop.swallowed.values()
                )
                stage.relay.manners = Manners()
                for hour in range(6):  # who is heard from again is sent what they lack
                    for seat in stage.seats.values():
                        seat.skew = 0
                        accepted.add(seat.show(f"hour {hour}").id)
                    stage.settle()
                    stage.now += 3_600_000
                stage.calm()
                assert_equal_logs(stage, accepted)
            except BaseException as error:
                error.add_note(f"schedule {seed}")
                raise
            stage.close()
            shutil.rmtree(stage.folder)
    return kept


@pytest.mark.timeout(7200 if DEEP else 120)
def test_what_a_relay_keeps_from_a_reader_for_good_is_sent_again_by_its_author() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(run_hostile, range(500 if DEEP else 20)).result() > 10
