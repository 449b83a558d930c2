"""Real and forged messages pass through the identical opening code, and it accepts both."""

import pytest

from backchannel.crypto.envelope import (
    EntryKind,
    WrapHeader,
    WrapText,
    body_hash,
    encrypt_wrap_text,
    parse_envelope,
    seal_body,
    seal_wrap,
)
from backchannel.crypto.forgery import author_seat, blind_wrap, forge_next, forge_olm, forged_envelope
from backchannel.crypto.olm_anatomy import account_of, account_state, session_of, session_state
from backchannel.crypto.session import Account, Session, is_setup
from backchannel.errors import Refused, Violation
from backchannel.wire.codec import encode
from writing import ROOM, Member, entry_id, open_as

KEY = b"k" * 32


def copy(session: Session) -> Session:
    return Session.restore(session.pickle(KEY), KEY)


def test_a_forged_setup_is_accepted_by_the_readers_real_account() -> None:
    ann, ben = Account.create(1), Account.create(2)
    otk = ben.one_time_keys[1]
    before = ben.pickle(KEY)
    first, second = forge_olm(ben, otk, ann.identity, [b"never said", b"nor this"])
    assert ben.pickle(KEY) == before
    assert is_setup(first)
    session, text = ben.accept(ann.identity, first)
    assert text == b"never said"
    assert session.decrypt(second) == b"nor this"


def test_a_forged_talk_goes_both_ways_for_as_long_as_one_likes() -> None:
    ann, ben = Account.create(1), Account.create(1)
    seat = author_seat(ben, ben.one_time_keys[0], ann.identity)
    session, _ = ben.accept(ann.identity, seat.encrypt(b"0"))
    for turn in range(12):
        answer = b"answer %d" % turn
        assert seat.decrypt(session.encrypt(answer)) == answer
        for text in (b"a %d" % turn, b"b %d" % turn):
            message = seat.encrypt(text)
            assert not is_setup(message)
            assert session.decrypt(message) == text
    assert seat.session_id == session.session_id


@pytest.mark.parametrize("turns", [0, 1, 4])
def test_a_session_under_way_accepts_the_next_words_forged_by_its_reader(turns: int) -> None:
    ann, ben = Account.create(1), Account.create(1)
    real = ann.open_to(ben.identity, ben.one_time_keys[0])
    session, _ = ben.accept(ann.identity, real.encrypt(b"really said"))
    for _ in range(turns):
        real.decrypt(session.encrypt(b"answer"))
        session.decrypt(real.encrypt(b"really said too"))
    forged = forge_next(session, [b"forged %d" % number * 20 for number in range(5)])
    really = copy(session)
    assert [session.decrypt(message) for message in forged] == [b"forged %d" % n * 20 for n in range(5)]
    assert really.decrypt(real.encrypt(b"what Ann did say")) == b"what Ann did say"


def test_a_hand_made_message_is_byte_for_byte_what_vodozemac_makes() -> None:
    ann, ben = Account.create(1), Account.create(1)
    real = ann.open_to(ben.identity, ben.one_time_keys[0])
    session, _ = ben.accept(ann.identity, real.encrypt(b"set-up"))
    real.decrypt(session.encrypt(b"answer"))
    session.decrypt(real.encrypt(b"one"))
    texts = [b"x" * length for length in (0, 1, 15, 16, 17, 300)] + [b"many"] * 200
    assert forge_next(session, texts) == [real.encrypt(text) for text in texts]


def test_accounts_and_sessions_survive_being_opened_and_closed() -> None:
    account = Account.create(3)
    assert account_of(account_state(account)).pickle(KEY) == account.pickle(KEY)
    ben = Account.create(1)
    session = account.open_to(ben.identity, ben.one_time_keys[0])
    assert session_of(session_state(session)).pickle(KEY) == session.pickle(KEY)


def test_what_cannot_be_forged_is_said() -> None:
    ann, ben = Account.create(1), Account.create(1)
    (otk,) = ben.one_time_keys
    with pytest.raises(Refused, match="no chain to continue"):
        forge_next(ann.open_to(ben.identity, otk), [b"x"])
    ben.accept(ann.identity, ann.open_to(ben.identity, otk).encrypt(b"x"))
    with pytest.raises(Refused, match=r"private half .* is gone"):
        author_seat(ben, otk, ann.identity)


def forge(reader: Member, author: Member, texts: list[bytes], bystander: Member) -> list[bytes]:
    """Forge envelopes from the author to two readers, from one reader's secrets and public keys of the others."""
    seat = author_seat(reader.account, reader.account.one_time_keys[0], author.account.identity)
    envelopes = []
    for n, said in enumerate(texts, 1):
        content_key, body = seal_body(said)
        header = WrapHeader(ROOM, author.id, reader.id, n, 0, 1)
        text = WrapText(1, header, EntryKind.EVENT, content_key, entry_id(said), body_hash(body))
        olm_text = encrypt_wrap_text(seat, text)
        blind = WrapHeader(ROOM, author.id, bystander.id, n, 0, 1)
        wraps = [
            seal_wrap(olm_text, header, reader.kem.public, 1),
            blind_wrap(olm_text, blind, bystander.kem.public, 1),
        ]
        envelopes.append(encode(forged_envelope(author.id, n, wraps, body)))
    return envelopes


def test_real_and_forged_envelopes_are_accepted_by_the_identical_code() -> None:
    ann, ben, cyd = Member(b"ann"), Member(b"ben"), Member(b"cyd")
    said = [b"we will move the missiles", b"and say nothing of it"]
    never_said = [b"we will not move anything", b"and say so aloud......"]
    identity = ann.account.identity
    ben_otherwise = Member(b"ben", account=account_of(account_state(ben.account)), kem=ben.kem)
    real = [ann.write(text, ben, cyd) for text in said]
    forged = forge(ben_otherwise, ann, never_said, cyd)
    assert [open_as(ben, envelope, ann.id, identity) for envelope in real] == said
    assert [open_as(ben_otherwise, envelope, ann.id, identity) for envelope in forged] == never_said
    assert [len(envelope) for envelope in real] == [len(envelope) for envelope in forged]
    shapes = [
        [
            (wrap.reader, wrap.n, wrap.kem_seq, wrap.mode, len(wrap.sealed))
            for wrap in parse_envelope(envelope).wraps
        ]
        for envelope in real + forged
    ]
    assert shapes[:2] == shapes[2:]


def test_a_reader_cannot_forge_towards_another_reader() -> None:
    ann, ben, cyd = Member(b"ann"), Member(b"ben"), Member(b"cyd")
    (forged,) = forge(ben, ann, [b"never said"], cyd)
    with pytest.raises(Violation):
        cyd.read(forged, ann)
    assert ann.id not in cyd.sessions


def test_forged_and_real_sessions_store_the_same_kind_of_state() -> None:
    """What a seizure finds at the reader has the same fields either way."""
    ann, ben = Account.create(1), Account.create(2)
    real = ann.open_to(ben.identity, ben.one_time_keys[0])
    seat = author_seat(ben, ben.one_time_keys[1], ann.identity)
    states = []
    for sender in (real, seat):
        session, _ = ben.accept(ann.identity, sender.encrypt(b"x"))
        sender.decrypt(session.encrypt(b"y"))
        session.decrypt(sender.encrypt(b"z"))
        states.append(shape(session_state(session)))
    assert states[0] == states[1]


def shape(value: object) -> object:
    """Replace key bytes by their number, keeping everything else."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(part, int) for part in value):
            return len(value)
        return [shape(part) for part in value]
    return value
