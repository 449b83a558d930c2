"""`desk seal …`: from words that are to be sealed to a file that anyone can check."""

import argparse
from dataclasses import replace
from pathlib import Path

import msgspec

from backchannel.crypto.seals import b64, fingerprint, seal_code, unb64
from backchannel.daylight.disclosure import Understanding
from backchannel.daylight.sealing import Sealing, Step, before, due, if_stopped, waiting
from backchannel.daylight.strict import date_of, moment
from backchannel.daylight.text import passages_of
from backchannel.daylight.wording import stamp_sentence
from backchannel.desk import sealings, side_key, stamping
from backchannel.desk.commands.answer import Answer, Json, named, room_of
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.paper import SHORTEST_ID
from backchannel.moves.seal import ClosedTerm, Drafted, Earlier, Frozen, SealDraft, Spoken
from backchannel.said import joined, said
from backchannel.wire.canonical_json import read

LISTED = "seal show"
STEPS = {Step.SIGN: said("signed"), Step.HOLD: said("told the others that you hold every signature")}


class DraftFile(msgspec.Struct, forbid_unknown_fields=True):
    """The words to be sealed as a person writes them into a file; dates as in 1962-11-20T23:00:00Z."""

    title: str
    dated: str
    sides: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    terms: dict[str, str] = {}
    understandings: dict[str, Understanding] = {}
    kind: str = "agreement"
    lapse: str = "election"
    performance_of: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


def draft(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    words = draft_words(args.words)
    entry = sealings.draft(room, words, now)
    line = said(
        "“{words_title}” is before the room, to be sealed by {sides}. Each of them gives a key with `backchannel desk"
        " seal key`; then you freeze it with `backchannel desk seal freeze`.",
        words_title=one_line(words.title),
        sides=joined(", ", map(one_line, words.sides)),
    )
    return Answer([line], {"draft": entry.id.hex()}, room)


def key(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    drafted = choose(sealings.table(room).drafts, args.which, "draft", LISTED)
    entry = sealings.give_key(room, drafted.entry.id, now)
    return Answer(
        [
            said(
                "Your side's key for “{draft_title}” is given. It proves nothing about you until you anchor it.",
                draft_title=one_line(drafted.draft.title),
            )
        ],
        {"key": entry.id.hex()},
        room,
    )


def freeze(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    drafted = choose(sealings.table(room).drafts, args.which, "draft", LISTED)
    entry = sealings.freeze_draft(room, drafted.entry.id, now)
    line = said(
        "The text is frozen: not a byte of it changes any more. Each side reads it, then agrees with `backchannel desk"
        " seal agree`."
    )
    return Answer([line], {"text": entry.id.hex()}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = sealings.table(room)
    lines: list[str] = []
    for drafted in found.drafts.values():
        if not drafted.texts:
            missing = (
                said(
                    "waiting for the key of {missing}",
                    missing=joined(" and of ", map(one_line, drafted.missing)),
                )
                if drafted.missing
                else said("every side has given a key")
            )
            lines.append(
                said(
                    "draft {entry}  “{draft_title}”: {missing}",
                    entry=drafted.entry.id.hex()[:12],
                    draft_title=one_line(drafted.draft.title),
                    missing=missing,
                )
            )
    texts = [
        one
        for one in found.texts.values()
        if args.which is None or one is choose(found.texts, args.which, "text", LISTED)
    ]
    for text in texts:
        lines += _text_lines(room, text)
    values: dict[str, Json] = {
        "drafts": [_draft_value(room, one) for one in found.drafts.values()],
        "texts": [_text_value(room, one) for one in texts],
    }
    return Answer(lines or [said("Nothing is to be sealed in this room.")], values, room)


def agree(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    text = choose(sealings.table(room).texts, args.which, "text", LISTED)
    sealings.agree(room, text.entry.id, now)
    taken = sealings.go_on(room, text.entry.id, now)
    done = _done(room, text, ["agreed", *(STEPS[step] for step in taken)])
    return replace(done, lines=(*done.lines, *_unseen(room, text)))


def go(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    text = choose(sealings.table(room).texts, args.which, "text", LISTED)
    taken = sealings.go_on(room, text.entry.id, now)
    if not taken:
        raise Blocked(
            said("There is nothing to do for this desk yet. {waiting}", waiting=waiting(_view(room, text)))
        )
    return _done(room, text, [STEPS[step] for step in taken])


def consequence(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """What anchoring would mean; asked before it is done."""
    room = room_of(desk, args)
    view = _view(room, choose(sealings.table(room).texts, args.which, "text", LISTED))
    if due(view) is not Step.ANCHOR:
        raise Blocked(said("You cannot anchor yet, or have done it. {waiting}", waiting=waiting(view)))
    return Answer([before(view, Step.ANCHOR)], {"before": before(view, Step.ANCHOR)}, room)


def anchor(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    text = choose(sealings.table(room).texts, args.which, "text", LISTED)
    sealings.anchor(room, text.entry.id, sealings.long_term_key(desk.vault, room.credential.side), now)
    return _done(room, text, [said("anchored your side's key")])


def save(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    digest = digest_of(room, args.which)
    data = sealings.file(room, digest, tuple(args.opened))
    opened = (
        said(", with {opened} open", opened=joined(" and ", args.opened))
        if args.opened
        else said(", with no closed term open")
    )
    lines = [
        said(
            "The sealed text is written{opened}. Anybody can check it: backchannel verify FILE", opened=opened
        ),
        said("Check words: {fingerprint}", fingerprint=fingerprint(digest)),
    ]
    return Answer(lines, {"text": b64(digest)}, room, (("sealed.json", data),))


def known_as(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    side = room.credential.side
    print_of = fingerprint(sealings.long_term_key(desk.vault, side).public.thumbprint)
    line = said(
        "{side} is known by {print_of}. Make it known where everybody believes it to be {side}'s.",
        side=one_line(side),
        print_of=print_of,
    )
    return Answer([line], {"side": side, "fingerprint": print_of}, room)


def stamp(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    digest = digest_of(room, args.which)
    if args.data is not None:
        found = stamping.take(room, digest, unb64(args.data))
        told = [{"by": one.by, "at": date_of(one.at_ms)} for one in found]
        return Answer([stamp_sentence(one) for one in found], {"text": b64(digest), "stamps": told}, room)
    asked = stamping.ask(room, digest)
    line = said(
        "The request is written; nothing was sent. Carry it to a time-stamp authority of your choice, by any means, and take its"
        " answer in with `backchannel desk seal stamp --response FILE`. It learns 32 bytes that say nothing, that"
        " somebody asked,"
        " when, and from where."
    )
    return Answer([line], {"text": b64(digest)}, room, (("request.tsq", asked),))


def key_export(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    side = room.credential.side
    print_of = fingerprint(side_key.export(desk.vault, side, Path(args.file), args.new.encode()))
    where = said(
        "The key by which {side} is known ({print_of}) is in {file}, under its own passphrase.",
        side=one_line(side),
        print_of=print_of,
        file=args.file,
    )
    care = said(
        "Whoever opens it can speak for this side about seals for ever: keep it where you keep what is never copied, and the"
        " passphrase elsewhere. No back-up holds this key."
    )
    return Answer([where, care], {"side": side, "fingerprint": print_of, "file": str(args.file)}, room)


def key_import(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    data = unb64(args.data)
    side, thumbprint = side_key.take(desk.vault, data, args.passphrase.encode(), replace=args.replace)
    line = said(
        "This desk can say for {side} whose a sealing key is; it is known by {fingerprint}.",
        side=one_line(side),
        fingerprint=fingerprint(thumbprint),
    )
    return Answer([line], {"side": side, "fingerprint": fingerprint(thumbprint)})


def draft_words(written: str) -> SealDraft:
    try:
        file = msgspec.convert(read(written.encode()), DraftFile, strict=True)
        dated = moment(file.dated)
        confirmed = {label: moment(one.confirmed) for label, one in file.understandings.items()}
        earlier = [("performance", one) for one in file.performance_of] + [
            ("amendment", one) for one in file.amends
        ]
        refers = tuple(Earlier(relation, unb64(text)) for relation, text in earlier)
    except (Violation, msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Refused(
            said(
                "This file does not say what is to be sealed ({error}); it is JSON with title, dated, sides and clauses.",
                error=error,
            )
        ) from error
    return SealDraft(
        file.title,
        dated,
        file.clauses,
        tuple(ClosedTerm(label, text) for label, text in file.terms.items()),
        tuple(
            Spoken(label, one.subject, one.sides, confirmed[label], one.lapse)
            for label, one in file.understandings.items()
        ),
        file.kind,
        file.lapse,
        refers,
        file.sides,
        file.order or file.sides,
    )


def digest_of(room: Room, spoken: str | None) -> bytes:
    """Give the digest of a text that is named by its id, or by its digest once the talk about it has expired."""
    kept = {digest.hex(): digest for digest in sealings.kept(room)}
    found = {eid.hex(): text.sealing.frozen.digest for eid, text in sealings.table(room).texts.items()}
    hits = {
        digest
        for name, digest in [*kept.items(), *found.items()]
        if spoken is None or (len(spoken) >= SHORTEST_ID and name.startswith(spoken.lower()))
    }
    if len(hits) == 1:
        return hits.pop()
    raise Refused(
        said("There is no such text here; see `backchannel desk seal show`.")
        if not hits
        else said(
            "There is more than one text; name one: {digest}.",
            digest=joined(", ", sorted(digest.hex()[:12] for digest in hits)),
        )
    )


def _view(room: Room, text: Frozen) -> Sealing:
    return sealings.own_view(room, sealings.table(room).texts[text.entry.id])


def _done(room: Room, text: Frozen, done: list[str]) -> Answer:
    view = _view(room, text)
    lines = [said("You have {done}.", done=joined(", and ", done)), waiting(view), if_stopped(view)]
    return Answer(
        lines, {"done": list(done), **_text_value(room, sealings.table(room).texts[text.entry.id])}, room
    )


def _text_lines(room: Room, text: Frozen) -> list[str]:
    view, told = _view(room, text), passages_of(text.sealing.frozen)
    lines = [
        said(
            "text {entry}  “{words_title}”, to be sealed by {sides}",
            entry=text.entry.id.hex()[:12],
            words_title=one_line(told.words.title),
            sides=joined(", ", map(one_line, view.sides)),
        )
    ]
    for number, clause in enumerate(told.words.clauses, 1):
        lines.append(said("  clause {number}, to be shown:", number=number))
        lines += ["  │ " + line for line in text_lines(clause)]
    for label, term in told.words.terms.items():
        lines.append(said("  closed term {label}: term-{label}", label=label))
        lines += ["  │ " + line for line in text_lines(term)]
    for label, record in told.words.understandings.items():
        lines.append(
            said(
                "  closed record of an oral understanding: understanding-{label}, {subject}",
                label=label,
                subject=one_line(record.subject),
            )
        )
    lines += ["  " + waiting(view), "  " + if_stopped(view)]
    if due(view) is Step.AGREE:
        lines += ["  " + line for line in _unseen(room, text)]
    if due(view) is Step.ANCHOR:
        lines.append(said("  If you anchor: {before}", before=before(view, Step.ANCHOR)))
    return lines


def _unseen(room: Room, text: Frozen) -> list[str]:
    unseen = [named(room, mid) for mid in sealings.unseen_by(room, text)]
    if not unseen:
        return []
    return [
        said(
            "Not yet seen to hold this text: {unseen}; only desks that gave a key for it are waited for.",
            unseen=joined(", ", unseen),
        )
    ]


def _draft_value(room: Room, drafted: Drafted) -> dict[str, Json]:
    return {
        "id": drafted.entry.id.hex(),
        "title": drafted.draft.title,
        "by": room.name(drafted.entry.author),
        "at_ms": drafted.entry.event.at,
        "dated_ms": drafted.draft.dated_ms,
        "kind": drafted.draft.kind.value,
        "lapse": drafted.draft.lapse.value,
        "clauses": list(drafted.draft.clauses),
        "closed": [{"name": f"term-{label}", "words": words} for label, words in drafted.draft.terms.items()],
        "sides": list(drafted.sides),
        "order": list(drafted.order),
        "keys_missing": list(drafted.missing),
        "texts": [eid.hex() for eid in drafted.texts],
    }


def _text_value(room: Room, text: Frozen) -> dict[str, Json]:
    view = _view(room, text)
    step, said = due(view), passages_of(text.sealing.frozen)
    closed: list[Json] = [
        {"name": f"term-{label}", "words": term} for label, term in said.words.terms.items()
    ]
    closed += [
        {"name": f"understanding-{label}", "words": record.subject}
        for label, record in said.words.understandings.items()
    ]
    return {
        "id": text.entry.id.hex(),
        "title": said.words.title,
        "clauses": list(said.words.clauses),
        "closed": closed,
        "sides": list(view.sides),
        "check_words": fingerprint(view.frozen.digest),
        "text": b64(view.frozen.digest),
        "agreed": sorted(view.agreed),
        "signed": sorted(view.seals),
        "holding": sorted(view.holding),
        "anchored": sorted(view.anchors),
        "next": None if step is None else step.name.lower(),
        "complete": view.complete,
        "waiting": waiting(view),
        "if_stopped": if_stopped(view),
        "unseen_by": [mid.hex() for mid in sealings.unseen_by(room, text)],
        "seal_codes": {
            side: fingerprint(seal_code(key, view.frozen.digest)) for side, key in view.keys.items()
        },
    }
