"""A sealed text comes into the open as every side agreed, or not at all; nobody speaks for another side."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from backchannel.channel.event import EventId
from backchannel.channel.log import Log, arrival
from backchannel.channel.members import Role
from backchannel.crypto.seals import b64
from backchannel.daylight.verify import Ownership, verify
from backchannel.desk import sealings, surfacing
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.errors import Blocked, Forked, Refused, Violation
from backchannel.moves.surface import (
    SurfaceAgree,
    SurfaceLine,
    SurfacePropose,
    SurfaceRetract,
    parse,
    standing,
)
from backchannel.wire.codec import encode
from desks import DAY_MS, Seat, Stage
from sealing_rooms import SIDES, WORDS, anchored, sealed_in_room, signed

CLOSED = "The missiles in Turkey go too."


def terms(stage: Stage, about: bytes, /, **changes: object) -> SurfacePropose:
    return replace(SurfacePropose(about, SIDES, "everyone", stage.now, (), (), "", ()), **changes)


Two = tuple[Stage, bytes, Seat, Seat]


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, bytes]:
    stage, text = sealed_in_room(tmp_path_factory.mktemp("sealed"), "anna", "boris")
    stage.close()
    return stage, text


@pytest.fixture
def two(tmp_path: Path, sealed_once: tuple[Stage, bytes]) -> Iterator[Two]:
    """Two desks of two sides that have sealed a text; every test begins from the same files."""
    first, text = sealed_once
    stage = first.copy(tmp_path, random.Random(0))
    yield stage, text, stage.seats["anna"], stage.seats["boris"]
    stage.close()


def known(room: Room, eid: EventId) -> surfacing.Surfacing:
    return surfacing.known(room)[eid]


def test_nothing_is_published_before_all_agreed_all_know_it_and_the_day_has_come(two: Two) -> None:
    stage, text, anna, boris = two
    body = terms(stage, text, at=stage.now + 10 * DAY_MS, left_out=(2,))
    eid = surfacing.propose(anna.room, body, stage.now).id
    with pytest.raises(Blocked, match="B has not agreed"):
        surfacing.publication(anna.room, eid, stage.now)
    stage.settle()
    assert known(boris.room, eid).missing == ("B",)
    surfacing.agree(boris.room, eid, stage.now)
    with pytest.raises(Blocked, match="A knows it"):
        surfacing.publication(boris.room, eid, stage.now)
    stage.settle()
    for seat in (anna, boris):
        with pytest.raises(Refused, match="not before 1962-11-13"):
            surfacing.publication(seat.room, eid, stage.now)
    stage.now += 11 * DAY_MS
    for seat in (anna, boris):
        data, said = surfacing.publication(seat.room, eid, stage.now)
        assert said is None
        checked = verify(data)
        assert checked.opened == {}
        assert checked.clauses == ("The weapons go.", None)
        assert CLOSED.encode() not in data
        assert b64(b"No invasion.")[4:12] not in data.decode()
    log = anna.room.log
    log.chains[boris.room.me][1].add(EventId(bytes(32)))  # Boris told somebody another beginning
    assert log.forks()
    with pytest.raises(Forked):
        surfacing.publication(anna.room, eid, stage.now)


def test_just_the_agreed_terms_are_opened_and_the_words_for_the_public_are_sealed(two: Two) -> None:
    stage, text, anna, boris = two
    lines = [
        surfacing.line(anna.room, text, "We kept our word.", stage.now).id,
        surfacing.line(boris.room, text, "So did we.\nAll of it.", stage.now).id,
    ]
    stage.settle()
    body = terms(stage, text, opened=("term-turkey",), narrative="It is done.", lines=tuple(lines))
    eid = surfacing.propose(boris.room, body, stage.now).id
    stage.settle()
    with pytest.raises(Blocked, match="A has not agreed"):
        surfacing.statement(boris.room, eid, stage.now)
    surfacing.agree(anna.room, eid, stage.now)
    stage.settle()
    with pytest.raises(Blocked, match="not sealed yet"):
        surfacing.publication(anna.room, eid, stage.now)
    drafted = surfacing.statement(anna.room, eid, stage.now).id
    stage.settle()
    sealings.give_key(boris.room, drafted, stage.now)
    stage.settle()
    said = sealings.freeze_draft(anna.room, drafted, stage.now).id
    stage.settle()
    signed(stage, said, "anna", "boris")
    anchored(stage, said, "anna")
    with pytest.raises(Blocked, match="not sealed yet"):
        surfacing.publication(anna.room, eid, stage.now)
    anchored(stage, said, "boris")
    for seat in (anna, boris):
        data, statement = surfacing.publication(seat.room, eid, stage.now)
        assert statement is not None
        assert verify(data).opened == {"term-turkey": CLOSED}
        public = verify(statement)
        assert public.clauses == ("It is done.", "A:\nWe kept our word.", "B:\nSo did we.\nAll of it.")
        assert [(one.relation, one.text) for one in public.payload.refers_to] == [("statement", b64(text))]
        assert all(one.ownership is Ownership.CLAIMED for one in public.sealers)
        assert surfacing.preview(seat.room, known(seat.room, eid)) == (data, statement)


def test_a_change_of_mind_counts_until_its_author_has_seen_all_agree(two: Two) -> None:
    stage, text, anna, boris = two
    eid = surfacing.propose(anna.room, terms(stage, text), stage.now).id
    stage.settle()
    # crossing in the post: Boris completes the agreement as Anna takes hers back
    surfacing.agree(boris.room, eid, stage.now)
    surfacing.retract(anna.room, eid, stage.now)
    with pytest.raises(Blocked, match="A knows it"):
        surfacing.publication(boris.room, eid, stage.now)
    stage.settle()
    for seat in (anna, boris):
        assert known(seat.room, eid).missing == ("A",)
        with pytest.raises(Blocked, match="A has not agreed"):
            surfacing.publication(seat.room, eid, stage.now)
    surfacing.agree(anna.room, eid, stage.now)
    stage.settle()
    assert known(boris.room, eid).settled
    for seat in (anna, boris):
        with pytest.raises(Refused, match="not taken back by one"):
            surfacing.retract(seat.room, eid, stage.now)
        act(
            seat.room, "surface-retract", SurfaceRetract(eid), stage.now
        )  # software that says it all the same
    stage.settle()
    for seat in (anna, boris):
        assert known(seat.room, eid).settled
        surfacing.publication(seat.room, eid, stage.now)


def test_who_publishes_first_knows_that_the_others_can_take_nothing_back(two: Two) -> None:
    """The relay lets Anna hear Boris, and Boris nobody."""
    stage, text, anna, boris = two
    eid = surfacing.propose(anna.room, terms(stage, text), stage.now).id
    stage.settle()
    surfacing.agree(boris.room, eid, stage.now)
    with pytest.raises(Blocked, match="B has not agreed"):
        surfacing.publication(anna.room, eid, stage.now)
    boris.turn()
    anna.turn()
    with pytest.raises(Blocked, match="A knows it"):
        surfacing.publication(boris.room, eid, stage.now)
    surfacing.publication(anna.room, eid, stage.now)
    with pytest.raises(Refused, match="not taken back by one"):
        surfacing.retract(boris.room, eid, stage.now)


def test_nobody_puts_words_into_another_sides_mouth(two: Two) -> None:
    stage, text, anna, boris = two
    mine = surfacing.line(anna.room, text, "We kept our word.", stage.now).id
    also = surfacing.line(anna.room, text, "We won.", stage.now).id
    other = act(anna.room, "surface-line", SurfaceLine(bytes(32), "Of another text."), stage.now).id
    stage.settle()
    theirs = surfacing.line(boris.room, text, "So did we.", stage.now).id
    for lines in (
        (mine, also),
        (other,),
        (theirs,),
        (bytes(32),),
    ):  # twice one side; another text; unseen; unknown
        eid = act(anna.room, "surface-propose", terms(stage, text, lines=lines), stage.now).id
        assert eid not in surfacing.known(anna.room)
    stage.settle()
    assert standing(boris.room.log) == {}
    eid = surfacing.propose(anna.room, terms(stage, text, lines=(mine, theirs)), stage.now).id
    assert known(anna.room, eid).terms.lines == {"A": "We kept our word.", "B": "So did we."}


def test_what_is_proposed_for_other_sides_or_of_what_the_text_has_not_cannot_be_agreed_to(two: Two) -> None:
    stage, text, anna, boris = two
    for wrong in ({"sides": ("A", "C")}, {"opened": ("term-cuba",)}, {"left_out": (9,)}, {"text": bytes(32)}):
        body = terms(stage, text, **wrong)
        with pytest.raises(Refused):
            surfacing.propose(anna.room, body, stage.now)
        eid = act(anna.room, "surface-propose", body, stage.now).id
        stage.settle()
        with pytest.raises(Refused):
            surfacing.agree(boris.room, eid, stage.now)
        with pytest.raises(Refused):
            surfacing.publication(boris.room, eid, stage.now)


def test_only_who_speaks_for_a_side_agrees_for_it_and_to_one_proposal_alone(two: Two) -> None:
    stage, text, anna, boris = two
    dora = stage.sit("dora")
    stage.bring("boris", "dora", "B", Role.EXPLORATORY_ENVOY)
    first = surfacing.propose(anna.room, terms(stage, text), stage.now).id
    second = surfacing.propose(anna.room, terms(stage, text, audience="both parliaments"), stage.now).id
    stage.settle()
    for eid in (first, second):
        with pytest.raises(Refused, match="Only a principal"):
            surfacing.agree(dora.room, eid, stage.now)
        act(dora.room, "surface-agree", SurfaceAgree(eid), stage.now)
    surfacing.agree(boris.room, first, stage.now)
    with pytest.raises(Refused, match="agrees to this already"):
        surfacing.agree(boris.room, first, stage.now)
    stage.settle()
    for seat in (anna, boris, dora):
        found = standing(seat.room.log)
        assert (found[first].missing, found[second].missing) == ((), ("B",))
    came = [
        arrival(one.salt, one.data, direct=True)
        for one in anna.room.log.entries.values()
        if one.salt is not None and one.data is not None
    ]
    for seed in range(5):
        random.Random(seed).shuffle(came)
        other = Log(anna.room.log.room, anna.room.log.first_epoch, anna.room.log.root)
        for one in [*came, *came[:3]]:
            other.add(one)
            standing(other)
        assert {eid: (one.terms, list(one.agreed)) for eid, one in standing(other).items()} == {
            eid: (one.terms, list(one.agreed)) for eid, one in standing(anna.room.log).items()
        }


def test_what_all_agreed_to_is_published_when_the_talk_about_it_has_long_expired(two: Two) -> None:
    stage, text, anna, boris = two
    eid = surfacing.propose(anna.room, terms(stage, text, at=stage.now + 9_000 * DAY_MS), stage.now).id
    never = surfacing.propose(anna.room, terms(stage, text), stage.now).id
    stage.settle()
    surfacing.agree(boris.room, eid, stage.now)
    stage.settle()
    stage.now += 9_001 * DAY_MS
    stage.settle()
    for seat in (anna, boris):
        assert standing(seat.room.log) == {}
        assert list(surfacing.known(seat.room)) == [eid]
        data, _ = surfacing.publication(seat.room, eid, stage.now)
        assert verify(data).text == text
        with pytest.raises(Refused, match="no such proposal"):
            surfacing.publication(seat.room, never, stage.now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": bytes(31)},
        {"sides": ("A",)},
        {"sides": ("A", "A")},
        {"audience": ""},
        {"audience": "every\u202eone"},
        {"at": 1 << 62},
        {"opened": ("clause-1",)},
        {"opened": ("term-b", "term-a")},
        {"left_out": (0,)},
        {"left_out": (2, 1)},
        {"lines": (bytes(31),)},
        {"lines": (bytes(32), bytes(32))},
        {"narrative": "x" * 20_001},
    ],
)
def test_an_unsound_proposal_is_refused(wrong: dict[str, object]) -> None:
    sound = SurfacePropose(bytes(32), SIDES, "everyone", WORDS.dated, ("term-a",), (1,), "", (bytes(32),))
    assert parse("surface-propose", encode(sound)) == sound
    with pytest.raises(Violation):
        parse("surface-propose", encode(replace(sound, **wrong)))
