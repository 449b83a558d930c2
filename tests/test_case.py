"""Case files: what is read, what is refused and at which line, and which moments dates become."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Refused
from backchannel.moves.paper import Mandate
from backchannel.plays.case import (
    Carry,
    Case,
    PersonId,
    Register,
    RoomId,
    RowNumber,
)
from backchannel.plays.case_file import load_case, parse_case, shipped
from backchannel.plays.marked_yaml import MAX_BYTES, MAX_VALUES
from backchannel.plays.moments import APART_MS, STEP_MS, OutOfOrder, Stamp, in_file_order

SMALL = """\
schema: backchannel-case/2
id: small
title: "A small case"
principals: [north, south]
parties:
  - {id: north, name: "North"}
  - {id: south, name: "South"}
people:
  - {id: ada, name: "Ada", party: north, role: principal, desk: true}
  - {id: ben, name: "Ben", party: south, role: authorised-envoy, desk: true}
  - {id: cleo, name: "Cleo", party: none, role: go-between, desk: true}
  - {id: dov, name: "Dov", party: north, role: adviser, desk: true}
  - {id: eve, name: "Eve", party: south, role: observer, desk: false}
rooms:
  - {id: one, title: "One", kind: shuttle, members: [ada, cleo, dov], opened: 1, closed: 3, joins: {dov: 2}}
  - {id: two, title: "Two", kind: shuttle, members: [cleo, ben], opened: 2, closed: null}
clocks:
  - {id: dusk, at: "1961-05-05", tz: "Europe/Oslo", what: "Dusk", hard: true, felt_by: [north]}
timeline:
  - {n: 1, at: "1961-05-04", kind: message, vis: private, room: one, by: ada, mandate: exploratory, register: talk, gist: "First."}
  - {n: 2, at: "1961-05-04", kind: message, vis: private, room: one, by: ada, mandate: authorised, register: formal, onward: two, carry: verbatim, gist: "Second.", issues: [water], terms: [water.half]}
  - {n: 3, at: "1961-05-05T10:00", tz: "Europe/Oslo", precision: minute, kind: front-channel, vis: public, room: public, by: south, answers: 2, gist: "Third."}
kept_out:
  - {who: "Dov", people: [dov], out_of: [two], learned: null}
features:
  - {feature: compartmentation, must_show: "Two is hidden.", expect: absent-on-desks, "on": [2], people: [dov], also: [{expect: crossed, "on": [1, 2], clocks: [dusk]}]}
issues:
  - {id: water, title: "Water", options: [{id: all, text: "All"}, {id: half, text: "Half", secret: true}], preferences: {north: [all, half]}, walkaway_after: {north: half}}
actual_outcome: {water: half}
"""


def small(old: str = "", new: str = "") -> Case:
    assert old in SMALL
    return parse_case(SMALL.replace(old, new, 1).encode(), "small.yaml")


def test_a_private_row_is_heard_by_all_others_present_then() -> None:
    case = small()
    first, second = case.row(RowNumber(1)).said, case.row(RowNumber(2)).said
    assert first is not None
    assert first.to_people == ("cleo",)
    assert second is not None
    assert second.to_people == ("cleo", "dov")
    assert (second.mandate, second.register, second.carry) == (
        Mandate.AUTHORISED,
        Register.FORMAL,
        Carry.VERBATIM,
    )
    assert (second.onward, second.bearer) == ("two", "cleo")


def test_a_public_row_has_no_audience_and_keeps_what_it_answers() -> None:
    third = small().row(RowNumber(3))
    assert third.said is None
    assert (third.by, third.answers) == ("south", 2)


def test_a_feature_lists_its_own_expectation_first_and_then_the_others() -> None:
    (feature,) = small().features
    assert [(each.expect, each.on, each.people, each.clocks) for each in feature.expectations] == [
        ("absent-on-desks", (2,), ("dov",), ()),
        ("crossed", (1, 2), (), ("dusk",)),
    ]


def test_times_before_1970_are_local_with_summer_time_and_negative() -> None:
    third = small().row(RowNumber(3))
    assert third.at_ms == int(datetime(1961, 5, 5, 8, 0, tzinfo=UTC).timestamp()) * 1000
    assert third.at_ms < 0


def test_a_day_without_a_time_is_noon_and_the_next_row_of_that_day_comes_a_minute_later() -> None:
    first, second, _ = small().timeline
    assert first.at_ms == int(datetime(1961, 5, 4, 12, 0, tzinfo=UTC).timestamp()) * 1000
    assert second.at_ms == first.at_ms + APART_MS


def test_a_clock_without_a_time_ends_with_its_day() -> None:
    assert small().clocks["dusk"].at_ms == int(datetime(1961, 5, 5, 22, 0, tzinfo=UTC).timestamp()) * 1000


# Where a fault shows at another line than the one that was changed: a piece of that line.
ELSEWHERE = {
    "members: [ben]": "onward: two",
    "title: x\n--- \ntitle: y": "principals:",
}


def line_of(piece: str) -> int:
    return SMALL.count("\n", 0, SMALL.index(piece)) + 1


FAULTS = [
    ("backchannel-case/2", "backchannel-case/3", "backchannel-case/2"),
    ("answers: 2", "answers: 9", "row 3 answers 9, which does not exist before it"),
    ("answers: 2", "answers: 3", "row 3 answers 3, which does not exist before it"),
    ("answers: 2", "answer: 2", "row 3 has a key 'answer'; write 'answers'"),
    ("by: ada, mandate: exploratory", "by: zoe, mandate: exploratory", "'zoe'"),
    ("by: ada, mandate: exploratory", "by: dov, mandate: exploratory", "not in the room one at row 1"),
    ("room: one, by: ada, mandate: exploratory", "room: two, by: cleo, mandate: exploratory", "not open"),
    ("room: one, by: ada, mandate: exploratory", "room: ten, by: ada, mandate: exploratory", "no room"),
    ("mandate: exploratory, ", "", "has no 'mandate'"),
    ("register: talk", "register: whisper", "'whisper'"),
    ("register: talk", "register: talk, to_people: [dov]", "dov"),
    ("register: talk", "register: talk, carry: verbatim", "carry"),
    ("register: talk", "register: talk, author: ada, carry: verbatim", "leave author out"),
    ("members: [cleo, ben]", "members: [ben]", "nobody who hears row 2"),
    ("vis: public, room: public", "vis: public, room: one", "public"),
    ("vis: public", "register: talk, vis: public", "not private"),
    ("by: south", "by: nobody", "'nobody'"),
    ('at: "1961-05-05T10:00"', 'at: "1961-05-03"', "order"),
    ('at: "1961-05-05T10:00"', 'at: "1961-13-03"', "no date"),
    ('at: "1961-05-05T10:00"', 'at: "9999-12-31"', "no date"),
    ('tz: "Europe/Oslo", precision', 'tz: "../../etc/passwd", precision', "no time zone"),
    ("n: 2, at", "n: 1, at", "number the rows"),
    ("terms: [water.half]", "terms: [water.none]", "'water.none'"),
    ("issues: [water]", "issues: [fire]", "'fire'"),
    ("members: [ada, cleo, dov]", "members: [ada, cleo, dov, eve]", "no desk"),
    ("members: [ada, cleo, dov]", "members: [ada, cleo, dov, ada]", "twice"),
    ("joins: {dov: 2}", "joins: {ben: 2}", "ben"),
    ("joins: {dov: 2}", "joins: {dov: 4}", "row 4"),
    ("opened: 1, closed: 3", "opened: 3, closed: 1", "before the room opens"),
    ("joins: {dov: 2}", "joins: {dov: 2}, leaves: {dov: 1}", "before joining"),
    ("id: two, title", "id: one, title", "another room one"),
    ("id: ben,", "id: north,", "another"),
    ("id: ben,", "id: ../ben,", "'../ben'"),
    ("role: principal", "role: king", "'king'"),
    ("desk: false", "desk: maybe", "true nor false"),
    ("party: none", "party: west", "'west'"),
    ("principals: [north, south]", "principals: [north, west]", "'west'"),
    ("out_of: [two]", "out_of: [one]", "dov is a member"),
    ("people: [dov], out_of", "people: [eve], out_of", "no desk"),
    ("learned: null", "learned: {ada: 1}", "ada"),
    ('"on": [2]', "on: [2]", "quotes"),
    ('"on": [2]', '"on": [2, 1]', "ascending"),
    ("clocks: [dusk]", "clocks: [dawn]", "'dawn'"),
    ("preferences: {north: [all, half]}", "preferences: {north: [all, none]}", "'none'"),
    ("actual_outcome: {water: half}", "actual_outcome: {fire: half}", "'fire'"),
    ('title: "A small case"', "title: [A, B]", "text"),
    ('title: "A small case"', "id: again", "'id' twice"),
    ('title: "A small case"', "title: &a x", "anchors"),
    ('title: "A small case"', "title: *a", "aliases"),
    ('title: "A small case"', "title: !!python/name:os.system x", "tag"),
    ('title: "A small case"', "<<: {title: x}", "key"),
    ('title: "A small case"', "title: " + "[" * 20 + "]" * 20, "deeper than 16"),
    ('title: "A small case"', "title: 'x", "YAML"),
    ('title: "A small case"', "title: \u0007", "character"),
    ('title: "A small case"', "title: x\n--- \ntitle: y", "YAML"),
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[new[:40] for _, new, _ in FAULTS])
def test_a_fault_is_refused_at_its_line(old: str, new: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        small(old, new)
    sentence = str(refused.value)
    assert says in sentence
    assert sentence.startswith(f"small.yaml line {line_of(ELSEWHERE.get(new, old))}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"- 1\n", "keys and values"),
        (b"schema: \xff", "UTF-8"),
        (b"a" * (MAX_BYTES + 1), "bytes"),
        (b"x: [" + b"1," * MAX_VALUES + b"]", f"more than {MAX_VALUES} values"),
        (b"schema: backchannel-case/2\n", "has no 'principals'"),
    ],
)
def test_what_is_no_case_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_case(data, "odd.yaml")


def test_a_key_that_no_play_needs_is_left_alone() -> None:
    assert small("principals:", "lessons: [x]\nprincipals:").id == "small"


def test_an_unknown_expectation_is_kept_for_the_report() -> None:
    (feature,) = small("expect: absent-on-desks", "expect: not-yet-invented").features
    assert feature.expectations[0].expect == "not-yet-invented"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_case_or_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_case(data, "any.yaml")


@given(st.data())
def test_a_case_with_any_piece_replaced_is_a_case_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 40)))
    piece = data.draw(
        st.text(max_size=8) | st.sampled_from(["null", "-1", "[", "}", "\n", "true", "{}", "1e9", "*a"])
    )
    try:
        case = parse_case((SMALL[:start] + piece + SMALL[end:]).encode("utf-8", "surrogatepass"), "any.yaml")
    except Refused:
        return
    assert case.timeline


@st.composite
def stamps(draw: Callable[[st.SearchStrategy[int]], int]) -> Stamp:
    first = draw(st.integers(-(10**12), 10**12))
    span = draw(st.sampled_from([60, 3_600, 86_400, 31 * 86_400, 366 * 86_400])) * 1_000
    return Stamp(first, first + draw(st.integers(0, span - 1)), first + span)


@given(st.lists(stamps(), max_size=30))
def test_every_row_is_played_inside_its_date_and_after_the_row_before(dates: list[Stamp]) -> None:
    dates.sort(key=lambda date: date.first_ms)
    try:
        moments = in_file_order(dates)
    except OutOfOrder:
        return
    assert all(date.first_ms <= moment < date.end_ms for date, moment in zip(dates, moments, strict=True))
    assert all(later - earlier >= STEP_MS for earlier, later in pairwise(moments))


def test_rows_that_must_share_one_minute_still_fit() -> None:
    minute = Stamp(0, 0, 60_000)
    assert in_file_order([minute] * 60)[-1] < 60_000
    with pytest.raises(OutOfOrder):
        in_file_order([minute] * 61)


def test_the_shipped_cases_load_by_name_and_open_no_more_than_twelve_desks() -> None:
    assert "cuba-1962" in shipped()
    for name in shipped():
        case = load_case(name)
        assert case.id == name
        assert sum(person.desk for person in case.people.values()) <= 12


def test_the_shipped_missile_crisis_hides_the_envoys_from_a_colleague() -> None:
    case = load_case("cuba-1962")
    (kept,) = [each for each in case.kept_out if PersonId("excomm_colleague") in each.people]
    assert RoomId("envoys") in kept.out_of
    assert PersonId("excomm_colleague") in case.rooms[RoomId("excomm")].members


def test_an_unknown_name_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cuba-1962"):
        load_case("atlantis")
    with pytest.raises(Refused, match="cuba-1962"):
        load_case(str(tmp_path))
    with pytest.raises(Refused, match="cuba-1962"):
        load_case("nul\0byte")


def test_every_outside_case_loads(outside_cases: Path) -> None:
    files = sorted(outside_cases.glob("*.yaml"))
    assert files
    for file in files:
        case = load_case(str(file))
        moments = [row.at_ms for row in case.timeline]
        assert moments == sorted(set(moments))
