"""All sides learn which options everybody accepts, and a sounding goes the way that its page says."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings as sodium

from backchannel.crypto.sounding.group import check_library
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.order import drawn_order
from backchannel.crypto.sounding.params import Kind, Params, parse_params
from backchannel.crypto.sounding.party import Party
from backchannel.crypto.sounding.transcript import Result
from backchannel.errors import Refused, Unavailable, Violation
from backchannel.wire.codec import encode
from sounders import HEAD, Table, params, plain, random_marks, stream


def result(table: Table) -> Result:
    """Give the result, which every side has alike."""
    results = {side.party.result() for side in table.sides.values()}
    assert len(results) == 1
    (found,) = results
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sides", "options"),
    [(2, 1), (2, 30), (3, 12), (4, 6), (5, 6), (6, 4), (7, 3), (8, 3), (9, 2), (10, 2)],
)
def test_every_side_learns_the_plain_and_of_all_answers(sides: int, options: int) -> None:
    marks = random_marks(sides, options, (sides, options))
    found = result(Table.of(params(sides, options), marks).run())
    assert found == Result(plain(marks), bool(plain(marks)), params(sides, options).sides, partial=False)


LARGE = [(2, 257), (2, 1000), (3, 1000), (5, 300), (10, 300), (10, 1000)]


def test_soundings_of_more_than_one_chunk_agree_with_the_plain_and_too(deep: bool) -> None:
    for sides, options in LARGE if deep else LARGE[:1]:
        marks = random_marks(sides, options, "large")
        assert result(Table.of(params(sides, options), marks, threads=2).run()).joint == plain(marks)


@settings(max_examples=12)
@given(st.data())
def test_any_answers_of_any_sides_give_their_and(data: st.DataObject) -> None:
    sides, options = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 4))
    row = st.lists(st.booleans(), min_size=options, max_size=options)
    marks = data.draw(st.lists(row, min_size=sides, max_size=sides))
    kind = data.draw(st.sampled_from([Kind.ALL, Kind.FIRST]))
    batch = data.draw(st.integers(1, 3)) if kind is Kind.FIRST else 0
    found = result(Table.of(params(sides, options, kind, batch), marks).run())
    if kind is Kind.ALL:
        assert found.joint == plain(marks)
    else:
        assert set(found.joint) <= set(plain(marks))
        assert len(found.joint) == min(1, len(plain(marks)))


def test_threads_change_nothing_but_the_time() -> None:
    marks = random_marks(2, 40, "threads")
    one, two = (Table.of(params(2, 40), marks, threads=threads).run() for threads in (1, 2))
    assert one.log == two.log


def test_two_sides_need_four_messages_of_the_log() -> None:
    """Parameters and keys / keys and inputs / inputs and shares / shares: what is said together travels together."""
    table = Table.of(params(2, 1), [[True], [True]])
    opener, other = table.sides.values()
    carried = []
    for speaker, listener, author in [(opener, other, 0), (other, opener, 1)] * 2:
        said = speaker.outbox()
        carried.append([parse_message(data).round for data in said])
        for data in said:
            listener.party.take(data, author)
    assert carried == [[Round.KEYS], [Round.KEYS, Round.INPUTS], [Round.INPUTS, Round.SHARES], [Round.SHARES]]
    assert result(table).joint == (0,)


def test_kind_first_gives_one_common_option_in_an_order_that_the_keys_and_inputs_fix() -> None:
    marks = [[True] * 12] * 3
    winners = set()
    for seed in range(6):
        table = Table(params(3, 12, Kind.FIRST, 1))
        table = Table.of(table.params, marks, seed=seed).run()
        winners.add(result(table).joint)
        assert sum(parse_message(data).round is Round.SHARES for _, data in table.log) == 3
    assert {len(winner) for winner in winners} == {1}
    assert len(winners) > 2


def test_kind_first_opens_batch_by_batch_and_stops_at_the_first_common_option() -> None:
    marks = [[number == 5 for number in range(8)]] * 2
    table = Table.of(params(2, 8, Kind.FIRST, 2), marks).run()
    assert result(table).joint == (5,)
    batches = {
        parse_message(data).chunk for _, data in table.log if parse_message(data).round is Round.SHARES
    }
    order = table.sides[0].party.transcript.order
    assert batches == set(range(order.index(5) // 2 + 1))


def test_kind_drawn_opens_one_option_that_nobody_chose_and_no_other() -> None:
    marks = [[number % 2 == 0 for number in range(8)], [True] * 8]
    drawn = set()
    for seed in range(6):
        table = Table.of(params(2, 8, Kind.DRAWN, 1), marks, seed=seed).run()
        found = result(table)
        assert found.drawn is not None
        assert found.joint == ((found.drawn,) if found.drawn % 2 == 0 else ())
        drawn.add(found.drawn)
        shares = [parse_message(data) for _, data in table.log if parse_message(data).round is Round.SHARES]
        assert [(share.chunk, len(share.body)) for share in shares] == [(0, 96), (0, 96)]
    assert len(drawn) > 2
    assert {number % 2 for number in drawn} == {0, 1}


def test_a_drawn_order_holds_every_option_once_and_depends_on_every_share() -> None:
    orders = [drawn_order(b"t" * 32, bytes([number]) * 32, 50) for number in range(20)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 20


@pytest.mark.parametrize("poster", [0, 1])
def test_limits_meet_exactly_if_some_option_is_within_both(poster: int) -> None:
    options = 3
    for first in range(options + 1):
        for last in range(options + 1):
            from_start = [number < first for number in range(options)]
            from_end = [options - number <= last for number in range(options)]
            marks = [from_start, from_end] if poster == 0 else [from_end, from_start]
            found = result(Table.of(params(2, options, Kind.THRESHOLD, poster=poster), marks).run())
            assert (found.joint, found.meet) == ((), bool(plain(marks)))


def test_a_limit_that_is_no_limit_is_refused() -> None:
    party = Party.open(params(2, 3, Kind.THRESHOLD), 0, random=stream(0))
    with pytest.raises(Refused):
        party.mark([True, False, True])
    with pytest.raises(Refused):
        party.mark([False, True, True])
    party.mark([True, True, False])


def test_a_side_that_prepared_says_the_same_sooner() -> None:
    table = Table.of(params(2, 5), [None, [True] * 5]).run()
    party = table.sides[0].party
    party.prepare()
    party.mark([True, False, True, False, True])
    assert result(table.run()).joint == (0, 2, 4)


def test_answers_may_change_until_the_inputs_are_stated() -> None:
    table = Table.of(params(2, 2), [None, None])
    first, second = (side.party for side in table.sides.values())
    first.mark([True, True])
    first.mark([False, True])
    second.mark([True, True])
    assert result(table.run()).joint == (1,)
    with pytest.raises(Refused):
        first.mark([True, True])


def test_answers_are_one_for_each_option_and_stand_once_they_are_stated() -> None:
    table = Table.of(params(2, 2), [None, None]).run()
    party = table.sides[0].party
    for wrong in ([True], [True] * 3, []):
        with pytest.raises(Refused, match="every option"):
            party.mark(wrong)
    party.mark([True, True])
    assert party.answered
    assert party.live
    with pytest.raises(Refused, match="no more answers"):
        party.mark([False, False])


def test_a_watcher_learns_the_result_and_cannot_speak() -> None:
    marks = random_marks(3, 4, "watched")
    table = Table.of(params(3, 4), marks).run()
    watcher = Party.watch(params(3, 4), threads=1)
    for author, data in table.log:
        watcher.take(data, author)
    assert watcher.result() == result(table)
    assert not watcher.live
    with pytest.raises(Refused):
        watcher.mark([True] * 4)


def test_the_deadline_names_who_is_awaited_and_discards_the_keys() -> None:
    table = Table.of(params(3, 1), [[True], [True], None]).run()
    party = table.sides[0].party
    assert party.missing == (2,)
    party.expire()
    ended = party.ended
    assert ended is not None
    assert (ended.how, ended.round, ended.sides) == (How.ABSENT, Round.INPUTS, (2,))
    assert not party.live
    assert not party.exposed
    assert (party.result(), party.blame()) == (None, None)
    with pytest.raises(Refused):
        party.expire()


def test_a_side_can_withdraw_and_then_nothing_more_of_it_is_said() -> None:
    table = Table.of(params(2, 1), [None, [True]]).run()
    party = table.sides[0].party
    party.withdraw()
    with pytest.raises(Refused):
        party.mark([True])
    before = party.encode()
    assert party.ended is not None
    assert party.ended.how is How.WITHDRAWN
    for author, data in table.log:
        party.take(data, author)
    assert party.encode() == before


def changed(fields: Mapping[str, object]) -> Params:
    """Give parameters with other fields, however wrong."""
    return msgspec.structs.replace(params(2, 2), **fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sides": (b"b", b"a")},
        {"sides": (b"a", b"a")},
        {"sides": (b"a",)},
        {"sides": tuple(b"%02d" % number for number in range(11))},
        {"options": ("a", "a")},
        {"options": ()},
        {"batch": 1},
        {"poster": 1},
        {"kind": Kind.FIRST},
        {"kind": Kind.FIRST, "batch": 257},
        {"kind": Kind.DRAWN},
        {"kind": Kind.DRAWN, "batch": 2},
        {"kind": Kind.THRESHOLD, "sides": (b"a", b"b", b"c")},
        {"kind": Kind.THRESHOLD, "options": tuple(map(str, range(257)))},
        {"kind": Kind.THRESHOLD, "parent": HEAD},
        {"parent": b"short"},
        {"deadlines": (2, 1, 3)},
        {"chunk": 255},
        {"version": 2},
        {"nonce": b"short"},
        {"options": tuple(str(number) * 250 for number in range(1000, 2100))},
    ],
    ids=lambda wrong: str(wrong)[:50],
)
def test_parameters_outside_their_rules_are_refused(wrong: Mapping[str, object]) -> None:
    assert parse_params(encode(changed({}))) == params(2, 2)
    with pytest.raises(Violation):
        parse_params(encode(changed(wrong)))


def test_every_field_of_the_parameters_is_part_of_the_name() -> None:
    other = {
        "kind": Kind.FIRST,
        "sides": (b"x", b"y"),
        "options": ("x",),
        "batch": 3,
        "poster": 1,
        "binding": True,
        "deadlines": (1, 2, 4),
        "head": b"x" * 32,
        "nonce": b"x" * 32,
        "parent": b"x" * 32,
    }
    assert set(other) | {"version", "chunk"} == set(params(2, 2).__struct_fields__)
    named = {params(2, 2).sid, *(changed({field: value}).sid for field, value in other.items())}
    assert len(named) == len(other) + 1


def test_a_library_that_takes_a_sum_with_the_point_of_order_two_for_sound_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As libsodium did before 30 December 2025; the one at hand refuses that point."""
    check_library.cache_clear()
    check_library()
    check_library.cache_clear()
    monkeypatch.setattr(sodium, "crypto_core_ed25519_is_valid_point", lambda _: True)
    with pytest.raises(Unavailable, match="install PyNaCl"):
        Party.open(params(2, 1), 0)
    check_library.cache_clear()


def test_nobody_sits_at_a_place_that_is_not_there_or_in_a_sounding_that_is_unsound() -> None:
    for place in (-2, 2):
        with pytest.raises(Refused):
            Party.open(params(2, 1), place)
    with pytest.raises(Violation):
        Party.open(changed({"sides": (b"b", b"a")}), 0)
    with pytest.raises(Refused, match="repeats another"):
        Party.open(changed({"parent": HEAD}), 0)


def test_preparing_does_nothing_where_nothing_is_to_be_prepared() -> None:
    table = Table.of(params(2, 2), [None, [True, True]]).run()
    ready, done = table.sides[0].party, table.sides[1].party
    ready.prepare()
    assert ready._prepared is not None
    before = list(ready._prepared)
    ready.prepare()
    assert ready._prepared == before, "the same is not prepared twice"
    early = Party.open(params(2, 2), 0, random=stream(0))
    limits = Table.of(params(2, 2, Kind.THRESHOLD), [None, None]).run().sides[0].party
    watcher = Party.watch(params(2, 2), threads=1)
    for author, data in table.log:
        watcher.take(data, author)
    ended = Table.of(params(2, 2), [None, None]).run().sides[0].party
    ended.withdraw()
    for party in (done, early, limits, watcher, ended):
        party.prepare()
        assert party._prepared is None
