"""A public demand goes on record and is parked with nothing but commands, at two desks over a real relay."""

from pathlib import Path
from typing import Any

from cli_stage import stage


def test_a_precondition_is_put_on_record_parked_by_both_and_restated_only_in_sight_of_all(
    tmp_path: Path,
) -> None:
    with stage(tmp_path) as one:
        for name in ("kobie", "nelson"):
            one.person(name)
        one.play("kobie> open-room --title Talks --side Government")
        one.bring("kobie", "nelson", side="ANC")
        one.play("""
            kobie> precondition show
              No precondition is on record in this room.
            kobie> precondition park
              exit 2
              no such precondition
            kobie> precondition state --source speech << Violence is renounced first.
              only Government can drop or restate it
            nelson~ precondition show
              of Government: on record
              │ Violence is renounced first.
            nelson> precondition drop
              exit 2
              no such precondition of your side
            nelson> precondition park
              it is parked when the other side does the same
            nelson> precondition park
              exit 2
              Your side has parked this already
            nelson> say --states agenda=first -- Talks about talks come first.
            kobie~ show 1
              Talks about talks
            kobie> precondition park
              parked, not conceded
            kobie> precondition park 1
              concedes nothing
            kobie> precondition park 9
              exit 2
            nelson~ precondition show 1
              of ANC: on record
            nelson~ precondition show
              of Government: parked, not conceded since
              ANC lets it rest, says Nelson (ANC)
            kobie> precondition restate --source letter -- Violence is suspended.
              whoever parked the old one has not parked this one
            kobie> precondition show
              restated
              │ Violence is renounced first.
              │ Violence is suspended.
            kobie> precondition drop
              off the record
            nelson~ show
              puts on record as a precondition (said in speech): Violence is renounced first.
              restates a precondition (said in letter): Violence is suspended.
              drops a precondition of their side
        """)
        done = one.people["nelson"].type("precondition", "show", "--json")
        found: list[dict[str, Any]] = done.value["preconditions"]  # type: ignore[assignment]
        assert [(each["side"], each["wording"], each["status"]) for each in found] == [
            ("Government", "Violence is renounced first.", "dropped"),
            ("ANC", "Talks about talks come first.", "on-record"),
            ("Government", "Violence is suspended.", "dropped"),
        ]
        assert [park["side"] for park in found[0]["parked_by"]] == ["ANC", "Government"]
        assert (found[0]["restated_as"], found[2]["restates"]) == (found[2]["id"], found[0]["id"])
