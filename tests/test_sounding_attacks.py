"""What a liar at the table does fails by name, with blame on the liar where blame is due and on nobody honest ever."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.sounding import transcript
from backchannel.crypto.sounding.group import (
    ORDER,
    add,
    multiply,
    on_generator,
    random_scalars,
    subtract,
    total,
)
from backchannel.crypto.sounding.inputs import Place, check_inputs, committed, inputs_body, prepare
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.keys import check_keys, keys_body
from backchannel.crypto.sounding.message import (
    Message,
    Round,
    Slot,
    parse_message,
    session_public,
    written,
)
from backchannel.crypto.sounding.params import Kind, option_bases
from backchannel.crypto.sounding.party import Party
from backchannel.errors import Violation
from backchannel.wire.codec import encode
from sounders import Hand, Table, Twist, junctures, params, plain, secrets_of, stream
from sounding_attacks import ATTACKS, EQUIVOCATED_AGREEMENT, LIAR, SILENT, adopted, scalar


def honest(table: Table) -> list[Party]:
    return [side.party for index, side in table.sides.items() if index not in table.twists]


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_ends_as_it_must_and_blames_nobody_honest(name: str) -> None:
    attack = ATTACKS[name]
    table = attack.table().run()
    for party in honest(table):
        ended, blame, result = party.ended, party.blame(), party.result()
        assert ended is not None
        assert ended.how is attack.how
        assert (blame.side if blame else None) == attack.blamed
        assert (result.joint if result else None) == attack.joint
        assert not party.live


@pytest.mark.parametrize("which", ["part", "session"])
def test_two_sides_with_one_secret_end_it_at_their_keys_and_neither_is_blamed(which: str) -> None:
    """Both know it, so they are in it together or one machine was copied; a third side may be watching."""
    table = Table.of(params(2, 1), [None, None])
    party, what = table.sides[0].party, table.params
    (own, seed), (other, other_seed) = secrets_of("", 1), secrets_of("", 0)
    part, session = (other, seed) if which == "part" else (own, other_seed)
    body = keys_body(what.sid, 1, part, session, stream("shared"))
    party.take(encode(written(what.sid, Slot(1, Round.KEYS, 0), what.sid, body, session)), 1)
    assert party.ended is not None
    assert (party.ended.how, party.ended.round, party.blame()) == (How.DISAGREED, Round.KEYS, None)


@pytest.mark.parametrize("name", sorted(SILENT))
def test_a_side_that_does_not_speak_soundly_is_absent_at_the_deadline_and_not_blamed(name: str) -> None:
    table = SILENT[name].table().run()
    party = honest(table)[0]
    missing = party.missing
    party.expire()
    assert LIAR in missing
    assert party.ended is not None
    assert (party.ended.how, party.ended.sides, party.blame()) == (How.ABSENT, missing, None)
    assert party.exposed == (name == "silent-in-shares")


@pytest.mark.parametrize(
    "name", sorted(name for name, attack in ATTACKS.items() if attack.how is How.BROKEN and attack.sides == 2)
)
def test_evidence_convinces_a_watcher_who_holds_the_same_keys(name: str) -> None:
    table = ATTACKS[name].table().run()
    watcher = Party.watch(table.params, threads=1)
    for author, data in table.log:
        watcher.take(data, author)
    assert watcher.blame() == honest(table)[0].blame()


def test_two_inputs_are_blamed_on_their_author_once_both_are_seen_even_if_handed_on() -> None:
    table = ATTACKS["equivocated-inputs"].table().run()
    parties = honest(table)
    assert [party.blame() for party in parties] == [None, None]
    for at, to in table.only.items():
        author, data = table.log[at]
        if parse_message(data).round is Round.INPUTS:
            for index, party in ((0, parties[0]), (2, parties[1])):
                if index not in to:
                    party.take(data, None)
                    assert author == LIAR
    for party in parties:
        blame = party.blame()
        assert blame is not None
        assert blame.side == LIAR
        assert len(blame.messages) == 2
        assert party.ended is not None
        assert party.ended.how is How.DISAGREED


def test_two_agreements_are_blamed_on_their_author_once_all_agreed() -> None:
    table = EQUIVOCATED_AGREEMENT.table().run()
    agreed, other = honest(table)
    assert agreed.ended is None
    assert other.ended is not None
    assert other.ended.how is How.DISAGREED
    false = next(
        data
        for at, (_, data) in enumerate(table.log)
        if table.only.get(at) == {2} and parse_message(data).round is Round.AGREEMENT
    )
    agreed.take(false, None)
    blame = agreed.blame()
    assert blame is not None
    assert blame.side == LIAR


def test_equivocated_keys_blame_nobody_even_when_both_are_seen() -> None:
    table = ATTACKS["equivocated-keys"].table().run()
    parties = honest(table)
    for author, data in table.log:
        if author == LIAR:
            for party in parties:
                party.take(data, LIAR)
    assert [party.blame() for party in parties] == [None, None]


def test_a_second_set_of_keys_after_all_agreed_counts_for_nothing_or_against_its_author() -> None:
    table = Table.of(params(3, 1), [None, [True], [True]]).run()
    party = table.sides[0].party
    part, session = secrets_of("other", LIAR)
    own = secrets_of("", LIAR)[1]
    slot = Slot(LIAR, Round.KEYS, 0)
    sid = table.params.sid
    under_another = written(sid, slot, sid, keys_body(sid, LIAR, part, session, stream(1)), session)
    with pytest.raises(Violation):
        party.take(encode(under_another), LIAR)
    assert party.ended is None
    under_the_same = written(sid, slot, sid, keys_body(sid, LIAR, part, own, stream(1)), own)
    party.take(encode(under_the_same), LIAR)
    blame = party.blame()
    assert blame is not None
    assert blame.side == LIAR


def test_a_second_agreement_with_many_words_is_one_too_many() -> None:
    table = Table.of(params(3, 1), [None, [True], [True]]).run()
    party, what = table.sides[0].party, table.params
    said = written(what.sid, Slot(1, Round.AGREEMENT, 0), what.sid, bytes(128), secrets_of("", 1)[1])
    party.take(encode(said), LIAR)
    blame = party.blame()
    assert blame is not None
    assert blame.side == LIAR


@pytest.mark.parametrize("change", [b"", b"x" * 32])
def test_keys_of_another_length_are_refused(change: bytes) -> None:
    body = keys_body(b"s" * 32, 0, scalar(3), b"k" * 32, stream(1))
    check_keys(b"s" * 32, 0, body)
    with pytest.raises(Violation):
        check_keys(b"s" * 32, 0, body[:-32] + change * 2)


def test_a_key_of_an_earlier_sounding_is_refused_and_blamed() -> None:
    table = Table.of(params(2, 1), [[True], [True]])
    table.sides[0].party = Party.open(
        table.params, 0, seen=[on_generator(secrets_of("", LIAR)[0])], random=stream(5)
    )
    table.run()
    blame = table.sides[0].party.blame()
    assert blame is not None
    assert (blame.side, blame.reason) == (LIAR, "It used a key of an earlier sounding again.")


def refused_without_a_trace(party: Party, data: bytes, author: int | None) -> None:
    before = party.encode()
    with pytest.raises(Violation):
        party.take(data, author)
    assert party.encode() == before


def test_what_anybody_could_have_made_changes_nothing() -> None:
    """Another sounding, another option list, another author, another signature, a place that does not exist."""
    for juncture in junctures():
        party, message = juncture.resumed(), juncture.message
        refused_without_a_trace(party, encode(message), 0)
        refused_without_a_trace(party, encode(message), None)
        other = msgspec.structs.replace(party.params, options=("another", "list"))
        refused_without_a_trace(
            party, encode(written(other.sid, message.slot, message.prev, message.body, juncture.session)), 1
        )
        refused_without_a_trace(
            party, encode(msgspec.structs.replace(message, session_signature=bytes(64))), 1
        )
        refused_without_a_trace(party, encode(msgspec.structs.replace(message, sid=other.sid)), 1)
        refused_without_a_trace(party, encode(msgspec.structs.replace(message, sender=7)), 7)
        if message.round is Round.KEYS:
            for body in (message.body + b"x", message.body[:64], message.body[:40], b""):
                said = written(message.sid, message.slot, message.prev, body, juncture.session)
                refused_without_a_trace(party, encode(said), 1)
        far = Slot(1, message.round, 9)
        refused_without_a_trace(
            party, encode(written(message.sid, far, message.prev, message.body, juncture.session)), 1
        )
        for round_ in set(Round) - {Round.KEYS, message.round}:
            if round_ < message.round or round_ is Round.AGREEMENT:
                stray = Slot(1, round_, 5)
                refused_without_a_trace(
                    party, encode(written(message.sid, stray, message.prev, b"", juncture.session)), 1
                )


def test_nobody_speaks_for_another_side() -> None:
    """A liar states the victim's inputs in its stead, signed with its own session key."""
    table = Table.of(params(2, 1), [None, None]).run()
    party, session = table.sides[0].party, secrets_of("", 1)[1]
    slot = Slot(0, Round.INPUTS, 0)
    false = written(table.params.sid, slot, party.transcript.keys.name, b"", session)
    refused_without_a_trace(party, encode(false), 1)
    refused_without_a_trace(party, encode(false), 0)


def test_inputs_of_one_chunk_are_no_inputs_of_another() -> None:
    joint, bases = on_generator(scalar(3)), option_bases(b"k" * 32, 2)
    made = prepare(joint, bases, stream(1), 1)
    body = inputs_body(
        Place(b"k" * 32, joint, 0, 0), made, [one.yes for one in made], [bytes(32)] * len(made)
    )
    check_inputs(Place(b"k" * 32, joint, 0, 0), bases, body, 1)
    for elsewhere in (
        Place(b"k" * 32, joint, 0, 1),
        Place(b"k" * 32, joint, 1, 0),
        Place(b"x" * 32, joint, 0, 0),
        Place(b"k" * 32, on_generator(scalar(4)), 0, 0),
    ):
        with pytest.raises(Violation):
            check_inputs(elsewhere, bases, body, 1)
    with pytest.raises(Violation):
        check_inputs(Place(b"k" * 32, joint, 0, 0), bases[::-1], body, 1)


@pytest.mark.parametrize(
    ("sides", "kind", "poster"),
    [
        (3, Kind.ALL, 0),
        (2, Kind.FIRST, 0),
        (2, Kind.DRAWN, 0),
        (2, Kind.THRESHOLD, 0),
        (2, Kind.THRESHOLD, 1),
    ],
)
def test_messages_before_their_turn_wait_and_any_order_gives_the_same(
    sides: int, kind: Kind, poster: int
) -> None:
    what = params(sides, 2, kind, int(kind in {Kind.FIRST, Kind.DRAWN}), poster)
    table = Table.of(what, [[True, kind is Kind.THRESHOLD], [True, True], [True, True]][:sides]).run()
    for seed in range(5):
        shuffled = table.log[:]
        random.Random(seed).shuffle(shuffled)
        watcher = Party.watch(table.params, threads=1)
        for author, data in shuffled:
            watcher.take(data, author)
        assert watcher.result() == table.sides[0].party.result() is not None


def test_who_speaks_before_its_turn_fills_one_place_only() -> None:
    table = Table.of(params(2, 1), [None, None])
    party, session = table.sides[0].party, secrets_of("", 1)[1]
    slot = Slot(1, Round.INPUTS, 0)
    party.take(encode(written(table.params.sid, slot, b"1" * 32, b"", session)), 1)
    refused_without_a_trace(party, encode(written(table.params.sid, slot, b"2" * 32, b"", session)), 1)
    for stray in (
        Slot(1, Round.KEYS, 1),
        Slot(1, Round.INPUTS, 1),
        Slot(1, Round.CHOICE, 0),
        Slot(1, Round.ORDER, 0),
        Slot(1, Round.AGREEMENT, 0),
    ):
        refused_without_a_trace(party, encode(written(table.params.sid, stray, b"1" * 32, b"", session)), 1)


def test_early_words_that_do_not_fit_the_keys_that_follow_are_dropped_and_blame_nobody() -> None:
    table = Table.of(params(2, 1), [[True], [True]])
    party, strange = table.sides[0].party, secrets_of("strange", 1)[1]
    party.take(encode(written(table.params.sid, Slot(1, Round.INPUTS, 0), b"1" * 32, b"", strange)), 1)
    table.run()
    for side in table.sides.values():
        result = side.party.result()
        assert result is not None
        assert result.joint == (0,)


@pytest.mark.parametrize(
    ("sides", "options", "kind", "batch", "strays"),
    [
        (2, 300, Kind.ALL, 0, [(Round.KEYS, 1), (Round.INPUTS, 2), (Round.SHARES, 2), (Round.ORDER, 0)]),
        (3, 1, Kind.ALL, 0, [(Round.AGREEMENT, 1)]),
        (2, 3, Kind.FIRST, 2, [(Round.ORDER, 1), (Round.SHARES, 2), (Round.CHOICE, 0)]),
        (2, 3, Kind.DRAWN, 1, [(Round.ORDER, 1), (Round.SHARES, 1), (Round.CHOICE, 0)]),
        (
            2,
            3,
            Kind.THRESHOLD,
            0,
            [(Round.INPUTS, 0), (Round.CHOICE, 1), (Round.SHARES, 1), (Round.ORDER, 0)],
        ),
    ],
)
def test_a_place_that_no_stage_has_takes_nothing(
    sides: int, options: int, kind: Kind, batch: int, strays: list[tuple[Round, int]]
) -> None:
    table = Table.of(params(sides, options, kind, batch), [None] * sides)
    party, session = table.sides[0].party, secrets_of("", 1)[1]
    for round_, chunk in strays:
        slot = Slot(1, round_, chunk)
        body = bytes(32) + session_public(session) + bytes(64)
        said = written(table.params.sid, slot, b"1" * 32, body, session)
        refused_without_a_trace(party, encode(said), 1)


def test_a_late_honest_share_is_nobodys_fault_and_changes_nothing() -> None:
    table = Table.of(params(3, 1), [[True], [True], [True]])
    table.run(until=lambda: table.sides[0].party.exposed)
    party = table.sides[0].party
    assert party.stage is not None
    assert party.stage.round is Round.SHARES
    party.expire()
    before, ended = party.encode(), party.ended
    table.run()
    for author, data in table.log:
        if parse_message(data).round is Round.SHARES:
            party.take(data, author)
    assert party.encode() != before, "it is kept, lest its author says another thing in the same place"
    assert (party.ended, party.blame(), party.result()) == (ended, None, None)
    assert not party.live


def test_a_liar_who_knows_its_own_numbers_cannot_cancel_a_random_no() -> None:
    """Values of 1 and -1 cancel each other, which says yes twice; nothing they choose cancels an honest no."""

    def liar(value: bytes) -> Twist:
        def change(hand: Hand, message: Message) -> bytes:
            seen = hand.party.transcript
            made = prepare(seen.keys.joint, seen.bases, stream(value), 1)
            points = [add(one.yes, multiply(value, base)) for one, base in zip(made, seen.bases, strict=True)]
            return inputs_body(seen.place(message.slot), made, points, [value] * len(made))

        return adopted(Round.INPUTS, change)

    twists = {1: liar(scalar(1)), 2: liar(scalar(-1))}
    table = Table.of(params(3, 2), [[True, False]] * 3, twists).run()
    result = table.sides[0].party.result()
    assert result is not None
    assert result.joint == (0,)


@pytest.mark.parametrize("one_base", [True, False])
def test_a_sole_vetoer_sees_no_pattern_because_every_option_has_its_own_base(
    one_base: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one base for all, what remains of two options that others accept is proportional to the vetoer's numbers."""
    if one_base:
        monkeypatch.setattr(transcript, "option_bases", lambda keys, count: option_bases(keys, 1) * count)
    table = Table.of(params(2, 3), [[True, True, False], [False, False, False]])
    table.run()
    body = {side: table.said(side, Round.SHARES).body[64:] for side in (0, 1)}
    blinds = [committed(table.said(side, Round.INPUTS).body)[1] for side in (0, 1)]
    remains = [
        subtract(
            total(body[side][32 * at : 32 * at + 32] for side in (0, 1)), add(blinds[0][at], blinds[1][at])
        )
        for at in range(3)
    ]
    values = veto_numbers(table)
    # the vetoer divides each remainder by its own number
    divided = [multiply(inverse(value), remain) for value, remain in zip(values, remains, strict=True)]
    assert (divided[0] == divided[1]) == one_base
    assert divided[0] != divided[2]


def veto_numbers(table: Table) -> list[bytes]:
    """Give the v of side 1, drawn again from the same source: its keys, then four scalars for each option."""
    random_bytes = stream(("", 1))
    random_scalars(1, random_bytes)
    random_bytes(32)
    random_scalars(1, random_bytes)  # the mask of its keys
    drawn = random_scalars(4 * len(table.params.options), random_bytes)
    return drawn[1::4]


def inverse(one: bytes) -> bytes:
    return pow(int.from_bytes(one, "little"), -1, ORDER).to_bytes(32, "little")


# ---- liars in general


def lie(data: st.DataObject, message: Message) -> dict[str, object]:
    changes: dict[str, object] = {}
    if data.draw(st.integers(0, 3)) == 0 and message.body:
        at = data.draw(st.integers(0, len(message.body) - 1))
        flipped = message.body[at] ^ (1 << data.draw(st.integers(0, 7)))
        changes["body"] = message.body[:at] + bytes([flipped]) + message.body[at + 1 :]
    if data.draw(st.integers(0, 7)) == 0:
        changes["prev"] = b"x" * 32
    if data.draw(st.integers(0, 7)) == 0:
        changes["round"] = data.draw(st.sampled_from(list(Round)))
    return changes


def shown_to(data: st.DataObject, sides: int) -> set[int]:
    return (
        data.draw(st.sets(st.sampled_from(range(sides)))) if data.draw(st.booleans()) else set(range(sides))
    )


@given(st.data())
def test_whatever_a_liar_does_nobody_honest_is_blamed_and_no_refusal_is_overruled(
    data: st.DataObject,
) -> None:
    """A liar among two or three changes, repeats, withholds and shows apart what it likes, soundly signed."""
    sides = data.draw(st.sampled_from([2, 3]))
    kind = data.draw(st.sampled_from([Kind.ALL, Kind.FIRST, Kind.DRAWN] + [Kind.THRESHOLD] * (sides == 2)))
    what = params(
        sides,
        2,
        kind,
        int(kind in {Kind.FIRST, Kind.DRAWN}),
        data.draw(st.integers(0, 1)) * (kind is Kind.THRESHOLD),
    )
    refusing = data.draw(st.integers(0, 2))

    def twist(hand: Hand, message: Message) -> list[tuple[bytes, set[int]]]:
        said = data.draw(st.integers(0, 2)) if data.draw(st.booleans()) else 1
        return [(hand.sign(message, **lie(data, message)), shown_to(data, sides)) for _ in range(said)]

    marks = [[True, True] for _ in range(sides)]
    marks[0] = [refusing != 1, refusing == 0] if kind is not Kind.THRESHOLD else [True, refusing == 0]
    if kind is Kind.THRESHOLD and what.poster:
        marks[0] = marks[0][::-1]
    table = Table.of(what, marks, {LIAR: twist}).run()
    for index in set(range(sides)) - {LIAR}:
        party = table.sides[index].party
        for at, to in table.only.items():
            if index not in to and data.draw(st.booleans()):
                before = party.encode()
                try:
                    party.take(table.log[at][1], data.draw(st.sampled_from([None, LIAR])))
                except Violation:
                    assert party.encode() == before
        blame, result = party.blame(), party.result()
        assert blame is None or blame.side == LIAR
        if result is not None:
            assert set(result.joint) <= set(plain(marks))
