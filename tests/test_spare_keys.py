"""Junk in a member's name uses up the keys to start anew with them, and that costs nobody a word."""

import secrets
from pathlib import Path

from backchannel.channel.members import MAX_MEMBERS
from backchannel.crypto.cell_cipher import seal_cell
from backchannel.crypto.envelope import Envelope, WrapHeader, seal_wrap
from backchannel.crypto.session import Account
from backchannel.desk import acts
from backchannel.desk.restarting import AGAIN_MS
from backchannel.wire.cells import ENVELOPE_ID_BYTES, cut
from backchannel.wire.codec import encode

from desks import Manners, Seat, Stage  # isort: skip
from insiders import three

MINUTE_MS = 60_000


def junk(stage: Stage, author: Seat, claimed: Seat, reader: Seat) -> None:
    """Let a member put a message on the drop that says it is another's and opens nowhere."""
    room, victim = author.room, reader.room
    key = room.peers[victim.me]
    turn = victim.peers[claimed.room.me].taken + 1
    header = WrapHeader(room.id, claimed.room.me, victim.me, turn, 0, key.kem_seq)
    wrap = seal_wrap(b"\x01" + secrets.token_bytes(200), header, key.kem_public, key.kem_seq)
    envelope = Envelope(
        1, claimed.room.me, 10**6, secrets.token_bytes(16), (wrap,), secrets.token_bytes(1040)
    )
    transport = room.way().transport
    for piece in cut(encode(envelope), transport.cell_size, secrets.token_bytes(ENVELOPE_ID_BYTES)):
        stage.relay.drops[transport.drop].cells.append(seal_cell(room.way().key, transport.drop, piece))


def provoke(stage: Stage, carl: Seat, *pair: Seat) -> None:
    """Let Carl send junk in two others' names, and neither hear from the other for longer than they wait."""
    junk(stage, carl, *pair)
    junk(stage, carl, *reversed(pair))
    wait(stage, *pair)
    stage.calm()
    stage.now += AGAIN_MS


def wait(stage: Stage, *seats: Seat) -> None:
    """Let a quarter of an hour pass in which these desks read and nothing of theirs goes out."""
    stage.relay.manners = Manners(lose_call=1.0)
    for _ in range(15):
        for seat in seats:
            seat.turn()
        stage.now += MINUTE_MS


def break_line(seat: Seat, other: Seat) -> None:
    stranger, peer = Account.create(1), seat.room.peers[other.room.me]
    with seat.room.changing():
        peer.session = Account.create(0).open_to(stranger.identity, stranger.one_time_keys[0])
        seat.room.save_peer(peer)


def test_keys_used_up_by_junk_cost_nobody_a_word_and_a_broken_line_is_named_with_the_way_out(
    tmp_path: Path,
) -> None:
    stage, anna, boris, carl = three(tmp_path)
    one, two = anna.room.peers[boris.room.me], boris.room.peers[anna.room.me]
    provoke(stage, carl, anna, boris)
    assert (one.one_time_keys_used, two.one_time_keys_used) == (1, 1)
    spares = len(anna.room.credential_of(boris.room.me).one_time_keys) - MAX_MEMBERS
    for peer in (one, two):
        peer.one_time_keys_used = spares - 1  # as after so many days of it
    for _ in range(2):
        provoke(stage, carl, anna, boris)
    assert (one.one_time_keys_used, two.one_time_keys_used) == (spares, spares)
    anna.show("still heard")
    boris.show("heard as well")
    stage.calm()
    texts = anna.texts()
    assert set(texts) == {"still heard", "heard as well"}
    assert boris.texts() == carl.texts() == texts
    assert not any(seat.troubles for seat in (anna, boris, carl))

    for seat, other in ((anna, boris), (boris, anna)):
        break_line(seat, other)
        seat.show(f"{seat.name} on a broken line")
    for _ in range(15):
        stage.settle()
        stage.now += MINUTE_MS
    for seat, other in ((anna, boris), (boris, anna)):
        (trouble,) = seat.troubles
        assert f"Nothing from {other.name} has opened here since" in trouble
        assert "invite them again" in trouble
    assert not carl.troubles

    former = boris.room.me
    acts.remove(anna.room, former, "the line is broken", stage.now)
    stage.settle()
    acts.remove(carl.room, former, "the line is broken", stage.now)
    stage.calm()
    assert not anna.troubles
    said = {f"{name} on a broken line" for name in ("Anna", "Boris")}
    assert {*texts, *said} == set(anna.texts()) == set(carl.texts())
    assert f"{boris.name} on a broken line" in boris.texts()
    boris.desk.forget(boris.room.id)
    stage.bring("Anna", "Boris", "B")
    boris.show("back")
    anna.show("welcome")
    stage.calm()
    assert {"back", "welcome"} <= set(anna.texts()) & set(boris.texts()) & set(carl.texts())
    stage.close()
