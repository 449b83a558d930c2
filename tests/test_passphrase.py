"""From a passphrase to the vault's key."""

import threading

import pytest

from backchannel.crypto.passphrase import Stretch, new_stretch, stretch, unwrap_key, wrap_key
from backchannel.errors import Refused

KEY = bytes(range(32))
QUICK = Stretch(b"sixteen bytes ok", 8 * 1024, 1, 4)


def test_two_vaults_opened_at_once_do_not_wait_for_each_other_for_ever() -> None:
    done: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: done.append(stretch(b"four unrelated words", QUICK)), daemon=True)
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == len(threads)
    assert len(set(done)) == 1


def test_only_the_same_passphrase_opens_what_it_wrapped() -> None:
    wrapped = wrap_key(stretch(b"right passphrase", QUICK), KEY)
    assert unwrap_key(stretch(b"right passphrase", QUICK), wrapped) == KEY
    with pytest.raises(Refused, match="does not open this desk"):
        unwrap_key(stretch(b"wrong passphrase", QUICK), wrapped)
    with pytest.raises(Refused, match="does not open this desk"):
        unwrap_key(stretch(b"right passphrase", QUICK), wrapped[:-1])


def test_a_new_desk_stretches_by_256_mib_and_three_passes_under_its_own_salt() -> None:
    one, other = new_stretch(), new_stretch()
    assert (one.memory_kib, one.passes) == (256 * 1024, 3)
    assert one.salt != other.salt


def test_a_raw_key_is_32_bytes() -> None:
    assert stretch(KEY, new_stretch(raw=True)) == KEY
    with pytest.raises(Refused, match="32 bytes"):
        stretch(b"short", new_stretch(raw=True))
