"""What is on the record beside papers, in one line each: people coming and going, and whatever this desk does not know."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Approve,
    Epoch,
    Remove,
    Request,
    Retention,
    member_id,
    parse_credential,
)
from backchannel.channel.members import Leave as Leaving
from backchannel.channel.reading import read
from backchannel.channel.words import KINDS as WORDS_KINDS
from backchannel.channel.words import WordsAnswer, WordsCommit, WordsCompared, WordsReveal
from backchannel.desk.commands import (
    tell_clock,
    tell_consent,
    tell_mandate,
    tell_need_to_know,
    tell_package,
    tell_precondition,
    tell_promise,
    tell_ratification,
    tell_script,
    tell_seal,
    tell_sounding,
    tell_standby,
    tell_sunset,
    tell_surface,
)
from backchannel.desk.commands.answer import Json, named, person, person_value, spoken_list
from backchannel.desk.commands.leak import alarm_lines as leak_lines
from backchannel.desk.commands.promises import alarm_lines
from backchannel.desk.commands.scripts import alarm_lines as script_lines
from backchannel.desk.commands.wording import ROLES, worded
from backchannel.desk.comparing import alarms
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, span
from backchannel.errors import Violation
from backchannel.moves.beyond import beyond
from backchannel.moves.paper import LASTING, HandBack, Papers, Withdraw
from backchannel.moves.table import KINDS as MOVE_KINDS
from backchannel.said import joined, said
from backchannel.wire.codec import Record, decode

KNOWN: Mapping[str, type[Record]] = {**MEMBERSHIP_KINDS, **WORDS_KINDS, **MOVE_KINDS}
# What is said of each move, after its author's name; each family of moves has its own page of sentences.
SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    **tell_clock.SENTENCES,
    **tell_consent.SENTENCES,
    **tell_mandate.SENTENCES,
    **tell_need_to_know.SENTENCES,
    **tell_package.SENTENCES,
    **tell_precondition.SENTENCES,
    **tell_promise.SENTENCES,
    **tell_ratification.SENTENCES,
    **tell_script.SENTENCES,
    **tell_seal.SENTENCES,
    **tell_sounding.SENTENCES,
    **tell_standby.SENTENCES,
    **tell_sunset.SENTENCES,
    **tell_surface.SENTENCES,
}


def event_line(room: Room, entry: Entry) -> str:
    void = "" if entry.void is None else said(" (counts for nothing: {void})", void=one_line(entry.void))
    return said(
        "- {at}: {said}{void}{beyond}",
        at=date(entry.event.at),
        said=_said(room, entry),
        void=void,
        beyond=_beyond(room, entry),
    )


def _beyond(room: Room, entry: Entry) -> str:
    why = beyond(room.log, entry)
    if why is None:
        return ""
    return said(
        " (beyond the mandate: {why}; it is not the word of {people_side})",
        why=one_line(why),
        people_side=one_line(room.log.people()[entry.author].side),
    )


def event_value(room: Room, entry: Entry) -> dict[str, Json]:
    """Give an event as a script sees it; `crossed` are the items written without sight of it, if it is a move."""
    value: dict[str, Json] = {
        "id": entry.id.hex(),
        "kind": entry.event.kind,
        "author": named(room, entry.author),
        "author_name": room.name(entry.author),
        "at_ms": entry.event.at,
        "line": _said(room, entry),
        "void": entry.void,
    }
    if entry.event.kind in MOVE_KINDS:
        received, _ = room.times(entry.id)
        papers = read(room.log, Papers)
        value |= {
            "mine": entry.author == room.me,
            "beyond_mandate": beyond(room.log, entry),
            "received_ms": received,
            "receipts": [
                {"name": room.name(mid), "received_ms": there}
                for mid, (there, _) in sorted(room.receipts(entry.id).items())
                if mid != room.me
            ],
            "crossed": [papers.label(room.entry(eid)) for eid in papers.crossed(entry)],
        }
    if entry.event.kind == "epoch":
        value["people"] = _roster(entry)
    return value


def _roster(entry: Entry) -> list[Json]:
    """Who is in the room from a change of keys on."""
    try:
        roster = decode(entry.event.body, Epoch).roster
        return [person_value(member_id(data), parse_credential(data)) for data in roster]
    except Violation:
        return []


def _said(room: Room, entry: Entry) -> str:
    author, kind = named(room, entry.author), entry.event.kind
    if entry.erased is not None and kind not in LASTING:
        return said(
            "{author} said something here ({kind}); its words have gone", author=author, kind=one_line(kind)
        )
    known = KNOWN.get(kind)
    if known is None:
        return said(
            "{author} said something of a kind this desk does not know (“{kind}”): shown as unknown",
            author=author,
            kind=one_line(kind)[:60],
        )
    try:
        return _known(room, author, entry, decode(entry.event.body, known))
    except Violation:
        return said(
            "{author} said something of the kind “{kind}” that cannot be read",
            author=author,
            kind=one_line(kind)[:60],
        )


def _known(room: Room, author: str, entry: Entry, body: Record) -> str:  # noqa: C901, PLR0911 - one case a kind
    match body:
        case Epoch():
            return _epoch(room, author, entry, body)
        case Request():
            who = parse_credential(body.credential)
            return said(
                "{who} asks to come in as {role}, brought by {author}",
                who=person(who),
                role=worded(ROLES, who.role),
                author=author,
            )
        case Approve():
            return said(
                "{author} says yes to {motion}",
                author=author,
                motion=_motion(room, entry, EventId(body.target)),
            )
        case Remove():
            reason = joined(": ", ("", one_line(body.reason))) if body.reason else ""
            return said(
                "{author} asks that {who} leave{reason}",
                author=author,
                who=named(room, MemberId(body.member)),
                reason=reason,
            )
        case Leaving():
            return said("{author} has left", author=author)
        case Retention():
            return said(
                "{author}: for our side texts live {seconds}",
                author=author,
                seconds=span(body.seconds * 1000),
            )
        case WordsCommit():
            return said(
                "{author} begins to compare words with {who}",
                author=author,
                who=named(room, MemberId(body.other)),
            )
        case WordsAnswer() | WordsReveal():
            return said("{author}'s desk goes on comparing words", author=author)
        case WordsCompared():
            return said("{author} found the words right", author=author)
        case Withdraw():
            return said("{author} withdrew {label}", author=author, label=_label(room, EventId(body.target)))
        case HandBack():
            return said(
                "{author} handed back {label}", author=author, label=_label(room, EventId(body.target))
            )
    sentence = SENTENCES.get(type(body))
    if sentence is None:
        return said("{author}: {kind}", author=author, kind=one_line(entry.event.kind))
    return said(
        "{author} {sentence}",
        author=author,
        sentence=sentence if isinstance(sentence, str) else sentence(room, entry, body),
    )


def _epoch(room: Room, author: str, entry: Entry, body: Epoch) -> str:
    if body.number == 0:
        return said(
            "{author} opened the room “{charter_title}”",
            author=author,
            charter_title=one_line(body.charter.title),
        )
    now = {member_id(data): parse_credential(data) for data in body.roster}
    before: set[MemberId] = set()
    for ref in entry.event.parents:
        if ref.id in room.log.entries:
            view = room.log.entries[EventId(ref.id)].view
            before |= {member_id(data) for data in room.log.seating(view).epoch.roster}
    if not before:
        return said("you came in; here are {who}", who=spoken_list(person(who) for who in now.values()))
    came = [person(who) for mid, who in now.items() if mid not in before]
    went = [named(room, mid) for mid in sorted(before - set(now))]
    parts = [said("{came} came in", came=spoken_list(came))] if came else []
    parts += [said("{went} can read no more", went=spoken_list(went))] if went else []
    return said(
        "{parts} (new keys by {author})",
        parts=joined("; ", parts) or said("texts live shorter from here on"),
        author=author,
    )


def _motion(room: Room, entry: Entry, target: EventId) -> str:
    motion = room.log.seating(entry.view).motions.get(target) if entry.view else None
    if motion is None:
        return said("something that is not here")
    if motion.credential is None:
        return said("{subject} leaving", subject=named(room, motion.subject))
    return said("{credential} coming in", credential=person(motion.credential))


def _label(room: Room, target: EventId) -> str:
    entry = room.log.entries.get(target)
    return (
        said("a paper not here")
        if entry is None
        else said("#{event_number}", event_number=entry.event.number)
    )


def trouble_lines(room: Room) -> list[str]:
    """Say what is wrong with this desk's record of a room."""
    lines = ["! " + one_line(alarm) for alarm in _alarms(room)]
    lines += [
        said(
            "! {author} told two stories: two different messages stand in one place of their chain ({seq}). Speak to"
            " each other over another path, and see `backchannel desk compare`.",
            author=named(room, fork.author),
            seq=fork.seq,
        )
        for fork in room.log.forks()
    ]
    waiting = len(room.log.waiting) + len(room.log.handed)
    if waiting:
        lines.append(
            said(
                "! {waiting} message waits for earlier ones that have not come; this desk asks for them."
                if waiting == 1
                else "! {waiting} messages wait for earlier ones that have not come; this desk asks for them.",
                waiting=waiting,
            )
        )
    return lines


def _alarms(room: Room) -> list[str]:
    lines = [leak_lines, alarms, alarm_lines, script_lines]
    return [line for each in lines for line in each(room)] if room.seated else []


def trouble_value(room: Room) -> dict[str, Json]:
    return {
        "alarms": _alarms(room),
        "forks": [
            {"author": named(room, fork.author), "seq": fork.seq, "ids": [eid.hex() for eid in fork.ids]}
            for fork in room.log.forks()
        ],
        "waiting": len(room.log.waiting) + len(room.log.handed),
    }
