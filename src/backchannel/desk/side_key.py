"""The key by which a side is known, by itself in a file under a passphrase of its own (docs/spec/vault.md 10).

It is in no back-up: whoever has it can say for ever, in the side's name, whose a sealing key is.
"""

import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from backchannel.crypto.passphrase import Stretch, new_stretch, stretch, unwrap_key, wrap_key
from backchannel.crypto.sealed_file import read_pieces, write_pieces
from backchannel.crypto.seals import LongTermKey
from backchannel.crypto.secret import Secret
from backchannel.desk.sealings import KEY_NAME
from backchannel.desk.vault import Vault, check_passphrase
from backchannel.errors import Refused, Unavailable, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

MAGIC = b"backchannel side's key\n"
VERSION = 1
MOST_BYTES = 4096
MOST_MEMORY_KIB = 1 << 20
MOST_PASSES = 16
_HEADER_BYTES = 2
_DAMAGED = said("This file is no side's key, or it is damaged; use another copy of it.")


class Opening(Record, frozen=True):
    """How the passphrase is stretched, and the file's key wrapped by it."""

    version: int
    stretch: Stretch
    wrapped: bytes


class SideKey(Secret, Record, frozen=True):
    """A side's name and its long-term key, 32 bytes."""

    side: str
    raw: bytes


def export(vault: Vault, side: str, path: Path, passphrase: bytes) -> bytes:
    """Write a side's long-term key to a new file; gives the thumbprint by which the side is known."""
    check_passphrase(passphrase)
    raw = vault.setting(KEY_NAME.format(side))
    if raw is None:
        raise Refused(
            said(
                "This desk has no key for {side} yet; it makes one when you first ask `backchannel desk seal known-as`.",
                side=side,
            )
        )
    how, key, content = new_stretch(), secrets.token_bytes(32), BytesIO()
    opening = encode(Opening(VERSION, how, wrap_key(stretch(passphrase, how), key)))
    content.write(MAGIC + len(opening).to_bytes(_HEADER_BYTES, "big") + opening)
    write_pieces(content, key, [encode(SideKey(side, raw))])
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(content.getvalue())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise Refused(
            said("There is a file {path} already; name another, so that no key is overwritten.", path=path)
        ) from error
    except OSError as error:
        raise Unavailable(
            said(
                "The key cannot be written to {path} ({strerror}); name another place.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
    return LongTermKey(raw).public.thumbprint


def take(vault: Vault, data: bytes, passphrase: bytes, *, replace: bool) -> tuple[str, bytes]:
    """Take a side's key from a file's bytes into the vault; gives the side and the thumbprint by which it is known.

    Refused, and nothing changed, if this desk has another key for that side, unless it is to be replaced.
    """
    found = _read(data, passphrase)
    before = vault.setting(KEY_NAME.format(found.side))
    if before is not None and before != found.raw and not replace:
        raise Refused(
            said(
                "This desk has another key for {found_side} already, and what that anchored stays tied to it: write it"
                " to a file with `backchannel desk seal key-export` first, then give --replace.",
                found_side=found.side,
            )
        )
    vault.set_setting(KEY_NAME.format(found.side), found.raw)
    return found.side, LongTermKey(found.raw).public.thumbprint


def _read(data: bytes, passphrase: bytes) -> SideKey:
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + _HEADER_BYTES], "big")
    begin = len(MAGIC) + _HEADER_BYTES
    if not data.startswith(MAGIC) or len(data) > MOST_BYTES:
        raise Refused(_DAMAGED)
    try:
        opening = decode(data[begin : begin + length], Opening)
    except Violation as error:
        raise Refused(_DAMAGED) from error
    if opening.version > VERSION:
        raise Refused("This key was written by a newer Backchannel; install that version to read it.")
    by = opening.stretch
    if opening.version != VERSION or not (
        0 < by.memory_kib <= MOST_MEMORY_KIB and 0 < by.passes <= MOST_PASSES and 0 < by.lanes <= MOST_PASSES
    ):
        raise Refused(_DAMAGED)  # a file of somebody else's must not make this machine work for hours
    try:
        key = unwrap_key(stretch(passphrase, opening.stretch), opening.wrapped)
    except Refused as error:
        raise Refused("The passphrase does not open this key; try again.") from error
    return _only(read_pieces(BytesIO(data[begin + length :]), key))


def _only(pieces: Iterator[bytes]) -> SideKey:
    try:
        (piece,) = pieces
        found = decode(piece, SideKey)
        LongTermKey(found.raw)
    except (Refused, Violation, ValueError) as error:
        raise Refused(_DAMAGED) from error
    return found
