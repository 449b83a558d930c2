"""Real desks sound what all would accept: in four messages, the same whoever refused, once whatever happens to a desk."""

from pathlib import Path

import msgspec
import pytest

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.members import Role
from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How, Kept
from backchannel.crypto.sounding.message import Round, parse_message, written
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.desk import soundings
from backchannel.desk.acting import act
from backchannel.desk.backup import back_up, restore
from backchannel.desk.sounding_ledger import BUDGET, NOTHING_LEARNT, ledger
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import Done, Underway, underway
from backchannel.errors import Expired, OutOfMandate, Refused, Violation
from backchannel.moves import sounding
from backchannel.moves.pledge import standing as pledges_of
from backchannel.moves.sounding import MAX_AGENDA, SoundingOpen, Soundings, SoundingSay, SoundingStop
from backchannel.wire.codec import decode, encode
from circle import Circle
from desks import DAY_MS, KEY, NOW, Fuse, Seat, Stage, in_talks, powered
from sounders import params
from typing_in import typed

THREE = ("a pause", "a hotline", "inspections")


def put(
    stage: Stage,
    who: str,
    options: tuple[str, ...],
    marks: list[bool] | None,
    *,
    kind: Kind = Kind.ALL,
    poster: int = 0,
    binding: bool = False,
) -> EventId:
    """Have somebody open a sounding."""
    seat = stage.seats[who]
    what = soundings.opening(
        seat.room,
        kind,
        options,
        seat.now + DAY_MS,
        seat.now,
        batch=int(kind is Kind.FIRST),
        poster=poster,
        binding=binding,
    )
    entry = soundings.open_sounding(seat.room, what, "peace", marks, seat.now)
    stage.settle()
    return entry.id


def give(stage: Stage, who: str, target: EventId, marks: list[bool]) -> None:
    soundings.answer(stage.seats[who].room, target, marks, stage.seats[who].now)
    stage.settle()


def done(stage: Stage, who: str, target: EventId) -> Done | None:
    """Give how a sounding ended at a desk, without the name of its inputs."""
    stands = standing(stage.seats[who].room, stage.now)
    ended = next(one.done for one in stands if one.opened.entry.id == target)
    return None if ended is None else msgspec.structs.replace(ended, inputs=b"")


def said(stage: Stage, who: str) -> list[tuple[str, bytes, int]]:
    """Give what was said in soundings: kind, author, size."""
    log = stage.seats[who].room.log
    events = [entry.event for entry in log.ordered() if entry.event.kind in sounding.KINDS]
    return [(event.kind, event.author, len(event.body)) for event in events]


def states(stage: Stage, who: str) -> list[str]:
    rows = stage.seats[who].room.db.all("SELECT name FROM state WHERE name LIKE 'sounding%'")
    return sorted(str(name).split("/")[0] for (name,) in rows)


@pytest.mark.parametrize(
    ("first", "second", "joint"), [(True, True, (0,)), (True, False, ()), (False, True, ())]
)
def test_a_feeler_takes_four_messages_and_tells_both_only_whether_both_said_yes(
    tmp_path: Path, first: bool, second: bool, joint: tuple[int, ...]
) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause",), [first])
    give(stage, "boris", target, [second])
    assert [kind for kind, _, _ in said(stage, "anna")] == ["sounding-open"] + ["sounding-say"] * 3
    for who in ("anna", "boris"):
        found = done(stage, who, target)
        assert found is not None
        assert (found.how, found.joint) == (How.RESULT, joint)
        assert states(stage, who) == [
            "sounding-after",
            "sounding-done",
            "sounding-heard",
            "sounding-keys",
            "sounding-ledger",
        ]
    stage.close()


def test_no_joint_yes_is_the_same_in_events_sizes_and_order_whoever_refused(tmp_path: Path) -> None:
    stage = in_talks(tmp_path / "first", "anna", "boris", "clara")
    stage.close()
    runs = []
    for turn, refuser in enumerate(("anna", "boris", "clara")):
        twin = stage.copy(tmp_path / f"run-{turn}", stage.relay.rng)
        target = put(twin, "anna", THREE, [refuser != "anna", True, True])
        for who in ("boris", "clara"):
            give(twin, who, target, [refuser != who, True, True])
        outcomes = {done(twin, who, target) for who in twin.seats}
        cells = sorted(len(drop.cells) for drop in twin.relay.drops.values())
        runs.append((said(twin, "anna"), outcomes, cells))
        twin.close()
    assert runs[0] == runs[1] == runs[2]
    (found,) = runs[0][1]
    assert found is not None
    assert found.joint == (1, 2)


def test_a_go_between_opens_one_for_others_and_sees_only_the_joint_result(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    stage.sit("gil")
    stage.bring("anna", "gil", "Geneva", Role.GO_BETWEEN)
    target = put(stage, "gil", THREE, None)
    with pytest.raises(OutOfMandate):
        soundings.answer(stage.seats["gil"].room, target, [True] * 3, stage.now)
    give(stage, "anna", target, [True, True, False])
    give(stage, "boris", target, [False, True, False])
    found = {done(stage, who, target) for who in ("anna", "boris", "gil")}
    assert {one.joint for one in found if one is not None} == {(1,)}
    assert ledger(stage.seats["gil"].room) == []
    stage.close()


def test_limits_and_first_common_options_go_the_same_way(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    poster = sorted(mid for mid in stage.seats["anna"].room.seating.seated).index(stage.seats["anna"].room.me)
    target = put(stage, "anna", ("1", "2", "3"), [True, True, False], kind=Kind.THRESHOLD, poster=poster)
    give(stage, "boris", target, [False, True, True])
    found = done(stage, "boris", target)
    assert found is not None
    assert (found.how, found.joint, found.meet) == (How.RESULT, (), True)
    target = put(stage, "boris", ("x", "y", "z"), [True, False, True], kind=Kind.FIRST)
    give(stage, "anna", target, [True, True, True])
    found = done(stage, "anna", target)
    assert found is not None
    assert found.joint in {(0,), (2,)}
    stage.close()


def test_what_all_accept_of_a_binding_sounding_is_pledged_by_each_to_the_other(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause", "a hotline"), [True, False], binding=True)
    give(stage, "boris", target, [True, True])
    pledges = [
        (one.side, one.body.to, one.body.step)
        for one in pledges_of(stage.seats["anna"].room.log, stage.now).values()
        if one.body is not None
    ]
    assert sorted(pledges) == [("A", ("B",), "a pause"), ("B", ("A",), "a pause")]
    stage.close()


def answered_with_cuts(boris: Seat, target: EventId) -> None:
    """Answer a sounding and go on, whatever is cut off on the way."""

    def answer(_: object) -> None:
        soundings.answer(boris.room, target, [True], boris.now)

    boris.run(answer)
    if not any(one.answered for one in standing(boris.room, boris.now)):
        answer(None)
    for _ in range(20):
        for seat in boris.stage.seats.values():
            seat.run(lambda _, seat=seat: seat.turn())  # type: ignore[misc]
    boris.stage.calm()


def test_a_desk_that_loses_power_at_any_step_says_each_thing_once_and_comes_to_the_same_end(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path / "first", "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    stage.close()
    crashes = 0
    for at in range(5, 60, 14):
        with powered():
            twin = stage.copy(tmp_path / f"run-{at}", stage.relay.rng)
            boris = twin.seats["boris"]
            assert boris.room.seated
            boris.fuse = Fuse(at)
            answered_with_cuts(boris, target)
            crashes += boris.crashes
            messages: dict[object, bytes] = {}
            for _, told in read(twin.seats["anna"].room.log, Soundings).said(target):
                for data in told:
                    assert messages.setdefault(parse_message(data).slot, data) == data
            outcomes = {done(twin, who, target) for who in twin.seats}
            assert outcomes == {Done(How.RESULT, (0,), True, (), "", True, Round.SHARES, b"")}
            twin.close()
    assert crashes > 2


def test_what_was_sounded_before_or_goes_beyond_the_budget_needs_a_new_decision(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    give(stage, "boris", target, [False])
    anna, boris = stage.seats["anna"], stage.seats["boris"]
    again = soundings.opening(anna.room, Kind.ALL, ("a pause", "peace"), stage.now + DAY_MS, stage.now)
    with pytest.raises(Refused, match="before"):
        soundings.open_sounding(anna.room, again, "peace", None, stage.now)
    entry = soundings.open_sounding(anna.room, again, "peace", None, stage.now, mandate=True)
    stage.settle()
    with pytest.raises(Refused, match="before"):
        soundings.answer(boris.room, entry.id, [True, True], stage.now)
    soundings.answer(boris.room, entry.id, [True, True], stage.now, mandate=True)
    many = tuple(f"option {number}" for number in range(BUDGET))
    what = soundings.opening(anna.room, Kind.ALL, many, stage.now + DAY_MS, stage.now)
    with pytest.raises(Refused, match="more than"):
        soundings.open_sounding(anna.room, what, "peace", None, stage.now)
    assert soundings.opening(anna.room, Kind.ALL, many, stage.now + DAY_MS, stage.now).options == many
    stage.close()


def test_the_ledger_outlives_the_words_and_nothing_else_does(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", THREE, [True, False, True])
    give(stage, "boris", target, [True, True, False])
    stage.now += 100 * DAY_MS
    stage.settle()
    for who, refused in (("anna", 1), ("boris", 1)):
        room = stage.seats[who].room
        (line,) = ledger(room)
        assert (line.agenda, line.others, line.refused, line.joint) == (
            "peace",
            ("B" if who == "anna" else "A",),
            refused,
            1,
        )
        assert len(line.options) == 3
        assert standing(room, stage.now) == []
    stage.close()


def test_a_sounding_that_expires_before_its_end_leaves_no_secret(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    put(stage, "anna", THREE, [True, False, True])
    assert "sounding" in states(stage, "anna")
    stage.now += 100 * DAY_MS
    stage.settle()
    stage.seats["anna"].show("still here")
    stage.settle()
    assert states(stage, "anna") == ["sounding-ledger"]
    stage.close()


def test_a_deadline_names_who_was_awaited_and_late_answers_are_refused(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    stage.now += 2 * DAY_MS
    with pytest.raises(Expired):
        soundings.answer(stage.seats["boris"].room, target, [True], stage.now)
    (stand,) = standing(stage.seats["anna"].room, stage.now)
    assert stand.overdue
    found = soundings.stop(stage.seats["anna"].room, target, stage.now)
    assert (found.how, found.sides, found.exposed) == (How.ABSENT, (stage.seats["boris"].room.me,), False)
    with pytest.raises(Refused):
        soundings.stop(stage.seats["anna"].room, target, stage.now)
    stage.close()


def test_who_gives_a_sounding_up_says_nothing_more_in_it(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    found = soundings.stop(stage.seats["anna"].room, target, stage.now)
    assert found.how == How.WITHDRAWN
    soundings.answer(stage.seats["boris"].room, target, [True], stage.now)  # it crosses
    stage.settle()
    assert [kind for kind, author, _ in said(stage, "boris") if author == stage.seats["anna"].room.me] == [
        "sounding-open",
        "sounding-stop",
    ]
    assert {done(stage, who, target) for who in stage.seats} == {
        Done(How.WITHDRAWN, (), False, (), "", False, Round.KEYS, b""),
        Done(How.WITHDRAWN, (), False, (stage.seats["anna"].room.me,), "", False, Round.INPUTS, b""),
    }
    for who in stage.seats:
        with pytest.raises(Refused):
            soundings.answer(stage.seats[who].room, target, [True], stage.now)
    assert "anna (A) gave it up." in "".join(typed(stage.seats["boris"], "sound", "show").lines)
    stage.close()


def test_what_one_gives_up_has_ended_at_every_desk_answered_or_not(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara")
    target = put(stage, "anna", ("a pause",), [True])
    give(stage, "boris", target, [True])
    soundings.stop(stage.seats["boris"].room, target, stage.now)
    stage.settle()
    by = stage.seats["boris"].room.me
    for who in ("anna", "clara"):
        ended = done(stage, who, target)
        assert ended is not None
        assert (ended.how, ended.sides, ended.exposed) == (How.WITHDRAWN, (by,), False)
    assert [line.joint for line in ledger(stage.seats["anna"].room)] == [NOTHING_LEARNT]
    stage.close()


def test_who_only_reads_along_gives_up_nothing(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara", "dora")
    target = put(stage, "anna", ("a pause",), [True])
    act(stage.seats["dora"].room, "sounding-stop", SoundingStop(target), stage.now)
    stage.settle()
    for who in ("boris", "clara"):
        give(stage, who, target, [True])
    found = {done(stage, who, target) for who in ("anna", "boris", "clara")}
    assert {one.joint for one in found if one is not None} == {(0,)}
    stage.close()


def test_a_side_that_said_two_things_is_named_at_desks_that_had_closed_the_sounding(tmp_path: Path) -> None:
    """Boris's desk is made to say another share after all have the result; Anna's desk has forgotten every secret by then."""
    stage = in_talks(tmp_path, "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    boris = stage.seats["boris"]
    soundings.answer(boris.room, target, [True], boris.now)
    begun = underway(boris.room, target)
    assert begun is not None
    seed = decode(begun.party, Kept).session_seed
    stage.settle()
    messages = [
        parse_message(data)
        for entry, told in read(boris.room.log, Soundings).said(target)
        for data in told
        if entry.author == boris.room.me
    ]
    share = messages[-1]
    assert share.round is Round.SHARES
    other = written(share.sid, share.slot, share.prev, share.body[::-1], seed)
    act(boris.room, "sounding-say", SoundingSay(target, (encode(share),)), boris.now)
    stage.settle()
    for who in stage.seats:
        found = done(stage, who, target)
        assert found is not None
        assert found.blamed == b"", "the same once more is nobody's fault"
    act(boris.room, "sounding-say", SoundingSay(target, (encode(other),)), boris.now)
    stage.settle()
    found = done(stage, "anna", target)
    assert found is not None
    assert (found.how, found.joint, found.blamed) == (How.RESULT, (0,), boris.room.me)
    shown = "".join(typed(stage.seats["anna"], "sound", "show").lines)
    assert "Seen since it ended: boris (B): It signed two different things in one place." in shown
    stage.close()


def test_a_back_up_brings_back_no_sounding_that_could_go_on(tmp_path: Path) -> None:
    stage = in_talks(tmp_path / "stage", "anna", "boris")
    target = put(stage, "anna", ("a pause",), [True])
    begun = underway(stage.seats["anna"].room, target)
    assert isinstance(begun, Underway)
    assert decode(begun.party, Kept).part
    back_up(stage.seats["anna"].desk, tmp_path / "file", b"a long passphrase", NOW)
    restored = restore(tmp_path / "file", b"a long passphrase", tmp_path / "again", raw=KEY)
    (room,) = restored.rooms()
    assert room.db.all("SELECT name FROM state WHERE name LIKE 'sounding%'") == []
    assert target in read(room.log, Soundings).opened
    with pytest.raises(Refused):
        soundings.answer(room, target, [True], NOW)
    restored.close()
    stage.close()


def test_messages_of_others_and_of_no_sense_change_nothing(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara", "dora")
    target = put(stage, "anna", ("a pause",), [True])
    for who, messages in (("dora", (b"anything",)), ("boris", (b"", b"\x98")), ("clara", (bytes(100),))):
        room = stage.seats[who].room
        act(room, "sounding-say", SoundingSay(target, messages), stage.now)
    stage.settle()
    for who in ("boris", "clara"):
        give(stage, who, target, [True])
    assert {done(stage, who, target) for who in ("anna", "boris", "clara")} == {
        Done(How.RESULT, (0,), True, (), "", True, Round.SHARES, b"")
    }
    stage.close()


def test_a_side_with_several_who_could_answer_is_asked_by_name(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara", "dora", "egon")  # of A, B, C, A, B
    room, by = stage.seats["anna"].room, stage.now + DAY_MS
    names = {mid: one.name for mid, one in room.seating.seated.items()}
    with pytest.raises(Refused, match="B has several"):
        soundings.opening(room, Kind.ALL, ("a pause",), by, stage.now)
    with pytest.raises(Refused, match="dora"):
        soundings.opening(room, Kind.ALL, ("a pause",), by, stage.now, asked=["dora"])
    with pytest.raises(Refused, match="passed"):
        soundings.opening(room, Kind.ALL, ("a pause",), stage.now, stage.now, asked=["egon"])
    for asked in (["egon"], ["Egon", "clara"]):
        what = soundings.opening(room, Kind.ALL, ("a pause",), by, stage.now, asked=asked)
        assert {names[MemberId(side)] for side in what.sides} == {"anna", *(name.lower() for name in asked)}
    with pytest.raises(Refused, match="different options"):
        soundings.opening(room, Kind.ALL, ("a pause", "a pause"), by, stage.now, asked=["egon"])
    stage.close()


PEOPLE = (
    "Ada A principal",
    "Abe A exploratory-envoy",
    "Ben B principal",
    "Gil G go-between",
    "Oda O observer",
)


@pytest.mark.parametrize(
    ("opener", "asked", "stands"),
    [
        ("Ada", ("Ada", "Ben"), True),
        ("Gil", ("Ada", "Ben"), True),
        ("Oda", ("Ada", "Ben"), False),
        ("Abe", ("Ada", "Ben"), False),
        ("Ada", ("Ada", "Gil"), False),
        ("Ada", ("Ada", "Abe"), False),
        ("Ben", ("Ada", "Oda"), False),
        ("Abe", ("Abe", "Ben"), True),
        ("Gil", ("Abe", "Ben"), True),
    ],
)
def test_a_sounding_asks_people_who_speak_for_different_sides(
    opener: str, asked: tuple[str, str], stands: bool
) -> None:
    room = Circle(*PEOPLE)
    sides = tuple(sorted(room.pens[name].id for name in asked))
    what = Params(1, Kind.ALL, sides, ("a pause",), 256, 0, 0, False, (1, 2, 3), b"h" * 32, b"n" * 32, b"")
    eid = room.say(opener, "sounding-open", SoundingOpen("peace", encode(what), ()))
    assert all((eid in sounding.opened(room.log(name))) is stands for name in room.pens)
    binding = msgspec.structs.replace(what, binding=True)
    eid = room.say(opener, "sounding-open", SoundingOpen("peace", encode(binding), ()))
    binds = stands and "Abe" not in asked  # an exploratory envoy binds nobody
    assert all((eid in sounding.opened(room.log(name))) is binds for name in room.pens)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("sounding-open", SoundingOpen("", encode(params(2, 1)), ())),
        ("sounding-open", SoundingOpen(" ", encode(params(2, 1)), ())),
        ("sounding-open", SoundingOpen("a" * (MAX_AGENDA + 1), encode(params(2, 1)), ())),
        ("sounding-open", SoundingOpen("a", encode(params(1, 1)), ())),
        ("sounding-open", SoundingOpen("a", b"", ())),
        ("sounding-open", SoundingOpen("a", encode(params(2, 1)), (b"",) * 65)),
        ("sounding-say", SoundingSay(b"short", (b"",))),
        ("sounding-say", SoundingSay(bytes(32), ())),
        ("sounding-say", SoundingSay(bytes(32), (b"",) * 65)),
        ("sounding-stop", SoundingStop(b"short")),
    ],
)
def test_what_is_said_of_a_sounding_unsoundly_is_refused(
    kind: str, body: SoundingOpen | SoundingSay | SoundingStop
) -> None:
    with pytest.raises(Violation):
        sounding.parse(kind, encode(body))
