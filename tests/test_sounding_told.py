"""How far a sounding is, and how it ended, as every desk tells whoever asks."""

from pathlib import Path
from typing import Any

from backchannel.desk import soundings
from backchannel.desk.commands.table import perform
from backchannel.pages.house import arguments
from desks import Seat, in_talks
from test_desk_sounding import THREE, put


def test_how_far_a_sounding_is_and_how_it_ended_is_told_to_whoever_asks(tmp_path: Path) -> None:
    def shown(seat: Seat) -> dict[str, Any]:
        value: Any = perform(seat.desk, arguments(["sound", "show"], {}), seat.now).value
        return dict(value["soundings"][-1])

    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = (stage.seats[name] for name in ("Anna", "Boris"))
    target = put(stage, "Anna", THREE, [True, True, False])
    assert (shown(anna)["round"], shown(anna)["missing"], shown(anna)["told"]) == (0, ["Boris (B)"], [])
    soundings.answer(boris.room, target, [True, False, False], boris.now)
    rounds = [0]
    while shown(anna)["ended"] is None:
        boris.turn(1)
        anna.turn(1)
        rounds.append(shown(anna)["round"] if shown(anna)["ended"] is None else 3)
    assert rounds == sorted(rounds)
    assert {0, 3} < set(rounds), "something between the first and the last was seen"
    assert shown(anna)["told"] == ["Everybody said yes to:", "1. a pause"]
    target = put(stage, "Anna", ("the flag",), [True])
    soundings.stop(anna.room, target, anna.now)
    stage.settle()
    assert shown(boris)["told"] == [
        "Anna (A) gave it up.",
        "Nobody's answers were opened: nothing was learnt by anybody.",
    ]
    ledger_value: Any = perform(anna.desk, arguments(["sound", "ledger"], {}), anna.now).value
    assert "they know that you accept 1 of these" in " ".join(ledger_value["ledger"][0]["told"])
    stage.close()
