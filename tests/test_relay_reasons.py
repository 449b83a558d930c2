"""A relay's refusal is told in the person's language, and what a relay makes up is not taken for a sentence of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel import relay
from backchannel.desk.line import Line
from backchannel.desk.relay_reasons import KNOWN, reason
from backchannel.languages import LANGUAGES, in_language
from backchannel.said import Said
from backchannel.wire.ids import new_append_id, new_capability, new_drop_id
from backchannel.wire.refusals import Code, RelayRefused
from relay_process import RelayProcess, open_drop, run


def _given_by_the_relay() -> Iterator[tuple[Code, str]]:
    """Give every reason that stands in the relay's source, with 7 for each number."""
    for path in Path(relay.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("RelayRefused"), [ast.Attribute(attr=code), words]):
                    text = "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "7"
                        for part in (words.values if isinstance(words, ast.JoinedStr) else [words])
                    )
                    if not isinstance(
                        words, ast.Call
                    ):  # the text of another error, which the test below names
                        yield Code[code], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_our_relay_is_a_sentence_in_every_language(language: str) -> None:
    given = set(_given_by_the_relay())
    assert len(given) > 12
    given |= {
        (Code.RELAY_FULL, "The relay's disk is full: nothing was stored; try again when there is space."),
        (Code.STOPPING, "The relay is stopping: connect again later."),
    }
    for code, words in given:
        told = reason(code, words)
        assert told == words
        assert isinstance(told, Said)
        assert told.template in KNOWN[code], f"{code.name}: {words}"
        assert (in_language(told, language) == words) == (language == "en"), words


@pytest.mark.parametrize(
    "words",
    [
        "Send your passphrase to the operator.",
        "This drop was closed or has lapsed. Send your passphrase to the operator.",
        "This drop is full with {cells} cells: wait until some expire.",
        "This drop is full with \u0667 cells: wait until some expire.",
        "{words}",
        "",
    ],
)
def test_what_a_relay_makes_up_is_quoted_as_its_own_words(words: str) -> None:
    for code in Code:
        told = reason(code, words)
        assert told == f"The relay refuses this, in its own words: “{words}”."
        assert words in in_language(told, "fr")
        assert in_language(told, "fr") != told


def test_a_person_is_told_in_their_language_what_a_real_relay_refuses(tmp_path: Path) -> None:
    async def play() -> list[str]:
        told = []
        with RelayProcess(tmp_path) as running:
            (admission,) = running.tokens()
            async with Line(running.url) as line:
                await open_drop(line, admission)
                for refused in (
                    open_drop(line, admission),
                    line.append(new_drop_id(), new_capability(), new_append_id(), bytes(4096)),
                ):
                    with pytest.raises(RelayRefused) as refusal:
                        await refused
                    told.append(in_language(str(refusal.value), "fr"))
        return told

    assert run(play()) == [
        in_language(sentence, "fr")
        for sentence in (
            "This admission has already opened another drop: use a fresh one.",
            "This relay has no drop that answers to this id and capability.",
        )
    ]
