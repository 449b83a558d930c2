"""One step of a sounding's state, from saved bytes to saved bytes: the part of a desk's work on it that takes long, and knows no room."""

from collections.abc import Sequence
from contextlib import suppress

from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.party import Party
from backchannel.desk.sounding_store import Done, View
from backchannel.errors import Violation

LIGHT = 100  # options times sides that are dealt with at once, in less than a tenth of a second
_LIMIT_WORK = 4  # that an option of a sounding of limits takes, against one of another

Offered = tuple[
    int | None, bytes, bool
]  # a message: whose side says it, what, and whether it came too late to count


def heavy(params: Params) -> bool:
    """Whether a step takes so long that it is done beside the desk's loop."""
    work = len(params.options) * len(params.sides)
    return work * (_LIMIT_WORK if params.kind is Kind.THRESHOLD else 1) > LIGHT


def step(saved: bytes, offered: Sequence[Offered], now: int) -> tuple[bytes, View]:
    """Take messages, and state what is due at this time (ms since 1970)."""
    party = Party.resume(saved, 0, now=now)
    party.go_on()
    offer(party, offered)
    return party.encode(), view_of(party)


def expired(saved: bytes) -> tuple[bytes, View]:
    """End a sounding at a deadline."""
    party = Party.resume(saved, 0)
    party.expire()
    return party.encode(), view_of(party)


def given_up(saved: bytes, by: int | None) -> tuple[bytes, View]:
    """End a sounding that a side, by its place, has given up; None is whoever only opened it."""
    party = Party.resume(saved, 0)
    party.withdraw(by)
    return party.encode(), view_of(party)


def offer(party: Party, offered: Sequence[Offered]) -> None:
    for side, data, late in offered:
        with suppress(Violation):  # spec 3: what anybody could have made counts for nothing
            if not late or party.holds(data):
                party.take(data, side)


def view_of(party: Party, *, owed: bool = False) -> View:
    """Give what a desk has to know of a state without reckoning; `owed` if it has yet to state what its person answered."""
    return View(
        party.answered,
        party.missing,
        party.due or 0,
        len(outgoing(party.encode())),
        party.reckoned,
        owed,
        party.probed,
        party.repeatable,
        party.used_keys,
        _done(party),
    )


def _done(party: Party) -> Done | None:
    ended, result, blame, params = party.ended, party.result(), party.blame(), party.params
    if ended is None:
        return None
    return Done(
        ended.how,
        result.joint if result else (),
        result.meet if result else False,
        tuple(params.sides[number] for number in ended.sides),
        blame.reason if blame else "",
        party.exposed,
        ended.round,
        party.inputs_name,
        result.drawn if result else None,
    )
