"""Canonical encoding: MessagePack of positional structs, one encoding per value (docs/spec/encoding.md).

A record decodes only if encoding it again gives the same bytes, so every value has exactly one form and a
hash over received bytes is a hash over the value.
"""

from typing import TypeVar

import msgspec

from backchannel.errors import Violation
from backchannel.said import plain, said


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A positional, immutable wire record; subclasses declare fields in wire order."""


R = TypeVar("R", bound=msgspec.Struct)


def _text(value: object) -> str:
    """Give a sentence that remembers how it was made as the text that it is."""
    if isinstance(value, str):
        return plain(value)
    raise TypeError(type(value))


_encoder = msgspec.msgpack.Encoder(enc_hook=_text)
_decoders: dict[type, msgspec.msgpack.Decoder[object]] = {}


def encode(record: msgspec.Struct) -> bytes:
    """Give the one encoding of a record."""
    return _encoder.encode(record)


def decode(data: bytes, kind: type[R]) -> R:
    """Read a record of the given kind, or raise Violation; any bytes are safe to pass."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    try:
        record = decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Violation(
            said("These bytes are not a {name}: {error}.", name=kind.__name__, error=error)
        ) from error
    if not isinstance(record, kind):  # pragma: no cover - the decoder is typed
        raise Violation(said("These bytes are not a {name}.", name=kind.__name__))
    try:
        again = _encoder.encode(record)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError) as error:
        raise Violation(
            said("This {name} has no canonical encoding: {error}.", name=kind.__name__, error=error)
        ) from error
    if again != data:
        raise Violation(said("This {name} is not in its canonical encoding.", name=kind.__name__))
    return record
