"""The order of sealing, with real keys: who stops when has what the words said, and split rooms never complete a seal."""

import dataclasses
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.seals import (
    LongTermKey,
    Seal,
    SealingKey,
    b64,
    compact,
    decoy,
    seal_header,
    signed_bytes,
    unb64,
)
from backchannel.daylight.disclosure import Disclosure
from backchannel.daylight.faults import NotSealed
from backchannel.daylight.sealing import (
    Agreed,
    Anchored,
    Holds,
    Sealing,
    Signed,
    Statement,
    Step,
    before,
    begin,
    can_show,
    check_due,
    due,
    file_of,
    if_stopped,
    take,
    waiting,
)
from backchannel.daylight.text import FrozenText, freeze
from backchannel.daylight.verify import Ownership, verify
from backchannel.errors import Blocked, Forked, Refused, Violation
from backchannel.wire.canonical_json import write
from sealed_texts import DRAFT, SIDES, frozen_text, long_term_keys, sealing_keys, stream


@cache
def parties(count: int) -> tuple[dict[str, SealingKey], dict[str, LongTermKey], FrozenText]:
    keys = sealing_keys(count)
    return keys, long_term_keys(count), frozen_text(keys)


@cache
def statement(count: int, side: str, step: Step) -> Statement:
    keys, known, frozen = parties(count)
    match step:
        case Step.AGREE:
            return Agreed(side, frozen.digest)
        case Step.SIGN:
            return Signed(side, keys[side].seal(frozen.payload))
        case Step.HOLD:
            return Holds(side)
        case Step.ANCHOR:
            return Anchored(side, known[side].anchor(keys[side].public, frozen.digest))


@dataclass
class Table:
    """Desks that seal together; `hears` says whose statements reach whom."""

    count: int
    order: tuple[str, ...] = ()
    groups: tuple[frozenset[str], ...] = ()
    done: list[tuple[str, Step]] = field(default_factory=list)
    warned: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys, _, frozen = parties(self.count)
        self.desks = {side: begin(frozen, side, key.public, self.order) for side, key in keys.items()}

    def hear(self, speaker: str) -> Iterator[str]:
        for side in self.desks:
            if not self.groups or any({speaker, side} <= group for group in self.groups):
                yield side

    def act(self, side: str) -> bool:
        step = due(self.desks[side])
        if step is None:
            return False
        if step is Step.ANCHOR:
            self.warned[side] = before(self.desks[side], step)
        said = statement(self.count, side, step)
        for hearer in self.hear(side):
            self.desks[hearer] = take(self.desks[hearer], said)
        self.done.append((side, step))
        return True

    def run(self, schedule: random.Random, stopped: str = "", acts_before_stop: int = 0) -> None:
        """Let sides act in a drawn order until nobody can; one of them stops after so many acts of its own."""
        left = acts_before_stop
        while True:
            able = [side for side in self.desks if due(self.desks[side]) and (side != stopped or left)]
            if not able:
                return
            side = schedule.choice(able)
            left -= side == stopped
            assert self.act(side)


def shown_by_file(desk: Sealing, count: int) -> tuple[str, ...]:
    """Say by `verify` alone, told every long-term key, of whom a desk's file shows that they sealed."""
    if len(desk.seals) < count:
        return ()
    known = {side: parties(count)[1][side].public.thumbprint for side in desk.anchors}
    checked = verify(file_of(desk), known)
    return tuple(one.name for one in checked.sealers if one.ownership is Ownership.SHOWN)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_all_who_act_complete_the_seal(count: int) -> None:
    for seed in range(4):
        table = Table(count)
        table.run(random.Random(seed))
        assert all(desk.complete for desk in table.desks.values())
        assert all(shown_by_file(desk, count) == SIDES[:count] for desk in table.desks.values())
        assert [step for _, step in table.done if step < Step.ANCHOR] == sorted(
            step for _, step in table.done if step < Step.ANCHOR
        )


@pytest.mark.parametrize("count", [2, 3, 4])
def test_who_stops_at_any_step_can_show_just_what_the_words_say(count: int) -> None:
    """Every stop of every side at every step: the words, `verify`, and the warnings said before agree."""
    for stopped in SIDES[:count]:
        for acts in range(len(Step)):
            table = Table(count)
            table.run(random.Random(acts), stopped, acts)
            anchored = {side for side, step in table.done if step is Step.ANCHOR}
            for desk in table.desks.values():
                shown = shown_by_file(desk, count)
                assert shown == can_show(desk)
                assert set(shown) == anchored
                assert (shown == ()) if acts < Step.HOLD else (stopped not in shown)
                if shown:
                    named = if_stopped(desk).partition("nobody")[0]
                    assert {side for side in SIDES[:count] if side in named} == set(shown)
                else:
                    assert "nothing" in if_stopped(desk)
            if anchored:
                # whoever is now exposed was told, before anchoring, that this side might never follow
                assert all("nobody can show it of" in table.warned[side] for side in anchored)
                assert all(stopped in table.warned[side] for side in anchored)
                assert "advantage of anchoring later" in if_stopped(table.desks[stopped])


def test_before_any_anchor_one_person_could_have_made_the_whole_file() -> None:
    """Someone alone makes a file with the same sides and words, and `verify` says of both the same."""
    table = Table(2)
    for _ in range(3):
        for side in table.desks:
            table.act(side)
    real = verify(file_of(table.desks[SIDES[0]]))
    forged_keys = {side: SealingKey.generate() for side in SIDES[:2]}
    forged_text = frozen_text(forged_keys)
    alone = begin(forged_text, SIDES[0], forged_keys[SIDES[0]].public)
    for side, key in forged_keys.items():
        alone = take(alone, Signed(side, key.seal(forged_text.payload)))
    forged = verify(file_of(alone))
    assert [(one.name, one.ownership) for one in real.sealers] == [
        (one.name, one.ownership) for one in forged.sealers
    ]
    assert {one.ownership for one in real.sealers} == {Ownership.NOT_SHOWN}
    assert real.clauses == forged.clauses


def splits(count: int) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    sides = SIDES[:count]
    for size in range(1, count // 2 + 1):
        for group in combinations(sides, size):
            yield frozenset(group), frozenset(sides) - set(group)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_no_two_way_split_ever_completes_a_seal(count: int) -> None:
    for groups in splits(count):
        table = Table(count, groups=groups)
        table.run(random.Random(count))
        assert not any(desk.complete or desk.anchors for desk in table.desks.values())
        assert all(step is Step.AGREE for _, step in table.done)
        assert all(can_show(desk) == () for desk in table.desks.values())


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_split_that_begins_later_completes_no_seal_before_all_hold_all(count: int) -> None:
    for groups in splits(count):
        for acts in range(3 * count):
            table = Table(count)
            schedule = random.Random(acts)
            for _ in range(acts):
                able = [side for side in table.desks if due(table.desks[side])]
                table.act(schedule.choice(able))
            table.groups = groups
            table.run(schedule)
            assert not any(desk.complete for desk in table.desks.values())
            last_heard = [step for _, step in table.done].count(Step.HOLD) == count
            if not last_heard:
                assert not any(desk.anchors for desk in table.desks.values())


def test_nobody_signs_before_all_agreed_nor_anchors_before_all_hold() -> None:
    desk = Table(3).desks[SIDES[0]]
    for step in (Step.SIGN, Step.HOLD, Step.ANCHOR):
        with pytest.raises(Blocked):
            check_due(desk, step)
    check_due(desk, Step.AGREE)
    with pytest.raises(Forked):
        check_due(desk, Step.AGREE, forked=True)


def test_anchors_come_in_the_agreed_order() -> None:
    for order in permutations(SIDES[:3]):
        table = Table(3, order=order)
        table.run(random.Random(1))
        assert tuple(side for side, step in table.done if step is Step.ANCHOR) == order


def test_a_desk_says_whom_it_waits_for() -> None:
    table = Table(2)
    first, second = SIDES[:2]
    table.act(first)
    assert second in waiting(table.desks[first])
    assert "this side's" in waiting(table.desks[second])


@given(st.data())
def test_any_order_and_repetition_of_statements_gives_the_same_sealing(data: st.DataObject) -> None:
    statements = [statement(3, side, step) for side in SIDES[:3] for step in Step]
    shuffled = data.draw(
        st.permutations(statements + data.draw(st.lists(st.sampled_from(statements), max_size=6)))
    )
    ordered = mixed = Table(3).desks[SIDES[0]]
    for said in statements:
        ordered = take(ordered, said)
    for said in shuffled:
        mixed = take(mixed, said)
    assert (mixed.agreed, dict(mixed.seals), mixed.holding, dict(mixed.anchors)) == (
        ordered.agreed,
        dict(ordered.seals),
        ordered.holding,
        dict(ordered.anchors),
    )


def test_a_false_statement_changes_nothing() -> None:
    keys, known, frozen = parties(2)
    one, other = SIDES[:2]
    desk = Table(2).desks[one]
    another = frozen_text(sealing_keys(3))
    for said in (
        Agreed(other, another.digest),
        Agreed("Nobody", frozen.digest),
        Signed(other, keys[one].seal(frozen.payload)),
        Anchored(other, known[other].anchor(keys[one].public, frozen.digest)),
        Anchored(other, known[other].anchor(keys[other].public, another.digest)),
    ):
        with pytest.raises(Violation):
            take(desk, said)


def test_two_sound_anchors_of_one_side_are_the_same_whichever_comes_first() -> None:
    keys, _, frozen = parties(2)
    one, other = SIDES[:2]
    given_twice = [
        Anchored(other, LongTermKey(bytes([n]) * 32).anchor(keys[other].public, frozen.digest))
        for n in (1, 2)
    ]
    desk = Table(2).desks[one]
    forth = take(take(desk, given_twice[0]), given_twice[1])
    back = take(take(desk, given_twice[1]), given_twice[0])
    assert forth.anchors == back.anchors


def test_a_text_that_lists_another_key_for_us_is_not_begun() -> None:
    _, _, frozen = parties(2)
    with pytest.raises(Refused):
        begin(frozen, SIDES[0], SealingKey.generate().public)
    with pytest.raises(Refused):
        begin(frozen, SIDES[0], parties(2)[0][SIDES[0]].public, order=SIDES[:1])


def test_a_text_that_hides_a_term_among_its_decoys_is_not_begun() -> None:
    """The drafter keeps one closed term to itself; the digest would be taken for a decoy without the seed."""
    keys, _, whole = parties(2)
    for kept_back in range(len(whole.disclosures)):
        shown = tuple(one for place, one in enumerate(whole.disclosures) if place != kept_back)
        with pytest.raises(NotSealed):
            begin(FrozenText(whole.payload, shown, whole.seed), SIDES[0], keys[SIDES[0]].public)
    with pytest.raises(NotSealed):
        begin(
            FrozenText(whole.payload, whole.disclosures, stream("other")(32)), SIDES[0], keys[SIDES[0]].public
        )


def crafted(passages: list[Disclosure], clauses: int, seed: bytes) -> FrozenText:
    """Freeze what no sound drafter would, with every digest accounted for."""
    digests = [one.digest for one in passages]
    digests += [decoy(seed, number) for number in range(64 - len(digests))]
    payload = json.loads(parties(2)[2].payload)
    payload |= {"clauses": clauses, "_sd": sorted(digests)}
    changed = write(payload)
    return FrozenText(changed, tuple(one.written for one in passages), seed)


@pytest.mark.parametrize(
    ("names", "clauses", "seed_bytes"),
    [
        (["clause-1", "term-a", "term-a"], 1, 32),
        (["clause-1"], 2, 32),
        (["clause-2"], 2, 32),
        (["clause-1"], 0, 32),
        (["clause-1"], 1, 31),
    ],
)
def test_a_frozen_text_with_two_passages_of_one_name_without_a_clause_or_with_a_short_seed_is_not_begun(
    names: list[str], clauses: int, seed_bytes: int
) -> None:
    salts = stream("crafted")
    key = parties(2)[0][SIDES[0]].public
    passages = [Disclosure(salts(32), name, "Words.") for name in names]
    with pytest.raises(NotSealed):
        begin(crafted(passages, clauses, salts(seed_bytes)), SIDES[0], key)
    sound = [Disclosure(salts(32), "clause-1", "Words."), Disclosure(salts(32), "term-a", "Words.")]
    begin(crafted(sound, 1, salts(32)), SIDES[0], key)


def test_a_draft_with_more_closed_terms_than_a_text_has_room_for_is_refused() -> None:
    keys = [(side, key.public) for side, key in parties(2)[0].items()]
    most = {f"t{number}": "x" for number in range(62)}
    assert len(freeze(dataclasses.replace(DRAFT, terms=most, understandings={}), keys).disclosures) == 64
    with pytest.raises(Refused, match="second text"):
        freeze(dataclasses.replace(DRAFT, terms={**most, "one-more": "x"}, understandings={}), keys)
    with pytest.raises(Refused, match="label"):
        freeze(dataclasses.replace(DRAFT, terms={"Big": "x"}), keys)


def test_a_signature_under_another_header_is_no_seal_though_it_holds() -> None:
    keys, _, frozen = parties(2)
    key = keys[SIDES[1]]
    header = json.loads(unb64(seal_header(key.public)))
    protected = b64(write({**header, "crit": ["x"], "x": 1}))
    signature = b64(key._signature(signed_bytes(protected, b64(frozen.payload))))
    with pytest.raises(NotSealed):
        take(Table(2).desks[SIDES[0]], Signed(SIDES[1], Seal(protected, signature)))


def test_a_sealing_key_signs_one_payload_only() -> None:
    key = SealingKey.generate()
    key.seal(b"{}")
    assert compact(key.seal(b"{}"), b"{}") == compact(key.seal(b"{}"), b"{}")
    with pytest.raises(Refused, match="another text"):
        key.seal(b"[]")


def test_no_file_is_written_while_a_signature_is_missing() -> None:
    with pytest.raises(Blocked):
        file_of(Table(2).desks[SIDES[0]])


def test_the_draft_of_these_tests_is_dated_before_1970() -> None:
    assert DRAFT.dated_ms < 0
