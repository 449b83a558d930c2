"""What binds sides, with nothing but commands, at two desks over a real relay: pledges, understandings, publication, leaks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backchannel.desk.commands.seals import draft_words
from cli_stage import Stage, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("promises")) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open-room --title Steps --side A --role authorised-envoy")
        one.bring("anna", "boris", side="B")
        yield one


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def last(one: Stage, name: str, what: str) -> dict[str, Any]:
    return dict(value(one, name, what, "show")[f"{what}s"][-1])


def test_a_step_is_promised_acknowledged_done_and_read_by_the_other_side(table: Stage) -> None:
    table.play("""
        anna> pledge make --to C -- "We lift the siege"
          exit 2
          Nobody in this room may speak for “C”
        anna> pledge make --to A -- "We lift the siege"
          exit 2
          made to another side
        anna> pledge make --due 2d --if "the wells are open" --states siege=lifted -- We lift the siege
          It binds your side as soon as they acknowledge it
        anna> pledge acknowledge
          exit 2
          This pledge is made by A to B
        boris~ status
          A pledges “We lift the siege”
        boris> pledge acknowledge
          from here on it binds A
        boris> pledge acknowledge
          exit 2
          already
        boris> status
          A owes you: “We lift the siege”
        anna~ status
          you owe B: “We lift the siege”
    """)
    made = last(table, "anna", "pledge")
    table.told["pledge"] = made["id"][:8]
    table.play("""
        boris> pledge broken {pledge} -- too slow
          exit 2
          what is not yet due is not broken
        anna> deed report --pledge {pledge} --at 1h -- The siege is lifted
          exit 2
          has not happened yet
        anna> deed report --pledge {pledge} --at 2020-01-01 -- The siege is lifted
          as your word
    """)
    table.told["deed"] = last(table, "anna", "deed")["id"][:8]
    table.play("""
        anna> deed read {deed} kept
          exit 2
          for the other side to say
        boris~ deed read {deed} kept -- seen from the hill
          by your side's reading this was kept
        anna~ pledge show
          by A to B: kept
          │ We lift the siege
          if the wells are open
          states siege: lifted
          kept, says B (“seen from the hill”)
          as B sees it
        anna> show
          pledges to B: “We lift the siege”
          acknowledges the pledge “We lift the siege”
          reports a deed of A
        anna> status
          never you owe
        boris> pledge release
          exit 2
          nothing to release
        boris> lapse {pledge}
          exit 2
          has been performed
    """)
    keys = ("by_side", "to", "condition", "binding", "status", "owes", "owed")
    assert [made[key] for key in keys] == ["A", ["B"], "the wells are open", True, "due", True, False]
    after = last(table, "boris", "pledge")
    assert (after["status"], after["status_as"], after["owes"], after["owed"]) == ("kept", "B", False, False)
    assert after["terms"] == [{"issue": "siege", "option": "lifted"}]
    done = last(table, "boris", "deed")
    assert (done["side"], done["pledges"], after["deeds"]) == ("A", [made["id"]], [done["id"]])
    assert [(read["side"], read["by"], read["reading"]) for read in done["readings"]] == [
        ("B", "Boris", "kept")
    ]


def test_an_understanding_lapses_by_the_choice_of_the_side_that_did_not_publish(table: Stage) -> None:
    table.play("""
        anna> understanding offer --subject Wells --with B --lapse election
        boris~ understanding confirm
          Every named side has
    """)
    table.told["told"] = last(table, "boris", "understanding")["id"][:8]
    table.play("""
        boris> lapse {told}
          exit 2
          None of its sides has reported this public
        boris> published {told} --by a --source "The Times" --at 2020-01-01
          it is your word
        anna~ lapse {told}
          exit 2
          A side that published cannot elect
        anna> understanding show {told}
          Boris reports it public, by A
        boris> lapse {told}
          binds nobody any more
        boris> lapse {told}
          exit 2
          nothing left to lapse
        anna~ understanding show {told}
          between A and B: lapsed
          lapsed by the choice of B
        boris> published 99 --source "The Times" --at 2020-01-01
          exit 2
          no item 99
    """)
    (found,) = value(table, "anna", "understanding", "show", table.told["told"])["understandings"]
    assert found["lapsed"]["why"] == "election"
    published = [(one["by_side"], one["reported_by"], one["source"]) for one in found["published"]]
    assert published == [("A", "Boris", "The Times")]


def test_a_letter_is_handed_back_and_only_that_something_was_agreed_remains(table: Stage) -> None:
    table.play("""
        anna> understanding confirm abcdef
          exit 2
          There is no such understanding
        boris> say --returnable "The bases in Turkey are gone within five months."
        anna~ understanding offer --subject "the bases in turkey are gone" --with B
          exit 2
          repeats “the bases in turkey are”
        anna> hand-back 1
          is handed back
        anna> understanding offer --subject Turkey --with B --due 5y --lapse election --replaces 1
          “Turkey” is before B to be confirmed
          whoever confirms last is free until then
    """)
    table.told["turkey"] = last(table, "anna", "understanding")["id"][:8]
    table.play("""
        anna> understanding confirm {turkey}
          exit 2
          Your side has confirmed this already
        anna> understanding record {turkey}
          exit 4
          Waiting for B
        boris~ status
          “Turkey”, waits for your side
        boris> understanding confirm
          Every named side has.
        boris> status
          never waits for your side
        boris> understanding decline {turkey}
          exit 2
          a side's first word is its word
        anna~ understanding show {turkey}
          “Turkey”, between A and B: confirmed
          confirmed for B by Boris
          if made public, a side that did not publish may let it lapse
          in place of #1: handed-back
        anna> show
          asks A and B to confirm an oral understanding on “Turkey”
          confirms the understanding on “Turkey”
        anna> search gone within five
          This desk holds nothing
        boris> search gone within five
          This desk holds nothing
    """)
    found = last(table, "anna", "understanding")
    assert (found["status"], found["sides"]) == ("confirmed", ["A", "B"])
    record = value(table, "anna", "understanding", "record", table.told["turkey"])
    assert set(record) == {"subject", "sides", "confirmed", "lapse"}
    file = {
        "title": "Letters",
        "dated": "1962-11-20T00:00:00Z",
        "sides": ["A", "B"],
        "understandings": {"x": record},
    }
    assert draft_words(json.dumps(file)).understandings[0].subject == "Turkey"


def test_one_touch_alarms_every_desk_and_shows_the_line_that_all_hold_to(table: Stage) -> None:
    table.play("""
        anna> leak line set -- We talk to everybody.
          The line is before B
        anna> leak line agree
          exit 2
          already
        boris~ status
          We talk to everybody.
          waits for your side
        boris> leak line agree
          Every side has
        boris> leak report
          The alarm goes up on every desk
          if asked, agreed by A and B
        anna~ status
          ! LEAK reported by Boris (B)
          We talk to everybody.
          never waits for your side
        anna> show
          ! LEAK reported by Boris (B)
        anna> leak lift
          exit 2
        boris> leak lift
          The alarm is off
        boris> leak report -- The Times knows
        anna~ leak show
          The Times knows
          taken off
    """)
    found = value(table, "anna", "leak", "show")
    assert [leak["text"] for leak in found["leaks"]] == ["", "The Times knows"]
    (agreed,) = found["lines"]
    assert (agreed["purpose"], [said["side"] for said in agreed["agreed"]]) == ("if asked", ["A", "B"])
    (room,) = value(table, "anna", "status")["rooms"]
    assert [alarm.split(",")[0] for alarm in room["alarms"]] == ["LEAK reported by Boris (B)"]
