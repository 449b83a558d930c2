"""The log is the same for everybody who holds the same events, in whatever order and however often they came."""

import copy
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import EventId, Ref, parse_event
from backchannel.channel.log import MAX_WAITING, Log, arrival
from backchannel.channel.members import Approve, Remove, Request
from backchannel.errors import Violation
from backchannel.moves.paper import standing
from backchannel.wire.codec import encode
from conftest import DEEP
from pens import ROOM, World, credential, founded, lively, paper, sheet

seeds = st.integers(0, 2**32)
few = settings(max_examples=2_000 if DEEP else 20)


def told(log: Log, since: int = 0) -> list[tuple[EventId, str | None]]:
    return [(entry.id, entry.void) for entry in log.ordered() if entry.event.epoch >= since]


@few
@given(seeds)
def test_everybody_who_is_seated_ends_with_one_record_one_seating_and_one_table(seed: int) -> None:
    world = lively(seed)
    # Somebody whose going crossed with an epoch may wait for ever for what was no longer said to them.
    staying = [pen for pen in world.pens if pen.seated and pen.id not in world.going]
    logs = [pen.log for pen in staying if pen.log is not None]
    assume(logs)
    newest = max(logs, key=lambda log: log.first_epoch)
    for log in logs:
        assert not log.waiting
        assert not log.forks()
        assert told(log, newest.first_epoch) == told(newest)
        assert log.seating() == newest.seating()
        common = {eid for eid in log.heads if log.entries[eid].event.epoch >= newest.first_epoch}
        assert common == newest.heads
        items = {item.entry.id: item for item in standing(log, 0)}
        for item in standing(newest, 0):
            mine = items[item.entry.id]
            assert (mine.status, mine.body, mine.answered_by) == (item.status, item.body, item.answered_by)
            assert set(item.crossed) == {
                eid for eid in mine.crossed if log.entries[eid].event.epoch >= newest.first_epoch
            }


@few
@given(seeds, seeds)
def test_any_order_and_any_repetition_give_the_same_log(seed: int, shuffling: int) -> None:
    order = random.Random(shuffling)
    world = lively(seed, 25)
    pen = next((known for known in world.pens if known.seated), world.pens[0])
    assert pen.log is not None
    mine = [written for written in world.sheets if written.id in pen.log.entries]
    shuffled = [*mine, *order.sample(mine, len(mine) // 2)]
    order.shuffle(shuffled)
    log = Log(ROOM, pen.log.first_epoch, pen.log.root)
    delivered = [entry.id for written in shuffled for entry in log.add(written.arrival())]
    assert sorted(delivered) == sorted(pen.log.entries)
    assert told(log) == told(pen.log)
    assert log.seating() == pen.log.seating()
    assert [item.label for item in standing(log, 0)] == [item.label for item in standing(pen.log, 0)]
    assert [item.crossed for item in standing(log, 0)] == [item.crossed for item in standing(pen.log, 0)]


@few
@given(seeds, seeds)
def test_events_handed_on_by_others_give_the_same_log_once_their_authors_cover_them(
    seed: int, shuffling: int
) -> None:
    order = random.Random(shuffling)
    world = lively(seed, 15)
    pen = next((known for known in world.pens if known.seated), world.pens[0])
    assert pen.log is not None
    mine = [written for written in world.sheets if written.id in pen.log.entries]
    log = Log(ROOM, pen.log.first_epoch, pen.log.root)
    last = {written.event.author: written.id for written in sorted(mine, key=lambda known: known.event.seq)}
    order.shuffle(mine)
    for written in mine:
        log.add(written.arrival(direct=written.id in last.values()))
    assert told(log) == told(pen.log)


@given(seeds, st.data())
@settings(max_examples=60)
def test_any_bytes_are_an_entry_or_a_violation_that_changes_nothing(seed: int, data: st.DataObject) -> None:
    founder, first = founded(credential("Founder", "A"))
    assert founder.log is not None
    written = founder.write("paper", paper("words"), 1, item=True)
    raw = bytearray(written.data)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] ^= data.draw(st.integers(1, 255))
    before = copy.deepcopy((founder.log.entries, founder.log.waiting, founder.log.chains, founder.log.heads))
    try:
        founder.log.add(arrival(written.salt, bytes(raw), direct=True))
    except Violation:
        after = (founder.log.entries, founder.log.waiting, founder.log.chains, founder.log.heads)
        assert after == before
    assert first.id in founder.log.entries
    founder.log.seating()
    founder.log.ordered()


def two(*, third: bool = False) -> World:
    """A room of Founder (A) and Boris (B), and if asked Carl (C), with everything delivered."""
    world = World(random.Random(1))
    founder, first = founded(credential("Founder", "A"))
    world.pens.append(founder)
    world.sheets.append(first)
    for name, side in (("Boris", "B"), ("Carl", "C"))[: 2 if third else 1]:
        newcomer = world.newcomer(name, side)
        world.say(founder, founder.write("request", Request(encode(newcomer.credential)), world.at))
        world.settle()
        for pen in [known for known in world.pens if known.seated]:
            assert pen.log is not None
            (motion,) = [known for known in pen.log.seating().motions.values() if not known.carried]
            world.say(pen, pen.write("approve", Approve(motion.id), world.at))
        world.settle()
    return world


def logs(world: World) -> list[Log]:
    return [pen.log for pen in world.pens if pen.log is not None]


def test_an_event_waits_until_everything_it_follows_is_here_and_the_gap_is_named() -> None:
    world = two()
    founder, boris = world.pens
    one = founder.write("paper", paper("one"), 1, item=True)
    founder.take(one)
    other = founder.write("paper", paper("two"), 2, item=True)
    assert boris.take(other) == []
    assert boris.log is not None
    assert boris.log.gaps() == {one.id: {other.id}}
    assert [entry.id for entry in boris.take(one)] == [one.id, other.id]
    assert boris.log.gaps() == {}


def test_two_stories_by_one_author_are_a_fork_on_every_desk_that_has_both() -> None:
    world = two()
    founder, boris = world.pens
    one = founder.write("paper", paper("yes"), 1, item=True)
    other = founder.write("paper", paper("no"), 1, item=True)
    boris.take(one)
    assert boris.log is not None
    assert boris.log.forks() == []
    boris.take(other)
    (fork,) = boris.log.forks()
    assert fork.author == founder.id
    assert set(fork.ids) == {one.id, other.id}
    assert len(standing(boris.log, 0)) == 2


def test_a_fork_shows_before_its_other_half_has_arrived() -> None:
    world = two()
    founder, boris = world.pens
    assert founder.log is not None
    assert boris.log is not None
    yes = founder.write("paper", paper("yes"), 1, item=True)
    no = founder.write("paper", paper("no"), 1, item=True)
    boris.take(yes)
    founder.take(no)
    boris.take(
        founder.write("paper", paper("as I said"), 2, item=True)
    )  # its prev is an event Boris never saw
    assert [fork.seq for fork in boris.log.forks()] == [yes.event.seq]


def test_an_event_handed_on_stands_only_once_its_authors_own_chain_names_it() -> None:
    world = two(third=True)
    founder, _, carl = world.pens
    assert carl.log is not None
    one = founder.write("paper", paper("one"), 1, item=True)
    founder.take(one)
    assert carl.log.add(one.arrival(direct=False)) == []
    assert one.id not in carl.log.entries
    other = founder.write("paper", paper("two"), 2, item=True)
    assert [entry.id for entry in carl.log.add(other.arrival())] == [one.id, other.id]


def test_what_a_member_who_has_gone_said_to_some_reaches_the_others_through_those_who_answered() -> None:
    world = two(third=True)
    founder, boris, carl = world.pens
    assert carl.log is not None
    last = boris.write("paper", paper("only to the founder"), 1, item=True)
    founder.take(last)
    founder.take(answer := founder.write("paper", paper("heard", (last.id,)), 2, item=True))
    carl.take(answer)
    assert carl.log.gaps() == {last.id: {answer.id}}
    assert carl.log.add(last.arrival(direct=False)) == []  # Boris is here and can still say it himself
    assert carl.log.secondhand == set()
    for pen in (carl, founder):  # and now he is removed, by both other sides
        removal = pen.write("remove", Remove(boris.id, ""), 3)
        carl.take(removal)
        if pen is carl:
            founder.take(removal)
    assert boris.id in carl.log.seating().gone
    assert {last.id, answer.id} <= carl.log.entries.keys()
    assert carl.log.secondhand == {last.id}


def test_a_second_story_that_others_were_told_is_shown_and_stops_nobody() -> None:
    world = two(third=True)
    founder, boris, carl = world.pens
    assert carl.log is not None
    yes = boris.write("paper", paper("yes"), 1, item=True)
    no = boris.write("paper", paper("no"), 1, item=True)
    carl.take(yes)
    founder.take(no)
    founder.take(answer := founder.write("paper", paper("a pity", (no.id,)), 2, item=True))
    carl.take(answer)
    assert answer.id in carl.log.waiting
    assert [entry.id for entry in carl.log.add(no.arrival(direct=False))] == [no.id, answer.id]
    assert carl.log.entries[no.id].void == "its author told this desk another story in its place"
    assert carl.log.entries[answer.id].void is None
    (fork,) = carl.log.forks()
    assert set(fork.ids) == {yes.id, no.id}


def test_a_backdated_event_of_somebody_whose_removal_all_know_is_refused() -> None:
    world = two(third=True)
    founder, boris, carl = world.pens
    backdated = boris.write("paper", paper("I had accepted long ago"), 1, item=True)
    founder.take(removal := founder.write("remove", Remove(boris.id, ""), 2))
    carl.take(removal)
    assert carl.log is not None
    assert carl.log.seating().seated.keys() == {
        founder.id,
        boris.id,
        carl.id,
    }  # one side alone removes nobody
    founder.take(approval := carl.write("remove", Remove(boris.id, ""), 3))
    carl.take(approval)
    assert boris.id not in carl.log.seating().seated
    carl.log.settled_removals.add(boris.id)
    before = set(carl.log.entries)
    with pytest.raises(Violation, match="backdated"):
        carl.take(backdated)
    assert set(carl.log.entries) == before
    assert founder.log is not None
    (entry,) = founder.take(backdated)  # not settled here: it crossed with the removal, and shows as that
    assert entry.void is None


def test_an_event_after_ones_own_removal_counts_for_nothing() -> None:
    world = two(third=True)
    founder, boris, carl = world.pens
    for pen in (founder, carl):
        world.say(pen, pen.write("remove", Remove(boris.id, ""), 2))
        while world.under_way:
            world.deliver(10)
    assert boris.log is not None
    assert founder.log is not None
    said = boris.write("paper", paper("still here"), 3, item=True)
    (entry,) = founder.take(said)
    assert entry.void == "its author was not seated"


def test_numbers_that_jump_do_not_stand_and_crossing_items_share_theirs() -> None:
    world = two()
    founder, boris = world.pens
    assert founder.log is not None
    assert boris.log is not None
    highest = founder.log.highest()
    (entry,) = founder.take(boris.write("paper", paper("jump"), 1, number=highest + 2))
    assert entry.void == "its number does not follow"
    world = two()
    founder, boris = world.pens
    world.say(founder, founder.write("paper", paper("first"), 1, item=True))
    world.say(boris, boris.write("paper", paper("second"), 1, item=True))
    world.settle()
    for log in logs(world):
        assert sorted(item.label for item in standing(log, 0)) == ["#1·Boris", "#1·Founder"]


def test_an_event_of_another_room_or_from_before_one_came_is_refused() -> None:
    world = two()
    founder, boris = world.pens
    with pytest.raises(Violation, match="another room"):
        boris.take(founder.write("paper", paper("x"), 1, room=b"q" * 32))
    assert boris.log is not None
    with pytest.raises(Violation, match="before this desk was admitted"):
        boris.log.add(sheet(structs.replace(world.sheets[1].event, at=7), frozenset()).arrival())


def test_an_author_who_floods_the_room_with_loose_ends_silences_nobody_else() -> None:
    world = two(third=True)
    founder, boris, carl = world.pens
    assert carl.log is not None
    for number in range(MAX_WAITING):
        loose = (Ref(number.to_bytes(32, "big"), carl.log.seating().epoch.number),)
        carl.log.add(boris.write("paper", paper("x"), number, parents=loose).arrival())
    with pytest.raises(Violation, match="Too many events of one author"):
        carl.log.add(boris.write("paper", paper("y"), 1, parents=(Ref(b"z" * 32, 0),)).arrival())
    (entry,) = carl.take(founder.write("paper", paper("calm"), 1, item=True))
    assert entry.void is None


def test_an_event_that_contradicts_itself_is_a_violation() -> None:
    world = two()
    founder, _ = world.pens
    event = founder.write("paper", paper("x"), 1, item=True).event
    ref = Ref(b"x" * 32, 0)
    for change in (
        {"version": 2}, {"room": b"x"}, {"author": b""}, {"seq": 0}, {"seq": 1}, {"prev": None}, {"epoch": -1},
        {"parents": (ref, ref)}, {"parents": (ref, Ref(b"a" * 32, 0))}, {"parents": (Ref(b"x" * 32, 9),)},
        {"parents": tuple(Ref(n.to_bytes(32, "big"), 0) for n in range(65))}, {"number": -1}, {"number": 1 << 31},
        {"audience": b"x"},
    ):  # fmt: skip
        with pytest.raises(Violation):
            parse_event(encode(structs.replace(event, **change)))


def test_the_rooms_of_these_properties_are_lively() -> None:
    world = lively(3)
    kinds = {written.event.kind for written in world.sheets}
    assert {"paper", "approve", "request", "epoch", "retention", "withdraw"} <= kinds
    assert len(logs(world)) >= 4
