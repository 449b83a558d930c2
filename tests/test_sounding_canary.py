"""What a side refused, and every secret that it answered with, is on no other desk, in nothing it gives out, and soon not on its own."""

import logging
import random
from pathlib import Path

import pytest

from backchannel.crypto.sounding.kept import How, Kept
from backchannel.crypto.sounding.params import Kind
from backchannel.desk import soundings
from backchannel.desk.backup import back_up, restore
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import underway
from backchannel.errors import Refused
from backchannel.wire.codec import decode
from desks import DAY_MS, KEY, Seat, Stage, in_talks
from typing_in import typed

OPTIONS = tuple(f"option {number}" for number in range(20))
MARKS = random.Random("canary").choices((True, False), k=len(OPTIONS))
SCALAR = 32


def rows(*databases: SealedDb) -> bytes:
    """Give every value of open databases, one after the other."""
    parts = []
    for db in databases:
        for (table,) in db.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ):
            parts += [part for row in db.all(f"SELECT * FROM {table}") for part in row]
    return b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)


def held(seat: Seat) -> bytes:
    return rows(seat.desk.vault.master, seat.room.db)


def secrets(seat: Seat, target: bytes) -> set[bytes]:
    """Give what must not leave a desk, as it has it now: its key, its session key, its answers, and what opens each of them."""
    begun = underway(seat.room, target)  # type: ignore[arg-type]
    if begun is None:
        return set()
    kept = decode(begun.party, Kept)
    opened = [kept.openings[at : at + SCALAR] for at in range(0, len(kept.openings), SCALAR)]
    return {one for one in (kept.part, kept.session_seed, kept.marks, *opened) if any(one)}


def given_out(stage: Stage, who: str, folder: Path) -> bytes:
    """Give all that a desk writes for somebody to read: its export, a back-up as it opens, its answers and refusals."""
    seat = stage.seats[who]
    export = b"".join(data for _, data in typed(seat, "export").files)
    shown = [typed(seat, "sound", act) for act in ("show", "ledger")]
    with pytest.raises(Refused) as refused:
        typed(seat, "sound", "answer", "--all")
    back_up(seat.desk, folder / f"{who}.backup", b"a long passphrase", stage.now)
    again = restore(folder / f"{who}.backup", b"a long passphrase", folder / f"{who}-again", raw=KEY)
    restored = rows(again.vault.master, *(room.db for room in again.rooms()))
    again.close()
    words = [str(one) for answer in shown for one in (*answer.lines, answer.value)]
    words += [str(refused.value), *seat.troubles, *seat.refusals]
    assert len(export) > 1_000
    assert len(restored) > 1_000
    return b"\n".join([export, restored, *(word.encode() for word in words)])


def test_answers_and_their_secrets_are_on_no_other_desk_and_in_nothing_given_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stage = in_talks(tmp_path, "anna", "boris", "clara")
    anna = stage.seats["anna"]
    what = soundings.opening(anna.room, Kind.ALL, OPTIONS, anna.now + DAY_MS, anna.now)
    target = soundings.open_sounding(anna.room, what, "peace", MARKS, anna.now).id
    found, before = set[bytes](), b""
    stage.settle()
    for who in ("boris", "clara"):
        soundings.answer(stage.seats[who].room, target, [True] * len(OPTIONS), stage.now)
    for turn in range(9):
        fresh = secrets(anna, target)
        if fresh - found:
            own = held(anna)
            assert all(secret in own for secret in fresh), "what is there is found"
        found |= fresh
        if turn % 3 == 0:
            before += held(stage.seats["boris"]) + held(stage.seats["clara"])
        for seat in stage.seats.values():
            seat.turn()
    assert bytes(MARKS) in found
    assert len(found) > 2 + len(OPTIONS)
    ended = next(one.done for one in standing(anna.room, anna.now) if one.opened.entry.id == target)
    assert ended is not None
    assert (ended.how, ended.joint) == (
        How.RESULT,
        tuple(at for at, mark in enumerate(MARKS) if mark),
    )
    wire = b"".join(cell for drop in stage.relay.drops.values() for cell in drop.cells)
    outside = {
        "other desks, at every step": before,
        "other desks, in the end": held(stage.seats["boris"]) + held(stage.seats["clara"]),
        "what another gives out": given_out(stage, "boris", tmp_path),
        "the wire": wire,
        "logs": caplog.text.encode(),
        "its own desk, in the end": held(anna),
        "its own exports and back-ups": given_out(stage, "anna", tmp_path),
    }
    for place, everything in outside.items():
        assert not [secret for secret in found if secret in everything], place
    stage.close()
