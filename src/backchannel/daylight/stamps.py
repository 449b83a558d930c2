"""Time stamps beside a sealed text: what one is on, taking one into a file, and what it shows (docs/spec/seal.md 12).

A stamp is the word of an authority that the person chooses, carried there and back by hand; nothing here goes out.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from backchannel.crypto.seals import b64, stamped_digest
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.sealed_file import SealedFile
from backchannel.daylight.strict import MAX_TITLE, check_words, decoded
from backchannel.errors import Violation
from backchannel.said import said

if TYPE_CHECKING:
    from backchannel.crypto.stamp_trust import Authorities

MOST_STAMPS = 8
_WHAT = said("A time stamp in this file")
_HOLDS = said("The sides' signatures hold, but")


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's word that a text with all its signatures was there; `at_ms` in milliseconds since 1970.

    `vouched` says whether a certificate that the person trusts vouches for the authority's.
    """

    by: str
    at_ms: int
    vouched: bool


def imprint(file: SealedFile) -> bytes:
    """Give the 32 bytes that a stamp of this file is on; the same whatever is opened, anchored or stamped in it."""
    signatures = tuple(decoded(one.signature, said("A signature of this file")) for one in file.signatures)
    return stamped_digest(decoded(file.payload, said("The payload of this file")), signatures)


def request(file: SealedFile, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Write a request for a stamp of a file that was checked, in DER, with a fresh number that the answer must repeat."""
    from backchannel.crypto.time_stamps import NONCE_BYTES, Request  # noqa: PLC0415 - most files have no stamp

    return Request(imprint(file), int.from_bytes(random(NONCE_BYTES), "big")).encoded


def with_answer(file: SealedFile, asked: bytes, answer: bytes) -> SealedFile:
    """Take an authority's answer to a request into a file that was checked, or raise NotSealed."""
    from backchannel.crypto.time_stamps import (  # noqa: PLC0415
        NotGranted,
        read_request,
        read_token,
        token_of,
    )

    try:
        wanted = read_request(asked)
    except Violation as error:
        raise NotSealed(
            Fault.WRONG_STAMP,
            said(
                "This is not a request that `backchannel stamp request` wrote; give the one to which the authority answered."
            ),
        ) from error
    if wanted.imprint != imprint(file):
        raise NotSealed(
            Fault.STAMP_FOR_ANOTHER,
            said(
                "The request was written for another sealed text, or for other signatures of this one; give the file"
                " for which it"
                " was written."
            ),
        )
    try:
        token = token_of(answer)
        told = read_token(token)
    except NotGranted as error:
        raise NotSealed(
            Fault.STAMP_REFUSED, said("{error} Ask it again, or ask another authority.", error=error)
        ) from error
    except Violation as error:
        raise NotSealed(
            Fault.WRONG_STAMP,
            said(
                "This is not an authority's answer to a request for a time stamp, or it came without the authority's"
                " certificate;"
                " ask again."
            ),
        ) from error
    if told.nonce != wanted.nonce:
        raise NotSealed(
            Fault.STAMP_REPLAYED,
            said(
                "This answer does not repeat the number of your request: it answers another request, and may be old; ask again."
            ),
        )
    stamped = replace(file, stamps=tuple(sorted({*file.stamps, b64(token)})))
    read_stamps(stamped, None)
    return stamped


def read_stamps(file: SealedFile, authorities: "Authorities | None") -> tuple[Stamp, ...]:
    """Check all stamps of a file, or raise NotSealed; earliest first."""
    if not file.stamps:
        if authorities is not None:
            raise NotSealed(
                Fault.STAMP_NOT_TRUSTED,
                said(
                    "{holds} there is no time stamp in this file, by the authority that you gave or by any other;"
                    " check it without --tsa.",
                    holds=_HOLDS,
                ),
            )
        return ()
    if len(file.stamps) > MOST_STAMPS:
        raise NotSealed(
            Fault.WRONG_STAMP,
            said(
                "{holds} this file has more than {most_stamps} time stamps.",
                holds=_HOLDS,
                most_stamps=MOST_STAMPS,
            ),
        )
    if list(file.stamps) != sorted(set(file.stamps)):
        raise NotSealed(
            Fault.STAMP_TWICE,
            said("{holds} a time stamp stands twice in this file, or they are out of order.", holds=_HOLDS),
        )
    on = imprint(file)
    found = [_read(one, on, authorities or ()) for one in file.stamps]
    if authorities is not None and not any(one.vouched for one in found):
        raise NotSealed(
            Fault.STAMP_NOT_TRUSTED,
            said(
                "{holds} no certificate that you gave vouches for a time stamp in this file; it is in the name of"
                " “{by}”: give that authority's certificate, or trust the stamp no more than a stranger.",
                holds=_HOLDS,
                by=found[0].by,
            ),
        )
    return tuple(sorted(found, key=lambda one: one.at_ms))


def _read(written: str, on: bytes, authorities: "Authorities") -> Stamp:
    from backchannel.crypto import stamp_trust, time_stamps  # noqa: PLC0415 - most files have no stamp

    try:
        token = time_stamps.read_token(decoded(written, _WHAT))
    except NotSealed:
        raise
    except Violation as error:
        raise NotSealed(
            Fault.WRONG_STAMP,
            said(
                "{holds} what is given as a time stamp in this file is none, or is of a kind that this software does not know.",
                holds=_HOLDS,
            ),
        ) from error
    check_words(token.by, said("The name of an authority for time stamps"), MAX_TITLE, one_line=True)
    if token.imprint != on:
        raise NotSealed(
            Fault.STAMP_FOR_ANOTHER,
            said(
                "{holds} the time stamp in this file was made for something else: it says nothing of this text.",
                holds=_HOLDS,
            ),
        )
    try:
        stamp_trust.check_signature(token)
    except Violation as error:
        raise NotSealed(
            Fault.STAMP_ALTERED,
            said(
                "{holds} the time stamp in this file was altered after it was made: its own signature does not hold.",
                holds=_HOLDS,
            ),
        ) from error
    if not stamp_trust.may_stamp(token):
        raise NotSealed(
            Fault.STAMP_BY_NO_AUTHORITY,
            said(
                "{holds} the time stamp in this file was made with a certificate that is not for time stamps alone.",
                holds=_HOLDS,
            ),
        )
    if not stamp_trust.was_valid(token):
        raise NotSealed(
            Fault.STAMP_EXPIRED,
            said(
                "{holds} the certificate behind the time stamp in this file was not valid at the moment that the stamp"
                " names: it had run out, or had not begun.",
                holds=_HOLDS,
            ),
        )
    try:
        if authorities:
            stamp_trust.check_path(token, authorities)
    except Violation:
        return Stamp(token.by, token.at_ms, vouched=False)
    return Stamp(token.by, token.at_ms, vouched=bool(authorities))
