"""What is at rest: opens with its passphrase only, survives any kill, forgets for good, and can be copied without danger."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backchannel.channel.members import Charter, Role
from backchannel.crypto import passphrase as stretching
from backchannel.desk import acts, backup, moving
from backchannel.desk.desk import Desk
from backchannel.desk.room_store import SCHEMA
from backchannel.desk.room_store import VERSION as ROOM_VERSION
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.vault import MASTER_SCHEMA, Vault, _Header, _write
from backchannel.errors import Refused, Unavailable
from backchannel.wire.codec import decode, encode
from desks import DAY_MS, KEY, NOW, Crash, Seat, Stage, _Power, drop, in_talks, powered

WORDS = b"correct horse battery"
PAGE, RESERVED, SALT, WAL_HEADER, FRAME_HEADER = 4096, 80, 16, 32, 24  # SQLCipher 4 and SQLite's file formats
CANARY = "the seventh island is for sale"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases in a millisecond; one test here pays the full price."""
    monkeypatch.setattr(stretching, "MEMORY_KIB", 64)
    monkeypatch.setattr(stretching, "PASSES", 1)


def desk_with_rooms(home: Path, *titles: str) -> Desk:
    desk = Desk.create(home, WORDS, "Anna")
    desk.add_relay("http://relay.example", b"", [bytes([n]) * 32 for n in range(9)], NOW)
    for title in titles:
        charter = Charter(title, "channel", "plenary", "for-you-only", 90 * 86_400, 8192, NOW)
        room = desk.open_room(
            charter, name="Anna", side="A", role=Role.PRINCIPAL, relay="http://relay.example", now=NOW
        )
        acts.show(room, f"{CANARY} in {title}", now=NOW)
    return desk


def files_under(home: Path) -> Iterator[bytes]:
    for path in home.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def pages(path: Path, key: bytes) -> bytes:
    """Decrypt every page of a SQLCipher file and of its write-ahead log, free ones too, as a thief with the key would."""
    data, found = path.read_bytes(), b""
    for start in range(0, len(data), PAGE):
        found += page(data[start : start + PAGE], key, SALT if start == 0 else 0)
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        data = wal.read_bytes()
        for start in range(WAL_HEADER, len(data), FRAME_HEADER + PAGE):
            first = int.from_bytes(data[start : start + 4], "big") == 1
            whole = data[start + FRAME_HEADER : start + FRAME_HEADER + PAGE]
            found += page(whole, key, SALT if first else 0)
    return found


def page(data: bytes, key: bytes, start: int) -> bytes:
    vector = data[PAGE - RESERVED : PAGE - RESERVED + 16]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(data[start : PAGE - RESERVED])


def test_the_real_stretching_opens_with_the_passphrase_and_with_no_other(tmp_path: Path) -> None:
    desk_with_rooms(tmp_path / "desk").close()
    with pytest.raises(Refused, match="passphrase does not open"):
        Desk.open(tmp_path / "desk", b"correct horse batterz")
    Desk.open(tmp_path / "desk", WORDS).close()


def test_a_short_passphrase_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="at least 8"):
        Desk.create(tmp_path / "desk", b"short", "Anna")
    assert not (tmp_path / "desk").exists()


@pytest.mark.usefixtures("cheap")
def test_a_new_passphrase_opens_and_the_old_one_does_not_even_with_the_old_header(tmp_path: Path) -> None:
    desk = desk_with_rooms(tmp_path, "Talks")
    old = (tmp_path / "vault.key").read_bytes()
    desk.vault.change_passphrase(b"staple staple staple")
    assert next(desk.rooms()).seated
    desk.close()
    with pytest.raises(Refused):
        Desk.open(tmp_path, WORDS)
    opened = Desk.open(tmp_path, b"staple staple staple")
    assert len(list(opened.rooms())) == 1
    opened.close()
    (tmp_path / "vault.key").write_bytes(old)
    with pytest.raises(Refused, match="does not open with this key"):
        Desk.open(tmp_path, WORDS)


@pytest.mark.usefixtures("cheap")
def test_nothing_said_or_named_is_in_the_clear_on_disk(tmp_path: Path) -> None:
    desk = desk_with_rooms(tmp_path, "Talks")
    for closed in (False, True):
        found = b"".join(files_under(tmp_path))
        for word in (CANARY.encode(), b"Talks", b"Anna", b"relay.example", b"CREATE TABLE", b"SQLite format"):
            assert word not in found
        if not closed:
            desk.close()


@pytest.mark.usefixtures("cheap")
def test_a_forgotten_room_is_unreadable_in_every_image_of_the_folder(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    desk = desk_with_rooms(home, "Talks", "Other")
    row = desk.vault.master.one("SELECT key, file, id FROM rooms WHERE title = 'Talks'")
    assert row is not None
    key, name, rid = row
    other = next(room.id for room in desk.rooms() if room.id != rid)
    for room in (rid, other):  # what the pages keep of a form that is being typed
        desk.vault.set_setting(f"form/say/{room.hex()}", b"typed in Talks" if room == rid else b"in Other")
    shutil.copytree(
        home / "rooms", tmp_path / "stolen"
    )  # a thief had the folder before, but not the passphrase
    desk.forget(rid)
    images = [home]
    shutil.copytree(home, tmp_path / "open")
    images.append(tmp_path / "open")
    desk.close()
    shutil.copytree(home, tmp_path / "shut")
    images.append(tmp_path / "shut")
    assert CANARY.encode() in pages(
        tmp_path / "stolen" / name, key
    )  # with the key it would have been readable
    for image in images:
        assert not (image / "rooms" / name).exists()
        header = decode((image / "vault.key").read_bytes(), _Header)
        now_key = stretching.unwrap_key(stretching.stretch(WORDS, header.stretch), header.wrapped)
        opened = pages(image / "master.db", now_key)
        assert b"Other" in opened
        assert b"in Other" in opened
        for secret in (key, key.hex().encode(), key.hex().upper().encode(), b"Talks"):
            assert secret not in opened


def test_a_newer_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    desk = Desk.create(tmp_path, KEY, "Anna", raw=True)
    desk.vault.master.run("PRAGMA user_version = 2")
    desk.close()
    with pytest.raises(Refused, match="newer Backchannel"):
        Desk.open(tmp_path, KEY)
    header = decode((tmp_path / "vault.key").read_bytes(), _Header)
    _write(tmp_path / "vault.key", encode(_Header(2, header.stretch, header.wrapped)))
    with pytest.raises(Refused, match="newer Backchannel"):
        Desk.open(tmp_path, KEY)


@pytest.mark.parametrize("name", ["vault.key", "master.db"])
@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda data: data[:50], lambda data: os.urandom(len(data))],
    ids=["empty", "cut", "noise"],
)
def test_a_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    Desk.create(tmp_path, KEY, "Anna", raw=True).close()
    path = tmp_path / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises((Refused, Unavailable)) as refused:
        Desk.open(tmp_path, KEY)
    assert str(refused.value).endswith(".")


def test_two_processes_do_not_open_one_desk(tmp_path: Path) -> None:
    desk = Desk.create(tmp_path, KEY, "Anna", raw=True)
    with pytest.raises(Refused, match="another process"):
        Desk.open(tmp_path, KEY)
    desk.close()


@pytest.mark.usefixtures("cheap")
def test_a_kill_between_any_two_steps_of_changing_the_passphrase_leaves_the_old_or_the_new(
    tmp_path: Path,
) -> None:
    desk = desk_with_rooms(tmp_path / "desk", "Talks")
    desk.close()
    opened_with = set()
    for steps in range(1, 60):
        home = tmp_path / str(steps)
        shutil.copytree(tmp_path / "desk", home)
        with powered():
            desk = Desk.open(home, WORDS)
            _Power.fuse.left = steps
            try:
                desk.vault.change_passphrase(b"staple staple staple")
            except Crash:
                killed = True
            else:
                killed = False
            _Power.fuse = type(_Power.fuse)()
            drop(desk)
        for words in (WORDS, b"staple staple staple"):
            try:
                desk = Desk.open(home, words)
            except Refused:
                continue
            opened_with.add(words)
            assert [item.seated for item in desk.rooms()] == [True]
            desk.close()
            break
        else:
            raise AssertionError(f"neither passphrase opens after a kill at step {steps}")
        shutil.rmtree(home)
        if not killed:
            break
    assert opened_with == {WORDS, b"staple staple staple"}


@pytest.mark.parametrize("last", ["master.new", "vault.new", "half", "moved"])
def test_an_exchange_cut_short_between_files_is_finished_or_undone(tmp_path: Path, last: str) -> None:
    home = tmp_path / "desk"
    desk = Desk.create(home, KEY, "Anna", raw=True)
    desk.vault.master.flush()
    old = {name: (home / name).read_bytes() for name in ("vault.key", "master.db")}
    desk.vault._rewrite_master(desk.vault._header.stretch, KEY)
    desk.close()
    new = {name: (home / name).read_bytes() for name in ("vault.key", "master.db")}
    states = {
        "master.new": {**old, "master.new": new["master.db"]},
        "vault.new": {**old, "master.new": new["master.db"], "vault.new": new["vault.key"]},
        "half": {
            "vault.key": old["vault.key"],
            "master.new": new["master.db"],
            "vault.new": new["vault.key"],
        },
        "moved": {
            "vault.key": old["vault.key"],
            "master.db": new["master.db"],
            "vault.new": new["vault.key"],
        },
    }
    for name in ("vault.key", "master.db", "master.db-wal", "master.db-shm"):
        (home / name).unlink(missing_ok=True)
    for name, data in states[last].items():
        (home / name).write_bytes(data)
    desk = Desk.open(home, KEY)
    assert desk.name == "Anna"
    desk.close()
    assert not list(home.glob("*.new"))


FILL = """
import resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from desks import KEY, NOW
from backchannel.desk import acts
from backchannel.desk.desk import Desk
from backchannel.errors import Unavailable
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
desk = Desk.open(Path(sys.argv[1]), KEY)
room = next(desk.rooms())
resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, resource.RLIM_INFINITY))
said = []
try:
    while True:
        said.append(acts.show(room, "x" * 20_000, now=NOW).id.hex())
except Unavailable as error:
    print(str(error))
try:
    acts.show(room, "x" * 20_000, now=NOW)
except Unavailable:
    print("still")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
said.append(acts.show(room, "room again", now=NOW).id.hex())
print(" ".join(said))
"""


def test_a_full_disk_refuses_in_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    stage.seats["Anna"].show("before")
    stage.settle()
    stage.seats["Anna"].desk.close()
    run = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path / "Anna"), *sys.path],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    sentence, again, said = run.stdout.splitlines()
    assert "disk does not take any more" in sentence
    assert again == "still"
    stage.seats["Anna"].desk = Desk.open(tmp_path / "Anna", KEY)
    stage.seats["Anna"].got = {}
    stage.calm()
    for seat in stage.seats.values():
        assert {bytes.fromhex(eid) for eid in said.split()} <= seat.room.log.entries.keys()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    stage.close()


# -- back-ups -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cheap")
def test_a_back_up_restores_what_was_said_and_nothing_that_could_speak(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats["Anna"], stage.seats["Boris"]
    anna.show(CANARY, files=[("a.txt", b"attached")])
    stage.settle()
    boris.show("answer")
    stage.settle()
    size = backup.back_up(anna.desk, tmp_path / "file", WORDS, stage.now)
    data = (tmp_path / "file").read_bytes()
    assert len(data) == size
    assert CANARY.encode() not in data
    desk = backup.restore(tmp_path / "file", WORDS, tmp_path / "new")
    (room,) = desk.rooms()
    assert room.archive
    assert [entry.id for entry in room.log.ordered()] == [entry.id for entry in anna.room.log.ordered()]
    assert acts.attached(room, list(room.log.entries)[-2])[0][1] == b"attached"
    assert (
        room.receipts(list(room.log.entries)[-2]).keys()
        == anna.room.receipts(list(room.log.entries)[-2]).keys()
    )
    with pytest.raises(Refused, match="back-up"):
        acts.show(room, "again", now=stage.now)
    with pytest.raises(Refused, match="back-up"):
        acts.leave(room, stage.now)
    assert not room.peers
    assert not room.ways
    assert not desk.watches()
    assert not desk.errands()
    desk.tick(stage.now + 91 * DAY_MS)
    assert all(entry.erased for entry in room.log.entries.values() if entry.event.kind == "paper")
    desk.close()
    stage.close()


@pytest.mark.usefixtures("cheap")
def test_whoever_restored_comes_back_as_a_new_member_beside_the_archive(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris", "Carl")
    boris = stage.seats["Boris"]
    backup.back_up(boris.desk, tmp_path / "file", WORDS, stage.now)
    old = boris.room.me
    boris.desk.close()  # the laptop is lost
    boris.desk = backup.restore(tmp_path / "file", WORDS, tmp_path / "new", raw=KEY)
    boris.home, boris.got = tmp_path / "new", {}
    anna, carl = stage.seats["Anna"], stage.seats["Carl"]
    acts.remove(anna.room, old, "lost laptop", stage.now)
    stage.settle()
    acts.remove(carl.room, old, "lost laptop", stage.now)
    stage.settle()
    address, words = anna.desk.invite(anna.room, side="B", role=Role.PRINCIPAL, name="Boris", now=stage.now)
    stage.settle()
    boris.desk.join(address, words, "Boris", stage.now)
    stage.settle()
    for seat in (anna, carl):
        (motion,) = [known for known in seat.room.seating.motions.values() if known.credential is not None]
        acts.admit(seat.room, motion.id, stage.now)
        stage.settle()
    archive, fresh = boris.desk.rooms()
    assert archive.archive
    assert fresh.me != old
    acts.show(fresh, "back again", now=stage.now)
    stage.settle()
    assert "back again" in anna.texts()
    stage.close()


@pytest.mark.usefixtures("cheap")
def test_a_back_up_altered_or_cut_anywhere_restores_nothing(tmp_path: Path) -> None:
    desk = desk_with_rooms(tmp_path / "desk", "Talks")
    backup.back_up(desk, tmp_path / "file", WORDS, NOW)
    desk.close()
    data = (tmp_path / "file").read_bytes()
    for place in [*range(0, len(data), max(1, len(data) // 60)), len(data) - 1]:
        for broken in (data[:place], data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]):
            (tmp_path / "broken").write_bytes(broken)
            with pytest.raises(Refused):
                backup.restore(tmp_path / "broken", WORDS, tmp_path / "new").close()
            assert not Vault.exists(tmp_path / "new")
    with pytest.raises(Refused, match="passphrase does not open this back-up"):
        backup.restore(tmp_path / "file", b"another passphrase", tmp_path / "new")
    with pytest.raises(Refused, match="already"):
        backup.restore(tmp_path / "file", WORDS, tmp_path / "desk")


# -- moving ---------------------------------------------------------------------------------------------------


def move(seat: Seat, target: Path) -> None:
    moving.move(seat.desk, target)
    seat.home, seat.got = target, {}
    seat.desk = Desk.open(target, KEY)


def test_a_moved_desk_goes_on_where_it_was_and_the_old_one_is_no_more(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna = stage.seats["Anna"]
    old = anna.home
    anna.show("before, not sent yet")
    move(anna, tmp_path / "stick")
    with pytest.raises(Refused, match="moved to another place"):
        Desk.open(old, KEY)
    assert sorted(path.name for path in old.rglob("*") if path.is_file()) == ["lock", "moved"]
    anna.show("after")
    stage.calm()
    assert stage.seats["Boris"].texts() == ["before, not sent yet", "after"]
    stage.close()


def test_a_kill_at_any_step_of_moving_never_leaves_two_desks_that_open(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    stage.close()
    for steps in range(1, 40):
        home, target = tmp_path / f"from{steps}", tmp_path / f"to{steps}"
        shutil.copytree(tmp_path / "Anna", home)
        with powered():
            desk = Desk.open(home, KEY)
            _Power.fuse.left = steps
            try:
                moving.move(desk, target)
                killed = False
            except Crash:
                killed = True
            _Power.fuse = type(_Power.fuse)()
            for line in _Power.lines:
                line.close()
        if killed:
            let_go_of_locks()
        opened = []
        for place in (home, target):
            try:
                Desk.open(place, KEY).close()
            except Refused:
                continue
            opened.append(place)
        assert len(opened) <= 1
        if opened != [target]:
            desk = Desk.open(home, KEY, moving=True)
            moving.move(desk, target)
            Desk.open(target, KEY).close()
        if not killed:
            return
    raise AssertionError("a move has more steps than were tried")


def let_go_of_locks() -> None:
    """Do what the end of a process does to its locks."""
    for line in Path("/proc/self/fd").iterdir():
        if line.is_symlink() and str(line.readlink()).endswith("/lock"):
            os.close(int(line.name))


def test_a_move_that_the_target_does_not_take_leaves_the_desk_where_it_is(tmp_path: Path) -> None:
    desk = Desk.create(tmp_path / "desk", KEY, "Anna", raw=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="stays where it is"):
        moving.move(desk, tmp_path / "file" / "below")
    desk.close()
    Desk.open(tmp_path / "desk", KEY).close()


def test_a_database_whose_making_was_cut_short_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "room.db").write_bytes(b"")
    db = SealedDb(tmp_path / "room.db", KEY, SCHEMA, ROOM_VERSION, create=True)
    assert db.all("SELECT * FROM events") == []
    db.close()
    with pytest.raises(Refused, match="does not open with this key"):
        SealedDb(tmp_path / "room.db", b"j" * 32, MASTER_SCHEMA, 1)


def test_the_stage_is_real(tmp_path: Path) -> None:
    """A stage whose relay kept nothing would let every test of a lost word pass."""
    stage = Stage(tmp_path)
    stage.sit("Anna")
    stage.open_room("Anna")
    (drop_known,) = stage.relay.drops.values()
    stage.seats["Anna"].show("alone")
    stage.settle()
    assert not drop_known.cells  # nobody to write to
    stage.sit("Boris")
    stage.bring("Anna", "Boris", "B")
    stage.seats["Anna"].show("together")
    stage.settle()
    assert stage.seats["Boris"].texts() == ["together"]
    stage.close()
