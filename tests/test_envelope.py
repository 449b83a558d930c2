import inspect

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backchannel.crypto.envelope import (
    MAX_TEXT_BYTES,
    EntryKind,
    Envelope,
    WrapHeader,
    WrapText,
    body_hash,
    bucket,
    encrypt_wrap_text,
    open_body,
    parse_envelope,
    read_wrap_text,
    seal_body,
    seal_wrap,
    unseal_wrap,
)
from backchannel.crypto.keys import KemKey
from backchannel.crypto.own_mark import LOOKAHEAD, OwnMarkKey
from backchannel.errors import Refused, Violation
from backchannel.wire.cells import MAX_ENVELOPE_BYTES
from backchannel.wire.codec import encode
from writing import ROOM, Member, entry_id

ANY_KEY = bytes(32)


def text_with(content_key: bytes) -> WrapText:
    header = WrapHeader(ROOM, b"a" * 32, b"b" * 32, 1, 0, 1)
    return WrapText(1, header, EntryKind.EVENT, content_key, bytes(32), bytes(32))


def test_every_reader_opens_the_same_text_and_nobody_else_does() -> None:
    ann, ben, cyd, eve = (Member(name) for name in (b"ann", b"ben", b"cyd", b"eve"))
    envelope = ann.write(b"we could live with that", ben, cyd)
    assert ben.read(envelope, ann) == cyd.read(envelope, ann) == b"we could live with that"
    with pytest.raises(Violation, match="not for us"):
        eve.read(envelope, ann)
    eve_in_place_of_ben = Member(b"ben")
    with pytest.raises(Violation, match="does not open with our key"):
        eve_in_place_of_ben.read(envelope, ann)


def test_a_talk_goes_both_ways_over_one_session() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    assert ben.read(ann.write(b"one", ben), ann) == b"one"
    assert ann.read(ben.write(b"two", ann), ben) == b"two"
    assert ben.read(ann.write(b"three", ben), ann) == b"three"
    assert len(ben.account.one_time_keys) == 3


def test_twenty_readers_of_a_short_text_fit_four_cells_of_8_kib() -> None:
    readers = [Member(b"%02d" % number) for number in range(20)]
    ann = Member(b"ann")
    for reader in readers:
        reader.read(ann.write(b"hello", reader), ann)
        ann.read(reader.write(b"hello", ann), reader)
    assert len(ann.write(b"x" * 1000, *readers)) <= 4 * 8140


def test_a_resend_seals_the_same_olm_text_to_a_newer_key() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    content_key, body = seal_body(b"text")
    text = ann.text_for(ben, content_key, body, entry_id(b"text"))
    olm_text = encrypt_wrap_text(ann.session_to(ben), text)
    newer = KemKey.generate()
    lost, again = (
        seal_wrap(olm_text, text.header, ben.kem.public, 1),
        seal_wrap(olm_text, text.header, newer.public, 2),
    )
    assert lost.sealed != again.sealed
    envelope = Envelope(1, ann.id, 2, bytes(16), (again,), body)
    with pytest.raises(Violation, match="gone"):
        unseal_wrap(again, ann.id, ROOM, None)
    opened = unseal_wrap(again, ann.id, ROOM, newer)
    assert opened == olm_text
    _, plaintext = ben.account.accept(ann.account.identity, opened)
    assert open_body(read_wrap_text(plaintext, envelope, again, ROOM), body) == b"text"


def test_a_wrap_does_not_open_in_another_place() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    text = ann.text_for(ben, ANY_KEY, b"body", bytes(32))
    wrap = seal_wrap(b"olm", text.header, ben.kem.public, 1)
    assert unseal_wrap(wrap, ann.id, ROOM, ben.kem) == b"olm"
    moved = [
        (wrap, ben.id, ROOM),
        (wrap, ann.id, b"q" * 32),
        (replace(wrap, n=2), ann.id, ROOM),
        (replace(wrap, kem_seq=2), ann.id, ROOM),
        (replace(wrap, reader=ann.id), ann.id, ROOM),
    ]
    for other, author, room in moved:
        with pytest.raises(Violation):
            unseal_wrap(other, author, room, ben.kem)


@given(st.binary(max_size=3000))
def test_a_body_opens_to_its_text_in_a_bucket(text: bytes) -> None:
    content_key, body = seal_body(text)
    assert len(body) - 16 in {1024, 2048, 4096}
    assert open_body(text_with(content_key), body) == text


def test_short_texts_of_every_length_make_bodies_of_one_length() -> None:
    assert {len(seal_body(b"x" * length)[1]) for length in range(0, 1021, 60)} == {1040}
    assert bucket(64 * 1024) == 64 * 1024
    assert bucket(64 * 1024 + 1) == 128 * 1024
    assert bucket(5 * 64 * 1024) == 5 * 64 * 1024


def test_the_largest_text_with_the_most_readers_fits_an_envelope() -> None:
    _, body = seal_body(bytes(MAX_TEXT_BYTES))
    header = WrapHeader(ROOM, b"\xff" * 32, bytes(32), 2**63 - 1, 0, 2**63 - 1)
    wrap = seal_wrap(bytes(2048 - 1136), header, KemKey(bytes(32)).public, 2**63 - 1)
    wraps = tuple(replace(wrap, reader=number.to_bytes(32, "big")) for number in range(256))
    envelope = encode(Envelope(1, b"\xff" * 32, 2**63 - 1, bytes(16), wraps, body))
    parse_envelope(envelope)
    assert len(envelope) <= MAX_ENVELOPE_BYTES
    with pytest.raises(Refused, match="in parts"):
        seal_body(bytes(MAX_TEXT_BYTES + 1))


@given(st.binary(max_size=400))
def test_any_bytes_are_an_envelope_or_a_violation(data: bytes) -> None:
    try:
        envelope = parse_envelope(data)
    except Violation:
        return
    assert encode(envelope) == data


def test_every_sampled_bit_flip_of_an_envelope_is_a_violation_and_changes_no_session() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    ben.read(ann.write(b"set-up", ben), ann)
    envelope = ann.write(b"text", ben)
    session = ben.sessions[ann.id]
    before = session.pickle(ANY_KEY)
    where = parse_envelope(envelope)
    unauthenticated = {
        envelope.index(where.author) + 32,
        *range(envelope.index(where.mark), envelope.index(where.mark) + 16),
    }
    refused = 0
    for position in range(0, envelope.index(where.body), 3):
        if position in unauthenticated:
            continue  # counter and mark: section 7 of the spec says what a reader does with them
        flipped = bytearray(envelope)
        flipped[position] ^= 1 << position % 8
        with pytest.raises(Violation):
            ben.read(bytes(flipped), ann)
        refused += 1
    assert refused > 400
    assert session.pickle(ANY_KEY) == before
    assert ben.read(envelope, ann) == b"text"


def test_every_sampled_bit_flip_of_a_body_is_refused_though_the_session_steps() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    envelope = ann.write(b"text", ben)
    olm_text = unseal_wrap(parse_envelope(envelope).wraps[0], ann.id, ROOM, ben.kem)
    _, plaintext = ben.account.accept(ann.account.identity, olm_text)
    whole = parse_envelope(envelope)
    for position in range(0, len(whole.body) * 8, 97):
        flipped = bytearray(whole.body)
        flipped[position // 8] ^= 1 << position % 8
        altered = replace(whole, body=bytes(flipped))
        with pytest.raises(Violation, match="not the one its author wrapped"):
            read_wrap_text(plaintext, altered, whole.wraps[0], ROOM)
        with pytest.raises(Violation, match="does not open"):
            open_body(read_wrap_text(plaintext, whole, whole.wraps[0], ROOM), altered.body)


def header_of(ann: Member, ben: Member) -> tuple[WrapText, bytes]:
    content_key, body = seal_body(b"text")
    return ann.text_for(ben, content_key, body, entry_id(b"text")), body


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("room", b"q" * 32, "another room"),
        ("author", b"q" * 32, "another author"),
        ("reader", b"q" * 32, "another reader"),
        ("n", 9, "another number"),
        ("kem_seq", 2, "older key"),
    ],
)
def test_a_header_that_contradicts_its_envelope_is_refused(field: str, value: object, sentence: str) -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    text, body = header_of(ann, ben)
    false = replace(text, header=replace(text.header, **{field: value}))
    olm_text = encrypt_wrap_text(ann.session_to(ben), false)
    wrap = seal_wrap(olm_text, text.header, ben.kem.public, 1)
    envelope = encode(Envelope(1, ann.id, 1, bytes(16), (wrap,), body))
    with pytest.raises(Violation, match=sentence):
        ben.read(envelope, ann)
    assert ann.id in ben.sessions


def test_talk_without_the_outer_seal_is_refused_and_a_reopen_note_accepted() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    text, body = header_of(ann, ben)
    with pytest.raises(Violation, match="quantum"):
        ben.read(ann.envelope([(ben, text)], body, bare=True), ann)
    text, body = header_of(ann, ben)
    reopen = replace(text, kind=EntryKind.REOPEN)
    assert ben.read(ann.envelope([(ben, reopen)], body, bare=True), ann) == b"text"


def test_an_entry_other_than_the_named_one_is_refused() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    text, body = header_of(ann, ben)
    with pytest.raises(Violation, match="not the one its author named"):
        ben.read(ann.envelope([(ben, replace(text, entry=bytes(32)))], body), ann)


def test_wraps_out_of_order_repeated_or_to_the_author_are_refused() -> None:
    ann, ben, cyd = Member(b"ann"), Member(b"ben"), Member(b"cyd")
    envelope = parse_envelope(ann.write(b"text", ben, cyd))
    for wraps in (envelope.wraps[::-1], (envelope.wraps[0],) * 2):
        with pytest.raises(Violation, match="not in order"):
            parse_envelope(encode(replace(envelope, wraps=wraps)))
    with pytest.raises(Violation, match="its own author"):
        parse_envelope(encode(replace(envelope, author=ben.id)))


def test_false_padding_is_refused() -> None:
    for padded in (b"", b"\0\0\0\4text", (4).to_bytes(4, "big") + b"text".ljust(1020, b"\1"), b"\xff" * 1024):
        content_key = b"k" * 32
        body = ChaCha20Poly1305(content_key).encrypt(bytes(12), padded, b"backchannel/body/1")
        with pytest.raises(Violation, match="not padded"):
            open_body(text_with(content_key), body)


def test_no_content_key_is_used_twice_because_no_caller_can_choose_one() -> None:
    keys = {seal_body(b"the same text")[0] for _ in range(50)}
    assert len(keys) == 50
    assert list(inspect.signature(seal_body).parameters) == ["plaintext"]


def test_a_rolled_back_vault_knows_what_it_sent_later_and_nothing_older() -> None:
    kept = key = OwnMarkKey.generate()
    sent = []
    for number in range(5):
        sent.append((key.counter, key.mark(body_hash(b"%d" % number)), body_hash(b"%d" % number)))
        key = key.next()
    assert [kept.made(*envelope) for envelope in sent] == [True] * 5
    assert [key.made(*envelope) for envelope in sent] == [False] * 5
    counter, mark, _ = sent[2]
    assert not kept.made(counter, mark, body_hash(b"another body"))
    assert not kept.made(counter + 1, mark, sent[2][2])
    assert not kept.made(2**62, mark, sent[2][2])
    far = OwnMarkKey(kept.raw, kept.counter)
    for _ in range(LOOKAHEAD):
        far = far.next()
    assert kept.made(far.counter, far.mark(b""), b"")
    assert not kept.made(far.counter + 1, far.next().mark(b""), b"")
    assert OwnMarkKey(key.raw, key.counter).mark(b"") == key.mark(b"")


def test_an_envelope_is_recognised_by_its_authors_rolled_back_vault_only() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    kept = ann.mark_key
    envelope = parse_envelope(ann.write(b"text", ben))
    assert kept.made(envelope.counter, envelope.mark, body_hash(envelope.body))
    assert not ben.mark_key.made(envelope.counter, envelope.mark, body_hash(envelope.body))
