"""`desk mandate …`: who may speak for a side, on whose word, within which limits, and whether somebody checked it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import Member
from backchannel.channel.reading import read
from backchannel.channel.words import exchanges
from backchannel.desk import mandates
from backchannel.desk.commands.answer import Answer, Json, person, person_value, room_of, spoken_list
from backchannel.desk.commands.choosing import choose, placed
from backchannel.desk.commands.header import basis
from backchannel.desk.commands.wording import LEVELS, ROLES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.errors import Refused
from backchannel.moves.authority import Basis, authority
from backchannel.moves.mandate import Challenge, Given, Level, Limit, MandateGiven, Mandates, Status
from backchannel.moves.paper import Item, find, standing
from backchannel.moves.voice import voice_now
from backchannel.said import joined, said

SOON_MS = 24 * 3_600_000  # an end or a text that goes within this is announced
STATUSES = {
    Status.STANDING: said("stands"),
    Status.NOT_YET: said("has not begun"),
    Status.EXPIRED: said("has run out"),
    Status.REVOKED: said("revoked"),
}


@dataclass(frozen=True, slots=True)
class Verified:
    """That somebody of another side has reason to believe a mandate: who, how, when."""

    kind: str
    by: Member
    how: str
    at: int
    item: str | None = None


def give(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    holder = room.find_member(args.to)
    entry = mandates.give(room, holder, _worded(room, holder, args, now), now)
    line = said(
        "{holder} has a mandate of {holder_side}, for what they say from here on; nothing said before is changed by it.",
        holder=person(holder),
        holder_side=one_line(holder.side),
    )
    return Answer([line, _gone_line(room, entry)], {"mandate": entry.id.hex()}, room)


def claim(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    entry = mandates.claim(room, _worded(room, None, args, now), now)
    line = said(
        "The room sees this as what you say of yourself; nobody has vouched for it or checked it by that."
    )
    return Answer([line, _gone_line(room, entry)], {"mandate": entry.id.hex()}, room)


def _worded(room: Room, holder: Member | None, args: argparse.Namespace, now: int) -> MandateGiven:
    starts = None if args.starts is None else moment(args.starts, now)
    until = None if args.until is None else moment(args.until, now)
    limits = [_limit(spoken) for spoken in args.issue or ()]
    return mandates.mandate(room, holder, args.purpose, Level(args.level), limits, (starts, until))


def _limit(spoken: str) -> Limit:
    issue, equals, rest = (part.strip() for part in spoken.partition("="))
    options = tuple(option for part in rest.split(",") if (option := part.strip()))
    if not issue or (equals and not options):
        raise Refused(
            said("“{spoken}” is no limit; write ISSUE, or ISSUE=OPTION,OPTION.", spoken=one_line(spoken))
        )
    return Limit(issue, options)


def _gone_line(room: Room, entry: Entry) -> str:
    return said(
        "Its words go {gone_at} like every text of the room; if it is to hold longer, say it again before.",
        gone_at=date(_gone_at(room, entry)),
    )


def _gone_at(room: Room, entry: Entry) -> int:
    return entry.event.at + room.seating.retention_seconds * 1000


def revoke(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    found = read(room.log, Mandates)
    live = {eid: one for eid, one in found.given.items() if args.which or not found.revocations(one)}
    given = choose(live, args.which, "mandate", "mandate show")
    entry = mandates.revoke(room, given, now)
    line = said(
        "The mandate of {holder} is revoked, for what they say once they have seen this; what they said before is not changed.",
        holder=person(given.holder),
    )
    return Answer([line], {"revoked": given.entry.id.hex(), "id": entry.id.hex()}, room)


def challenge(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    holder = room.find_member(args.to)
    entry = mandates.challenge(room, holder, args.text, now)
    line = said(
        "{holder} is asked to show their authority; when you have seen it, say so with `backchannel desk mandate checked`.",
        holder=person(holder),
    )
    return Answer([line], {"challenge": entry.id.hex()}, room)


def answer(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    found = _challenge(room, args.which)
    entry = mandates.answer(room, found, args.how or "", _item(room, args.item, now), now)
    line = said(
        "The room sees what answers the challenge; whether it does is for {challenger_side} to say.",
        challenger_side=one_line(found.challenger.side),
    )
    return Answer([line], {"answer": entry.id.hex(), "challenge": found.entry.id.hex()}, room)


def checked(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    found = _challenge(room, args.which)
    entry = mandates.checked(room, found, args.how, _item(room, args.item, now), now)
    line = said(
        "The room sees that {credential_side} has checked the authority of {holder}, and how.",
        credential_side=one_line(room.credential.side),
        holder=person(found.holder),
    )
    return Answer([line], {"checked": entry.id.hex(), "challenge": found.entry.id.hex()}, room)


def _challenge(room: Room, spoken: str | None) -> Challenge:
    known = {one.entry.id: one for one in read(room.log, Mandates).challenges()}
    return choose(known, spoken, "challenge", "mandate show")


def _item(room: Room, spoken: str | None, now: int) -> Item | None:
    return None if spoken is None else find(standing(room.log, now), spoken)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = read(room.log, Mandates)
    given = placed(room, found.given.values())
    people = room.seating.seated if room.seated else {}
    challenges = placed(room, found.challenges())
    if args.who is not None:
        who = _who(room, args.who, given)
        given = [one for one in given if one.holder.id == who]
        people = {mid: member for mid, member in people.items() if mid == who}
        challenges = [one for one in challenges if one.holder.id == who]
    labels = _labels(room, now)
    lines = [_person_line(room, member, now) for member in people.values()]
    for one in given:
        lines += _given_lines(room, one, labels, now)
    for asked in challenges:
        lines += _challenge_lines(asked, labels)
    value: dict[str, Json] = {
        "mandates": [_given_value(room, one, labels, now) for one in given],
        "people": [_person_authority(room, member, now) for member in people.values()],
        "challenges": [_challenge_value(one, labels) for one in challenges],
    }
    return Answer(lines, value, room)


def _who(room: Room, spoken: str, given: Sequence[Given]) -> MemberId:
    """Find whose mandates are asked for: somebody here, or somebody gone who had one."""
    gone = {one.holder.id for one in given if one.holder.name.casefold() == spoken.casefold()}
    return gone.pop() if len(gone) == 1 else room.find_member(spoken).id


def _labels(room: Room, now: int) -> dict[EventId, str]:
    return {item.entry.id: item.label for item in standing(room.log, now)}


def verified(room: Room, given: Given, labels: dict[EventId, str]) -> list[Verified]:
    """Give who of another side has reason to believe a mandate, as each of them says: checks first, then compared words."""
    checks = [
        Verified("checked", _author(room, step), told.how or said("by the act on the record"), step.event.at,
                 None if told.item is None else labels.get(EventId(told.item), told.item.hex()))
        for _, step, told in read(room.log, Mandates).checks(given)
    ]  # fmt: skip
    return checks if given.asserted else [*checks, *_compared(room, given.giver)]


def _compared(room: Room, giver: Member) -> list[Verified]:
    """Who of another side found the words right that they compared with whoever vouches."""
    people = room.log.people()
    return [
        Verified("words", people[mid], said("words compared with {giver}, who vouches", giver=giver.name), at)
        for exchange in exchanges(room.log)
        for mid, at in exchange.compared.items()
        if exchange.between(mid, giver.id) and mid in people and people[mid].side != giver.side
    ]


def _author(room: Room, entry: Entry) -> Member:
    return room.log.seating(entry.view).seated[entry.author]


def _person_line(room: Room, member: Member, now: int) -> str:
    found = authority(room.log, voice_now(room.log, member.id, now), None)
    word = {
        Basis.PRINCIPAL: said("as its principal"),
        Basis.VOUCHED: said("by a principal's mandate"),
        Basis.ASSERTED: said("by their own word alone"),
        Basis.NONE: "",
    }[found.basis]
    speaks = (
        said("speaks for {member_side} {word}", member_side=one_line(member.side), word=word)
        if found.side
        else said("binds nobody: {why}", why=one_line(found.why))
    )
    return said(
        "{member}, {role}: {speaks}", member=person(member), role=worded(ROLES, member.role), speaks=speaks
    )


def _person_authority(room: Room, member: Member, now: int) -> dict[str, Json]:
    found = authority(room.log, voice_now(room.log, member.id, now), None)
    return {
        **person_value(member.id, member),
        "speaks": found.side is not None,
        "mandate_basis": found.basis.value,
        "why": found.why,
    }


def _given_lines(room: Room, given: Given, labels: dict[EventId, str], now: int) -> list[str]:
    body, status = given.body, read(room.log, Mandates).status(given, now)
    whose = (
        said("says {holder}, and nobody vouches for it", holder=one_line(given.holder.name))
        if given.asserted
        else said(
            "{giver} vouches for it ({basis})", giver=person(given.giver), basis=basis(room, given.giver.id)
        )
    )
    until = "" if body.until is None else said(" until {until}", until=date(body.until))
    lines = [
        said(
            "mandate {entry}  {holder}: {level}, {statuses}; {whose}",
            entry=given.entry.id.hex()[:12],
            holder=person(given.holder),
            level=worded(LEVELS, body.level),
            statuses=STATUSES[status],
            whose=whose,
        ),
        said("  for {purpose}", purpose=one_line(body.purpose)),
        said(
            "  from {from_ms}{until}; its words go {gone_at}",
            from_ms=date(given.from_ms),
            until=until,
            gone_at=date(_gone_at(room, given.entry)),
        ),
    ]
    if body.limits:
        lines.append(said("  only on {limits}", limits=joined("; ", map(_limit_line, body.limits))))
    lines += [
        said("  ended by {author}, {at}", author=person(_author(room, one)), at=date(one.event.at))
        for one in read(room.log, Mandates).revocations(given)[:1]
    ]
    found = verified(room, given, labels)
    lines += ["  " + _verified_line(one) for one in found] or [
        said("  nobody of another side has checked it")
    ]
    return lines


def _limit_line(limit: Limit) -> str:
    options = joined(", ", map(one_line, limit.options))
    return (
        said("{issue} ({options})", issue=one_line(limit.issue), options=options)
        if options
        else one_line(limit.issue)
    )


def _verified_line(one: Verified) -> str:
    how = one_line(one.how) + (said(", see {item}", item=one_line(one.item)) if one.item else "")
    return said(
        "checked by {by}, {role}, {at}: {how}",
        by=person(one.by),
        role=worded(ROLES, one.by.role),
        at=date(one.at),
        how=how,
    )


def _challenge_lines(asked: Challenge, labels: dict[EventId, str]) -> list[str]:
    who = said("{challenger} to {holder}", challenger=person(asked.challenger), holder=person(asked.holder))
    lines = [
        said(
            "challenge {entry}  {who}, {at}: {body}",
            entry=asked.entry.id.hex()[:12],
            who=who,
            at=date(asked.entry.event.at),
            body=one_line(asked.body.text),
        )
    ]
    lines += [
        said(
            "  answered {at}: {told}{see}",
            at=date(step.event.at),
            told=one_line(told.text),
            see=_see(told.item, labels),
        )
        for step, told in asked.answers
    ]
    lines += [
        said(
            "  checked {at}: {how}{see}",
            at=date(step.event.at),
            how=one_line(told.how),
            see=_see(told.item, labels),
        )
        for step, told in asked.checks
    ]
    return lines if len(lines) > 1 else [*lines, said("  not answered yet")]


def _see(item: bytes | None, labels: dict[EventId, str]) -> str:
    return (
        ""
        if item is None
        else said(" (see {labels})", labels=one_line(labels.get(EventId(item), "something not here")))
    )


def _given_value(room: Room, given: Given, labels: dict[EventId, str], now: int) -> dict[str, Json]:
    body, found = given.body, read(room.log, Mandates)
    believed = [_verified_value(one) for one in verified(room, given, labels)]
    ended = found.revocations(given)
    return {
        "id": given.entry.id.hex(),
        "who": given.holder.name,
        "side": given.holder.side,
        "role": given.holder.role,
        "by": given.giver.name,
        "for": body.purpose,
        "level": body.level,
        "issues": [{"issue": limit.issue, "options": list(limit.options)} for limit in body.limits],
        "at_ms": given.entry.event.at,
        "from_ms": given.from_ms,
        "until_ms": body.until,
        "gone_ms": _gone_at(room, given.entry),
        "status": found.status(given, now).value,
        "revoked": None if not ended else {"by": _author(room, ended[0]).name, "at_ms": ended[0].event.at},
        "asserted": given.asserted,
        "verified": believed[0] if believed else None,
        "checks": believed,
    }


def _verified_value(one: Verified) -> dict[str, Json]:
    return {
        "kind": one.kind,
        "by": one.by.name,
        "side": one.by.side,
        "role": one.by.role,
        "how": one.how,
        "at_ms": one.at,
        "item": one.item,
    }


def _challenge_value(asked: Challenge, labels: dict[EventId, str]) -> dict[str, Json]:
    return {
        "id": asked.entry.id.hex(),
        "to": asked.holder.name,
        "by": asked.challenger.name,
        "side": asked.challenger.side,
        "text": asked.body.text,
        "at_ms": asked.entry.event.at,
        "answers": [
            {"at_ms": step.event.at, "text": said.text, "item": _label(said.item, labels)}
            for step, said in asked.answers
        ],
        "checked": [
            {"at_ms": step.event.at, "how": said.how, "item": _label(said.item, labels)}
            for step, said in asked.checks
        ],
    }


def _label(item: bytes | None, labels: dict[EventId, str]) -> str | None:
    return None if item is None else labels.get(EventId(item), item.hex())


def _newcomers(room: Room, given: Given) -> str:
    """Name who came into the room after a mandate, if nobody has given its holder one since."""
    newest = room.log.seating().seated
    later = voice_now(room.log, given.holder.id, 0)
    if read(room.log, Mandates).of(later)[-1:] != [given]:
        return ""
    there = room.log.seating(given.entry.view).seated
    return spoken_list(person(member) for mid, member in newest.items() if mid not in there)


def mandate_lines(room: Room, now: int) -> list[str]:
    """Say of which mandates of one's own side the end or the words go soon, and which challenges wait for an answer."""
    found, side = read(room.log, Mandates), room.credential.side
    lines = []
    for given in found.given.values():
        if given.holder.side != side or found.status(given, now) in {Status.EXPIRED, Status.REVOKED}:
            continue
        until = given.body.until
        gone = _gone_at(room, given.entry)
        if until is not None and now < until <= now + SOON_MS:
            lines.append(
                said("the mandate of {holder} ends {until}", holder=person(given.holder), until=date(until))
            )
        elif now < gone <= now + SOON_MS and (until is None or until > gone):
            lines.append(
                said(
                    "the words of the mandate of {holder} go {gone}: if it is to hold, give it again",
                    holder=person(given.holder),
                    gone=date(gone),
                )
            )
        if given.giver.id == room.me and not given.asserted and (late := _newcomers(room, given)):
            lines.append(
                said(
                    "{late} came after you gave {holder} a mandate and cannot see it: give it again for them",
                    late=late,
                    holder=person(given.holder),
                )
            )
    for asked in found.challenges():
        if asked.holder.id == room.me and not asked.answers:
            lines.append(
                said(
                    "{challenger} asks you to show your authority: `backchannel desk mandate show`",
                    challenger=person(asked.challenger),
                )
            )
        if asked.challenger.side == side and asked.answers and not asked.checks:
            lines.append(
                said(
                    "{holder} has answered your side's challenge: `backchannel desk mandate show`",
                    holder=person(asked.holder),
                )
            )
    return lines
