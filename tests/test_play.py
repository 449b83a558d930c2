"""Cases are played on real desks, and what they must show is read off those desks."""

import asyncio
import json
import re
import subprocess
from pathlib import Path

import pytest

from backchannel.__main__ import main
from backchannel.desk.commands.answer import checked_name
from backchannel.errors import Exit
from backchannel.plays.case import PersonId, RowNumber
from backchannel.plays.case_file import load_case, parse_case
from backchannel.plays.clock import PlayClock
from backchannel.plays.looks import Looks
from backchannel.plays.narrator import Narrator
from backchannel.plays.outcome import Outcome, outcome
from backchannel.plays.page import WIDTH
from backchannel.plays.plan import plan
from backchannel.plays.play import play
from backchannel.plays.runner import Runner
from backchannel.plays.stage import stage
from backchannel.plays.tables import shown_name
from kept_play import Kept
from made_up import HELD, MADE_UP


def played(text: str) -> Outcome:
    return asyncio.run(play(parse_case(text.encode(), "made-up.yaml"), raw=True))


def held(shown: Outcome) -> set[str]:
    return {feature for feature, finding in shown.must_show.items() if finding.held}


@pytest.fixture(scope="module")
def made_up() -> Outcome:
    return played(MADE_UP)


def test_the_shipped_case_holds_all_that_it_must_show(cuba: Kept) -> None:
    shown = cuba.shown
    assert cuba.exit == Exit.OK
    assert set(shown) == {"case", "moves", "must_show", "kept_out", "sealed"}
    assert shown["case"] == "cuba-1962"
    assert shown["moves"] == {"played": list(range(1, 29)), "skipped": []}
    assert [Path(file).name for file in shown["sealed"]] == [
        *("row-18.json", "row-18-public.json", "row-18-public.html", "row-25.json", "row-27.json"),
        *("row-25-opened.json", "row-27-opened.json"),
    ]
    assert {feature: finding["held"] for feature, finding in shown["must_show"].items()} == {
        feature.feature: True for feature in load_case("cuba-1962").features
    }
    assert {person for person, each in shown["kept_out"].items() if each["clean"]} == {
        *("excomm_colleague", "ankara", "castro", "bolshakov"),
    }


def test_what_the_demonstration_seals_is_checked_from_its_files_alone(
    cuba: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("row-25.json", "row-25-opened.json", "row-27-opened.json")
    assert main(["verify", "--json", *(str(cuba.folder / "sealed" / name) for name in names)]) == Exit.OK
    closed, agreed, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert (closed["text"], closed["opened"]) == (agreed["text"], {})
    assert "Turkey" not in str(closed)
    assert agreed["opened"]["understanding-row-22"]["confirmed"].startswith("1962-10-30")
    assert "Turkey" in done["opened"]["term-row-27"]
    assert done["clauses"] == []
    assert done["refers_to"] == [{"as": "performance", "text": agreed["text"]}]


def test_evidence_can_be_looked_at_again_at_the_kept_desks(cuba: Kept) -> None:
    (look, *_) = [
        each for each in cuba.shown["must_show"]["message_order_and_crossing"]["evidence"] if each["events"]
    ]
    command = look["command"].replace("desk", f"desk {look['desk']}", 1)
    again = subprocess.run(
        ["sh", "-c", f". {cuba.folder}/env >/dev/null; {command} --no-sync"],
        capture_output=True,
        text=True,
        check=True,
    )
    items = {item["id"]: item for item in json.loads(again.stdout)["items"]}
    assert set(look["events"]) <= set(items)
    assert all(items[event]["crossed"] for event in look["events"])
    assert min(item["at_ms"] for item in items.values()) < 0  # in the time of the play


def test_each_word_is_held_where_the_desks_show_it_and_not_where_they_do_not(made_up: Outcome) -> None:
    assert held(made_up) == HELD
    assert made_up.exit == Exit.NOT_HELD
    for feature, finding in made_up.must_show.items():
        assert bool(finding.evidence) or not finding.held, feature
        assert bool(finding.why) != finding.held, feature


def test_what_cannot_be_played_yet_is_skipped_with_the_reason_and_never_held(made_up: Outcome) -> None:
    assert list(made_up.played.skipped) == [9]
    assert "front channel" in made_up.played.skipped[RowNumber(9)]
    assert "not played" in made_up.must_show["not_played"].why
    assert made_up.value()["moves"] == {
        "played": [1, 2, 3, 4, 5, 6, 7, 8, 10],
        "skipped": [{"row": 9, "reason": made_up.played.skipped[RowNumber(9)]}],
    }


def test_who_is_kept_out_holds_no_trace(made_up: Outcome) -> None:
    assert {person: each.hits for person, each in made_up.kept_out.items()} == {"dora": ()}


def test_a_case_by_any_other_name_plays_the_same() -> None:
    names = {
        "harbour": "quarry", "anna": "zora", "boris": "yuri", "carl": "xeno", "dora": "wanda", "north": "upper",
        "south": "lower", "talks": "cellar", "home": "attic", "hither": "stair", "thither": "porch",
        "Northwind": "Upward", "Southern": "Lowe", "Ferryman": "Walker", "Neighbour": "Upstairs", "Anna": "Zora", "Boris": "Yuri", "Carl": "Xeno", "Dora": "Wanda",
        "Northtown": "Uppertown", "Southtown": "Lowertown", "mole": "vault",
    }  # fmt: skip
    case = parse_case(
        re.sub("|".join(names), lambda match: names[match[0]], MADE_UP).encode(), "made-up.yaml"
    )
    told: list[str] = []
    narrator = Narrator(case, told.append)
    narrator.begin()
    shown = asyncio.run(play(case, narrator=narrator, raw=True))
    assert held(shown) == HELD
    assert list(shown.played.skipped) == [9]
    _is_told_in_full(told)


def _is_told_in_full(told: list[str]) -> None:
    """Each chapter of the demonstration is there for any case, on lines that fit, with what the desks said."""
    assert max(map(len, told)) <= WIDTH
    assert [line.strip() for line in told if re.match(r"  \d\. ", line)] == [
        "1. The first approach",
        "2. Letters that cross",
        "3. A room that their own colleagues cannot see",
        "4. A text shown, and handed back",
        "5. A forgery, and why there can be one",
        "6. What the relay saw",
        "7. What the desks show, now that it is over",
    ]
    text = " ".join(" ".join(told).replace("│", " ").split())
    assert "This desk holds nothing with “The two envoys”." in text
    assert "written without sight of each other" in text
    assert "[a text was shown here; it was handed back by Zora Upward" in text
    assert "Yuri Lowe (Lowertown)" in text
    assert "We accept everything, and always did." in text
    assert "every one of 8,192 bytes" in text
    assert "Found: 0." in text


def test_what_is_held_follows_what_happens_on_the_desks() -> None:
    changed = MADE_UP
    for old, new in (
        ("out_of: [talks, hither]", "out_of: [hither]"),
        ("members: [anna, boris], opened: 1", "members: [anna, boris, dora], opened: 1"),  # the council is told
        ("mandate: authorised, register: formal, gist: 'Our", "answers: 3, mandate: authorised, register: formal, gist: 'Our"),
        ("onward: thither, carry: not-stated, ", ""),  # nothing is carried on
        ("by: anna, answers: 7,", "by: anna,"),  # the draft is not answered, so it is not handed back
        ("by: north, from: north, to: south", "by: north, answers: 6, from: north, to: south"),
    ):  # fmt: skip
        assert old.replace("'", '"') in changed
        changed = changed.replace(old.replace("'", '"'), new.replace("'", '"'))
    shown = played(changed)
    assert held(shown) == {"knew", "not_knew", "dormant"}


async def _told_by_hand() -> Outcome:
    case = parse_case(MADE_UP.encode(), "made-up.yaml")
    clock = PlayClock(case.timeline[0].at_ms)
    async with stage(None, clock) as here:
        await here.open_desks(case.people.values(), raw=True)
        over = await Runner(case, here).play()
        here.seats[PersonId("anna")].do(
            "say", "--room", "The council at home", "--", case.row(RowNumber(3)).gist
        )
        await here.settle()
        return outcome(Looks(case, here.seats, over.tables, clock()), over)


def test_what_somebody_lets_slip_by_hand_is_found() -> None:
    shown = asyncio.run(_told_by_hand())
    assert "row 3" in shown.kept_out[PersonId("dora")].hits[0]
    assert held(shown) == HELD - {"absent"}


def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    lines = MADE_UP.splitlines()
    place = next(number for number, line in enumerate(lines, 1) if "n: 4," in line)
    lines[place - 1] = lines[place - 1].replace("by: boris", "by: carl")
    bad.write_text("\n".join(lines))
    assert main(["play", str(bad)]) == Exit.REFUSED
    assert f"line {place}" in capsys.readouterr().err
    assert main(["play", str(tmp_path / "none.yaml")]) == Exit.REFUSED


def test_a_folder_that_holds_something_is_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("keep me")
    assert main(["play", "cuba-1962", "--keep", str(tmp_path)]) == Exit.REFUSED
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_who_says_the_second_of_two_crossing_rows_is_kept_off_the_line_between_them() -> None:
    planned = plan(parse_case(MADE_UP.encode(), "made-up.yaml"))
    assert set(planned.off_line[RowNumber(3)]) == set(planned.on_line[RowNumber(4)]) == {PersonId("boris")}
    assert planned.handed_back == {7: 8}


def test_the_clock_of_a_play_never_runs_back_nor_past_its_bound() -> None:
    real = [0]
    clock = PlayClock(-1_000, lambda: real[0])
    assert clock() == -1_000
    clock.go(5_000, 6_000)
    real[0] += 400
    assert clock() == 5_400
    real[0] += 10_000
    assert clock() == 6_000
    clock.go(1_000, 2_000)
    assert clock() == 6_000


def test_october_1962_as_others_wrote_it_holds_all_under_any_names(outside_cases: Path) -> None:
    text = (outside_cases / "cuba-1962.yaml").read_text("utf-8")
    case = parse_case(text.encode(), "cuba-1962.yaml")
    ids = [*case.people, *case.parties, *case.rooms, *case.issues, *case.clocks, *case.secret_terms]
    new = {each: f"x{number}" for number, each in enumerate(dict.fromkeys(ids))}
    new |= {person.name: f"Somebody {person.id}" for person in case.people.values()}
    new |= {party.name: f"Anywhere {party.id}" for party in case.parties.values()}
    known = "|".join(sorted(map(re.escape, new), key=len, reverse=True))
    text = re.sub(rf"(?:(?<![\w./])|(?<=deal\.))(?:{known})(?!\w)", lambda match: new[match[0]], text)
    shown = asyncio.run(play(parse_case(text.encode(), "renamed.yaml"), raw=True))
    assert {feature: finding.why for feature, finding in shown.must_show.items() if not finding.held} == {}
    assert (shown.exit, shown.case.id) == (Exit.OK, new["cuba"] + "-1962")


def test_cases_from_elsewhere_play_without_an_error(outside_cases: Path, deep: bool) -> None:
    files = sorted(outside_cases.glob("*.yaml"))
    assert files
    for file in files if deep else ():
        shown = asyncio.run(play(load_case(str(file)), raw=True))
        assert shown.exit in {Exit.OK, Exit.NOT_HELD}
        assert all(not each.hits for each in shown.kept_out.values()), file.name
        assert len(shown.played.rows) + len(shown.played.skipped) == len(shown.case.timeline)


def test_a_name_or_side_too_long_for_a_desk_is_cut_and_then_taken() -> None:
    long = "One official for " + "the ministries, " * 8
    cut = shown_name(long)
    assert checked_name(cut, "A name") == cut
    assert long.startswith(cut.removesuffix("…"))
    assert shown_name("Ada") == "Ada"
