"""Commands on people: who asks, admit, remove, who is here, compare words."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.members import Motion
from backchannel.desk import acts
from backchannel.desk.commands.answer import Answer, Json, named, person, person_value, room_of, spoken_list
from backchannel.desk.commands.header import people_lines, people_value, readers, state_of
from backchannel.desk.commands.meetings import grouped
from backchannel.desk.commands.wording import ROLES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line, warnings
from backchannel.errors import Blocked, Refused
from backchannel.moves.paper import SHORTEST_ID
from backchannel.said import joined, said


def open_motions(room: Room) -> list[Motion]:
    """Give what is asked and not decided."""
    if not room.seated:
        return []
    return [
        motion
        for motion in room.seating.motions.values()
        if not motion.carried and motion.subject not in room.seating.gone
    ]


def motion_lines(room: Room, motion: Motion) -> list[str]:
    asked = said("brought by") if motion.credential is not None else said("asked by")
    told = (
        spoken_list(named(room, mid) for mid in sorted(motion.approvers))
        if motion.approvers
        else said("nobody")
    )
    waits = spoken_list(one_line(side) for side in motion.awaits)
    if motion.credential is None:
        what = said("{subject} is to leave", subject=named(room, motion.subject))
        how = said("backchannel desk remove {subject}", subject=motion.subject.hex()[:SHORTEST_ID])
    else:
        what = said(
            "{credential} asks to come in as {role}",
            credential=person(motion.credential),
            role=worded(ROLES, motion.credential.role),
        )
        how = said("backchannel desk admit {subject}", subject=motion.subject.hex()[:SHORTEST_ID])
    lines = [
        said("{what}, {asked} {author}", what=what, asked=asked, author=named(room, motion.author)),
        said("  keys {grouped}", grouped=grouped(motion.subject)),
        said(
            "  yes from {told}; still to be heard: {waits}", told=told, waits=waits or said("a second person")
        ),
    ]
    if motion.credential is not None:
        spoken = said(
            "{credential} {credential_side}",
            credential=motion.credential.name,
            credential_side=motion.credential.side,
        )
        lines += [said("  ! about this name: {warning}", warning=warning) for warning in warnings(spoken)]
    if room.me not in motion.approvers and room.me != motion.subject:
        lines.append(said("  to say yes: {how}", how=how))
    return lines


def motion_value(room: Room, motion: Motion) -> dict[str, Json]:
    who = motion.credential or room.credential_of(motion.subject)
    return {
        "id": motion.id.hex(),
        "what": "admission" if motion.credential is not None else "removal",
        "who": person_value(motion.subject, who),
        "keys": grouped(motion.subject),
        "warnings": warnings(f"{who.name} {who.side}"),
        "by": named(room, motion.author),
        "approved_by": [named(room, mid) for mid in sorted(motion.approvers)],
        "awaits": list(motion.awaits),
        "carried": motion.carried,
        "mine_to_answer": room.me not in motion.approvers and room.me != motion.subject,
    }


def requests(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = _in_it(room_of(desk, args))
    motions = open_motions(room)
    lines = [line for motion in motions for line in motion_lines(room, motion)]
    return Answer(
        lines or [said("Nobody asks for anything.")],
        {"requests": [motion_value(room, motion) for motion in motions]},
        room,
    )


def admit(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = _in_it(room_of(desk, args))
    motion = _motion(room, args.who)
    acts.admit(room, motion.id, now)
    after = room.seating.motions[EventId(motion.id)]
    assert after.credential is not None
    who = person(after.credential)
    if after.carried:
        line = said(
            "{who} is admitted and comes in with new keys; nothing said until now can be read by them.",
            who=who,
        )
    else:
        waits = spoken_list(one_line(side) for side in after.awaits)
        line = said(
            "You said yes to {who}; still to be heard: {waits}.",
            who=who,
            waits=waits or said("a second person"),
        )
    return Answer([line], motion_value(room, after), room)


def _motion(room: Room, spoken: str) -> Motion:
    asked = [motion for motion in open_motions(room) if motion.credential is not None]
    hits = [
        motion
        for motion in asked
        if motion.credential and motion.credential.name.casefold() == spoken.casefold()
    ]
    hits = hits or [
        motion for motion in asked if _is_id(spoken) and motion.subject.hex().startswith(spoken.lower())
    ]
    if not hits:
        raise Refused(
            said(
                "Nobody called {spoken} asks to come in; see `backchannel desk requests`.",
                spoken=one_line(spoken),
            )
        )
    if len(hits) > 1:
        ids = joined(" or ", (motion.subject.hex()[:SHORTEST_ID] for motion in hits))
        raise Refused(
            said(
                "More than one {spoken} asks to come in; say {ids}, as `backchannel desk requests` shows them.",
                spoken=one_line(spoken),
                ids=ids,
            )
        )
    return hits[0]


def _is_id(spoken: str) -> bool:
    return len(spoken) >= SHORTEST_ID


def remove(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = _in_it(room_of(desk, args))
    member = room.find_member(args.who)
    acts.remove(room, member.id, args.reason, now)
    if member.id in room.seating.gone:
        line = said(
            "{member} is removed: what is said from here on goes out under new keys. What they have read, they have read.",
            member=person(member),
        )
        return Answer([line], {"removed": True, "who": person_value(member.id, member)}, room)
    motion = next(motion for motion in open_motions(room) if motion.subject == member.id)
    waits = spoken_list(one_line(side) for side in motion.awaits)
    line = said(
        "You said that {member} is to leave; still to be heard: {waits}. Everyone in the room sees it, they too.",
        member=person(member),
        waits=waits,
    )
    return Answer([line], {"removed": False, **motion_value(room, motion)}, room)


def people(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = _in_it(room_of(desk, args))
    return Answer(
        [readers(room), *("  " + line for line in people_lines(room))], {"people": people_value(room)}, room
    )


def _in_it(room: Room) -> Room:
    """Blocked if this desk cannot read the room yet."""
    if not room.seated:
        raise Blocked(said("You cannot see this room yet: {state_of}.", state_of=state_of(room)))
    return room
