"""What somebody says before the line to a fellow member is set up reaches that member, even if the room moves on first."""

from pathlib import Path

from backchannel.desk import acts
from desks import Stage


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
