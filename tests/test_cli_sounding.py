"""Feelers and soundings with nothing but commands, at desks over a real relay."""

from pathlib import Path

from cli_stage import stage


def test_a_feeler_shows_a_yes_of_all_and_of_a_no_only_that_there_is_no_joint_yes(tmp_path: Path) -> None:
    with stage(tmp_path) as one:
        for name in ("ada", "ben"):
            one.person(name)
        one.play("ada> open --title Talks --side A")
        one.bring("ada", "ben", side="B")
        one.play("""
            ada> sound show
              No sounding was opened in this room.
            ada> sound feel -- A pause of three days
              Asked: Ben (B)
            ben~ sound show
              “A pause of three days”, opened by Ada (A)
              awaits your answer
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
