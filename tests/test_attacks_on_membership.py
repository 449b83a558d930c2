"""Attacks on who is in a room, by somebody inside it, each by its name."""

from pathlib import Path

import pytest
from msgspec import structs

from backchannel.channel.event import audience_hash
from backchannel.channel.members import Credential, Epoch, Request, member_id, transport_hash
from backchannel.crypto.cell_cipher import open_cell
from backchannel.crypto.keys import KemKey
from backchannel.crypto.session import Account
from backchannel.desk import acts
from backchannel.desk.keeping import new_transport
from backchannel.desk.meeting import Stage as Meeting
from backchannel.desk.sending import record, say
from backchannel.errors import Refused
from backchannel.wire.codec import encode

from desks import in_talks  # isort: skip

from insiders import CANARY, event_of, learn_keys, three, whole_file


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
