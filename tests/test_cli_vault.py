"""What happens to a desk as a whole, by command: passphrase, back-up, restoring, moving."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.errors import Exit
from cli_stage import Person, Stage, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("vault")) as one:
        one.person("anna")
        one.person("boris", admissions=0)
        one.play("anna> open-room --title Talks --side A")
        one.bring("anna", "boris", side="B")
        one.play('anna> say -- "On the record of both."')
        one.play("""
            boris~ show
              On the record of both.
        """)
        yield one


def test_a_back_up_is_restored_to_be_read_and_not_to_speak(table: Stage, tmp_path: Path) -> None:
    anna = table.people["anna"]
    table.told["file"] = str(tmp_path / "backup")
    table.play("""
        anna> backup {file} --new-passphrase-fd 0 << four unrelated words here
          nothing that could speak
        anna> backup {file} --new-passphrase-fd 0 << four unrelated words here
          exit 2
          so that no back-up is overwritten
    """)
    again = Person("again", tmp_path / "again", anna.env)
    done = again.type("restore", table.told["file"], "--passphrase-fd", "0", text="four wrong words here")
    assert (done.code, done.err) == (2, "The passphrase does not open this back-up; try again.\n")
    done = again.type("restore", table.told["file"], "--passphrase-fd", "0", text="four unrelated words here")
    assert done.code == Exit.OK, done.shown
    table.people["again"] = again
    done = again.type("unlock", "--passphrase-fd", "0", text="four unrelated words here")
    assert done.code == Exit.OK, done.shown
    table.play("""
        again> show
          On the record of both.
          from a back-up: can only be read
        again> say -- "Hello?"
          exit 2
          ask for a new invitation to speak in it
    """)


def test_a_desk_moves_and_goes_on_where_it_was(table: Stage, tmp_path: Path) -> None:
    boris, target = table.people["boris"], tmp_path / "stick" / "desk"
    target.parent.mkdir()
    done = boris.type("move", str(target))
    assert done.code == Exit.REFUSED
    done = boris.type("move", str(target), "--yes", alone=True)
    assert done.code == Exit.OK, done.shown
    done = boris.type("rooms")
    assert (done.code, "was moved to another place on purpose; open it there." in done.err) == (2, True)
    table.people["boris"] = Person("boris", target, boris.env)
    table.people["boris"].unlock()
    table.play("""
        boris> say -- "From the stick."
          sent
        anna~ show
          From the stick.
    """)


def test_a_new_passphrase_opens_and_the_old_one_does_not(table: Stage) -> None:
    anna = table.people["anna"]
    done = anna.type(
        "passphrase",
        "--passphrase-fd",
        "0",
        "--new-passphrase-fd",
        "0",
        text="not the key\nanother pass phrase\n",
    )
    assert done.code == Exit.REFUSED
    done = anna.type(
        "passphrase",
        "--passphrase-fd",
        "0",
        "--new-passphrase-fd",
        "0",
        text=f"{anna.key}\nanother pass phrase\n",
    )
    assert done.code == Exit.OK, done.shown
    anna.lock()
    assert anna.type("rooms", alone=True).code == Exit.REFUSED
    done = anna.type("rooms", "--passphrase-fd", "0", text="another pass phrase")
    assert done.code == Exit.OK, done.shown
