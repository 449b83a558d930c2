"""`desk surface …`: bringing a sealed text into the open, once every side has agreed to the very same terms."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.seals import b64
from backchannel.daylight.disclosure import CLAUSE, parse_disclosure
from backchannel.daylight.strict import date_of
from backchannel.daylight.verify import verify
from backchannel.daylight.wording import sentences
from backchannel.desk import sealings, surfacing
from backchannel.desk.commands.answer import Answer, Json, room_of, said_beyond, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.seals import digest_of
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.surfacing import Surfacing
from backchannel.desk.when import moment
from backchannel.moves.surface import SurfacePropose, Surfacings

LISTED = "surface show"
WORDS_SEALED = "The words for the public become provable as a sealed text of their own:"


def line(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = surfacing.line(room, digest_of(room, args.which), args.words.strip("\n"), now)
    side = one_line(room.credential.side)
    return Answer(
        [
            f"These are {side}'s own words for the public. The next proposal takes them up; they bind nobody else."
        ],
        {"line": entry.id.hex()},
        room,
    )


def propose(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    text = digest_of(room, args.which)
    sides = surfacing.parsed_sides(room, text)
    lines = read(room.log, Surfacings).lines(text)
    body = SurfacePropose(
        text=text,
        sides=sides,
        audience=args.audience,
        at=now if args.at is None else moment(args.at, now),
        opened=tuple(sorted(set(args.opened))),
        left_out=tuple(sorted(set(args.left_out))),
        narrative="" if args.narrative_words is None else args.narrative_words.strip("\n"),
        lines=tuple(lines[side].entry.id for side in sides if side in lines),
    )
    entry = surfacing.propose(room, body, now)
    found = surfacing.known(room)[entry.id]
    return Answer([*_lines(room, found), _next(found)], _value(room, found), room)


def agree(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    which = _which(room, args)
    entry = surfacing.agree(room, which, now, beyond=args.beyond_mandate)
    if (said := said_beyond(room, entry)) is not None:
        return said
    found = surfacing.known(room)[which]
    return Answer(["Your side agrees to this, as it stands.", _next(found)], _value(room, found), room)


def retract(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    which = _which(room, args)
    surfacing.retract(room, which, now)
    found = surfacing.known(room)[which]
    said = "Your agreement is taken back. It does not count if every side's agreement had reached this desk before."
    return Answer([said, _next(found)], _value(room, found), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    known = surfacing.known(room)
    chosen = list(known.values()) if args.which is None else [choose(known, args.which, "proposal", LISTED)]
    lines = [line for found in chosen for line in (*_lines(room, found), f"  {_next(found)}")]
    return Answer(
        lines or ["Nothing is proposed to be made public in this room."],
        {"proposals": [_value(room, found) for found in chosen]},
        room,
    )


def preview(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """Show what anybody will see who checks the published files: the very words of `backchannel verify`."""
    room = room_of(desk, args)
    found = surfacing.known(room)[_which(room, args)]
    text, said = surfacing.preview(room, found)
    checked = verify(text)
    lines = [
        f"What {one_line(found.terms.audience)} will see from {date_of(found.terms.at_ms)}, as `backchannel verify` shows it:",
        *sentences(checked, {}),
    ]
    if said is not None:
        lines += [
            "And the words for the public:",
            *sentences(verify(said), {checked.text: checked.payload.title}),
        ]
    elif found.terms.narrative or found.terms.lines:
        words = surfacing.statement_words(room, found.terms)
        lines.append(f"{WORDS_SEALED} not sealed yet, “{one_line(words.title)}”")
        lines += [f"  │ {part}" for clause in words.clauses for part in text_lines(clause)]
    return Answer(lines, _value(room, found), room)


def statement(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = surfacing.statement(room, _which(room, args), now)
    done = (
        "The words for the public are before the room as a draft, with your side's key. The other sides give theirs with"
        " `backchannel desk seal key`; then it is sealed as any text."
    )
    return Answer([done], {"draft": entry.id.hex()}, room)


def publish(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    which = _which(room, args)
    text, said = surfacing.publication(room, which, now)
    found = surfacing.known(room)[which]
    files = (("text.json", text),) if said is None else (("text.json", text), ("statement.json", said))
    beside = "" if said is None else ", and beside it the sealed words for the public (-statement)"
    done = (
        f"The file is written{beside}, for {one_line(found.terms.audience)}. Nothing was sent: give it out yourself. Anybody can"
        " check it: backchannel verify FILE"
    )
    return Answer([done], _value(room, found), room, files)


def _which(room: Room, args: argparse.Namespace) -> EventId:
    return choose(surfacing.known(room), args.which, "proposal", LISTED).id


def _next(found: Surfacing) -> str:
    if found.missing:
        return f"Waiting for {spoken_list(map(one_line, found.missing))} to agree to all of it. Nothing is published before."
    if found.unsettled:
        return (
            f"Every side has agreed; waiting to see that {spoken_list(map(one_line, found.unsettled))} knows it."
            " Nothing is published before."
        )
    return f"Every side has agreed for good: it may be published from {date_of(found.terms.at_ms)} on."


def _lines(room: Room, found: Surfacing) -> list[str]:
    terms = found.terms
    lines = [
        f"proposal {found.id.hex()[:12]}  to publish {_title(room, terms.text)}",
        f"  for {one_line(terms.audience)}, not before {date_of(terms.at_ms)}",
        f"  opened: {spoken_list(map(one_line, terms.opened)) or 'no closed term'}",
    ]
    closed = _closed(room, found)
    if closed is not None:
        lines.append(f"  stays closed: {spoken_list(closed) or 'nothing'}")
    if terms.left_out:
        lines.append(f"  left out, and seen to be: clause {spoken_list(map(str, terms.left_out))}")
    if terms.narrative:
        lines += ["  all sides together:", *(f"  │ {part}" for part in text_lines(terms.narrative))]
    for side, words in terms.lines.items():
        lines += [f"  {one_line(side)} for itself:", *(f"  │ {part}" for part in text_lines(words))]
    return lines


def _title(room: Room, text: bytes) -> str:
    if text not in sealings.kept(room):
        return f"a text that is not sealed at this desk ({b64(text)})"
    return f"“{one_line(verify(sealings.file(room, text, ())).payload.title)}”"


def _closed(room: Room, found: Surfacing) -> list[str] | None:
    if found.terms.text not in sealings.kept(room):
        return None
    names = [parse_disclosure(one).name for one in sealings.kept_text(room, found.terms.text).disclosures]
    return [one for one in names if not one.startswith(CLAUSE) and one not in found.terms.opened]


def _value(room: Room, found: Surfacing) -> dict[str, Json]:
    terms = found.terms
    return {
        "id": found.id.hex(),
        "text": b64(terms.text),
        "audience": terms.audience,
        "at_ms": terms.at_ms,
        "opened": list(terms.opened),
        "closed": _closed(room, found),
        "left_out": list(terms.left_out),
        "narrative": terms.narrative,
        "lines": dict(terms.lines),
        "missing": list(found.missing),
        "unsettled": list(found.unsettled),
        "settled": found.settled,
    }
