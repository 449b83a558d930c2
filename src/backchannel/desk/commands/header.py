"""What stands above a room on every screen: who reads it, why their keys are believed, until when, whether records agree."""

from collections import Counter

from backchannel.channel.event import MemberId
from backchannel.channel.members import Member, Role
from backchannel.desk import comparing
from backchannel.desk.commands.answer import Json, own_title, person, person_value, title
from backchannel.desk.commands.wording import KINDS, ROLES, RULES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import alike, one_line, warnings
from backchannel.desk.when import date, span
from backchannel.moves.authority import Basis, authority
from backchannel.moves.voice import voice_now
from backchannel.said import joined, said

NO_COVER = said("no cover: the relay sees when you write")
DENIABLE = said("talk is deniable; only a sealed text can be proved")
YOUR_WORD = {
    Basis.PRINCIPAL: said("you speak for {side}, as its principal"),
    Basis.VOUCHED: said("you speak for {side}, by a principal's mandate"),
    Basis.ASSERTED: said("you speak for {side}, by your own word alone"),
}
NOT_IN_YET = said("you are not in it yet; it opens by itself when the others have admitted you")


def state_word(room: Room) -> str:
    """Name the same in one word, for a program: `open` or why not."""
    if room.frozen:
        return "frozen"
    if room.archive:
        return "archive"
    if room.left:
        return "left"
    if not room.seated:
        return "not-yet"
    return "open" if room.me in room.seating.seated else "out"


def state_of(room: Room) -> str:
    """Say why nothing can be said in a room; empty if it is open."""
    if room.frozen:
        return said("frozen: {frozen}", frozen=said(room.frozen))
    if room.archive:
        return said("from a back-up: can only be read")
    if room.left:
        return said("you have left it")
    if not room.seated:
        return NOT_IN_YET
    return "" if room.me in room.seating.seated else said("you are no longer in it")


def readers(room: Room) -> str:
    """Say who can read the room: `PLENARY · readable by 6: A 2, B 3, go-between 1`."""
    counts = _counted(room)
    between = counts.pop("", 0)
    groups = [said("{name} {count}", name=name, count=count) for name, count in counts.items()]
    groups += (
        [said("{go_between} {between}", go_between=worded(ROLES, Role.GO_BETWEEN.value), between=between)]
        if between
        else []
    )
    seating = room.seating
    return said(
        "{kind} · readable by {count}: {groups}",
        kind=worded(KINDS, seating.epoch.charter.kind),
        count=len(seating.seated),
        groups=joined(", ", groups),
    )


def readers_value(room: Room) -> dict[str, Json]:
    """Give the same in parts, to be said in any language; a go-between counts for no side."""
    counts = _counted(room)
    between = counts.pop("", 0)
    return {
        "kind": room.seating.epoch.charter.kind,
        "people": len(room.seating.seated),
        "sides": [{"side": side, "people": count} for side, count in counts.items()],
        "go_betweens": between,
    }


def _counted(room: Room) -> dict[str, int]:
    """Count the readers of each side in the order of the sides' names; go-betweens under the empty name."""
    counts = Counter(
        "" if member.role == Role.GO_BETWEEN else one_line(member.side) or "?"
        for member in room.seating.seated.values()
    )
    return dict(sorted(counts.items()))


def basis(room: Room, mid: MemberId) -> str:
    """Say why this desk believes that somebody's keys are theirs."""
    return one_line(comparing.basis(room, mid))


def people_lines(room: Room) -> list[str]:
    lines = []
    for mid, member in room.seating.seated.items():
        lines.append(
            said(
                "{member}, {role}: {basis}",
                member=person(member),
                role=worded(ROLES, member.role),
                basis=basis(room, mid),
            )
        )
        lines += [
            said("! about this name: {warning}", warning=warning)
            for warning in warnings(f"{member.name} {member.side}")
        ]
    for motion in room.seating.motions.values():
        if motion.credential is not None and not motion.carried:
            lines.append(
                said("{credential} asks to come in: cannot read yet", credential=person(motion.credential))
            )
    names = [member.name for member in room.seating.seated.values()]
    lines += [
        said("! {one} and {other} look alike: they are two people", one=one_line(one), other=one_line(other))
        for one, other in alike(names)
    ]
    return lines


def people_value(room: Room) -> list[Json]:
    return [
        {
            **person_value(mid, member),
            "you": mid == room.me,
            "basis": basis(room, mid),
            "warnings": warnings(f"{member.name} {member.side}"),
        }
        for mid, member in room.seating.seated.items()
    ]


def header_lines(desk: Desk, room: Room, now: int) -> list[str]:
    if not room.seated:
        return [said("{title}: {state_of}", title=title(desk, room), state_of=state_of(room))]
    seating = room.seating
    number = room.log.highest()
    state = state_of(room)
    return [
        title(desk, room),
        *(["! " + state] if state else []),
        readers(room),
        *("  " + line for line in people_lines(room)),
        said(
            "record: same on {same_up_to} of {count} up to #{number}",
            same_up_to=room.same_up_to(number),
            count=len(seating.seated),
            number=number,
        ),
        said(
            "texts live {retention_seconds} on unmodified software{stricter}",
            retention_seconds=span(seating.retention_seconds * 1000),
            stricter=_stricter(room),
        ),
        said("what is said now is kept until {until}", until=date(kept_until(room, now))),
        your_word(room, now),
        DENIABLE,
        said("unless a paper says otherwise: {rule}", rule=worded(RULES, seating.epoch.charter.rule)),
        NO_COVER,
    ]


def kept_until(room: Room, now: int) -> int:
    """Give until when what is said now is kept, in milliseconds since 1970, unless its author says earlier."""
    return now + room.seating.retention_seconds * 1000


def your_word(room: Room, now: int) -> str:
    """Say whom this person binds by what they say here."""
    found = authority(room.log, voice_now(room.log, room.me, now), None)
    if found.side is None or found.basis is Basis.NONE:
        return said("what you say binds no side")
    return said(YOUR_WORD[found.basis], side=one_line(found.side))


def _stricter(room: Room) -> str:
    seating = room.seating
    by = [
        one_line(side)
        for side, wish in seating.retention_by_side.items()
        if wish == seating.retention_seconds
    ]
    return said(", as {by} asked", by=joined(" and ", sorted(by))) if by else ""


def header_value(desk: Desk, room: Room, now: int) -> dict[str, Json]:
    if not room.seated:
        return {"title": own_title(desk, room), "state": state_of(room), "state_word": state_word(room)}
    seating, number = room.seating, room.log.highest()
    return {
        "title": seating.epoch.charter.title,
        "state": state_of(room) or "open",
        "state_word": state_word(room),
        "channel": seating.epoch.charter.channel,
        "kind": seating.epoch.charter.kind,
        "rule": seating.epoch.charter.rule,
        "epoch": seating.epoch.number,
        "audience": readers(room),
        "readable": readers_value(room),
        "people": people_value(room),
        "look_alike": [list(pair) for pair in alike(one.name for one in seating.seated.values())],
        "retention_seconds": seating.retention_seconds,
        "retention_by_side": dict(seating.retention_by_side),
        "kept_until_ms": kept_until(room, now),
        "your_word": your_word(room, now),
        "up_to": number,
        "same_on": room.same_up_to(number),
        "cover": False,
    }


def who_is(member: Member) -> str:
    return said("{member}, {role}", member=person(member), role=worded(ROLES, member.role))
