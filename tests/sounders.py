"""Sides of a sounding at one table: honest ones that save and send, and what liars need to make messages of their own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import msgspec

from backchannel.crypto.sounding.group import Random, random_scalars
from backchannel.crypto.sounding.kept import Kept, outgoing
from backchannel.crypto.sounding.message import (
    Message,
    Round,
    Slot,
    parse_message,
    session_public,
    written,
)
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.party import Party
from backchannel.errors import Violation
from backchannel.wire.codec import decode, encode

HEAD, NONCE = b"h" * 32, b"n" * 32


def stream(seed: object) -> Random:
    """Give a source of bytes that a seed fixes."""
    number = count()
    return lambda size: hashlib.shake_256(f"{seed}/{next(number)}".encode()).digest(size)


def params(sides: int, options: int, kind: Kind = Kind.ALL, batch: int = 0, poster: int = 0) -> Params:
    return Params(
        1,
        kind,
        tuple(b"side-%02d" % number for number in range(sides)),
        tuple(f"option {number}" for number in range(options)),
        256,
        batch,
        poster,
        False,
        (1, 2, 3),
        HEAD,
        NONCE,
        b"",
    )


@dataclass
class Side:
    """An honest desk: it takes, saves, and sends what it saved."""

    party: Party
    marks: Sequence[bool] | None
    saved: bytes = b""
    sent: int = 0

    def outbox(self) -> list[bytes]:
        self.saved = self.party.encode()
        said = outgoing(self.saved)
        fresh = said[self.sent :]
        self.sent = len(said)
        return list(fresh)


@dataclass
class Table:
    """A room that carries every message to all, in the order in which they were sent.

    A side with a twist lies: its software is honest, and the twist replaces each of its messages by what it sends instead, to all
    or only to some.
    """

    params: Params
    sides: dict[int, Side] = field(default_factory=dict)
    log: list[tuple[int, bytes]] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)
    twists: dict[int, Twist] = field(default_factory=dict)
    seed: object = ""
    refused: list[tuple[int, int]] = field(default_factory=list)  # by whom, and place in the log
    only: dict[int, set[int]] = field(
        default_factory=dict
    )  # messages, by place in the log, that not all are shown

    @classmethod
    def of(
        cls,
        params: Params,
        marks: Sequence[Sequence[bool] | None],
        twists: Mapping[int, Twist] | None = None,
        threads: int = 1,
        seed: object = "",
    ) -> Table:
        table = cls(params, twists=dict(twists or {}), seed=seed)
        for index, mark in enumerate(marks):
            party = Party.open(params, index, random=stream((seed, index)), threads=threads)
            table.sides[index] = Side(party, mark)
            table.taken[index] = 0
        for side in table.sides.values():
            if side.marks is not None:
                side.party.mark(side.marks)
        return table

    def says(self, author: int, data: bytes, to: set[int] | None = None) -> None:
        if to is not None:
            self.only[len(self.log)] = to
        self.log.append((author, data))

    def send(self) -> None:
        for index, side in self.sides.items():
            while True:
                party, fresh = side.party, side.outbox()
                for data in fresh:
                    if index not in self.twists:
                        self.says(index, data)
                        continue
                    for said in self.twists[index](Hand(self, index), parse_message(data)):
                        self.says(index, *((said,) if isinstance(said, bytes) else said))
                    if side.party is not party:  # it adopted its lie, and what it says next follows from that
                        break
                if side.party is party:
                    break

    def run(self, until: Callable[[], bool] = lambda: False) -> Table:
        """Carry messages until nobody has anything to say, or until something holds."""
        moved = True
        while moved and not until():
            self.send()
            moved = False
            for index, side in self.sides.items():
                while self.taken[index] < len(self.log):
                    at = self.taken[index]
                    author, data = self.log[at]
                    self.taken[index] += 1
                    moved = True
                    if author != index and index in self.only.get(at, {index}):
                        try:
                            side.party.take(data, author)
                        except Violation:
                            self.refused.append((index, at))
        return self

    def said(self, author: int, round_: Round, chunk: int = 0) -> Message:
        """Give what a side said in one place."""
        for sender, data in self.log:
            message = parse_message(data)
            if sender == author and message.slot == Slot(author, round_, chunk):
                return message
        raise LookupError(f"{author} said nothing in {round_}")


def plain(marks: Sequence[Sequence[bool]]) -> tuple[int, ...]:
    """Give the options that all accept, by looking."""
    return tuple(number for number, each in enumerate(zip(*marks, strict=True)) if all(each))


def random_marks(sides: int, options: int, seed: object) -> list[list[bool]]:
    draw = random.Random(str(seed))
    likely = draw.choice([0.5, 0.8, 0.97])
    return [[draw.random() < likely for _ in range(options)] for _ in range(sides)]


Twist = Callable[["Hand", Message], Iterable["bytes | tuple[bytes, set[int]]"]]


@dataclass
class Hand:
    """What a liar has: its own secrets, and all that was said."""

    table: Table
    index: int

    @property
    def party(self) -> Party:
        return self.table.sides[self.index].party

    @property
    def kept(self) -> Kept:
        """Its software's state; keys are gone from it once they are used."""
        return decode(self.party.encode(), Kept)

    def sign(self, message: Message, **changes: object) -> bytes:
        """Give its message with other fields, signed by its session key."""
        session = secrets_of(self.table.seed, self.index)[1]
        changed = msgspec.structs.replace(message, **changes)
        return encode(written(changed.sid, changed.slot, changed.prev, changed.body, session))

    def adopt(self, data: bytes) -> bytes:
        """Go on as if one had honestly said this; gives it back."""
        said, kept = parse_message(data), self.kept
        part, session = secrets_of(self.table.seed, self.index)
        held = [
            one
            for one in kept.held
            if parse_message(one).sender != self.index or parse_message(one).round < said.round
        ]
        kept = msgspec.structs.replace(
            kept, held=(*held, data), live=True, part=part, session_seed=session, ended=None
        )
        side = self.table.sides[self.index]
        side.party = Party.resume(encode(kept), 0, random=stream(data), threads=1)
        side.party._forward()
        side.sent = len(outgoing(side.party.encode())) - sum(
            parse_message(one).round > said.round for one in outgoing(side.party.encode())
        )
        return data


def secrets_of(seed: object, index: int) -> tuple[bytes, bytes]:
    """Give the key and the session seed that a side of a table draws."""
    random = stream((seed, index))
    (part,) = random_scalars(1, random)
    return part, random(32)


@dataclass(frozen=True)
class Juncture:
    """An honest side's saved state just before it takes a message of the other, and that message."""

    saved: bytes
    message: Message
    session: bytes  # the other's session seed

    def resumed(self) -> Party:
        return Party.resume(self.saved, 0, random=stream("resumed"), threads=1)

    def with_body(self, body: bytes) -> bytes:
        """Give the message with another body, soundly signed."""
        message = self.message
        if message.round is Round.KEYS:
            body = body[:32] + session_public(self.session) + body[64:]
        return encode(written(message.sid, message.slot, message.prev, body, self.session))


def junctures(options: int = 2) -> list[Juncture]:
    """Give every moment at which an honest side of two takes a message, in every kind."""
    found = []
    for kind, batch, poster in (
        (Kind.ALL, 0, 0),
        (Kind.FIRST, 1, 0),
        (Kind.DRAWN, 1, 0),
        (Kind.THRESHOLD, 0, 0),
        (Kind.THRESHOLD, 0, 1),
    ):
        what = params(2, options, kind, batch, poster)
        honest, other = (Party.open(what, index, random=stream(index), threads=1) for index in (0, 1))
        for side in (honest, other):
            side.mark([True] * options)
        session = decode(other.encode(), Kept).session_seed
        heard = {0: 0, 1: 0}
        while heard[0] < len(said := outgoing(other.encode())) or heard[1] < len(outgoing(honest.encode())):
            if heard[0] < len(said):
                data = said[heard[0]]
                found.append(Juncture(honest.encode(), parse_message(data), session))
                honest.take(data, 1)
                heard[0] += 1
            for data in outgoing(honest.encode())[heard[1] :]:
                other.take(data, 0)
                heard[1] += 1
    return found
