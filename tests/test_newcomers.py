"""What somebody says before the line to a fellow member is set up reaches that member, even if the room moves on first."""

from pathlib import Path

from backchannel.desk import acts
from desks import DAY_MS, Stage, assert_nothing_untaken_is_acknowledged


def test_a_yes_said_before_the_line_was_set_up_reaches_who_still_reads_the_older_drop(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for name in ("Anna", "Boris", "Carl", "Dora"):
        stage.sit(name)
    stage.open_room("Anna", "A")
    stage.bring("Anna", "Boris", "A")
    stage.meet("Anna", "Carl", "B")
    boris = stage.seats.pop("Boris")
    (motion,) = [motion for motion in boris.room.seating.motions.values() if not motion.carried]
    acts.admit(boris.room, motion.id, boris.now)
    boris.turn()  # says yes to Carl, and then does not read that he came in
    stage.admit_all()
    stage.meet("Anna", "Dora", "C")
    stage.admit_all()  # Carl's yes waits for Boris, who opens the line between them
    assert stage.seats["Dora"].room.seated
    stage.seats["Boris"] = boris
    stage.calm()
    assert [seat.refusals for seat in stage.seats.values()] == [[], [], [], []]
    rooms = [seat.room for seat in stage.seats.values()]
    assert len({frozenset(room.log.heads) for room in rooms}) == 1
    assert {room.seating.epoch.number for room in rooms} == {3}
    stage.close()


def test_a_newcomer_whose_keeper_is_removed_at_that_moment_is_told_and_can_be_invited_again(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    anna, boris, dora, carl = (stage.sit(name) for name in ("Anna", "Boris", "Dora", "Carl"))
    stage.open_room("Anna", "A")
    stage.bring("Anna", "Boris", "B")
    stage.bring("Anna", "Dora", "C")
    stage.meet("Boris", "Carl", "B")
    keeper = anna.room.me
    (asked,) = [motion.id for motion in boris.room.seating.motions.values() if not motion.carried]
    acts.remove(boris.room, keeper, "", stage.now)
    for seat in (boris, dora, anna):
        acts.admit(seat.room, asked, stage.now)
        boris.turn()
        if seat is not anna:
            anna.turn()
            dora.turn()
    anna.turn()  # lets Carl in, by an epoch of its own
    acts.remove(dora.room, keeper, "", stage.now)
    stage.calm()
    assert carl.room.seating.epoch.number < boris.room.seating.epoch.number == dora.room.seating.epoch.number
    (trouble,) = carl.troubles
    assert trouble.startswith(
        "Boris changed this room's keys, which as far as this desk was told only Anna could do"
    )
    assert not boris.troubles + dora.troubles
    assert keeper not in boris.room.seating.seated

    former = carl.room.me
    acts.remove(boris.room, former, "stranded", stage.now)
    stage.calm()
    carl.desk.forget(carl.room.id)
    stage.bring("Boris", "Carl", "B")
    carl.show("here")
    stage.calm()
    assert boris.texts() == dora.texts() == carl.texts() == ["here"]
    assert not any(seat.troubles for seat in (boris, dora, carl))
    stage.close()


def test_two_who_never_heard_from_each_other_before_every_key_had_aged_do_so_after_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for name in ("Anna", "Boris", "Carl"):
        stage.sit(name)
    stage.open_room("Anna", "A")
    stage.bring("Anna", "Boris", "A")
    stage.meet("Anna", "Carl", "B")
    boris = stage.seats.pop("Boris")
    (motion,) = [motion for motion in boris.room.seating.motions.values() if not motion.carried]
    acts.admit(boris.room, motion.id, boris.now)
    boris.turn()  # and is away before Carl is there
    stage.admit_all()
    carl = stage.seats["Carl"]
    assert carl.room.seated
    stage.now += 35 * DAY_MS
    stage.settle()
    carl.show("is anybody there?")
    stage.seats["Boris"] = boris
    assert carl.room.peers[boris.room.me].session is None
    rooms = [seat.room for seat in stage.seats.values()]
    for _ in range(40):  # a message taken before its turn acknowledges nothing that it came before
        for seat in stage.seats.values():
            seat.turn()
            assert_nothing_untaken_is_acknowledged(rooms)
        stage.now += 1_000
    stage.settle()
    boris.show("back")
    stage.calm()
    for seat in stage.seats.values():
        assert set(seat.texts()) == {"is anybody there?", "back"}
        assert not seat.troubles
        assert not seat.room.reopen
    stage.close()
