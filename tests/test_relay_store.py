"""The relay's disk: what it keeps, refuses, forgets, and what it does when there is no room."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Refused, Unavailable
from backchannel.relay import tokens
from backchannel.relay.drops import DAY, Grant, Terms, digest
from backchannel.relay.places import STRIDE
from backchannel.relay.schema import APPLICATION_ID, DiskFull, connect
from backchannel.relay.sqlite import Answer, Reading, Store, Wanted
from backchannel.wire.ids import Admission, Position, new_admission, new_append_id
from backchannel.wire.refusals import Code, RelayRefused
from relay_process import environment, new_keys

NOW = 1_700_000_000_000
SIZE = 4096


class Disk:
    """A store with admissions at hand."""

    def __init__(self, file: Path, *, max_bytes: int = 0, stride: int = STRIDE) -> None:
        self.file = file
        self.store = Store(file, max_bytes=max_bytes, stride=stride)

    def admit(self, grant: Grant | None = None, expires_ms: int = NOW + 1_000_000) -> Admission:
        admission = new_admission()
        database = connect(self.file)
        tokens.issue(database, [digest(admission)], grant or Grant(), expires_ms)
        database.close()
        return admission

    def open(self, ttl_seconds: int = 60, grant: Grant | None = None) -> Terms:
        return self.store.open_drop(new_keys().opening(self.admit(grant), ttl_seconds=ttl_seconds), NOW)

    def append(self, terms: Terms, *marks: bytes, now: int = NOW) -> list[Answer]:
        return self.store.append([wanted(terms, mark) for mark in marks], now)

    def cells(self, terms: Terms) -> list[tuple[int, bytes]]:
        reading = Reading(self.file)
        found = [
            (int(position), cell.rstrip(b"."))
            for position, cell in reading.cells(terms.key, Position(0), 1000)
        ]
        reading.close()
        return found

    def sweep(self, now: int) -> int:
        cells = 0
        while (swept := self.store.sweep(now)).more:
            cells += swept.cells
        return cells + swept.cells

    def bytes_kept(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.file.parent.glob(self.file.name + "*"))


def wanted(terms: Terms, mark: bytes) -> Wanted:
    return Wanted(terms, new_append_id(), mark.ljust(SIZE, b"."))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    one = Disk(tmp_path / "relay.db")
    yield one
    one.store.close()


def test_cells_get_rising_positions_and_come_back_in_order(disk: Disk) -> None:
    one, other = disk.open(), disk.open()
    assert disk.append(one, b"a", b"b") == [1, 2]
    assert disk.append(other, b"x") == [1]
    assert disk.append(one, b"c") == [3]
    assert disk.cells(one) == [(1, b"a"), (2, b"b"), (3, b"c")]


def test_the_same_append_again_gives_the_same_position_and_one_cell(disk: Disk) -> None:
    terms = disk.open()
    first = wanted(terms, b"a")
    assert disk.store.append([first, wanted(terms, b"b"), first], NOW) == [1, 2, 1]
    disk.store.close()
    disk.store = Store(disk.file)
    assert disk.store.append([wanted(terms, b"c"), first], NOW) == [3, 1]
    assert len(disk.cells(terms)) == 3


def test_an_append_id_serves_one_cell_only(disk: Disk) -> None:
    terms = disk.open()
    first = wanted(terms, b"a")
    disk.store.append([first], NOW)
    (answer,) = disk.store.append([Wanted(terms, first.append_id, b"b".ljust(SIZE, b"."))], NOW)
    assert isinstance(answer, RelayRefused)
    assert answer.code is Code.CONFLICT
    assert disk.cells(terms) == [(1, b"a")]


def test_an_admission_opens_one_drop_and_the_same_call_finds_it_again(disk: Disk) -> None:
    admission, keys = disk.admit(), new_keys()
    terms = disk.store.open_drop(keys.opening(admission), NOW)
    assert disk.store.open_drop(keys.opening(admission), NOW) == terms
    for call in (new_keys().opening(admission), keys.opening(admission, ttl_seconds=61)):
        with pytest.raises(RelayRefused) as refusal:
            disk.store.open_drop(call, NOW)
        assert refusal.value.code is Code.ADMISSION


def test_a_drop_id_in_use_is_refused_to_another_admission(disk: Disk) -> None:
    keys = new_keys()
    disk.store.open_drop(keys.opening(disk.admit()), NOW)
    admission = disk.admit()
    with pytest.raises(RelayRefused) as refusal:
        disk.store.open_drop(keys.opening(admission), NOW)
    assert refusal.value.code is Code.CONFLICT
    disk.store.open_drop(new_keys().opening(admission), NOW)  # not used up by the refusal


def test_an_unknown_or_expired_admission_opens_nothing(disk: Disk) -> None:
    for admission in (new_admission(), disk.admit(expires_ms=NOW)):
        with pytest.raises(RelayRefused) as refusal:
            disk.store.open_drop(new_keys().opening(admission), NOW)
        assert refusal.value.code is Code.ADMISSION


def test_a_revoked_admission_opens_nothing_and_a_used_one_goes_only_with_its_drop(disk: Disk) -> None:
    unused, used, keys = disk.admit(), disk.admit(), new_keys()
    terms = disk.store.open_drop(keys.opening(used), NOW)
    disk.append(terms, b"a")
    database = connect(disk.file)
    tokens.revoke(database, digest(unused), and_close=False)
    with pytest.raises(Refused, match="--and-close"):
        tokens.revoke(database, digest(used), and_close=False)
    assert disk.append(terms, b"b") == [2]
    tokens.revoke(database, digest(used), and_close=True)
    with pytest.raises(Refused, match="token list"):
        tokens.revoke(database, digest(used), and_close=True)
    database.close()
    with pytest.raises(RelayRefused):
        disk.store.open_drop(new_keys().opening(unused), NOW)
    (answer,) = disk.append(terms, b"c")
    assert isinstance(answer, RelayRefused)
    assert answer.code is Code.GONE
    assert disk.sweep(NOW) == 2
    assert disk.cells(terms) == []


def test_a_drop_holds_as_many_cells_as_granted_until_some_expire(disk: Disk) -> None:
    terms = disk.open(grant=Grant(max_cells=3))
    answers = disk.append(terms, b"a", b"b", b"c", b"d")
    assert answers[:3] == [1, 2, 3]
    assert isinstance(answers[3], RelayRefused)
    assert answers[3].code is Code.DROP_FULL
    disk.sweep(NOW + 61_000)
    assert disk.append(terms, b"e", now=NOW + 61_000) == [4]


def test_an_append_that_was_stored_is_answered_again_when_the_drop_is_full(disk: Disk) -> None:
    terms = disk.open(grant=Grant(max_cells=1))
    only = wanted(terms, b"a")
    assert disk.store.append([only], NOW) == [1]
    assert disk.store.append([only], NOW) == [1]


def test_an_expired_cell_is_in_no_file_of_the_database(disk: Disk) -> None:
    short, long = disk.open(ttl_seconds=60), disk.open(ttl_seconds=3600)
    disk.append(short, b"canary-short" * 40)
    disk.append(long, b"canary-long" * 40)
    assert b"canary-short" in disk.bytes_kept()
    assert disk.sweep(NOW + 59_000) == 0
    assert disk.sweep(NOW + 61_000) == 1
    kept = disk.bytes_kept()
    assert b"canary-short" not in kept
    assert b"canary-long" in kept


def test_a_closed_drop_is_in_no_file_of_the_database(disk: Disk) -> None:
    keys = new_keys()
    terms = disk.store.open_drop(keys.opening(disk.admit()), NOW)
    disk.append(terms, *[b"canary"] * 700)  # more than one sweep removes at once
    disk.store.close_drop(terms.key)
    assert disk.sweep(NOW) == 700
    kept = disk.bytes_kept()
    for trace in (b"canary", keys.drop, digest(keys.append), digest(keys.read)):
        assert trace not in kept


def test_positions_go_on_after_every_cell_has_expired_and_the_store_was_reopened(disk: Disk) -> None:
    terms = disk.open()
    disk.append(terms, b"a", b"b")
    disk.sweep(NOW + 100_000)
    disk.store.close()
    disk.store = Store(disk.file)
    assert disk.append(terms, b"c", now=NOW + 100_000) == [3]
    reading = Reading(disk.file)
    assert reading.drop(terms.drop) == (terms, 3)
    reading.close()


def test_a_drop_lapses_after_its_idle_time_counted_from_its_last_cell(disk: Disk) -> None:
    terms = disk.open(ttl_seconds=60, grant=Grant(max_idle_seconds=600))
    disk.append(terms, b"a", now=NOW + 500_000)
    assert disk.store.sweep(NOW + 700_000).gone == ()
    disk.sweep(NOW + 700_000)
    assert disk.store.sweep(NOW + 1_099_000).gone == ()
    assert disk.store.sweep(NOW + 1_102_000).gone == (terms.drop,)


def test_a_clock_that_goes_back_makes_no_cell_outlive_the_one_before_by_less(disk: Disk) -> None:
    terms = disk.open(ttl_seconds=60)
    disk.append(terms, b"a", now=NOW + 30_000)
    disk.append(terms, b"b", now=NOW)
    assert disk.sweep(NOW + 89_000) == 0
    assert disk.sweep(NOW + 91_000) == 2


@pytest.mark.parametrize("stride", [1, 4, 100])
def test_an_append_is_found_again_whether_or_not_its_entry_in_the_index_is_made(
    tmp_path: Path, stride: int
) -> None:
    disk = Disk(tmp_path / "relay.db", stride=stride)
    one, other = disk.open(), disk.open()
    first, second = wanted(one, b"a"), wanted(other, b"x")
    for batch in ([first], [second, wanted(other, b"y")], [wanted(one, b"b")] * 3):
        disk.store.append(batch, NOW)
    assert disk.store.append([second, wanted(one, b"c"), first], NOW) == [1, 3, 1]
    clash = Wanted(one, first.append_id, b"z".ljust(SIZE, b"."))
    answers = disk.store.append([wanted(other, b"z"), clash], NOW)
    assert answers[0] == 3
    assert isinstance(answers[1], RelayRefused)
    assert disk.cells(one) == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert disk.cells(other) == [(1, b"x"), (2, b"y"), (3, b"z")]
    assert disk.sweep(NOW + 61_000) == 6
    assert disk.append(one, b"d", now=NOW + 61_000) == [4]
    disk.store.close()


@given(st.data())
def test_any_run_of_appends_repeats_sweeps_and_restarts_agrees_with_a_list(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    stride = data.draw(st.sampled_from([1, 3, 5, STRIDE]))
    disk = Disk(tmp_path_factory.mktemp("store") / "relay.db", stride=stride)
    terms = disk.open(ttl_seconds=60, grant=Grant(max_cells=12))
    now, last = NOW, 0
    held: list[tuple[int, bytes, int, Wanted]] = []
    for step in range(data.draw(st.integers(1, 12))):
        act = data.draw(st.sampled_from(["append", "again", "wait", "restart"]))
        if act == "append":
            batch = [wanted(terms, b"%d.%d" % (step, i)) for i in range(data.draw(st.integers(1, 5)))]
            for answer, one in zip(disk.store.append(batch, now), batch, strict=True):
                if len(held) < 12:
                    last += 1
                    assert answer == last
                    held.append((last, bytes(one.cell).rstrip(b"."), now, one))
                else:
                    assert isinstance(answer, RelayRefused)
        elif act == "again" and held:
            position, _, _, one = data.draw(st.sampled_from(held))
            assert disk.store.append([one], now) == [position]
        elif act == "wait":
            now += data.draw(st.integers(1, 40)) * 1000
            disk.sweep(now)
            held = [cell for cell in held if cell[2] + 60_000 > now]
        elif act == "restart":
            disk.store.close()
            disk.store = Store(disk.file, stride=stride)
        assert disk.cells(terms) == [(position, mark) for position, mark, _, _ in held]
    disk.store.close()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (3, r"written by a newer Backchannel \(format 3; this one knows 2\): update this program"),
        (1, r"written before the first release \(format 1\): name another file with --db"),
    ],
)
def test_another_format_is_refused_in_one_sentence_and_left_alone(
    disk: Disk, tmp_path: Path, version: int, said: str
) -> None:
    disk.store.close()
    with sqlite3.connect(disk.file) as database:
        database.execute(f"PRAGMA user_version={version}")
    database.close()
    before = disk.file.read_bytes()
    with pytest.raises(Refused, match=said):
        Store(disk.file)
    assert disk.file.read_bytes() == before
    disk.store = Store(tmp_path / "another.db")


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "other.db"
    if content is None:
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE accounts (name TEXT)")
        database.close()
    else:
        file.write_bytes(content)
    with pytest.raises(Refused, match="--db"):
        Store(file)
    if content is not None:
        assert file.read_bytes() == content


def test_the_file_names_its_program_and_format(disk: Disk) -> None:
    disk.sweep(NOW)
    header = disk.file.read_bytes()[:100]
    assert int.from_bytes(header[68:72]) == APPLICATION_ID
    assert int.from_bytes(header[60:64]) == 2


def fill(disk: Disk, terms: Terms) -> int:
    """Append until the disk is full; give how many cells were stored."""
    stored = 0
    with contextlib.suppress(DiskFull):
        while stored < 1000:
            stored += len(disk.append(terms, *[b"kept"] * 10))
    return stored


def test_a_full_database_stores_nothing_of_a_batch_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "relay.db", max_bytes=2**20)
    terms = disk.open(ttl_seconds=60)
    stored = fill(disk, terms)
    with pytest.raises(DiskFull, match="disk is full"):
        disk.append(terms, *[b"lost"] * 10)
    assert 0 < stored < 1000
    assert len(disk.cells(terms)) == stored
    assert disk.sweep(NOW + 61_000) == stored
    assert disk.append(terms, b"again", now=NOW + 61_000) == [stored + 1]
    disk.store.close()


FILE_LIMIT = """
import resource, signal, sys
from pathlib import Path
from backchannel.relay.places import STRIDE
from backchannel.relay.schema import DiskFull
from test_relay_store import Disk, fill
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
disk = Disk(Path(sys.argv[1]))
terms = disk.open()
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, resource.RLIM_INFINITY))
stored = fill(disk, terms)
try:
    disk.append(terms, *[b"lost"] * 10)
except DiskFull as full:
    print(full)
assert 0 < stored < 1000
assert len(disk.cells(terms)) == stored
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert disk.append(terms, b"again") == [stored + 1]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits there")
def test_a_file_that_may_not_grow_stores_nothing_of_a_batch_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    paths = os.pathsep.join([environment()["PYTHONPATH"], str(Path(__file__).parent)])
    done = subprocess.run(
        [sys.executable, "-c", FILE_LIMIT, tmp_path / "relay.db"],
        env={**environment(), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "disk is full" in done.stdout


def test_a_damaged_database_is_unavailable_to_readers_and_appends_nothing(disk: Disk) -> None:
    terms = disk.open()
    disk.append(terms, *[b"a"] * 50)
    disk.sweep(NOW)
    with disk.file.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(disk.file.stat().st_size - 4096))
    with pytest.raises(Unavailable, match="tell its operator"):
        disk.cells(terms)
    disk.store.close()
    disk.store = Store(disk.file)
    with pytest.raises(Unavailable, match="tell its operator"):
        disk.append(terms, b"b")


def test_the_operator_sees_hashes_grants_and_totals_only(disk: Disk) -> None:
    admission, keys = disk.admit(Grant(max_cells=7)), new_keys()
    terms = disk.store.open_drop(keys.opening(disk.admit()), NOW)
    disk.append(terms, b"a")
    database = connect(disk.file)
    unused, used = tokens.listed(database)
    assert (unused.digest, unused.grant.max_cells, unused.used) == (digest(admission), 7, False)
    assert used.used
    assert tokens.totals(database) == tokens.Totals(drops=1, cells=1, cell_bytes=SIZE, unused_admissions=1)
    assert tokens.find(database, digest(admission).hex()[:10]) == digest(admission)
    for start, said in (("", "No admission"), ("zz", "No admission")):
        with pytest.raises(Refused, match=said):
            tokens.find(database, start)
    database.close()


def test_a_day_later_the_time_of_a_cell_is_known_to_the_hour_only(disk: Disk) -> None:
    terms = disk.open(ttl_seconds=14 * DAY)
    disk.append(terms, b"a", now=NOW + 1)
    disk.append(terms, b"b", now=NOW + 2)
    database = sqlite3.connect(disk.file)
    times = {row[0] for row in database.execute("SELECT expires_ms FROM cell")}
    database.close()
    assert len(times) == 1
    assert times.pop() % 3_600_000 == 0
