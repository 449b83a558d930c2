"""Private links: what differs between parallel channels, and that no channel learns of the other."""

from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.members import Charter, Role
from backchannel.desk import acts, links
from backchannel.desk.desk import Desk
from backchannel.desk.links import Link
from backchannel.desk.room import Room
from backchannel.errors import Refused
from backchannel.moves.paper import Term
from desks import URL, Stage, in_talks

STAYS, GOES = Term("Turkey", "stay"), Term("Turkey", "go")
PLEDGE = Term("Invasion", "never")


def two_rooms(folder: Path) -> tuple[Stage, Room, Room]:
    """Seat Anna with Boris in one room, and alone in another."""
    stage = in_talks(folder, "Anna", "Boris")
    anna = stage.seats["Anna"]
    charter = Charter("Caucus", "channel", "caucus", "for-you-only", 86_400, 8192, stage.now)
    caucus = anna.desk.open_room(
        charter, name="Anna", side="A", role=Role.PRINCIPAL, relay=URL, now=stage.now
    )
    stage.settle()
    return stage, anna.room, caucus


def shown(stage: Stage, room: Room, *terms: Term) -> tuple[Room, EventId]:
    return room, acts.show(room, "words", terms=terms, now=stage.now).id


def only(desk: Desk, now: int) -> Link:
    (link,) = links.links(desk, now)
    return link


def test_a_link_changes_no_event_no_head_and_sends_no_cell(tmp_path: Path) -> None:
    stage, talks, caucus = two_rooms(tmp_path)
    desk = stage.seats["Anna"].desk
    items = [shown(stage, talks, STAYS), shown(stage, caucus, GOES)]
    stage.settle()

    def everything() -> object:
        rooms = [
            (room.log.heads, set(room.log.entries), room.db.all("SELECT * FROM letters"))
            for room in (talks, caucus)
        ]
        cells = {name: list(drop.cells) for name, drop in stage.relay.drops.items()}
        return rooms, cells, desk.to_send(), stage.seats["Boris"].room.log.heads

    before = everything()
    links.add(desk, "Two stories", items, stage.now)
    assert only(desk, stage.now).differences
    stage.settle()
    assert everything() == before
    links.drop(desk, only(desk, stage.now))
    stage.settle()
    assert everything() == before
    assert links.links(desk, stage.now) == []
    assert desk.vault.master.one("SELECT count(*) FROM notebook") == (0,)
    stage.close()


def test_what_is_said_otherwise_and_what_is_said_in_one_place_only_are_two_kinds_of_difference(
    tmp_path: Path,
) -> None:
    stage, talks, caucus = two_rooms(tmp_path)
    desk = stage.seats["Anna"].desk
    public, private = shown(stage, talks, STAYS, PLEDGE), shown(stage, caucus, GOES)
    links.add(desk, "Two stories", [public, private], stage.now)
    turkey, invasion = only(desk, stage.now).differences
    assert (turkey.issue, turkey.options, turkey.contradicts, turkey.silent) == (
        "Turkey",
        ["stay", "go"],
        True,
        (),
    )
    assert (invasion.issue, invasion.options, invasion.contradicts) == ("Invasion", ["never"], False)
    assert [place.room.id for place in invasion.silent] == [caucus.id]
    same = [shown(stage, talks, STAYS, PLEDGE), shown(stage, caucus, PLEDGE, STAYS)]
    links.add(desk, "One story", same, stage.now)
    links.add(desk, "Nothing", [shown(stage, talks), shown(stage, caucus)], stage.now)
    _, one, nothing = links.links(desk, stage.now)
    assert (one.differences, one.states_something) == ([], True)
    assert (nothing.differences, nothing.states_something) == ([], False)
    for title, items in (("One", [public]), ("Twice the same", [public, public]), ("", [public, private])):
        with pytest.raises(Refused):
            links.add(desk, title, items, stage.now)
    assert len(links.links(desk, stage.now)) == 3
    stage.close()


def test_a_text_that_is_withdrawn_over_or_of_a_forgotten_room_is_gone_from_the_link(tmp_path: Path) -> None:
    stage, talks, caucus = two_rooms(tmp_path)
    desk = stage.seats["Anna"].desk
    public, private = shown(stage, talks, STAYS), shown(stage, caucus, GOES)
    links.add(desk, "Two stories", [public, private], stage.now)
    acts.withdraw(talks, public[1], stage.now)
    here, there = only(desk, stage.now).places
    assert here.item is not None
    assert (here.item.body, here.options, there.options) == (None, {}, {"Turkey": ("go",)})
    brief = acts.show(talks, "words", terms=[STAYS], expires=stage.now + 5, now=stage.now).id
    links.add(desk, "For a while", [(talks, brief), private], stage.now)
    assert links.links(desk, stage.now)[1].differences[0].contradicts
    (over,) = links.links(desk, stage.now + 5)[1].differences
    assert not over.contradicts
    links.drop(desk, links.links(desk, stage.now)[1])
    desk.forget(caucus.id)
    assert [place.event for place in only(desk, stage.now).places] == [public[1]]
    stage.close()
