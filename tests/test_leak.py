"""Leaks: everybody is alarmed, nobody silences another, and a line holds only if all sides agreed to it."""

import random
from pathlib import Path

import pytest
from msgspec import structs

from backchannel.channel.event import EventId
from backchannel.channel.members import Role
from backchannel.desk import leak as desk
from backchannel.errors import Refused, Violation
from backchannel.moves.leak import Leak, LeakLift, LeakLine, LeakLineAgree, Line, parse, standing
from backchannel.wire.codec import Record, encode
from desks import in_talks
from pens import scattered
from promises import Table

LINE = LeakLine("We talk to everybody.", "if asked")
TRIO = (("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Gina", "G", "go-between"))


def line(table: Table, eid: EventId) -> Line:
    """A line as it stands on every desk and for any order of arrival."""
    logs = [pen.log for pen in table.world.pens if pen.log is not None]
    logs += [scattered(logs[0], table.world.sheets, random.Random(seed)) for seed in range(3)]
    found = [standing(log).lines[eid] for log in logs]
    assert len({(one.status, one.sides, *((s, e.id) for s, e in one.agreed.items())) for one in found}) == 1
    return found[0]


def test_a_line_is_agreed_by_every_side_that_somebody_speaks_for_and_by_nobody_else() -> None:
    table = Table.of(*TRIO, ("Carl", "C", "authorised-envoy"), ("Bo", "B", "adviser"))
    said = table.say("Ada", "leak-line", LINE)
    assert (line(table, said).awaits, line(table, said).status.value) == (("B", "C"), "proposed")
    for name in ("Gina", "Bo", "Carl", "Ada"):
        table.say(name, "leak-line-agree", LeakLineAgree(said))
    assert line(table, said).awaits == ("B",)
    table.say("Ben", "leak-line-agree", LeakLineAgree(said))
    assert (line(table, said).status.value, list(line(table, said).agreed)) == ("agreed", ["A", "C", "B"])


def test_a_line_is_a_sides_proposal_and_the_last_that_all_agreed_for_a_case_holds() -> None:
    table = Table.of(*TRIO)
    false = table.say("Gina", "leak-line", LINE)
    log = table["Ada"].log
    assert log is not None
    assert false not in standing(log).lines
    first, other = (
        table.say("Ada", "leak-line", structs.replace(LINE, purpose=case)) for case in ("if asked", "other")
    )
    second = table.say("Ben", "leak-line", LINE)
    for said in (first, other):
        table.say("Ben", "leak-line-agree", LeakLineAgree(said))
    assert line(table, first).status.value == "agreed", "a proposal replaces nothing"
    table.say("Ada", "leak-line-agree", LeakLineAgree(second))
    assert [line(table, said).status.value for said in (first, other, second)] == [
        "replaced",
        "agreed",
        "agreed",
    ]


def test_two_lines_for_one_case_that_cross_and_are_both_agreed_come_out_alike_everywhere() -> None:
    table = Table.of(*TRIO)
    one = table.say("Ada", "leak-line", LINE, cross=True)
    two = table.say("Ben", "leak-line", structs.replace(LINE, text="No comment."), cross=True)
    table.meet()
    table.say("Ada", "leak-line-agree", LeakLineAgree(two))
    table.say("Ben", "leak-line-agree", LeakLineAgree(one))
    assert sorted(line(table, said).status.value for said in (one, two)) == ["agreed", "replaced"]


def test_nobody_takes_off_an_alarm_but_who_raised_it() -> None:
    table = Table.of(*TRIO)
    said = table.say("Gina", "leak", Leak(""))
    for name in ("Ada", "Ben"):
        table.say(name, "leak-lift", LeakLift(said))
    log = table["Ben"].log
    assert log is not None
    assert standing(log).alarms[said].lifted is None
    table.say("Gina", "leak-lift", LeakLift(said))
    assert standing(log).alarms[said].lifted is not None


def test_words_about_something_else_or_of_who_had_not_seen_it_neither_agree_nor_lift() -> None:
    table = Table.of(*TRIO)
    said, alarm = table.say("Ada", "leak-line", LINE), table.say("Ada", "leak", Leak(""))
    table.say("Ben", "leak-lift", LeakLift(said))
    table.say("Ada", "leak-line-agree", LeakLineAgree(alarm))
    crossed = table.say("Ada", "leak-line", LINE, cross=True)
    table.say("Ben", "leak-line-agree", LeakLineAgree(crossed), cross=True)
    table.meet()
    assert [line(table, one).awaits for one in (said, crossed)] == [("B",), ("B",)]
    log = table["Ben"].log
    assert log is not None
    assert standing(log).alarms[alarm].lifted is None


def test_what_does_not_stand_counts_for_nothing() -> None:
    table = Table.of(*TRIO)
    log = table["Ben"].log
    assert log is not None
    for kind, body in (("leak", Leak("")), ("leak-line", LINE)):
        table.say("Ada", kind, body, void=True)
    assert (standing(log).alarms, standing(log).lines) == ({}, {})
    said, alarm = table.say("Ada", "leak-line", LINE), table.say("Ada", "leak", Leak("x" * 20_000))
    table.say("Ben", "leak-line-agree", LeakLineAgree(said), void=True)
    table.say("Ada", "leak-lift", LeakLift(alarm), void=True)
    assert line(table, said).status.value == "proposed"
    assert standing(log).alarms[alarm].lifted is None


def test_bytes_that_say_nothing_sound_are_refused() -> None:
    sound: dict[str, Record] = {
        "leak": Leak(""),
        "leak-lift": LeakLift(bytes(32)),
        "leak-line": LINE,
        "leak-line-agree": LeakLineAgree(bytes(32)),
    }
    for kind, body in sound.items():
        parse(kind, encode(body))
    for kind, wrong in (
        ("leak", Leak("x" * 20_001)),
        ("leak-lift", LeakLift(b"")),
        ("leak-line", structs.replace(LINE, text="")),
        ("leak-line", structs.replace(LINE, text="x" * 2_001)),
        ("leak-line", structs.replace(LINE, purpose="")),
        ("leak-line", structs.replace(LINE, purpose="x" * 101)),
        ("leak-line-agree", LeakLineAgree(bytes(31))),
    ):
        with pytest.raises(Violation):
            parse(kind, encode(wrong))


def test_a_desk_refuses_what_would_count_for_nothing(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    stage.sit("clara")
    stage.bring("anna", "clara", "B", Role.ADVISER)
    anna, boris, clara = (seat.room for seat in stage.seats.values())
    alarm = desk.report(clara, "", stage.now).id
    said = desk.set_line(anna, "We talk to everybody.", "if asked", stage.now).id
    stage.settle()
    with pytest.raises(Refused, match="Only clara"):
        desk.lift(anna, alarm, stage.now)
    with pytest.raises(Refused, match="no such report"):
        desk.lift(clara, said, stage.now)
    with pytest.raises(Refused, match="no such line"):
        desk.agree_line(boris, alarm, stage.now)
    with pytest.raises(Refused, match="agreed to this line already"):
        desk.agree_line(anna, said, stage.now)
    with pytest.raises(Refused, match="principal"):
        desk.agree_line(clara, said, stage.now)
    for text, purpose in (
        ("", "if asked"),
        ("x" * 2_001, "if asked"),
        ("We talk.", ""),
        ("We talk.", "x" * 101),
    ):
        with pytest.raises(Refused):
            desk.set_line(anna, text, purpose, stage.now)
    desk.lift(clara, alarm, stage.now)
    with pytest.raises(Refused, match="already"):
        desk.lift(clara, alarm, stage.now)
    stage.close()
