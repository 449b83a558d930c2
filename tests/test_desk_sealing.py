"""Real desks draft, freeze, sign, anchor and verify a text; the file outlives the talk about it."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.channel.event import EventId
from backchannel.channel.members import Role
from backchannel.crypto.seals import b64
from backchannel.daylight.sealing import Step, due, if_stopped
from backchannel.daylight.verify import Ownership, verify
from backchannel.desk import sealings
from backchannel.errors import Blocked, Refused
from backchannel.moves.seal import ClosedTerm, Earlier, SealDraft, Spoken, standing
from desks import DAY_MS, NOW, Stage, in_talks

SIDES = ("A", "B")
WORDS = SealDraft(
    "Exchange of letters",
    NOW + 1234,
    ("The weapons go.", "No invasion."),
    (ClosedTerm("turkey", "The missiles in Turkey go too."),),
    (Spoken("spoken", "Missiles in Turkey", SIDES, NOW, "election"),),
    "agreement",
    "election",
    (),
    SIDES,
    ("B", "A"),
)


def begun(folder: Path, *names: str, words: SealDraft = WORDS) -> tuple[Stage, EventId]:
    """Let the first desk draft and freeze a text for which all sides gave keys."""
    stage = in_talks(folder, *names)
    first = stage.seats[names[0]]
    drafted = sealings.draft(first.room, words, first.now).id
    stage.settle()
    for name in names[1:]:
        seat = stage.seats[name]
        if seat.room.credential.side in words.sides:
            sealings.give_key(seat.room, drafted, seat.now)
    stage.settle()
    text = sealings.freeze_draft(first.room, drafted, first.now).id
    stage.settle()
    return stage, text


def signed(stage: Stage, text: EventId, *names: str) -> None:
    for name in names:
        sealings.agree(stage.seats[name].room, text, stage.now)
    stage.settle()
    for _ in range(2):
        for name in names:
            sealings.go_on(stage.seats[name].room, text, stage.now)
        stage.settle()


def anchored(stage: Stage, text: EventId, *names: str) -> None:
    for name in names:
        seat = stage.seats[name]
        key = sealings.long_term_key(seat.desk.vault, seat.room.credential.side)
        sealings.anchor(seat.room, text, key, seat.now)
        stage.settle()


def test_two_desks_seal_a_text_and_each_can_show_it_after_the_talk_has_expired(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris")
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "boris", "anna")
    rooms = [seat.room for seat in stage.seats.values()]
    digest = standing(rooms[0].log).texts[text].sealing.frozen.digest
    known = {
        seat.room.credential.side: sealings.long_term_key(
            seat.desk.vault, seat.room.credential.side
        ).public.thumbprint
        for seat in stage.seats.values()
    }
    for days in (0, 100):
        stage.now += days * DAY_MS
        stage.settle()
        for seat in stage.seats.values():
            checked = verify(sealings.file(seat.room, digest, ("term-turkey",)), known)
            assert [one.ownership for one in checked.sealers] == [Ownership.SHOWN, Ownership.SHOWN]
            assert checked.opened == {"term-turkey": "The missiles in Turkey go too."}
            assert checked.payload.dated == "1962-11-03T06:13:21Z"
    assert standing(rooms[0].log).texts == {}, "the talk is gone by then"
    stage.close()


def test_the_steps_wait_for_each_other_and_anchors_for_their_order(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris")
    anna, boris = (stage.seats[name] for name in ("anna", "boris"))
    assert sealings.go_on(anna.room, text, stage.now) == []
    sealings.agree(anna.room, text, stage.now)
    assert sealings.go_on(anna.room, text, stage.now) == []
    with pytest.raises(Blocked):
        sealings.agree(anna.room, text, stage.now)
    stage.settle()
    signed(stage, text, "boris")
    assert sealings.go_on(anna.room, text, stage.now) == [Step.SIGN, Step.HOLD]
    key = sealings.long_term_key(anna.desk.vault, "A")
    with pytest.raises(Blocked):
        sealings.anchor(anna.room, text, key, stage.now)
    stage.settle()
    assert sealings.go_on(boris.room, text, stage.now) == [Step.HOLD]
    stage.settle()
    assert due(sealings.own_view(boris.room, standing(boris.room.log).texts[text])) is Step.ANCHOR
    anchored(stage, text, "boris")
    mine = sealings.own_view(anna.room, standing(anna.room.log).texts[text])
    assert "advantage of anchoring later" in if_stopped(mine)
    stage.close()


def shape(payload: bytes) -> dict[str, object]:
    """What is left of a payload without keys and digests: all of which are drawn afresh."""
    value = json.loads(payload)
    return {**value, "_sd": len(value["_sd"]), "sides": [one["name"] for one in value["sides"]]}


def test_what_is_signed_is_the_same_whatever_room_it_was_talked_over_in(tmp_path: Path) -> None:
    """Nothing of either room is in the payload but the words, fresh keys and fresh salts."""
    payloads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        stage, text = begun(tmp_path / name, "anna", "boris")
        signed(stage, text, "anna", "boris")
        room = stage.seats["anna"].room
        frozen = standing(room.log).texts[text].sealing.frozen
        ids = {room.id, *room.log.entries, *room.log.people(), room.log.root}
        plain = sealings.file(room, frozen.digest, ()).decode() + frozen.payload.decode()
        assert not [one for one in ids if one.hex() in plain or b64(one) in plain]
        payloads.append(shape(frozen.payload))
        stage.close()
    assert payloads[0] == payloads[1]


def test_only_who_speaks_for_a_side_seals_and_only_the_drafter_freezes(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    stage.sit("clara")
    stage.bring("anna", "clara", "B", Role.ADVISER)
    anna, boris, clara = (stage.seats[name] for name in ("anna", "boris", "clara"))
    with pytest.raises(Refused, match="principal"):
        sealings.draft(clara.room, WORDS, stage.now)
    drafted = sealings.draft(anna.room, WORDS, stage.now).id
    stage.settle()
    with pytest.raises(Refused, match="principal"):
        sealings.give_key(clara.room, drafted, stage.now)
    with pytest.raises(Blocked, match="key of B"):
        sealings.freeze_draft(anna.room, drafted, stage.now)
    with pytest.raises(Refused, match="who drafted"):
        sealings.freeze_draft(boris.room, drafted, stage.now)
    stage.close()


def test_all_desks_read_the_same_sealing_and_a_go_between_sees_it_from_nobodys_side(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris", "clara")
    signed(stage, text, "anna", "boris")
    views = [standing(seat.room.log).texts[text].sealing for seat in stage.seats.values()]
    assert all(dict(view.seals) == dict(views[0].seals) for view in views)
    assert all(view.holding == {"A", "B"} for view in views)
    clara = stage.seats["clara"].room
    assert due(sealings.own_view(clara, standing(clara.log).texts[text])) is None
    stage.close()


def test_a_draft_that_cannot_be_sealed_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    room = stage.seats["anna"].room
    before = len(room.log.entries)
    for wrong in (
        {"kind": "treaty"},
        {"order": ("A",)},
        {"sides": ("A", "C"), "order": ("A", "C")},
        {"dated": 1 << 62},
        {"refers_to": (Earlier("cousin", bytes(32)),)},
        {"terms": (*WORDS.terms, *WORDS.terms)},
    ):
        with pytest.raises(Refused):
            sealings.draft(room, replace(WORDS, **wrong), stage.now)
    assert len(room.log.entries) == before
    stage.close()
