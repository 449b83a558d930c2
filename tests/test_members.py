"""Who is seated is a function of the acts one has seen, in whatever order; names that the eye confuses are alike."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.entitlement import objection
from backchannel.channel.event import Event, Ref, audience_hash
from backchannel.channel.likeness import alike, plain
from backchannel.channel.members import (
    ONE_TIME_KEYS,
    Act,
    Approve,
    Epoch,
    Leave,
    Pairing,
    Remove,
    Request,
    Retention,
    member_id,
    motion_id,
    next_epoch,
    pairings,
    parse_credential,
    seating,
)
from backchannel.crypto.hashing import digest
from backchannel.errors import Violation
from backchannel.wire.codec import encode
from pens import CHARTER, ROOM, credential

PEOPLE = [credential(name, side) for name, side in (("Ada", "A"), ("Ann", "A"), ("Ben", "B"), ("Cem", "C"))]
IDS = [member_id(encode(person)) for person in PEOPLE]
ADA, ANN, BEN, CEM = IDS
GUEST = credential("Eva", "C")
COMES = motion_id(member_id(encode(GUEST)), coming=True)


def epoch(number: int = 1, *, author: bytes = ADA, people: tuple[int, ...] = (0, 1, 2, 3)) -> Act:
    roster = tuple(encode(PEOPLE[place]) for place in people)
    body = Epoch(number, CHARTER, roster, (), (), CHARTER.retention_seconds, (), bytes(32))
    return act(author, body, number)


def act(author: bytes, body: object, number: int = 1) -> Act:
    eid = digest("backchannel/test-act/1", author, encode(body), number.to_bytes(8, "big"))  # type: ignore[arg-type]
    return Act(eid, author, number, body)  # type: ignore[arg-type]


ASKS = act(BEN, Request(encode(GUEST)))


def yes(author: bytes) -> Act:
    return act(author, Approve(COMES))


@pytest.mark.parametrize(
    ("voices", "carried", "awaits"),
    [
        ((), False, ("A", "B", "C")),
        ((ADA,), False, ("B", "C")),
        ((ADA, ANN, BEN), False, ("C",)),
        ((ADA, BEN, CEM), True, ()),
        ((ANN, BEN, CEM, ADA), True, ()),
    ],
    ids=str,
)
def test_somebody_of_every_side_says_yes_before_anybody_comes(
    voices: tuple[bytes, ...], carried: bool, awaits: tuple[str, ...]
) -> None:
    motion = seating([epoch(), ASKS, *map(yes, voices)]).motions[COMES]
    assert (motion.carried, motion.awaits) == (carried, awaits)


@pytest.mark.parametrize(
    ("people", "voices", "carried"),
    [((0,), (ADA,), True), ((0, 1), (ADA,), False), ((0, 1), (ADA, ANN), True), ((0, 2), (ADA, BEN), True)],
    ids=str,
)
def test_one_person_alone_admits_nobody_where_there_are_two(
    people: tuple[int, ...], voices: tuple[bytes, ...], carried: bool
) -> None:
    asks = act(ADA, Request(encode(GUEST)))
    assert seating([epoch(people=people), asks, *map(yes, voices)]).motions[COMES].carried is carried


@pytest.mark.parametrize(
    ("voices", "carried"),
    [((ANN,), True), ((BEN,), False), ((BEN, CEM), True), ((ADA,), False), ((ADA, BEN), False)],
    ids=str,
)
def test_somebody_goes_by_their_own_side_or_by_every_other(voices: tuple[bytes, ...], carried: bool) -> None:
    removals = [act(voice, Remove(ADA, "")) for voice in voices]
    found = seating([epoch(), *removals])
    assert (ADA in found.gone) is carried
    assert (ADA in found.seated) is not carried


def test_the_longest_seated_keeps_the_room_when_its_keeper_goes() -> None:
    assert seating([epoch()]).keeper == ADA
    assert seating([epoch(), act(ADA, Leave())]).keeper == ANN
    assert seating([epoch(), act(ADA, Leave()), act(ANN, Leave())]).keeper == BEN


def test_a_keeper_cannot_outrun_its_removal() -> None:
    removal = act(ANN, Remove(ADA, ""))
    later = epoch(2)
    assert ADA in seating([epoch(), later]).seated
    found = seating([epoch(), removal, later])
    assert ADA not in found.seated
    assert found.keeper == ANN
    assert found.epoch.number == 2


def test_what_an_epoch_left_undone_counts_no_more() -> None:
    found = seating([epoch(), ASKS, yes(ADA), yes(BEN), yes(CEM), act(ANN, Leave()), epoch(2)])
    assert found.motions == {}
    assert ANN in found.seated


def test_the_strictest_side_wins_and_no_side_takes_it_back() -> None:
    acts = [epoch(), act(ADA, Retention(500)), act(ANN, Retention(9_000)), act(BEN, Retention(700))]
    found = seating(acts)
    assert found.retention_seconds == 500
    assert found.retention_by_side == {"A": 500, "B": 700}
    body = next_epoch(found, bytes(32))
    following = seating([act(ADA, body, 2), act(ADA, Retention(90_000), 2)])
    assert following.retention_seconds == 500
    assert following.retention_by_side == {"A": 500, "B": 700}


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_any_order_of_the_acts_gives_one_seating(seed: int, order: random.Random) -> None:
    chance = random.Random(seed)
    acts = [epoch(), epoch(2, author=chance.choice(IDS)), ASKS]
    for _ in range(12):
        body = chance.choice(
            [
                Approve(COMES),
                Approve(motion_id(chance.choice(IDS), coming=False)),
                Leave(),
                Retention(chance.randint(1, 999)),
                Remove(chance.choice(IDS), ""),
            ]
        )
        acts.append(act(chance.choice(IDS), body, chance.choice([1, 2])))
    expected = seating(acts)
    order.shuffle(acts)
    assert seating(acts) == expected


def test_a_history_without_a_beginning_is_a_violation() -> None:
    with pytest.raises(Violation, match="no beginning"):
        seating([ASKS])


def test_every_pair_has_one_opener_and_every_one_time_key_one_session() -> None:
    coming = [encode(GUEST), encode(credential("Fay", "B"))]
    pairs = pairings(IDS, coming)
    assert len(pairs) == len(IDS) * 2 + 1
    assert len({(pair.opener, pair.other) for pair in pairs}) == len(pairs)
    assert len({(pair.other, pair.one_time_key) for pair in pairs}) == len(pairs)
    assert Pairing(member_id(coming[0]), member_id(coming[1]), pairs[-1].one_time_key) == pairs[-1]
    few = structs.replace(GUEST, one_time_keys=GUEST.one_time_keys[:3])
    with pytest.raises(Violation, match="too few"):
        pairings(IDS, [encode(few)])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        ({"number": 3}, "its epoch does not follow the last"),
        ({"roster": ()}, "it seats people whom the sides did not approve"),
        ({"gone": (ADA,)}, "it does not follow from what the room decided"),
        ({"retention_seconds": 1}, "it does not follow from what the room decided"),
        ({"pairings": ()}, "it does not follow from what the room decided"),
        (
            {"charter": structs.replace(CHARTER, title="Other")},
            "it does not follow from what the room decided",
        ),
        ({"transport": b"t" * 32}, None),
    ],
    ids=str,
)
def test_a_keeper_may_choose_nothing_but_the_way_to_the_room(
    change: dict[str, object], why: str | None
) -> None:
    before = seating([epoch(), ASKS, yes(ADA), yes(BEN), yes(CEM)])
    body = structs.replace(next_epoch(before, bytes(32)), **change)
    audience = audience_hash(tuple(map(member_id, body.roster)), body.number)
    ref = Ref(b"r" * 32, 1)
    event = Event(1, ROOM, ADA, 2, ref, body.number, (ref,), audience, 0, 0, "epoch", encode(body))
    assert objection(event, before, is_root=False) == why
    assert (
        objection(structs.replace(event, author=BEN), before, is_root=False)
        == "only the keeper changes the room's keys"
    )
    idle = seating([epoch()])
    assert objection(event, idle, is_root=False) == "no change of the room's keys was due"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"room": b"x"}, {"name": ""}, {"name": "x" * 121}, {"name": "A\u202eda"}, {"name": " Ada"}, {"side": "\x07"},
        {"side": ""}, {"role": "king"}, {"identity": bytes(32)}, {"identity": b"x"}, {"one_time_keys": ()},
        {"one_time_keys": (PEOPLE[0].identity,) * 2}, {"one_time_keys": tuple(PEOPLE[0].one_time_keys) + PEOPLE[1].one_time_keys},
        {"one_time_keys": (bytes(32),)}, {"kem_public": b"x"}, {"kem_public": bytes(1216)},
    ],
    ids=lambda change: f"{next(iter(change))}-{str(next(iter(change.values())))[:12]!r}",
)  # fmt: skip
def test_a_credential_that_cannot_be_used_is_a_violation(change: dict[str, object]) -> None:
    assert parse_credential(encode(PEOPLE[0])) == PEOPLE[0]
    assert len(PEOPLE[0].one_time_keys) == ONE_TIME_KEYS
    with pytest.raises(Violation):
        parse_credential(encode(structs.replace(PEOPLE[0], **change)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"), ("Anna", "\u0410nn\u0430"), ("Anna", "\uff21nna"), ("Anna", "An na"), ("Anna", "A\u0301nna"),
        ("Olga", "0lga"), ("Bill", "Bi11"), ("Carmen", "Ca\u0433men".replace("\u0433", "r")), ("Kerner", "Kemer"), ("Rosa", "R\u03bfsa"),
    ],
    ids=ascii,
)  # fmt: skip
def test_names_that_the_eye_confuses_are_alike(one: str, other: str) -> None:
    assert alike(one, other)


def test_other_names_are_not_alike_and_joiners_are_part_of_a_name() -> None:
    assert not alike("Anna", "Hanna")
    assert not alike("\u0627\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f")
    assert plain("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
    assert not plain("Anna\u200b")
    assert not plain("e\u0301")  # not NFC: one name, two spellings
