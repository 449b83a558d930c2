"""One play from beginning to end: the stage is set, the rows are played, the desks are asked, what is kept is kept."""

from pathlib import Path

from backchannel.plays import scenes
from backchannel.plays.case import Case
from backchannel.plays.clock import PlayClock
from backchannel.plays.kept import leave
from backchannel.plays.looks import Looks
from backchannel.plays.outcome import Outcome, outcome
from backchannel.plays.runner import DAY_MS, Runner
from backchannel.plays.stage import stage


async def play(
    case: Case, *, keep: Path | None = None, tell: scenes.Tell = scenes.silent, raw: bool = False
) -> Outcome:
    """Play a case; with `raw` the desks open with a key in place of a passphrase, which is quicker."""
    clock = PlayClock(case.timeline[0].at_ms - DAY_MS)
    async with stage(keep, clock) as here:
        people = [person for person in case.people.values() if person.desk]
        await here.open_desks(people, raw=raw)
        tell(scenes.Set(len(people)))
        played = await Runner(case, here, tell).play()
        looks = Looks(case, here.seats, played.tables, played.end_ms)
        shown = outcome(looks, played)
        if keep is not None:
            leave(here, case, played.tables)
        return shown
