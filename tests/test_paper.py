"""Papers as they stand: what is said, answered, crossed, withdrawn and expired, read off the log alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from backchannel.channel.event import Erased, EventId
from backchannel.channel.log import Arrival, Log
from backchannel.channel.members import Approve, Request
from backchannel.errors import Refused, Violation
from backchannel.moves.paper import (
    ITEMS,
    Attachment,
    Carried,
    Front,
    HandBack,
    Item,
    Papers,
    Status,
    Term,
    Withdraw,
    find,
    parse,
    standing,
    withdrawals,
)
from backchannel.wire.codec import encode
from conftest import DEEP
from pens import Pen, World, credential, founded, lively, paper


def pair() -> tuple[World, Pen, Pen, Log, Log]:
    world = World(random.Random(1))
    ada, first = founded(credential("Ada", "A"))
    world.pens.append(ada)
    world.sheets.append(first)
    ben = world.newcomer("Ben", "B")
    world.say(ada, ada.write("request", Request(encode(ben.credential)), 0))
    assert ada.log is not None
    (motion,) = ada.log.seating().motions.values()
    world.say(ada, ada.write("approve", Approve(motion.id), 0))
    world.settle()
    assert ben.log is not None
    return world, ada, ben, ada.log, ben.log


def label_of(log: Log, eid: EventId) -> str:
    return next(item.label for item in standing(log, 0) if item.entry.id == eid)


@settings(max_examples=1_000 if DEEP else 15)
@given(st.integers(0, 2**32))
def test_two_items_cross_exactly_if_neither_follows_the_other(seed: int) -> None:
    log = lively(seed, 30).pens[0].log
    assert log is not None
    items = {item.entry.id: item for item in standing(log, 0)}
    ancestors = {eid: log.ancestors([eid]) for eid in items}
    for eid, item in items.items():
        expected = {
            other
            for other, that in items.items()
            if that.entry.author != item.entry.author
            and other not in ancestors[eid]
            and eid not in ancestors[other]
        }
        assert set(item.crossed) == expected
        assert item.entry.event.number == 1 + max(
            (log.entries[known].event.number for known in ancestors[eid] - {eid}), default=0
        )


def test_an_answered_paper_is_closed_and_the_rest_stays_open() -> None:
    world, ada, ben, log, _ = pair()
    one = ada.write("paper", paper("one"), 1, item=True)
    world.say(ada, one)
    two = ada.write("paper", paper("two"), 2, item=True)
    world.say(ada, two)
    world.settle()
    answer = ben.write("paper", paper("to one", (one.id,)), 3, item=True)
    world.say(ben, answer)
    world.settle()
    items = {item.entry.id: item for item in standing(log, 0)}
    assert items[one.id].answered_by == (answer.id,)
    assert not items[one.id].open
    assert items[two.id].open
    assert items[answer.id].label == "#3"


def test_only_its_author_withdraws_a_paper_and_only_a_paper() -> None:
    world, ada, ben, log, _ = pair()
    one = ada.write("paper", paper("one"), 1, item=True)
    world.say(ada, one)
    note = ada.write("front", Front("The Times", "a speech", 0, (), ()), 1, item=True)
    world.say(ada, note)
    world.settle()
    world.say(ben, ben.write("withdraw", Withdraw(one.id), 2))
    world.say(ada, ada.write("withdraw", Withdraw(note.id), 2))
    world.settle()
    assert withdrawals(log) == {}
    world.say(ada, ada.write("withdraw", Withdraw(one.id), 3))
    world.settle()
    assert set(withdrawals(log)) == {one.id}
    assert next(item for item in standing(log, 0) if item.entry.id == one.id).status is Status.WITHDRAWN


def test_only_another_reader_hands_a_paper_back_and_only_one_shown_as_returnable() -> None:
    world, ada, ben, log, other = pair()
    kept = ada.write("paper", paper("kept"), 1, item=True)
    world.say(ada, kept)
    offered = ada.write("paper", structs.replace(paper("offered"), returnable=True), 2, item=True)
    world.say(ada, offered)
    world.settle()
    world.say(ada, ada.write("hand-back", HandBack(offered.id), 3))
    world.say(ben, ben.write("hand-back", HandBack(kept.id), 3))
    world.settle()
    assert withdrawals(log) == {}
    world.say(ben, ben.write("hand-back", HandBack(offered.id), 4))
    world.settle()
    for record in (log, other):
        assert set(withdrawals(record)) == {offered.id}
        assert [item.status for item in standing(record, 0)] == [Status.STANDING, Status.HANDED_BACK]


def test_a_withdrawal_and_a_handing_back_that_cross_read_as_a_withdrawal_on_every_desk() -> None:
    world, ada, ben, log, other = pair()
    offered = ada.write("paper", structs.replace(paper("offered"), returnable=True), 1, item=True)
    world.say(ada, offered)
    world.settle()
    world.say(ada, ada.write("withdraw", Withdraw(offered.id), 2))
    world.say(ben, ben.write("hand-back", HandBack(offered.id), 2))
    for record, why in (
        (log, Erased.WITHDRAWN),
        (other, Erased.HANDED_BACK),
    ):  # each desk lets go at what it has seen
        record.erase(EventId(offered.id), why)
    world.settle()
    for record in (log, other):
        assert [item.status for item in standing(record, 0)] == [Status.WITHDRAWN]


def test_a_paper_expires_at_its_hour() -> None:
    world, ada, _, log, _ = pair()
    one = ada.write("paper", structs.replace(paper("one"), expires=100), 1, item=True)
    world.say(ada, one)
    for now, status in ((99, Status.STANDING), (100, Status.EXPIRED)):
        assert [item.status for item in standing(log, now)] == [status]


@settings(max_examples=300 if DEEP else 5)
@given(st.integers(0, 2**32))
def test_what_was_read_once_is_read_anew_when_something_comes_goes_or_runs_out(seed: int) -> None:
    whole = lively(seed, 20).pens[0].log
    assert whole is not None
    log = Log(room=whole.room, first_epoch=whole.first_epoch, root=whole.root)
    for entry in whole.entries.values():
        log.add(Arrival(entry.id, entry.event, entry.salt, entry.data, direct=True))
        assert read_afresh(log, 0) == standing(log, 0)
    items = [item.entry.id for item in standing(log, 0)]
    for eid in items[:3]:
        log.erase(eid, Erased.EXPIRED)
        assert read_afresh(log, 0) == standing(log, 0)
        assert [entry.erased for entry in log.ordered() if entry.id == eid] == [Erased.EXPIRED]


def read_afresh(log: Log, now: int) -> list[Item]:
    fresh = Papers(log)
    for eid in log.arrived:
        if log.entries[eid].event.kind in Papers.kinds:
            fresh.file(log.entries[eid])
    return fresh.standing(now)


def test_a_paper_that_ran_out_at_one_look_stands_again_where_the_clock_is_put_back() -> None:
    _, ada, _, log, _ = pair()
    for until in (5, 9):
        ada.take(ada.write("paper", structs.replace(paper("one"), expires=until), 0, item=True))
    for now, gone in ((0, 0), (5, 1), (8, 1), (9, 2), (7, 1), (4, 0)):
        assert sum(item.status is Status.EXPIRED for item in standing(log, now)) == gone


def test_what_is_not_a_paper_is_void_and_closes_nothing() -> None:
    world, ada, ben, log, _ = pair()
    one = ada.write("paper", paper("one"), 1, item=True)
    world.say(ada, one)
    world.settle()
    bad = ben.write("paper", structs.replace(paper("x", (one.id,)), register="decree"), 2, item=True)
    world.say(ben, bad)
    world.settle()
    items = {item.entry.id: item for item in standing(log, 0)}
    assert items[bad.id].status is Status.VOID
    assert items[one.id].open


def test_an_item_is_found_by_number_name_or_the_start_of_its_id() -> None:
    world, ada, ben, log, _ = pair()
    mine = ada.write("paper", paper("one"), 1, item=True)
    theirs = ben.write("paper", paper("other"), 1, item=True)
    world.say(ada, mine)
    world.say(ben, theirs)
    world.settle()
    last = ada.write("paper", paper("last"), 2, item=True)
    world.say(ada, last)
    items = standing(log, 0)
    for spoken in ("1·Ada", "#1·ada", "1.Ada", mine.id.hex()[:8], mine.id.hex().upper()):
        assert find(items, spoken).entry.id == mine.id
    for spoken in ("2", "#2", " 2 "):
        assert find(items, spoken).entry.id == last.id
    with pytest.raises(Refused, match="Two items crossed as #1; say #1·"):
        find(items, "1")
    for spoken in ("9", "", "#", "1·Cem", mine.id.hex()[:4]):
        with pytest.raises(Refused, match="no item"):
            find(items, spoken)


FILE = Attachment("a.txt", 1, bytes(32))


@pytest.mark.parametrize(
    "change",
    [
        {"register": "decree"}, {"mandate": "divine"}, {"capacity": "king"}, {"rule": "shout"}, {"text": ""},
        {"text": "x" * 200_001}, {"answers": (b"short",)}, {"answers": tuple(bytes([n]) * 32 for n in range(9))},
        {"carried": Carried("", "verbatim")}, {"carried": Carried("Ada", "loudly")}, {"carried": Carried("x" * 201, "verbatim")},
        {"attachments": (FILE,) * 9}, {"attachments": (structs.replace(FILE, size=-1),)},
        {"attachments": (structs.replace(FILE, size=(4 << 20) + 1),)}, {"attachments": (structs.replace(FILE, digest=b""),)},
        {"attachments": (structs.replace(FILE, name="../x"),)}, {"attachments": (structs.replace(FILE, name=""),)},
        {"terms": (Term("", "x"),)}, {"terms": (Term("x", "y" * 201),)}, {"terms": (Term("x", "y"),) * 2},
        {"terms": tuple(Term("x", str(n)) for n in range(65))},
    ],
    ids=map(str, range(21)),
)  # fmt: skip
def test_a_paper_out_of_bounds_is_a_violation(change: dict[str, object]) -> None:
    assert parse("paper", encode(paper("words"))) == paper("words")
    with pytest.raises(Violation):
        parse("paper", encode(structs.replace(paper("words"), **change)))


def test_a_front_note_and_a_withdrawal_have_bounds_too() -> None:
    for front in (
        Front("", "x", 0, (), ()),
        Front("s" * 201, "x", 0, (), ()),
        Front("s", "", 0, (), ()),
        Front("s", "x", 0, (b"y",), ()),
        Front("s", "x", 0, (), (Term("", "y"),)),
    ):
        with pytest.raises(Violation):
            parse("front", encode(front))
    with pytest.raises(Violation):
        parse("withdraw", encode(Withdraw(b"x")))


def test_labels_and_numbers_are_the_same_on_both_desks() -> None:
    world = lively(5)
    logs = [pen.log for pen in world.pens if pen.seated and pen.id not in world.going and pen.log is not None]
    oldest = min(logs, key=lambda log: log.first_epoch)
    for log in logs:
        for entry in log.entries.values():
            if entry.event.kind in ITEMS and log.first_epoch == oldest.first_epoch:
                assert label_of(log, entry.id) == label_of(oldest, entry.id)
