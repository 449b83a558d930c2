"""What a person notes for themselves goes into a back-up, comes back with its room, and goes with it."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from backchannel.channel.event import RoomId
from backchannel.crypto import passphrase as stretching
from backchannel.desk import notebook
from backchannel.desk.asking import Reply, reply_line
from backchannel.desk.backup import back_up, restore
from backchannel.desk.commands.answer import Answer
from backchannel.desk.commands.table import COMMANDS, perform
from backchannel.desk.desk import Desk
from backchannel.errors import Refused
from backchannel.pages.house import arguments
from desks import NOW, in_talks, only_room

CANARY = "Our credit runs out"
WORDS = b"correct horse battery"
OWN = notebook.OwnClock(CANARY, 7, ("A",), hard=True, added=3)


def test_a_note_is_in_a_back_up_and_is_about_the_same_room_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretching, "MEMORY_KIB", 64)
    monkeypatch.setattr(stretching, "PASSES", 1)
    stage = in_talks(tmp_path, "Anna")
    desk = stage.seats["Anna"].desk
    for about in (only_room(desk), notebook.NO_ROOM):
        notebook.note(desk.vault, OWN, about)
    back_up(desk, tmp_path / "file", WORDS, stage.now)
    stage.close()
    with closing(restore(tmp_path / "file", WORDS, tmp_path / "new", raw=b"n" * 32)) as again:
        found = [(page.room, page.record) for page in notebook.pages(again.vault, notebook.OwnClock)]
        assert found == [(only_room(again), OWN), (notebook.NO_ROOM, OWN)]


def test_what_was_noted_about_a_room_goes_with_it(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna")
    desk = stage.seats["Anna"].desk
    for about in (only_room(desk), notebook.NO_ROOM):
        notebook.note(desk.vault, OWN, about)
    desk.forget(only_room(desk))
    assert [page.room for page in notebook.pages(desk.vault, notebook.OwnClock)] == [notebook.NO_ROOM]
    stage.close()


def do(desk: Desk, *words: str, text: str | None = None) -> Answer:
    return perform(desk, arguments(words, {} if text is None else {"text": text}), NOW)


def found(desk: Desk, *words: str) -> list[tuple[str, str | None]]:
    notes = do(desk, "notebook", *words).value["notes"]
    assert isinstance(notes, list)
    return [(str(one["text"]), one["room_title"]) for one in notes]


def test_notes_are_written_found_about_a_room_or_none_and_torn_out(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "Anna")
    desk = stage.seats["Anna"].desk
    do(desk, "notebook", "write", text="Ask the minister.\nIs the 30th too late?")
    do(desk, "notebook", "write", f"--room={only_room(desk).hex()[:12]}", text="Boris hesitated.")
    everything = [("Ask the minister.\nIs the 30th too late?", None), ("Boris hesitated.", "Talks")]
    assert found(desk, "show") == everything
    assert found(desk, "show", "--room=Talks") == everything[1:]
    assert found(desk, "search", "--", "MINISTER.") == everything[:1]
    assert found(desk, "search", "--", "nobody said") == []
    for wrong in ("", "  \n"):
        with pytest.raises(Refused):
            do(desk, "notebook", "write", text=wrong)
    first = json.loads(reply_line(Reply([], do(desk, "notebook", "show").value)))["value"]["notes"][0]["id"]
    do(desk, "notebook", "remove", first[:12])
    assert found(desk, "show") == everything[1:]
    desk.forget(RoomId(only_room(desk)))
    assert found(desk, "show") == []
    stage.close()


def test_a_note_changes_no_event_and_is_in_nothing_that_leaves_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretching, "MEMORY_KIB", 64)
    monkeypatch.setattr(stretching, "PASSES", 1)
    stage = in_talks(tmp_path, "Anna", "Boris")
    anna, boris = stage.seats["Anna"], stage.seats["Boris"]

    def everything() -> object:
        cells = {name: list(drop.cells) for name, drop in stage.relay.drops.items()}
        rooms = [(seat.room.log.heads, set(seat.room.log.entries)) for seat in (anna, boris)]
        return rooms, cells, anna.desk.to_send(), anna.room.db.all("SELECT * FROM letters")

    before = everything()
    do(anna.desk, "notebook", "write", "--room=Talks", text=CANARY)
    do(anna.desk, "notebook", "write", text=CANARY)
    stage.settle()
    assert everything() == before
    assert not [entry for name, entry in COMMANDS.items() if name.startswith("notebook") and entry.sends]
    anna.show("Something for the others, after it was noted.")
    stage.settle()
    assert do(anna.desk, "search", "--", CANARY).value["found"], "the search would see it"
    assert not do(boris.desk, "search", "--", CANARY).value["found"]
    back_up(anna.desk, tmp_path / "file", WORDS, stage.now)
    said = {
        "show",
        "export",
        "room",
        "people",
        "requests",
        "status",
        "rooms",
        "report",
        "mandate show",
        "clock show",
    }
    for words in said:
        answer = do(anna.desk, *words.split(), *([] if words in {"status", "rooms"} else ["--room=Talks"]))
        told = [*answer.lines, json.dumps(answer.value), *(str(data) for _, data in answer.files)]
        assert not [line for line in told if CANARY in line], words
    anna.desk.close_rooms()
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert CANARY.encode() not in file.read_bytes(), file
    stage.close()
