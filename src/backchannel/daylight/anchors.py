"""Whose a sealing key is: a statement by a side's long-term key, or a fingerprint that a person typed (docs/spec/seal.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from backchannel.crypto.seals import (
    PublicKey,
    anchor_header,
    b64,
    fingerprint,
    seal_code,
    signed_bytes,
    typed_fingerprint,
)
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.strict import decoded, parsed_canonical, shaped
from backchannel.daylight.text import Jwk
from backchannel.errors import Refused, Violation
from backchannel.said import said

_PARTS = 3
_WHAT = said("An anchor in this file")


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a long-term key signs: this sealing key is mine in that text."""

    key: str
    owner: Jwk
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A statement that held: the sealing key it is about, and the long-term key that made it."""

    thumbprint: bytes
    owner: PublicKey


def read_anchor(written: str, text: bytes) -> Anchor:
    """Read an anchor for the text of this digest and check its signature, or raise NotSealed."""
    if len(parts := written.split(".")) != _PARTS:
        raise NotSealed(Fault.WRONG_ANCHOR, said("{what} is not a signed statement.", what=_WHAT))
    protected, payload, signature = parts
    statement = shaped(parsed_canonical(payload, _WHAT), Statement, Fault.WRONG_ANCHOR, _WHAT)
    owner = statement.owner.key(said("The long-term key of an anchor"))
    if statement.version != 1 or protected != anchor_header(owner):
        raise NotSealed(
            Fault.WRONG_ANCHOR, said("{what} is not of the kind that this software knows.", what=_WHAT)
        )
    if statement.text != b64(text):
        raise NotSealed(
            Fault.ANCHOR_FOR_ANOTHER,
            said("{what} was made for another text: whose keys these are is not shown by it.", what=_WHAT),
        )
    try:
        owner.check(decoded(signature, _WHAT), signed_bytes(protected, payload))
    except NotSealed:
        raise
    except Violation as error:
        raise NotSealed(
            Fault.WRONG_ANCHOR,
            said("{what} was not made by the long-term key that it names, or was altered.", what=_WHAT),
        ) from error
    return Anchor(decoded(statement.key, _WHAT), owner)


def read_anchors(written: tuple[str, ...], text: bytes, listed: Mapping[bytes, str]) -> dict[str, Anchor]:
    """Read all anchors of a file; `listed` names the side of each sealing key; gives them by side."""
    found: dict[str, Anchor] = {}
    for one in written:
        anchor = read_anchor(one, text)
        side = listed.get(anchor.thumbprint)
        if side is None:
            raise NotSealed(
                Fault.ANCHOR_FOR_ANOTHER,
                said(
                    "{what} is for a key that this text does not list: whose keys these are is not shown by it.",
                    what=_WHAT,
                ),
            )
        if side in found:
            raise NotSealed(
                Fault.ANCHOR_TWICE,
                said("This file has two anchors for {side}; ask which is meant.", side=side),
            )
        found[side] = anchor
    return found


def typed_anchors(typed: list[str]) -> dict[str, bytes]:
    """Read `SIDE=FINGERPRINT` as typed by a person, or raise Refused."""
    found: dict[str, bytes] = {}
    for one in typed:
        side, equals, letters = one.rpartition("=")
        if not equals or not side:
            raise Refused("Name the side and its fingerprint, as in --anchor 'United States=abcd-…'.")
        if side in found:
            raise Refused(said("You gave two fingerprints for {side}; give one.", side=side))
        found[side] = typed_fingerprint(letters)
    return found


def check_typed(side: str, typed: bytes, sealing: PublicKey, anchor: Anchor | None, text: bytes) -> None:
    """Accept what a person typed if it is this side's seal code, or its anchoring long-term key; else NotSealed."""
    if typed == seal_code(sealing, text) or (anchor is not None and typed == anchor.owner.thumbprint):
        return
    raise NotSealed(
        Fault.NOT_THE_ANCHOR,
        said(
            "The fingerprint you typed for {side} is neither of the key that sealed this text nor of a key that"
            " anchors it: it was mistyped, or {side} did not seal this. The seal code here is {fingerprint}.",
            side=side,
            fingerprint=fingerprint(seal_code(sealing, text)),
        ),
    )
