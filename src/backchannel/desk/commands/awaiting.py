"""What waits for this desk's person in a room, whatever its kind: to be agreed to, answered, judged, chosen or released."""

from collections.abc import Iterator
from dataclasses import dataclass

from backchannel.desk.commands.answer import Json, named, person
from backchannel.desk.commands.mandates import mandate_lines
from backchannel.desk.commands.passing import open_proposals
from backchannel.desk.commands.preconditions import precondition_lines
from backchannel.desk.commands.standbys import due_lines
from backchannel.desk.commands.unsealed import owed
from backchannel.desk.comparing import Stand, words
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.speaking import own_side
from backchannel.desk.when import date
from backchannel.moves import consent, deed, leak, ratification, script, sunset
from backchannel.moves.package import Status as AgendaStatus
from backchannel.moves.package import agendas
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.understanding import standing as understandings
from backchannel.said import joined, said

SOON_MS = 24 * 3_600_000  # a text that goes within this is announced, and a sunset


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for this person, and the command that shows it."""

    shown_by: str
    line: str

    @property
    def value(self) -> dict[str, Json]:
        return {"shown_by": self.shown_by, "line": self.line}


def awaited(room: Room, now: int) -> list[Waiting]:
    """Give all that waits, but what `status` counts apart: messages, requests, promises and soundings."""
    if room.left or room.archive:
        return []
    return [
        *(Waiting("people", line) for line in words_lines(room)),
        *(Waiting(f"{one.act.split()[0]} show", one.line) for one in owed(room)),
        *(Waiting("mandate show", line) for line in mandate_lines(room, now)),
        *(Waiting("precondition show", line) for line in precondition_lines(room, now, SOON_MS)),
        *(Waiting("standby show", line) for line in due_lines(room, now, SOON_MS)),
        *(Waiting("leak show", line) for line in _to_hold_to(room)),
        *(Waiting("sunset show", line) for line in _sunsets(room, now)),
        *further(room, now),
    ]


def further(room: Room, now: int) -> Iterator[Waiting]:
    """Give what no other line of `status` tells: consent, scripts, deeds, agendas, and what is ratified at home."""
    yield from (Waiting("consent show", line) for line in _consents(room))
    side = own_side(room)
    if side is not None:
        yield from (Waiting("script show", line) for line in _scripts(room, side))
        yield from (Waiting("deed show", line) for line in _deeds(room, side, now))
        yield from (Waiting("package show", line) for line in _agendas(room, side))
        yield from (Waiting("ratify show", line) for line in _ratified(room, side, now))


def words_lines(room: Room) -> list[str]:
    """Say with whom words are ready to be read out."""
    ready = [
        person(member)
        for mid, member in room.seating.seated.items()
        if mid != room.me and (found := words(room, mid)) is not None and found.stand is Stand.READY
    ]
    return [said("words to compare with {who} are ready: `backchannel desk words`", who=who) for who in ready]


def _to_hold_to(room: Room) -> Iterator[str]:
    for line in leak.standing(room.log).lines.values():
        if own_side(room) in line.awaits:
            yield said(
                "{who} proposes what all say when asked: `backchannel desk leak line agree`",
                who=named(room, line.entry.author),
            )


def _sunsets(room: Room, now: int) -> Iterator[str]:
    side, found = own_side(room), sunset.standing(room.log, now)
    if found is not None and side in found.awaits and found.due <= now + SOON_MS:
        yield said(
            "sunset {due}: your side has not chosen how to go on: `backchannel desk sunset choose`",
            due=date(found.due),
        )
    for one in open_proposals(room, found, now):
        if side in one.missing:
            yield said("a sunset {at} waits for your side: `backchannel desk sunset agree`", at=date(one.at))


def _consents(room: Room) -> Iterator[str]:
    for one in consent.standing(room.log):
        if one.status is consent.Status.OPEN and room.me in one.missing and one.body is not None:
            yield said(
                "{who} asks for your consent: {subject}",
                who=named(room, one.entry.author),
                subject=one_line(one.body.subject),
            )


def _scripts(room: Room, side: str) -> Iterator[str]:
    for one in script.standing(room.log):
        if one.body is not None and side in one.sides and side not in one.agreed:
            yield said(
                "{who} pins steps, in words and order, once your side agrees: `backchannel desk script agree`",
                who=named(room, one.entry.author),
            )
        for came in one.alarms:
            if side in one.sides and side not in came.gone_on:
                yield said(
                    "step {number} came otherwise than it was pinned: `backchannel desk script go-on`",
                    number=came.number,
                )


def _deeds(room: Room, side: str, now: int) -> Iterator[str]:
    mine = {eid for eid, one in pledges(room.log, now).items() if side in one.acknowledged}
    mine |= {eid for eid, one in understandings(room.log).items() if one.body and side in one.body.sides}
    for one in deed.standing(room.log).values():
        judged = one.by == side or any(said_of.side == side for said_of in one.readings)
        if one.body is not None and not judged and mine & set(one.body.pledges):
            yield said(
                "your side has not said what this deed was worth: {text}: `backchannel desk deed read`",
                text=one_line(one.body.text),
            )


def _agendas(room: Room, side: str) -> Iterator[str]:
    for one in agendas(room.log):
        if one.body is None or one.status is not AgendaStatus.PROPOSED:
            continue
        if side in set(one.body.sides) - set(one.agreed):
            yield said(
                "an agenda for packages waits for your side, on {issues}: `backchannel desk package agree`",
                issues=joined(", ", [one_line(issue.title) for issue in one.body.agenda.issues]),
            )


def _ratified(room: Room, side: str, now: int) -> Iterator[str]:
    for one in ratification.standing(room.log):
        if one.side == side and one.status(now) is ratification.Status.OPEN and one.body is not None:
            yield said(
                "ratified at home or not: {subject}: `backchannel desk ratify result`",
                subject=one_line(one.body.subject),
            )
