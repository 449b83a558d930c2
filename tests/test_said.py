"""A sentence is its English text wherever a text goes, and remembers how it was made."""

import json

import msgspec
import pytest

from backchannel.desk.shown import one_line
from backchannel.errors import Refused
from backchannel.said import joined, packed, plain, said, unpacked
from backchannel.wire.codec import Record, decode, encode

NAME = "\u202eAnna"


class _Kept(Record, frozen=True):
    text: str


def test_a_sentence_is_the_text_that_it_would_be_without_memory() -> None:
    sentence = said("{who} has {count} rooms{why}", who="Anna", count=2, why="")
    assert sentence == "Anna has 2 rooms"
    assert {sentence: 1}["Anna has 2 rooms"] == 1
    assert json.loads(json.dumps([sentence])) == ["Anna has 2 rooms"]
    assert decode(encode(_Kept(sentence)), _Kept).text == "Anna has 2 rooms"
    assert type(plain(sentence)) is str


def test_an_error_says_the_sentence_itself() -> None:
    assert packed(str(Refused(said("There is no {what}.", what="room")))) == [
        "There is no {what}.",
        {"what": "room"},
    ]


def test_what_is_said_in_parts_remembers_all_of_them() -> None:
    whole = "! " + said("{who} left", who="Anna") + joined(", ", [said(" and {who}", who="Ben"), "Cy"])
    assert whole == "! Anna left and Ben, Cy"
    again = unpacked(json.loads(json.dumps(packed(whole))))
    assert again == whole
    assert packed(again) == packed(whole)


def test_only_what_others_wrote_is_made_harmless_and_once() -> None:
    shown = one_line(said("“{who}” has left", who=NAME))
    assert shown == "“[U+202E]Anna” has left"
    assert one_line(shown) == shown
    arabic = one_line("سلام")
    assert one_line(said("{who}: {who}", who=arabic)) == f"{arabic}: {arabic}"


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        [1],
        ["{x.__class__}", {"x": "a"}],
        ["{x[0]}", {"x": "a"}],
        ["{x!r}", {"x": "a"}],
        ["{x:9999999999}", {"x": "a"}],
        ["{x}{y}", {"x": "a"}],
        ["{", {"x": "a"}],
        ["a", ["b", None]],
        ["a", {"b": 1.5}],
    ],
)
def test_a_packed_sentence_that_none_could_have_packed_is_no_sentence(found: object) -> None:
    with pytest.raises(ValueError, match="no sentence"):
        unpacked(found)


def test_what_is_neither_text_nor_record_has_no_encoding() -> None:
    class Odd(msgspec.Struct):
        value: object

    with pytest.raises(TypeError):
        encode(Odd(object()))
