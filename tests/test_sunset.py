"""Sunsets: who sets one, what silence does, who closes, and what a paused room still takes."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backchannel.channel.log import Log
from backchannel.desk import acts, sunsets
from backchannel.desk.commands.passing import while_paused
from backchannel.desk.sending import say
from backchannel.desk.sunset_parser import CHOICES
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.sunset import Choice, State, Sunset, SunsetAgree, SunsetChoice, parse, standing
from backchannel.wire.codec import Record, encode
from conftest import DEEP
from desks import DAY_MS, Seat, Stage, in_talks
from insiders import paper
from pens import Pen, World
from round_table import come, in_any_order, log_of, seated, tell

PEOPLE = (
    ("Ada", "A", "principal"),
    ("Ben", "B", "principal"),
    ("Gus", "G", "go-between"),
    ("Abe", "A", "adviser"),
)
AT = 100


def agreed() -> tuple[World, dict[str, Pen], bytes]:
    world, pens = seated(*PEOPLE)
    proposal = tell(world, pens["Ada"], "sunset", Sunset(AT), 1)
    tell(world, pens["Ben"], "sunset-agree", SunsetAgree(proposal.id), 2)
    return world, pens, proposal.id


def choice(target: bytes, what: str, until: int | None = None, due: int = AT) -> SunsetChoice:
    return SunsetChoice(target, due, what, until)


def shown(log: Log, now: int = AT) -> tuple[State, int, tuple[str, ...]] | None:
    found = standing(log, now)
    return None if found is None else (found.state, found.due, found.awaits)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("sunset-agree", SunsetAgree(bytes(31))),
        ("sunset-choice", choice(bytes(31), "pause")),
        ("sunset-choice", choice(bytes(32), "continue")),
        ("sunset-choice", choice(bytes(32), "continue", AT)),
        ("sunset-choice", choice(bytes(32), "pause", AT + 1)),
        ("sunset-choice", choice(bytes(32), "wait")),
    ],
)
def test_what_is_said_of_a_sunset_out_of_its_bounds_is_refused(kind: str, body: Record) -> None:
    parse("sunset-choice", encode(choice(bytes(32), "continue", AT + 1)))
    with pytest.raises(Violation, match="sunset"):
        parse(kind, encode(body))


def test_what_a_person_may_choose_is_what_the_protocol_knows() -> None:
    assert set(CHOICES) == set(Choice)


def test_a_sunset_stands_only_when_a_speaker_of_every_side_has_said_so_in_time() -> None:
    world, pens = seated(*PEOPLE)
    for name in ("Gus", "Abe"):
        false = tell(world, pens[name], "sunset", Sunset(AT), 1)
        for speaker in ("Ada", "Ben"):
            tell(world, pens[speaker], "sunset-agree", SunsetAgree(false.id), 1)
    early = pens["Ada"].write("sunset", Sunset(AT), 1)
    tell(world, pens["Ben"], "sunset-agree", SunsetAgree(early.id), 1, alone=True)
    world.say(pens["Ada"], early)
    world.settle()
    first = tell(world, pens["Ada"], "sunset", Sunset(AT), 1)
    for name, at in (("Gus", 2), ("Abe", 2), ("Ada", 2), ("Ben", AT)):
        tell(world, pens[name], "sunset-agree", SunsetAgree(first.id), at)
    assert in_any_order(world, pens["Ben"], shown) is None
    second = tell(world, pens["Ben"], "sunset", Sunset(AT + 5), 3)
    tell(world, pens["Ada"], "sunset-agree", SunsetAgree(second.id), 4)
    assert in_any_order(world, pens["Gus"], shown) == (State.BEFORE, AT + 5, ("A", "B"))
    third = tell(world, pens["Ada"], "sunset", Sunset(AT + 9), 5)
    assert in_any_order(world, pens["Gus"], shown) == (State.BEFORE, AT + 5, ("A", "B"))
    tell(world, pens["Ben"], "sunset-agree", SunsetAgree(third.id), 6)
    assert in_any_order(world, pens["Ada"], shown) == (State.BEFORE, AT + 9, ("A", "B"))


def test_silence_is_pause_and_one_side_alone_does_not_go_on() -> None:
    world, pens, target = agreed()
    log = log_of(pens["Ada"])
    assert shown(log, AT - 1) == (State.BEFORE, AT, ("A", "B"))
    assert shown(log) == (State.PAUSED, AT, ("A", "B"))
    for name in ("Ada", "Gus", "Abe"):
        tell(world, pens[name], "sunset-choice", choice(target, "continue", AT + 50), AT)
    assert in_any_order(world, pens["Gus"], shown) == (State.PAUSED, AT, ("B",))
    tell(world, pens["Ben"], "sunset-choice", choice(target, "surface"), AT)
    assert in_any_order(world, pens["Gus"], shown) == (State.PAUSED, AT, ())


def test_all_sides_go_on_until_the_earliest_time_that_one_of_them_named_and_then_choose_again() -> None:
    world, pens, target = agreed()
    log = log_of(pens["Gus"])
    tell(world, pens["Ada"], "sunset-choice", choice(target, "continue", AT + 50), 50)
    tell(world, pens["Ben"], "sunset-choice", choice(target, "continue", AT + 20), 50)
    assert in_any_order(world, pens["Gus"], shown) == (State.CONTINUE, AT + 20, ("A", "B"))
    tell(world, pens["Ada"], "sunset-choice", choice(target, "pause"), AT + 1)
    assert shown(log, AT + 19) == (State.CONTINUE, AT + 20, ("A", "B")), "what is settled is not chosen again"
    assert shown(log, AT + 20) == (State.PAUSED, AT + 20, ("A", "B"))
    for name in ("Ada", "Ben"):
        tell(world, pens[name], "sunset-choice", choice(target, "surface", due=AT + 20), AT + 21)
    assert shown(log, AT + 20) == (State.SURFACE, AT + 20, ())


def test_any_sides_close_closes_at_the_time_and_not_before_and_nobody_takes_it_back() -> None:
    world, pens, target = agreed()
    tell(world, pens["Gus"], "sunset-choice", choice(target, "close"), 3)
    tell(world, pens["Ben"], "sunset-choice", choice(target, "close"), 3)
    tell(world, pens["Ben"], "sunset-choice", choice(target, "continue", AT + 9), 4)
    tell(world, pens["Ada"], "sunset-choice", choice(target, "continue", AT + 9), 4)
    log = log_of(pens["Ada"])
    assert shown(log, AT - 1) == (State.BEFORE, AT, ("A",))
    assert in_any_order(world, pens["Gus"], shown) == (State.CLOSED, AT, ("A",))


def test_a_side_that_came_after_a_sunset_was_agreed_has_no_say_in_it() -> None:
    world, pens, target = agreed()
    carl = come(world, "Carl", "C", "principal")
    tell(world, carl, "sunset-choice", choice(target, "close"), 5)
    for name in ("Ada", "Ben"):
        tell(world, pens[name], "sunset-choice", choice(target, "continue", AT + 9), 6)
    assert in_any_order(world, pens["Ada"], shown) == (State.CONTINUE, AT + 9, ("A", "B"))
    late = tell(world, pens["Ada"], "sunset", Sunset(AT + 50), 7)
    tell(world, pens["Ben"], "sunset-agree", SunsetAgree(late.id), 8)
    assert shown(log_of(pens["Ben"]), AT + 1) == (State.CONTINUE, AT + 9, ("A", "B")), (
        "from now on it takes three"
    )


@settings(max_examples=300 if DEEP else 6, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_crosses_every_desk_reads_the_same_sunset_in_any_order_of_arrival(seed: int) -> None:
    world, pens, target = agreed()
    world.rng = rng = random.Random(seed)
    for at in range(3, 15):
        pen = rng.choice(list(pens.values()))
        due = rng.choice((AT, AT + 5))
        said: list[tuple[str, Record]] = [
            ("sunset-choice", choice(target, "continue", due + 5, due)),
            ("sunset-choice", choice(target, rng.choice(("pause", "surface", "close")), None, due)),
            ("sunset", Sunset(AT + at)),
            (
                "sunset-agree",
                SunsetAgree(rng.choice([sheet.id for sheet in world.sheets if sheet.event.kind == "sunset"])),
            ),
        ]
        tell(world, pen, *rng.choice(said), at, alone=True)
        world.deliver(rng.randint(0, 3))
    world.settle()

    def states(log: Log) -> list[Any]:
        return [shown(log, now) for now in (AT - 1, AT, AT + 5, AT + 10, AT + 30)]

    told = [in_any_order(world, pen, states, times=2) for pen in pens.values()]
    assert all(one == told[0] for one in told)


def paused(folder: Path) -> tuple[Stage, Seat, Seat]:
    stage = in_talks(folder, "anna", "boris")
    anna, boris = stage.seats.values()
    target = sunsets.propose(anna.room, stage.now + DAY_MS, stage.now).id
    stage.settle()
    sunsets.agree(boris.room, target, stage.now)
    stage.settle()
    anna.show("before")
    stage.now += DAY_MS
    stage.settle()
    return stage, anna, boris


def test_a_paused_room_refuses_papers_and_takes_choices_and_goes_on_when_all_have_chosen(
    tmp_path: Path,
) -> None:
    stage, anna, boris = paused(tmp_path)
    with pytest.raises(Blocked, match="waits for A and B"):
        anna.show("too late")
    with pytest.raises(Refused, match="--until"):
        sunsets.choose(anna.room, Choice.CONTINUE, None, stage.now)
    with pytest.raises(Refused, match="--until"):
        sunsets.choose(anna.room, Choice.PAUSE, stage.now + 1, stage.now)
    with pytest.raises(Refused, match="name a time after"):
        sunsets.choose(anna.room, Choice.CONTINUE, stage.now, stage.now)
    sunsets.choose(anna.room, Choice.CONTINUE, stage.now + DAY_MS, stage.now)
    with pytest.raises(Blocked, match="waits for B"):
        anna.show("too early")
    acts.withdraw(
        anna.room,
        next(eid for eid, one in anna.room.log.entries.items() if one.event.kind == "paper"),
        stage.now,
    )
    stage.settle()
    sunsets.choose(boris.room, Choice.CONTINUE, stage.now + 2 * DAY_MS, stage.now)
    stage.settle()
    for seat in (anna, boris):
        seat.show("on we go")
    stage.now += DAY_MS
    with pytest.raises(Blocked):
        anna.show("again too late")
    stage.close()


def test_a_closed_room_opens_only_when_every_side_agrees_to_a_new_sunset(tmp_path: Path) -> None:
    stage, anna, boris = paused(tmp_path)
    sunsets.choose(boris.room, Choice.CLOSE, None, stage.now)
    stage.settle()
    for seat in (anna, boris):
        with pytest.raises(Refused, match="B closed this room"):
            seat.show("once more")
        with pytest.raises(Refused, match="B closed this room"):
            sunsets.choose(seat.room, Choice.PAUSE, None, stage.now)
    target = sunsets.propose(anna.room, stage.now + DAY_MS, stage.now).id
    stage.settle()
    with pytest.raises(Refused):
        anna.show("once more")
    sunsets.agree(boris.room, target, stage.now)
    stage.settle()
    anna.show("once more")
    stage.close()


def test_a_paper_that_a_modified_desk_says_in_a_paused_room_is_marked_and_the_pause_outlives_all_words(
    tmp_path: Path,
) -> None:
    stage, anna, boris = paused(tmp_path)
    with anna.room.changing():
        late = say(anna.room, "paper", encode(paper("late")), stage.now, item=True)
    stage.settle()
    early = next(
        one for one in boris.room.log.entries.values() if one.event.kind == "paper" and one.id != late.id
    )
    assert while_paused(boris.room, boris.room.entry(late.id))
    assert not while_paused(boris.room, early)
    stage.now += 200 * DAY_MS
    stage.settle()
    for seat in (anna, boris):
        seat.reopen()
        with pytest.raises(Blocked):
            seat.show("years later")
    stage.close()


def test_a_paper_by_somebody_who_had_not_seen_the_sunset_agreed_is_not_marked(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats.values()
    target = sunsets.propose(anna.room, stage.now + 9, stage.now).id
    stage.settle()
    sunsets.agree(boris.room, target, stage.now)
    stage.now += 10
    crossed = anna.show("unaware")
    stage.settle()
    assert not while_paused(boris.room, boris.room.entry(crossed.id))
    stage.close()


def test_what_makes_no_sense_of_a_sunset_is_refused_in_a_sentence(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats.values()
    with pytest.raises(Refused, match="No sunset stands"):
        sunsets.choose(anna.room, Choice.PAUSE, None, stage.now)
    with pytest.raises(Refused, match="passed already"):
        sunsets.propose(anna.room, stage.now, stage.now)
    with pytest.raises(Refused, match="no such sunset"):
        sunsets.agree(anna.room, anna.room.log.root, stage.now)
    target = sunsets.propose(anna.room, stage.now + 9, stage.now).id
    stage.settle()
    with pytest.raises(Refused, match="A has agreed to this already"):
        sunsets.agree(anna.room, target, stage.now)
    with pytest.raises(Refused, match="has passed"):
        sunsets.agree(boris.room, target, stage.now + 9)
    sunsets.agree(boris.room, target, stage.now)
    stage.settle()
    for seat in (anna, boris):
        sunsets.choose(seat.room, Choice.CONTINUE, stage.now + 20, stage.now)
        stage.settle()
    with pytest.raises(Refused, match="settled already"):
        sunsets.choose(anna.room, Choice.PAUSE, None, stage.now)
    stage.close()
