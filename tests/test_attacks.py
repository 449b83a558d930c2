"""Each attack on a room that somebody inside it, or its relay, can try against real desks, by its name."""

import hashlib
import random
import shutil
from pathlib import Path

import pytest
from msgspec import structs

from backchannel.channel.event import Event, EventId, audience_hash
from backchannel.channel.log import arrival
from backchannel.channel.members import Credential, Epoch, Request, member_id, transport_hash
from backchannel.channel.parcel import Advert, Annex, Parcel
from backchannel.crypto.cell_cipher import open_cell, seal_cell
from backchannel.crypto.envelope import parse_envelope
from backchannel.crypto.keys import KemKey
from backchannel.crypto.session import Account
from backchannel.desk import acts
from backchannel.desk.keeping import new_transport
from backchannel.desk.meeting import Stage as Meeting
from backchannel.desk.room import Room
from backchannel.desk.sending import post, record, say
from backchannel.desk.taking import Taken, take_envelope
from backchannel.errors import Refused, Violation
from backchannel.moves.paper import Attachment, Paper, Status, standing
from backchannel.wire.cells import ENVELOPE_ID_BYTES, Piece, Reassembly, cut
from backchannel.wire.codec import encode

from desks import DAY_MS, Seat, Stage, in_talks, record as rows  # isort: skip
from test_vault import pages

CANARY = "the seventh island is for sale"


def three(folder: Path) -> tuple[Stage, Seat, Seat, Seat]:
    stage = in_talks(folder, "Anna", "Boris", "Carl")
    anna, boris, carl = stage.seats.values()
    return stage, anna, boris, carl


def paper(text: str, attachments: tuple[Attachment, ...] = ()) -> Paper:
    return Paper("talk", "not-stated", "not-stated", "for-you-only", text, None, (), None, attachments)


def event_of(room: Room, text: str, **other: object) -> Event:
    """Write an event as this member could, honestly or not."""
    seating = room.seating
    fields: dict[str, object] = {
        "version": 1, "room": room.id, "author": room.me, "seq": room.log.next_seq(room.me),
        "prev": room.log.last_by(room.me), "epoch": seating.epoch.number, "parents": room.log.head_refs(),
        "audience": seating.audience_hash(), "number": room.log.highest() + 1, "at": 0, "kind": "paper",
        "body": encode(paper(text)),
    }  # fmt: skip
    return Event(**(fields | other))  # type: ignore[arg-type]


def common(one: Room, other: Room) -> bool:
    """Whether two desks' records are equal from the epoch on that both have."""
    start = max(one.log.first_epoch, other.log.first_epoch)
    told = [[row for row in rows(room) if room.entry(row[0]).event.epoch >= start] for room in (one, other)]
    return told[0] == told[1]


def whole_file(room: Room) -> bytes:
    """Everything a thief with every key finds in a room's file and write-ahead log."""
    row = room_key(room)
    return pages(room.db.path, row)


def room_key(room: Room) -> bytes:
    return room_keys[room.id, room.db.path.parent]


room_keys: dict[tuple[bytes, Path], bytes] = {}


def learn_keys(stage: Stage) -> None:
    for seat in stage.seats.values():
        for rid, key in seat.desk.vault.master.all("SELECT id, key FROM rooms"):
            room_keys[rid, seat.home / "rooms"] = key


# -- first contact and membership -----------------------------------------------------------------------------


def test_a_substituted_newcomer_key_is_another_person_to_every_approver(tmp_path: Path) -> None:
    stage, anna, boris, _ = three(tmp_path)
    vera = stage.sit("Vera")
    stage.meet("Boris", "Vera", "C")
    (motion,) = [known for known in anna.room.seating.motions.values() if not known.carried]
    assert motion.credential is not None
    account, key = Account.create(32), KemKey.generate()
    swapped = structs.replace(
        motion.credential,
        identity=account.identity,
        one_time_keys=account.one_time_keys,
        kem_public=key.public,
    )
    with boris.room.changing():  # Boris puts keys of his own before the room, under Vera's name
        entry = say(boris.room, "request", encode(Request(encode(swapped))), stage.now)
    assert entry.void is None
    stage.settle()
    subjects = {known.subject for known in anna.room.seating.motions.values() if not known.carried}
    assert member_id(encode(vera.room.credential)) in subjects
    assert (
        len(subjects) == 2
    )  # both are shown; only the hash of Vera's own keys, which she can read out, is hers
    (false,) = subjects - {member_id(encode(vera.room.credential))}
    acts.admit(
        anna.room, next(m.id for m in anna.room.seating.motions.values() if m.subject == false), stage.now
    )
    stage.settle()
    assert not vera.room.seated
    stage.close()


def test_nobody_is_seated_by_one_persons_yes(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    stage.sit("Vera")
    stage.meet("Anna", "Vera", "A")
    motion = next(iter(anna.room.seating.motions.values()))
    acts.admit(anna.room, motion.id, stage.now)
    stage.settle()
    with pytest.raises(Refused, match="said yes already"):
        acts.admit(anna.room, motion.id, stage.now)
    assert len(boris.room.seating.seated) == 2
    assert not stage.seats["Vera"].room.seated
    stage.close()


def test_two_of_one_side_alone_do_not_seat_anybody_where_there_is_another_side(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris", "Carl", "Dora")  # Dora is of Anna's side
    anna, _, _, dora = stage.seats.values()
    stage.sit("Vera")
    stage.meet("Anna", "Vera", "A")
    for seat in (anna, dora):
        motion = next(m for m in seat.room.seating.motions.values() if not m.carried)
        acts.admit(seat.room, motion.id, stage.now)
        stage.settle()
    assert not stage.seats["Vera"].room.seated
    assert motion.awaits or not motion.carried
    stage.close()


def test_a_keeper_who_seats_somebody_unapproved_changes_nothing(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room, account = anna.room, Account.create(32)
    ghost = Credential(
        1,
        room.id,
        "Ghost",
        "A",
        "observer",
        account.identity,
        account.one_time_keys,
        KemKey.generate().public,
    )
    old = room.seating.epoch
    roster = (*old.roster, encode(ghost))
    transport = new_transport("http://relay.example", b"", 8192, old.retention_seconds)
    body = Epoch(
        old.number + 1, old.charter, roster, (), (), old.retention_seconds, (), transport_hash(transport)
    )
    readers = [boris.room.me, carl.room.me]
    event = event_of(
        room, "", kind="epoch", body=encode(body), epoch=body.number, number=room.log.highest(),
        audience=audience_hash(tuple(map(member_id, roster)), body.number),
    )  # fmt: skip
    with room.changing():
        entry = record(room, event, readers, encode(transport), stage.now)
    assert entry.void is not None
    stage.settle()
    for seat in (boris, carl):
        found = next(known for known in seat.room.log.entries.values() if known.id == entry.id)
        assert found.void == "no change of the room's keys was due"
        assert len(seat.room.seating.seated) == 3
        assert transport.drop not in {way.transport.drop for way in seat.room.ways}
    stage.close()


@pytest.mark.parametrize(
    "name", ["Anna", "anna", "\u0410nna", "Ann\u0430", " A n n a", "\uff21nna", "Anna\u200b"]
)
def test_a_guest_cannot_take_a_name_that_looks_like_somebodys(tmp_path: Path, name: str) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, vera = stage.seats["Anna"], stage.sit("Vera")
    address, words = anna.desk.invite(anna.room, side="C", role="observer", name="Vera", now=stage.now)  # type: ignore[arg-type]
    stage.settle()
    try:
        vera.desk.join(address, words, name, stage.now)
    except Refused:
        stage.close()
        return
    stage.settle()
    assert anna.desk.meetings()[-1].stage is Meeting.FAILED
    assert "looks like" in anna.desk.meetings()[-1].why
    assert not anna.room.seating.motions
    stage.close()


@pytest.mark.parametrize("name", ["A\u202enna", "Vera\n", "Ve\x1b[31mra", "", "x" * 121])
def test_a_name_that_does_not_show_as_it_reads_is_refused_at_its_own_desk(tmp_path: Path, name: str) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, vera = stage.seats["Anna"], stage.sit("Vera")
    address, words = anna.desk.invite(anna.room, side="C", role="observer", name="Vera", now=stage.now)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        vera.desk.join(address, words, name, stage.now)
    vera.desk.join(address, words, "Vera", stage.now)  # the words are not spent by that
    stage.close()


def test_whoever_joins_has_nothing_of_what_was_said_before(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    stage.seats["Anna"].show(CANARY)
    stage.settle()
    stage.sit("Carl")
    stage.bring("Boris", "Carl", "C")
    stage.seats["Boris"].show("welcome")
    stage.calm()
    learn_keys(stage)
    carl = stage.seats["Carl"]
    assert carl.texts() == ["welcome"]
    assert CANARY.encode() in whole_file(stage.seats["Boris"].room)
    assert CANARY.encode() not in whole_file(carl.room)
    stage.close()


def test_whoever_is_removed_reads_nothing_later_and_sees_nothing_on_the_new_drop(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    acts.remove(anna.room, carl.room.me, "", stage.now)
    stage.settle()
    acts.remove(boris.room, carl.room.me, "", stage.now)
    stage.settle()
    anna.show(CANARY)
    stage.calm()
    assert boris.texts() == [CANARY]
    assert carl.texts() == []
    new = anna.room.way().transport
    assert new.drop not in {watch.drop for watch in carl.desk.watches()}
    cells = stage.relay.drops[new.drop].cells
    assert cells
    for way in carl.room.ways:
        assert way.transport.append != new.append
        assert all(open_cell(way.key, new.drop, cell) is None for cell in cells)
    with pytest.raises(Refused, match="no longer a member"):
        carl.show("still here")
    stage.close()


def test_somebody_of_the_same_side_removes_a_lost_device_alone(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris", "Carl", "Dora")  # Dora is of Anna's side
    anna, boris, _, dora = stage.seats.values()
    acts.remove(dora.room, anna.room.me, "device lost", stage.now)
    stage.calm()
    assert (
        anna.room.me not in boris.room.seating.seated
    )  # the keeper itself; the next in line issued the epoch
    boris.show("without the lost device")
    stage.calm()
    assert "without the lost device" in dora.texts()
    assert "without the lost device" not in anna.texts()
    stage.close()


# -- events ---------------------------------------------------------------------------------------------------


def test_a_backdated_event_of_a_removed_member_is_refused_once_all_know(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room = carl.room
    backdated = event_of(room, "I had accepted long ago")  # before Carl's desk has heard of anything
    acts.remove(anna.room, room.me, "", stage.now)
    for seat in (anna, boris, anna, boris):
        seat.turn()
    acts.remove(boris.room, room.me, "", stage.now)
    for _ in range(4):
        for seat in (anna, boris):
            seat.turn()
        stage.now += 1
    with room.changing():
        record(room, backdated, [anna.room.me, boris.room.me], b"", stage.now)
    stage.settle()
    for seat in (anna, boris):
        assert "I had accepted long ago" not in seat.texts()
    assert common(anna.room, boris.room)
    stage.close()


def test_an_event_replayed_into_another_room_of_the_same_people_is_nothing_there(tmp_path: Path) -> None:
    first, second = Stage(tmp_path / "one"), Stage(tmp_path / "two")
    for stage in (first, second):
        for name in ("Anna", "Boris"):
            stage.sit(name)
        stage.open_room("Anna")
        stage.bring("Anna", "Boris", "B")
    entry = first.seats["Anna"].show("yes")
    first.settle()
    way, other = first.seats["Boris"].room.way(), second.seats["Boris"].room
    before, pieces = rows(other), Reassembly()
    for place, cell in enumerate(first.relay.drops[way.transport.drop].cells):
        assert open_cell(other.way().key, other.way().transport.drop, cell) is None
        piece = open_cell(way.key, way.transport.drop, cell)
        assert piece is not None
        data = pieces.add(Piece.parse(piece), place)
        if data is None:
            continue
        envelope = parse_envelope(data)
        if (
            envelope.author == first.seats["Anna"].room.me
        ):  # an insider lifts it over, under a member of that room
            lifted = structs.replace(
                envelope,
                author=second.seats["Anna"].room.me,
                wraps=tuple(
                    structs.replace(
                        wrap, reader=other.me, n=other.peers[second.seats["Anna"].room.me].taken + 1
                    )
                    for wrap in envelope.wraps
                ),
            )
            with pytest.raises(Violation), other.changing():
                take_envelope(other, lifted, second.now, Taken())
    assert entry.salt is not None
    assert entry.data is not None
    with pytest.raises(Violation, match="another room"):
        other.log.add(arrival(entry.salt, entry.data, direct=True))
    assert rows(other) == before
    first.close()
    second.close()


def test_a_member_who_addresses_only_some_is_heard_by_all_in_the_end(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    with anna.room.changing():
        entry = record(anna.room, event_of(anna.room, "for Boris only"), [boris.room.me], b"", stage.now)
    stage.settle()
    boris.show("an answer", answers=[entry.id])
    stage.settle()
    assert carl.texts() == []  # what Boris said follows something that Carl has not got: shown as waiting
    assert carl.room.log.gaps().keys() == {entry.id}
    stage.now += 20_000
    stage.settle()
    assert entry.id in carl.room.log.handed  # Boris handed it on; it does not stand on Boris's word alone
    assert carl.texts() == []
    anna.show("something else")
    stage.calm()
    assert carl.texts() == boris.texts() == ["for Boris only", "an answer", "something else"]
    stage.close()


def test_an_event_that_claims_a_smaller_audience_does_not_stand(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room = anna.room
    small = audience_hash((room.me, boris.room.me), room.seating.epoch.number)
    with room.changing():
        entry = record(
            room, event_of(room, "between us", audience=small), [boris.room.me, carl.room.me], b"", stage.now
        )
    stage.settle()
    for seat in (boris, carl):
        assert seat.room.entry(entry.id).void == "it was not addressed to everyone in the room"
    stage.close()


def test_an_author_who_tells_two_stories_is_shown_to_both_readers(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room = anna.room
    event = event_of(room, "yes")
    with room.changing():
        record(room, event, [boris.room.me], b"", stage.now)
    other = structs.replace(event, body=encode(paper("no")))
    with room.changing():
        record(room, other, [carl.room.me], b"", stage.now)
    stage.settle()
    assert not boris.room.log.forks()
    for seat in (boris, carl):
        seat.show(f"{seat.name} answers")
    stage.calm()
    for seat in (boris, carl):
        (fork,) = seat.room.log.forks()
        assert fork.author == room.me
        assert len(fork.ids) == 2
    stage.close()


def test_a_relay_that_forks_the_room_leaves_two_records_and_says_so(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    anna.show("both have this")
    stage.calm()
    drop = stage.relay.drops[anna.room.way().transport.drop]
    seen = len(drop.cells)
    anna.show("only on Anna's branch")
    anna.turn()
    drop.swallowed["Boris"] = set(range(seen, len(drop.cells)))
    boris.show("only on Boris's branch")
    boris.turn()
    drop.swallowed["Anna"] = set(range(seen, len(drop.cells)))
    stage.settle()
    for seat in (anna, boris):
        assert len(seat.texts()) == 2
        assert seat.room.same_up_to(1) == 2
        assert seat.room.same_up_to(2) == 1
    drop.swallowed.clear()
    stage.calm()
    assert anna.texts() == boris.texts()
    assert len(anna.texts()) == 3
    assert [item.crossed != () for item in standing(anna.room.log, stage.now)] == [False, True, True]
    stage.close()


def test_an_insider_cannot_write_in_anothers_name(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    before = rows(boris.room)
    room = carl.room
    event = event_of(
        room,
        "Anna accepts",
        author=anna.room.me,
        seq=room.log.next_seq(anna.room.me),
        prev=room.log.last_by(anna.room.me),
    )
    with room.changing():
        salt = b"s" * 32
        post(room, Parcel("event", salt, encode(event), b"", None), [boris.room.me])
    stage.settle()
    assert rows(boris.room) == before
    assert any("somebody else's words" in refusal for refusal in boris.refusals)
    way = room.way()  # and under a false author on the envelope
    with room.changing():
        say(room, "paper", encode(paper("Anna accepts")), stage.now, item=True)
    cell = room.db.all("SELECT value FROM outgoing ORDER BY seq")[-1][0][48:]
    piece = open_cell(way.key, way.transport.drop, cell)
    assert piece is not None
    false = structs.replace(parse_envelope(Piece.parse(piece).data), author=anna.room.me)
    wrap = false.wrap_for(boris.room.me)
    assert wrap is not None
    false = structs.replace(false, wraps=(structs.replace(wrap, n=boris.room.peers[anna.room.me].taken + 1),))
    (cut_piece,) = cut(encode(false), 8192, bytes(ENVELOPE_ID_BYTES))
    stage.relay.drops[way.transport.drop].cells.append(seal_cell(way.key, way.transport.drop, cut_piece))
    boris.turn()
    assert rows(boris.room) == before
    anna.show("Anna goes on")  # her line is not harmed by what others put in her name
    stage.settle()
    assert "Anna goes on" in boris.texts()
    stage.close()


# -- the envelope and the line --------------------------------------------------------------------------------


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


def author_of(room: Room, cell: bytes) -> bytes:
    piece = open_cell(room.way().key, room.way().transport.drop, cell)
    assert piece is not None
    return parse_envelope(Piece.parse(piece).data).author


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


# -- forgetting -----------------------------------------------------------------------------------------------


def gone_everywhere(stage: Stage, eid: EventId, status: Status) -> None:
    learn_keys(stage)
    for seat in stage.seats.values():
        assert CANARY.encode() not in whole_file(seat.room), seat.name
        assert b"attached " + CANARY.encode() not in whole_file(seat.room)
        (item,) = [item for item in standing(seat.room.log, stage.now) if item.entry.id == eid]
        assert item.status is status
        assert item.body is None


def test_a_withdrawn_text_is_in_no_file_of_any_desk(tmp_path: Path) -> None:
    stage, anna, boris, _ = three(tmp_path)
    entry = anna.show(CANARY, files=[("a", b"attached " + CANARY.encode() * 500)])
    stage.settle()
    learn_keys(stage)
    assert CANARY.encode() in whole_file(boris.room)
    acts.withdraw(anna.room, entry.id, stage.now)
    stage.settle()
    gone_everywhere(stage, entry.id, Status.WITHDRAWN)
    stage.close()


def test_the_strictest_side_decides_how_long_texts_live_and_then_they_are_in_no_file(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    acts.retention(boris.room, 7 * 86_400, stage.now)
    acts.retention(carl.room, 30 * 86_400, stage.now)
    stage.calm()
    for seat in (anna, boris, carl):
        assert seat.room.seating.retention_seconds == 7 * 86_400
        assert seat.room.seating.retention_by_side == {"B": 7 * 86_400, "C": 30 * 86_400}
    acts.retention(boris.room, 60 * 86_400, stage.now)  # a side cannot take back that it asked for less
    entry = anna.show(CANARY)
    stage.calm()
    assert {seat.room.seating.retention_seconds for seat in stage.seats.values()} == {7 * 86_400}
    assert {seat.room.way().transport.ttl_seconds for seat in stage.seats.values()} == {7 * 86_400}
    stage.now += 7 * DAY_MS + 1
    stage.calm()
    gone_everywhere(stage, entry.id, Status.EXPIRED)
    stage.close()


def test_an_expired_text_is_taken_out_of_letters_still_on_their_way(tmp_path: Path) -> None:
    stage, anna, boris, carl = three(tmp_path)
    entry = anna.show(CANARY, expires=stage.now + 3_600_000)
    for seat in (anna, boris):
        seat.turn()
        seat.turn()
    drop = stage.relay.drops[anna.room.way().transport.drop]
    drop.swallowed["Carl"] = set(
        range(len(drop.cells))
    )  # Carl's desk was away until the relay had let go of it
    stage.now += 3_600_001
    anna.turn()
    learn_keys(stage)
    assert CANARY.encode() not in whole_file(anna.room)
    (letter,) = anna.room.db.all("SELECT body FROM letters WHERE about = ?", entry.id)
    assert letter[0]
    anna.show("later")
    stage.calm()
    gone_everywhere(stage, entry.id, Status.EXPIRED)
    assert common(anna.room, carl.room)
    stage.close()


def test_a_kill_between_an_erasure_and_its_flush_leaves_nothing_once_the_desk_is_opened(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna = stage.seats["Anna"]
    entry = anna.show(CANARY)
    stage.settle()
    anna.room._flush = False
    flush, anna.room.db.flush = anna.room.db.flush, lambda: None  # type: ignore[method-assign]
    acts.withdraw(anna.room, entry.id, stage.now)
    assert flush is not None
    anna.reopen()
    stage.settle()
    gone_everywhere(stage, entry.id, Status.WITHDRAWN)
    stage.close()


def test_chance_decides_nothing_here() -> None:
    """The relay of these tests is honest unless a test says otherwise."""
    relay = Stage(Path()).relay
    assert relay.manners == type(relay.manners)()
    assert random.Random(0).random() == relay.rng.random()
