"""Agendas for packages: what a search is to be about, agreed before anyone marks anything (docs/spec/moves/package.md).

What is said: issues with their options and the steps of a search over them; that a side agrees to exactly these; that it is taken off the
table. What stands: each agenda with the sides that agreed. What a side wants is never said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.crypto.hashing import DIGEST_BYTES
from backchannel.errors import Refused, Violation
from backchannel.moves.naming import check_ids, check_sides
from backchannel.moves.seal import SPEAKERS
from backchannel.packages.agenda import Agenda
from backchannel.packages.schedule import FEWEST_SIDES, Schedule
from backchannel.wire.codec import Record, decode


class PackageAgenda(Record, frozen=True):
    """The sides that are to search, in their order, the issues, and the steps of the search."""

    sides: tuple[str, ...]
    agenda: Agenda
    schedule: Schedule

    def digest(self) -> bytes:
        """Give what every side confirms."""
        return self.schedule.digest(self.agenda)


class PackageAgree(Record, frozen=True):
    """A side agrees to an agenda and its steps, by their digest."""

    target: bytes
    digest: bytes


class PackageDrop(Record, frozen=True):
    """A side takes an agenda off the table."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "package-agenda": PackageAgenda,
    "package-agree": PackageAgree,
    "package-drop": PackageDrop,
}


class Status(StrEnum):
    """Where an agenda stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DROPPED = "dropped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class OnTable:
    """An agenda as it stands; `body` is None once its words have gone. `agreed` has the first yes of each of its sides."""

    entry: Entry
    author: Member
    body: PackageAgenda | None
    agreed: Mapping[str, Entry]
    status: Status
    dropped_by: Entry | None


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of agendas, or raise Violation."""
    body = decode(data, KINDS[kind])
    match body:
        case PackageAgenda(sides, agenda, schedule):
            check_sides(sides, least=FEWEST_SIDES)
            if list(sides) != sorted(sides) or schedule.sides != len(sides):
                raise Violation("This agenda does not name its sides in order, or another number of them.")
            try:
                agenda.space(secret=True)
            except Refused as refused:
                raise Violation(str(refused)) from refused
        case PackageAgree(target, digest):
            check_ids(target)
            if len(digest) != DIGEST_BYTES:
                raise Violation("This agrees to nothing.")
        case PackageDrop(target):
            check_ids(target)
    return body


class Agendas(Reading):
    """Every agenda of a room, filed with who agreed and who took it off the table."""

    kinds = frozenset(KINDS)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._proposed: dict[EventId, PackageAgenda | None] = {}
        self._answers: dict[EventId, list[tuple[EventId, PackageAgree | PackageDrop]]] = {}

    def file(self, entry: Entry) -> None:
        if entry.void is not None or self._speaker(entry) is None:
            return
        if entry.erased is not None:
            if entry.event.kind == "package-agenda":
                self._proposed[entry.id] = None
            return
        try:
            body = parse(entry.event.kind, entry.event.body)
        except Violation:
            return
        match body:
            case PackageAgenda():
                self._proposed[entry.id] = body
            case PackageAgree(target, _) | PackageDrop(target):
                self._answers.setdefault(EventId(target), []).append((entry.id, body))

    def _speaker(self, entry: Entry) -> Member | None:
        """Who said something, if they may bind a side: a principal or authorised envoy."""
        member = self.log.seating(entry.view).seated.get(entry.author)
        return None if member is None or member.role not in SPEAKERS else member

    def all(self) -> list[OnTable]:
        """Every agenda, in no order."""
        return [self.agenda(eid) for eid in self._proposed]

    def agenda(self, eid: EventId) -> OnTable:
        """One agenda; KeyError if there is none."""
        body, entry = self._proposed[eid], self.log.entries[eid]
        author = self._speaker(entry)
        assert author is not None
        if body is None:
            return OnTable(entry, author, None, {}, Status.GONE, None)
        said = dict(self._answers.get(eid, ()))
        agreed: dict[str, Entry] = {author.side: entry} if author.side in body.sides else {}
        dropped: Entry | None = None
        for answer in in_order(self.log.entries[one] for one in said):
            by = self._speaker(answer)
            if by is None or by.side not in body.sides or not follows(answer, entry):
                continue
            what = said[answer.id]
            if isinstance(what, PackageDrop):
                dropped = dropped or answer
            elif what.digest == body.digest():
                agreed.setdefault(by.side, answer)
        status = Status.AGREED if set(agreed) == set(body.sides) else Status.PROPOSED
        return OnTable(entry, author, body, agreed, Status.DROPPED if dropped else status, dropped)


def agendas(log: Log) -> list[OnTable]:
    """Give every agenda of a room, in no order; the same for any order of arrival."""
    return read(log, Agendas).all()
