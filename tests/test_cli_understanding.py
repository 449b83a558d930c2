"""Two people agree something by word of mouth, with nothing but commands, and no desk holds a word of it."""

import json
from pathlib import Path
from typing import Any

from backchannel.desk.commands.seals import draft_words
from cli_stage import Stage, stage


def value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def test_a_letter_is_handed_back_and_only_that_something_was_agreed_remains(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        one.person("robert")
        one.person("anatoly")
        one.play("robert> open --title Alone --side Washington --role authorised-envoy --kind bilateral")
        one.bring("robert", "anatoly", side="Moscow", role="authorised-envoy")
        one.play("""
            robert> understanding confirm
              exit 2
              There is no such understanding
            anatoly> say --returnable "The bases in Turkey are gone within five months."
            robert~ understanding offer --subject "the bases in turkey are gone" --with Moscow
              exit 2
              repeats “the bases in turkey are”
            robert> hand-back 1
              is handed back
            robert> understanding offer --subject Turkey --with Moscow --due 5y --lapse election --replaces 1
              “Turkey” is before Moscow to be confirmed
              whoever confirms last is free until then
            robert> understanding confirm
              exit 2
              Your side has confirmed this already
            robert> understanding record
              exit 4
              Waiting for Moscow
            anatoly~ status
              “Turkey”, waits for your side
            anatoly> understanding confirm
              Every named side has.
            anatoly> status
              never waits for your side
            anatoly> understanding decline
              exit 2
              a side's first word is its word
            robert~ understanding show
              “Turkey”, between Washington and Moscow: confirmed
              confirmed for Moscow by Anatoly
              if made public, a side that did not publish may let it lapse
            robert> show
              asks Washington and Moscow to confirm an oral understanding on “Turkey”
              confirms the understanding on “Turkey”
            robert> search gone within five
              exit 0
              This desk holds nothing
        """)
        (found,) = value(one, "robert", "understanding", "show")["understandings"]
        assert (found["status"], found["sides"]) == ("confirmed", ["Washington", "Moscow"])
        record = value(one, "robert", "understanding", "record")
        assert set(record) == {"subject", "sides", "confirmed", "lapse"}
        file = {
            "title": "Letters",
            "dated": "1962-11-20T00:00:00Z",
            "sides": ["A", "B"],
            "understandings": {"x": record},
        }
        assert draft_words(json.dumps(file)).understandings[0].subject == "Turkey"
