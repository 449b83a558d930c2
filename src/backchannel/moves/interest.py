"""Interest: what a go-between has at stake themself, beside all that they bring (docs/spec/moves/interest.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member, Role
from backchannel.channel.reading import BodyReading, in_order, read
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_INTEREST = 2_000  # characters


class Interest(Record, frozen=True):
    """A go-between's own stake, in their words; a later one takes the place of an earlier one."""

    text: str


KINDS: Mapping[str, type[Record]] = {"interest": Interest}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a go-between declared last; `body` is None once its words have gone."""

    entry: Entry
    who: Member
    body: Interest | None


def parse(kind: str, data: bytes) -> Record:
    """Read an interest, or raise Violation."""
    body = decode(data, KINDS[kind])
    assert isinstance(body, Interest)
    if not 0 < len(body.text.strip()) <= len(body.text) <= MAX_INTEREST:
        raise Violation(
            said("An interest is said in 1 to {max_interest} characters.", max_interest=MAX_INTEREST)
        )
    return body


class Interests(BodyReading):
    """Every interest that was declared in a room by somebody who goes between there."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.declared: dict[MemberId, list[Declared]] = {}

    def gone(self, entry: Entry) -> None:
        self._keep(entry, None)

    def take(self, entry: Entry, body: Record) -> None:
        assert isinstance(body, Interest)
        self._keep(entry, body)

    def _keep(self, entry: Entry, body: Interest | None) -> None:
        who = self.log.seating(entry.view).seated.get(entry.author)
        if who is not None and who.role == Role.GO_BETWEEN:  # spec interest 3
            self.declared.setdefault(entry.author, []).append(Declared(entry, who, body))


def standing(log: Log) -> Mapping[MemberId, Declared]:
    """Give what each go-between of a room declared last."""
    found: dict[MemberId, Declared] = {}
    for mid, all_of in read(log, Interests).declared.items():
        last = in_order(one.entry for one in all_of)[-1]
        found[mid] = next(one for one in all_of if one.entry is last)
    return found
