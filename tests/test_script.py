"""Scripts: what comes as pinned, what departs in words or order, and that nobody goes on before every side says so."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.desk import scripts
from backchannel.desk.pledge import report
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.paper import Term
from backchannel.moves.script import How, Script, ScriptAgree, ScriptGoOn, ScriptStep, parse, standing
from backchannel.wire.codec import encode
from circle import Circle
from desks import in_talks
from pens import paper

STEPS = ("The gate is opened.", "dues=half", "Both say so.")


@pytest.mark.parametrize("steps", [(), ("",), (" ",), ("x" * 2_001,), ("x",) * 65])
def test_a_script_out_of_its_bounds_is_refused(steps: tuple[str, ...]) -> None:
    parse("script", encode(Script(STEPS)))
    with pytest.raises(Violation, match="script"):
        parse("script", encode(Script(steps)))


def came(room: Circle) -> list[How]:
    (found,) = {
        tuple(tuple(one.how for one in script.came) for script in standing(room.log(name)))
        for name in room.pens
    }
    return [how for script in found for how in script]


def alarms(room: Circle) -> set[int]:
    return {one.number for script in standing(room.log()) for one in script.alarms}


def test_what_comes_is_judged_by_its_words_and_its_order_alike_on_every_desk() -> None:
    room = Circle("Ada A principal", "Ben B principal", "Oda O observer")
    room.say("Oda", "script", Script(("Nobody speaks through Oda.",)))
    pinned = room.say("Ada", "script", Script(STEPS))
    room.say("Ben", "script-agree", ScriptAgree(pinned))
    first = room.say("Ada", "paper", paper(" The gate is opened. "))
    stated = replace(paper("We take half."), terms=(Term("dues", "half"),))
    second = room.say("Ben", "paper", stated)
    room.say("Oda", "script-step", ScriptStep(pinned, 1, first))
    room.say("Oda", "script-step", ScriptStep(pinned, 2, second))
    room.say("Oda", "script-step", ScriptStep(pinned, 2, first))
    assert came(room) == [How.PINNED, How.PINNED]
    room.say("Ada", "script-step", ScriptStep(pinned, 3, second))
    assert came(room) == [How.PINNED, How.PINNED, How.WORDS]
    assert alarms(room) == {3}


def test_an_alarm_stands_until_every_side_goes_on_and_nobody_goes_on_for_another() -> None:
    room = Circle("Ada A principal", "Ben B principal", "Oda O observer")
    pinned = room.say("Ada", "script", Script(STEPS))
    item = room.say("Ada", "paper", paper("dues are something else"))
    step = room.say("Ada", "script-step", ScriptStep(pinned, 2, item))
    assert came(room) == [How.ORDER]
    for who in ("Oda", "Ada", "Ada"):
        room.say(who, "script-go-on", ScriptGoOn(step))
    assert alarms(room) == {2}
    room.say("Ben", "script-go-on", ScriptGoOn(step))
    assert alarms(room) == set()
    assert came(room) == [How.ORDER]


def test_a_desk_takes_no_step_while_an_alarm_stands(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = (stage.seats[name] for name in ("anna", "boris"))
    pinned = scripts.pin(anna.room, STEPS, anna.now).id
    deed = report(anna.room, "no item of the talk", anna.now, now=anna.now).id
    stage.settle()
    with pytest.raises(Blocked, match="not pinned"):
        scripts.step(anna.room, pinned, None, deed, anna.now)
    scripts.agree(boris.room, pinned, boris.now)
    stage.settle()
    scripts.step(boris.room, pinned, None, deed, boris.now)
    stage.settle()
    with pytest.raises(Blocked, match="Step 1"):
        scripts.step(anna.room, pinned, None, deed, anna.now)
    scripts.go_on(anna.room, pinned, anna.now)
    stage.settle()
    with pytest.raises(Refused, match="Your side has gone on already"):
        scripts.go_on(anna.room, pinned, anna.now)
    with pytest.raises(Blocked, match="Step 1"):
        scripts.step(boris.room, pinned, None, deed, boris.now)
    scripts.go_on(boris.room, pinned, boris.now)
    with pytest.raises(Refused, match="no step 1"):
        scripts.step(boris.room, pinned, 1, deed, boris.now)
    scripts.step(boris.room, pinned, None, deed, boris.now)
    assert [one.how for one in standing(boris.room.log)[0].came] == [How.UNREADABLE, How.UNREADABLE]
    stage.close()
