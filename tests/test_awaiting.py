"""What one side is asked for waits on the other's first page and in its `status`, with the page that shows it, until it is done."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backchannel.desk.commands.table import COMMANDS, perform
from backchannel.pages.house import arguments
from backchannel.pages.table import SHOWN_ON
from desks import Seat, in_talks

# What Anna does, with words for it; the command that shows it to Boris; what Boris then does, or None where it is told elsewhere too.
ASKED = {
    "consent": (["consent", "ask", "--", "minutes are kept"], "consent show", ["consent", "give"]),
    "script": (["script", "pin", "--step=We regret it."], "script show", ["script", "agree"]),
    "agenda": (["package", "propose", "--issue=Dues: a | b"], "package show", ["package", "agree"]),
    "line": (["leak", "line", "set", "--", "No comment."], "leak show", ["leak", "line", "agree"]),
    "sunset": (["sunset", "set", "--at=20d"], "sunset show", ["sunset", "agree"]),
    "challenge": (
        ["mandate", "challenge", "--to=Boris", "--", "Let the bells ring."],
        "mandate show",
        ["mandate", "answer", "--how=They rang at noon."],
    ),
    "standby": (
        ["standby", "lodge", "--with=Boris", "--signal=a call", "--", "Both regret it."],
        "standby show",
        ["standby", "release"],
    ),
}
TYPED = {"package propose": {"data": None}, "sunset set": {}}


def do(seat: Seat, words: list[str]) -> None:
    """Give a command as it is typed, its text as one word of it."""
    given: dict[str, object] = dict(TYPED.get(" ".join(words[:2]), {}))
    if "--" in words and words[:2] != ["script", "step"]:
        given["text"] = words[-1]
    perform(seat.desk, arguments(words, given), seat.now)


def waits(seat: Seat) -> list[tuple[str, str]]:
    rooms = perform(seat.desk, arguments(["status"], {}), seat.now).value["rooms"]
    assert isinstance(rooms, list)
    return [(one["shown_by"], str(one["line"])) for one in rooms[0]["waits"]]


Talks = tuple[Seat, Seat, Callable[[], object]]


@pytest.fixture
def talks(tmp_path: Path) -> Iterator[Talks]:
    stage = in_talks(tmp_path, "Anna", "Boris")
    yield stage.seats["Anna"], stage.seats["Boris"], stage.settle
    stage.close()


@pytest.mark.parametrize("name", ASKED)
def test_what_one_side_asks_waits_for_the_other_until_it_is_done(talks: Talks, name: str) -> None:
    anna, boris, settle = talks
    asks, shown_by, answers = ASKED[name]
    do(anna, asks)
    if name == "standby":
        assert waits(boris) == []
        do(anna, ["standby", "signal"])
    settle()
    assert [one for one, _ in waits(boris)] == [shown_by]
    assert waits(anna) == []
    (line,) = (line for _, line in waits(boris))
    plain = arguments(["status"], {})
    plain.json = False
    assert any(line in told for told in perform(boris.desk, plain, boris.now).lines if line) or name in {
        "sunset",
        "line",
    }, "a terminal says it too, some in other words"
    do(boris, answers)
    assert waits(boris) == []


def test_what_waits_stands_on_a_page_of_its_room() -> None:
    assert set(SHOWN_ON) <= set(COMMANDS)
    assert {shown_by for _, shown_by, _ in ASKED.values()} | {
        "seal show",
        "surface show",
        "deed show",
        "people",
    } <= set(SHOWN_ON)


def test_a_deed_and_what_is_to_be_ratified_wait_for_a_word(
    talks: Talks,
) -> None:
    anna, boris, settle = talks
    do(anna, ["pledge", "make", "--", "We stop the patrols."])
    settle()
    do(boris, ["pledge", "acknowledge"])
    do(boris, ["ratify", "ask", "--", "the whole of it"])
    settle()
    pledge = perform(anna.desk, arguments(["pledge", "show"], {}), anna.now).value["pledges"]
    assert isinstance(pledge, list)
    do(anna, ["deed", "report", f"--pledge={pledge[0]['id'][:12]}", "--at=1961-01-01", "--", "They stopped."])
    settle()
    assert [one for one, _ in waits(boris)] == ["deed show", "ratify show"]
    assert waits(anna) == []
    deed = perform(boris.desk, arguments(["deed", "show"], {}), boris.now).value["deeds"]
    assert isinstance(deed, list)
    do(boris, ["deed", "read", deed[0]["id"][:12], "kept"])
    do(boris, ["ratify", "result", "ratified"])
    assert waits(boris) == []
