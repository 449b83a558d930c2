"""Sound examples of every kind of event about time and confidence, and the parsers that take them."""

from functools import partial

from backchannel.moves import (
    clock,
    consent,
    impasse,
    interest,
    need_to_know,
    ratification,
    script,
    standby,
    sunset,
)
from backchannel.wire.codec import Record

ZERO = bytes(32)
LONG_AGO = -300_000_000_000
MOVES = (clock, consent, impasse, interest, need_to_know, ratification, script, standby, sunset)
PARSERS = [partial(move.parse, kind) for move in MOVES for kind in move.KINDS]
SAMPLES: list[Record] = [
    clock.Clock("The vote", LONG_AGO, ("A",), hard=True),
    clock.ClockDrop(ZERO),
    consent.ConsentAsk("What is said of roads", (ZERO,)),
    consent.ConsentGive(ZERO),
    consent.ConsentRefuse(ZERO),
    interest.Interest("A ferry of their own"),
    impasse.Impasse("Stuck", "narrower-question", "Turkey"),
    impasse.ImpasseLift(ZERO),
    need_to_know.NeedToKnow(ZERO, ("Ann",)),
    ratification.RatifyAsk(ZERO, "The text of May", 7),
    ratification.RatifyResult(ZERO, ratified=False, text="The council said no"),
    script.Script(("A word is said", "Gate=open")),
    script.ScriptAgree(ZERO),
    script.ScriptStep(ZERO, 1, ZERO),
    script.ScriptGoOn(ZERO),
    standby.Standby(ZERO, "a call", "Secretary", "text"),
    standby.StandbySignal(ZERO),
    standby.StandbyRelease(ZERO),
    standby.StandbyCancel(ZERO, ZERO),
    sunset.Sunset(LONG_AGO),
    sunset.SunsetAgree(ZERO),
    sunset.SunsetChoice(ZERO, 1, "continue", 2),
]
