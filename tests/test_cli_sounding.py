"""Feelers and soundings with nothing but commands, at desks over a real relay."""

from pathlib import Path

from cli_stage import stage


def test_a_feeler_shows_a_yes_of_all_and_of_a_no_only_that_there_is_no_joint_yes(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        for name in ("ada", "ben"):
            one.person(name)
        one.play("ada> open-room --title Talks --side A")
        one.bring("ada", "ben", side="B")
        one.play("""
            ada> sound show
              No sounding was opened in this room.
            ada> sound feel -- A pause of three days
              Asked: Ben (B)
            ben~ sound show
              “A pause of three days”, opened by Ada (A)
              awaits your answer
            ben> status
              (“A pause of three days”) awaits your answer, by
            ben> sound answer --all
              Nobody learns of a no
            ada~ sync
            ben~ sync
            ada~ sound show
              Everybody said yes.
            ben~ sound show
              Everybody said yes.
            ada> sound feel -- A pause of three days
              exit 2
              sounded with them before
            ada> sound feel --no -- A pause of four days
              Asked: Ben (B)
            ben> sound answer --all
              Your answers are given
            ada~ sync
            ben~ sync
            ada~ sound show
              No joint yes.
            ben~ sound show
              No joint yes.
            ben> sound answer --all
              exit 2
              no such sounding
            ben> sound ledger
              they know that you accept 1 of these
              they know that you accept 0 of these
            ada~ show
              puts out a feeler: A pause of three days
              takes part in a sounding
        """)


def test_a_list_and_limits_are_sounded_by_numbers(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        for name in ("ada", "ben"):
            one.person(name)
        one.play("ada> open-room --title Talks --side A")
        one.bring("ada", "ben", side="B")
        (tmp_path / "options").write_text("a pause\na hotline\n\ninspections\n", encoding="utf-8")
        (tmp_path / "prices").write_text("100\n90\n80\n", encoding="utf-8")
        one.play(f"""
            ada> sound open {tmp_path / "options"} --yes 1,2 --binding --about peace
              Asked: Ben (B)
            ben~ sound show
              3 options, all, opened by Ada (A); binding
              2. a hotline
            ben> sound answer --yes 2-4
              exit 2
              numbers 1 to 3
            ben> sound answer --yes 2-3
              Your answers are given
            ada~ sync
            ben~ sync
            ada~ sound show
              Everybody said yes to:
              2. a hotline
            ada~ pledge show
              a hotline
            ada> sound open {tmp_path / "prices"} --kind threshold --yes 1-2
              Only whether the limits meet will show
            ben~ sound show
              Ada (A) accepts from 1 on up to theirs, Ben (B) from 3 on down to theirs
            ben> sound answer --yes 2
              exit 2
              Here a limit is asked
            ben> sound answer --yes 2,3
              Your answers are given
            ada~ sync
            ben~ sync
            ben~ sound show
              Your limits meet.
            ada> sound ledger
              whether your limit and theirs meet: 1 bit
            ada> sound open {tmp_path / "options"} --yes one
              exit 2
              by their numbers
            ben> sound feel -- tea
              Asked: Ada (A)
            ben> sound stop
              You gave it up.
        """)
