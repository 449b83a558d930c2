"""`desk surface …`: bringing a sealed text into the open, once every side has agreed to the very same terms."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.seals import b64
from backchannel.daylight.disclosure import CLAUSE, parse_disclosure
from backchannel.daylight.public_page import LANGUAGES, write_page
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
from backchannel.said import said

LISTED = "surface show"
WORDS_SEALED = said("The words for the public become provable as a sealed text of their own:")


def line(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = surfacing.line(room, digest_of(room, args.which), args.words.strip("\n"), now)
    side = one_line(room.credential.side)
    return Answer(
        [
            said(
                "These are {side}'s own words for the public. The next proposal takes them up; they bind nobody else.",
                side=side,
            )
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
    if (told := said_beyond(room, entry)) is not None:
        return told
    found = surfacing.known(room)[which]
    return Answer([said("Your side agrees to this, as it stands."), _next(found)], _value(room, found), room)


def retract(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    which = _which(room, args)
    surfacing.retract(room, which, now)
    found = surfacing.known(room)[which]
    told = said(
        "Your agreement is taken back. It does not count if every side's agreement had reached this desk before."
    )
    return Answer([told, _next(found)], _value(room, found), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    known = surfacing.known(room)
    chosen = list(known.values()) if args.which is None else [choose(known, args.which, "proposal", LISTED)]
    lines = [line for found in chosen for line in (*_lines(room, found), "  " + _next(found))]
    return Answer(
        lines or [said("Nothing is proposed to be made public in this room.")],
        {"proposals": [_value(room, found) for found in chosen]},
        room,
    )


def preview(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """Show what anybody will see who checks the published files: the very words of `backchannel verify`."""
    room = room_of(desk, args)
    found = surfacing.known(room)[_which(room, args)]
    text, told = surfacing.preview(room, found)
    checked = verify(text)
    lines = [
        said(
            "What {audience} will see from {date_of}, as `backchannel verify` shows it:",
            audience=one_line(found.terms.audience),
            date_of=date_of(found.terms.at_ms),
        ),
        *sentences(checked, {}),
    ]
    if told is not None:
        lines += [
            said("And the words for the public:"),
            *sentences(verify(told), {checked.text: checked.payload.title}),
        ]
    elif found.terms.narrative or found.terms.lines:
        words = surfacing.statement_words(room, found.terms)
        lines.append(
            said(
                "{words_sealed} not sealed yet, “{words_title}”",
                words_sealed=WORDS_SEALED,
                words_title=one_line(words.title),
            )
        )
        lines += [said("  │ {part}", part=part) for clause in words.clauses for part in text_lines(clause)]
    return Answer(lines, _value(room, found), room, () if args.to is None else (_page(args, text, told),))


def statement(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = surfacing.statement(room, _which(room, args), now)
    done = said(
        "The words for the public are before the room as a draft, with your side's key. The other sides give theirs with"
        " `backchannel desk seal key`; then it is sealed as any text."
    )
    return Answer([done], {"draft": entry.id.hex()}, room)


def publish(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    which = _which(room, args)
    text, told = surfacing.publication(room, which, now)
    found = surfacing.known(room)[which]
    words = () if told is None else (("statement.json", told),)
    files = (("text.json", text), *words, _page(args, text, told))
    beside = "" if told is None else said(", beside it the sealed words for the public (-statement)")
    done = said(
        "The file is written{beside}, and a page (.html) that shows and checks it in any browser, for {audience}. Nothing was"
        " sent: give them out yourself. Anybody can check them: backchannel verify FILE",
        beside=beside,
        audience=one_line(found.terms.audience),
    )
    return Answer([done], _value(room, found), room, files)


def _page(args: argparse.Namespace, text: bytes, told: bytes | None) -> tuple[str, bytes]:
    """Give the page for the public: the text, then the words about it, in the languages that were asked for."""
    return "page.html", write_page([text] if told is None else [text, told], args.languages or LANGUAGES[:1])


def _which(room: Room, args: argparse.Namespace) -> EventId:
    return choose(surfacing.known(room), args.which, "proposal", LISTED).id


def _next(found: Surfacing) -> str:
    if found.missing:
        return said(
            "Waiting for {missing} to agree to all of it. Nothing is published before.",
            missing=spoken_list(map(one_line, found.missing)),
        )
    if found.unsettled:
        return said(
            "Every side has agreed; waiting to see that {unsettled} knows it. Nothing is published before.",
            unsettled=spoken_list(map(one_line, found.unsettled)),
        )
    return said(
        "Every side has agreed for good: it may be published from {date_of} on.",
        date_of=date_of(found.terms.at_ms),
    )


def _lines(room: Room, found: Surfacing) -> list[str]:
    terms = found.terms
    lines = [
        said(
            "proposal {found}  to publish {title}", found=found.id.hex()[:12], title=_title(room, terms.text)
        ),
        said(
            "  for {audience}, not before {date_of}",
            audience=one_line(terms.audience),
            date_of=date_of(terms.at_ms),
        ),
        said("  opened: {opened}", opened=spoken_list(map(one_line, terms.opened)) or said("no closed term")),
    ]
    closed = _closed(room, found)
    if closed is not None:
        lines.append(said("  stays closed: {closed}", closed=spoken_list(closed) or said("nothing")))
    if terms.left_out:
        lines.append(
            said(
                "  left out, and seen to be: clause {left_out}",
                left_out=spoken_list(map(str, terms.left_out)),
            )
        )
    if terms.narrative:
        lines += [
            said("  all sides together:"),
            *(said("  │ {part}", part=part) for part in text_lines(terms.narrative)),
        ]
    for side, words in terms.lines.items():
        lines += [
            said("  {side} for itself:", side=one_line(side)),
            *(said("  │ {part}", part=part) for part in text_lines(words)),
        ]
    return lines


def _title(room: Room, text: bytes) -> str:
    title = _words_of(room, text)
    if title is None:
        return said("a text that is not sealed at this desk ({b64})", b64=b64(text))
    return said("“{payload_title}”", payload_title=one_line(title))


def _words_of(room: Room, text: bytes) -> str | None:
    """Give the title of a sealed text that this desk keeps."""
    return verify(sealings.file(room, text, ())).payload.title if text in sealings.kept(room) else None


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
        "title": _words_of(room, terms.text),
        "sides": list(terms.sides),
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
        "words_sealed": surfacing.words_sealed(room, found),
    }
