"""What comes after a sounding has ended: late words are nobody's fault, two for one place are their author's."""

import pytest

from backchannel.crypto.sounding.message import Round, Slot, parse_message, written
from backchannel.crypto.sounding.party import Party
from backchannel.errors import Violation
from backchannel.wire.codec import encode
from sounders import Table, params, secrets_of


def late_shares() -> tuple[Party, list[bytes]]:
    """Give a sounding of three that ended for want of shares, and the honest shares that come afterwards."""
    table = Table.of(params(3, 1), [[True], [True], [True]])
    table.run(until=lambda: table.sides[0].party.exposed)
    party = table.sides[0].party
    party.expire()
    table.run()
    late = [data for author, data in table.log if author != 0 and parse_message(data).round is Round.SHARES]
    return party, late


def test_two_things_said_in_one_place_after_the_end_are_blamed_on_their_author() -> None:
    party, (first, *_) = late_shares()
    said = parse_message(first)
    other = encode(written(said.sid, said.slot, said.prev, said.body[::-1], secrets_of("", said.sender)[1]))
    ended = party.ended
    party.take(first, said.sender)
    party.take(first, said.sender)
    assert party.blame() is None
    party.take(other, None)  # handed on by somebody else
    blame = party.blame()
    assert blame is not None
    assert (blame.side, blame.messages) == (said.sender, (first, other))
    assert party.ended == ended


def test_what_others_make_after_the_end_is_held_against_nobody() -> None:
    party, (first, second, *_) = late_shares()
    said, another = parse_message(first), parse_message(second)
    party.take(first, said.sender)
    forged = encode(written(said.sid, said.slot, said.prev, b"", secrets_of("", another.sender)[1]))
    with pytest.raises(Violation):
        party.take(forged, said.sender)
    for body in (b"", b"1"):
        stray = Slot(said.sender, Round.SHARES, 7)
        seed = secrets_of("", said.sender)[1]
        party.take(encode(written(said.sid, stray, said.prev, body, seed)), said.sender)
    party.take(second, another.sender)
    assert party.blame() is None


def test_whose_keys_never_came_is_blamed_for_nothing_after_the_end() -> None:
    """Who signed in their name cannot be told."""
    party = Table.of(params(2, 1), [[True], None]).sides[0].party
    party.expire()
    before = party.encode()
    for body in (b"", b"1"):
        made_up = written(
            party.params.sid, Slot(1, Round.INPUTS, 0), b"k" * 32, body, secrets_of("anybody", 1)[1]
        )
        party.take(encode(made_up), 1)
    assert party.encode() == before
    assert party.blame() is None


def test_blame_that_stands_is_not_replaced() -> None:
    party, (first, second, *_) = late_shares()
    for data in (first, second):
        said = parse_message(data)
        seed = secrets_of("", said.sender)[1]
        party.take(data, said.sender)
        party.take(encode(written(said.sid, said.slot, said.prev, said.body[::-1], seed)), said.sender)
    blame = party.blame()
    assert blame is not None
    assert blame.side == parse_message(first).sender
