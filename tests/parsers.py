"""Every parser of bytes from outside, by name: each gives a value or the error it names, whatever it is fed.

hypothesis feeds them in test_parsers.py, atheris in fuzz/run.py. A parser with state checks that a refusal left it as
it was.
"""

import argparse
import base64
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import package_samples
import timely
from backchannel.channel.event import Event, Ref, parse_event
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Charter,
    Credential,
    Epoch,
    Pairing,
    Request,
    SideRetention,
    Transport,
    parse_credential,
)
from backchannel.channel.parcel import (
    Advert,
    Annex,
    Handed,
    Note,
    Parcel,
    Seen,
    Welcome,
    parse_note,
    parse_parcel,
)
from backchannel.contacts.invitation import Invitation, parse_address
from backchannel.contacts.safety_words import parse_words
from backchannel.crypto.cell_cipher import RoomKey, open_cell
from backchannel.crypto.envelope import (
    EntryKind,
    Envelope,
    WrapHeader,
    WrapText,
    open_body,
    parse_envelope,
    read_wrap_text,
)
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import KEM_PUBLIC_BYTES, KemKey, check_public, kem_open, kem_seal
from backchannel.crypto.pairing import (
    Confirmation,
    Hello,
    Initiator,
    PairingKeys,
    Reply,
    Responder,
    open_message,
)
from backchannel.crypto.seals import unb64
from backchannel.crypto.session import Account, Session
from backchannel.crypto.sounding.kept import Kept
from backchannel.crypto.sounding.message import parse_message
from backchannel.crypto.sounding.params import parse_params
from backchannel.crypto.time_stamps import Request as StampRequest
from backchannel.crypto.time_stamps import read_request, read_token, token_of
from backchannel.daylight.disclosure import parse_disclosure
from backchannel.daylight.public_page import read_page, write_page
from backchannel.daylight.sealed_file import read_file
from backchannel.daylight.text import parse_payload
from backchannel.daylight.verify import verify
from backchannel.desk.asking import Reply as DeskReply
from backchannel.desk.asking import parse_reply, parse_request, reply_line, request_line
from backchannel.desk.when import moment
from backchannel.errors import BackchannelError, Refused, Violation
from backchannel.moves import (
    accept,
    deed,
    leak,
    mandate,
    paper,
    pledge,
    precondition,
    publication,
    seal,
    sounding,
    surface,
    understanding,
)
from backchannel.plays.case_file import parse_case
from backchannel.wire import calls
from backchannel.wire.cells import Piece, Reassembly, cut
from backchannel.wire.codec import Record, decode, encode
from backchannel.wire.frames import Append, Appended, CaughtUp, read_desk_frames, read_relay_frames
from backchannel.wire.ids import AppendId, Capability, DropId, Position
from backchannel.wire.pins import pin_of
from sealed_texts import frozen_text, sealed, sealing_keys
from sounders import Juncture, junctures, params
from writing import ROOM, Member

ZERO = bytes(32)
LONG_AGO = -300_000_000_000
VECTORS = Path(__file__).parent / "vectors"


@cache
def _envelope() -> Envelope:
    ann, ben = Member(b"ann"), Member(b"ben")
    return parse_envelope(ann.write(b"text", ben))


@cache
def _stored() -> tuple[bytes, bytes]:
    account, peer = Account.create(2), Account.create(1)
    session = peer.open_to(account.identity, account.one_time_keys[0])
    taken, _ = account.accept(peer.identity, session.encrypt(b"set-up"))
    return account.pickle(ZERO), taken.pickle(ZERO)


@cache
def _paired() -> tuple[Initiator, Responder]:
    guest, hello = Initiator.start("academic acid acne", b"ci")
    return guest, Responder.answer("academic acid acne", b"ci", hello)[0]


@cache
def _kem_key() -> KemKey:
    return KemKey(ZERO)


def _reassembly(data: bytes) -> None:
    """Join small pieces from the data as long as they are sound; one that is not must change nothing."""
    reassembly, joined = Reassembly(), False
    for position, at in enumerate(range(0, len(data), 32)):
        before = reassembly.held_bytes, reassembly.unfinished
        try:
            joined |= reassembly.add(Piece.parse(data[at : at + 32]), position) is not None
        except Violation:
            assert (reassembly.held_bytes, reassembly.unfinished) == before
    if not joined:
        raise Violation("Nothing could be joined.")


def _body(data: bytes) -> bytes:
    """Open a body whose cipher is right and whose inside is anything."""
    text = WrapText(1, WrapHeader(ZERO, ZERO, ZERO, 1, 0, 0), EntryKind.EVENT, ZERO, ZERO, ZERO)
    return open_body(text, ChaCha20Poly1305(ZERO).encrypt(bytes(12), data, b"backchannel/body/1"))


def _olm_message(data: bytes) -> None:
    stored = _stored()[1]
    session = Session.restore(stored, ZERO)
    try:
        session.decrypt(data)
    except Violation:
        assert session.pickle(ZERO) == stored
        raise


def _olm_setup(data: bytes) -> None:
    stored = _stored()[0]
    account = Account.restore(stored, ZERO)
    try:
        account.accept(data[:32], data[32:])
    except Violation:
        assert account.pickle(ZERO) == stored
        raise


def _invitation(data: bytes) -> None:
    """Read an invitation whose check value is right and whose inside is anything."""
    payload = (
        (len(data) & 0xFFFF).to_bytes(2, "big") + data + digest("backchannel/invitation-check/1", data)[:5]
    )
    parse_address("backchannel:1:" + base64.b32encode(payload).decode().rstrip("=").lower(), LONG_AGO)


@cache
def _junctures() -> list[Juncture]:
    return junctures()


def _sounding_message(data: bytes) -> None:
    """Feed a sounding of some kind at some stage what another side might send; a refusal must change nothing."""
    juncture = _junctures()[data[0] % len(_junctures()) if data else 0]
    state = juncture.resumed()
    try:
        state.take(data[1:], 1)
    except Violation:
        assert state.encode() == juncture.saved
        raise


def _sounding_body(data: bytes) -> None:
    """Feed a sounding a body that its sender has signed, and that is anything; then the sender is blamed."""
    juncture = _junctures()[data[0] % len(_junctures()) if data else 0]
    state = juncture.resumed()
    message = juncture.with_body(data[1:])
    if parse_message(message).statement != juncture.message.statement:
        state.take(message, 1)
        blame = state.blame()
        assert blame is not None
        assert blame.side == 1
        raise Violation(blame.reason)
    state.take(message, 1)
    assert state.blame() is None


def _public_key(data: bytes) -> None:
    check_public(data)
    check_public(data.ljust(KEM_PUBLIC_BYTES, b"\0")[:KEM_PUBLIC_BYTES])


def _one_of(data: bytes, *parsers: Callable[[bytes], object]) -> None:
    """Feed several parsers; a Violation only if all of them refuse."""
    refusals = 0
    for parser in parsers:
        try:
            parser(data)
        except Violation:
            refusals += 1
    if refusals == len(parsers):
        raise Violation("None of these parsers takes it.")


def _records(*kinds: type[Record]) -> Callable[[bytes], None]:
    return lambda data: _one_of(data, *(partial(decode, kind=kind) for kind in kinds))


CALLS = (calls.OpenDrop, calls.DropOpened, calls.CloseDrop, calls.DropClosed, calls.CallRefused)
SEAL_MOVES = [partial(seal.parse, kind) for kind in seal.KINDS]
SOUNDING_MOVES = [partial(sounding.parse, kind) for kind in sounding.KINDS]
PRECONDITIONS = [partial(precondition.parse, kind) for kind in precondition.KINDS]
MANDATES = [partial(mandate.parse, kind) for kind in mandate.KINDS]
DEEDS = [partial(move.parse, kind) for move in (deed, leak, pledge, publication) for kind in move.KINDS]
UNDERSTANDINGS = [partial(understanding.parse, kind) for kind in understanding.KINDS]
SURFACE_MOVES = [partial(surface.parse, kind) for kind in surface.KINDS]
PAPERS = [partial(paper.parse, kind) for kind in paper.KINDS]

PARSERS: dict[str, tuple[Callable[[bytes], object], type[BackchannelError]]] = {
    **package_samples.PARSERS,
    "annex": (_records(Annex), Violation),
    "address": (lambda data: parse_address(data.decode("utf-8", "replace"), LONG_AGO), Refused),
    "body": (_body, Violation),
    "calls": (_records(*CALLS), Violation),
    "case": (lambda data: parse_case(data, "fuzz.yaml"), Refused),
    "cell": (lambda data: open_cell(RoomKey(ZERO), bytes(16), data), Violation),
    "certificate": (pin_of, Violation),
    "accept": (partial(accept.parse, "accept"), Violation),
    "clock": (lambda data: _one_of(data, *timely.PARSERS), Violation),
    "credential": (parse_credential, Violation),
    "deed": (lambda data: _one_of(data, *DEEDS), Violation),
    "desk-frames": (read_desk_frames, Violation),
    "envelope": (parse_envelope, Violation),
    "event": (parse_event, Violation),
    "invitation": (_invitation, Refused),
    "mandate": (lambda data: _one_of(data, *MANDATES), Violation),
    "membership": (_records(*MEMBERSHIP_KINDS.values()), Violation),
    "note": (parse_note, Violation),
    "olm-message": (_olm_message, Violation),
    "olm-setup": (_olm_setup, Violation),
    "pairing-answer": (_paired()[0].finish, Violation),
    "pairing-confirmation": (_paired()[1].finish, Violation),
    "pairing-hello": (lambda data: Responder.answer("academic acid acne", b"ci", data), Violation),
    "pairing-message": (lambda data: open_message(PairingKeys(1, ZERO, ZERO, bytes(64)), 0, data), Violation),
    "paper": (lambda data: _one_of(data, *PAPERS), Violation),
    "parcel": (parse_parcel, Violation),
    "piece": (Piece.parse, Violation),
    "moment": (lambda data: moment(data.decode("utf-8", "replace"), LONG_AGO), Refused),
    "precondition": (lambda data: _one_of(data, *PRECONDITIONS), Violation),
    "public-key": (_public_key, Violation),
    "public-page": (read_page, Violation),
    "question-to-desk": (parse_request, BackchannelError),
    "reassembly": (_reassembly, Violation),
    "relay-frames": (read_relay_frames, Violation),
    "seal-move": (lambda data: _one_of(data, *SEAL_MOVES), Violation),
    "seal-passage": (lambda data: parse_disclosure(data.decode("latin-1")), Violation),
    "seal-payload": (parse_payload, Violation),
    "sealed-text": (verify, Violation),
    "stamp": (read_token, Violation),
    "stamp-answer": (token_of, Violation),
    "stamp-request": (read_request, Violation),
    "sealed": (lambda data: kem_open(_kem_key(), data, b""), Violation),
    "sounding": (
        lambda data: _one_of(data, parse_params, parse_message, partial(decode, kind=Kept)),
        Violation,
    ),
    "sounding-body": (_sounding_body, Violation),
    "sounding-message": (_sounding_message, Violation),
    "sounding-move": (lambda data: _one_of(data, *SOUNDING_MOVES), Violation),
    "surface-move": (lambda data: _one_of(data, *SURFACE_MOVES), Violation),
    "transport": (_records(Transport), Violation),
    "understanding": (lambda data: _one_of(data, *UNDERSTANDINGS), Violation),
    "welcome": (_records(Welcome), Violation),
    "answer-of-desk": (parse_reply, BackchannelError),
    "words": (lambda data: parse_words(data.decode("utf-8", "replace"), 3), Refused),
    "wrap-text": (lambda data: read_wrap_text(data, _envelope(), _envelope().wraps[0], ROOM), Violation),
}


def feed(name: str, data: bytes) -> bool:
    """Tell whether a parser took these bytes; any error but its own goes through."""
    parser, refusal = PARSERS[name]
    try:
        parser(data)
    except refusal:
        return False
    return True


@cache
def _samples() -> dict[str, list[Record]]:
    ref = Ref(ZERO, 0)
    charter = Charter("Talks", "Channel", "plenary", "attribution", 3600, 8192, LONG_AGO)
    words = paper.Paper(
        "talk",
        "authorised",
        "on-instructions",
        "for-you-only",
        "text",
        5,
        (ZERO,),
        None,
        (),
        (paper.Term("a", "b"),),
        None,
        False,
    )
    note = Note(0, (ref,), (Seen(ZERO, 1),), (Seen(ZERO, 2),), 0, (ZERO,), (Handed(ZERO, b"d", b""),))
    guest, hello = Initiator.start("academic acid acne", b"ci")
    reply = decode(Responder.answer("academic acid acne", b"ci", hello)[1], Reply)
    return {
        "annex": [Annex((b"file",))],
        "calls": [
            calls.OpenDrop(ZERO, bytes(16), ZERO, ZERO, ZERO, 8192, 60, 0),
            calls.CloseDrop(bytes(16), ZERO),
        ],
        "accept": [accept.Accept(ZERO)],
        "precondition": [
            precondition.Precondition("No talks under fire", "speech", None),
            precondition.Precondition("Again", "speech", ZERO),
            precondition.PreconditionPark(ZERO),
            precondition.PreconditionDrop(ZERO),
        ],
        "mandate": [
            mandate.MandateGiven(
                ZERO,
                "talks",
                "authorised",
                (mandate.Limit("a", ("b",)), mandate.Limit("c", ())),
                LONG_AGO,
                None,
            ),
            mandate.MandateRevoked(ZERO),
            mandate.MandateChallenge(ZERO, "a phrase in the paper"),
            mandate.MandateAnswer(ZERO, "", ZERO),
            mandate.MandateChecked(ZERO, "seen", None),
        ],
        "clock": timely.SAMPLES,
        "credential": [
            Credential(1, ZERO, "Ann", "A", "principal", b"k" * 32, (b"k" * 32,), _kem_key().public)
        ],
        "deed": [
            pledge.Pledge(("B",), "Step.", 5, "", "election", (ZERO,), (), ()),
            pledge.PledgeAcknowledge(ZERO),
            deed.Deed((ZERO,), None, "A", LONG_AGO, "Done."),
            deed.DeedReading(ZERO, "kept", ""),
            publication.Published(ZERO, None, "The Times", 5),
            leak.Leak("It is in the papers."),
            leak.LeakLine("We talk.", "if asked"),
        ],
        "event": [
            Event(1, ZERO, ZERO, 1, None, 0, (), ZERO, 0, 0, "paper", encode(words)),
            Event(1, ZERO, ZERO, 2, ref, 1, (ref,), ZERO, 1, LONG_AGO, "paper", b""),
        ],
        "membership": [
            Epoch(
                0,
                charter,
                (ZERO,),
                (ZERO,),
                (SideRetention("A", 60),),
                60,
                (Pairing(ZERO, ZERO, ZERO),),
                ZERO,
            ),
            Request(b"credential"),
        ],
        "note": [note],
        "pairing-answer": [reply, Reply(1, guest.share, ZERO)],
        "pairing-confirmation": [Confirmation(1, ZERO)],
        "pairing-hello": [decode(hello, Hello)],
        "paper": [words, paper.Front("The Times", "a speech", LONG_AGO, (ZERO,), ()), paper.Withdraw(ZERO)],
        "parcel": [Parcel("note", ZERO, encode(note), b"", Advert(1, _kem_key().public))],
        "seal-move": [
            seal.SealDraft(
                "Title", LONG_AGO, ("Words.",), (), (), "agreement", "stands", (), ("A", "B"), ("B", "A")
            ),
            seal.SealKey(ZERO, ZERO, ZERO),
            seal.SealText(ZERO, b"{}", ("a",), ZERO),
            seal.SealSignature(ZERO, "a", "b"),
        ],
        "surface-move": [
            surface.SurfaceLine(ZERO, "Words."),
            surface.SurfacePropose(ZERO, ("A", "B"), "all", 5, ("term-a",), (1,), "Words.", (ZERO,)),
            surface.SurfaceAgree(ZERO),
        ],
        "sounding-move": [
            sounding.SoundingOpen("peace", encode(params(2, 1)), (b"message",)),
            sounding.SoundingSay(ZERO, (b"message",)),
            sounding.SoundingStop(ZERO),
        ],
        "transport": [Transport("https://r", ZERO, bytes(16), 8192, 60, ZERO, ZERO, ZERO, ZERO)],
        "understanding": [
            understanding.UnderstandingOffer("Turkey", ("A", "B"), 5, "election", ZERO),
            understanding.UnderstandingConfirm(ZERO),
        ],
        "welcome": [Welcome(0, ZERO, (ZERO,), b"transport")],
        "wrap-text": [
            WrapText(1, WrapHeader(ROOM, ZERO, ZERO, 1, 0, 1), EntryKind.EVENT, ZERO, ZERO, ZERO),
        ],
    }


def _stated(folder: str, field: str) -> list[bytes]:
    """Give a field of every vector of a folder, the last of a list."""
    found = [json.loads(path.read_text("utf-8"))[field] for path in sorted((VECTORS / folder).glob("*.json"))]
    return [bytes.fromhex(value[-1]) if isinstance(value, list) else value.encode() for value in found]


def _of_seals(field: str) -> list[str]:
    vectors = (json.loads(path.read_text("utf-8")) for path in sorted((VECTORS / "seals").glob("*.json")))
    return [vector[field] for vector in vectors if field in vector]


def _stamps() -> list[bytes]:
    files = (json.loads(one) for one in _of_seals("file") if '"stamps":' in one or '"stamps": [' in one)
    return [unb64(stamp) for file in files for stamp in file["stamps"]]


def seeds(name: str) -> list[bytes]:
    """Give inputs that a parser takes, or nearly takes."""
    if name in _samples():
        return [encode(sample) for sample in _samples()[name]]
    peer = Account.create(0)
    given: dict[str, Callable[[], list[bytes]]] = {
        **package_samples.SEEDS,
        "envelope": lambda: _stated("envelope", "envelopes"),
        "cell": lambda: _stated("cells", "cells"),
        "address": lambda: _stated("invitation", "address"),
        "moment": lambda: [b"1962-10-27 19:45 America/New_York", b"30d"],
        "question-to-desk": lambda: [request_line(argparse.Namespace(command="rooms"))],
        "answer-of-desk": lambda: [reply_line(DeskReply(["line"], {"a": 1}, [("name", b"data")]))],
        "words": lambda: [b"academic acid acne"],
        "body": lambda: [b"\0\0\0\4text".ljust(1024, b"\0")],
        "case": lambda: [b"schema: backchannel-case/2\nid: a\ntitle: b\n"],
        "desk-frames": lambda: [
            Append(1, DropId(bytes(16)), Capability(ZERO), AppendId(bytes(16)), bytes(4096)).write()
        ],
        "relay-frames": lambda: [Appended(1, Position(2)).write() + CaughtUp(3, Position(4)).write()],
        "invitation": lambda: [encode(Invitation(1, "https://r", b"", bytes(16), ZERO, "role", "side", 0))],
        "olm-setup": lambda: [peer.identity + peer.open_to(*_reachable()).encrypt(b"text")],
        "piece": lambda: cut(b"text" * 10, 100, bytes(16)),
        "public-key": lambda: [_kem_key().public],
        "public-page": lambda: [write_page([sealed()])],
        "reassembly": lambda: [b"".join(cut(b"text" * 10, 60, bytes(16)))],
        "seal-passage": lambda: [one.encode() for one in frozen_text(sealing_keys()).disclosures],
        "seal-payload": lambda: [unb64(read_file(sealed()).payload)],
        "sounding": lambda: [
            encode(params(2, 2)),
            *(one for juncture in _junctures() for one in (juncture.saved, encode(juncture.message))),
        ],
        "sounding-body": lambda: [bytes([at]) + one.message.body for at, one in enumerate(_junctures())],
        "sounding-message": lambda: [
            bytes([at]) + encode(one.message) for at, one in enumerate(_junctures())
        ],
        "sealed-text": lambda: [sealed(), sealed("term-turkey", anchored=False)],
        "stamp": _stamps,
        "stamp-answer": lambda: [unb64(one) for one in _of_seals("response")],
        "stamp-request": lambda: [StampRequest(ZERO, 5).encoded],
        "sealed": lambda: [kem_seal(_kem_key().public, b"text", b"")],
    }
    return given.get(name, lambda: [b"", ZERO])()


def _reachable() -> tuple[bytes, bytes]:
    account = Account.restore(_stored()[0], ZERO)
    return account.identity, account.one_time_keys[0]
