"""A room in which somebody whose program is their own said something of every kind, each word of it meant to do harm."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from backchannel.channel.event import EventId
from backchannel.channel.members import Charter, Role
from backchannel.desk.sending import say
from backchannel.errors import Violation
from backchannel.moves.paper import ITEMS, MAX_TEXT, Paper
from backchannel.moves.table import KINDS, parse
from backchannel.wire.codec import Record, encode
from desks import DAY_MS, KEY, Seat, Stage
from parsers import PARSERS, seeds

NOWHERE = "http://127.0.0.1:1"  # no relay is there
HTML = "</p></bdi><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>\"'&lt;"
HEAP = "Z" + "\u0301" * 12
NASTY = HTML + HEAP + "\x1b[2J\x9b31m\x07\x00\u202egpj.\u2066\u200b\u061c{{7*7}}%s"
ALIKE = "B\u043eris<i>"  # drawn like Boris
TWIN = "B\u043erls<i>"  # and another who is drawn like that one
LONG = (NASTY + " A very long road. ") * (MAX_TEXT // (len(NASTY) + 19))
PASSPHRASE = KEY.decode()
# What ends or takes away something that is to stand, so that pages have it to show.
ENDINGS = frozenset(
    {"withdraw", "hand-back", "clock-drop", "leak-lift", "impasse-lift", "package-drop", "pledge-release", "mandate-revoke",
     "precondition-drop", "standby-cancel", "surface-retract", "understanding-decline", "lapse", "promise-broken"}
)  # fmt: skip
AIMS = {"deed": "pledge", "published": "pledge", "accept": "paper", "need-to-know": "paper", "mandate-answer": "mandate-challenge",
        "mandate-checked": "mandate-challenge", "deed-read": "deed", "leak-line-agree": "leak-line"}  # fmt: skip


def samples() -> Iterator[tuple[str, Record]]:
    """Give a sound body of every kind, from what the parsers are fed."""
    fed = [data for name in PARSERS for data in seeds(name)]
    for kind in KINDS:
        for data in fed:
            try:
                found = parse(kind, data)
            except Violation:
                continue
            yield kind, found
            break


def poisoned(kind: str, body: Record) -> Record:
    """Make every word of a body hostile that may be, one after the other; sides stay, so that it stands."""
    for path in _words(body):
        changed = _replaced(body, path, NASTY)
        try:
            body = parse(kind, encode(changed))
        except Violation:
            continue
    return body


def _words(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the way to every text within a value that is not the name of a side."""
    if isinstance(value, str) and value not in {"A", "B"}:
        yield path
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            yield from _words(one, (*path, place))
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _words(getattr(value, name), (*path, name))


def _replaced(value: Any, path: tuple[str | int, ...], new: str) -> Any:
    if not path:
        return new
    first, *rest = path
    if isinstance(first, int):
        return (*value[:first], _replaced(value[first], tuple(rest), new), *value[first + 1 :])
    return structs.replace(value, **{first: _replaced(getattr(value, first), tuple(rest), new)})


def hostile(folder: Path) -> Stage:
    """Have Anna read a room that an enemy opened and fills; her desk opens with PASSPHRASE."""
    stage = Stage(folder, now=time.time_ns() // 1_000_000 - DAY_MS, url=NOWHERE)
    enemy, anna = stage.sit(ALIKE), stage.sit("Anna")
    charter = Charter(NASTY, NASTY, "plenary", "for-you-only", 30 * 86_400, 8192, stage.now)
    enemy.desk.open_room(charter, name=ALIKE, side="B", role=Role.PRINCIPAL, relay=NOWHERE, now=stage.now)
    stage.settle()
    stage.bring(ALIKE, "Anna", "A")
    stage.sit(TWIN)
    stage.bring(ALIKE, TWIN, "B")
    stage.sit("Boris")
    stage.meet(ALIKE, "Boris", "<b>C")  # who asks, and is not let in yet
    paper = next(body for kind, body in samples() if kind == "paper")
    assert isinstance(paper, Paper)
    for seat in (enemy, anna):
        with seat.room.changing():
            _fill(seat, stage.now)
        stage.settle()
    for text in (LONG, "\n".join([NASTY] * 400), "Plain words."):
        with enemy.room.changing():
            body = structs.replace(paper, text=text, expires=None, answers=(), attachments=())
            say(enemy.room, "paper", encode(body), stage.now, item=True)
        stage.settle()
    with enemy.room.changing():
        say(enemy.room, f"unknown{NASTY}"[:60], NASTY.encode(), stage.now)
    stage.settle()
    return stage


def _fill(seat: Seat, now: int) -> None:
    said: dict[str, EventId] = {}
    for kind, body in samples():
        if kind in ENDINGS:
            continue
        about = said.get(
            AIMS.get(kind, kind.split("-")[0]), next(iter(said.values()), EventId(seat.room.log.root))
        )
        aimed = _aimed(poisoned(kind, body), about, seat.room.me, now)
        said[kind] = said[kind.split("-")[0]] = say(
            seat.room, kind, encode(aimed), now, item=kind in ITEMS
        ).id


def _aimed(body: Record, about: EventId, me: bytes, now: int) -> Record:
    """Have a body be about something in this room, and in time."""
    change: dict[str, object] = {}
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if name == "holder":
            change[name] = me
        elif isinstance(value, bytes) and len(value) == len(about) and not any(value):
            change[name] = about
        elif (
            isinstance(value, tuple)
            and value
            and all(isinstance(one, bytes) and not any(one) for one in value)
        ):
            change[name] = (about,)
        elif (
            isinstance(value, int)
            and not isinstance(value, bool)
            and name in {"due", "at", "until", "expires", "reply_by"}
        ):
            change[name] = now + 3 * DAY_MS
    return structs.replace(body, **change)
