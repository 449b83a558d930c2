"""The key by which a side is known: in no back-up, in a file of its own if its person asks, and lost or doubled by nobody's mistake."""

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.crypto import passphrase as stretching
from backchannel.crypto.passphrase import Stretch
from backchannel.desk import sealings, side_key
from backchannel.desk.vault import Vault
from backchannel.errors import Refused
from backchannel.wire.codec import decode, encode

WORDS = b"four unrelated words"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "MEMORY_KIB", 64)


@pytest.fixture
def written(tmp_path: Path) -> tuple[bytes, bytes]:
    """Give a file, and what its key is known by."""
    with closing(Vault.create(tmp_path / "first", b"k" * 32, raw=True)) as vault:
        known = sealings.long_term_key(vault, "Moscow").public.thumbprint
        assert side_key.export(vault, "Moscow", tmp_path / "key", WORDS) == known
        return (tmp_path / "key").read_bytes(), known


def test_a_side_that_lost_its_desk_is_known_by_the_same_key_again(
    tmp_path: Path, written: tuple[bytes, bytes]
) -> None:
    data, known = written
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    with closing(Vault.create(tmp_path / "second", b"k" * 32, raw=True)) as vault:
        assert side_key.take(vault, data, WORDS, replace=False) == ("Moscow", known)
        assert sealings.long_term_key(vault, "Moscow").public.thumbprint == known
        assert side_key.take(vault, data, WORDS, replace=False) == ("Moscow", known)


def test_another_key_for_the_side_is_replaced_only_when_asked(
    tmp_path: Path, written: tuple[bytes, bytes]
) -> None:
    data, known = written
    with closing(Vault.create(tmp_path / "second", b"k" * 32, raw=True)) as vault:
        own = sealings.long_term_key(vault, "Moscow").public.thumbprint
        with pytest.raises(Refused, match="another key for Moscow already"):
            side_key.take(vault, data, WORDS, replace=False)
        assert sealings.long_term_key(vault, "Moscow").public.thumbprint == own
        side_key.take(vault, data, WORDS, replace=True)
        assert sealings.long_term_key(vault, "Moscow").public.thumbprint == known


def test_a_file_shows_neither_key_nor_side_and_opens_with_its_passphrase_only(
    tmp_path: Path, written: tuple[bytes, bytes]
) -> None:
    data, _ = written
    with closing(Vault.open(tmp_path / "first", b"k" * 32)) as vault:
        raw = vault.setting(sealings.KEY_NAME.format("Moscow"))
        assert raw is not None
        assert raw not in data
        assert b"Moscow" not in data
        with pytest.raises(Refused, match="already"):
            side_key.export(vault, "Moscow", tmp_path / "key", WORDS)
        with pytest.raises(Refused, match="no key for Ankara"):
            side_key.export(vault, "Ankara", tmp_path / "other", WORDS)
        with pytest.raises(Refused, match="at least"):
            side_key.export(vault, "Moscow", tmp_path / "other", b"short")
        assert not (tmp_path / "other").exists()
        with pytest.raises(Refused, match="does not open this key"):
            side_key.take(vault, data, b"another passphrase", replace=True)


def test_an_altered_or_hostile_file_is_refused_soon_and_changes_nothing(
    tmp_path: Path, written: tuple[bytes, bytes]
) -> None:
    data, _ = written
    head = len(side_key.MAGIC) + 2
    length = int.from_bytes(data[head - 2 : head])
    opening = decode(data[head : head + length], side_key.Opening)
    hostile = [
        replace(opening, stretch=Stretch(bytes(16), memory, passes, lanes))
        for memory, passes, lanes in ((1 << 30, 3, 4), (64, 1 << 20, 4), (64, 3, 1 << 10), (0, 0, 0))
    ]
    wrong = [b"", side_key.MAGIC, data[:-1], data + b"x", b"x" + data, data.ljust(5000, b"x")]
    wrong += [data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :] for at in range(0, len(data), 2)]
    wrong += [
        side_key.MAGIC + len(new := encode(one)).to_bytes(2) + new + data[head + length :] for one in hostile
    ]
    with closing(Vault.create(tmp_path / "second", b"k" * 32, raw=True)) as vault:
        for bad in wrong:
            with pytest.raises(Refused):
                side_key.take(vault, bad, WORDS, replace=True)
        assert vault.setting(sealings.KEY_NAME.format("Moscow")) is None
