"""Agendas are put on the table and agreed, and what a side wants stays on its desk, with nothing but commands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backchannel.desk.package_questions import ask_again, ask_all
from backchannel.errors import Refused
from cli_stage import Stage, stage
from foreign_files import NEGOLOG

ANSWERS = {
    "Dues": {"best": "north", "worst": "south", "between": {"shared": 4}, "matters": 5},
    "Dredging": {"best": "none", "worst": "all", "between": {"half": 2}, "matters": 2, "never": ["all"]},
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Anna and Boris of two sides."""
    with stage(tmp_path_factory.mktemp("package")) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open-room --title Talks --side North")
        one.bring("anna", "boris", side="South")
        yield one


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type("--json", *words)
    assert done.code == 0, done.shown
    return done.value


def test_an_agenda_is_agreed_and_wants_stay_on_their_desk(table: Stage, tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(ANSWERS), "utf-8")
    table.play(f"""
        anna> package show
          No agenda is on the table
        anna> package propose --secret --issue "Dues: shared | north | south" --issue "Dredging: none | half [secret] | all"
          of 2 issues and 9 packages; your side agrees to it, South not yet
        boris~ package show
          Dredging: none | half [off the public text] | all
          North: agrees
          South: has not agreed yet
          not been told what you want
        anna> package explain --choose Dues=shared
          exit 2
          does not know what you want
        anna> package prefer --answers {answers} --walk-away 30
          nothing was sent
        anna> package agree
          exit 2
          agreed to this already
        boris> package agree
          All its sides have agreed
        anna~ package show
          agreed by all its sides
          this desk knows what you want
        anna> package explain --choose Dues=north --choose Dredging=half
          of the way from your walk-away to your best
          “Dues”: north; your best
        anna> package explain --choose Dues=north --choose Dredging=all
          below your walk-away
          which you said you would
        anna> package explain --choose Dues=east --choose Dredging=all
          exit 2
          “Dues” needs one of its options: shared; north; south.
        boris> show
          agrees to an agenda for packages, for their side
    """)
    shown = value(table, "boris", "package", "show")["agendas"][0]
    assert (shown["status"], shown["preferences_kept"], shown["secret"]) == ("agreed", 0, 1)
    # The room's record holds the agenda and the yes, and of what Anna wants nothing: her telling it left no event.
    heads = [value(table, name, "package", "show")["head"] for name in ("anna", "boris")]
    assert heads[0] == heads[1]
    refined = {"Dues": {"between": {"shared": 5}}, "Dredging": {"between": {"half": 1}, "matters": 5}}
    again, wrong = tmp_path / "again.json", tmp_path / "wrong.json"
    again.write_text(json.dumps(refined), "utf-8")
    wrong.write_text(json.dumps({"Dues": {"between": {"shared": 9}}}), "utf-8")
    choices = ("--choose", "Dues=shared", "--choose", "Dredging=none")
    before = value(table, "anna", "package", "explain", *choices)["thousandths"]
    table.play(f"""
        boris> package refine --answers {again}
          exit 2
          does not know what you want
        anna> package refine --answers {wrong}
          exit 2
          from 1 to 5
        anna> package refine --answers {again}
          nothing was sent
        anna> package refine --answers {again}
          exit 2
          finer than a few answers already
    """)
    assert value(table, "anna", "package", "explain", *choices)["thousandths"] > before
    assert [value(table, name, "package", "show")["head"] for name in ("anna", "boris")] == heads
    table.play("""
        anna> package forget
          gone from this desk
        anna> package forget
          exit 2
          keeps no preferences
        boris> package drop
          off the table
        anna~ package show
          off the table
        anna> package agree
          exit 2
          no such agenda
    """)


def test_two_desks_search_and_their_people_say_the_last_word(table: Stage, tmp_path: Path) -> None:
    wants = {"anna": ("low", "high"), "boris": ("low", "high")}
    put = value(table, "anna", "package", "propose", "--issue", "Toll: low | high")["agenda"][:12]
    table.play(f"""
        boris~ package agree {put}
          All its sides have agreed
        boris> package search {put}
          exit 2
          does not know what you want
        boris> package progress {put}
          Nobody searches on this agenda yet
    """)
    for name, (best, worst) in wants.items():
        answers = tmp_path / f"{name}.json"
        answers.write_text(json.dumps({"Toll": {"best": best, "worst": worst, "matters": 5}}), "utf-8")
        table.play(f"{name}> package prefer {put} --answers {answers}")
    table.play(f"""
        anna~ package show {put}
          agreed by all its sides
        anna> package search {put}
          shows you what is proposed before anything is found
        anna> package accept {put}
          exit 4
          No package is proposed to you now
        anna> package search --better {put}
          exit 2
          No package has been found
        boris~ package progress {put}
          join with `backchannel desk package search`
        boris> package search {put}
    """)
    proposals = {name: _until(table, put, name, "proposal") for name in wants}
    assert proposals == {name: {"Toll": "low"} for name in wants}
    table.play(f"""
        anna> package progress {put}
          proposes a package to the people of all sides
          as good for you as any can be
          told others of you: at most
        anna> package accept {put}
          nobody learns who did not
        boris> package accept {put}
    """)
    assert {name: _until(table, put, name, "found") for name in wants} == proposals
    table.play(f"""
        anna> package progress {put}
          Everybody accepts this package:
          Toll: low
        anna> package search {put}
          exit 2
          searches already
        anna> package progress --better {put}
          Nobody searches on this agenda yet
        boris> package search --better {put}
        anna> package search --better {put}
        boris~ package progress --better {put}
          what was settled stands
        anna> package drop {put}
    """)


def _until(one: Stage, agenda: str, name: str, field: str) -> object:
    """Look at a search on both desks in turn until one of them shows something."""
    for _ in range(40):
        seen = {who: value(one, who, "package", "progress", agenda) for who in ("anna", "boris")}
        if seen[name][field] is not None:
            return seen[name][field]
    raise AssertionError(seen)


def test_an_agenda_and_a_profile_come_from_files_of_other_programs(table: Stage, tmp_path: Path) -> None:
    profile, broken = tmp_path / "north.json", tmp_path / "broken.xml"
    profile.write_text(json.dumps(NEGOLOG), "utf-8")
    broken.write_text("<!DOCTYPE x><x/>", "utf-8")
    table.play(f"""
        anna> package propose --file {broken}
          exit 2
          declares a document type
        anna> package propose --file {profile}
          of 2 issues and 4 packages
        anna> package prefer --profile {profile}
        anna> package explain --choose Dues=north --choose Depth=3
          as good for you as any can be
        anna> package drop
        anna> package propose --issue "Dues shared"
          exit 2
          TITLE: OPTION | OPTION
        anna> package propose --issue "Dues: a | a"
          exit 2
          must all differ
        anna> package propose --with East --issue "Dues: a | b"
          exit 2
          Nobody in this room may speak for
    """)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"Flag": {}}, "no issue “Flag”"),
        ({"Dues": {"best": "east", "worst": "south", "matters": 5}}, "needs one of its options"),
        ({"Dues": {**ANSWERS["Dues"], "matters": 6}}, "from 1 to 5"),
        ({"Dues": {**ANSWERS["Dues"], "between": {}}}, "say what is missing"),
        ({"Dues": {**ANSWERS["Dues"], "weight": 3}}, "cannot be read"),
        ({}, "one of them must matter"),
    ],
)
def test_answers_that_do_not_fit_the_agenda_are_refused_and_nothing_is_kept(
    table: Stage, tmp_path: Path, answers: object, says: str
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers), "utf-8")
    put = value(table, "anna", "package", "propose", "--issue", "Dues: shared | north | south")["agenda"]
    done = table.people["anna"].type("package", "prefer", put[:12], "--answers", str(file))
    assert done.code == 2
    assert says in done.shown
    (kept,) = [
        one for one in value(table, "anna", "package", "show", put[:12])["agendas"] if one["id"] == put
    ]
    assert kept["preferences_kept"] == 0
    table.play(f"anna> package drop {put[:12]}")


def test_questions_at_the_terminal_become_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [
        {"title": "Dues", "options": ["shared", "north", "south"], "ends": ["best?", "worst?"]},
        {"title": "Dredging", "options": ["none", "all"], "ends": ["best?"]},
        {"title": "Flag", "options": ["of both"], "ends": []},
    ]
    typed = iter(["2", "3", "4", "5", "", "1", "2", "2", "30"])
    monkeypatch.setattr("backchannel.desk.inputs.line", lambda _prompt, _option: next(typed))
    words, walk_away = ask_all(issues, None)
    assert walk_away == 30
    assert json.loads(words) == {
        "Dues": {**ANSWERS["Dues"], "never": []},
        "Dredging": {"best": "none", "worst": "all", "between": {}, "matters": 2, "never": ["all"]},
    }
    for wrong in (["4"], ["2", "2"], ["2", "3", "9"], ["2", "3", "4", "5", "x"]):
        typed = iter(wrong)
        with pytest.raises(Refused, match="begin again"):
            ask_all(issues, 0)


def test_what_is_asked_again_at_the_terminal_is_about_what_was_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []
    typed = iter(["5", "1", "4"])

    def line(prompt: str, _option: str) -> str:
        shown.append(prompt)
        return next(typed)

    monkeypatch.setattr("backchannel.desk.inputs.line", line)
    told = [
        {"title": "Dues", "between": {"shared": 4}, "matters": 0},
        {"title": "Dredging", "between": {"half": 2}, "matters": 2},
    ]
    assert json.loads(ask_again(told)) == {
        "Dues": {"between": {"shared": 5}, "matters": 0},
        "Dredging": {"between": {"half": 1}, "matters": 4},
    }
    assert ["shared you said 4" in shown[0], "half you said 2" in shown[1], "to be 2" in shown[2]] == [
        True
    ] * 3
    assert next(typed, None) is None
