"""An invitation: one line that leads to the rendezvous, useless without the words (docs/spec/invitation.md)."""

import base64
import binascii
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from backchannel.crypto.cell_cipher import RoomKey
from backchannel.crypto.hashing import derive, digest
from backchannel.crypto.secret import Secret
from backchannel.errors import Expired, Refused, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode
from backchannel.wire.ids import CAPABILITY_BYTES, DROP_ID_BYTES, Capability, DropId

NAMEPLATE_BYTES = 16

_SCHEME = "backchannel"
_VERSION = 1
_LENGTH_BYTES = 2
_CHECK_BYTES = 5
_FIRST_MS = -62_135_596_800_000  # year 1
_LAST_MS = 253_402_300_799_999  # year 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JOINERS = "\u200c\u200d"  # invisible, but part of words in Persian and in Indian scripts

Named = Annotated[str, Meta(min_length=1, max_length=120)]


class Invitation(Secret, Record, frozen=True):
    """To one role of one side in one room, until a moment."""

    version: Literal[1]
    relay: Annotated[str, Meta(min_length=1, max_length=200)]  # URL
    pin: Annotated[bytes, Meta(max_length=32)]  # SHA-256 of the relay's SubjectPublicKeyInfo, or empty
    nameplate: Annotated[bytes, Meta(min_length=16, max_length=16)]  # random, names the rendezvous
    room: Annotated[bytes, Meta(min_length=32, max_length=32)]
    role: Named
    side: Named
    expires_ms: Annotated[int, Meta(ge=_FIRST_MS, le=_LAST_MS)]

    def address(self) -> str:
        """Give the one line to send: `backchannel:1:` and lower-case base32."""
        _check(self)
        # spec 2
        content = encode(self)
        try:
            decode(content, Invitation)
        except Violation as error:
            raise Refused(
                "An invitation cannot say this: a name or the relay's address is too long."
            ) from error
        payload = len(content).to_bytes(_LENGTH_BYTES, "big") + content + _checksum(content)
        text = base64.b32encode(payload).decode("ascii").rstrip("=").lower()
        return f"{_SCHEME}:{_VERSION}:{text}"

    def channel_identifier(self) -> bytes:
        """Give the CI of the pairing, which binds every field of the invitation (32 bytes)."""
        # spec 4
        return digest("backchannel/invitation-ci/1", encode(self))


def parse_address(typed: str, now: int) -> Invitation:
    """Read an address as pasted, in any case and with line breaks; `now` in milliseconds since 1970.

    Raises Refused with what is wrong and what to do, Expired if it has run out.
    """
    text = re.sub(r"[\s\u2068\u2069]", "", typed).lower()  # the marks come along where a name was kept apart
    if not text.startswith(f"{_SCHEME}:"):
        raise Refused(
            "This is not an invitation: one begins with “backchannel:”; please copy the whole line."
        )
    version, _, code = text.removeprefix(f"{_SCHEME}:").partition(":")
    if version.isascii() and version.isdigit() and int(version[:9]) > _VERSION:
        raise Refused("This invitation was made by a newer Backchannel; please update yours and try again.")
    if version != str(_VERSION):
        raise Refused("This invitation is damaged at its beginning; please copy the whole line again.")
    invitation = _parse_code(code)
    if now >= invitation.expires_ms:
        raise Expired(
            said(
                "This invitation ran out on {date}; please ask for a new one.",
                date=_date(invitation.expires_ms),
            )
        )
    return invitation


def _parse_code(code: str) -> Invitation:
    damaged = Refused(
        "This invitation is mistyped or was altered on its way; please copy the whole line again."
    )
    truncated = Refused("This invitation is cut off at its end; please copy the whole line again.")
    try:
        payload = base64.b32decode((code + "=" * (-len(code) % 8)).upper())
    except (binascii.Error, ValueError) as error:
        # An odd number of letters is a cut, any other failure a letter that does not occur in base32.
        raise (truncated if set(code) <= set("abcdefghijklmnopqrstuvwxyz234567") else damaged) from error
    length = int.from_bytes(payload[:_LENGTH_BYTES], "big")
    whole = _LENGTH_BYTES + length + _CHECK_BYTES
    if len(payload) < whole:
        raise truncated
    content = payload[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if len(payload) > whole or not hmac.compare_digest(payload[-_CHECK_BYTES:], _checksum(content)):
        raise damaged
    if code != base64.b32encode(payload).decode("ascii").rstrip("=").lower():
        raise damaged
    try:
        invitation = decode(content, Invitation)
    except Violation as error:
        raise Refused("This invitation is malformed; please ask for a new one.") from error
    _check(invitation)
    return invitation


def _checksum(content: bytes) -> bytes:
    return digest("backchannel/invitation-check/1", content)[:_CHECK_BYTES]


def _date(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%d %b %Y, %H:%M UTC")


def _check(invitation: Invitation) -> None:
    """Refuse a relay that is no plain web address, a pin without TLS, and names that do not show as they read."""
    # spec 1
    try:
        url = urlsplit(invitation.relay)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise Refused("The relay's address in this invitation is not a web address.") from error
    plain = invitation.relay.isascii() and invitation.relay.isprintable() and " " not in invitation.relay
    if (
        not (plain and url.scheme in {"http", "https"} and host)
        or "@" in url.netloc
        or url.query
        or url.fragment
    ):
        raise Refused("The relay's address in this invitation is not a plain http:// or https:// address.")
    if invitation.pin and (len(invitation.pin) != 32 or url.scheme != "https"):  # noqa: PLR2004 - SHA-256
        raise Refused("This invitation pins a key for its relay but does not reach it by https://.")
    for name in (invitation.role, invitation.side):
        shown = "".join(letter for letter in name if letter not in _JOINERS)
        if not shown.isprintable() or name != unicodedata.normalize("NFC", name) or name != name.strip():
            raise Refused("A name in this invitation contains invisible or misleading characters.")


@dataclass(frozen=True, slots=True, repr=False)
class Rendezvous(Secret):
    """The drop where the newcomer and the inviting desk first meet; both derive it from the nameplate."""

    drop: DropId
    append: Capability
    read: Capability
    close: Capability
    room_key: RoomKey  # makes its cells look random too; whoever has the address has it


def rendezvous(nameplate: bytes) -> Rendezvous:
    """Derive the rendezvous of an invitation from its 16-byte nameplate."""

    # spec 3
    def part(name: bytes, length: int) -> bytes:
        return derive(nameplate, "backchannel/rendezvous/1", name, length=length)

    return Rendezvous(
        DropId(part(b"drop", DROP_ID_BYTES)),
        Capability(part(b"append", CAPABILITY_BYTES)),
        Capability(part(b"read", CAPABILITY_BYTES)),
        Capability(part(b"close", CAPABILITY_BYTES)),
        RoomKey(part(b"room key", 32)),
    )
