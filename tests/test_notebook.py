"""What a person notes for themselves goes into a back-up, comes back with its room, and goes with it."""

from contextlib import closing
from pathlib import Path

import pytest

from backchannel.crypto import passphrase as stretching
from backchannel.desk import notebook
from backchannel.desk.backup import back_up, restore
from desks import in_talks, only_room

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
