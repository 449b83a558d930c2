"""People who promise each other things in a room without desks."""

import random
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from backchannel.channel.event import EventId
from backchannel.channel.log import Log
from backchannel.moves import pledge, understanding
from backchannel.moves.deed import Deed, DeedReading, PromiseBroken
from backchannel.moves.pledge import Pledge, PledgeAcknowledge, Pledged, PledgeRelease
from backchannel.moves.promise import Fate
from backchannel.moves.publication import LetLapse, Published
from backchannel.moves.understanding import Understanding, UnderstandingConfirm, UnderstandingOffer
from backchannel.wire.codec import Record
from pens import Pen, World, scattered, seated

PLEDGE = Pledge(("B",), "The bases go.", 100, "", "election", (), (), ())


@dataclass
class Table:
    """A world in which everything said reaches everybody at once, unless somebody is out of the room."""

    world: World
    at: int = 10
    out: list[Pen] = field(default_factory=list)

    @classmethod
    def of(cls, *people: tuple[str, str, str]) -> "Table":
        if not people:
            people = (("Ada", "A", "principal"), ("Ben", "B", "principal"))
        return cls(seated(random.Random(1), *people))

    def __getitem__(self, name: str) -> Pen:
        return next(pen for pen in self.world.pens if pen.credential.name == name)

    def say(
        self,
        name: str,
        kind: str,
        body: Record,
        at: int | None = None,
        *,
        cross: bool = False,
        void: bool = False,
    ) -> EventId:
        """Let somebody say something; if it crosses, nobody has it before `meet`; if it is void, it does not stand."""
        self.at += 1
        pen = self[name]
        other: dict[str, Any] = {"audience": bytes(32)} if void else {}
        written = pen.write(kind, body, self.at if at is None else at, **other)
        self.world.say(pen, written)
        assert pen.log is not None
        assert (pen.log.entries[written.id].void is not None) == void
        if not cross:
            self.meet()
        return written.id

    def meet(self) -> None:
        self.world.settle()

    def pledge(self, name: str = "Ada", body: Pledge = PLEDGE, *, bound: str = "Ben") -> EventId:
        """Let somebody pledge, and somebody else acknowledge it at once."""
        made = self.say(name, "pledge", body)
        if bound:
            self.say(bound, "pledge-acknowledge", PledgeAcknowledge(made))
        return made

    def understanding(self, lapse: str = "election", due: int | None = 100) -> EventId:
        offered = self.say(
            "Ada", "understanding-offer", UnderstandingOffer("Bases", ("A", "B"), due, lapse, None)
        )
        self.say("Ben", "understanding-confirm", UnderstandingConfirm(offered))
        return offered

    def deed(
        self, name: str, *promises: EventId, happened: int = 50, by: str | None = None, cross: bool = False
    ) -> EventId:
        return self.say(name, "deed", Deed(tuple(promises), None, by, happened, "Done."), cross=cross)

    def read(self, name: str, deed: EventId, how: str, *, cross: bool = False) -> EventId:
        return self.say(name, "deed-read", DeedReading(deed, how, ""), cross=cross)

    def broken(self, name: str, promise: EventId, at: int | None = None) -> EventId:
        return self.say(name, "promise-broken", PromiseBroken(promise, ""), at)

    def release(self, name: str, promise: EventId) -> EventId:
        return self.say(name, "pledge-release", PledgeRelease(promise))

    def published(self, name: str, target: EventId, by: str | None = None, *, cross: bool = False) -> EventId:
        return self.say(name, "published", Published(target, by, "a newspaper", 5), cross=cross)

    def lapse(self, name: str, target: EventId, *, cross: bool = False) -> EventId:
        return self.say(name, "lapse", LetLapse(target), cross=cross)

    def stands(self, target: EventId, now: int = 50) -> Pledged | Understanding:
        """How a promise stands, which is the same at every desk and for any order of arrival."""
        found = [standing(pen.log, target, now) for pen in self.world.pens if pen.log is not None]
        first = self.world.pens[0].log
        assert first is not None
        for seed in range(3):
            again = scattered(first, self.world.sheets, random.Random(seed))
            found.append(standing(again, target, now))
        assert len({str(facts(one)) for one in found}) == 1
        return found[0]

    def status(self, target: EventId, now: int = 50) -> str:
        return self.stands(target, now).status.value


def standing(log: Log, target: EventId, now: int) -> Pledged | Understanding:
    known: dict[EventId, Pledged | Understanding] = {
        **pledge.standing(log, now),
        **understanding.standing(log),
    }
    return known[target]


def facts(found: Pledged | Understanding) -> object:
    """What is the same on every desk."""
    said = found.acknowledged if isinstance(found, Pledged) else found.confirmed
    words = sorted(((side, entry.id.hex()) for side, entry in said.items()), key=itemgetter(0))
    more = (
        (found.blocked, [one.entry.id for one in found.early]) if isinstance(found, Pledged) else found.awaits
    )
    return found.status, words, fate_facts(found.fate), more


def fate_facts(fate: Fate) -> object:
    ended = None if fate.ended is None else (fate.ended.entry.id, fate.ended.why, fate.ended.side)
    deeds = [(done.entry.id, [(one.entry.id, one.how) for one in done.readings]) for done in fate.deeds]
    return fate.word, fate.as_side, fate.kept_at, ended, deeds, [one.entry.id for one in fate.reports]
