"""Two records are compared event by event, and the first place where they differ is named."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.channel.transcript import Fault, compare, export, record_words
from backchannel.desk.room import Room
from backchannel.errors import Refused
from desks import Stage, in_talks


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = in_talks(tmp_path_factory.mktemp("talked"), "Anna", "Boris")
    for word in ("one", "two", "three"):
        stage.seats["Anna"].show(word)
        stage.settle()
        stage.seats["Boris"].show(f"answer to {word}")
        stage.settle()
    return stage


def room_of(stage: Stage, name: str) -> Room:
    return stage.seats[name].room


def through_json(room: Room) -> Any:
    return json.loads(json.dumps(export(room.log)))


def test_equal_records_have_no_difference_and_the_same_six_words(talked: Stage) -> None:
    anna, boris = room_of(talked, "Anna"), room_of(talked, "Boris")
    epoch = boris.log.first_epoch
    assert compare(through_json(anna), through_json(boris)) == []
    for number in range(1, 7):
        assert record_words(anna.log, number, epoch) == record_words(boris.log, number)
    assert len({record_words(boris.log, number) for number in range(1, 7)}) == 6


def test_a_record_from_before_one_came_is_not_there_to_compare(talked: Stage) -> None:
    with pytest.raises(Refused, match="nothing older"):
        record_words(room_of(talked, "Boris").log, 1, 0)


def test_an_edited_word_is_found_at_its_place(talked: Stage) -> None:
    ours = through_json(room_of(talked, "Anna"))
    for index, row in enumerate(ours["events"]):
        if row["kind"] == "paper":
            theirs = copy.deepcopy(ours)
            theirs["events"][index]["body"] = "00" + row["body"][2:]
            (difference,) = compare(ours, theirs)
            assert difference.fault is Fault.EDITED
            assert difference.theirs is not None
            assert difference.theirs.id == row["id"]


def test_a_cut_record_is_named_by_what_is_missing_first(talked: Stage) -> None:
    ours = through_json(room_of(talked, "Anna"))
    for index in range(len(ours["events"])):
        theirs = {**ours, "events": ours["events"][:index]}
        first = compare(ours, theirs)[0]
        assert first.fault is Fault.MISSING_THERE
        assert first.ours is not None
        assert first.ours.id == ours["events"][index]["id"]
        assert compare(theirs, ours)[0].fault is Fault.MISSING_HERE


def test_two_stories_of_one_author_are_a_fork(talked: Stage, tmp_path: Path) -> None:
    ours = through_json(room_of(talked, "Anna"))
    theirs = copy.deepcopy(ours)
    last = theirs["events"][-1]
    last["id"], last["event"] = "ab" * 32, None
    (difference, *_) = compare(ours, theirs)
    assert difference.fault is Fault.FORKED


def test_records_of_two_rooms_are_not_compared(talked: Stage) -> None:
    ours = through_json(room_of(talked, "Anna"))
    with pytest.raises(Refused, match="two different rooms"):
        compare(ours, {**ours, "room": "00" * 32})


def test_no_key_is_in_a_transcript(talked: Stage) -> None:
    room = room_of(talked, "Anna")
    text = json.dumps(export(room.log))
    secrets = [room.pickle_key, room.own_mark.raw]
    secrets += [way.transport.room_key for way in room.ways] + [way.transport.append for way in room.ways]
    secrets += [own.key.seed for own in room.kem.values()]
    assert not [secret for secret in secrets if secret.hex() in text]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(value=st.dictionaries(st.sampled_from(["backchannel", "version", "room", "events"]), json_values))
def test_any_value_is_compared_or_refused(talked: Stage, value: dict[str, Any]) -> None:
    ours = export(room_of(talked, "Anna").log)
    with pytest.raises(Refused):
        compare(ours, {**ours, "events": [value]})
    with pytest.raises(Refused):
        compare(value, ours)
