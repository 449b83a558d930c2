"""`desk package …`: agendas on the table, and what this desk alone knows of its own side's wants."""

import argparse
import base64

from msgspec import to_builtins

from backchannel.desk import packages
from backchannel.desk.commands.answer import Answer, Json, person, room_of, spoken_list
from backchannel.desk.commands.choosing import choose, placed
from backchannel.desk.desk import Desk
from backchannel.desk.notebook import OwnStance
from backchannel.desk.package_answers import Said, answered, refined, to_ask_again, told_before
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import Refused
from backchannel.moves.package import OnTable, PackageAgenda, Status, agendas
from backchannel.packages.again import OTHERWISE
from backchannel.packages.agenda import Agenda
from backchannel.packages.answers import ends
from backchannel.packages.fairness import explained, view
from backchannel.packages.preferences import Additive
from backchannel.said import joined, said

LISTED = "package show"
KEPT = said(
    "This desk alone knows it now, in its vault; nothing was sent, and nobody in the room sees that you did this."
)
WORDS = {
    Status.PROPOSED: said("not yet agreed by all"),
    Status.AGREED: said("agreed by all its sides"),
    Status.DROPPED: said("off the table"),
    Status.GONE: said("its words have gone"),
}


def propose(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    agenda = (
        packages.imported(data).agenda
        if (data := _file(args)) is not None
        else Agenda.of(*(packages.issue(spoken) for spoken in args.issue))
    )
    entry = packages.propose(room, agenda, args.sides, now, secret=args.secret)
    found = find(room, entry.id.hex())
    body = body_of(found)
    count = agenda.space(secret=args.secret).count
    others = spoken_list(one_line(side) for side in body.sides if side not in found.agreed)
    lines = [
        said(
            "The agenda is on the table, of {count} issues and {count_2} packages; your side agrees to it, {others} not yet.",
            count=len(agenda.issues),
            count_2=f"{count:,}",
            others=others,
        ),
        said(
            "What your side wants is not in it: tell this desk alone with `backchannel desk package prefer`."
        ),
    ]
    if not args.secret and any(option.secret for issue in agenda.issues for option in issue.options):
        lines.append(said("Without --secret, no package holds an option that must stay off the public text."))
    return Answer(lines, {"agenda": entry.id.hex(), "packages": count, "sides": list(body.sides)}, room)


def agree(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = find(room, args.which)
    entry = packages.agree(room, target, now)
    found = find(room, target.entry.id.hex())
    line = (
        said("All its sides have agreed to the agenda; nobody can change it any more.")
        if found.status is Status.AGREED
        else said("Your side has agreed to the agenda; not yet all have.")
    )
    return Answer(
        [line], {"agreed": target.entry.id.hex(), "id": entry.id.hex(), "status": found.status.value}, room
    )


def drop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = find(room, args.which)
    entry = packages.drop(room, target, now)
    line = said("The agenda is off the table; everyone in the room sees that.")
    return Answer([line], {"dropped": target.entry.id.hex(), "id": entry.id.hex()}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    room = room_of(desk, args)
    found = placed(room, agendas(room.log))
    if args.which is not None:
        wanted = find(room, args.which)
        found = [one for one in found if one.entry.id == wanted.entry.id]
    lines = [line for one in found for line in _lines(desk, one)]
    value: dict[str, Json] = {"agendas": [_value(desk, one) for one in found]}
    return Answer(lines or [said("No agenda is on the table in this room.")], value, room)


def prefer(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    room = room_of(desk, args)
    target = find(room, args.which)
    body = body_of(target)
    space = body.agenda.space(secret=body.schedule.secret)
    if (data := _file(args)) is not None:
        profile = packages.imported(data)
        wants, walk_away = profile.onto(body.agenda), profile.walk_away
    else:
        wants, walk_away = answered(body.agenda, args.words), 0
    if args.walk_away is not None:
        walk_away = packages.placed_walk_away(wants, space, args.walk_away)
    packages.keep(desk.vault, room, target.entry.id, wants, walk_away)
    return Answer([KEPT], {"agenda": target.entry.id.hex()}, room)


def refine(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    room = room_of(desk, args)
    target = find(room, args.which)
    body, kept = body_of(target), _told(desk, target)
    space = body.agenda.space(secret=body.schedule.secret)
    before = Additive(kept.shares)
    wants = refined(body.agenda, before, args.words)
    # the walk-away stays at the same part of the way from nothing to the best
    walk_away = kept.walk_away * wants.best(space) // max(1, before.best(space))
    packages.keep(desk.vault, room, target.entry.id, wants, walk_away)
    return Answer([KEPT], {"agenda": target.entry.id.hex()}, room)


def told(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    """Give the first answers for the terminal to ask about again."""
    target = find(room := room_of(desk, args), args.which)
    asked = to_ask_again(body_of(target).agenda, Additive(_told(desk, target).shares))
    value: list[Json] = [
        {"title": title, "between": dict(between), "matters": matters}
        for title, (between, matters) in asked.items()
    ]
    return Answer([], {"issues": value}, room)


def _told(desk: Desk, target: OnTable) -> OwnStance:
    """Give what this desk was told in few answers, or raise Refused."""
    found = packages.kept(desk.vault, target.entry.id)
    if found is None:
        raise Refused(
            "This desk does not know what you want; tell it with `backchannel desk package prefer`."
        )
    if not found.shares:
        raise Refused(OTHERWISE)
    return found


def explain(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    room = room_of(desk, args)
    target = find(room, args.which)
    body = body_of(target)
    space = body.agenda.space(secret=body.schedule.secret)
    mine = packages.stance(desk.vault, target.entry.id, space)
    if mine is None:
        raise Refused(
            "This desk does not know what you want; tell it with `backchannel desk package prefer`."
        )
    chosen = packages.package(body.agenda, args.choose)
    seen = view(space, mine, chosen)
    lines = [one_line(line) for line in explained(body.agenda, space, mine, chosen)]
    if not all(choice in options for choice, options in zip(chosen, space.open, strict=True)):
        lines.append(
            said("This package holds an option that must stay off the public text; the search leaves it out.")
        )
    return Answer(
        lines, {"thousandths": seen.thousandths, "better_share": seen.better_share, "lines": lines}, room
    )


def forget(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    room = room_of(desk, args)
    target = find(room, args.which)
    packages.forget(desk.vault, target.entry.id)
    return Answer([said("What you wanted is gone from this desk.")], {"agenda": target.entry.id.hex()}, room)


def questions(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001 - as every command
    """Give the issues for a terminal or a form to ask about, each with what was answered before."""
    room = room_of(desk, args)
    target = find(room, args.which)
    body, kept = body_of(target), packages.kept(desk.vault, target.entry.id)
    before = _answers(body.agenda, kept)
    value: list[Json] = [
        {
            "title": issue.title,
            "options": [option.text for option in issue.options],
            "ends": [asked.words for asked in ends(body.agenda, place)],
            "told": None if before is None else to_builtins(before[place]),
        }
        for place, issue in enumerate(body.agenda.issues)
    ]
    space = body.agenda.space(secret=body.schedule.secret)
    place = 0 if kept is None or before is None else packages.walk_away_place(kept, space)
    return Answer(
        [], {"issues": value, "walk_away": place, "otherwise": kept is not None and before is None}, room
    )


def _answers(agenda: Agenda, kept: OwnStance | None) -> list[Said | None] | None:
    """Give the answers that this desk was told, or None if it was told none, or told otherwise than in few answers."""
    if kept is None or not kept.shares:
        return None
    try:
        return told_before(agenda, Additive(kept.shares))
    except Refused:
        return None


def _file(args: argparse.Namespace) -> bytes | None:
    """Give the file that came with a command, in base64."""
    data = getattr(args, "data", None)
    return None if data is None else base64.b64decode(data)


def find(room: Room, spoken: str | None) -> OnTable:
    """Find an agenda by the first letters of its id; the only one on the table need not be named."""
    known = {
        one.entry.id: one
        for one in agendas(room.log)
        if spoken is not None or one.status in {Status.PROPOSED, Status.AGREED}
    }
    return choose(known, spoken, "agenda", LISTED)


def body_of(found: OnTable) -> PackageAgenda:
    """Give the words of an agenda, or raise Refused if they have gone."""
    if found.body is None:
        raise Refused("The words of this agenda have gone; put another on the table.")
    return found.body


def _lines(desk: Desk, one: OnTable) -> list[str]:
    head = said(
        "agenda {entry}  {words}; put on the table by {author}, {at}",
        entry=one.entry.id.hex()[:12],
        words=WORDS[one.status],
        author=person(one.author),
        at=date(one.entry.event.at),
    )
    if one.body is None:
        return [head]
    body = one.body
    space = body.agenda.space(secret=body.schedule.secret)
    lines = [head]
    for issue in body.agenda.issues:
        texts = [
            one_line(option.text) + (said(" [off the public text]") if option.secret else "")
            for option in issue.options
        ]
        lines.append(
            said("  {issue_title}: {texts}", issue_title=one_line(issue.title), texts=joined(" | ", texts))
        )
    lines += [
        said(
            "  {side}: {said}",
            side=one_line(side),
            said=said("agrees") if side in one.agreed else said("has not agreed yet"),
        )
        for side in body.sides
    ]
    kept = packages.stance(desk.vault, one.entry.id, space) is not None
    own = said("this desk knows what you want") if kept else said("this desk has not been told what you want")
    return [
        *lines,
        said("  {count} packages; {own}, and nobody else does", count=f"{space.count:,}", own=own),
    ]


def _value(desk: Desk, one: OnTable) -> dict[str, Json]:
    value: dict[str, Json] = {
        "id": one.entry.id.hex(),
        "by": one.author.name,
        "at_ms": one.entry.event.at,
        "status": one.status.value,
        "agreed": sorted(one.agreed),
    }
    if one.body is None:
        return value
    body = one.body
    space = body.agenda.space(secret=body.schedule.secret)
    return value | {
        "sides": list(body.sides),
        "secret": int(body.schedule.secret),
        "packages": space.count,
        "digest": body.digest().hex(),
        "preferences_kept": int(packages.stance(desk.vault, one.entry.id, space) is not None),
        "issues": [
            {
                "title": issue.title,
                "options": [{"text": option.text, "secret": int(option.secret)} for option in issue.options],
            }
            for issue in body.agenda.issues
        ],
    }
