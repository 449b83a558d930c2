"""What all sides of a sounding have stated so far, what is awaited next, and whether a statement is sound.

Everything here is public to the sides: no secret enters, and a watcher reads the same result (docs/spec/sounding.md 3 to 8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Self

from backchannel.crypto.sounding import limits
from backchannel.crypto.sounding.group import Point, add, name, total
from backchannel.crypto.sounding.inputs import Place, check_inputs, committed
from backchannel.crypto.sounding.keys import JointKeys, check_keys, joined
from backchannel.crypto.sounding.message import Message, Round, Slot
from backchannel.crypto.sounding.order import drawn_order, order_base
from backchannel.crypto.sounding.params import Kind, Params, option_bases
from backchannel.crypto.sounding.same_log import check_multiples
from backchannel.errors import Violation
from backchannel.wire.codec import Record

PAIR = 2


def deadline_of(round_: Round) -> int:
    """Give which of the three deadlines messages of a round have."""
    return {Round.KEYS: 0, Round.ORDER: 2, Round.SHARES: 2}.get(round_, 1)


class Stage(NamedTuple):
    """What is awaited: messages of one round, which name what came before it, one for each slot."""

    round: Round
    prev: bytes
    wanted: tuple[Slot, ...]


class Parent(Record, frozen=True):
    """What a re-run repeats: the bases' name and the inputs of each remaining side, chunk by chunk, as they were signed."""

    keys_name: bytes
    inputs: tuple[tuple[bytes, ...], ...]
    bodies: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a sounding gave: the numbers of the options that all accept, and for limits whether they meet."""

    joint: tuple[int, ...]
    meet: bool
    among: tuple[bytes, ...]
    partial: bool  # a re-run without somebody
    drawn: int | None = None  # of kind drawn: the option that was drawn, accepted or not


@dataclass(slots=True)
class _Made:
    """What follows from messages that are held and cannot change any more."""

    keys: JointKeys | None = None
    bases: list[Point] | None = None
    inputs_name: bytes | None = None
    order: list[int] | None = None
    opened: dict[int, tuple[int, ...]] = field(default_factory=dict)
    sums: dict[int, tuple[list[Point], list[Point]]] = field(default_factory=dict)


class Transcript:
    """The sound messages of one sounding; a value, from which the next is made by `with_message`."""

    __slots__ = ("_made", "awaited", "held", "params", "parent", "sid")

    def __init__(self, params: Params, parent: Parent | None = None, before: Self | None = None) -> None:
        """Begin; or go on from `before`, of the same sounding."""
        self.params, self.parent = params, parent
        self.sid: bytes = before.sid if before else params.sid
        self.held: Mapping[Slot, Message] = before.held if before else MappingProxyType({})
        self._made: _Made = before.made if before else _Made()
        self.awaited: tuple[Stage | None] | None = None  # once it has been looked for

    def with_messages(self, messages: Iterable[Message]) -> Self:
        """Give the transcript with more messages, which were checked."""
        after = type(self)(self.params, self.parent, self)
        after.held = MappingProxyType({**self.held, **{message.slot: message for message in messages}})
        # what is awaited follows from what is held, so while some of it is lacking it stays the same
        if self.awaited and self.awaited[0] and not after.all_held(self.awaited[0].wanted):
            after.awaited = self.awaited
        return after

    @property
    def made(self) -> _Made:
        """A copy of what follows from what is held."""
        one = self._made
        return _Made(one.keys, one.bases, one.inputs_name, one.order, dict(one.opened), dict(one.sums))

    @property
    def sides(self) -> range:
        return range(len(self.params.sides))

    def _slots(self, round_: Round, chunks: int = 1) -> tuple[Slot, ...]:
        return tuple(Slot(side, round_, chunk) for side in self.sides for chunk in range(chunks))

    def all_held(self, slots: Iterable[Slot]) -> bool:
        return all(slot in self.held for slot in slots)

    def _body(self, side: int, round_: Round, chunk: int = 0) -> bytes:
        return self.held[Slot(side, round_, chunk)].body

    @property
    def has_keys(self) -> bool:
        return self.all_held(self._slots(Round.KEYS))

    @property
    def keys(self) -> JointKeys:
        """The keys of all sides; only once all are held."""
        if self._made.keys is None:
            self._made.keys = joined(self.sid, [self._body(side, Round.KEYS) for side in self.sides])
        return self._made.keys

    @property
    def bases(self) -> list[Point]:
        if self._made.bases is None:
            keys_name = self.parent.keys_name if self.parent else self.keys.name
            self._made.bases = option_bases(keys_name, len(self.params.options))
        return self._made.bases

    @property
    def posted_name(self) -> bytes:
        """The name of a posted vector, which the choice follows."""
        return name("posted", self.keys.name, self._body(self.params.poster, Round.INPUTS))

    @property
    def inputs_name(self) -> bytes:
        """The name of all inputs; only once all are held."""
        if self._made.inputs_name is None:
            params = self.params
            if params.kind is Kind.THRESHOLD:
                bodies = [
                    self._body(params.poster, Round.INPUTS),
                    self._body(1 - params.poster, Round.CHOICE),
                ]
            else:
                bodies = [
                    name(
                        "inputs-side",
                        *(self._body(side, Round.INPUTS, chunk) for chunk in range(params.chunks)),
                    )
                    for side in self.sides
                ]
            self._made.inputs_name = name("inputs", self.keys.name, *bodies)
        return self._made.inputs_name

    @property
    def stages(self) -> Iterable[Stage]:
        """The stages up to the first that lacks a message; what comes after it is not known yet."""
        # spec 3: nothing of a stage is sent before all of the stage before it is held and sound
        params = self.params
        yield Stage(Round.KEYS, self.sid, self._slots(Round.KEYS))
        if len(self.sides) > PAIR:
            yield Stage(Round.AGREEMENT, self.keys.name, self._slots(Round.AGREEMENT))
        if params.kind is Kind.THRESHOLD:
            yield Stage(Round.INPUTS, self.keys.name, (Slot(params.poster, Round.INPUTS, 0),))
            yield Stage(Round.CHOICE, self.posted_name, (Slot(1 - params.poster, Round.CHOICE, 0),))
        else:
            yield Stage(Round.INPUTS, self.keys.name, self._slots(Round.INPUTS, params.chunks))
        if params.ordered:
            yield Stage(Round.ORDER, self.inputs_name, self._slots(Round.ORDER))
            for batch in range(params.batches):
                slots = tuple(Slot(side, Round.SHARES, batch) for side in self.sides)
                yield Stage(Round.SHARES, self.inputs_name, slots)
                if self.opened(batch):
                    return
        else:
            chunks = 1 if params.kind is Kind.THRESHOLD else params.chunks
            yield Stage(Round.SHARES, self.inputs_name, self._slots(Round.SHARES, chunks))

    @property
    def stage(self) -> Stage | None:
        """What is awaited now, or None when all is there."""
        if self.awaited is None:
            lacking = (stage for stage in self.stages if not self.all_held(stage.wanted))
            self.awaited = (next(lacking, None),)
        return self.awaited[0]

    @property
    def order(self) -> list[int]:
        """Options in the order in which they open; only once its shares are held."""
        if self._made.order is None:
            count = len(self.params.options)
            if self.params.ordered:
                shares = [self._body(side, Round.ORDER)[-32:] for side in self.sides]
                self._made.order = drawn_order(self.inputs_name, total(shares), count)
            else:
                self._made.order = list(range(count))
        return self._made.order

    def options_in(self, part: int) -> list[int]:
        """Give the options that the shares of a chunk or batch open."""
        size = self.params.batch or self.params.chunk
        return self.order[part * size : (part + 1) * size]

    def _sums(self, chunk: int) -> tuple[list[Point], list[Point]]:
        """Give for each option of a chunk of inputs the sums over the sides of C and of E."""
        if chunk not in self._made.sums:
            sides = [committed(self._body(side, Round.INPUTS, chunk)) for side in self.sides]
            first, *others = sides
            for commitments, blinds in others:
                first = (list(map(add, first[0], commitments)), list(map(add, first[1], blinds)))
            self._made.sums[chunk] = first
        return self._made.sums[chunk]

    def _sum_of(self, option: int) -> tuple[Point, Point]:
        chunk, at = divmod(option, self.params.chunk)
        commitments, blinds = self._sums(chunk)
        return commitments[at], blinds[at]

    def share_points(self, round_: Round, part: int) -> list[Point]:
        """Give the points of which each side states its key's multiples."""
        if round_ is Round.ORDER:
            return [order_base(self.inputs_name)]
        if self.params.kind is Kind.THRESHOLD:
            return [limits.chosen_pair(self._body(1 - self.params.poster, Round.CHOICE))[0]]
        return [self._sum_of(option)[0] for option in self.options_in(part)]

    def share_context(self, slot: Slot) -> bytes:
        """Give what a side's share is bound to, beside the points."""
        return name("share", self.inputs_name, bytes([slot.round, slot.sender]), slot.chunk.to_bytes(4))

    def check(self, message: Message, threads: int) -> None:
        """Check what a message of the present stage states, or raise Violation; its place was checked."""
        slot, body = message.slot, message.body
        if slot.round is Round.KEYS:
            check_keys(self.sid, slot.sender, body)
        elif slot.round is Round.AGREEMENT:
            if body:
                raise Violation("A side says more than that it agrees.")
        elif slot.round is Round.INPUTS and self.params.kind is Kind.THRESHOLD:
            limits.check_vector(self.keys, slot.sender, len(self.params.options), body, threads)
        elif slot.round is Round.INPUTS:
            options = self.params.in_chunk(slot.chunk)
            bases = self.bases[options.start : options.stop]
            check_inputs(self.place(slot), bases, body, threads)
            if (
                self.parent
                and committed(body)[0] != committed(self.parent.bodies[slot.sender][slot.chunk])[0]
            ):
                raise Violation("A side answers otherwise than in the sounding that is repeated.")
        elif slot.round is Round.CHOICE:
            limits.check_choice(self.keys, self.posted_name, self.vector, body, threads)
        else:
            public = self.keys.sides[slot.sender].part
            points = self.share_points(slot.round, slot.chunk)
            check_multiples("share", self.share_context(slot), public, points, body, threads)

    def place(self, slot: Slot) -> Place:
        return Place(self.keys.name, self.keys.joint, slot.sender, slot.chunk)

    @property
    def vector(self) -> list[limits.Pair]:
        return limits.posted(self._body(self.params.poster, Round.INPUTS), len(self.params.options))

    def opened(self, part: int) -> tuple[int, ...]:
        """Give the options of a chunk or batch that all accept; only once all its shares are held."""
        if part not in self._made.opened:
            shares = zip(*(self._shares(side, part) for side in self.sides), strict=True)
            # spec 6: the sums agree only if every v was zero
            self._made.opened[part] = tuple(
                option
                for option, parts in zip(self.options_in(part), shares, strict=True)
                if total(parts) == self._sum_of(option)[1]
            )
        return self._made.opened[part]

    def _shares(self, side: int, part: int) -> list[Point]:
        body = self._body(side, Round.SHARES, part)[64:]
        return [body[at : at + 32] for at in range(0, len(body), 32)]

    @property
    def result(self) -> Result:
        """What all have stated together; only once nothing is awaited."""
        kind, params = self.params.kind, self.params
        joint: tuple[int, ...] = ()
        if kind is Kind.THRESHOLD:
            chosen = limits.chosen_pair(self._body(1 - params.poster, Round.CHOICE))
            meet = limits.opened_bit(self.keys, chosen, [self._shares(side, 0)[0] for side in self.sides])
            return Result((), meet, params.sides, partial=False)
        if params.ordered:
            batches = sum(slot.sender == 0 and slot.round is Round.SHARES for slot in self.held)
            # spec 7: one winner, the first in the drawn order; the others of its batch are not shown
            joint = self.opened(batches - 1)[:1]
        else:
            joint = tuple(option for chunk in range(params.chunks) for option in self.opened(chunk))
        drawn = self.order[0] if kind is Kind.DRAWN else None
        return Result(joint, bool(joint), params.sides, bool(params.parent), drawn)
