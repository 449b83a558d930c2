"""Need-to-know lists: who makes them, who holds what they are about, and what a desk notices before it is said elsewhere."""

from pathlib import Path

import pytest

from backchannel.channel.log import Log
from backchannel.channel.members import Charter, Role
from backchannel.desk import acts, need_to_know
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.errors import OutOfMandate, Refused, Violation
from backchannel.moves.need_to_know import NeedToKnow, parse, standing
from backchannel.wire.codec import encode
from desks import DAY_MS, URL, Stage, in_talks
from pens import paper
from round_table import in_any_order, seated, tell

TEXT = "The missiles in Turkey will be gone within five months, and nobody will say so."


def listed(log: Log) -> list[tuple[str, ...]]:
    return [one.people for _, _, one in standing(log)]


@pytest.mark.parametrize(
    "body",
    [
        NeedToKnow(bytes(31), ("Ada",)),
        NeedToKnow(bytes(32), ()),
        NeedToKnow(bytes(32), ("Ada", "Ada")),
        NeedToKnow(bytes(32), ("",)),
        NeedToKnow(bytes(32), ("x" * 121,)),
        NeedToKnow(bytes(32), tuple(map(str, range(65)))),
    ],
)
def test_a_list_out_of_its_bounds_is_refused(body: NeedToKnow) -> None:
    parse("need-to-know", encode(NeedToKnow(bytes(32), ("Ada",))))
    with pytest.raises(Violation, match="need-to-know list"):
        parse("need-to-know", encode(body))


def test_only_the_authors_side_says_who_may_know_and_its_last_word_stands_in_any_order_of_arrival() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Abe", "A", "adviser"))
    ada, ben, abe = pens.values()
    item = tell(world, ada, "paper", paper(TEXT), 1, item=True)
    tell(world, ben, "need-to-know", NeedToKnow(item.id, ("Ben",)), 2)
    assert in_any_order(world, ben, listed) == []
    tell(world, ada, "need-to-know", NeedToKnow(item.id, ("Ada", "Ben")), 3)
    tell(world, abe, "need-to-know", NeedToKnow(item.id, ("Ada",)), 4)
    tell(world, ada, "need-to-know", NeedToKnow(bytes(32), ("Ada",)), 5)
    assert in_any_order(world, ada, listed) == [("Ada",)]


def test_a_list_of_what_its_author_had_not_seen_is_none() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Abe", "A", "adviser"))
    ada, abe = pens.values()
    item = ada.write("paper", paper(TEXT), 1, item=True)
    tell(world, abe, "need-to-know", NeedToKnow(item.id, ("Abe",)), 1, alone=True)
    world.say(ada, item)
    world.settle()
    assert in_any_order(world, abe, listed) == []


def test_two_lists_that_crossed_leave_the_same_one_standing_on_every_desk() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Abe", "A", "adviser"))
    ada, abe = pens.values()
    item = tell(world, ada, "paper", paper(TEXT), 1, item=True)
    later = abe.write("need-to-know", NeedToKnow(item.id, ("Abe",)), 9)
    tell(world, ada, "need-to-know", NeedToKnow(item.id, ("Ada",)), 5, alone=True)
    world.say(abe, later)
    world.settle()
    assert in_any_order(world, ada, listed) == in_any_order(world, abe, listed) == [("Abe",)]


def talks(folder: Path) -> tuple[Stage, Desk, Room, Room]:
    """Anna, Boris and Clara in one room, and Anna with Clara in another, where only Boris may know what she told him."""
    stage = in_talks(folder, "Anna", "Boris")
    anna = stage.seats["Anna"]
    charter = Charter("Aside", "channel", "shuttle", "for-you-only", 30 * 86_400, 8192, stage.now)
    aside = anna.desk.open_room(charter, name="Anna", side="A", role=Role.PRINCIPAL, relay=URL, now=stage.now)
    clara = stage.sit("Clara")
    address, words = anna.desk.invite(aside, side="C", role=Role.OBSERVER, name="Clara", now=stage.now)
    stage.settle()
    clara.desk.join(address, words, "Clara", stage.now)
    stage.settle()
    stage.admit_all()
    assert clara.room.seated
    return stage, anna.desk, anna.room, aside


def test_words_of_a_listed_text_are_noticed_before_they_are_said_to_somebody_who_is_not_on_the_list(
    tmp_path: Path,
) -> None:
    stage, desk, first, aside = talks(tmp_path)
    told = acts.show(first, TEXT, now=stage.now)
    need_to_know.limit(first, told.id, ["anna", "BORIS"], stage.now)
    for again in (TEXT, "I tell you: the Missiles in Turkey; will be gone — within FIVE months."):
        with pytest.raises(OutOfMandate, match="only anna and BORIS are to know, and Clara would read it"):
            need_to_know.check(desk, aside, again)
    with pytest.raises(OutOfMandate):
        need_to_know.check(desk, aside, "The missiles in Turkey will be gone within")
    need_to_know.check(desk, aside, "missiles in Turkey will be gone within a year")
    need_to_know.check(desk, first, TEXT)
    need_to_know.limit(first, told.id, ["Boris", "Clara"], stage.now)
    need_to_know.check(desk, aside, TEXT)
    need_to_know.limit(first, told.id, ["Anna", "Boris"], stage.now)
    acts.withdraw(first, told.id, stage.now)
    need_to_know.check(desk, aside, TEXT)
    stage.close()


def test_who_holds_a_text_since_when_is_read_off_the_receipts_and_nobody_holds_one_that_is_gone(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats.values()
    told = anna.show(TEXT)
    need_to_know.limit(anna.room, told.id, ["Anna"], stage.now)
    boris.skew = 7_000
    assert need_to_know.holders(anna.room, told.id) == [(anna.room.me, stage.now)]
    stage.settle()
    wanted = [(anna.room.me, stage.now), (boris.room.me, stage.now + 7_000)]
    assert need_to_know.holders(anna.room, told.id) == need_to_know.holders(boris.room, told.id) == wanted
    with pytest.raises(Refused, match="said by A"):
        need_to_know.limit(boris.room, told.id, ["Boris"], stage.now)
    with pytest.raises(Refused, match="nothing here to limit"):
        need_to_know.limit(anna.room, anna.room.log.root, ["Anna"], stage.now)
    stage.now += 91 * DAY_MS
    stage.settle()
    assert need_to_know.holders(anna.room, told.id) == []
    assert standing(anna.room.log) == []
    with pytest.raises(Refused, match="gone from every desk"):
        need_to_know.limit(anna.room, told.id, ["Anna"], stage.now)
    stage.close()
