"""Panic wipe: everything of a desk that lies in its folder is overwritten and removed, its key first.

Needs no passphrase: whoever can do this could delete the folder too. It goes on past whatever it cannot destroy, and says so.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backchannel.desk.asking import SOCKET
from backchannel.desk.backup import MAGIC
from backchannel.desk.sealed_db import sync_folder

KEYS = ("vault.key", "vault.new", "vault.key.part", "vault.new.part")  # without these nothing opens
FILES = ("master.db", "master.new", "moved", "moved.part", SOCKET)
SIDES = ("", "-wal", "-shm", "-journal")
PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Wiped:
    """What a wipe came to: how many files are gone, how many of these were back-ups, and what could not be destroyed."""

    files: int
    backups: int
    left: tuple[str, ...]


def holds_anything(home: Path) -> bool:
    """Whether something of a desk lies in a folder."""
    return any(path.exists() or path.is_symlink() for path in _ours(home))


def wipe(home: Path) -> Wiped:
    """Destroy what a folder holds of a desk and of its back-ups; files that are no desk's stay."""
    backups = set(_backups(home))
    gone, left = 0, []
    for path in [*_ours(home), *sorted(backups)]:
        if not path.exists() and not path.is_symlink():
            continue
        try:
            _destroy(path)
            gone += 1
        except OSError as error:
            left.append(f"{path} ({error.strerror})")
            backups.discard(path)
    for path in (home / "lock", home / "rooms", home):
        _clear(path)
    return Wiped(gone, len(backups), tuple(left))


def _ours(home: Path) -> Iterator[Path]:
    """Give every place where a desk keeps something, keys first."""
    yield from (home / name for name in KEYS)
    yield from (home / f"{name}{side}" for name in FILES for side in SIDES)
    yield from sorted((home / "rooms").glob("*")) if (home / "rooms").is_dir() else ()


def _backups(home: Path) -> Iterator[Path]:
    """Give the back-ups in a desk's folder, whatever they are called."""
    for path in home.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    if file.read(len(MAGIC)) == MAGIC:
                        yield path
        except OSError:
            continue  # it cannot be read, so nothing tells that it is a back-up


def _destroy(path: Path) -> None:
    """Overwrite a file with random bytes and remove it; of what is no file, only the name goes."""
    if path.is_symlink() or not path.is_file():
        path.unlink()
        return
    path.chmod(0o600)
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "wb", buffering=0, closefd=True) as file:
        rest = os.fstat(file.fileno()).st_size
        while rest > 0:
            rest -= file.write(secrets.token_bytes(min(rest, PIECE_BYTES)))
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def _clear(path: Path) -> None:
    try:
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    except OSError:
        return  # something that is no desk's lies there
