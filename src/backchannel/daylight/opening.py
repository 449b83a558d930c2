"""Bring more of a sealed text into the open: a closed term, or whose a key is (docs/spec/seal.md 4, 7)."""

from msgspec.structs import replace

from backchannel.daylight.disclosure import parse_disclosure
from backchannel.daylight.sealed_file import SealedFile, Unprotected, encode_file, read_file
from backchannel.daylight.text import FrozenText
from backchannel.daylight.verify import verify
from backchannel.errors import Refused
from backchannel.said import said


def disclosure_named(frozen: FrozenText, name: str) -> str:
    """Give what opens a closed term or a clause, such as `term-jupiter`."""
    for written in frozen.disclosures:
        if parse_disclosure(written).name == name:
            return written
    raise Refused(said("This text has no passage called {name}; look at its terms again.", name=name))


def with_opened(data: bytes, disclosure: str) -> bytes:
    """Open one closed term in a file; NotSealed if the result would not verify."""
    file = read_file(data)
    first, *others = file.signatures
    shown = () if first.header is None else first.header.disclosures
    return _checked(
        replace(file, signatures=(replace(first, header=Unprotected((*shown, disclosure))), *others))
    )


def with_anchor(data: bytes, anchor: str) -> bytes:
    """Add an anchor to a file; NotSealed if the result would not verify."""
    file = read_file(data)
    return _checked(replace(file, anchors=(*file.anchors, anchor)))


def _checked(file: SealedFile) -> bytes:
    data = encode_file(file)
    verify(data)
    return data
