"""A desk that stays unlocked: who may ask it, when it locks, and what a kill costs."""

import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.desk.agent import peer_is_us
from backchannel.desk.asking import SOCKET, parse_reply, parse_request
from backchannel.errors import BackchannelError, Exit, Refused, Unavailable, Violation
from cli_stage import Person, Stage, command, stage


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("agent")) as one:
        one.person("anna")
        one.play("anna> open-room --title Talks --side A")
        yield one


@pytest.fixture
def anna(table: Stage) -> Person:
    someone = table.people["anna"]
    someone.unlock()
    return someone


def agent_of(someone: Person) -> int:
    """Give the process that keeps somebody's desk open."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(someone.home / SOCKET))
    pid = int.from_bytes(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4), sys.byteorder)
    line.close()
    return pid


def test_nobody_else_can_reach_the_socket(anna: Person) -> None:
    assert stat.S_IMODE((anna.home / SOCKET).stat().st_mode) == 0o600
    assert stat.S_IMODE(anna.home.stat().st_mode) == 0o700


def test_a_desk_in_a_folder_of_any_depth_can_be_unlocked(tmp_path: Path) -> None:
    deep = Person("dora", tmp_path.joinpath(*["a folder with a long name"] * 8) / "desk")
    deep.make()
    deep.unlock()
    assert deep.type("rooms").code == Exit.OK
    deep.lock()
    assert deep.type("rooms").code == Exit.REFUSED


def test_a_peer_of_another_user_is_not_us(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    assert peer_is_us(ours)
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)  # as another user's desk would find itself
    assert not peer_is_us(ours)
    ours.close()
    theirs.close()


def test_an_unlocked_desk_asks_for_no_passphrase_and_a_locked_one_does(table: Stage, anna: Person) -> None:
    assert anna.type("rooms").code == Exit.OK
    table.play("""
        anna> lock
          The desk is locked.
        anna> lock
          The desk is locked.
        anna> rooms
          exit 2
          There is no terminal to ask on; give it with --passphrase-fd
    """)
    assert anna.type("rooms", alone=True).code == Exit.OK


def test_it_locks_itself_when_nobody_asks_for_anything(anna: Person) -> None:
    anna.unlock("--for", "1s")
    assert anna.type("rooms").code == Exit.OK
    end = time.monotonic() + 5
    while (anna.home / SOCKET).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert anna.type("rooms").code == Exit.REFUSED
    assert anna.type("rooms", alone=True).code == Exit.OK


def test_a_wrong_passphrase_is_refused_in_one_sentence(tmp_path: Path) -> None:
    home = str(tmp_path / "dora")
    assert (
        command("desk", "--desk", home, "new", "--name", "Dora", passphrase="correct horse battery").code == 0
    )
    for act in (("rooms",), ("unlock",)):
        done = command("desk", "--desk", home, *act, passphrase="incorrect horse battery")
        sentence = "The passphrase does not open this desk; try again.\n"
        assert (done.code, done.out, done.err) == (2, "", sentence)
    assert command("desk", "--desk", home, "rooms", passphrase="correct horse battery").code == 0


def test_a_second_desk_is_not_opened_beside_it(anna: Person) -> None:
    assert anna.type("unlock", alone=True).code == Exit.OK  # the one that is open goes on
    first = agent_of(anna)
    anna.unlock("--for", "2h")
    assert agent_of(anna) == first


def test_what_is_no_command_changes_nothing_and_the_desk_stays(anna: Person) -> None:
    for line in (
        b"\n",
        b"{}\n",
        b"\xff\n",
        b"[1]\n",
        json.dumps({"version": "x", "args": {"command": "rooms"}}).encode() + b"\n",
    ):
        asking = socket.socket(socket.AF_UNIX)
        asking.settimeout(5)
        asking.connect(str(anna.home / SOCKET))
        asking.sendall(line)
        answer = asking.makefile("rb").readline()
        with pytest.raises((Violation, Refused)):
            parse_reply(answer)
        asking.close()
    assert anna.type("rooms").code == Exit.OK


@given(
    st.binary()
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["error", "kind", "lines", "value", "files"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_an_answer_or_a_sentence(line: bytes) -> None:
    try:
        parse_reply(line)
    except BackchannelError:
        return


def test_killed_in_the_middle_of_a_command_it_loses_nothing(table: Stage, anna: Person) -> None:
    chance = random.Random(20261122)
    acknowledged: list[str] = []
    typed: list[str] = []
    for turn in range(4):
        anna.unlock()
        text = f"Said in turn {turn}."
        words = [
            sys.executable,
            "-m",
            "backchannel",
            "desk",
            "--desk",
            str(anna.home),
            "say",
            "--no-sync",
            "--",
            text,
        ]
        pid = agent_of(anna)
        said = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=anna.env
        )
        time.sleep(0.03 + chance.random() * 0.06)
        os.kill(pid, signal.SIGKILL)
        out, err = said.communicate(timeout=20)
        typed.append(text)
        if said.returncode == 0:
            acknowledged.append(text)
        else:
            assert "Traceback" not in out + err, err
            assert said.returncode in {Exit.UNAVAILABLE, Exit.REFUSED}, err
    anna.unlock()
    shown = anna.type("show").out
    status = anna.type("status").out
    for text in acknowledged:
        assert shown.count(text) == 1
    for text in typed:
        assert shown.count(text) + status.count(text) <= 1, "said, or kept as a draft, and never both"


def test_an_answer_of_another_version_is_a_sentence_with_the_way_out(anna: Person) -> None:
    with pytest.raises(Refused, match="lock it with"):
        parse_request(json.dumps({"version": "0.0.0", "args": {"command": "rooms"}}).encode())
    with pytest.raises(Unavailable, match="lock it with"):
        parse_reply(b"{}")
