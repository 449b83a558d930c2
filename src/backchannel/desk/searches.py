"""The search for a package, sounding by sounding in a room: each desk follows its own copy, and answers what that asks and nothing else.

Who opens the first sounding, which asks whether to search at all, opens every further one. Its keys make the seed.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Final

from msgspec import structs

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.reading import read
from backchannel.crypto.hashing import digest
from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.desk import soundings
from backchannel.desk.acting import act
from backchannel.desk.notebook import OwnStance
from backchannel.desk.packages import in_space
from backchannel.desk.room import Room
from backchannel.desk.room_store import drop_state, set_state, state
from backchannel.desk.sounding_course import close
from backchannel.desk.sounding_ledger import Searched, note_search
from backchannel.desk.sounding_stand import Stand, standing
from backchannel.desk.speaking import speaking
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.package import Agendas, OnTable, PackageAgenda, Status
from backchannel.moves.sounding import Opened, Soundings, SoundingStop
from backchannel.packages.following import Following
from backchannel.packages.search import Found, Outcome, better, search
from backchannel.packages.soundings import Sounding, Stage
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

_SEARCH: Final = "package-search/"
_BETTER: Final = "package-better/"


class Joined(Secret, Record, frozen=True):
    """That this desk searches, with what its side wants as it was then: neither can change on the way.

    `verdicts` are packages that its people were shown, and what they said; `over` once nothing more is to be done.
    """

    wants: OwnStance
    verdicts: tuple[tuple[int, bool], ...]
    over: bool


@dataclass(frozen=True, slots=True)
class Quest:
    """What is looked for on an agenda: a package, or with `settled` one that is better for all than that one."""

    found: OnTable
    settled: int | None = None

    @property
    def name(self) -> str:
        """Give the name under which a desk keeps that it takes part."""
        return f"{_SEARCH if self.settled is None else _BETTER}{self.found.entry.id.hex()}"

    @property
    def label(self) -> str:
        """Give what its soundings are about."""
        return f"package{'' if self.settled is None else '-better'} {self.found.entry.id.hex()}"

    def text(self, body: PackageAgenda) -> str:
        """Give the one option of its first sounding."""
        about = body.digest().hex()
        return f"search {about}" if self.settled is None else f"better {about} {self.settled}"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands on this desk; `fault` says why it cannot go on, empty if it can."""

    joined: bool
    first: Stand | None
    steps: int
    asks: Sounding | None
    current: Stand | None
    outcome: Outcome | None
    fault: str
    learnt_bits: float = 0.0  # at most, by this side
    told_bits: float = 0.0  # at most, by another that said yes to everything
    proposed: tuple[
        int, ...
    ] = ()  # packages that people were asked about and that were answered, in their order

    @property
    def proposal(self) -> int | None:
        """The package that this desk's people are shown and have not yet answered."""
        if self.asks is None or self.asks.stage is not Stage.PROPOSAL:
            return None
        answered = self.current is not None and self.current.answered
        return None if answered or self.current is None else self.asks.questions[0].package


def join(room: Room, quest: Quest, wants: OwnStance, by: int, now: int) -> None:
    """Search on behalf of one's side, on what its person told this desk; `by` is when the first answers are due."""
    body = _agreed(quest.found)
    side = speaking(room)
    if quest.found.agreed.get(side) is None or quest.found.agreed[side].author != room.me:
        raise Refused("Whoever said yes to the agenda for your side searches for it, on their own desk.")
    if state(room.db, quest.name) is not None:
        raise Refused("This desk searches already; see it with `backchannel desk package progress`.")
    first = _first(room, quest, body, now)
    if first is not None and first.done is not None:
        raise Refused("This has been searched; for another search agree on another agenda.")
    with room.changing():
        if first is None:
            people = tuple(sorted(entry.author for entry in quest.found.agreed.values()))
            what = soundings.opening(room, Kind.ALL, (quest.text(body),), by, now, sides=people)
            soundings.open_sounding(room, what, quest.label, [True], now, mandate=True)
        elif not first.answered:
            soundings.answer(room, first.opened.entry.id, [True], now, mandate=True)
        set_state(room.db, quest.name, encode(Joined(wants, (), over=False)))


def decide(room: Room, quest: Quest, yes: bool, now: int) -> int:
    """Answer the package that is proposed, for one's people; gives its number."""
    kept = _joined(room, quest)
    seen = progress(room, quest, now)
    if kept is None or seen.proposal is None:
        raise Blocked(
            "No package is proposed to you now; see the search with `backchannel desk package progress`."
        )
    verdicts = (*kept.verdicts, (seen.proposal, yes))
    with room.changing():
        set_state(room.db, quest.name, encode(structs.replace(kept, verdicts=verdicts)))
        _step(room, quest, now)
    return seen.proposal


def stop(room: Room, quest: Quest, now: int) -> None:
    """Give a search up, which everybody sees; it is over then on every desk, and no answer is missing."""
    kept, body = _joined(room, quest), quest.found.body
    first = None if body is None else _first(room, quest, body, now)
    if kept is None or kept.over or first is None:
        raise Refused("This desk does not search on this agenda, or that is over.")
    with room.changing():
        act(room, "sounding-stop", SoundingStop(first.opened.entry.id), now)
        _step(room, quest, now)


def drive(room: Room, now: int) -> None:
    """Answer what searches ask that this desk takes part in, and open what is next; runs at every tick."""
    if room.searched == len(room.log.entries) or room.me not in room.seating.seated:
        return
    known: Mapping[EventId, OnTable] = {one.entry.id: one for one in read(room.log, Agendas).all()}
    rows = room.db.all("SELECT name, value FROM state WHERE name LIKE 'package-%/%'")
    for name, value in rows:
        _, _, target = str(name).partition("/")
        found = known.get(EventId(bytes.fromhex(target)))
        if found is None or found.body is None:
            drop_state(room.db, str(name))  # its words have expired
        else:
            quest = Quest(found) if str(name).startswith(_SEARCH) else improving(room, found, now)
            if quest is not None and decode(bytes(value), Joined).over:
                _close(room, quest, now)  # what crossed with a stop
            elif quest is not None:
                _step(room, quest, now)
    room.searched = len(room.log.entries)


def improving(room: Room, found: OnTable, now: int) -> Quest | None:
    """Give the quest for a package better for all than the one that was found; None if none was."""
    settled = progress(room, Quest(found), now).outcome
    return Quest(found, settled.package) if isinstance(settled, Found) else None


def progress(room: Room, quest: Quest, now: int) -> Progress:
    """Read where a search stands; what is not on the record has not happened."""
    kept, body = _joined(room, quest), quest.found.body
    first = None if body is None else _first(room, quest, body, now)
    if kept is None or body is None or first is None:
        return Progress(kept is not None, first, 0, None, None, None, "")
    if first.done is None:
        return Progress(True, first, 0, None, first, None, "")
    if first.done.how != How.RESULT or first.done.joint != (0,):
        fault = _stopped(room, first) or said("not all sides began to search")
        return Progress(True, first, 0, None, None, None, fault)
    live = room.searches.get(quest.name)
    if live is None:
        live = room.searches[quest.name] = _begun(room, quest, body, first.opened, kept)
    return _followed(room, quest, first, kept, live, now)


def _followed(room: Room, quest: Quest, first: Stand, kept: Joined, live: Following, now: int) -> Progress:
    """Send a copy the results that it has not heard, as long as each sounding asks what the copy does."""
    current, fault = None, ""
    stands = _further(room, quest, first, now)
    for one in stands[len(live.heard) :]:
        if live.asks is None or not _same(one.opened, first.opened, live.asks):
            fault = said("another desk asks what the search does not; this desk answers no more")
            break
        if one.done is None:
            current = one
            break
        if one.done.how != How.RESULT:
            fault = said("a sounding of it ended without a result")
            break
        live.hear(one.opened.entry.id, one.done.joint, _said(kept, live.asks, one.done.joint))
    if quest.found.status is Status.DROPPED and live.outcome is None:
        fault = fault or said("its agenda is off the table")
    if live.outcome is None:
        fault = _stopped(room, first) or fault
    bits = live.learnt.bits, live.told.bits
    return Progress(
        True, first, len(live.heard), live.asks, current, live.outcome, fault, *bits, live.proposed
    )


def _stopped(room: Room, first: Stand) -> str:
    """Say who has given a search up; empty if nobody has."""
    by = read(room.log, Soundings).stopped(first.opened.entry.id)
    return "" if by is None else said("{who} gave it up", who=room.name(by))


def _close(room: Room, quest: Quest, now: int) -> None:
    """End whatever sounding of a search is open here, once somebody has given the search up."""
    body = quest.found.body
    first = None if body is None else _first(room, quest, body, now)
    by = None if first is None else read(room.log, Soundings).stopped(first.opened.entry.id)
    if by is None:
        return
    for one in _about(room, quest, now):
        if one.done is None:
            close(room, one.opened, by, now)


def _note(room: Room, quest: Quest, seen: Progress) -> None:
    """Keep for the ledger what a search has told so far."""
    if quest.found.body is not None:
        title = ", ".join(issue.title for issue in quest.found.body.agenda.issues)
        note_search(room, quest.label, Searched(title, ceil(seen.told_bits)))


def _said(kept: Joined, asks: Sounding, joint: tuple[int, ...]) -> Sequence[bool]:
    """What this side answered; of a proposal that was answered by hand, what all did is what is known."""
    if asks.marks is not None:
        return asks.marks
    return [dict(kept.verdicts).get(asks.questions[0].package, bool(joint))]


def _step(room: Room, quest: Quest, now: int) -> None:
    kept, seen = _joined(room, quest), progress(room, quest, now)
    if kept is None or seen.first is None:
        return
    _note(room, quest, seen)
    if seen.fault or seen.outcome is not None:
        set_state(room.db, quest.name, encode(structs.replace(kept, over=True)))
        _close(room, quest, now)
        return
    if seen.first.done is None:
        if not seen.first.answered and now < seen.first.opened.params.deadlines[0]:
            soundings.answer(room, seen.first.opened.entry.id, [True], now, mandate=True)
        return
    if seen.asks is None:
        return
    marks = seen.asks.marks
    if marks is None:
        verdict = dict(kept.verdicts).get(seen.asks.questions[0].package)
        marks = None if verdict is None else [verdict]
    if seen.current is None:
        _open(room, quest, seen, now)
    elif marks is not None and not seen.current.answered and now < seen.current.opened.params.deadlines[0]:
        soundings.answer(room, seen.current.opened.entry.id, list(marks), now, mandate=True)


def _open(room: Room, quest: Quest, seen: Progress, now: int) -> None:
    """Open the next sounding if this desk opened the first; people are given as long as they were for that."""
    assert seen.first is not None
    assert seen.asks is not None
    first = seen.first.opened
    if first.entry.author != room.me:
        return
    by = now + max(1, first.params.deadlines[0] - first.entry.event.at)
    what = soundings.opening(room, Kind.ALL, seen.asks.options(), by, now, sides=first.params.sides)
    marks = None if seen.asks.marks is None else list(seen.asks.marks)
    soundings.open_sounding(room, what, quest.label, marks, now, mandate=True)


def _begun(room: Room, quest: Quest, body: PackageAgenda, first: Opened, kept: Joined) -> Following:
    space = body.agenda.space(secret=body.schedule.secret)
    me = body.sides.index(room.credential.side)
    args = space, body.schedule, seed(room, body, first), me, in_space(kept.wants, space)
    copy = search(*args) if quest.settled is None else better(*args, quest.settled)
    return Following.of(copy, me)


def seed(room: Room, body: PackageAgenda, first: Opened) -> bytes:
    """Make the seed of a search of what every side drew afresh for its first sounding, after all agreed to the agenda."""
    keys: dict[int, bytes] = {}
    for entry, messages in read(room.log, Soundings).said(first.entry.id):
        for data in messages:
            with suppress(Violation):  # what is no message of a sounding counts for nothing there either
                message = parse_message(data)
                if message.slot.round is Round.KEYS and first.people[message.sender :][:1] == (entry.author,):
                    keys.setdefault(message.sender, message.body[:32])
    # spec packages 3
    return digest(
        "backchannel/package-seed/1", body.digest(), first.params.sid, *(keys[one] for one in sorted(keys))
    )


def _agreed(found: OnTable) -> PackageAgenda:
    if found.body is None or found.status is not Status.AGREED:
        raise Blocked("A search begins when all sides of its agenda have agreed to it.")
    return found.body


def _joined(room: Room, quest: Quest) -> Joined | None:
    stored = state(room.db, quest.name)
    return None if stored is None else decode(stored, Joined)


def _about(room: Room, quest: Quest, now: int) -> list[Stand]:
    return [one for one in standing(room, now) if one.opened.agenda == quest.label]


def _first(room: Room, quest: Quest, body: PackageAgenda, now: int) -> Stand | None:
    """Give the sounding that asks whether to search: the first soundly asked of those who agreed for their sides."""
    people = {MemberId(entry.author) for entry in quest.found.agreed.values()}
    return next(
        (
            one
            for one in _about(room, quest, now)
            if one.opened.params.options == (quest.text(body),)
            and set(one.opened.people) == people
            and one.opened.params.kind is Kind.ALL
            and one.opened.entry.author in people
        ),
        None,
    )


def _further(room: Room, quest: Quest, first: Stand, now: int) -> list[Stand]:
    """Give what the opener of a search asked after its first sounding, in the order in which it did."""
    author, seq = first.opened.entry.author, first.opened.entry.event.seq
    mine = (one for one in _about(room, quest, now) if one.opened.entry.author == author)
    later = [one for one in mine if one.opened.entry.event.seq > seq]
    return sorted(later, key=lambda one: one.opened.entry.event.seq)


def _same(opened: Opened, first: Opened, asks: Sounding) -> bool:
    """Whether a sounding is the one that the search asks for next, of the same people, binding nobody."""
    what = opened.params
    return (
        what.kind is Kind.ALL
        and what.sides == first.params.sides
        and not what.binding
        and what.options == asks.options()
    )
