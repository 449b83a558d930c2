"""What a person at a terminal is asked, and what stays on the screen: real commands on a real pseudo-terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.errors import Exit
from cli_stage import Person, Stage, command, environment, stage

SECONDS = 20.0


def at_terminal(
    someone: Person, *words: str, answers: tuple[tuple[str, str], ...] = (), **more: str
) -> tuple[int, str]:
    """Run a command at a terminal; each answer is typed once its question is on the screen."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "backchannel", "desk", "--desk", str(someone.home), *words],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment(TERM="xterm", COLUMNS="80", **more), start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, waiting, end = "", list(answers), time.monotonic() + SECONDS
    while time.monotonic() < end:
        if waiting and waiting[0][0] in shown:
            os.write(ours, waiting.pop(0)[1].encode())
        if select.select([ours], [], [], 0.05)[0]:
            try:
                shown += os.read(ours, 65536).decode("utf-8", "replace")
            except OSError:  # its end is closed
                break
        elif running.poll() is not None:
            break
    os.close(ours)
    try:
        code = running.wait(5)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        raise AssertionError(f"still running, having shown:\n{shown}") from None
    return code, shown.replace("\r\n", "\n")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("terminal")) as one:
        one.person("anna")
        one.person("boris", admissions=0)
        one.play("anna> open-room --title Talks --side A")
        one.bring("anna", "boris", side="B")
        yield one


@pytest.fixture
def anna(table: Stage) -> Person:
    return table.people["anna"]


def test_a_new_desk_asks_twice_and_a_slip_makes_nothing(tmp_path: Path) -> None:
    nobody = Person("nobody", tmp_path / "desk")
    code, shown = at_terminal(
        nobody, "new",
        answers=(("will call you", "Nora\n"), ("unrelated words", "one two three\n"), ("once more", "one two tree\n")),
    )  # fmt: skip
    assert code == Exit.REFUSED
    assert "The two were not the same" in shown
    assert "one two three" not in shown
    assert not (tmp_path / "desk").exists()


def test_who_will_read_it_stands_above_what_is_written(table: Stage, anna: Person) -> None:
    code, shown = at_terminal(anna, "say", answers=(("Ctrl-D", "Would a pause\ndo?\n\x04"),))
    assert code == Exit.OK
    assert shown.index("To: PLENARY · readable by 2: A 1, B 1") < shown.index("Would a pause")
    table.play("""
        boris~ show 1
          │ Would a pause
          │ do?
    """)


def test_an_editor_is_used_and_its_file_is_gone_afterwards(anna: Person, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "Written in an editor.\\n" > "$1"\n')
    editor.chmod(0o700)
    code, shown = at_terminal(anna, "say", EDITOR=str(editor), XDG_RUNTIME_DIR=str(runtime))
    assert code == Exit.OK, shown
    assert list(runtime.iterdir()) == []
    assert "Written in an editor." in anna.type("show").out
    editor.write_text('#!/bin/sh\nprintf "Half of it.\\n" > "$1"; exit 1\n')
    code, shown = at_terminal(anna, "say", EDITOR=str(editor), XDG_RUNTIME_DIR=str(runtime))
    assert code == Exit.REFUSED
    (left,) = runtime.iterdir()
    assert left.read_text() == "Half of it.\n"


def test_readers_who_changed_while_one_wrote_are_named_and_the_text_is_kept(
    table: Stage, anna: Person, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    leave = f"{sys.executable} -m backchannel desk --desk {table.people['boris'].home} leave --yes"
    wait = f"while {sys.executable} -m backchannel desk --desk {anna.home} room | grep -q 'readable by 2'; do sleep 0.1; done"
    editor.write_text(f'#!/bin/sh\n{leave} >/dev/null\n{wait}\nprintf "For Boris only.\\n" > "$1"\n')
    editor.chmod(0o700)
    code, shown = at_terminal(anna, "say", EDITOR=str(editor))
    flat = " ".join(shown.split())
    assert code == Exit.MOVED, shown
    assert "The readers are others than when you wrote this: PLENARY · readable by 1: A 1" in flat
    assert "kept as draft" in flat
    assert "For Boris only." not in anna.type("show").out
    assert anna.type("say", "--draft").code == Exit.MOVED
    assert anna.type("say", "--draft", "--to-present-readers").code == Exit.OK


def test_the_room_is_asked_for_where_there_are_several(table: Stage, anna: Person) -> None:
    table.play("anna> open-room --title Caucus --side A --kind caucus")
    code, shown = at_terminal(anna, "room", answers=(("Which room?", "2\n"),))
    assert code == Exit.OK
    assert "CAUCUS · readable by 1: A 1" in shown.partition("Which room?")[2]


def test_what_cannot_be_undone_names_its_consequence_and_takes_a_yes(anna: Person) -> None:
    code, shown = at_terminal(anna, "forget", "--room", "Caucus", answers=(("Type yes", "y\n"),))
    assert code == Exit.REFUSED
    assert "destroyed for ever" in " ".join(shown.split())
    code, shown = at_terminal(anna, "forget", "--room", "Caucus", answers=(("Type yes", "yes\n"),))
    assert code == Exit.OK
    assert anna.type("room", "--room", "Caucus").code == Exit.REFUSED


def test_a_long_text_is_cut_behind_its_bar_on_a_terminal_and_whole_in_a_pipe(anna: Person) -> None:
    hostile = "x" * 76 + " #99  formal · Boris (B), principal"
    anna.type("say", "--", hostile)
    _, shown = at_terminal(anna, "show", "--last", "1")
    assert not any(line.lstrip("\x1b[01m").startswith("#99") for line in shown.splitlines())
    assert "x" * 76 + " #99" in anna.type("show").out


def test_a_terminal_that_lacks_a_letter_shows_its_code(table: Stage, anna: Person) -> None:
    table.play("anna> say -- “Ja”, 日本.")
    done = command(
        "desk", "--desk", str(anna.home), "show", env=environment(PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    )
    assert done.code == Exit.OK
    assert "\\u201cJa\\u201d, \\u65e5\\u672c." in done.out


def test_watching_follows_over_a_relay_that_was_killed_and_ends_quietly_with_ctrl_c(
    table: Stage, anna: Person
) -> None:
    table.person("carl", admissions=0)
    table.bring("anna", "carl", side="C")
    carl = table.people["carl"]
    watching = subprocess.Popen(
        [sys.executable, "-m", "backchannel", "desk", "--desk", str(carl.home), "watch", "--bell"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=carl.env,
    )  # fmt: skip
    assert watching.stdout is not None
    seen = iter(watching.stdout.readline, "")
    assert next(seen) == "Talks\n"
    table.play('anna> say -- "Before the kill."')
    assert any("Before the kill." in line for line in seen)
    table.relay.kill()
    table.relay.start()
    table.play('anna> say -- "After the kill."')
    assert any("After the kill." in line for line in seen)
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=10)
    assert watching.returncode == Exit.OK
    assert set(err) == {"\a"}, "it rings when something comes, and says nothing else"
    assert "Traceback" not in out
