"""`backchannel verify`: from files alone, in words that need no knowledge of computing, with exit codes for scripts."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from backchannel.__main__ import main
from backchannel.crypto.seals import fingerprint, seal_code, text_digest, unb64
from backchannel.daylight.sealed_file import read_file
from backchannel.daylight.text import Kind, Relation
from backchannel.errors import Exit
from sealed_texts import DRAFT, SIDES, frozen_text, long_term_keys, sealed, sealing_keys


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.json"
    path.write_bytes(sealed(anchored=False))
    return path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_without_anchors_it_says_that_ownership_is_not_shown(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(file)]) == Exit.OK
    words = said(capsys)
    assert words.count("ownership not shown") == 2
    assert words.startswith("SEALED in the names of")
    assert "the sides say so together" in words
    assert "Still closed: some number of terms from none to 62" in words


def test_with_every_seal_code_typed_it_says_who_sealed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = text_digest(unb64(read_file(file.read_bytes()).payload))
    typed = [
        f"--anchor={side}={fingerprint(seal_code(key.public, text))}" for side, key in sealing_keys().items()
    ]
    assert main(["verify", str(file), *typed]) == Exit.OK
    words = said(capsys)
    assert words.startswith("SEALED by United States and Soviet Union")
    assert "not shown" not in words


def test_a_long_term_key_may_be_typed_in_capitals_and_with_spaces(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(sealed())
    typed = fingerprint(long_term_keys()[SIDES[0]].public.thumbprint).upper().replace("-", " ")
    assert main(["verify", "--json", str(file), "--anchor", f"{SIDES[0]}={typed}"]) == Exit.OK
    value = json.loads(said(capsys))
    assert [side["ownership"] for side in value["sides"]] == ["shown", "claimed"]
    assert value["dated_is"] == "the sides' joint claim"
    assert value["closed_at_most"] == 62


@pytest.mark.parametrize(
    ("anchor", "code"),
    [
        ("United States", Exit.REFUSED),
        ("United States=abc", Exit.REFUSED),
        (f"France={'a' * 52}", Exit.REFUSED),
    ],
)
def test_a_mistyped_anchor_is_refused_with_two(
    file: Path, anchor: str, code: Exit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(file), "--anchor", anchor]) == code
    capsys.readouterr()
    assert main(["verify", "--json", str(file), "--anchor", anchor]) == code
    assert json.loads(said(capsys)).keys() == {"error", "exit"}


def test_one_fingerprint_for_each_side_and_a_name_before_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = text_digest(unb64(read_file(file.read_bytes()).payload))
    code = fingerprint(seal_code(sealing_keys()[SIDES[0]].public, text))
    for typed, reason in (([f"{SIDES[0]}={code}"] * 2, "two fingerprints"), ([f"={code}"], "Name the side")):
        words = [part for one in typed for part in ("--anchor", one)]
        assert main(["verify", str(file), *words]) == Exit.REFUSED
        assert reason in capsys.readouterr().err


def test_an_altered_file_gives_nine_and_its_sentence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(file.read_bytes().replace(b'"signature":"', b'"signature":"A', 1))
    assert main(["verify", str(file)]) == Exit.VIOLATION
    assert said(capsys).startswith("NOT SEALED: The signature of United States")
    assert main(["verify", "--json", str(file)]) == Exit.VIOLATION
    value = json.loads(said(capsys))
    assert (value["sealed"], value["fault"], value["exit"]) == (False, "signature-wrong", Exit.VIOLATION)


def test_a_file_that_is_not_there_gives_two(tmp_path: Path) -> None:
    assert main(["verify", str(tmp_path / "none.json")]) == Exit.REFUSED


def test_texts_given_together_are_shown_to_refer_to_each_other(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = frozen_text(sealing_keys())
    later = replace(
        DRAFT, title="April 1963", kind=Kind.REPORT, refers_to=((Relation.PERFORMANCE, first.digest),)
    )
    other = tmp_path / "later.json"
    other.write_bytes(sealed("term-turkey", draft=later))
    assert main(["verify", str(other)]) == Exit.OK
    assert "performance of an earlier sealed text, which was not given" in said(capsys)
    assert main(["verify", str(file), str(other)]) == Exit.OK
    words = said(capsys)
    assert f"“{DRAFT.title}”, checked here too" in words
    assert "This is a report" in words


def test_one_bad_file_among_good_ones_is_named_and_counts(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = file.with_name("bad.json")
    bad.write_bytes(b"{}")
    assert main(["verify", str(bad), str(file)]) == Exit.VIOLATION
    words = said(capsys)
    assert (
        words.index("bad.json:")
        < words.index("NOT SEALED")
        < words.index("text.json:")
        < words.index("SEALED in")
    )


def test_it_needs_no_desk_no_home_and_no_network(file: Path, tmp_path: Path) -> None:
    """A process of its own without a home, in which opening a socket is an error, and quick enough to feel at once."""
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from backchannel.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'aiohttp', 'vodozemac', 'sqlcipher3', 'yaml'}, loaded\n"
        "assert not [name for name in sys.modules if name.startswith(('backchannel.desk', 'backchannel.channel'))]\n"
        "sys.exit(code)\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", str(file)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    assert "SEALED in the names of" in done.stdout
    assert list(tmp_path.iterdir()) == [file]
