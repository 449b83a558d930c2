"""People who have met in one room and say things to each other, without desks: for what stands by what they said."""

import random

from backchannel.channel.event import EventId
from backchannel.channel.log import Log
from backchannel.channel.members import Approve, Request
from backchannel.moves.paper import ITEMS
from backchannel.wire.codec import Record, encode
from pens import Pen, World, credential, founded


class Circle:
    """A room of people written `name side role`; each says things, and everyone has them at once unless `post` is off."""

    def __init__(self, *people: str) -> None:
        self.world = World(random.Random(1))
        self.pens: dict[str, Pen] = {}
        self.at, self.post = 0, True
        for one in people:
            name, side, role = one.split()
            self.bring(name, side, role)

    def bring(self, name: str, side: str, role: str) -> None:
        who = credential(name, side, role)
        if not self.pens:
            founder, first = founded(who)
            self.world.pens.append(founder)
            self.world.sheets.append(first)
            self.pens[name] = founder
            return
        host = self.world.pens[0]
        self.world.pens.append(Pen(who))
        self.pens[name] = self.world.pens[-1]
        self.world.say(host, host.write("request", Request(encode(who)), self.at))
        self.world.settle()
        for pen in [known for known in self.world.pens if known.seated]:
            assert pen.log is not None
            for motion in pen.log.seating().motions.values():
                if not motion.carried:
                    self.world.say(pen, pen.write("approve", Approve(motion.id), self.at))
        self.world.settle()
        assert self.pens[name].seated

    def say(self, name: str, kind: str, body: Record, at: int | None = None) -> EventId:
        self.at += 1_000
        written = self.pens[name].write(kind, body, self.at if at is None else at, item=kind in ITEMS)
        self.world.say(self.pens[name], written)
        if self.post:
            self.world.settle()
        return written.id

    def log(self, name: str = "") -> Log:
        log = (self.pens[name] if name else self.world.pens[0]).log
        assert log is not None
        return log
