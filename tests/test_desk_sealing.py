"""Real desks draft, freeze, sign, anchor and verify a text; the file outlives the talk about it."""

import dataclasses
import json
import random
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.channel.log import Log, arrival
from backchannel.channel.members import Role
from backchannel.crypto.seals import SealingKey, b64, unb64
from backchannel.crypto.time_stamps import read_request
from backchannel.daylight.sealing import Step, due, if_stopped
from backchannel.daylight.text import freeze
from backchannel.daylight.verify import Ownership, verify
from backchannel.desk import acts, sealings, stamping
from backchannel.desk.backup import back_up, restore
from backchannel.desk.room import Room
from backchannel.desk.room_store import set_state
from backchannel.desk.sending import say
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves.seal import (
    Earlier,
    SealAgree,
    SealHeld,
    SealKey,
    SealSignature,
    SealText,
    parse,
    standing,
)
from backchannel.wire.codec import encode
from desks import DAY_MS, in_talks
from made_up_tsa import ORDER, Authority, response
from sealing_rooms import WORDS, anchored, begun, signed


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


def test_any_order_of_arrival_gives_the_same_standing(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris", "clara")
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "boris", "anna")
    log = stage.seats["anna"].room.log
    whole = standing(log)
    assert whole.texts[text].sealing.complete
    came = [
        arrival(entry.salt, entry.data, direct=True)
        for entry in log.entries.values()
        if entry.salt and entry.data
    ]
    assert len(came) == len(log.entries)
    for seed in range(20):
        random.Random(seed).shuffle(came)
        other = Log(log.room, log.first_epoch, log.root)
        for one in [*came, *came[:3]]:
            other.add(one)
        again = standing(other)
        assert list(again.drafts) == list(whole.drafts)
        view, wanted = again.texts[text].sealing, whole.texts[text].sealing
        assert (view.agreed, view.holding) == (wanted.agreed, wanted.holding)
        assert (dict(view.seals), dict(view.anchors)) == (dict(wanted.seals), dict(wanted.anchors))
    stage.close()


def test_what_others_say_in_a_sides_name_counts_for_nothing(tmp_path: Path) -> None:
    """A desk that is not of the side gives its key, agrees and signs in that side's stead: the standing is as before."""
    stage, text = begun(tmp_path, "anna", "boris", "clara")
    clara = stage.seats["clara"].room
    before = standing(clara.log)
    drafted = next(iter(before.drafts))
    key = SealingKey.generate()
    payload = before.texts[text].sealing.frozen
    false = key.seal(payload.payload)
    for kind, body in (
        ("seal-key", SealKey(drafted, key.public.x, key.public.y)),
        ("seal-text", SealText(drafted, payload.payload, payload.disclosures, payload.seed)),
        ("seal-agree", SealAgree(text, payload.digest)),
        ("seal-signature", SealSignature(text, false.protected, false.signature)),
        ("seal-held", SealHeld(text)),
        ("seal-agree", SealAgree(drafted, payload.digest)),
        ("seal-held", SealHeld(bytes(32))),
    ):
        with clara.changing():
            say(clara, kind, encode(body), stage.now)
    stage.settle()
    for seat in stage.seats.values():
        after = standing(seat.room.log)
        assert list(after.texts) == [text]
        view = after.texts[text].sealing
        assert (view.agreed, dict(view.seals), view.holding) == (frozenset(), {}, frozenset())
        assert {side: len(keys) for side, keys in after.drafts[drafted].keys.items()} == {"A": 1, "B": 1}
    stage.close()


def test_a_side_agrees_when_the_desks_that_sign_have_shown_the_same_record_and_waits_for_no_observer(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara")
    anna, boris, clara = (stage.seats[name] for name in ("anna", "boris", "clara"))
    drafted = sealings.draft(anna.room, WORDS, stage.now).id
    stage.settle()
    sealings.give_key(boris.room, drafted, stage.now)
    stage.settle()
    text = sealings.freeze_draft(anna.room, drafted, stage.now).id
    with pytest.raises(Blocked, match="desk of boris has not"):
        sealings.agree(anna.room, text, stage.now)
    del stage.seats["clara"]  # her desk is switched off
    stage.settle()
    found = standing(anna.room.log).texts[text]
    assert [anna.room.name(mid) for mid in sealings.unseen_by(anna.room, found)] == ["clara"]
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "boris", "anna")
    assert standing(anna.room.log).texts[text].sealing.complete
    stage.seats["clara"] = clara
    stage.settle()
    assert standing(clara.room.log).texts[text].sealing.complete
    stage.close()


def test_a_side_does_not_agree_when_whoever_gave_the_others_key_has_left(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris", "clara")
    boris = stage.seats["boris"]
    acts.leave(boris.room, stage.now)
    stage.settle()
    with pytest.raises(Refused, match="boris, whose desk gave a key"):
        sealings.agree(stage.seats["anna"].room, text, stage.now)
    stage.close()


def test_a_frozen_text_that_says_another_thing_than_the_draft_does_not_stand(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats["anna"].room, stage.seats["boris"].room
    drafted = sealings.draft(anna, WORDS, stage.now).id
    stage.settle()
    sealings.give_key(boris, drafted, stage.now)
    stage.settle()
    found = standing(anna.log).drafts[drafted]
    sides = [(side, found.keys[side][0]) for side in found.sides]
    words = found.draft
    for false in (
        freeze(dataclasses.replace(words, clauses=("The weapons stay.", "No invasion.")), sides),
        freeze(dataclasses.replace(words, terms={}), sides),
        freeze(dataclasses.replace(words, dated_ms=words.dated_ms + 1000), sides),
        freeze(words, sides[::-1]),
        freeze(words, [sides[0], ("B", SealingKey.generate().public)]),
    ):
        with anna.changing():
            say(
                anna,
                "seal-text",
                encode(SealText(drafted, false.payload, false.disclosures, false.seed)),
                stage.now,
            )
    stage.settle()
    assert standing(boris.log).texts == {}
    sealings.freeze_draft(anna, drafted, stage.now)
    stage.settle()
    assert len(standing(boris.log).texts) == 1
    stage.close()


def test_a_key_of_a_draft_that_expired_is_gone_and_so_are_its_words(tmp_path: Path) -> None:
    stage, _ = begun(tmp_path, "anna", "boris")
    room = stage.seats["boris"].room
    keys = "SELECT count(*) FROM state WHERE name LIKE 'seal-key/%'"
    assert room.db.one(keys) == (1,)
    stage.now += 100 * DAY_MS
    stage.settle()
    assert room.db.one(keys) == (0,)
    assert not [row for row in room.db.all("SELECT data FROM events") if b"Turkey" in bytes(row[0])]
    assert sealings.kept(room) == []
    stage.close()


def stamped(room: Room, digest: bytes, folder: Path) -> None:
    """Have a made-up authority stamp a text, and the desk keep it."""
    asked = read_request(stamping.ask(room, digest))
    token = Authority(folder / "authority").token(asked.imprint, nonce=asked.nonce)
    assert [one.by for one in stamping.take(room, digest, response(token))] == ["Made-up Time Stamps"]


def test_a_time_stamp_is_in_every_file_of_its_text_whatever_a_side_signs_later(tmp_path: Path) -> None:
    """ECDSA has two signatures that hold for each; this desk kept, and had stamped, the others than the room came to."""
    stage, text = begun(tmp_path, "anna", "boris")
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "boris", "anna")
    anna = stage.seats["anna"].room
    sealing = standing(anna.log).texts[text].sealing
    with pytest.raises(Blocked, match="asked for no time stamp"):
        stamping.take(anna, sealing.frozen.digest, b"")
    kept = sealings.kept_text(anna, sealing.frozen.digest)
    raws = [unb64(one) for one in kept.signatures]
    others = tuple(b64(raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)) for raw in raws)
    set_state(anna.db, f"sealed/{sealing.frozen.digest.hex()}", encode(replace(kept, signatures=others)))
    stamped(anna, sealing.frozen.digest, tmp_path)
    for opened in ((), ("term-turkey",)):
        assert len(verify(sealings.file(anna, sealing.frozen.digest, opened)).stamps) == 1
    with pytest.raises(Blocked, match="asked for no time stamp"):
        stamping.take(anna, sealing.frozen.digest, b"")
    stage.close()


def test_a_back_up_holds_sealed_texts_and_no_key_that_seals(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris")
    signed(stage, text, "anna", "boris")
    anchored(stage, text, "boris", "anna")
    anna = stage.seats["anna"]
    second = sealings.draft(anna.room, WORDS, stage.now).id
    stage.now += 100 * DAY_MS
    stage.settle()
    (digest,) = sealings.kept(anna.room)
    stamped(anna.room, digest, tmp_path)
    held = "SELECT name FROM state WHERE name LIKE 'seal%'"
    back_up(anna.desk, tmp_path / "saved", b"a long passphrase", stage.now)
    with closing(
        restore(tmp_path / "saved", b"a long passphrase", tmp_path / "restored", raw=b"r" * 32)
    ) as desk:
        (room,) = desk.rooms()
        assert room.db.all(held) == [(f"sealed/{digest.hex()}",)]
        checked = verify(sealings.file(room, digest, ()))
        assert (checked.text, len(checked.stamps)) == (digest, 1)
        assert desk.vault.setting("long-term-key/A") is None
    assert second not in standing(anna.room.log).drafts
    stage.close()


def test_nothing_is_given_frozen_or_saved_twice_or_by_a_side_that_is_not_asked(tmp_path: Path) -> None:
    stage, text = begun(tmp_path, "anna", "boris", "clara")
    anna, clara = stage.seats["anna"].room, stage.seats["clara"].room
    drafted = next(iter(standing(anna.log).drafts))
    with pytest.raises(Refused, match="not to be sealed by C"):
        sealings.give_key(clara, drafted, stage.now)
    with pytest.raises(Refused, match="already"):
        sealings.give_key(anna, drafted, stage.now)
    with pytest.raises(Refused, match="frozen already"):
        sealings.freeze_draft(anna, drafted, stage.now)
    with pytest.raises(Blocked, match="no sealed text yet"):
        sealings.file(anna, standing(anna.log).texts[text].sealing.frozen.digest, ())
    with pytest.raises(Blocked, match="no such text"):
        sealings.file(anna, bytes(32), ())
    with pytest.raises(Violation):
        parse("seal-held", encode(SealHeld(bytes(31))))
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
