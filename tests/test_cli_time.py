"""Clocks, sunsets, silence and impasses, by commands at three desks over a real relay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backchannel.desk.commands.items import Look, delay_ms, item_lines
from backchannel.moves.paper import standing
from cli_stage import Stage, stage
from desks import Seat, in_talks


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Anna and Boris of two sides."""
    with stage(tmp_path_factory.mktemp("time")) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open --title Talks --side A")
        one.bring("anna", "boris", side="B")
        yield one


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type("--json", *words)
    assert done.code == 0, done.shown
    return done.value


def test_clocks_are_put_up_shown_and_taken_down_and_a_private_one_stays_on_its_desk(table: Stage) -> None:
    table.play("""
        anna> clock add --at 2d --felt-by A --hard -- The fleet sails
          Everyone in the room sees this clock
        anna> clock add --at 3d --felt-by Z -- A vote
          Nobody here is of Z
        anna> clock add --private --at 1d --felt-by A -- Our credit runs out
          kept on this desk alone
        anna> clock add --private --room Talks --at 36h -- Our minister travels
        anna> clock add --at 1962-10-30 -- Long ago
          exit 2
          passed already
        anna> clock add --private --at 1962-10-30 -- Long ago
          exit 2
          passed already
        anna> say --reply-by 4d -- An answer, please
        boris~ clock show
          The fleet sails, felt by A; imposed by the world, says Anna (A)
          A vote, felt by Z; set by a party
          Anna (A) wants an answer to #1
          never Our credit
          never minister
        boris> search -- credit runs
          holds nothing
        boris> show
          puts up a clock
        boris> status
          The fleet sails
        boris> say --answers 1 -- Here it is
        boris> clock show
          which has been answered
        anna> status
          Our credit runs out
        anna> clock show
          Our credit runs out, felt by A; set by a party [private
          private, about “Talks”
          The fleet sails
        anna> clock show --room Talks
          The fleet sails
          never Our credit
    """)
    rows = value(table, "anna", "clock", "show")["clocks"]
    assert [(row["what"], row["private"]) for row in rows] == [
        ("Our credit runs out", True),
        ("Our minister travels", True),
        ("The fleet sails", False),
        ("A vote", False),
        ("an answer to #1 is wanted", False),
    ]
    fleet = rows[2]
    assert (fleet["felt_by"], fleet["hard"], fleet["passed"], fleet["room_title"]) == (
        ["A"],
        True,
        False,
        "Talks",
    )
    assert 47 * 3_600_000 < fleet["left_ms"] <= 48 * 3_600_000
    table.told |= {"fleet": fleet["id"], "credit": rows[0]["id"]}
    table.play("""
        boris> clock drop {fleet}
          exit 2
          put up by A
        boris> clock drop abc
          exit 2
          no such clock
        anna> clock drop {fleet}
          is taken down
        anna> clock drop {fleet}
          exit 2
          no such clock
        anna> clock drop {credit}
          gone from this desk
        anna> clock show
          never The fleet
          never credit
        anna> search -- credit runs
          holds nothing
        boris~ show
          takes down the clock “The fleet sails”
    """)


def test_the_time_a_letter_was_on_its_way_is_said_by_the_two_clocks(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats.values()
    anna.show("slow")
    assert delays(anna) == [None]
    boris.skew = 2 * 3_600_000
    stage.settle()
    assert delays(anna) == delays(boris) == [2 * 3_600_000]
    (item,) = standing(boris.room.log, boris.now)
    told = item_lines(boris.room, item, {item.entry.id: item}, boris.now, Look(plain=True, colour=False))
    assert "  on its way for 2 hours, by the two desks' clocks" in told
    stage.close()


def delays(seat: Seat) -> list[int | None]:
    return [delay_ms(seat.room, item) for item in standing(seat.room.log, seat.now)]
