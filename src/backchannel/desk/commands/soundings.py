"""`desk sound …`: feelers and soundings, and the ledger of what they may have told others."""

import argparse
from collections.abc import Mapping

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Round
from backchannel.crypto.sounding.params import Kind
from backchannel.desk import soundings
from backchannel.desk.commands.answer import Answer, Json, named, own_title, room_of, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.promises import shortened
from backchannel.desk.commands.wording import SOUNDINGS, worded
from backchannel.desk.desk import Desk
from backchannel.desk.prices import are_prices, marked
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.sounding_stand import Stand, standing
from backchannel.desk.sounding_stand import whole as whole_of
from backchannel.desk.sounding_store import left
from backchannel.desk.when import date, moment
from backchannel.errors import Refused
from backchannel.moves.sounding import Soundings
from backchannel.said import said

LISTED = "sound show"
NOTHING = said("No joint yes.")
MANY = 12  # options shown of an open sounding without naming it

ENDS = {
    How.ABSENT: said("It ended without a result, because not everybody spoke in time."),
    How.BROKEN: said("It ended without a result, because somebody broke the rules."),
    How.DISAGREED: said(
        "It ended without a result: the desks hold different accounts of it, and whose fault that is does not show."
    ),
    How.WITHDRAWN: said("You gave it up."),
}


def feel(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    args.kind, args.options, args.marks = "all", [args.text.strip()], [not args.no]
    return opened(desk, args, now)


def open_list(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    args.options = [line.strip() for line in args.words.splitlines() if line.strip()]
    args.marks = _marks(args, len(args.options))
    return opened(desk, args, now)


def opened(desk: Desk, args: argparse.Namespace, now: int, *, counts_up: bool = True) -> Answer:
    """Open a sounding; of limits the one of this person counts up from the first option, or down from the last."""
    room = room_of(desk, args)
    kind = Kind(args.kind)
    due, batch = moment(args.by, now), int(kind in {Kind.FIRST, Kind.DRAWN})
    params = soundings.opening(
        room, kind, args.options, due, now, asked=args.asked, batch=batch, binding=args.binding
    )
    if kind is Kind.THRESHOLD and room.me in params.sides:
        other = next(MemberId(side) for side in params.sides if side != room.me)
        params = soundings.posted_by(params, room.me if counts_up else other)
    agenda = args.about.strip() or own_title(desk, room)
    entry = soundings.open_sounding(room, params, agenda, args.marks, now, mandate=args.new_mandate)
    others = [named(room, MemberId(side)) for side in params.sides if side != room.me]
    lines = [
        said(
            "Asked: {others}. Answers are due {deadlines}.",
            others=spoken_list(others),
            deadlines=date(params.deadlines[0]),
        )
    ]
    if kind is Kind.THRESHOLD:
        lines.append(
            said(
                "Only whether the limits meet will show. As a plain list it would show both limits, at the two ends of"
                " what all accept."
            )
        )
    if args.marks is None and room.me in params.sides:
        lines.append(said("Your own answers are still to come: `backchannel desk sound answer`."))
    return Answer(lines, {"sounding": entry.id.hex(), "asked": [side.hex() for side in params.sides]}, room)


def answer(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = _choose(room, args.which, now, waiting=True)
    options = found.opened.params.options
    marks = _marks(args, len(options)) if args.mine is None else marked(options, args.mine, args.end)
    assert marks is not None
    soundings.answer(room, found.opened.entry.id, marks, now, mandate=args.new_mandate)
    line = said("Your answers are given. Nobody learns of a no, nor of a yes that not all share.")
    return Answer(
        [line, *_outcome(room, found.opened.entry.id, now)], {"sounding": found.opened.entry.id.hex()}, room
    )


def stop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = _choose(room, args.which, now, waiting=False)
    target = found.opened.entry.id
    done = soundings.stop(room, target, now)
    return Answer(_outcome(room, target, now), {"sounding": target.hex(), "how": done.how}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = standing(room, now)
    if args.which is not None:
        found = [choose({one.opened.entry.id: one for one in found}, args.which, "sounding", LISTED)]
    lines: list[str] = []
    for one in [] if args.json else found:
        lines += _lines(room, one, whole=args.which is not None)
    value: list[Json] = [_value(room, one) for one in found]
    return Answer(lines or [said("No sounding was opened in this room.")], {"soundings": value}, room)


def sounding_lines(room: Room, now: int) -> list[str]:
    """Say which soundings await this person, and which have passed their time."""
    lines = []
    for one in standing(room, now):
        params, short = one.opened.params, one.opened.entry.id.hex()[:12]
        what = (
            said("“{options}”", options=one_line(params.options[0]))
            if len(params.options) == 1
            else said("{count} options", count=len(params.options))
        )
        if one.done is not None:
            continue
        if params.parent and room.me in one.opened.people and not one.answered and not one.overdue:
            lines.append(
                said(
                    "sounding {short} ({what}) is to be repeated without somebody: decide by {deadlines}",
                    short=short,
                    what=what,
                    deadlines=date(params.deadlines[0]),
                )
            )
        elif room.me in one.opened.people and not one.answered and not one.overdue:
            lines.append(
                said(
                    "sounding {short} ({what}) awaits your answer, by {deadlines}",
                    short=short,
                    what=what,
                    deadlines=date(params.deadlines[0]),
                )
            )
        elif one.answered and one.overdue:
            lines.append(
                said(
                    "sounding {short} ({what}) has passed its time: it ends by itself once all that was said in time is here",
                    short=short,
                    what=what,
                )
            )
    return lines


def sounding_value(room: Room, now: int) -> list[Json]:
    """Give which soundings await this person, to a script."""
    return [
        {
            "id": one.opened.entry.id.hex(),
            "due_ms": one.opened.params.deadlines[0],
            "words": shortened(" | ".join(one.opened.params.options)),
        }
        for one in standing(room, now)
        if one.done is None and room.me in one.opened.people and not one.answered and not one.overdue
    ]


def _choose(room: Room, spoken: str | None, now: int, *, waiting: bool) -> Stand:
    known: Mapping[EventId, Stand] = {
        one.opened.entry.id: one
        for one in standing(room, now)
        if spoken is not None or (one.done is None and (not waiting or _asked(room, one)))
    }
    return choose(known, spoken, "sounding", LISTED)


def _asked(room: Room, one: Stand) -> bool:
    """Whether a sounding awaits this person's marks."""
    return room.me in one.opened.people and not one.answered and not one.opened.params.parent


def _marks(args: argparse.Namespace, count: int) -> list[bool] | None:
    """Read what somebody accepts off `--yes 1,3-5`, `--all` or `--none`; None if they have not said."""
    if args.every or args.none:
        return [bool(args.every)] * count
    if args.accepted is None:
        return None
    chosen: set[int] = set()
    for part in args.accepted.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise Refused("Name options by their numbers, such as --yes 1,3-5.")
        chosen |= (
            set(range(int(first), int(last or first) + 1)) if int(last or first) <= count else {count + 1}
        )
    if not chosen <= set(range(1, count + 1)):
        raise Refused(said("The options have the numbers 1 to {count}.", count=count))
    return [number + 1 in chosen for number in range(count)]


def _outcome(room: Room, target: EventId, now: int) -> list[str]:
    found = next(one for one in standing(room, now) if one.opened.entry.id == target)
    return _lines(room, found, whole=False)[1:] if found.done else []


def _lines(room: Room, one: Stand, *, whole: bool) -> list[str]:
    params, target = one.opened.params, one.opened.entry.id
    count = len(params.options)
    what = (
        said("“{options}”", options=one_line(params.options[0]))
        if count == 1
        else said("{count} options, {kind}", count=count, kind=worded(SOUNDINGS, params.kind))
    )
    binding = said("; binding: what all accept is promised by all") if params.binding else ""
    among = (
        said(", among {mid} alone", mid=spoken_list(named(room, mid) for mid in one.opened.people))
        if params.parent
        else ""
    )
    lines = [
        said(
            "{target} {what}{among}, opened by {author}{binding}",
            target=target.hex()[:12],
            what=what,
            among=among,
            author=named(room, one.opened.entry.author),
            binding=binding,
        )
    ]
    if one.done is not None:
        return [*lines, *("  " + line for line in _ended(room, one))]
    if params.parent and room.me in one.opened.people and not one.answered:
        lines.append(
            said(
                "  it repeats a sounding without those who kept their last word back; decide by {deadlines}:"
                " `backchannel desk sound again`",
                deadlines=date(params.deadlines[0]),
            )
        )
    elif room.me in one.opened.people and not one.answered:
        due = date(params.deadlines[0])
        lines.append(
            said("  the time for answers has passed, {due}", due=due)
            if one.overdue
            else said("  it awaits your answer, by {due}: `backchannel desk sound answer`", due=due)
        )
    elif one.missing:
        late = said(", and the time has passed") if one.overdue else ""
        lines.append(
            said(
                "  waiting for {mid}{late}",
                mid=spoken_list(named(room, mid) for mid in one.missing),
                late=late,
            )
        )
    if one.reckoning and one.reckoned:
        lines.append(
            said(
                "  your desk has dealt with {reckoned} of {whole}",
                reckoned=f"{one.reckoned:,}",
                whole=f"{whole_of(params):,}",
            )
        )
    if params.kind is Kind.THRESHOLD:
        poster, chooser = (
            named(room, MemberId(params.sides[at])) for at in (params.poster, 1 - params.poster)
        )
        lines.append(
            said(
                "  a limit is asked: {poster} accepts from 1 on up to theirs, {chooser} from {count} on down to theirs",
                poster=poster,
                chooser=chooser,
                count=count,
            )
        )
    if params.kind is Kind.DRAWN:
        lines.append(
            said(
                "  once all have answered, one of these is drawn by all desks together, and only whether all accept that one shows"
            )
        )
    if count > 1 and (whole or count <= MANY):
        lines += [
            said("  {number}. {line}", number=number, line=line)
            for number, option in enumerate(params.options, 1)
            for line in text_lines(option)
        ]
    return lines


def _ended(room: Room, one: Stand) -> list[str]:
    done, params = one.done, one.opened.params
    assert done is not None
    if done.how != How.RESULT:
        who = spoken_list(named(room, MemberId(side)) for side in done.sides)
        by = read(room.log, Soundings).stopped(one.opened.entry.id)
        if done.how == How.WITHDRAWN and by is not None and by != room.me:
            return [said("{who} gave it up.", who=named(room, by)), _learnt(room, one)]
        lines = [ENDS[How(done.how)]]
        lines += (
            [said("{who}: {reason}", who=who, reason=one_line(done.reason))]
            if done.reason and not done.blamed
            else [said("Awaited: {who}.", who=who)]
            if who
            else []
        )
        return [*lines, _learnt(room, one), *_blamed(room, one), *_repeat(room, one)]
    if params.parent:
        return [
            said("Among {mid} alone:", mid=spoken_list(named(room, mid) for mid in one.opened.people)),
            *_result(one),
            *_blamed(room, one),
        ]
    return [*_result(one), *_blamed(room, one)]


def _blamed(room: Room, one: Stand) -> list[str]:
    """Say who was seen after the end to have broken the rules."""
    if one.done is None or not one.done.blamed:
        return []
    who = named(room, MemberId(one.done.blamed))
    return [said("Seen since it ended: {who}: {reason}", who=who, reason=one_line(one.done.reason))]


def _result(one: Stand) -> list[str]:
    done, params = one.done, one.opened.params
    assert done is not None
    if params.kind is Kind.THRESHOLD:
        return [said("Your limits meet.") if done.meet else said("The limits do not meet.")]
    if done.drawn is not None:
        drawn = one_line(params.options[done.drawn])
        accepted = (
            said("Everybody accepts it.")
            if done.joint
            else said("Not everybody accepts it; nobody learns who does not.")
        )
        return [said("Drawn by all desks together: {drawn}.", drawn=drawn), accepted]
    if not done.joint:
        return [NOTHING]
    if len(params.options) == 1:
        return [said("Everybody said yes.")]
    return [
        said("Everybody said yes to:"),
        *(
            said("{number}. {options}", number=number + 1, options=one_line(params.options[number]))
            for number in done.joint
        ),
    ]


def _learnt(room: Room, one: Stand) -> str:
    """Say what may be known of a sounding that ended without a result."""
    done, people = one.done, one.opened.people
    assert done is not None
    if done.round < Round.SHARES:
        return said("Nobody's answers were opened: nothing was learnt by anybody.")
    if not done.exposed:
        return said("It is void. Your own last word was not given, so nobody can know the result.")
    others = [named(room, mid) for mid in people if mid != room.me]
    if len(others) == 1:
        return said(
            "It is void, and counts as a sounding. Assume that {others} knows the result: your last word was given.",
            others=others[0],
        )
    return said(
        "It is void, and counts as a sounding. Your last word was given, so others may know the result although you do not."
    )


def _repeat(room: Room, one: Stand) -> list[str]:
    """Say that those who are left can repeat a sounding, as long as they can."""
    if left(room, one.opened.entry.id) is None or room.me not in one.opened.people:
        return []
    return [
        said(
            "Those who gave theirs can repeat it among themselves, if each decides so: `backchannel desk sound again`."
        )
    ]


def _value(room: Room, one: Stand) -> dict[str, Json]:
    params, done = one.opened.params, one.done
    return {
        "id": one.opened.entry.id.hex(),
        "by": named(room, one.opened.entry.author),
        "kind": params.kind.value,
        "agenda": one.opened.agenda,
        "options": list(params.options),
        "prices": int(are_prices(params.options)),
        "binding": params.binding,
        "people": [named(room, mid) for mid in one.opened.people],
        "due_ms": params.deadlines[0],
        "awaits_you": room.me in one.opened.people and not one.answered and done is None,
        "among": [named(room, mid) for mid in one.opened.people] if params.parent else [],
        "can_repeat": int(left(room, one.opened.entry.id) is not None and room.me in one.opened.people),
        "reckoned": one.reckoned,
        "whole": whole_of(params),
        "reckoning": int(one.reckoning),
        "round": one.round if done is None else None,
        "missing": [named(room, mid) for mid in one.missing],
        "ended": None if done is None else done.how,
        "joint": None if done is None or done.how != How.RESULT else [number + 1 for number in done.joint],
        "meet": None if done is None or done.how != How.RESULT else done.meet,
        "drawn": None if done is None or done.drawn is None else done.drawn + 1,
        "nothing_learnt": None
        if done is None
        else int(done.how != How.RESULT and (done.round < Round.SHARES or not done.exposed)),
        "blamed": None if done is None or not done.blamed else named(room, MemberId(done.blamed)),
        "told": [] if done is None else list(_ended(room, one)),
        "named": [] if done is None else [named(room, MemberId(side)) for side in done.sides],
    }
