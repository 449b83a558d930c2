"""Attacks on what is said in a room: backdated, replayed, told twice, told to some, put in another's name."""

from pathlib import Path

import pytest
from msgspec import structs

from backchannel.channel.event import MAX_NUMBER, audience_hash, event_id
from backchannel.channel.log import arrival
from backchannel.channel.parcel import Parcel
from backchannel.crypto.cell_cipher import open_cell, seal_cell
from backchannel.crypto.envelope import parse_envelope
from backchannel.desk import acts
from backchannel.desk.sending import post, record, say
from backchannel.desk.taking import Taken, take_envelope
from backchannel.errors import Violation
from backchannel.moves.paper import standing
from backchannel.wire.cells import ENVELOPE_ID_BYTES, Piece, Reassembly, cut
from backchannel.wire.codec import encode

from desks import Stage, in_talks, record as rows  # isort: skip

from insiders import common, event_of, paper, three


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


@pytest.mark.parametrize(
    "trick",
    [
        {"epoch": 9},
        {"epoch": 3, "kind": "epoch"},
        {"number": MAX_NUMBER - 1},
        {"number": MAX_NUMBER - 1, "parents": ()},
    ],
)
def test_no_epoch_or_number_that_a_member_makes_up_silences_the_others(
    tmp_path: Path, trick: dict[str, object]
) -> None:
    stage, anna, boris, carl = three(tmp_path)
    room = boris.room
    boris.show("before")
    stage.settle()
    assert room.seating.epoch.number == 2
    is_epoch = trick.get("kind") == "epoch"
    body = {"body": encode(room.seating.epoch)} if is_epoch else {}
    event = encode(event_of(room, "made up", **trick, **body))
    annex = room.annex(room.ways[-1].event) if is_epoch else b""
    with room.changing():
        post(room, Parcel("event", b"s" * 32, event, annex, None), [anna.room.me, carl.room.me])
    stage.settle()
    made_up = anna.room.log.entries.get(event_id(b"s" * 32, event))
    assert made_up is not None
    numbers = []
    for seat in (anna, carl):
        entry = seat.show(f"{seat.name} goes on")
        assert entry.void is None
        numbers.append(entry.event.number)
        stage.settle()
    assert numbers == ([MAX_NUMBER - 1] * 2 if trick.get("parents") == () else [2, 3])
    assert {"Anna goes on", "Carl goes on"} <= set(anna.texts())
    assert common(anna.room, carl.room)
    stage.close()
