"""The order of sealing at real desks: splits complete nothing, stops leave what the words say, and no signed byte is of a room."""

import hashlib
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.channel.event import EventId
from backchannel.crypto.seals import _SigningKey, b64, unb64
from backchannel.daylight.sealed_file import read_file
from backchannel.daylight.sealing import Step, can_show, due
from backchannel.daylight.stamps import imprint
from backchannel.daylight.verify import Ownership, verify
from backchannel.desk import reporting, sealings, surfacing
from backchannel.desk.commands.report_words import draft_file
from backchannel.desk.commands.seals import draft_words
from backchannel.errors import Blocked
from backchannel.languages import FIRST
from backchannel.moves.seal import standing
from backchannel.moves.surface import SurfacePropose
from backchannel.wire.canonical_json import write
from conftest import DEEP
from desks import Relay, Seat, Stage
from sealing_rooms import WORDS, anchored, begun, sealed_in_room, signed

NAMES = ("anna", "boris", "clara")
SIDES = ("A", "B", "C")
Begun = dict[int, tuple[Stage, EventId]]


@pytest.fixture(scope="module")
def begun_once(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """A frozen text of two sides, and one of three; every case begins from the same files."""
    found = {}
    for count in (2, 3):
        words = replace(WORDS, sides=SIDES[:count], order=SIDES[count - 1 :: -1], understandings=())
        found[count] = begun(tmp_path_factory.mktemp(f"of{count}"), *NAMES[:count], words=words)
        found[count][0].close()
    return found


def step(seat: Seat, text: EventId) -> Step | None:
    """Do what a side can do next; None if that is nothing."""
    view = sealings.own_view(seat.room, standing(seat.room.log).texts[text])
    found = due(view)
    if found is Step.AGREE:
        sealings.agree(seat.room, text, seat.now)
    elif found is Step.ANCHOR:
        key = sealings.long_term_key(seat.desk.vault, seat.room.credential.side)
        sealings.anchor(seat.room, text, key, seat.now)
    elif found is not None:
        sealings.go_on(seat.room, text, seat.now)
    return found


def shown(stage: Stage, seat: Seat, text: EventId) -> tuple[str, ...]:
    """Say by `verify` alone, told every long-term key, of whom this desk's file shows that they sealed."""
    digest = standing(seat.room.log).texts[text].sealing.frozen.digest
    try:
        data = sealings.file(seat.room, digest, ())
    except Blocked:
        return ()
    known = {
        other.room.credential.side: sealings.long_term_key(
            other.desk.vault, other.room.credential.side
        ).public.thumbprint
        for other in stage.seats.values()
    }
    anchored_by = {one.name for one in verify(data).sealers if one.ownership is Ownership.CLAIMED}
    checked = verify(data, {side: raw for side, raw in known.items() if side in anchored_by})
    return tuple(one.name for one in checked.sealers if one.ownership is Ownership.SHOWN)


def halves(stage: Stage, groups: tuple[frozenset[str], frozenset[str]]) -> Iterator[None]:
    """From here on the relay shows each group only what its own people write."""
    relays = [
        Relay(random.Random(0), drops={name: drop.copy() for name, drop in stage.relay.drops.items()})
        for _ in groups
    ]
    while True:
        for group, relay in zip(groups, relays, strict=True):
            stage.relay = relay
            while sum(stage.seats[name].turn() for name in group):
                pass
        yield


SPLITS = [
    (count, frozenset(group), acts)
    for count in (2, 3)
    for size in range(1, count // 2 + 1)
    for group in combinations(NAMES[:count], size)
    for acts in range(0 if DEEP else count % 2, 3 * count, 1 if DEEP else count)
    if DEEP or count == 2 or NAMES.index(group[0]) == acts // count
]


@pytest.mark.parametrize(("count", "group", "acts"), SPLITS)
def test_a_split_between_real_desks_completes_no_seal(
    tmp_path: Path, begun_once: Begun, count: int, group: frozenset[str], acts: int
) -> None:
    first, text = begun_once[count]
    stage = first.copy(tmp_path, random.Random(0))
    steps: list[Step] = []
    while len(steps) < acts:  # everybody hears everybody for so many acts
        for seat in stage.seats.values():
            if len(steps) < acts and (done := step(seat, text)) is not None:
                steps.append(done)
        stage.settle()
    meanwhile = halves(stage, (group, frozenset(NAMES[:count]) - group))
    for _ in range(2 * len(Step)):
        next(meanwhile)
        for seat in stage.seats.values():
            step(seat, text)
    next(meanwhile)
    holding = {
        side for seat in stage.seats.values() for side in standing(seat.room.log).texts[text].sealing.holding
    }
    for seat in stage.seats.values():
        view = standing(seat.room.log).texts[text].sealing
        assert not view.complete
        assert len(shown(stage, seat, text)) < count
        if len(holding) < count:  # somewhere a desk never held all signatures: then nobody anchored anywhere
            assert shown(stage, seat, text) == ()
    stage.close()


STOPS = [
    (count, NAMES[place], acts)
    for count in (2, 3)
    for place in range(count)
    for acts in range(len(Step) - 1)
    if DEEP or place == (acts + 1) % count
]


@pytest.mark.parametrize(("count", "stopped", "acts"), STOPS)
def test_who_stops_at_a_real_desk_leaves_what_the_words_say_and_no_more(
    tmp_path: Path, begun_once: Begun, count: int, stopped: str, acts: int
) -> None:
    first, text = begun_once[count]
    stage = first.copy(tmp_path, random.Random(0))
    left = acts
    for _ in range(3 * count):
        for name, seat in stage.seats.items():
            if name != stopped or left > 0:
                done = step(seat, text)
                left -= name == stopped and done is not None
        stage.settle()
    side = stage.seats[stopped].room.credential.side
    for seat in stage.seats.values():
        view = sealings.own_view(seat.room, standing(seat.room.log).texts[text])
        assert shown(stage, seat, text) == can_show(view)
        assert side not in can_show(view)
        if acts < 2:  # before it held all signatures, nobody anchored
            assert can_show(view) == ()
    stage.close()


def test_nothing_that_real_desks_sign_is_of_their_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte that is signed while a text, a statement on it and a report are sealed, against all that the rooms hold."""
    taken: list[bytes] = []
    real = _SigningKey._signature

    def noted(key: _SigningKey, data: bytes) -> bytes:
        taken.append(data)
        return real(key, data)

    monkeypatch.setattr(_SigningKey, "_signature", noted)
    stage, digest = sealed_in_room(tmp_path, "anna", "boris")
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    line = surfacing.line(anna.room, digest, "We kept our word.", stage.now).id
    stage.settle()
    body = SurfacePropose(
        digest, SIDES[:2], "everyone", stage.now, ("term-turkey",), (), "It is done.", (line,)
    )
    eid = surfacing.propose(anna.room, body, stage.now).id
    stage.settle()
    surfacing.agree(boris.room, eid, stage.now)
    stage.settle()
    report = write(draft_file(reporting.report(anna.room.log), stage.now, FIRST)).decode()
    for drafted in (
        surfacing.statement(anna.room, eid, stage.now).id,
        sealings.draft(anna.room, draft_words(report), stage.now).id,
    ):
        stage.settle()
        sealings.give_key(boris.room, drafted, stage.now)
        stage.settle()
        text = sealings.freeze_draft(anna.room, drafted, stage.now).id
        stage.settle()
        signed(stage, text, "anna", "boris")
        anchored(stage, text, "anna", "boris")
    data, statement = surfacing.publication(anna.room, eid, stage.now)
    assert statement is not None
    assert len(taken) == 3 * 4
    plain = b"\n".join(b"\n".join(unb64(part) for part in one.decode().split(".")) for one in taken)
    stamped = b"\n".join((imprint(read_file(data)), imprint(read_file(statement))))
    secret: set[bytes] = set()
    for seat in stage.seats.values():
        log = seat.room.log
        heads = hashlib.sha256(b"".join(sorted(log.heads))).digest()
        secret |= {seat.room.id, log.root, heads, *log.entries, *log.people()}
        for entry in log.entries.values():
            secret |= {one for one in (entry.salt, entry.data, entry.event.body) if one}
    assert len(secret) > 100
    for one in secret:
        hashed = hashlib.sha256(one).digest()
        for form in (
            one,
            one.hex().encode(),
            b64(one).encode(),
            hashed,
            hashed.hex().encode(),
            b64(hashed).encode(),
        ):
            assert len(form) < 16 or (form not in plain and form not in stamped)
    stage.close()
