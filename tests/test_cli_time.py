"""Clocks, sunsets, silence and impasses, by commands at three desks over a real relay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backchannel.desk import acts
from backchannel.desk.clocks import put_up
from backchannel.desk.commands.clocks import soon
from backchannel.desk.commands.items import Look, delay_ms, item_lines
from backchannel.desk.commands.passing import Shadow, passing_lines, shadow
from backchannel.moves.clock import Clock
from backchannel.moves.paper import Term, standing
from cli_stage import Stage, stage
from desks import DAY_MS, Seat, in_talks


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Anna and Boris of two sides."""
    with stage(tmp_path_factory.mktemp("time")) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open-room --title Talks --side A")
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
          never sent
        anna> clock add --private --room Talks --at 36h -- Our minister travels
        anna> clock add --at 1962-10-30 -- Long ago
          exit 2
          passed already
        anna> clock add --private --at 1962-10-30 -- Long ago
          exit 2
          passed already
        anna> say --reply-by 4d -- An answer, please
        boris~ clock show
          The fleet sails, felt by A; imposed by events, says Anna (A)
          A vote, felt by Z; set by a side
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
          Our credit runs out, felt by A; set by a side [private
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
          never sent
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


def test_a_room_says_how_long_it_has_been_in_the_shadow_silent_and_unmoved(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna")
    anna = stage.seats["anna"]
    assert shadow(anna.room, stage.now) == Shadow(0, None, None)
    acts.show(anna.room, "moved", terms=[Term("Turkey", "go")], now=stage.now)
    stage.now += 3 * DAY_MS
    anna.show("unmoved")
    stage.now += 2 * DAY_MS
    assert shadow(anna.room, stage.now) == Shadow(5, 2 * DAY_MS, 5 * DAY_MS)
    assert shadow(anna.room, stage.now - 9 * DAY_MS) == Shadow(0, 0, 0), "a clock that jumps back"
    assert (
        passing_lines(anna.room, stage.now)[0]
        == "in the shadow for 5 days; silent for 2 days; no term moved for 5 days"
    )
    stage.close()


def test_a_sunset_is_set_by_all_sides_and_an_impasse_called_by_one(table: Stage) -> None:
    table.play("""
        anna> sunset show
          No sunset stands
        anna> sunset set --at 9999d
          waits for B
        boris~ sunset agree
          each side chooses, and silence is pause
        boris> sunset agree
          exit 2
          no such proposed sunset
        boris> sunset choose continue
          exit 2
          --until
        boris> sunset choose surface
          desk surface propose
        boris> sunset choose close
          B chooses to close the room, says Boris (B)
        boris> sunset choose pause
          exit 2
          settled already
        anna~ room
          in the shadow for 0 days; silent for
          B chooses to close the room
        anna> show
          agrees to the sunset of
        anna> impasse call -- We turn in a circle
          everyone in the room sees it
          A way on: ask somebody whom all sides trust to go between.
        boris~ status
          ! impasse called by Anna (A)
          We turn in a circle
        boris> impasse lift
          exit 2
          called by A
        anna> impasse lift
          is lifted
        boris~ impasse show
          lifted by Anna (A)
    """)
    room = value(table, "boris", "room")
    assert (room["shadow_days"], room["unmoved_ms"], room["silent_ms"] >= 0) == (0, None, True)
    assert (room["sunset"]["state"], room["sunset"]["due"], room["sunset"]["awaits"]) == (
        "before",
        False,
        ["A"],
    )
    assert [(one["side"], one["choice"]) for one in room["sunset"]["choices"]] == [("B", "close")]
    assert [(one["suggestion"], one["status"]) for one in room["impasses"]] == [("go-between", "lifted")]
    assert value(table, "anna", "clock", "show")["sunset"]["id"] == room["sunset"]["id"]
    assert value(table, "anna", "clock", "show", "--room", "Talks")["sunset"] == room["sunset"]
    assert value(table, "boris", "status")["rooms"][0]["shadow_days"] == 0


def test_a_clock_whose_words_go_before_it_is_due_is_told_of_a_day_before(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna")
    anna = stage.seats["anna"]
    put_up(anna.room, Clock("The vote", stage.now + 400 * DAY_MS, (), hard=False), stage.now)
    assert soon(anna.desk, anna.room, stage.now) == []
    stage.now += 89 * DAY_MS
    (row,) = soon(anna.desk, anna.room, stage.now)
    assert "before it is due" in row.line
    stage.close()
