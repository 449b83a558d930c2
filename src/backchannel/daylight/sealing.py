"""The order of sealing as a value: what a side may do next, and what anyone who stops would have (docs/spec/seal.md 8).

Statements arrive in any order and more than once; what stands is the same. Nothing here signs, sends or reads a clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from backchannel.crypto.seals import PublicKey, Seal
from backchannel.daylight.anchors import read_anchor
from backchannel.daylight.sealed_file import write_file
from backchannel.daylight.text import FrozenText, check_frozen
from backchannel.daylight.verify import check_seal
from backchannel.errors import Blocked, Forked, Refused, Violation
from backchannel.said import joined, said

V = TypeVar("V")


class Step(IntEnum):
    """What a side does, in this order."""

    AGREE = 1
    SIGN = 2
    HOLD = 3
    ANCHOR = 4


@dataclass(frozen=True, slots=True)
class Agreed:
    """A side will seal the frozen text with this digest."""

    side: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A side's signature, by a key that nobody owns yet."""

    side: str
    seal: Seal


@dataclass(frozen=True, slots=True)
class Holds:
    """A side holds all signatures."""

    side: str


@dataclass(frozen=True, slots=True)
class Anchored:
    """A side says whose its key is."""

    side: str
    anchor: str


Statement: TypeAlias = Agreed | Signed | Holds | Anchored


@dataclass(frozen=True, slots=True)
class Sealing:
    """The sealing of one frozen text as one side's desk sees it; `order` is who anchors after whom."""

    frozen: FrozenText
    side: str
    order: tuple[str, ...]
    keys: Mapping[str, PublicKey]
    agreed: frozenset[str] = frozenset()
    seals: Mapping[str, Seal] = field(default_factory=lambda: MappingProxyType({}))
    holding: frozenset[str] = frozenset()
    anchors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def sides(self) -> tuple[str, ...]:
        """All sides in the order of the text, which is the order of the signatures."""
        return tuple(self.keys)

    @property
    def complete(self) -> bool:
        """Whether every side has sealed and anchored."""
        return len(self.seals) == len(self.anchors) == len(self.keys)


def begin(frozen: FrozenText, side: str, own: PublicKey, order: tuple[str, ...] = ()) -> Sealing:
    """Begin at one side's desk with the key it made for this text.

    Raises NotSealed if anything in the text is unaccounted for, Refused if our key does not stand under our name.
    """
    return seen_by(follow(frozen, order), side, own)


def follow(frozen: FrozenText, order: tuple[str, ...] = ()) -> Sealing:
    """Begin where no side is one's own, as a go-between's desk does; there nothing is ever due."""
    payload = check_frozen(frozen)
    keys = {one.name: one.key.key(one.name) for one in payload.sides}
    order = order or tuple(keys)
    if sorted(order) != sorted(keys):
        raise Refused(
            said("The order of anchoring must name each side once: {keys}.", keys=joined(", ", keys))
        )
    return Sealing(frozen, "", order, MappingProxyType(keys))


def seen_by(sealing: Sealing, side: str, own: PublicKey) -> Sealing:
    """See a sealing from a side whose key this desk made; Refused if that key does not stand under its name."""
    if sealing.keys.get(side) != own:
        raise Refused(
            said(
                "This text does not list the key that this desk made for {side}: ask its drafter to freeze it anew.",
                side=side,
            )
        )
    return replace(sealing, side=side)


def take(sealing: Sealing, told: Statement) -> Sealing:
    """Take a side's statement, or raise Violation and change nothing; the same statement again changes nothing."""
    key = sealing.keys.get(told.side)
    if key is None:
        raise Violation(said("{told_side} is no side of this text.", told_side=told.side))
    match told:
        case Agreed(side, text):
            if text != sealing.frozen.digest:
                raise Violation(
                    said(
                        "{side} would seal another text than the one frozen here: compare the two, then freeze one.",
                        side=side,
                    )
                )
            return replace(sealing, agreed=sealing.agreed | {side})
        case Signed(side, seal):
            check_seal(side, key, seal, sealing.frozen.payload)
            return replace(sealing, seals=_joined(sealing.seals, side, seal, lambda one: one.signature))
        case Holds(side):
            return replace(sealing, holding=sealing.holding | {side})
        case Anchored(side, written):
            if read_anchor(written, sealing.frozen.digest).thumbprint != key.thumbprint:
                raise Violation(
                    said("{side} gave an anchor for a key that is not theirs in this text.", side=side)
                )
            return replace(sealing, anchors=_joined(sealing.anchors, side, written, str))


def _joined(known: Mapping[str, V], side: str, given: V, rank: Callable[[V], str]) -> Mapping[str, V]:
    """Keep one of two sound statements, the same one whichever came first: both bind their side alike."""
    kept = min(known.get(side, given), given, key=rank)
    return MappingProxyType({**known, side: kept})


def due(sealing: Sealing) -> Step | None:
    """What this side may do next; None while it must wait for others, or when it has done all."""
    own, everyone = sealing.side, set(sealing.keys)
    if own not in everyone:
        return None
    if own not in sealing.agreed:
        return Step.AGREE
    if own not in sealing.seals:
        return Step.SIGN if sealing.agreed == everyone else None
    if own not in sealing.holding:
        return Step.HOLD if set(sealing.seals) == everyone else None
    before = sealing.order[: sealing.order.index(own)]
    ready = (
        sealing.holding == everyone and set(sealing.seals) == everyone and set(before) <= set(sealing.anchors)
    )
    return Step.ANCHOR if own not in sealing.anchors and ready else None


def check_due(sealing: Sealing, step: Step, *, forked: bool = False) -> None:
    """Accept that this side takes a step; Forked if the room's heads differ, Blocked if others must act first."""
    if forked:
        raise Forked(
            "The desks of this room do not hold the same record: settle that before anything is sealed."
        )
    if due(sealing) is not step:
        raise Blocked(said("This cannot be done yet or was done before: {waiting}", waiting=waiting(sealing)))


def waiting(sealing: Sealing) -> str:
    """Say for whom and for what this side waits."""
    own, everyone = sealing.side, set(sealing.keys)
    if sealing.complete:
        return said("The text is sealed, and every side has said which key is theirs.")
    step = due(sealing)
    if step is not None:
        return said("The next step is this side's: {steps}.", steps=_STEPS[step])
    if own not in sealing.seals:
        return said(
            "Waiting for {listed} to agree to the same text.",
            listed=_listed(sealing, everyone - sealing.agreed),
        )
    if own not in sealing.holding:
        return said(
            "Waiting for the signature of {listed}.", listed=_listed(sealing, everyone - set(sealing.seals))
        )
    if sealing.holding != everyone:
        return said(
            "Waiting until {listed} holds all signatures.",
            listed=_listed(sealing, everyone - sealing.holding),
        )
    return said(
        "Waiting for the anchor of {listed}.", listed=_listed(sealing, everyone - set(sealing.anchors))
    )


def can_show(sealing: Sealing) -> tuple[str, ...]:
    """The sides of which this desk could prove to an outsider, who knows their long-term keys, that they sealed."""
    return tuple(side for side in sealing.sides if side in sealing.anchors and side in sealing.seals)


def if_stopped(sealing: Sealing) -> str:
    """Name in words what this side has if it stops now: what it can show to outsiders, and about whom."""
    shown = can_show(sealing)
    if sealing.complete:
        return said("Every side can show that every side sealed.")
    if not shown:
        return _without_anchors(sealing)
    others = _listed(sealing, set(shown) - {sealing.side})
    if not others:
        return said(
            "Others can show that {sealing_side} sealed this text, and {sealing_side} can show it of nobody else: that"
            " is the price of anchoring first.",
            sealing_side=sealing.side,
        )
    if sealing.side not in shown:
        return said(
            "Whoever stops here can show outsiders that {others} sealed this text, and nobody can show it of"
            " {sealing_side}: that is the advantage of anchoring later.",
            others=others,
            sealing_side=sealing.side,
        )
    return said(
        "Whoever stops here can show outsiders that {others} sealed, and the same can be shown of {sealing_side}; nobody"
        " can show it of the others.",
        others=others,
        sealing_side=sealing.side,
    )


def _without_anchors(sealing: Sealing) -> str:
    if len(sealing.seals) == len(sealing.keys):
        return said(
            "Whoever stops here has a whole file that proves nothing: one person could have made all its keys."
        )
    if sealing.seals:
        return said(
            "Whoever stops here has {count} of {count_2} signatures, by keys that anybody could have made: they prove nothing.",
            count=len(sealing.seals),
            count_2=len(sealing.keys),
        )
    return said("Whoever stops here has the words, as after any talk, and nothing that is signed.")


def before(sealing: Sealing, step: Step) -> str:
    """Say, before this side takes a step, who gains what by it and what this side then lacks."""
    if step is not Step.ANCHOR:
        return said("Nobody can show anything to outsiders by this step.")
    exposed = [side for side in sealing.sides if side != sealing.side and side not in sealing.anchors]
    if not exposed:
        return said(
            "This completes the seal: afterwards everyone in the room can show that all sides sealed, {sealing_side} too.",
            sealing_side=sealing.side,
        )
    return said(
        "Afterwards everyone in the room can show for ever that {sealing_side} sealed this text, and nobody can show"
        " it of {listed} until they anchor too; they may never do it.",
        sealing_side=sealing.side,
        listed=_listed(sealing, set(exposed)),
    )


def file_of(sealing: Sealing, opened: tuple[str, ...] = ()) -> bytes:
    """Write what this desk could show; Blocked while a signature is missing."""
    if len(sealing.seals) != len(sealing.keys):
        raise Blocked(said("There is no sealed text yet. {waiting}", waiting=waiting(sealing)))
    anchors = tuple(sealing.anchors[side] for side in sealing.sides if side in sealing.anchors)
    return write_file(sealing.frozen, tuple(sealing.seals[side] for side in sealing.sides), opened, anchors)


_STEPS = {
    Step.AGREE: said("compare records, read the frozen text, and agree to it"),
    Step.SIGN: said("sign"),
    Step.HOLD: said("say that it holds all signatures"),
    Step.ANCHOR: said("anchor"),
}


def _listed(sealing: Sealing, some: set[str] | frozenset[str]) -> str:
    return joined(" and ", (side for side in sealing.sides if side in some))
