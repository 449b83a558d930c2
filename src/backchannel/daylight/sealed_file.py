"""The file of a sealed text: JWS in the general JSON serialisation, anchors, time stamps (docs/spec/seal.md 6)."""

from collections.abc import Collection

import msgspec

from backchannel.crypto.seals import Seal, b64
from backchannel.daylight.disclosure import parse_disclosure
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.strict import parsed, shaped
from backchannel.daylight.text import FrozenText
from backchannel.errors import Refused
from backchannel.said import said
from backchannel.wire.canonical_json import Json, write

MAX_FILE_BYTES = 4 << 20


class Unprotected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What RFC 9901 puts beside the first signature."""

    disclosures: tuple[str, ...]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One side's signature in a file."""

    protected: str
    signature: str
    header: Unprotected | None = None


class SealedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The file: JWS in the general JSON serialisation, and beside it anchors and time stamps."""

    payload: str
    signatures: tuple[Signature, ...]
    anchors: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()


def read_file(data: bytes) -> SealedFile:
    """Read the shape of a file; nothing in it is checked yet."""
    if len(data) > MAX_FILE_BYTES:
        raise NotSealed(
            Fault.TOO_LARGE,
            said(
                "This file is larger than any sealed text ({max_file_bytes} MiB); it was not read.",
                max_file_bytes=MAX_FILE_BYTES >> 20,
            ),
        )
    file = shaped(parsed(data), SealedFile, Fault.WRONG_SHAPE, said("This file"))
    if any(one.header is not None for one in file.signatures[1:]):
        raise NotSealed(
            Fault.WRONG_SHAPE, said("Only the first signature of a sealed text comes with opened passages.")
        )
    return file


def write_file(
    frozen: FrozenText,
    seals: tuple[Seal, ...],
    opened: tuple[str, ...],
    anchors: tuple[str, ...] = (),
    left_out: Collection[int] = (),
) -> bytes:
    """Write the file: seals in the order of the sides, the clauses but those left out, and the closed terms that `opened` names."""
    passages = [parse_disclosure(one) for one in frozen.disclosures]
    if beyond := sorted(set(left_out) - {one.clause for one in passages}):
        raise Refused(said("This text has no clause {beyond}; look at its clauses again.", beyond=beyond[0]))
    if strangers := sorted(set(opened) - {one.name for one in passages}):
        raise Refused(
            said("This text has no closed term {strangers}; look at its terms again.", strangers=strangers[0])
        )
    shown = tuple(
        one.written
        for one in passages
        if one.name in opened or (one.clause is not None and one.clause not in left_out)
    )
    signatures = tuple(
        Signature(seal.protected, seal.signature, Unprotected(shown) if place == 0 else None)
        for place, seal in enumerate(seals)
    )
    return encode_file(SealedFile(b64(frozen.payload), signatures, anchors))


def encode_file(file: SealedFile) -> bytes:
    """Give the bytes of a file: canonical JSON and a line feed."""
    value: Json = msgspec.to_builtins(file)
    return write(value) + b"\n"
