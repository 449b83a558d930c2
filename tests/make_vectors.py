"""Write tests/vectors (run by hand when a format gets a new version): every refusal built by a willing author."""

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from msgspec.structs import replace

from backchannel.contacts.invitation import Invitation, rendezvous
from backchannel.crypto.cell_cipher import RoomKey, seal_cell
from backchannel.crypto.envelope import (
    EntryKind,
    Envelope,
    Mode,
    Wrap,
    WrapHeader,
    WrapText,
    bare_wrap,
    body_hash,
    encrypt_wrap_text,
    parse_envelope,
    seal_body,
    seal_wrap,
    unseal_wrap,
)
from backchannel.crypto.forgery import forge_next
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import KemKey
from backchannel.crypto.olm_anatomy import public_of
from backchannel.crypto.session import Account, Session
from backchannel.wire.cells import ENVELOPE_ID_BYTES, MAX_ENVELOPE_BYTES, Piece, cut
from backchannel.wire.codec import encode
from test_adversaries import KEYS, body_for_two_keys
from vectors_reading import Reader, account_from
from writing import ROOM, entry_id

FOLDER = Path(__file__).parent / "vectors"
TEXT = b"We could live with that."
AUTHOR, READER, OTHER = b"author".ljust(32, b"."), b"reader".ljust(32, b"."), b"other".ljust(32, b".")


def write(folder: str, name: str, content: dict[str, Any]) -> None:
    path = FOLDER / folder / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


class Author:
    """An author and its reader, fresh for each vector."""

    def __init__(self) -> None:
        self.identity_private, self.one_time_private = secrets.token_bytes(32), secrets.token_bytes(32)
        self.kem = KemKey.generate()
        self.account = Account.create(0)
        self.session = self.open_session()
        self.content_key, self.body = seal_body(TEXT)

    def open_session(self) -> Session:
        return self.account.open_to(public_of(self.identity_private), public_of(self.one_time_private))

    def header(self, n: int = 1) -> WrapHeader:
        return WrapHeader(ROOM, AUTHOR, READER, n, 0, 1)

    def text(self, n: int = 1) -> WrapText:
        key, hashed = self.content_key, body_hash(self.body)
        return WrapText(1, self.header(n), EntryKind.EVENT, key, entry_id(TEXT), hashed)

    def wrap(self, text: WrapText, *, header: WrapHeader | None = None) -> Wrap:
        olm_text = encrypt_wrap_text(self.session, text)
        return seal_wrap(olm_text, header or self.header(), self.kem.public, 1)

    def envelope(self, wrap: Wrap | None = None, body: bytes | None = None) -> Envelope:
        wrap = self.wrap(self.text()) if wrap is None else wrap
        return Envelope(1, AUTHOR, 1, bytes(16), (wrap,), self.body if body is None else body)

    def save(
        self, name: str, refused_at: str | None, *envelopes: bytes, identity: bytes | None = None
    ) -> None:
        content = {
            "room": ROOM.hex(),
            "author": AUTHOR.hex(),
            "author_identity": (identity or self.account.identity).hex(),
            "reader": READER.hex(),
            "reader_identity_private": self.identity_private.hex(),
            "reader_one_time_private": self.one_time_private.hex(),
            "reader_kem_seed": self.kem.seed.hex(),
            "reader_kem_seq": 1,
            "envelopes": [envelope.hex() for envelope in envelopes],
            "refused_at": refused_at,
            "text": TEXT.hex() if refused_at is None else None,
        }
        write("envelope", name, content)


def simple(name: str, refused_at: str | None, make: Callable[[Author], Envelope | bytes]) -> None:
    author = Author()
    made = make(author)
    author.save(name, refused_at, made if isinstance(made, bytes) else encode(made))


def false_header(field: str, value: object) -> Callable[[Author], Envelope]:
    def make(author: Author) -> Envelope:
        false = replace(author.header(), **{field: value})
        return author.envelope(author.wrap(replace(author.text(), header=false)))

    return make


def false_info(field: str, value: object) -> Callable[[Author], Envelope]:
    """Seal for another place than the envelope says."""

    def make(author: Author) -> Envelope:
        wrap = author.wrap(author.text(), header=replace(author.header(), **{field: value}))
        return author.envelope(replace(wrap, reader=READER, n=1))

    return make


def false_body(author: Author, body: bytes, content_key: bytes) -> Envelope:
    text = replace(author.text(), content_key=content_key, body_hash=body_hash(body))
    return author.envelope(author.wrap(text), body)


def bare(author: Author, kind: EntryKind, kem_seq: int = 0) -> Envelope:
    olm_text = encrypt_wrap_text(author.session, replace(author.text(), kind=kind))
    return author.envelope(replace(bare_wrap(olm_text, author.header()), kem_seq=kem_seq))


def altered_olm(author: Author) -> Envelope:
    olm_text = bytearray(encrypt_wrap_text(author.session, author.text()))
    olm_text[-1] ^= 1
    return author.envelope(seal_wrap(bytes(olm_text), author.header(), author.kem.public, 1))


def altered_wrap(author: Author) -> Envelope:
    envelope = author.envelope()
    sealed = bytearray(envelope.wraps[0].sealed)
    sealed[-1] ^= 1
    return replace(envelope, wraps=(replace(envelope.wraps[0], sealed=bytes(sealed)),))


def non_canonical(author: Author) -> bytes:
    encoded = encode(author.envelope())
    return encoded[:1] + b"\xcc" + encoded[1:]  # the version as a two-byte integer


def envelopes() -> None:
    simple("opens", None, lambda author: author.envelope())
    simple("opens-bare-reopen", None, lambda author: bare(author, EntryKind.REOPEN))
    simple("newer-version", "parse", lambda author: b"\x96\x02" + encode(author.envelope())[2:])
    simple("trailing-byte", "parse", lambda author: encode(author.envelope()) + b"\0")
    simple("non-canonical-encoding", "parse", non_canonical)
    simple("cut-off", "parse", lambda author: encode(author.envelope())[:-1])
    simple("no-wrap", "parse", lambda author: replace(author.envelope(), wraps=()))
    simple("addressed-to-its-author", "parse", lambda author: replace(author.envelope(), author=READER))
    other = Wrap(OTHER, 1, 1, Mode.SEALED, b"sealed")
    simple(
        "wraps-out-of-order",
        "parse",
        lambda author: replace(author.envelope(), wraps=(*author.envelope().wraps, other)),
    )
    simple("wrap-altered", "unseal", altered_wrap)
    simple("wrap-sealed-for-another-room", "unseal", false_info("room", b"q" * 32))
    simple("wrap-sealed-for-another-author", "unseal", false_info("author", OTHER))
    simple("wrap-sealed-for-another-reader", "unseal", false_info("reader", OTHER))
    simple("wrap-sealed-under-another-number", "unseal", false_info("n", 2))
    simple(
        "kem-key-gone",
        "unseal",
        lambda author: author.envelope(replace(author.wrap(author.text()), kem_seq=0)),
    )
    simple("bare-wrap-naming-a-key", "unseal", lambda author: bare(author, EntryKind.REOPEN, 1))
    simple("olm-altered", "olm", altered_olm)
    simple("header-of-another-room", "header", false_header("room", b"q" * 32))
    simple("header-of-another-author", "header", false_header("author", OTHER))
    simple("header-of-another-reader", "header", false_header("reader", OTHER))
    simple("header-of-another-number", "header", false_header("n", 2))
    simple("sealed-to-an-older-key-than-known", "header", false_header("kem_seq", 2))
    simple("talk-in-a-bare-wrap", "header", lambda author: bare(author, EntryKind.EVENT))
    simple("another-body", "header", lambda author: author.envelope(body=seal_body(TEXT)[1]))
    simple("body-under-another-key", "body", lambda author: false_body(author, author.body, b"k" * 32))
    simple("body-falsely-padded", "body", false_padding)
    simple(
        "body-that-opens-two-ways",
        "entry",
        lambda author: false_body(author, body_for_two_keys(*KEYS), KEYS[1]),
    )
    several()


def false_padding(author: Author) -> Envelope:
    padded = len(TEXT).to_bytes(4, "big") + TEXT.ljust(1020, b"\1")
    body = ChaCha20Poly1305(b"k" * 32).encrypt(bytes(12), padded, b"backchannel/body/1")
    return false_body(author, body, b"k" * 32)


def several() -> None:
    author = Author()
    author.save("by-another-identity", "olm", encode(author.envelope()), identity=Account.create(0).identity)
    author = Author()
    first = encode(author.envelope())
    author.save("repeated", "olm", first, first)
    author = Author()
    first, author.session = encode(author.envelope()), author.open_session()
    second = encode(author.envelope(author.wrap(author.text(2), header=author.header(2))))
    author.save("one-time-key-used-twice", "olm", first, second)
    author = Author()
    first = encode(author.envelope())
    reader = Reader(
        author.kem, account_from(author.identity_private, author.one_time_private), author.account.identity
    )
    session, _ = reader.account.accept(
        author.account.identity, unseal_wrap(parse_envelope(first).wraps[0], AUTHOR, ROOM, author.kem)
    )
    (ordinary,) = forge_next(session, [encode(author.text(2))])
    wrap = seal_wrap(ordinary, author.header(2), author.kem.public, 1)
    author.save("opens-ordinary-message", None, first, encode(author.envelope(wrap)))


def cells() -> None:
    key, drop = RoomKey.generate(), b"drop".ljust(16, b".")
    whole = secrets.token_bytes(5000)
    identity = secrets.token_bytes(ENVELOPE_ID_BYTES)
    pieces = cut(whole, 4096, identity)

    def header(index: int, count: int, length: int) -> bytes:
        return identity + index.to_bytes(2, "big") + count.to_bytes(2, "big") + length.to_bytes(4, "big")

    def save(name: str, outcome: str, plain: list[bytes], sealing: RoomKey = key, on: bytes = drop) -> None:
        sealed = [seal_cell(sealing, on, piece).hex() for piece in plain]
        opened = whole.hex() if outcome == "opens" else None
        content = {"room_key": key.raw.hex(), "drop": drop.hex(), "cells": sealed, "outcome": outcome}
        write("cells", name, {**content, "envelope": opened})

    assert Piece.parse(pieces[0]).count == 2
    save("opens", "opens", pieces)
    save("opens-in-another-order", "opens", pieces[::-1])
    save("under-another-room-key", "not ours", pieces[:1], RoomKey.generate())
    save("from-another-drop", "not ours", pieces[:1], key, bytes(16))
    save("of-no-length", "refused", [header(0, 0, 0) + bytes(4044)])
    save("too-long", "refused", [header(0, 2075, MAX_ENVELOPE_BYTES + 1) + bytes(4044)])
    save("count-against-length", "refused", [header(0, 3, 5000) + pieces[0][24:]])
    save("index-beyond-count", "refused", [header(2, 2, 5000) + pieces[0][24:]])
    save("padding-not-zero", "refused", [pieces[1][:-1] + b"\1"])
    save("another-length-for-the-same-envelope", "refused", [pieces[0], cut(whole + b"!", 4096, identity)[1]])
    save("other-data-for-the-same-piece", "refused", [pieces[0], cut(whole[::-1], 4096, identity)[0]])


def invitations() -> None:
    now = -225_500_000_000
    invitation = Invitation(
        1,
        "https://relay.example:8443",
        b"p" * 32,
        b"n" * 16,
        b"r" * 32,
        "envoy",
        "Département d'État",
        now + 1,
    )
    address = invitation.address()
    meeting = rendezvous(invitation.nameplate)
    derived = {
        "channel_identifier": invitation.channel_identifier().hex(),
        "drop": meeting.drop.hex(),
        "append": meeting.append.hex(),
        "read": meeting.read.hex(),
        "close": meeting.close.hex(),
        "room_key": meeting.room_key.raw.hex(),
    }

    def save(name: str, refused: str | None, typed: str, at: int = now) -> None:
        extra = derived if refused is None else {}
        write("invitation", name, {"address": typed, "now": at, "refused": refused, **extra})

    save("opens", None, address)
    save("opens-in-capitals-and-lines", None, f"{address[:60].upper()}\n {address[60:]}\n")
    save("not-an-invitation", "begins with", address.removeprefix("backchannel:"))
    save("newer-version", "newer Backchannel", address.replace(":1:", ":2:"))
    save("cut-off", "cut off", address[:-10])
    save("mistyped", "mistyped", address[:50] + ("b" if address[50] == "a" else "a") + address[51:])
    save("run-out", "ran out", address, now + 1)
    content = encode(replace(invitation, relay="http://relay.example"))
    check = digest("backchannel/invitation-check/1", content)[:5]
    code = base64.b32encode(len(content).to_bytes(2, "big") + content + check).decode().rstrip("=").lower()
    save("pin-without-tls", "pins a key", f"backchannel:1:{code}")


if __name__ == "__main__":
    envelopes()
    cells()
    invitations()
