"""A room that was silent for longer than any key lives goes on, and nothing said at its waking is lost."""

from pathlib import Path

import pytest

from desks import DAY_MS, in_talks

KEYS_LIVE_DAYS = 30


@pytest.mark.parametrize(
    ("names", "days"), [(("Anna", "Boris", "Carl"), KEYS_LIVE_DAYS + 1), (("Anna", "Boris"), 2 * 365)]
)
def test_all_desks_lose_their_old_keys_at_once_and_go_on(
    tmp_path: Path, names: tuple[str, ...], days: int
) -> None:
    stage = in_talks(tmp_path, *names)
    stage.seats["Anna"].show("before the silence")
    stage.settle()
    stage.now += days * DAY_MS
    for seat in stage.seats.values():
        seat.desk.tick(seat.now)  # every desk's old keys go before it has heard anybody's new one
    for seat in stage.seats.values():
        seat.show(f"{seat.name} is back")
    stage.calm()
    said = {f"{name} is back" for name in names}
    for seat in stage.seats.values():
        assert {text for text in seat.texts() if text is not None} >= said
        assert seat.room.log.heads == stage.seats["Anna"].room.log.heads
    stage.close()
