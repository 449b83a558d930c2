"""One play from beginning to end: the stage is set, the rows are played, the desks are asked, what is kept is kept."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from backchannel.plays import scenes
from backchannel.plays.case import Case, Expectation
from backchannel.plays.clock import PlayClock
from backchannel.plays.enact.floor import DAY_MS
from backchannel.plays.kept import how, leave
from backchannel.plays.looks import Looks, Tried
from backchannel.plays.narrator import Narrator
from backchannel.plays.outcome import Outcome, outcome
from backchannel.plays.runner import Runner
from backchannel.plays.second import askings, let_out, tight, withheld
from backchannel.plays.stage import stage
from backchannel.plays.tables import called_apart
from backchannel.plays.what_if import asked, what_if


async def play(
    case: Case,
    *,
    keep: Path | None = None,
    narrator: Narrator | None = None,
    tell: scenes.Tell = scenes.silent,
    raw: bool = False,
) -> Outcome:
    """Play a case; with `raw` the desks open with a key in place of a passphrase, which is quicker."""
    case = called_apart(case)
    clock = PlayClock(case.timeline[0].at_ms - DAY_MS)
    async with stage(keep, clock) as here, AsyncExitStack() as others:
        people = [person for person in case.people.values() if person.desk]
        told = tell if narrator is None else narrator.tell
        told(scenes.Setting(len(people)))
        await here.open_desks(people, raw=raw)
        told(scenes.Set(here))
        runner = Runner(case, here, told)
        played = await runner.play()
        what_ifs = {
            wanted: await others.enter_async_context(what_if(case, wanted, keep, told, raw=raw))
            for wanted in asked(case)
            if not set(wanted.on) & set(played.skipped)
        }
        tried: dict[Expectation, Tried] = {}
        for wanted, found in askings(case):
            done = runner.floor.asked.get(found.row.n)
            if done is not None and not done.missing:
                second = withheld(case, wanted, found, joint=bool(done.joint), raw=raw)
                shown_there = await others.enter_async_context(second)
                tried |= {} if shown_there is None else {wanted: shown_there}
        leaked = {
            wanted: await others.enter_async_context(let_out(case, wanted, raw=raw)) for wanted in tight(case)
        }
        looks = Looks(
            case,
            here.seats,
            played.tables,
            played.end_ms,
            what_ifs=what_ifs,
            glimpses=played.glimpses,
            leaked=leaked,
            tried=tried,
        )
        shown = outcome(looks, played)
        if narrator is not None:
            narrator.forge(played.tables)
            narrator.relay()
            narrator.end(shown)
        if keep is not None:
            shown = replace(shown, sealed=[str(here.sealed / name) for name in played.sealed])
            file = leave(case, here, played.tables)
            if narrator is not None:
                narrator.go_on(str(file), how(here, played.tables))
        return shown
