"""The relay's commands: what the operator's page says is what they take, and refusals are one sentence."""

import argparse
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest

from backchannel.__main__ import parser
from backchannel.errors import Exit
from relay_process import backchannel

PAGE = (Path(__file__).parent.parent / "docs" / "operator.md").read_text("utf-8")
COMMANDS = re.findall(r"^(?:ExecStart=\S*/)?backchannel (relay .*)$", PAGE, re.MULTILINE)


def acts(of: argparse.ArgumentParser, *names: str) -> argparse.ArgumentParser:
    for name in names:
        (choices,) = [one.choices for one in of._actions if isinstance(one, argparse._SubParsersAction)]
        assert isinstance(choices, dict)
        of = choices[name]
    return of


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_the_operators_page_is_taken(command: str) -> None:
    words = shlex.split(re.sub(r" [<>] \S+$", "", command))
    assert callable(parser("relay").parse_args(words).run)


@pytest.mark.parametrize("names", [("relay", "run"), ("relay", "token", "issue"), ("relay", "status")])
def test_every_option_is_on_the_operators_page_with_its_default(names: tuple[str, ...]) -> None:
    for option in acts(parser("relay"), *names)._actions:
        name = option.option_strings[-1]
        if name == "--help":
            continue
        assert name in PAGE
        row = next((line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line), None)
        if row is not None:
            at = [one.strip(" `") for one in row.split("|")[1].split(",")].index(name)
            assert row.split("|")[2].split(",")[at].split(":")[0].strip() == str(option.default)


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_only_its_owner_can_read_a_database(tmp_path: Path) -> None:
    file = tmp_path / "relay.db"
    assert backchannel("relay", "token", "issue", "--db", file).returncode == Exit.OK
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--db", "{}/relay.db", "--listen", "8470"], "write HOST:PORT"),
        (["run", "--db", "{}/relay.db", "--listen", "127.0.0.1:99999"], "write HOST:PORT"),
        (
            ["run", "--db", "{}/relay.db", "--listen", "192.0.2.1:8470"],
            "cannot listen on 192.0.2.1 port 8470",
        ),
        (["run", "--db", "{}/none/relay.db"], "make its folder"),
        (["status", "--db", "{}/relay.db"], "is not there"),
        (["token", "list", "--db", "{}/relay.db"], "is not there"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = backchannel("relay", *(one.format(tmp_path) for one in arguments))
    assert done.returncode == Exit.REFUSED
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_tokens_are_revoked_by_the_first_letters_of_their_hash(tmp_path: Path) -> None:
    file = tmp_path / "relay.db"
    assert len(backchannel("relay", "token", "issue", "--db", file, "--count", "3").stdout.splitlines()) == 3
    first, *_ = backchannel("relay", "token", "list", "--db", file).stdout.split()
    assert backchannel("relay", "token", "revoke", "--db", file, first).returncode == Exit.OK
    assert first not in backchannel("relay", "token", "list", "--db", file).stdout
    again = backchannel("relay", "token", "revoke", "--db", file, first)
    assert again.returncode == Exit.REFUSED
    assert "see them with relay token list" in again.stderr
