"""After the demo's play: whoever has the relay and all its traffic finds nothing that was said on the desks.

Searched are the relay's database before anything expired, its write-ahead log, its log file and every recorded
connection. The same searches and measures then catch a run in which encryption is off.
"""

import asyncio
import json
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from backchannel.channel.members import Charter, Role
from backchannel.crypto import envelope
from backchannel.crypto.cell_cipher import RoomKey
from backchannel.desk import acts, sending, taking
from backchannel.desk.commands.table import perform
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.desk.relay_reasons import KNOWN
from backchannel.plays.seat import _parser as desk_parser
from backchannel.plays.tap import Tap
from blindness import (
    cells,
    compression,
    crossed,
    found_in,
    phrases,
    relay_files,
    repeats,
    unevenness,
    words,
)
from kept_play import Kept
from relay_process import RelayProcess

MOST_UNEVEN = 6.0  # standard deviations
LEAST_COMPRESSED = 0.999
PAPER = "The settlement concerning the northern harbour remains confidential until November. " * 3


@dataclass(frozen=True)
class Spoken:
    """All that the desks of a play know of each other, from their own exports."""

    exports: list[bytes]
    words: set[bytes]
    names: set[bytes]
    ids: set[bytes]


def exported(desk: Desk) -> list[bytes]:
    """The record of each room, by the ordinary command."""
    files: list[bytes] = []
    for room in desk.rooms():
        args = desk_parser().parse_args(["desk", "--json", "export", "--room", room.id.hex()])
        ((_, data),) = perform(desk, args, int(time.time() * 1000)).files
        files.append(data)
    return files


@pytest.fixture(scope="module")
def spoken(cuba: Kept, tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    exports: list[bytes] = []
    texts: list[str] = []
    names: set[str] = set()
    ids: set[bytes] = set()
    for home in sorted((cuba.folder / "desks").iterdir()):
        copy = tmp_path_factory.mktemp("desks") / home.name
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("*.sock"))
        desk = Desk.open(copy, cuba.passphrase)
        names.add(desk.name)
        for file in desk.vault.rooms():
            names.add(file.title)
            ids.add(file.id)
        for data in exported(desk):
            exports.append(data)
            whole = json.loads(data)
            texts += [item["text"] for item in whole["items"] if item.get("text")]
            ids |= {bytes.fromhex(event["id"]) for event in whole["events"]}
        for room in desk.rooms():
            for member in room.log.people().values():
                ids |= {member.id, member.credential.identity}
                names |= {member.name, member.side}
        desk.close()
    names |= {part for name in names for part in name.replace(",", " ").split()}
    hexed = {found.hex().encode() for found in ids}
    return Spoken(exports, words(texts), phrases(names), ids | hexed)


def test_what_is_searched_for_is_really_there_on_the_desks(spoken: Spoken) -> None:
    assert len(spoken.words) > 150
    assert len(spoken.names) > 20
    written = {word for word in spoken.words if not (word.islower() or word.isupper())}
    assert found_in(written, spoken.exports) == written
    assert len(found_in(spoken.words, spoken.exports)) > len(spoken.words) // 3
    assert len(found_in(spoken.names, spoken.exports)) > len(spoken.names) // 2


def test_the_relay_and_its_traffic_are_there_to_be_searched(cuba: Kept) -> None:
    files = relay_files(cuba.folder / "relay")
    assert {"relay.db", "relay.db-wal", "log"} <= files.keys()
    # The recording is whole: every cell that the relay keeps crossed the line, and the search sees through the masks.
    bodies = {body[:64] for drop in cells(cuba.folder / "relay" / "relay.db") for body in drop.bodies}
    assert len(bodies) > 300
    assert found_in(bodies, crossed(cuba.folder / "traffic")) == bodies


def test_no_word_name_or_id_of_the_desks_is_at_the_relay(cuba: Kept, spoken: Spoken, tmp_path: Path) -> None:
    searched = relay_files(cuba.folder / "relay").values()
    # A relay that no desk ever reached knows words of its own, such as those of its tables.
    with RelayProcess(tmp_path) as unused:
        unused.tokens(1)
    own = found_in(spoken.words, relay_files(tmp_path).values())
    assert len(own) < len(spoken.words) // 20
    assert found_in((spoken.words | spoken.names | spoken.ids) - own, searched) == set()


def test_no_word_name_or_id_of_the_desks_crosses_the_line(cuba: Kept, spoken: Spoken) -> None:
    traffic = [without_refusals(piece) for piece in crossed(cuba.folder / "traffic")]
    assert found_in(spoken.words | spoken.names | spoken.ids, traffic) == set()


def without_refusals(piece: bytes) -> bytes:
    """Leave out what any relay says when it refuses, letter for letter: whether it had to depends on who was faster."""
    for sentence in (one for said in KNOWN.values() for one in said if "{" not in one):
        piece = piece.replace(sentence.encode(), b"")
    return piece


def test_all_cells_on_a_drop_have_one_size_and_look_random(cuba: Kept) -> None:
    drops = cells(cuba.folder / "relay" / "relay.db")
    for drop in drops:
        assert {len(body) for body in drop.bodies} == {drop.size}
        assert compression(drop.bodies) > LEAST_COMPRESSED
        assert unevenness(drop.bodies) < MOST_UNEVEN
    assert repeats([body for drop in drops for body in drop.bodies]) == 0


# -- the positive control --------------------------------------------------------------------------------------


def _no_body(plaintext: bytes) -> tuple[bytes, bytes]:
    padded = (len(plaintext).to_bytes(4, "big") + plaintext).ljust(envelope.bucket(4 + len(plaintext)), b"\0")
    return secrets.token_bytes(32), padded + bytes(16)


def _read_body(text: envelope.WrapText, body: bytes) -> bytes:
    return body[4 : 4 + int.from_bytes(body[:4], "big")]


def _no_cell(room_key: RoomKey, drop_id: bytes, plaintext: bytes) -> bytes:
    return bytes(12) + plaintext + bytes(16)


def _read_cell(room_key: RoomKey, drop_id: bytes, cell: bytes) -> bytes | None:
    return cell[12:-16]


def _now() -> int:
    return int(time.time() * 1000)


async def _talk(folder: Path, relay: RelayProcess) -> None:
    """Two desks meet over the relay, through a tap, and one paper is said; all as in life."""
    async with Tap(relay.port, folder / "traffic") as tap:
        url = f"http://127.0.0.1:{tap.port}"
        desks = [
            Desk.create(folder / name, secrets.token_bytes(32), name, raw=True)
            for name in ("Margarethe", "Ferdinand")
        ]
        host, guest = desks
        host.add_relay(url, b"", list(relay.tokens(6)), _now())
        couriers = [Courier(desk, _now) for desk in desks]
        carrying = [asyncio.create_task(courier.run()) for courier in couriers]
        try:
            room = host.open_room(
                Charter("Winter harbour", "Matter", "plenary", "for-you-only", 86400, 8192, _now()),
                name="Margarethe", side="Northerners", role=Role.PRINCIPAL, relay=url, now=_now(),
            )  # fmt: skip
            address, told = host.invite(
                room, side="Southerners", role=Role.PRINCIPAL, name="Ferdinand", now=_now()
            )
            guest.join(address, told, "Ferdinand", _now())
            async with asyncio.timeout(30):
                while not any(other.seated for other in guest.rooms()):
                    for eid, motion in room.seating.motions.items():
                        if not motion.carried:
                            acts.admit(room, eid, _now())
                    for courier in couriers:
                        courier.nudge()
                    await asyncio.sleep(0.05)
                said = acts.show(room, PAPER, now=_now())
                couriers[0].nudge()
                (other,) = guest.rooms()
                while said.id not in other.log.entries:  # noqa: ASYNC110 - watched from outside
                    await asyncio.sleep(0.02)
        finally:
            for task in carrying:
                task.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)
            for desk in desks:
                desk.close()


@pytest.mark.parametrize("encrypted", [True, False])
def test_the_same_looks_catch_a_run_with_encryption_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, encrypted: bool
) -> None:
    if not encrypted:
        monkeypatch.setattr(sending, "seal_body", _no_body)
        monkeypatch.setattr(taking, "open_body", _read_body)
        monkeypatch.setattr(sending, "seal_cell", _no_cell)
        monkeypatch.setattr(taking, "open_cell", _read_cell)
    home = tmp_path / "relay"
    home.mkdir()
    with RelayProcess(home) as relay:
        asyncio.run(_talk(tmp_path, relay))
    needles = words([PAPER])
    at_relay = found_in(needles, relay_files(home).values())
    on_line = found_in(needles, crossed(tmp_path / "traffic"))
    bodies = [body for drop in cells(home / "relay.db") for body in drop.bodies]
    caught = [
        b"settlement" in at_relay,
        b"settlement" in on_line,
        compression(bodies) < LEAST_COMPRESSED,
        unevenness(bodies) > MOST_UNEVEN,
        repeats(bodies) > 0,
    ]
    assert caught == [not encrypted] * len(caught)
