"""A side shares once: not after a crash, not from a back-up, not twice in a re-run."""

import msgspec
import pytest

from backchannel.crypto.sounding.inputs import inputs_body, prepare
from backchannel.crypto.sounding.kept import How, Kept, outgoing
from backchannel.crypto.sounding.message import Message, Round, Slot, parse_message, written
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.party import Party
from backchannel.errors import Refused
from backchannel.wire.codec import decode, encode
from sounders import Hand, Side, Table, Twist, params, secrets_of, stream


def shares_in(saved: bytes, index: int) -> set[bytes]:
    return {
        data
        for data in outgoing(saved)
        if parse_message(data).round is Round.SHARES and parse_message(data).sender == index
    }


def before_shares(sides: int = 2) -> tuple[Table, bytes]:
    """Give a table, and what side 0 saved just before it took the inputs that let it share."""
    table = Table.of(params(sides, 1), [[True]] * sides)
    saved = b""
    while not table.sides[0].party.exposed:
        saved = table.sides[0].party.encode()
        table.send()
        for index, side in table.sides.items():
            if table.taken[index] < len(table.log):
                author, data = table.log[table.taken[index]]
                table.taken[index] += 1
                if author != index:
                    side.party.take(data, author)
    return table, saved


def other_inputs(table: Table) -> bytes:
    """Give other inputs of side 1, as sound as the first."""
    seen = table.sides[0].party.transcript
    made = prepare(seen.keys.joint, seen.bases, stream("other"), 1)
    slot = Slot(1, Round.INPUTS, 0)
    body = inputs_body(seen.place(slot), made, [one.no for one in made], [one.r for one in made])
    return encode(written(table.params.sid, slot, seen.keys.name, body, secrets_of("", 1)[1]))


def test_what_is_sent_was_saved_and_goes_out_again_alike_after_a_crash() -> None:
    table, before = before_shares()
    saved = table.sides[0].party.encode()
    (share,) = shares_in(saved, 0)
    assert shares_in(before, 0) == set()
    again = Party.resume(saved, table.sides[0].party.serial, random=stream("after"))
    assert shares_in(again.encode(), 0) == {share}
    again.take(other_inputs(table), 1)
    assert shares_in(again.encode(), 0) == {share}
    blame = again.blame()
    assert blame is not None
    assert blame.side == 1


def test_a_key_is_gone_from_what_is_saved_once_its_share_is_made() -> None:
    table, before = before_shares()
    part, session = secrets_of("", 0)
    assert part in before
    assert part not in table.sides[0].party.encode()
    table.run()
    ended = table.sides[0].party
    assert ended.result() is not None
    for secret in (part, session, ended_openings(before)):
        assert secret not in ended.encode()


def ended_openings(before: bytes) -> bytes:
    return decode(before, Kept).openings


def test_a_restored_state_follows_and_never_shares_for_other_inputs() -> None:
    """The liar shows a desk that was set back other inputs than the ones it has shared for."""
    table, before = before_shares()
    latest = table.sides[0].party.serial
    restored = Party.resume(before, latest, random=stream("restored"))
    assert not restored.live
    restored.take(other_inputs(table), 1)
    assert shares_in(restored.encode(), 0) == set()
    with pytest.raises(Refused):
        restored.mark([True])


def test_the_control_a_state_set_back_unseen_would_share_twice() -> None:
    """Why `resume` asks for the latest serial: nothing inside an old state can tell that it is old."""
    table, before = before_shares()
    fooled = Party.resume(before, 0, random=stream("fooled"))
    fooled.take(other_inputs(table), 1)
    assert shares_in(fooled.encode(), 0) not in (set(), shares_in(table.sides[0].party.encode(), 0))


def test_a_back_up_holds_no_secret_and_cannot_share() -> None:
    table, before = before_shares()
    live = Party.resume(before, 0)
    backup = live.encode_spent()
    for secret in (*secrets_of("", 0), ended_openings(before)):
        assert secret in before
        assert secret not in backup
    restored = Party.resume(backup, 0)
    restored.take(other_inputs(table), 1)
    assert shares_in(restored.encode(), 0) == set()


def test_a_state_that_meets_its_own_forgotten_words_says_nothing_more() -> None:
    table = Table.of(params(2, 1), [[True], [True]])
    early = table.sides[0].party.encode()
    table.run()
    old = Party.resume(early, 0, random=stream("old"))
    for author, data in table.log:
        if parse_message(data).slot == Slot(0, Round.INPUTS, 0):
            old.take(data, author)
    assert not old.live
    for author, data in table.log:
        old.take(data, author)
    assert old.result() == table.sides[0].party.result()
    assert old.blame() is None


def test_two_states_of_ones_own_that_said_different_things_blame_nobody() -> None:
    table = Table.of(params(2, 1), [[True], None])
    copy = Party.resume(table.sides[0].party.encode(), 0, random=stream("copy"))
    table.run()
    for author, data in table.log:
        if author == 1:
            copy.take(data, author)
    mine = table.said(0, Round.INPUTS)
    copy.take(encode(mine), 0)
    assert copy.blame() is None
    assert not copy.live
    assert copy.ended is not None
    assert copy.ended.how is How.DISAGREED


@pytest.mark.parametrize(("now", "inputs", "shares"), [(1, 1, 1), (2, 0, 0), (3, 0, 0)])
def test_a_state_says_nothing_for_which_the_time_has_passed(now: int, inputs: int, shares: int) -> None:
    """The deadlines are 1, 2 and 3; its time is read again at every step."""
    table = Table.of(params(2, 1), [[True], [True]])
    late = Party.resume(table.sides[0].party.encode(), 0, random=stream("late"), threads=1, now=now)
    table.sides[0].party = late
    table.run()
    assert late.due is None if shares else late.due == late.params.deadlines[1]
    said = [parse_message(data).round for author, data in table.log if author == 0]
    assert [said.count(round_) for round_ in (Round.KEYS, Round.INPUTS, Round.SHARES)] == [1, inputs, shares]


def test_a_share_whose_time_has_passed_is_not_said_although_all_inputs_are_there() -> None:
    table, before = before_shares()
    late = Party.resume(before, 0, random=stream("late"), threads=1, now=3)
    for author, data in table.log:
        if author == 1:
            late.take(data, author)
    assert shares_in(late.encode(), 0) == set()
    assert not late.probed
    late.expire()
    assert late.ended is not None
    assert (late.ended.round, late.ended.sides) == (Round.SHARES, (0, 1))


# ---- a re-run among those who are left


def stopped(marks: list[list[bool]]) -> Table:
    """Give a table of three at which side 2 keeps its share back."""
    table = Table.of(
        params(3, 2), marks, {2: lambda hand, said: [hand.sign(said)] * (said.round is not Round.SHARES)}
    )
    table.run()
    for index in (0, 1):
        table.sides[index].party.expire()
    return table


def repeated(table: Table, twist: Twist | None = None) -> Table:
    """Give the table of the re-run among sides 0 and 1."""
    again = table.sides[0].party.repeated(b"H" * 32, b"N" * 32, (4, 5, 6))
    second = Table(again, twists={1: twist} if twist else {}, seed="again")
    for index in (0, 1):
        party = table.sides[index].party.repeat(again)
        second.sides[index], second.taken[index] = Side(party, None), 0
    return second


def test_those_who_are_left_learn_what_they_accept_on_the_same_answers() -> None:
    table = stopped([[True, True], [True, False], [False, True]])
    assert [table.sides[index].party.result() for index in (0, 1)] == [None, None]
    assert table.sides[0].party.exposed
    second = repeated(table)
    with pytest.raises(Refused, match="no more answers"):
        second.sides[0].party.mark([True, True])
    second.run()
    result = second.sides[0].party.result()
    assert result is not None
    assert (result.joint, result.among, result.partial) == ((0,), table.params.sides[:2], True)
    assert second.sides[1].party.result() == result


def test_a_re_run_is_for_those_who_were_not_named_and_who_follow() -> None:
    table = stopped([[True, True]] * 3)
    assert [table.sides[index].party.repeatable for index in (0, 1)] == [True, True]
    watcher = Party.watch(table.params, threads=1)
    for author, data in table.log:
        watcher.take(data, author)
    seen = [watcher.repeatable]
    watcher.expire()
    assert [*seen, watcher.repeatable] == [False, True]
    whole = Table.of(params(3, 1), [[True]] * 3).run().sides[0].party
    assert whole.result() is not None
    assert not whole.repeatable
    follower = Party.watch(params(3, 1), threads=1)
    for author, data in Table.of(params(3, 1), [[True]] * 3).run().log:
        follower.take(data, author)
    assert follower.result() is not None
    assert not follower.repeatable
    assert (
        watcher.inputs_name == table.sides[0].party.inputs_name == table.sides[0].party.transcript.inputs_name
    )


def test_whoever_was_named_takes_no_part_in_a_re_run() -> None:
    table = Table.of(params(3, 1), [[True]] * 3)
    late = table.sides[0]
    table.run(until=lambda: Slot(0, Round.INPUTS, 0) in late.party.transcript.held)
    late.party = Party.resume(late.party.encode(), 0, random=stream("late"), threads=1, now=3)
    table.run()
    late.party.expire()
    assert late.party.ended is not None
    assert late.party.ended.sides == (0,)
    assert not late.party.repeatable


def test_who_answers_otherwise_the_second_time_is_blamed() -> None:
    def otherwise(hand: Hand, message: Message) -> list[bytes]:
        if message.round is not Round.INPUTS:
            return [encode(message)]
        seen = hand.party.transcript
        made = prepare(seen.keys.joint, seen.bases, stream("otherwise"), 1)
        body = inputs_body(seen.place(message.slot), made, [one.yes for one in made], [bytes(32)] * len(made))
        session = session_of.pop()
        return [encode(written(message.sid, message.slot, message.prev, body, session))]

    table = stopped([[True, True], [False, False], [True, True]])
    second = repeated(table, otherwise)
    session_of = [decode(second.sides[1].party.encode(), Kept).session_seed]
    second.run()
    blame = second.sides[0].party.blame()
    assert blame is not None
    assert (blame.side, blame.reason) == (
        1,
        "A side answers otherwise than in the sounding that is repeated.",
    )
    assert blame.messages[0] == encode(table.said(1, Round.INPUTS))


def test_a_false_share_in_a_re_run_is_its_own_evidence() -> None:
    def false(_: Hand, message: Message) -> list[bytes]:
        if message.round is not Round.SHARES:
            return [encode(message)]
        body = message.body[:64] + message.body[96:128] + message.body[96:]
        return [encode(written(message.sid, message.slot, message.prev, body, session))]

    second = repeated(stopped([[True, True]] * 3), false)
    session = decode(second.sides[1].party.encode(), Kept).session_seed
    second.run()
    blame = second.sides[0].party.blame()
    assert blame is not None
    assert (blame.side, len(blame.messages)) == (1, 1)


def test_a_re_run_happens_once_among_exactly_those_who_are_left_and_only_for_want_of_a_share() -> None:
    table = stopped([[True, True]] * 3)
    party = table.sides[0].party
    again = party.repeated(b"H" * 32, b"N" * 32, (4, 5, 6))
    for wrong in (
        {"sides": table.params.sides},
        {"options": ("x", "y")},
        {"binding": True},
        {"parent": b"x" * 32},
    ):
        with pytest.raises(Refused):
            party.repeat(msgspec.structs.replace(again, **wrong))
    with pytest.raises(Refused):
        Party.open(again, 0)
    party.repeat(again)
    with pytest.raises(Refused):
        party.repeat(again)
    second = repeated(stopped([[True, True]] * 3))
    second.send()
    second.sides[0].party.expire()
    with pytest.raises(Refused):
        second.sides[0].party.repeated(b"H" * 32, b"N" * 32, (4, 5, 6))


def test_whoever_kept_its_own_share_back_has_no_part_in_a_re_run() -> None:
    table, before = before_shares(3)
    table.run()
    late = Party.resume(before, 0, random=stream("late"), threads=1, now=3)
    for author, data in table.log:
        if author != 0:
            late.take(data, author)
    late.expire()
    assert late.ended is not None
    assert late.ended.sides == (0,)
    with pytest.raises(Refused, match="no answers left"):
        late.repeat(late.repeated(b"H" * 32, b"N" * 32, (4, 5, 6)))


@pytest.mark.parametrize(
    ("sides", "kind", "silent"),
    [
        (3, Kind.FIRST, Round.SHARES),
        (3, Kind.DRAWN, Round.SHARES),
        (2, Kind.ALL, Round.SHARES),
        (3, Kind.ALL, Round.INPUTS),
    ],
)
def test_what_cannot_be_repeated_keeps_no_answers(sides: int, kind: Kind, silent: Round) -> None:
    def twist(hand: Hand, said: Message) -> list[bytes]:
        return [hand.sign(said)] * (said.round is not silent)

    table = Table.of(
        params(sides, 2, kind, int(kind in {Kind.FIRST, Kind.DRAWN})), [[True, True]] * sides, {1: twist}
    ).run()
    party = table.sides[0].party
    party.expire()
    with pytest.raises(Refused):
        party.repeated(b"H" * 32, b"N" * 32, (4, 5, 6))
    assert decode(party.encode(), Kept).openings == b""
