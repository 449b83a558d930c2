"""Two or more members who write envelopes to each other, through the real opening code."""

from dataclasses import dataclass, field

from backchannel.crypto.envelope import (
    EntryKind,
    Envelope,
    WrapHeader,
    WrapText,
    bare_wrap,
    body_hash,
    encrypt_wrap_text,
    open_body,
    parse_envelope,
    read_wrap_text,
    seal_body,
    seal_wrap,
    unseal_wrap,
)
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import KemKey
from backchannel.crypto.own_mark import OwnMarkKey
from backchannel.crypto.session import Account, Session, is_setup
from backchannel.errors import Violation
from backchannel.wire.codec import encode

ROOM = b"r" * 32


def entry_id(text: bytes) -> bytes:
    """Stand in for the id of docs/spec/log.md: a hash over everything opened, the salt included."""
    return digest("backchannel/test-entry/1", text)


@dataclass
class Member:
    """One member's secrets in one room, and its sessions by the other's name."""

    name: bytes
    account: Account = field(default_factory=lambda: Account.create(4))
    kem: KemKey = field(default_factory=KemKey.generate)
    mark_key: OwnMarkKey = field(default_factory=OwnMarkKey.generate)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    sent: dict[bytes, int] = field(default_factory=dict)

    @property
    def id(self) -> bytes:
        return self.name.ljust(32, b".")

    def session_to(self, reader: "Member") -> Session:
        session = self.sessions.get(reader.id)
        if session is None:
            session = self.account.open_to(reader.account.identity, reader.account.one_time_keys[0])
            self.sessions[reader.id] = session
        return session

    def text_for(self, reader: "Member", content_key: bytes, body: bytes, entry: bytes) -> WrapText:
        n = self.sent[reader.id] = self.sent.get(reader.id, 0) + 1
        header = WrapHeader(ROOM, self.id, reader.id, n, 0, 1)
        return WrapText(1, header, EntryKind.EVENT, content_key, entry, body_hash(body))

    def envelope(self, texts: list[tuple["Member", WrapText]], body: bytes, *, bare: bool = False) -> bytes:
        """Encrypt and seal wraps of any content, also false, and put the envelope together."""
        wraps = []
        for reader, text in texts:
            olm_text = encrypt_wrap_text(self.session_to(reader), text)
            if bare:
                wraps.append(bare_wrap(olm_text, text.header))
            else:
                wraps.append(seal_wrap(olm_text, text.header, reader.kem.public, 1))
        wraps.sort(key=lambda wrap: wrap.reader)
        key, self.mark_key = self.mark_key, self.mark_key.next()
        return encode(
            Envelope(1, self.id, key.counter, key.mark(body_hash(body)), tuple(wraps), body),
        )

    def write(self, text: bytes, *readers: "Member") -> bytes:
        content_key, body = seal_body(text)
        entry = entry_id(text)
        return self.envelope([(r, self.text_for(r, content_key, body, entry)) for r in readers], body)

    def read(self, data: bytes, author: "Member") -> bytes:
        """Open an envelope exactly as docs/spec/envelope.md 6 says; sessions step as they would in a vault."""
        return open_as(self, data, author.id, author.account.identity)


def open_as(reader: Member, data: bytes, author: bytes, identity: bytes) -> bytes:
    envelope = parse_envelope(data)
    wrap = envelope.wrap_for(reader.id)
    if wrap is None or envelope.author != author:
        raise Violation("This envelope is not for us.")
    olm_text = unseal_wrap(wrap, envelope.author, ROOM, reader.kem if wrap.kem_seq == 1 else None)
    session = reader.sessions.get(author)
    if session is not None:
        plaintext = session.decrypt(olm_text)
    elif is_setup(olm_text):
        reader.sessions[author], plaintext = reader.account.accept(identity, olm_text)
    else:
        raise Violation("There is no session yet.")
    text = read_wrap_text(plaintext, envelope, wrap, ROOM)
    opened = open_body(text, envelope.body)
    if entry_id(opened) != text.entry:
        raise Violation("A message's text is not the one its author named.")
    return opened
