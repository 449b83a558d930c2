"""Domains of other programs become issues and private preferences, and hostile files one sentence."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from backchannel.errors import Refused
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.foreign import Imported, number
from backchannel.packages.genius import read_genius
from backchannel.packages.json_domains import read_geniusweb, read_negolog
from backchannel.packages.plain_xml import MAX_ELEMENTS, MAX_LEVELS
from backchannel.packages.preferences import UNIT, Additive, Interdependent
from foreign_files import GENIUS, NEGOLOG, WEB, WEB_DOMAIN, WISHES, as_json


def issues(agenda: Agenda) -> dict[str, list[str]]:
    return {issue.title: [option.text for option in issue.options] for issue in agenda.issues}


def test_a_genius_profile_counts_each_evaluation_beside_the_highest_of_its_issue() -> None:
    imported = read_genius(GENIUS.encode())
    assert issues(imported.agenda) == {"Dues": ["shared", "north", "south"], "Depth": ["3", "4", "5"]}
    assert isinstance(imported.preferences, Additive)
    quarter = UNIT // 4
    assert imported.preferences.shares == ((quarter * 3 // 4, quarter, 0), (0, UNIT * 3 // 8, UNIT * 3 // 4))
    assert imported.walk_away == UNIT * 2 // 5


def test_a_genius_domain_lists_issues_and_no_preferences() -> None:
    text = GENIUS.replace(' evaluation="3"', "").replace(' evaluation="4"', "").replace(' evaluation="0"', "")
    text = text.replace('<weight index="1" value="0.25"/>', "").replace(
        '<weight index="2" value="0.75"/>', ""
    )
    wrapped = f"<negotiation_template>{text.partition('?>')[2]}</negotiation_template>"
    imported = read_genius(wrapped.encode())
    assert imported.preferences is None
    assert imported.agenda == read_genius(GENIUS.encode()).agenda
    with pytest.raises(Refused, match="your own side"):
        imported.onto(imported.agenda)


def test_genius_wishes_over_ranges_add_up() -> None:
    imported = read_genius(WISHES.encode())
    assert isinstance(imported.preferences, Interdependent)
    assert len(imported.preferences.wishes) == 2  # the third can never hold
    worths = [imported.preferences.worth(package) for package in ((3, 7), (3, 3), (9, 9), (9, 3))]
    assert worths == [UNIT * 3 // 4, UNIT // 4, UNIT // 2, 0]
    assert imported.walk_away == UNIT // 5


def test_a_geniusweb_profile_is_read_with_ranges_and_its_reservation_bid() -> None:
    imported = read_geniusweb(as_json(WEB))
    assert issues(imported.agenda) == {"Dues": ["shared", "north"], "Depth": ["3", "3.5", "4", "4.5", "5"]}
    assert isinstance(imported.preferences, Additive)
    tenth = UNIT // 10
    assert imported.preferences.shares == (
        (3 * tenth, 6 * tenth),
        (0, tenth, 2 * tenth, 3 * tenth, 4 * tenth),
    )
    assert imported.walk_away == 6 * tenth
    only_issues = read_geniusweb(as_json(WEB_DOMAIN))
    assert only_issues.agenda == imported.agenda
    assert only_issues.preferences is None


def test_a_negolog_profile_is_read() -> None:
    imported = read_negolog(as_json(NEGOLOG))
    assert issues(imported.agenda) == {"Dues": ["shared", "north"], "Depth": ["3", "4"]}
    assert isinstance(imported.preferences, Additive)
    assert imported.preferences.shares == ((UNIT // 10, UNIT // 2), (UNIT // 2, 0))
    assert imported.walk_away == UNIT * 35 // 100


def test_preferences_follow_the_order_of_the_agenda_that_was_agreed() -> None:
    imported = read_negolog(as_json(NEGOLOG))
    agreed = Agenda.of(
        Issue("Depth", (Option("4"), Option("3", secret=True))),
        Issue("Dues", (Option("north"), Option("shared"))),
    )
    moved = imported.onto(agreed)
    assert isinstance(moved, Additive)
    assert moved.shares == ((0, UNIT // 2), (UNIT // 2, UNIT // 10))
    assert imported.onto(imported.agenda) is imported.preferences
    with pytest.raises(Refused, match="compare their words"):
        imported.onto(Agenda.of(agreed.issues[0]))
    wishes = read_genius(WISHES.encode())
    turned = Agenda.of(*reversed(wishes.agenda.issues))
    with pytest.raises(Refused, match="keep the order"):
        wishes.onto(turned)


def test_numbers_are_read_exactly_and_nothing_else_is_a_number() -> None:
    assert [number(text) for text in ("1", " -0.5 ", "1e-3", ".25", "3.")] == [
        1,
        Fraction(-1, 2),
        Fraction(1, 1000),
        Fraction(1, 4),
        3,
    ]
    for text in ("", "nan", "inf", "1,5", "0x1", "1e999", "9" * 40, "\uff11"):
        with pytest.raises(Refused, match="where a number must stand"):
            number(text)


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><utility_space><objective name="&c;"/></utility_space>'
)
FETCHES = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><utility_space/>'


@pytest.mark.parametrize(
    ("read", "data", "says"),
    [
        (read_genius, LAUGHS.encode(), "document type"),
        (read_genius, FETCHES.encode(), "document type"),
        (read_genius, LAUGHS.encode("utf-16"), "document type"),
        (read_genius, b"<a>" * (MAX_LEVELS + 1), "deeper elements"),
        (read_genius, b"<a>" + b"<b/>" * MAX_ELEMENTS, "more or deeper"),
        (read_genius, b"<a>" + b" " * (1 << 20), "larger than any domain"),
        (read_genius, b"", "not XML"),
        (read_genius, b"<a><b></a>", "not XML"),
        (read_genius, b'<?xml version="1.0" encoding="no-such"?><a/>', "not XML"),
        (read_genius, b"<a/>", "no GENIUS file"),
        (read_genius, GENIUS.replace('index="2" name', 'index="1" name').encode(), "one number"),
        (read_genius, GENIUS.replace('"Depth"', '"Dues "').encode(), "one name"),
        (read_genius, GENIUS.replace('upperbound="5"', 'upperbound="99999999"').encode(), "wider"),
        (read_genius, GENIUS.replace('vtype="integer"', 'vtype="real"').encode(), "without end"),
        (read_genius, GENIUS.replace('evaluation="3"', 'evaluation="-3"').encode(), "below zero"),
        (read_genius, GENIUS.replace('evaluation="3"', 'evaluation="nan"').encode(), "a number must stand"),
        (read_genius, GENIUS.replace('<weight index="1" value="0.25"/>', "").encode(), "lacks its weight"),
        (read_genius, GENIUS.replace('value="0.4"', 'value="1e50"').encode(), "far beyond the scale"),
        (read_genius, GENIUS.replace('value="north"', 'value="shared"').encode(), "must all differ"),
        (read_genius, WISHES.replace("INCLUDES", "EXCLUDES").encode(), "not known here"),
        (read_genius, WISHES.replace('"sum"', '"max"').encode(), "another way than by adding"),
        (read_genius, WISHES.replace('maxutility="200"', 'maxutility="0"').encode(), "zero or less"),
        (read_genius, WISHES.replace('<INCLUDES index="1"', '<INCLUDES index="7"').encode(), "not there"),
        (read_geniusweb, b"[" * 100_000, "not JSON"),
        (read_geniusweb, b'{"a": 1, "a": 2}', "one thing twice"),
        (read_geniusweb, b'{"a": NaN}', "not JSON"),
        (read_geniusweb, b" " * (1 << 20) + b"{}", "larger than any domain"),
        (read_geniusweb, b"[]", "not a set of names"),
        (read_geniusweb, b"{}", "no GeniusWeb file"),
        (read_geniusweb, as_json({"issuesValues": {"a": {"range": [0, 1e9, 1]}}}), "wider"),
        (read_geniusweb, as_json({"issuesValues": {"a": {"range": [0, 1]}}}), "a lowest, a highest"),
        (read_geniusweb, as_json({"issuesValues": {"a": {"values": {}}}}), "a list must stand"),
        (read_geniusweb, as_json(WEB).replace(b'"shared", "Depth"', b'"gone", "Depth"'), "that is none"),
        (read_geniusweb, as_json(WEB).replace(b"NumberValueSet", b"OtherValueSet"), "not known here"),
        (read_geniusweb, as_json(WEB).replace(b'"highValue": 5', b'"highValue": 3'), "span no range"),
        (read_negolog, b"{}", "no NegoLog profile"),
        (read_negolog, as_json({**NEGOLOG, "issueWeights": {"Dues": 1}}), "lacks 'Depth'"),
        (read_negolog, as_json({**NEGOLOG, "issueWeights": {"Dues": 0, "Depth": 0}}), "correct the weights"),
        (read_negolog, as_json({**NEGOLOG, "issues": {"Dues": {"a": []}}}), "a number must stand"),
        (read_negolog, as_json(NEGOLOG).replace(b"0.2", b"2e9"), "from 0 to 1"),
        (read_geniusweb, as_json(WEB).replace(b'"lowUtility": 0', b'"lowUtility": -1'), "from 0 to 1"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_one_sentence(
    read: Callable[[bytes], Imported], data: bytes, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        read(data)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)
