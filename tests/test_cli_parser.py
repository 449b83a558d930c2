"""The tree of commands: what it offers, that the manual says the same, and that it costs little to ask."""

import argparse
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from backchannel.__main__ import main, parser
from backchannel.channel.members import Role, RoomKind
from backchannel.completion import SHELLS
from backchannel.desk import parser as tree
from backchannel.desk import promise_parser
from backchannel.desk.commands.table import COMMANDS
from backchannel.desk.preparing import PREPARE
from backchannel.errors import Exit
from backchannel.moves.deed import How
from backchannel.moves.paper import Capacity, Mandate, Manner, Register, Rule
from backchannel.moves.promise import Lapse
from cli_stage import command, environment
from commands_page import EXITS, commands, page

DOCS = Path(__file__).parent.parent / "docs"
HEAVY = (
    "msgspec",
    "aiohttp",
    "asyncio",
    "cryptography",
    "vodozemac",
    "sqlcipher3",
    "shamir_mnemonic",
    "yaml",
)
# Done by the command line itself, without an open desk.
ALONE = {"new", "unlock", "lock", "restore", "move", "open", "wipe"}
ASKED_ONLY = {
    "audience",
    "package questions",
    "package told",
    "seal consequence",
    "sound consequence",
    "sound reckoning",
    "sound price-why",
    "sound posted-why",
}  # asked by other commands, not typed


def test_the_manual_is_what_the_parser_says() -> None:
    written = (DOCS / "commands.md").read_text("utf-8")
    assert written == page(), (
        "write it anew with: PYTHONPATH=src:tests python tests/commands_page.py > docs/commands.md"
    )


def test_every_exit_code_is_in_the_manual() -> None:
    assert set(EXITS) == set(Exit)


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (tree.ROLES, Role),
        (tree.ROOM_KINDS, RoomKind),
        (tree.REGISTERS, Register),
        (tree.MANDATES, Mandate),
        (tree.CAPACITIES, Capacity),
        (tree.RULES, Rule),
        (tree.MANNERS, Manner),
        (promise_parser.LAPSES, Lapse),
        (promise_parser.READINGS, How),
    ],
)
def test_the_words_a_person_may_type_are_those_of_the_protocol(
    words: tuple[str, ...], enum: type[StrEnum]
) -> None:
    assert set(words) == {member.value for member in enum}


def test_every_command_that_can_be_typed_is_done_by_something() -> None:
    typed = {
        leaf.get_default("command")
        for leaf in commands(parser())
        if leaf.prog.split()[1:2] in (["desk"], ["forge"]) and leaf.get_default("run") is not None
    }
    assert typed == (set(COMMANDS) | ALONE) - ASKED_ONLY


def test_every_text_that_can_be_typed_piped_or_edited_reaches_its_command_as_one() -> None:
    taken = {
        leaf.get_default("command")
        for leaf in commands(parser("desk"))
        if {"text", "text_file"} <= {action.dest for action in leaf._actions}
    }
    assert taken <= PREPARE.keys(), "a command would be given a list of words"


def test_every_command_and_option_says_what_it_is_for() -> None:
    for leaf in commands(parser("desk")):
        if leaf.prog.startswith("backchannel desk"):
            assert leaf.description
            for action in leaf._actions:
                assert action.help or isinstance(action, argparse._SubParsersAction), (
                    f"{leaf.prog} {action.dest}"
                )


@pytest.mark.parametrize("words", [("--help",), ("desk", "--help"), ("desk", "say", "--help")])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    asked = f"import sys; from backchannel.__main__ import main\ntry: main({list(words)!r})\nexcept SystemExit: pass"
    seen = f"{asked}\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", seen], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.endswith("[]\n")


def test_an_option_of_every_command_may_stand_before_or_after_its_name() -> None:
    before = parser("desk").parse_args(["desk", "--room", "Talks", "--json", "show"])
    after = parser("desk").parse_args(["desk", "show", "--room", "Talks", "--json"])
    assert (before.room, before.json) == (after.room, after.json) == ("Talks", True)


def test_an_unknown_command_is_refused_with_two() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["desk", "shout"])
    assert stopped.value.code == Exit.REFUSED


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_the_commands(shell: str) -> None:
    done = command("completion", shell)
    assert done.code == 0
    assert all(word in done.out for word in ("relay", "forge", "completion"))


def test_no_secret_can_be_given_as_an_argument() -> None:
    for leaf in commands(parser("desk")):
        for action in leaf._actions:
            names = {action.dest, *action.option_strings}
            secret = any(word in name for name in names for word in ("passphrase", "words", "token", "heard"))
            by_file = action.dest.endswith(("_fd", "_file")) or isinstance(action, argparse._SubParsersAction)
            assert not secret or by_file or action.type is int, f"{leaf.prog} {action.dest}"
