"""Whose mandate was revoked, has run out or does not reach so far binds their side by no move: as every desk reads it, and at their own."""

import random
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.channel.log import Log
from backchannel.channel.members import Role
from backchannel.channel.reading import read
from backchannel.crypto.seals import SealingKey
from backchannel.desk import leak, mandates, pledge, preconditions, publication, sealings, understanding
from backchannel.desk.acting import act
from backchannel.desk.commands import pledge as commands
from backchannel.desk.commands.events import event_line, event_value
from backchannel.errors import Exit, OutOfMandate
from backchannel.moves import pledge as pledges
from backchannel.moves import seal, surface
from backchannel.moves import understanding as understandings
from backchannel.moves.beyond import beyond
from backchannel.moves.mandate import Level, Limit, MandateGiven, MandateRevoked, Mandates
from backchannel.moves.paper import Term
from backchannel.moves.pledge import PledgeAcknowledge
from backchannel.moves.precondition import Precondition, PreconditionPark, Preconditions
from backchannel.moves.promise import Lapse
from backchannel.moves.publication import LetLapse, Published
from backchannel.moves.seal import SealAgree, SealKey
from backchannel.moves.surface import SurfaceAgree, SurfacePropose, SurfaceRetract
from backchannel.moves.understanding import UnderstandingConfirm, UnderstandingOffer
from circle import Circle
from conftest import DEEP
from desks import DAY_MS, Stage, in_talks
from pens import scattered
from promises import PLEDGE
from sealing_rooms import WORDS

ENVOY = "authorised-envoy"
PEOPLE = ("Ada A principal", f"Abe A {ENVOY}", "Ben B principal", f"Bob B {ENVOY}", f"Eve C {ENVOY}")
OPEN = structs.replace(PLEDGE, to=("A",), due=None)


class Room(Circle):
    """A circle whose desks, and any desk that had it all in another order, must agree."""

    def give(self, holder: str = "Abe", **how: object) -> EventId:
        giver = "Ada" if holder == "Abe" else "Ben"
        body = MandateGiven(self.pens[holder].id, "the talks", "authorised", (), None, None)
        return self.say(giver, "mandate", structs.replace(body, **how))

    def revoke(self, mandate: EventId, by: str = "Ada") -> None:
        self.say(by, "mandate-revoke", MandateRevoked(mandate))

    def ended(self) -> EventId:
        """Give Abe a mandate and end it; he sees that unless the post is off."""
        mandate = self.give()
        self.revoke(mandate)
        return mandate

    def logs(self) -> list[Log]:
        found = [self.log(name) for name in self.pens]
        return found + [scattered(self.log(), self.world.sheets, random.Random(seed)) for seed in range(2)]

    def same(self, ask: Callable[[Log], object]) -> object:
        answers = [ask(log) for log in self.logs()]
        assert all(one == answers[0] for one in answers)
        return answers[0]

    def bound(self, made: EventId) -> object:
        """The sides that acknowledged a pledge."""
        return self.same(lambda log: sorted(pledges.standing(log, 0)[made].acknowledged))

    def why(self, eid: EventId) -> object:
        return self.same(lambda log: beyond(log, log.entries[eid]))


def test_an_acknowledgement_after_the_revocation_binds_nobody_and_one_that_crossed_with_it_does() -> None:
    room = Room(*PEOPLE)
    mandate = room.give()
    made, crossing = (room.say("Ben", "pledge", OPEN) for _ in range(2))
    room.post = False
    room.revoke(mandate)
    crossed = room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(crossing))
    room.world.settle()
    room.post = True
    late = room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(made), at=1)  # dated back to before it
    assert (room.bound(crossing), room.why(crossed)) == (["A"], None)
    assert (room.bound(made), room.why(late)) == ([], "the mandate of its author was revoked")
    room.give()
    assert room.bound(made) == [], "a new mandate reaches back to nothing"
    room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(made))
    assert room.bound(made) == ["A"]


def test_a_mandate_that_ran_out_or_only_explores_or_does_not_reach_so_far_binds_nobody() -> None:
    room = Room(*PEOPLE)
    until = room.at + 60_000
    room.give(until=until, limits=(Limit("turkey", ("quiet",)),))
    wide, narrow = (
        room.say("Ben", "pledge", structs.replace(OPEN, terms=(Term("turkey", option),)))
        for option in ("open", "quiet")
    )
    said = [room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(eid)) for eid in (wide, narrow)]
    assert (room.bound(wide), room.bound(narrow)) == ([], ["A"])
    assert [room.why(eid) for eid in said] == [
        "“turkey: open” lies outside the mandate of its author",
        None,
    ]
    outside = room.say("Abe", "pledge", structs.replace(PLEDGE, terms=(Term("cuba", "out"),)))
    late = room.say("Abe", "pledge", PLEDGE, at=until)
    assert room.same(lambda log: {outside, late}.isdisjoint(pledges.standing(log, 0)))
    assert room.why(late) == "the mandate of its author had run out"
    room.give("Bob", level="exploratory")
    explored = room.say("Bob", "pledge", OPEN)
    assert room.why(explored) == "the mandate of its author is exploratory"
    assert room.same(lambda log: explored not in pledges.standing(log, 0))


def test_who_never_had_a_mandate_speaks_by_their_role_and_a_stranger_ends_nobodys() -> None:
    room = Room(*PEOPLE)
    for name, side in (("Eve", "C"), ("Abe", "A")):
        made = room.say("Ben", "pledge", structs.replace(OPEN, to=(side,)))
        room.say(name, "pledge-acknowledge", PledgeAcknowledge(made))
        assert room.bound(made) == [side]
    mandate = room.give()
    for stranger in ("Ben", "Eve"):
        room.revoke(mandate, stranger)
    made = room.say("Ben", "pledge", OPEN)
    room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(made))
    assert room.bound(made) == ["A"]
    room.revoke(mandate, "Abe")  # its holder lays it down
    made = room.say("Ben", "pledge", OPEN)
    room.say("Abe", "pledge-acknowledge", PledgeAcknowledge(made))
    assert room.bound(made) == []


def test_an_ended_envoy_confirms_parks_lets_lapse_and_makes_public_nothing() -> None:
    room = Room(*PEOPLE)
    offered = room.say(
        "Ben", "understanding-offer", UnderstandingOffer("Bases", ("A", "B"), None, "election", None)
    )
    stated = room.say("Ben", "precondition", Precondition("First this.", "a speech", None))
    room.say("Ben", "precondition-park", PreconditionPark(stated))
    made = room.say("Ben", "pledge", structs.replace(OPEN, lapse="at-once"))
    room.say("Ada", "pledge-acknowledge", PledgeAcknowledge(made))
    proposed = room.say(
        "Ben", "surface-propose", SurfacePropose(bytes(32), ("A", "B"), "all", 0, (), (), "", ())
    )
    room.ended()
    for kind, body in (
        ("understanding-confirm", UnderstandingConfirm(offered)),
        ("precondition-park", PreconditionPark(stated)),
        ("published", Published(made, "B", "a newspaper", 1)),
        ("lapse", LetLapse(made)),
        ("surface-agree", SurfaceAgree(proposed)),
    ):
        assert room.why(room.say("Abe", kind, body)) == "the mandate of its author was revoked"
    demands = room.same(lambda log: [one.status for one in read(log, Preconditions).all()])
    assert demands == ["on-record"]
    assert room.same(lambda log: understandings.standing(log)[offered].awaits) == ("A",)
    assert room.same(lambda log: pledges.standing(log, 0)[made].status) == "binding"
    assert room.same(lambda log: surface.standing(log)[proposed].missing) == ("A",)


def test_who_agreed_to_surface_may_take_it_back_though_their_mandate_has_ended_since() -> None:
    room = Room(*PEOPLE)
    mandate = room.give()
    proposed = room.say(
        "Ben", "surface-propose", SurfacePropose(bytes(32), ("A", "B", "C"), "all", 0, (), (), "", ())
    )
    room.say("Abe", "surface-agree", SurfaceAgree(proposed))
    room.revoke(mandate)
    assert room.same(lambda log: surface.standing(log)[proposed].missing) == ("C",)
    room.say("Abe", "surface-retract", SurfaceRetract(proposed))
    assert room.same(lambda log: surface.standing(log)[proposed].missing) == ("A", "C")


def test_when_the_words_of_a_mandate_have_gone_a_desk_that_read_before_reads_as_one_that_starts_again() -> (
    None
):
    room = Room(*PEOPLE)
    mandate = room.ended()
    said = room.say("Abe", "pledge", PLEDGE)
    assert said not in pledges.standing(room.log(), 0)
    room.log().erase(mandate, Erased.EXPIRED)
    again = scattered(room.log(), room.world.sheets, random.Random(1))
    again.erase(mandate, Erased.EXPIRED)
    assert read(again, Mandates).given == {}
    assert list(pledges.standing(room.log(), 0)) == list(pledges.standing(again, 0)) == [said]


@settings(max_examples=100 if DEEP else 4, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_standing(seed: int) -> None:
    rng = random.Random(seed)
    room = Room(*PEOPLE[:4])
    room.post = False
    for _ in range(20):
        name, holder = rng.choice(sorted(room.pens)), rng.choice(["Abe", "Bob"])
        target = rng.choice(sorted(room.log(name).entries))
        given = MandateGiven(
            room.pens[holder].id, "talks", "authorised", (), None, rng.choice([None, room.at + 9_000])
        )
        kind, body = rng.choice(
            [
                ("mandate", given),
                ("mandate-revoke", MandateRevoked(target)),
                ("pledge", structs.replace(OPEN, to=("A", "B"))),
                ("pledge-acknowledge", PledgeAcknowledge(target)),
                ("precondition", Precondition("First this.", "a speech", None)),
                ("precondition-park", PreconditionPark(target)),
            ]
        )
        room.say(name, kind, body)
        room.world.deliver(rng.randint(0, 5))
        _facts(room.log(name))
    room.world.settle()
    room.same(_facts)


def _facts(log: Log) -> object:
    return (
        {eid: sorted(one.acknowledged) for eid, one in pledges.standing(log, 0).items()},
        {one.entry.id: [said.id for said, _ in one.parked] for one in read(log, Preconditions).all()},
        {eid: why for eid, entry in log.entries.items() if (why := beyond(log, entry)) is not None},
    )


# -- real desks --------------------------------------------------------------------------------------------


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Anna is A's principal and Boris B's; Alf is A's envoy, and the mandate he had was revoked."""
    stage = in_talks(tmp_path, "anna", "boris")
    stage.sit("alf")
    stage.bring("anna", "alf", "A", Role.AUTHORISED_ENVOY)
    stage.settle()
    anna = stage.seats["anna"]
    alf = anna.room.find_member("alf")
    words = mandates.mandate(anna.room, alf, "the talks", Level.AUTHORISED, (), (None, None))
    mandate = mandates.give(anna.room, alf, words, stage.now).id
    stage.settle()
    mandates.revoke(anna.room, read(anna.room.log, Mandates).given[mandate], stage.now)
    stage.settle()
    yield stage
    stage.close()


def test_no_key_and_no_agreement_of_a_modified_desk_counts_towards_a_sealing_on_anybodys(
    stage: Stage,
) -> None:
    anna, boris, alf = (stage.seats[name].room for name in ("anna", "boris", "alf"))
    drafted = sealings.draft(boris, structs.replace(WORDS, understandings=()), stage.now).id
    stage.settle()
    key = SealingKey.generate()
    act(alf, "seal-key", SealKey(drafted, key.public.x, key.public.y), stage.now)
    stage.settle()
    for room in (anna, boris, alf):
        assert seal.standing(room.log).drafts[drafted].missing == ("A",)
    sealings.give_key(anna, drafted, stage.now)
    stage.settle()
    text = sealings.freeze_draft(boris, drafted, stage.now).id
    stage.settle()
    digest = seal.standing(boris.log).texts[text].sealing.frozen.digest
    forged = act(alf, "seal-agree", SealAgree(text, digest), stage.now)
    stage.settle()
    for room in (anna, boris, alf):
        assert seal.standing(room.log).texts[text].sealing.agreed == frozenset()
        line, value = (
            event_line(room, room.log.entries[forged.id]),
            event_value(room, room.log.entries[forged.id]),
        )
        assert "beyond the mandate: the mandate of its author was revoked; it is not the word of A" in line
        assert value["beyond_mandate"] == "the mandate of its author was revoked"
    sealings.agree(anna, text, stage.now)
    stage.settle()
    assert seal.standing(boris.log).texts[text].sealing.agreed == {"A"}


def test_a_desk_refuses_to_bind_its_side_when_the_mandate_of_its_person_has_ended(stage: Stage) -> None:
    boris, alf, now = stage.seats["boris"].room, stage.seats["alf"].room, stage.now
    made = pledge.make(boris, "The bases go.", now=now).id
    drafted = sealings.draft(boris, WORDS, now).id
    offered = understanding.offer(boris, "Bases", ["A"], now=now).id
    stated = preconditions.state(boris, "First this.", "a speech", now).id
    stage.settle()
    before = len(alf.log.entries)
    acts: tuple[tuple[bool, Callable[[], object]], ...] = (
        (False, lambda: sealings.draft(alf, WORDS, now)),
        (False, lambda: sealings.give_key(alf, drafted, now)),
        (False, lambda: leak.set_line(alf, "No comment.", "if asked", now)),
        (False, lambda: publication.let_lapse(alf, made, now)),
        (False, lambda: pledge.release(alf, made, now)),
        (False, lambda: understanding.decline(alf, offered, now)),
        (True, lambda: pledge.make(alf, "We go.", now=now, lapse=Lapse.NEVER)),
        (True, lambda: pledge.acknowledge(alf, made, now)),
        (True, lambda: understanding.offer(alf, "Letters", ["B"], now=now)),
        (True, lambda: understanding.confirm(alf, offered, now)),
        (True, lambda: preconditions.park(alf, stated, now, beyond=False)),
    )
    for offered_beyond, refused in acts:
        with pytest.raises(
            OutOfMandate, match="your mandate was revoked: ask your principal for a mandate"
        ) as caught:
            refused()
        assert caught.value.exit is Exit.OUT_OF_MANDATE
        assert ("--beyond-mandate" in str(caught.value)) is offered_beyond
    assert len(alf.log.entries) == before


def test_said_beyond_the_mandate_all_the_same_it_binds_nobody_and_every_desk_shows_it(stage: Stage) -> None:
    boris, alf = stage.seats["boris"].room, stage.seats["alf"]
    made = pledge.make(boris, "The bases go.", now=stage.now).id
    stage.settle()
    args = Namespace(room=None, seen=None, which=None, beyond_mandate=True)
    answer = commands.acknowledge(alf.desk, args, stage.now)
    assert answer.value["beyond_mandate"] == "the mandate of its author was revoked"
    assert "binds nobody" in answer.lines[0]
    stage.settle()
    for seat in stage.seats.values():
        assert pledges.standing(seat.room.log, stage.now)[made].status == "offered"


def test_a_desk_signs_and_anchors_no_further_once_the_mandate_has_ended(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    stage.sit("alf")
    stage.bring("anna", "alf", "A", Role.AUTHORISED_ENVOY)
    stage.settle()
    anna, boris, alf = (stage.seats[name] for name in ("anna", "boris", "alf"))
    words = mandates.mandate(
        anna.room, anna.room.find_member("alf"), "the talks", Level.AUTHORISED, (), (None, stage.now + DAY_MS)
    )
    mandates.give(anna.room, anna.room.find_member("alf"), words, stage.now)
    stage.settle()
    drafted = sealings.draft(boris.room, structs.replace(WORDS, understandings=()), stage.now).id
    stage.settle()
    sealings.give_key(alf.room, drafted, stage.now)
    stage.settle()
    text = sealings.freeze_draft(boris.room, drafted, stage.now).id
    stage.settle()
    for seat in (boris, alf):
        sealings.agree(seat.room, text, stage.now)
    stage.settle()
    key, later = sealings.long_term_key(alf.desk.vault, "A"), stage.now + DAY_MS
    for refused in (
        lambda: sealings.go_on(alf.room, text, later),
        lambda: sealings.agree(alf.room, text, later),
        lambda: sealings.anchor(alf.room, text, key, later),
    ):
        with pytest.raises(OutOfMandate, match="your mandate had run out: ask your principal for a mandate"):
            refused()
    assert sealings.go_on(alf.room, text, stage.now), "as long as it lasts it is enough"
    stage.close()
