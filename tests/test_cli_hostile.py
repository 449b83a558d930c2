"""Whatever a member puts on the record, every command shows the record and nobody's terminal is touched."""

import argparse
import itertools
import json
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backchannel.__main__ import parser
from backchannel.channel.event import ID_BYTES
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Approve,
    Charter,
    Credential,
    Remove,
    Request,
    Retention,
    Role,
)
from backchannel.channel.words import KINDS as WORDS_KINDS
from backchannel.channel.words import WordsCommit
from backchannel.crypto.keys import KemKey
from backchannel.desk.commands.table import perform
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import say
from backchannel.moves import accept, deed, leak, mandate, pledge, precondition, publication, understanding
from backchannel.moves.accept import Accept
from backchannel.moves.deed import Deed, DeedReading, PromiseBroken
from backchannel.moves.leak import Leak, LeakLine
from backchannel.moves.mandate import Limit, MandateChallenge, MandateChecked, MandateGiven, MandateRevoked
from backchannel.moves.paper import Attachment, Carried, Front, Paper, Term
from backchannel.moves.pledge import Pledge
from backchannel.moves.precondition import Precondition, PreconditionDrop, PreconditionPark
from backchannel.moves.publication import Published
from backchannel.moves.understanding import UnderstandingOffer
from backchannel.wire.codec import Record, encode
from conftest import DEEP

PROMISES = [kind for move in (deed, leak, pledge, publication, understanding) for kind in move.KINDS]
NOW = -226_000_000_000
FAR = 2**62
AUTHORITY = [kind for move in (accept, mandate, precondition) for kind in move.KINDS]
KINDS = [
    *MEMBERSHIP_KINDS,
    *WORDS_KINDS,
    *PROMISES,
    *AUTHORITY,
    "paper",
    "front",
    "withdraw",
    "poll\x1b[2J\u202e",
]
WATCHED = [
    ["show"],
    ["show", "--plain"],
    ["status"],
    ["room"],
    ["people"],
    ["requests"],
    ["rooms"],
    ["attachments", "list"],
    ["pledge", "show"],
    ["deed", "show"],
    ["understanding", "show"],
    ["leak", "show"],
    ["mandate", "show"],
    ["precondition", "show"],
]

wild = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x1b\x9b\n\u202e\u2066\u0000א"), min_size=1, max_size=30
)
ids = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)
times = st.sampled_from([NOW, -FAR, FAR])


def credential(room: bytes, name: str, side: str) -> bytes:
    keys = tuple(bytes([9, number]).ljust(32, b"k") for number in range(3))
    return encode(
        Credential(1, room, name, side, "principal", b"\x09".ljust(32, b"\0"), keys, KemKey.generate().public)
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    one = Desk.create(tmp_path_factory.mktemp("hostile") / "desk", b"k" * 32, "Anna", raw=True)
    one.add_relay("http://relay", b"", [number.to_bytes(32) for number in range(2_000)], NOW)
    yield one
    one.close()


numbers = itertools.count()


def promising(text: str, at: int, target: bytes) -> st.SearchStrategy[tuple[str, Record]]:
    """What binds a side, said soundly or not, of something here or not."""
    side = st.sampled_from(["B", text])
    lapse, how = st.sampled_from(["at-once", text]), st.sampled_from(["kept", text])
    return st.one_of(
        st.builds(
            lambda to, word: ("pledge", Pledge((to,), text, at, text, word, (target,), (), ())), side, lapse
        ),
        st.builds(
            lambda one, word: ("understanding-offer", UnderstandingOffer(text, ("A", one), at, word, target)),
            side,
            lapse,
        ),
        st.builds(lambda by: ("deed", Deed((target,), None, by, at, text)), side),
        st.builds(lambda word: ("deed-read", DeedReading(target, word, text)), how),
        st.just(("promise-broken", PromiseBroken(target, text))),
        st.builds(lambda by: ("published", Published(target, by, text, at)), side),
        st.just(("leak", Leak(text))),
        st.just(("leak-line", LeakLine(text, text))),
    )


def authorising(text: str, at: int, target: bytes, me: bytes) -> st.SearchStrategy[tuple[str, Record]]:
    """What speaks of authority and of demands, of somebody or something here or not."""
    limit = Limit(text, (text,))
    return st.one_of(
        st.builds(
            lambda who, level: ("mandate", MandateGiven(who, text, level, (limit,), None, at)),
            st.sampled_from([me, target]),
            st.sampled_from(["authorised", text]),
        ),
        st.just(("mandate-revoke", MandateRevoked(target))),
        st.just(("mandate-challenge", MandateChallenge(me, text))),
        st.just(("mandate-checked", MandateChecked(target, text, target))),
        st.just(("accept", Accept(target))),
        st.builds(
            lambda old: ("precondition", Precondition(text, text, old)), st.sampled_from([None, target])
        ),
        st.just(("precondition-park", PreconditionPark(target))),
        st.just(("precondition-drop", PreconditionDrop(target))),
    )


def room_of(desk: Desk, title: str) -> Room:
    charter = Charter(f"{title}{next(numbers)}", title, "plenary", title, 3600, 8192, NOW)
    return desk.open_room(charter, name="Anna", side="A", role=Role.PRINCIPAL, relay="http://relay", now=NOW)


@settings(max_examples=400 if DEEP else 12)  # each opens a room
@given(st.data())
def test_any_event_is_shown_and_nothing_of_it_controls_the_terminal(desk: Desk, data: st.DataObject) -> None:
    title = data.draw(wild)
    room = room_of(desk, title)
    at = data.draw(times)
    crafted = st.one_of(
        st.builds(lambda text: ("paper", Paper("talk", "authorised", "personal", "verbatim", text, data.draw(times | st.none()),
                  (data.draw(ids),), Carried(text, "verbatim"), (Attachment(text.replace("/", "_"), 0, bytes(32)),),
                  (Term(text, text),), data.draw(times | st.none()), True)), wild),
        st.builds(lambda text: ("front", Front(text, text, data.draw(times), (), (Term(text, text),))), wild),
        st.builds(lambda side: ("request", Request(credential(room.id, "B\u043eris", side))), st.sampled_from(["B", "אב"])),
        st.builds(lambda target: ("approve", Approve(target)), ids),
        st.builds(lambda member, text: ("remove", Remove(member, text)), ids, wild),
        st.builds(lambda seconds: ("retention", Retention(seconds)), st.sampled_from([1, FAR])),
        st.builds(lambda other: ("words-commit", WordsCommit(other, other)), ids),
    )  # fmt: skip
    promised = st.builds(promising, wild, times, st.sampled_from(sorted(room.log.entries)) | ids).flatmap(
        lambda one: one
    )
    authorised = st.builds(
        authorising, wild, times, st.sampled_from(sorted(room.log.entries)) | ids, st.just(room.me)
    ).flatmap(lambda one: one)
    raw = st.tuples(st.sampled_from(KINDS), st.binary(max_size=40))
    for _ in range(3):
        kind, body = data.draw(crafted | promised | authorised | raw)
        with room.changing():
            say(
                room,
                kind,
                body if isinstance(body, bytes) else encode(body),
                at,
                item=kind in {"paper", "front"},
            )
        if room.me not in room.seating.seated:
            break
    for words in WATCHED:
        shown = "\n".join(asked(desk, room, words))
        assert not any(char in shown for char in "\x1b\x9b\x00\u202e\u2066"), words
        json.dumps(value_of(desk, room, words))
    desk.forget(room.id)


def asked(desk: Desk, room: Room, words: list[str]) -> list[str]:
    return list(perform(desk, arguments(room, words), NOW).lines)


def value_of(desk: Desk, room: Room, words: list[str]) -> object:
    return perform(desk, arguments(room, [*words, "--json"]), NOW).value


@cache
def tree() -> argparse.ArgumentParser:
    return parser("desk")


def arguments(room: Room, words: list[str]) -> argparse.Namespace:
    args = tree().parse_args(["desk", *words, "--room", room.id.hex()])
    args.colour = False
    return args
