"""Pledges, deeds and publication with nothing but commands, at two desks over a real relay."""

from pathlib import Path
from typing import Any

from cli_stage import Stage, stage


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def only(one: Stage, name: str, what: str) -> dict[str, Any]:
    (found,) = value(one, name, what, "show")[f"{what}s"]
    return dict(found)


def test_a_step_is_promised_done_and_read_and_a_second_lapses_when_it_is_published(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        one.person("anna")
        one.person("boris")
        one.play("anna> open --title Steps --side A")
        one.bring("anna", "boris", side="B")
        one.play("""
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
        made = only(one, "anna", "pledge")
        one.told["pledge"] = made["id"][:8]
        one.play("""
            boris> pledge broken {pledge} -- too slow
              exit 2
              what is not yet due is not broken
            anna> deed report --pledge {pledge} --at 1h -- The siege is lifted
              exit 2
              has not happened yet
            anna> deed report --pledge {pledge} --at 2020-01-01 -- The siege is lifted
              as your word
        """)
        one.told["deed"] = only(one, "anna", "deed")["id"][:8]
        one.play("""
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
        assert {
            key: made[key] for key in ("by_side", "to", "condition", "binding", "status", "owes", "owed")
        } == {
            "by_side": "A",
            "to": ["B"],
            "condition": "the wells are open",
            "binding": True,
            "status": "due",
            "owes": True,
            "owed": False,
        }
        after = only(one, "boris", "pledge")
        assert (after["status"], after["status_as"], after["owes"], after["owed"]) == (
            "kept",
            "B",
            False,
            False,
        )
        assert after["terms"] == [{"issue": "siege", "option": "lifted"}]
        done = only(one, "boris", "deed")
        assert (done["side"], done["pledges"], after["deeds"]) == ("A", [made["id"]], [done["id"]])
        assert [(read["side"], read["by"], read["reading"]) for read in done["readings"]] == [
            ("B", "Boris", "kept")
        ]
        one.play("""
            anna> understanding offer --subject Wells --with B --lapse election
            boris~ understanding confirm
        """)
        told = only(one, "boris", "understanding")["id"]
        one.told["told"] = told[:8]
        one.play("""
            boris> lapse {told}
              exit 2
              None of its sides has reported this public
            boris> published {told} --by a --source "The Times" --at 2020-01-01
              it is your word
            anna~ lapse {told}
              exit 2
              A side that published cannot elect
            anna> understanding show
              Boris reports it public, by A
            boris> lapse {told}
              binds nobody any more
            boris> lapse {told}
              exit 2
              nothing left to lapse
            anna~ understanding show
              between A and B: lapsed
              lapsed by the choice of B
            boris> published 99 --source "The Times" --at 2020-01-01
              exit 2
              no item 99
        """)
        found = only(one, "anna", "understanding")
        assert found["lapsed"]["why"] == "election"
        assert [(one["by_side"], one["reported_by"], one["source"]) for one in found["published"]] == [
            ("A", "Boris", "The Times")
        ]
