"""A part of the record: the last of it, what stands before something, what begins with it."""

from pathlib import Path

import pytest

from backchannel.desk.commands.table import perform
from backchannel.errors import Refused
from backchannel.pages.house import arguments
from desks import Stage


def test_a_part_of_the_record_is_shown_with_how_much_stands_before_and_after_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    anna = stage.sit("Anna")
    room = stage.open_room("Anna")
    for number in range(1, 8):
        stage.now += 1_000
        anna.show(f"Paper {number}.")
        clock = ["clock", "add", "--at=2000-01-01", "--", f"Clock {number}"]
        perform(anna.desk, arguments(clock, {}), stage.now)

    def shown(*words: str) -> tuple[list[object], object, object]:
        value = perform(anna.desk, arguments(["show", *words], {}), stage.now).value
        items = value["items"]
        assert isinstance(items, list)
        return [item["number"] for item in items], value["earlier"], value["later"]

    third = next(item.id.hex() for item in room.log.ordered() if item.event.number == 3)
    assert shown() == ([1, 2, 3, 4, 5, 6, 7], 0, 0)
    assert shown("--last=4") == ([6, 7], 11, 0)
    assert shown("--last=4", "--before=3") == ([1, 2], 1, 10)
    assert shown("--last=4", "--since", third[:12]) == ([3, 4], 5, 6)
    assert shown("--talk=2") == ([6, 7], 11, 0)
    assert shown("--talk=2", "--before=3") == ([1, 2], 0, 10)
    assert shown("--talk=2", "--since=#3") == ([3, 4], 5, 6)
    assert shown("--talk=9") == ([1, 2, 3, 4, 5, 6, 7], 0, 0)
    assert shown("--since=3", "--before=5") == ([3, 4], 5, 6)
    assert shown("--since=5", "--before=3") == ([], 9, 6)
    with pytest.raises(Refused, match="no item 99"):
        shown("--before=99")
    stage.close()
