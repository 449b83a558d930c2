"""What the pages say and draw of a room's table, without a browser."""

import json
import time
from typing import Any

import pytest

from backchannel.languages import LANGUAGES
from backchannel.pages import versions
from backchannel.pages.rows import ACTS
from backchannel.pages.rows.texts import draft_file
from backchannel.pages.table import LOOKS, SHORT_LINES
from backchannel.pages.timeline import EDGE, Mark, drawn
from backchannel.pages.value_plot import plotted
from backchannel.pages.words import Words, catalogue

READABLE = {
    "readable": {
        "kind": "plenary",
        "people": 4,
        "sides": [{"side": "Nord", "people": 2}, {"side": "a\u202eb", "people": 1}],
        "go_betweens": 1,
    }
}


def test_who_can_read_is_said_in_every_language_with_every_count_and_no_hidden_character() -> None:
    said = {language: Words(language).audience(READABLE) for language in LANGUAGES}
    assert said["en"] == (
        "PLENARY · readable by 4: \u2068Nord\u2069\u00a02, \u2068a[U+202E]b\u2069\u00a01, \u2068go-between\u2069\u00a01"
    )
    assert len(set(said.values())) == len(LANGUAGES)
    for text in said.values():
        assert "Nord\u2069\u00a02" in text
        assert "4" in text
        assert "\u202e" not in text


def test_why_a_room_is_silent_is_said_in_every_language() -> None:
    for word in ("frozen", "archive", "left", "not-yet", "out"):
        said = {Words(language).state({"state_word": word, "state": "x"}) for language in LANGUAGES}
        assert len(said) == len(LANGUAGES)


def test_time_runs_from_the_first_mark_to_the_last_and_the_other_way_where_people_read_so() -> None:
    marks = [Mark(2_000, "kept", "second"), Mark(1_000, "done", "first"), Mark(3_000, "due", "third")]
    line = drawn(marks, now=1_500)
    assert line is not None
    assert [one.mark.at for one in line.marks] == [1_000, 2_000, 3_000]
    assert [one.x for one in line.marks] == [EDGE, 50, 100 - EDGE], "no mark is cut by an edge"
    assert line.marks[0].x < line.now < line.marks[1].x
    assert (line.first_ms, line.last_ms) == (1_000, 3_000)
    turned = drawn(marks, now=1_500, rtl=True)
    assert turned is not None
    assert [one.x for one in turned.marks] == [100 - one.x for one in line.marks]


def test_one_mark_at_this_very_moment_is_drawn_and_no_mark_is_no_drawing() -> None:
    assert drawn([], now=0) is None
    line = drawn([Mark(-5, "due", "")], now=-5)
    assert line is not None
    assert line.marks[0].x == line.now == EDGE


@pytest.mark.parametrize(
    ("zone", "said"), [("UTC0", "UTC"), ("XXX-4:30", "UTC+04:30"), ("EST5", "UTC-05:00")]
)
def test_a_time_names_its_zone_in_the_same_way_in_every_language(
    zone: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for language in LANGUAGES:
            assert Words(language).moment(0).endswith(f" {said}")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_every_page_of_the_table_stands_beside_the_talk_and_has_a_name() -> None:
    assert set(SHORT_LINES) == set(LOOKS)
    for name in LOOKS:
        assert {f"page.{name}", f"page-about.{name}"} <= catalogue().keys()


def test_an_act_that_cannot_be_undone_says_what_it_means_before_it_is_done() -> None:
    for name in (
        "seal-anchor",
        "seal-freeze",
        "seal-agree",
        "surface-agree",
        "accept",
        "sound-answer",
        "pledge-release",
    ):
        assert ACTS[name].final, name
    assert ACTS["seal-anchor"].before == "seal consequence", "only the desk knows who could show what by then"


def test_packages_lie_on_a_line_from_ones_own_walk_away_to_ones_best() -> None:
    def one(thousandths: int, state: str = "declined") -> dict[str, object]:
        return {"package": {"Dues": "shared", "Dredging": "half"}, "thousandths": thousandths, "state": state}

    assert plotted([]) is None
    plot = plotted([one(500), one(-1), one(0), one(1000, "found"), one(1200)])
    assert plot is not None
    middle, below, least, best, beyond = plot.dots
    assert below.x < plot.walk_away == least.x < middle.x < best.x == plot.best == beyond.x
    assert [dot.percent for dot in plot.dots] == [50, None, 0, 100, 100]
    assert middle.package == {"Dues": "shared", "Dredging": "half"}, (
        "every word of it, however many there are"
    )
    turned = plotted([one(500), one(-1)], rtl=True)
    assert turned is not None
    assert [dot.x for dot in turned.dots] == [round(100 - dot.x, 2) for dot in (middle, below)]


def version(title: str, *clauses: str, closed: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "id": f"{title} {len(clauses)}",
        "title": title,
        "by": "Anna",
        "at_ms": 5,
        "dated_ms": 1_795_000_000_000,
        "kind": "agreement",
        "lapse": "stands",
        "sides": ["North", "South"],
        "order": ["South", "North"],
        "clauses": list(clauses),
        "closed": [{"name": f"term-{name}", "words": words} for name, words in (closed or {}).items()],
    }


def test_what_differs_between_two_versions_of_a_text_is_said_clause_by_clause_and_word_by_word() -> None:
    old = ["The guns are silent for thirty days.", "The road opens at dawn.", "Nobody speaks of it."]
    new = ["The guns are silent for sixty days.", "Nobody speaks of it.", "Both sides meet again in May."]
    changes = list(versions.differences(old, new))
    assert [one.state for one in changes] == ["changed", "removed", "same", "added"]
    assert changes[0].parts == (
        ("kept", "The guns are silent for "),
        ("removed", "thirty"),
        ("added", "sixty"),
        ("kept", " days."),
    )
    for before, after in ((old, new), (new, old), ([], new), (old, []), (["x " * 3_000], ["y " * 3_000])):
        found = list(versions.differences(before, after))
        for gone, whole in (("added", before), ("removed", after)):
            told = ["".join(text for kind, text in one.parts if kind != gone) for one in found]
            assert [one for one in told if one] == list(whole), "each version can be read off what is said"


def test_a_draft_is_held_against_the_last_one_of_its_title_alone() -> None:
    drafts = [version("A pause", "x"), version("Fish", "y"), version("a pause", "x", closed={"dam": "open"})]
    found = versions.compared(drafts)
    assert list(found) == ["a pause 1"]
    assert [one.state for one in found["a pause 1"]["changes"]] == ["same", "added"]


def test_another_version_begins_with_every_word_of_the_last() -> None:
    last = version("A pause", "One,\nstill one.", "Two.", closed={"dam": "Half\nfull."})
    written = json.loads(str(draft_file(versions.filled(last, "2026-11-18T11:06:40Z"))["words"]))
    assert (written["clauses"], written["terms"]) == (last["clauses"], {"dam": "Half\nfull."})
    assert {key: written[key] for key in ("title", "sides", "order", "kind", "lapse", "dated")} == {
        **{key: last[key] for key in ("title", "sides", "order", "kind", "lapse")},
        "dated": "2026-11-18T11:06:00Z",
    }
