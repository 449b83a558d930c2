"""Pledges as they stand: who is bound, who may judge, what comes first, and what ends a promise."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.errors import Violation
from backchannel.moves import deed, pledge, publication
from backchannel.moves.deed import Deed, DeedReading, PromiseBroken
from backchannel.moves.paper import Term
from backchannel.moves.pledge import SOON_MS, PledgeAcknowledge, Pledged, PledgeRelease
from backchannel.moves.publication import LetLapse, Published
from backchannel.moves.understanding import UnderstandingOffer
from backchannel.wire.codec import Record, encode
from conftest import DEEP
from promises import PLEDGE, Table, facts, standing

ZERO = bytes(32)
TRIO = (("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Carl", "C", "principal"))


# -- who is bound ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["exploratory-envoy", "adviser", "observer", "go-between"])
def test_nobody_binds_a_side_but_who_speaks_for_it(role: str) -> None:
    table = Table.of(
        ("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Ida", "A", role), ("Bo", "B", role)
    )
    said = table.say("Ida", "pledge", PLEDGE)
    log = table["Ada"].log
    assert log is not None
    assert said not in pledge.standing(log, 0)
    made = table.pledge(bound="Bo")
    assert table.status(made) == "offered"
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    assert table.status(made) == "due"


def test_a_pledge_binds_only_once_a_side_it_is_made_to_acknowledged_it_in_time() -> None:
    table = Table.of(*TRIO)
    made = table.pledge(bound="Ada")
    table.say("Carl", "pledge-acknowledge", PledgeAcknowledge(made))
    assert table.status(made) == "offered", "its author and a third side bind nobody"
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made), 101)
    assert table.status(made) == "offered", "after the time for it"
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made), 100)
    assert table.status(made) == "due"


def test_what_is_due_and_overdue_is_said_by_the_clock_alone() -> None:
    table = Table.of()
    made = table.pledge(body=structs.replace(PLEDGE, due=2 * SOON_MS))
    times = (SOON_MS - 1, SOON_MS, 2 * SOON_MS, 2 * SOON_MS + 1)
    assert [table.status(made, now) for now in times] == ["binding", "due", "due", "overdue"]
    open_ended = table.pledge(body=structs.replace(PLEDGE, due=None))
    assert table.status(open_ended, 1 << 50) == "binding"


# -- as the other side sees it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "how", "status"),
    [
        (100, "kept", "kept"),
        (101, "kept", "late"),
        (50, "partly", "due"),
        (50, "not-kept", "broken"),
    ],
)
def test_a_pledge_is_kept_late_or_broken_as_the_other_side_sees_it(
    happened: int, how: str, status: str
) -> None:
    table = Table.of()
    made = table.pledge()
    done = table.deed("Ada", made, happened=happened)
    assert table.status(made) == "due", "a report alone changes nothing"
    table.read("Ada", done, "kept")
    assert table.status(made) == "due", "nobody judges their own pledge"
    table.read("Ben", done, how)
    assert table.status(made) == status
    stands = table.stands(made)
    assert (stands.fate.as_side, stands.fate.kept_at) == (
        (None, None) if status == "due" else ("B", None if status == "broken" else happened)
    )


def test_a_side_that_never_acknowledged_judges_nothing_and_binds_nothing() -> None:
    table = Table.of(*TRIO)
    made = table.pledge(body=structs.replace(PLEDGE, to=("B", "C")))
    done = table.deed("Ada", made)
    table.read("Carl", done, "not-kept")
    table.broken("Carl", made, 101)
    assert table.status(made) == "due"
    table.say("Carl", "pledge-acknowledge", PledgeAcknowledge(made), 20)
    assert table.status(made) == "broken"


def test_of_two_that_were_promised_the_graver_word_stands_with_whose_it_is() -> None:
    table = Table.of(*TRIO)
    made = table.pledge(body=structs.replace(PLEDGE, to=("B", "C")))
    table.say("Carl", "pledge-acknowledge", PledgeAcknowledge(made))
    done = table.deed("Ada", made)
    table.read("Ben", done, "kept")
    assert (table.status(made), table.stands(made).fate.as_side) == ("kept", "B")
    table.read("Carl", done, "not-kept")
    assert (table.status(made), table.stands(made).fate.as_side) == ("broken", "C")


def test_a_sides_last_word_is_its_word() -> None:
    table = Table.of()
    made = table.pledge()
    table.broken("Ben", made, 101)
    assert table.status(made, 200) == "broken"
    done = table.deed("Ada", made, happened=150)
    table.read("Ben", done, "kept")
    assert table.status(made, 200) == "late"
    table.read("Ben", done, "partly")
    assert table.status(made, 200) == "overdue"


def test_nothing_is_broken_before_its_time() -> None:
    table = Table.of()
    made = table.pledge()
    table.broken("Ben", made, 100)
    assert table.status(made) == "due"
    table.broken("Ben", made, 101)
    assert table.status(made) == "broken"


def test_a_deed_of_somebody_who_had_not_seen_the_pledge_does_not_answer_it() -> None:
    table = Table.of()
    made = table.say("Ada", "pledge", PLEDGE, cross=True)
    crossed = table.say("Ben", "deed", Deed((made,), None, "A", 1, "Done."), cross=True)
    table.meet()
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    table.read("Ben", crossed, "kept")
    assert table.status(made) == "due"


def test_who_had_not_seen_it_reads_no_deed_and_calls_nothing_broken() -> None:
    table = Table.of(*TRIO, ("Bo", "B", "adviser"))
    made = table.pledge(bound="")
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    done = table.deed("Ada", made, cross=True)
    table.read("Ben", done, "kept", cross=True)
    table.meet()
    table.read("Bo", done, "kept")
    assert table.status(made) == "due"
    assert table.stands(made).fate.deeds[0].readings == ()
    crossed = table.say("Ada", "pledge", structs.replace(PLEDGE, due=None), cross=True)
    table.say("Ben", "promise-broken", PromiseBroken(crossed, ""), cross=True)
    table.meet()
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(crossed))
    assert table.status(crossed) == "binding"


def test_only_all_that_acknowledged_together_release_a_pledge() -> None:
    table = Table.of(*TRIO)
    made = table.pledge(body=structs.replace(PLEDGE, to=("B", "C")))
    table.say("Carl", "pledge-acknowledge", PledgeAcknowledge(made))
    table.release("Ada", made)
    table.release("Ben", made)
    assert table.status(made) == "due"
    table.release("Carl", made)
    assert table.status(made) == "released"
    done = table.deed("Ada", made, happened=200)
    table.read("Ben", done, "not-kept")
    table.broken("Ben", made, 300)
    assert table.status(made) == "released", "what was let go of is not called broken later"


def test_what_ended_a_pledge_first_is_why_it_ended() -> None:
    table = Table.of()
    made = table.pledge(body=structs.replace(PLEDGE, lapse="at-once"))
    table.release("Ben", made)
    table.published("Ben", made, "A")
    assert table.status(made) == "released"


# -- one after another -------------------------------------------------------------------------------------


def test_a_pledge_waits_for_the_one_before_it_and_a_deed_out_of_order_is_an_alarm() -> None:
    table = Table.of()
    first = table.pledge("Ben", structs.replace(PLEDGE, to=("A",), due=None), bound="Ada")
    second = table.pledge(body=structs.replace(PLEDGE, after=(first,)))
    stands = table.stands(second, 200)
    assert isinstance(stands, Pledged)
    assert (stands.blocked, stands.status.value, stands.early) == (True, "binding", ()), (
        "not overdue while it waits"
    )
    early = table.deed("Ada", second)
    stands = table.stands(second, 200)
    assert isinstance(stands, Pledged)
    assert [done.entry.id for done in stands.early] == [early]
    sham = table.deed("Ben", first)
    sooner = table.deed("Ada", second)
    table.read("Ada", sham, "partly")
    done = table.deed("Ben", first)
    table.read("Ada", done, "kept")
    late = table.deed("Ada", second)
    stands = table.stands(second, 200)
    assert isinstance(stands, Pledged)
    assert (stands.blocked, stands.status.value) == (False, "overdue")
    assert [one.entry.id for one in stands.early] == [early, sooner], (
        "what followed the kept step is in order"
    )
    assert [one.entry.id for one in stands.fate.deeds] == [early, sooner, late]


def test_a_pledge_waits_on_while_the_one_before_it_is_broken_and_no_longer_when_it_is_released() -> None:
    table = Table.of()
    first = table.pledge("Ben", structs.replace(PLEDGE, to=("A",), due=None), bound="Ada")
    second = table.pledge(body=structs.replace(PLEDGE, after=(first,)))
    table.broken("Ada", first)
    stands = table.stands(second)
    assert isinstance(stands, Pledged)
    assert stands.blocked
    table.release("Ada", first)
    assert table.status(first) == "broken", "the word before the release stands"
    other = table.pledge("Ben", structs.replace(PLEDGE, to=("A",), due=None), bound="Ada")
    third = table.pledge(body=structs.replace(PLEDGE, after=(other,)))
    table.release("Ada", other)
    stands = table.stands(third)
    assert isinstance(stands, Pledged)
    assert not stands.blocked


# -- understandings ---------------------------------------------------------------------------------------


def test_a_deed_answers_an_understanding_and_its_own_side_does_not_judge_it() -> None:
    table = Table.of()
    made = table.understanding()
    done = table.deed("Ada", made)
    table.read("Ada", done, "kept")
    assert table.status(made) == "confirmed"
    table.read("Ben", done, "kept")
    assert (table.status(made), table.stands(made).fate.kept_at) == ("kept", 50)
    noted = table.deed("Ben", made, by="A", happened=200)
    table.read("Ben", noted, "kept")
    assert table.status(made) == "late"


def test_who_pays_itself_by_a_deed_in_anothers_name_is_shown_as_its_own_word_and_can_be_denied() -> None:
    table = Table.of()
    made = table.understanding()
    false = table.deed("Ada", made, by="B")
    table.read("Ada", false, "kept")
    assert table.stands(made).fate.as_side == "A"
    table.read("Ben", false, "not-kept")
    assert (table.status(made), table.stands(made).fate.as_side) == ("broken", "B")


def test_what_is_not_confirmed_is_neither_kept_nor_broken() -> None:
    table = Table.of(*TRIO)
    offered = table.pledge(bound="")
    done = table.deed("Ada", offered)
    table.read("Ben", done, "kept")
    table.broken("Ben", offered, 200)
    assert table.status(offered) == "offered"
    spoken = table.say(
        "Ada", "understanding-offer", UnderstandingOffer("Bases", ("A", "B"), None, "never", None)
    )
    table.read("Ben", table.deed("Ada", spoken), "kept")
    assert table.status(spoken) == "offered"


def test_what_does_not_stand_counts_for_nothing() -> None:
    table = Table.of()

    def void(name: str, kind: str, body: Record) -> EventId:
        return table.say(name, kind, body, 200 if kind == "promise-broken" else None, void=True)

    log = table["Ben"].log
    assert log is not None
    assert void("Ada", "pledge", PLEDGE) not in pledge.standing(log, 0)
    assert void("Ada", "deed", Deed((), None, None, 5, "Done.")) not in deed.standing(log)
    made = table.pledge(body=structs.replace(PLEDGE, due=150), bound="")
    void("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    assert table.status(made) == "offered"
    table.say("Ben", "pledge-acknowledge", PledgeAcknowledge(made))
    void("Ben", "pledge-release", PledgeRelease(made))
    void("Ben", "promise-broken", PromiseBroken(made, ""))
    done = table.deed("Ada", made)
    void("Ben", "deed-read", DeedReading(done, "kept", ""))
    void("Ben", "published", Published(made, "A", "a newspaper", 5))
    table.lapse("Ben", made)
    table.published("Ben", made, "A")
    assert table.status(made) == "due"
    void("Ben", "lapse", LetLapse(made))
    assert table.status(made) == "due"


# -- all together ------------------------------------------------------------------------------------------


def acts(targets: list[EventId], done: list[EventId], rng: random.Random) -> tuple[str, Record]:
    sides = ["A", "B", "C"]
    target = rng.choice([*targets, ZERO])
    due, lapse = rng.choice([None, 30, 60]), rng.choice(["at-once", "election", "never"])
    to = tuple(rng.sample(sides, rng.randint(1, 2)))
    after = tuple(rng.sample(targets, min(len(targets), rng.randint(0, 1))))
    choices: list[Callable[[], tuple[str, Record]]] = [
        lambda: ("pledge", structs.replace(PLEDGE, to=to, due=due, lapse=lapse, after=after)),
        *[lambda: ("pledge-acknowledge", PledgeAcknowledge(target))] * 3,
        lambda: ("pledge-release", PledgeRelease(target)),
        *[lambda: ("deed", Deed((target,), None, rng.choice([None, "A"]), rng.randint(0, 80), "Done."))] * 2,
        *[lambda: ("deed-read", DeedReading(rng.choice([*done, ZERO]), rng.choice(list(deed.How)), ""))] * 3,
        lambda: ("promise-broken", PromiseBroken(target, "")),
        lambda: ("published", Published(target, rng.choice([None, *sides]), "a newspaper", 5)),
        lambda: ("lapse", LetLapse(target)),
    ]
    return rng.choice(choices)()


@settings(max_examples=200 if DEEP else 12, deadline=None)
@given(st.integers(0, 2**32))
def test_every_desk_reads_the_same_whatever_order_things_arrive_in(seed: int) -> None:
    rng = random.Random(seed)
    table = Table.of(*TRIO)
    targets, done = [table.pledge()], list[EventId]()
    for at in range(30):
        kind, body = acts(targets, done, rng)
        said = table.say(
            rng.choice(["Ada", "Ben", "Carl"]), kind, body, 20 + at + rng.randint(-5, 5), cross=True
        )
        {"pledge": targets, "deed": done}.get(kind, []).append(said)
        table.world.deliver(rng.randint(0, 5))
    table.meet()
    log = table["Ada"].log
    assert log is not None
    for target in pledge.standing(log, 0):
        table.stands(target, 70)


def test_a_pledge_whose_words_have_gone_is_gone_and_binds_nobody() -> None:
    table = Table.of()
    made = table.pledge()
    log = table["Ada"].log
    assert log is not None
    assert facts(standing(log, made, 50))
    log.erase(made, Erased.EXPIRED)
    found = standing(log, made, 50)
    assert (found.status.value, found.body) == ("gone", None)


def test_a_deed_whose_words_have_gone_is_shown_as_gone_and_answers_nothing() -> None:
    table = Table.of()
    made = table.pledge()
    done = table.deed("Ada", made)
    table.read("Ben", done, "kept")
    log = table["Ada"].log
    assert log is not None
    assert standing(log, made, 50).status.value == "kept"
    log.erase(done, Erased.EXPIRED)
    assert standing(log, made, 50).status.value == "due"
    found = deed.standing(log)[done]
    assert (found.body, found.by) == (None, None)


def test_bytes_that_say_nothing_sound_are_refused() -> None:
    many = tuple(bytes([n]) * 32 for n in range(9))
    done = Deed(many[:8], ZERO, "A", 5, "x" * 20_000)
    cases: list[tuple[Callable[[str, bytes], Record], str, Record, list[dict[str, Any]]]] = [
        (
            pledge.parse,
            "pledge",
            structs.replace(PLEDGE, terms=(Term("bases", "gone"),)),
            [
                {"to": ()},
                {"to": ("B", "B")},
                {"step": ""},
                {"step": "x" * 20_001},
                {"condition": "x" * 2_001},
                {"lapse": "soon"},
                {"answers": (b"",)},
                {"after": (ZERO, ZERO)},
                {"after": tuple(bytes([n]) * 32 for n in range(9))},
                {"terms": (Term("", "gone"),)},
            ],
        ),
        (pledge.parse, "pledge-acknowledge", PledgeAcknowledge(ZERO), [{"target": b""}]),
        (
            deed.parse,
            "deed",
            done,
            [
                {"pledges": (b"",)},
                {"pledges": (ZERO, ZERO)},
                {"pledges": many},
                {"note": b"1"},
                {"by": ""},
                {"by": "turned \u202e"},
                {"text": ""},
                {"text": "x" * 20_001},
            ],
        ),
        (
            deed.parse,
            "deed-read",
            DeedReading(ZERO, "kept", "x" * 2_000),
            [{"target": b""}, {"reading": "good"}, {"text": "x" * 2_001}],
        ),
        (deed.parse, "promise-broken", PromiseBroken(ZERO, ""), [{"target": b""}, {"text": "x" * 2_001}]),
        (
            publication.parse,
            "published",
            Published(ZERO, None, "The Times", 5),
            [{"target": b""}, {"by": ""}, {"source": ""}, {"source": "x" * 201}],
        ),
        (publication.parse, "lapse", LetLapse(ZERO), [{"target": b""}]),
    ]
    for parse, kind, sound, wrongs in cases:
        parse(kind, encode(sound))
        for wrong in wrongs:
            with pytest.raises(Violation):
                parse(kind, encode(structs.replace(sound, **wrong)))
