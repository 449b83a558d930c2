"""Mandates, offers and acceptances as they stand: read off the log alone, by what each author had seen."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.channel.log import Log
from backchannel.channel.reading import read
from backchannel.errors import Violation
from backchannel.moves import accept
from backchannel.moves.accept import Accept
from backchannel.moves.authority import Basis
from backchannel.moves.mandate import (
    Limit,
    MandateAnswer,
    MandateChallenge,
    MandateChecked,
    MandateGiven,
    MandateRevoked,
    Mandates,
    Status,
    parse,
)
from backchannel.moves.offer import Offer, acceptances, offer
from backchannel.moves.paper import Carried, Papers, Term, Withdraw
from backchannel.wire.codec import Record, encode
from circle import Circle
from conftest import DEEP
from pens import ROOM, Sheet, paper

HOUR = 3_600_000
ENVOY, EXPLORER = "authorised-envoy", "exploratory-envoy"


class Room(Circle):
    """A circle whose mandates, offers and acceptances every desk must read alike."""

    def give(self, giver: str, holder: str, level: str = "authorised", **how: object) -> EventId:
        body = MandateGiven(self.pens[holder].id, "the talks", level, (), None, None)
        return self.say(giver, "mandate", structs.replace(body, **how))

    def offer(self, name: str, *terms: Term, at: int | None = None, **how: object) -> EventId:
        body = structs.replace(paper("if you, we"), mandate="authorised", terms=terms, **how)
        return self.say(name, "paper", body, at)

    def judged(self, eid: EventId, now: int = 0) -> Offer:
        """What every desk makes of a paper; they must agree."""
        every = {offer(self.log(name), read(self.log(name), Papers).item(eid, now)) for name in self.pens}
        assert len(every) == 1
        return every.pop()

    def accepted(self, eid: EventId) -> list[tuple[str, str | None, bool]]:
        every = [
            [(one.by.name, one.flaw, one.crossed) for one in acceptances(self.log(name), eid)]
            for name in self.pens
        ]
        assert all(one == every[0] for one in every)
        return every[0]


PEOPLE = ("Ada A principal", f"Abe A {ENVOY}", f"Axa A {EXPLORER}", "Ben B principal", f"Bob B {ENVOY}")
MISSILES, TURKEY = Term("missiles", "out"), Term("turkey", "quiet")


def test_only_what_a_principal_of_the_own_side_vouches_for_makes_an_envoys_paper_an_offer() -> None:
    room = Room(*PEOPLE)
    before = room.offer("Abe")
    assert room.judged(before).basis is Basis.ASSERTED
    assert not room.judged(before).counts
    room.give("Ben", "Abe")  # another side's principal
    room.give("Abe", "Abe")  # one's own word
    room.give("Axa", "Abe")  # no principal
    assert not room.judged(room.offer("Abe")).counts
    room.give("Ada", "Abe")
    after = room.judged(room.offer("Abe"))
    assert (after.counts, after.side, after.basis) == (True, "A", Basis.VOUCHED)
    assert not room.judged(before).counts, "a mandate never reaches back"
    assert room.judged(room.offer("Ada")).basis is Basis.PRINCIPAL


def test_an_upgrade_takes_effect_from_its_date_and_leaves_earlier_papers_exploratory() -> None:
    room = Room(*PEOPLE)
    room.give("Ada", "Axa", "exploratory")
    explored = room.offer("Axa")
    later = room.at + HOUR
    room.give("Ada", "Axa", starts=later)
    early, due = room.offer("Axa"), room.offer("Axa", at=later)
    assert [room.judged(eid).counts for eid in (explored, early, due)] == [False, False, True]
    (upgrade,) = [one for one in read(room.log(), Mandates).given.values() if one.body.starts]
    mandates = read(room.log(), Mandates)
    assert [mandates.status(upgrade, now) for now in (later - 1, later)] == [Status.NOT_YET, Status.STANDING]


def test_a_mandate_reaches_back_to_nothing_and_is_good_for_who_was_told_though_their_clock_be_slow() -> None:
    room = Room(*PEOPLE)
    said = room.offer("Abe")
    eid = room.give("Ada", "Abe", starts=room.at + 500)
    given_at = room.at
    assert read(room.log(), Mandates).given[eid].from_ms == given_at
    assert not room.judged(said).counts
    assert room.judged(room.offer("Abe", at=given_at - 900)).counts


def test_a_mandate_ends_at_its_hour_and_at_its_revocation_for_whoever_has_seen_that() -> None:
    room = Room(*PEOPLE)
    until = room.at + HOUR
    mandate = room.give("Ada", "Abe", until=until)
    assert room.judged(room.offer("Abe", at=until - 1)).counts
    late = room.judged(room.offer("Abe", at=until))
    assert (late.counts, late.beyond) == (False, True)
    for stranger in ("Ben", "Axa"):
        room.say(stranger, "mandate-revoke", MandateRevoked(mandate))
    kept = room.offer("Abe", at=1)
    own = room.give("Ben", "Bob")
    room.say("Bob", "mandate-revoke", MandateRevoked(own))
    assert not room.judged(room.offer("Bob")).counts, "its holder lays it down"
    room.post = False
    room.say("Ada", "mandate-revoke", MandateRevoked(mandate))
    crossing = room.offer("Abe", at=1)
    room.world.settle()
    room.post = True
    after = room.offer("Abe", at=1)
    assert [room.judged(eid).counts for eid in (kept, crossing, after)] == [True, True, False]
    assert read(room.log(), Mandates).status(read(room.log(), Mandates).given[mandate], 0) is Status.REVOKED


def test_what_lies_beyond_the_limits_counts_for_nothing_and_mandates_add_up() -> None:
    room = Room(*PEOPLE)
    room.give("Ada", "Abe", limits=(Limit("missiles", ("out", "later")),))
    assert room.judged(room.offer("Abe", MISSILES)).counts
    for terms in ((TURKEY,), (MISSILES, TURKEY), (Term("missiles", "stay"),), (Term("Missiles", "out"),)):
        beyond = room.judged(room.offer("Abe", *terms))
        assert (beyond.counts, beyond.beyond) == (False, True)
    nothing = room.judged(room.offer("Abe"))
    assert (nothing.counts, nothing.beyond) == (False, False)
    room.give("Ada", "Abe", limits=(Limit("turkey", ()),))
    assert room.judged(room.offer("Abe", MISSILES, TURKEY)).counts


def test_an_exploratory_mandate_binds_nobody_whatever_the_paper_says() -> None:
    room = Room(*PEOPLE)
    room.give("Ada", "Abe", "exploratory")
    assert "exploratory" in room.judged(room.offer("Abe")).why


@pytest.mark.parametrize("role", ["go-between", "adviser", "observer"])
def test_who_is_no_envoy_offers_and_accepts_nothing_even_with_a_mandate(role: str) -> None:
    room = Room("Ada A principal", f"Gil A {role}", "Ben B principal")
    room.give("Ada", "Gil")
    assert not read(room.log(), Mandates).given
    assert (judged := room.judged(room.offer("Gil"))).basis is Basis.NONE
    assert not judged.counts
    theirs = room.offer("Ben")
    room.say("Gil", "accept", Accept(theirs))
    ((_, flaw, _),) = room.accepted(theirs)
    assert flaw is not None


@pytest.mark.parametrize(
    "how",
    [
        {"mandate": "not-stated"},
        {"mandate": "exploratory"},
        {"carried": Carried("Nikita", "verbatim")},
    ],
)
def test_words_that_are_not_said_to_bind_are_no_offer_even_of_a_principal(how: dict[str, object]) -> None:
    room = Room(*PEOPLE)
    eid = room.say("Ada", "paper", structs.replace(paper("x"), **{"mandate": "authorised", **how}))
    assert not room.judged(eid).counts


def test_where_no_principal_ever_was_an_envoys_own_word_counts_as_just_that() -> None:
    room = Room(f"Abe A {ENVOY}", f"Axa A {EXPLORER}", f"Bob B {ENVOY}", "Gil A go-between")
    alone = room.judged(room.offer("Abe"))
    assert (alone.counts, alone.basis) == (True, Basis.ASSERTED)
    room.give("Axa", "Axa")
    assert not room.judged(room.offer("Axa")).counts, "nobody makes themself an envoy"
    assert not room.judged(room.offer("Gil")).counts
    claimed = room.give("Abe", "Abe", limits=(Limit("missiles", ()),))
    assert room.judged(room.offer("Abe", TURKEY)).beyond
    within = room.offer("Abe", MISSILES)
    assert room.judged(within).counts
    for name in room.pens:
        room.log(name).erase(claimed, Erased.EXPIRED)
    assert not room.judged(within).counts, "nobody knows any more what it was limited to"
    room.bring("Ada", "A", "principal")
    assert not room.judged(room.offer("Abe", MISSILES)).counts
    room.give("Ada", "Abe", limits=(Limit("turkey", ()),))
    assert room.judged(room.offer("Abe", TURKEY)).basis is Basis.VOUCHED


def test_an_acceptance_counts_only_of_a_standing_offer_of_another_side_by_who_speaks_for_a_side() -> None:
    room = Room(*PEOPLE)
    good, exploring = room.offer("Ada"), room.say("Ada", "paper", paper("a thought"))
    for name in ("Abe", "Ada", "Bob"):
        room.say(name, "accept", Accept(good))
    room.say("Ben", "accept", Accept(exploring))
    assert all(flaw is not None for _, flaw, _ in (*room.accepted(good), *room.accepted(exploring)))
    room.say("Ben", "accept", Accept(good))
    assert room.accepted(good)[-1] == ("Ben", None, False)
    room.say("Ada", "withdraw", Withdraw(good))
    assert room.accepted(good)[-1] == ("Ben", None, False), "what was taken stays taken, and nothing crossed"
    dated = room.offer("Ada", expires=HOUR)
    room.say("Ben", "accept", Accept(dated), at=HOUR)
    taken = room.offer("Ada")
    room.say("Ada", "withdraw", Withdraw(taken))
    room.say("Ben", "accept", Accept(taken))
    assert [one[1] for one in (*room.accepted(dated), *room.accepted(taken))] == [
        "what it accepts had expired",
        "what it accepts had been taken back",
    ]


def test_who_has_not_seen_an_offer_has_not_accepted_it() -> None:
    room = Room(*PEOPLE)
    room.post = False
    unseen = room.offer("Ada")
    room.say("Ben", "accept", Accept(unseen))
    room.world.settle()
    assert room.accepted(unseen) == []


def test_many_mandates_and_acceptances_of_one_person_are_read_as_few() -> None:
    room = Room("Ada A principal", f"Abe A {ENVOY}", "Ben B principal")
    room.give("Ada", "Abe", limits=(Limit("missiles", ()),))
    first = room.offer("Abe", MISSILES)
    for _ in range(64):
        room.give("Ada", "Abe", limits=(Limit("turkey", ()),))
    assert room.judged(first).counts
    assert room.judged(room.offer("Abe", MISSILES)).beyond
    for _ in range(3):
        room.say("Ben", "accept", Accept(first))
        room.say("Abe", "accept", Accept(first))
    assert [(name, flaw is None) for name, flaw, _ in room.accepted(first)] == [("Ben", True), ("Abe", False)]


def test_an_acceptance_that_crosses_with_the_withdrawal_stands_beside_it_even_where_the_text_has_gone() -> (
    None
):
    room = Room(*PEOPLE)
    made = room.offer("Ada")
    room.post = False
    room.say("Ada", "withdraw", Withdraw(made))
    room.log("Ada").erase(made, Erased.WITHDRAWN)
    room.say("Ben", "accept", Accept(made))
    room.world.settle()
    assert room.accepted(made) == [("Ben", None, True)]
    assert not room.judged(made).counts


def test_an_envoy_accepts_within_their_own_mandate_only() -> None:
    room = Room(*PEOPLE)
    room.give("Ben", "Bob", limits=(Limit("missiles", ()),))
    small, large = room.offer("Ada", MISSILES), room.offer("Ada", MISSILES, TURKEY)
    room.say("Bob", "accept", Accept(small))
    room.say("Bob", "accept", Accept(large))
    assert [flaw is None for _, flaw, _ in (*room.accepted(small), *room.accepted(large))] == [True, False]


def test_when_the_words_of_a_mandate_have_gone_nothing_new_counts_and_what_was_accepted_stays() -> None:
    room = Room(*PEOPLE)
    mandate = room.give("Ada", "Abe")
    made = room.offer("Abe")
    room.say("Ben", "accept", Accept(made))
    for name in room.pens:
        room.log(name).erase(mandate, Erased.EXPIRED)
    judged = room.judged(made)
    assert not judged.counts
    assert "gone with the texts" in judged.why
    assert room.accepted(made) == [("Ben", None, False)]


def test_a_challenge_is_answered_by_the_challenged_side_and_checked_by_the_challengers() -> None:
    room = Room(*PEOPLE)
    given_id = room.give("Abe", "Abe")
    asked = room.say("Ben", "mandate-challenge", MandateChallenge(room.pens["Abe"].id, "a word in the paper"))
    own = room.say("Ada", "mandate-challenge", MandateChallenge(room.pens["Abe"].id, "within one side"))
    for name in ("Ben", "Abe"):
        room.say(name, "mandate-answer", MandateAnswer(asked, f"by {name}", None))
        room.say(name, "mandate-checked", MandateChecked(asked, f"seen by {name}", None))
    later = room.give("Abe", "Abe", purpose="something new")
    mandates = read(room.log(), Mandates)
    assert mandates.challenge(own) is None
    challenge = mandates.challenge(asked)
    assert challenge is not None
    assert [said.text for _, said in challenge.answers] == ["by Abe"]
    assert [said.how for _, said in challenge.checks] == ["seen by Ben"]
    assert [said.how for _, _, said in mandates.checks(mandates.given[given_id])] == ["seen by Ben"]
    assert mandates.checks(mandates.given[later]) == [], "what is checked is what had been said by then"


def _facts(log: Log, ids: Sequence[EventId]) -> list[object]:
    mandates, papers = read(log, Mandates), read(log, Papers)
    return [
        [offer(log, papers.item(eid, 0)) for eid in ids if eid in papers.bodies],
        [[(one.entry.id, one.flaw, one.crossed) for one in acceptances(log, eid)] for eid in ids],
        {eid: mandates.status(one, 0) for eid, one in mandates.given.items()},
        {one.entry.id: [step.id for step, _ in (*one.answers, *one.checks)] for one in mandates.challenges()},
    ]


@settings(max_examples=150 if DEEP else 6, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_standing(seed: int) -> None:
    rng = random.Random(seed)
    room = Room(*PEOPLE)
    room.post = False
    for _ in range(30):
        _lively(room, rng)
        room.world.deliver(rng.randint(0, 6))
    room.world.settle()
    whole = room.log()
    facts = _facts(whole, sorted(whole.entries))
    for name in ("Bob", "Axa"):
        assert _facts(room.log(name), sorted(room.log(name).entries))[0] == facts[0]
    sheets: list[Sheet] = [written for written in room.world.sheets if written.id in whole.entries]
    rng.shuffle(sheets)
    log = Log(ROOM, whole.first_epoch, whole.root)
    for written in sheets:
        log.add(written.arrival())
        read(log, Mandates)
    assert _facts(log, sorted(whole.entries)) == facts


def _lively(room: Room, rng: random.Random) -> None:
    name = rng.choice(sorted(room.pens))
    known = sorted(room.log(name).entries)
    match rng.randrange(7):
        case 0:
            limits = rng.choice([(), (Limit("missiles", ("out",)),)])
            room.give(
                name, rng.choice(sorted(room.pens)), rng.choice(["authorised", "exploratory"]), limits=limits
            )
        case 1:
            room.say(name, "mandate-revoke", MandateRevoked(rng.choice(known)))
        case 2 | 3:
            room.offer(name, *rng.choice([(), (MISSILES,), (TURKEY,)]))
        case 4:
            room.say(name, "accept", Accept(rng.choice(known)))
        case 5:
            room.say(name, "withdraw", Withdraw(rng.choice(known)))
        case _:
            body = rng.choice(
                [
                    MandateChallenge(room.pens[rng.choice(sorted(room.pens))].id, "show it"),
                    MandateAnswer(rng.choice(known), "so", None),
                    MandateChecked(rng.choice(known), "seen", None),
                ]
            )
            kinds = {MandateChallenge: "mandate-challenge", MandateAnswer: "mandate-answer"}
            room.say(name, kinds.get(type(body), "mandate-checked"), body)


MANDATE = MandateGiven(bytes(32), "the talks", "authorised", (Limit("missiles", ("out",)),), 1, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"holder": b"short"}, {"purpose": ""}, {"purpose": "x" * 2_001}, {"level": "divine"}, {"starts": 2}, {"starts": 3},
        {"limits": (Limit("", ()),)}, {"limits": (Limit("x", ("",)),)}, {"limits": (Limit("x", ("y", "y")),)},
        {"limits": (Limit("x", ()),) * 2}, {"limits": tuple(Limit(str(n), ()) for n in range(65))},
        {"limits": (Limit("x", tuple(str(n) for n in range(65))),)}, {"limits": (Limit("x" * 201, ()),)},
    ],
    ids=map(str, range(13)),
)  # fmt: skip
def test_a_mandate_that_is_not_sound_is_a_violation(change: dict[str, object]) -> None:
    parse("mandate", encode(MANDATE))
    with pytest.raises(Violation):
        parse("mandate", encode(structs.replace(MANDATE, **change)))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("mandate-revoke", MandateRevoked(b"")),
        ("mandate-challenge", MandateChallenge(b"", "x")),
        ("mandate-challenge", MandateChallenge(bytes(32), "")),
        ("mandate-answer", MandateAnswer(bytes(32), "", None)),
        ("mandate-answer", MandateAnswer(bytes(32), "x", b"7")),
        ("mandate-checked", MandateChecked(bytes(32), "", None)),
        ("mandate-checked", MandateChecked(b"", "x", None)),
        ("mandate-checked", MandateChecked(bytes(32), "x" * 2_001, None)),
    ],
)
def test_what_is_said_of_mandates_and_is_not_sound_is_a_violation(kind: str, body: Record) -> None:
    with pytest.raises(Violation):
        parse(kind, encode(body))
    with pytest.raises(Violation):
        accept.parse("accept", encode(Accept(b"")))
