"""What a person does about a script: pin its steps, agree to them, say what came, and go on in spite of a departure."""

from collections.abc import Sequence

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import binding
from backchannel.errors import Blocked, Expired, Refused
from backchannel.moves.script import Pinned, Script, ScriptAgree, ScriptGoOn, Scripts, ScriptStep
from backchannel.said import said


def pin(room: Room, steps: Sequence[str], now: int) -> Entry:
    """Pin steps in their words and their order; for one's own side that is the yes."""
    binding(room, now)
    return act(room, "script", Script(tuple(step.strip() for step in steps)), now)


def agree(room: Room, target: EventId, now: int) -> Entry:
    """Say one's side's yes to the steps as they stand."""
    side, script = binding(room, now), _script(room, target)
    if side in script.agreed:
        raise Refused("Your side has agreed to this script already.")
    return act(room, "script-agree", ScriptAgree(target), now)


def step(room: Room, target: EventId, number: int | None, item: EventId, now: int) -> Entry:
    """Say that an item came as a step, the next one if no number is given; refused while an alarm stands."""
    may_act(room)
    script = _script(room, target)
    assert script.body is not None
    if not script.agreed_by_all:
        waits = " and ".join(sorted(set(script.sides) - set(script.agreed)))
        raise Blocked(said("This script is not pinned yet; {waits} has not agreed.", waits=waits))
    if script.alarms:
        raise Blocked(
            said(
                "Step {number} came otherwise than it was pinned. Nobody goes on before every side says so with"
                " `backchannel desk script go-on`.",
                number=script.alarms[0].number,
            )
        )
    chosen = script.next if number is None else number
    if not 0 < chosen <= len(script.body.steps) or chosen in {one.number for one in script.came}:
        raise Refused(said("There is no step {number} that is still to come.", number=chosen))
    return act(room, "script-step", ScriptStep(target, chosen, item), now)


def go_on(room: Room, target: EventId, now: int) -> Entry:
    """Say for one's side that one goes on in spite of what departs from a script."""
    side, script = binding(room, now), _script(room, target)
    waiting = [one for one in script.alarms if side not in one.gone_on]
    if not waiting:
        raise Refused("Your side has gone on already in spite of all that departs from this script.")
    return act(room, "script-go-on", ScriptGoOn(waiting[0].entry.id), now)


def _script(room: Room, target: EventId) -> Pinned:
    found = read(room.log, Scripts)
    if target not in found.pinned:
        raise Refused("There is no such script in this room; see `backchannel desk script show`.")
    script = found.script(target)
    if script.body is None:
        raise Expired("The words of this script have gone; pin its steps again.")
    return script
