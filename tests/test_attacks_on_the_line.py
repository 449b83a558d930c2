"""Attacks on envelopes, sessions and files at rest: what a relay, a roll-back or a bad key can do."""

import hashlib
import shutil
from pathlib import Path

import pytest

from backchannel.channel.log import arrival
from backchannel.channel.parcel import Advert, Annex, Parcel
from backchannel.crypto.session import Account
from backchannel.desk import acts
from backchannel.desk.sending import post
from backchannel.errors import Refused
from backchannel.moves.paper import Attachment
from backchannel.wire.codec import encode

from desks import in_talks  # isort: skip

from insiders import author_of, event_of, paper, three


def test_a_low_order_advert_keeps_the_old_key_and_names_its_author(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room = anna.room
    old = boris.room.peers[room.me].kem_public
    used = {peer.id: peer.kem_used for peer in room.peers.values()}
    for peer in room.peers.values():
        peer.kem_used = max(room.kem)  # so that the advert below is the one that goes
    low = room.kem[max(room.kem)].key.public[:-32] + bytes(32)
    event = event_of(room, "with a bad key")
    with room.changing():
        came = arrival(b"s" * 32, encode(event), direct=True)
        room.save_event(came, b"", stage.now)
        room.log.add(came)
        parcel = Parcel("event", b"s" * 32, encode(event), b"", Advert(99, low))
        post(room, parcel, [boris.room.me, carl.room.me])
        for peer in room.peers.values():
            peer.kem_used = used[peer.id]
    stage.settle()
    assert boris.texts() == ["with a bad key"]
    assert "Anna advertised a key that cannot be used; the old one stays." in boris.refusals
    assert boris.room.peers[room.me].kem_public == old
    boris.show("goes on")
    stage.settle()
    assert anna.texts() == carl.texts() == ["with a bad key", "goes on"]
    stage.close()


def test_a_rolled_back_vault_freezes_before_it_sends(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    anna.desk.close()
    shutil.copytree(anna.home, tmp_path / "image")
    anna.desk = type(anna.desk).open(anna.home, b"k" * 32)
    anna.got = {}
    for number in range(3):
        anna.show(f"later {number}")
    stage.calm()
    anna.desk.close()
    shutil.rmtree(anna.home)
    shutil.copytree(tmp_path / "image", anna.home)
    anna.desk = type(anna.desk).open(anna.home, b"k" * 32)
    anna.got = {}
    anna.show("from the old state")
    sent = {name: len(drop.cells) for name, drop in stage.relay.drops.items()}
    anna.turn()
    assert {name: len(drop.cells) for name, drop in stage.relay.drops.items()} == sent
    assert anna.room.frozen
    with pytest.raises(Refused, match="frozen"):
        anna.show("again")
    anna.reopen()
    assert anna.room.frozen
    stage.settle()
    assert boris.texts() == [f"later {number}" for number in range(3)]
    assert not boris.room.log.forks()
    stage.close()


def test_a_vault_behind_what_its_peers_acknowledge_freezes_too(tmp_path: Path) -> None:
    """The relay hides our own later messages, but what a peer says follows them."""
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    anna.desk.close()
    shutil.copytree(anna.home, tmp_path / "image")
    anna.desk = type(anna.desk).open(anna.home, b"k" * 32)
    drop = stage.relay.drops[anna.room.way().transport.drop]
    start = len(drop.cells)
    anna.show("later")
    stage.settle()
    anna.desk.close()
    shutil.rmtree(anna.home)
    shutil.copytree(tmp_path / "image", anna.home)
    anna.desk = type(anna.desk).open(anna.home, b"k" * 32)
    anna.got = {}
    own = {
        index
        for index in range(start, len(drop.cells))
        if author_of(anna.room, drop.cells[index]) == anna.room.me
    }
    drop.swallowed["Anna"] = own
    drop.views["Anna"] = [index for index in drop.views["Anna"] if index not in own]
    boris.show("what do you say?")
    stage.settle()
    assert not anna.room.frozen  # what Boris says rests on keys that this copy never had
    for _ in range(20):
        stage.now += 61_000
        stage.settle()
    assert "never s" in anna.room.frozen
    stage.close()


def test_a_broken_session_starts_anew_from_a_spare_key_and_loses_nothing(tmp_path: Path) -> None:
    for broken, other in (("Anna", "Boris"), ("Boris", "Anna")):
        stage = in_talks(tmp_path / broken, "Anna", "Boris")
        one, two = stage.seats[broken], stage.seats[other]
        one.show("before")
        stage.calm()
        with one.room.changing():
            stranger = Account.create(1)
            one.room.peers[two.room.me].session = Account.create(0).open_to(
                stranger.identity, stranger.one_time_keys[0]
            )
            one.room.save_peer(one.room.peers[two.room.me])
        two.show("does not open")
        one.show("opens nowhere")
        for _ in range(15):
            stage.settle()
            stage.now += 61_000
        stage.calm()
        assert one.texts() == two.texts()
        assert {"before", "does not open", "opens nowhere"} == set(one.texts())
        two.show("goes on")
        stage.calm()
        assert "goes on" in one.texts()
        stage.close()


def test_a_hundred_reversed_messages_all_arrive_in_order(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    drop = stage.relay.drops[anna.room.way().transport.drop]
    start = len(drop.cells)
    for number in range(100):
        anna.show(f"text {number}")
    anna.turn()
    anna.turn()
    assert len(drop.cells) >= start + 100
    drop.views["Boris"].extend(reversed(range(start, len(drop.cells))))
    stage.calm()
    assert boris.texts() == [f"text {number}" for number in range(100)]
    stage.close()


def test_wrong_files_beside_a_paper_are_refused_and_the_right_ones_arrive(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room, data = anna.room, b"the true map"
    named = (Attachment("map.png", len(data), hashlib.sha256(data).digest()),)
    event = encode(event_of(room, "", body=encode(paper("see the map", named))))
    with room.changing():
        came = arrival(b"s" * 32, event, direct=True)
        room.save_event(came, encode(Annex((data,))), stage.now)
        (entry,) = room.log.add(came)
        post(room, Parcel("event", b"s" * 32, event, encode(Annex((b"another map",))), None), [boris.room.me])
    stage.settle()
    assert boris.texts() == []
    assert any("other attachments" in refusal for refusal in boris.refusals)
    with room.changing():
        post(
            room,
            Parcel("event", b"s" * 32, event, encode(Annex((data,))), None),
            [boris.room.me, carl.room.me],
        )
    stage.settle()
    assert (
        acts.attached(boris.room, entry.id)
        == acts.attached(carl.room, entry.id)
        == [("map.png", b"the true map")]
    )
    stage.close()
