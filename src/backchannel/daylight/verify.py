"""Check a sealed text from its file alone, offline (docs/spec/seal.md 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from backchannel.crypto.seals import (
    PublicKey,
    Seal,
    b64,
    key_named,
    seal_code,
    seal_header,
    signed_bytes,
    text_digest,
)
from backchannel.daylight.anchors import Anchor, check_typed, read_anchors
from backchannel.daylight.disclosure import Disclosure, Understanding, parse_disclosure
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.sealed_file import SealedFile, read_file
from backchannel.daylight.stamps import Stamp, read_stamps
from backchannel.daylight.strict import decoded
from backchannel.daylight.text import Payload, parse_payload
from backchannel.errors import Refused, Violation
from backchannel.said import joined, said

if TYPE_CHECKING:
    from backchannel.crypto.stamp_trust import Authorities

NOTHING_TYPED: Mapping[str, bytes] = MappingProxyType({})


class Ownership(StrEnum):
    """How far it is shown whose a sealing key is."""

    NOT_SHOWN = "not-shown"
    CLAIMED = "claimed"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Sealer:
    """One side as the file shows it; `long_term` is the thumbprint of the key that anchors, if one does."""

    name: str
    seal_code: bytes
    ownership: Ownership
    long_term: bytes | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A sealed text all of whose checks held; a clause that the file leaves out is None."""

    text: bytes
    payload: Payload
    sealers: tuple[Sealer, ...]
    clauses: tuple[str | None, ...]
    opened: Mapping[str, str | Understanding]
    stamps: tuple[Stamp, ...] = ()

    @property
    def closed_at_most(self) -> int:
        """How many closed terms there may still be: every digest that is not accounted for might be one."""
        return len(self.payload.digests) - self.payload.clauses - len(self.opened)


def verify(
    data: bytes, typed: Mapping[str, bytes] = NOTHING_TYPED, authorities: "Authorities | None" = None
) -> Checked:
    """Check a sealed file; `typed` gives by side the fingerprints that the person has from elsewhere.

    `authorities` are those for time stamps whom the person trusts; with None a stamp is shown as nobody's but its own word.

    Raises NotSealed at the first check that fails.
    """
    file = read_file(data)
    payload_bytes = decoded(file.payload, said("The payload of this file"))
    payload = parse_payload(payload_bytes)
    text = text_digest(payload_bytes)
    keys = {side.name: side.key.key(side.name) for side in payload.sides}
    _check_signers(file, keys)
    for side, signature in zip(payload.sides, file.signatures, strict=True):
        check_seal(side.name, keys[side.name], Seal(signature.protected, signature.signature), payload_bytes)
    passages = _open(file, payload)
    listed = {key.thumbprint: name for name, key in keys.items()}
    anchors = read_anchors(file.anchors, text, listed)
    if strangers := sorted(set(typed) - set(keys)):
        raise Refused(
            said(
                "The text lists no side called {strangers}; its sides are {keys}: type one of these names.",
                strangers=strangers[0],
                keys=joined(", ", keys),
            )
        )
    return Checked(
        text,
        payload,
        tuple(_sealer(name, key, anchors.get(name), typed.get(name), text) for name, key in keys.items()),
        tuple(_clause(passages, number) for number in range(1, payload.clauses + 1)),
        {one.name: one.value for one in passages if one.clause is None},
        read_stamps(file, authorities),
    )


def _check_signers(file: SealedFile, keys: Mapping[str, PublicKey]) -> None:
    """Demand exactly the listed set of signatures, in the listed order."""
    by_thumbprint = {key.thumbprint: name for name, key in keys.items()}
    signers: list[str] = []
    for one in file.signatures:
        try:
            named = key_named(one.protected)
        except Violation as error:
            raise NotSealed(
                Fault.WRONG_HEADER, said("A signature in this file is not of the one kind that seals a text.")
            ) from error
        if named not in by_thumbprint:
            raise NotSealed(
                Fault.SIGNER_NOT_LISTED,
                said(
                    "This file is signed by a key that the text does not list: a signer was replaced or added."
                ),
            )
        signers.append(by_thumbprint[named])
    if len(set(signers)) != len(signers):
        raise NotSealed(Fault.SIGNATURE_TWICE, said("One side's signature stands twice in this file."))
    if missing := [name for name in keys if name not in signers]:
        raise NotSealed(
            Fault.SIGNATURE_MISSING,
            said(
                "The signature of {missing} is missing, and the text is sealed only with all of them.",
                missing=joined(" and of ", missing),
            ),
        )
    if signers != list(keys):
        raise NotSealed(
            Fault.SIGNATURES_REORDERED,
            said("The signatures are not in the order of the sides: they were moved."),
        )


def check_seal(name: str, key: PublicKey, seal: Seal, payload: bytes) -> None:
    """Accept one side's seal of a payload, or raise NotSealed."""
    signature = decoded(seal.signature, said("The signature of {name}", name=name))
    if seal.protected != seal_header(key):
        raise NotSealed(
            Fault.WRONG_HEADER,
            said("The signature of {name} is not of the one kind that seals a text.", name=name),
        )
    try:
        key.check(signature, signed_bytes(seal.protected, b64(payload)))
    except Violation as error:
        raise NotSealed(
            Fault.SIGNATURE_WRONG,
            said(
                "The signature of {name} does not fit this text: the text was altered after sealing, or the signature"
                " is not theirs.",
                name=name,
            ),
        ) from error


def _open(file: SealedFile, payload: Payload) -> list[Disclosure]:
    header = file.signatures[0].header
    passages = [] if header is None else [parse_disclosure(one) for one in header.disclosures]
    digests, names = set(payload.digests), set[str]()
    for one in passages:
        if one.digest not in digests:
            raise NotSealed(
                Fault.NOT_AMONG_DIGESTS,
                said(
                    "The passage {one} was not sealed with this text: its words or its salt are others than those that"
                    " were sealed.",
                    one=one.name,
                ),
            )
        if one.name in names:
            raise NotSealed(Fault.OPENED_TWICE, said("The passage {one} is opened twice.", one=one.name))
        if one.clause is not None and one.clause > payload.clauses:
            raise NotSealed(Fault.WRONG_DISCLOSURE, said("The text has no {one}.", one=one.name))
        names.add(one.name)
    return passages


def _sealer(name: str, key: PublicKey, anchor: Anchor | None, typed: bytes | None, text: bytes) -> Sealer:
    if typed is not None:
        check_typed(name, typed, key, anchor, text)
        ownership = Ownership.SHOWN
    else:
        ownership = Ownership.NOT_SHOWN if anchor is None else Ownership.CLAIMED
    return Sealer(name, seal_code(key, text), ownership, None if anchor is None else anchor.owner.thumbprint)


def _clause(passages: list[Disclosure], number: int) -> str | None:
    return next((one.value for one in passages if one.clause == number and isinstance(one.value, str)), None)
