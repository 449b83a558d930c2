"""A desk forges talk in another's name, and its own reading code shows it like talk that happened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.desk.forging import forge, forged_cells
from backchannel.desk.room import Room
from backchannel.desk.taking import take
from backchannel.errors import Refused
from backchannel.moves.paper import standing
from desks import Stage, in_talks

NEVER_SAID = ["We will sign on Monday.", "And you may quote me."]


@pytest.fixture
def talks(tmp_path: Path) -> Iterator[Stage]:
    stage = in_talks(tmp_path, "Anna", "Boris", "Carl")
    yield stage
    stage.close()


def shown(room: Room, now: int) -> list[tuple[str, str, str]]:
    """Give what a screen is made of: label, author's name, text."""
    return [
        (item.label, room.name(item.entry.author), item.body.text)
        for item in standing(room.log, now)
        if item.body is not None
    ]


def stored(room: Room) -> list[list[tuple[object, ...]]]:
    tables = [
        name for (name,) in room.db.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [room.db.all(f"SELECT * FROM {table}") for table in tables]


def id_of(room: Room, name: str) -> MemberId:
    return room.find_member(name).id


def test_forged_talk_is_shown_like_real_talk_and_is_gone_afterwards(talks: Stage) -> None:
    anna, boris = talks.seats["Anna"], talks.seats["Boris"]
    anna.show("We might sign, some day.")
    talks.settle()
    boris.show("Some day is late.")
    talks.settle()
    room = boris.room
    before = stored(room), shown(room, boris.now)

    def look(forged: Room, entries: list[Entry]) -> list[tuple[str, str, str]]:
        assert [entry.void for entry in entries] == [None] * 3
        return shown(forged, boris.now)

    lines = [(id_of(room, "Anna"), NEVER_SAID[0]), (room.me, "Gladly."), (id_of(room, "Anna"), NEVER_SAID[1])]
    seen = forge(room, lines, boris.now, look)
    assert seen == [
        ("#1", "Anna", "We might sign, some day."),
        ("#2", "Boris", "Some day is late."),
        ("#3", "Anna", NEVER_SAID[0]),
        ("#4", "Boris", "Gladly."),
        ("#5", "Anna", NEVER_SAID[1]),
    ]
    assert (stored(room), shown(room, boris.now)) == before
    anna.show("What I do say.")
    talks.settle()
    assert shown(boris.room, boris.now)[-1] == ("#3", "Anna", "What I do say.")


def test_somebody_who_never_wrote_can_be_forged_too(talks: Stage) -> None:
    for author, reader in (("Carl", "Anna"), ("Anna", "Carl"), ("Boris", "Carl"), ("Carl", "Boris")):
        seat = talks.seats[reader]
        lines = [(id_of(seat.room, author), text) for text in NEVER_SAID]
        seen = forge(seat.room, lines, seat.now, lambda room, _: shown(room, talks.now))
        assert [(name, text) for _, name, text in seen] == [(author, text) for text in NEVER_SAID]


def test_real_and_forged_cells_pass_through_the_same_code_and_look_alike(talks: Stage) -> None:
    """A twin of the reader's desk takes forged cells, the desk itself the real ones; neither can tell."""
    anna, boris = talks.seats["Anna"], talks.seats["Boris"]
    anna.show("first")
    talks.settle()
    room = boris.room
    way = room.way()
    real_before = len(talks.relay.drops[way.transport.drop].cells)
    body = anna.show("really said").event.body
    forged = forged_cells(
        room, id_of(room, "Anna"), "paper", body.replace(b"really said", b"never said!"), boris.now
    )
    anna.turn()
    real = talks.relay.drops[way.transport.drop].cells[real_before:]
    assert [len(cell) for cell in real] == [len(cell) for cell in forged]
    for cells, text in ((real, "really said"), (forged, "never said!")):
        refusals, seen = taken_and_undone(room, cells, boris.now)
        assert refusals == []
        assert seen[-1] == ("#2", "Anna", text)


def taken_and_undone(
    room: Room, cells: list[bytes], now: int
) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Take cells in as a desk always does, look, and forget it."""
    way = room.way()

    def look(room: Room, _: list[Entry]) -> tuple[list[str], list[tuple[str, str, str]]]:
        taken = take(room, way.transport.drop, list(enumerate(cells, way.cursor + 1)), now)
        return taken.refusals, shown(room, now)

    return forge(room, [], now, look)


def test_one_readers_forgery_does_not_deceive_another(talks: Stage) -> None:
    boris, carl = talks.seats["Boris"], talks.seats["Carl"]
    talks.seats["Anna"].show("first")
    talks.settle()
    cells = forged_cells(boris.room, id_of(boris.room, "Anna"), "paper", b"", boris.now)
    way = carl.room.way()
    before = shown(carl.room, carl.now)
    assert take(carl.room, way.transport.drop, list(enumerate(cells, way.cursor + 1)), carl.now).entries == []
    assert shown(carl.room, carl.now) == before
    talks.seats["Anna"].show("second")
    talks.settle()
    assert [text for _, _, text in shown(carl.room, carl.now)] == ["first", "second"]


def test_forging_where_one_may_not_speak_is_refused(talks: Stage) -> None:
    room = talks.seats["Boris"].room
    with room.changing():
        room.freeze("of a test")
    with pytest.raises(Refused, match="frozen"):
        forge(room, [(id_of(room, "Anna"), "x")], talks.now, lambda *_: None)
