"""Readings: filed once an event, the same in any order of arrival, anew when a text has gone."""

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from backchannel.channel.event import Erased
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.moves.paper import standing
from circle import Circle
from conftest import DEEP
from pens import ROOM, lively, paper

BENCH = Path(__file__).parent.parent / "bench" / "reading.py"


class Filed(Reading):
    kinds = frozenset({"paper"})

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.ids: Counter[bytes] = Counter()

    def file(self, entry: Entry) -> None:
        self.ids[entry.id] += 1


def papers(log: Log) -> set[bytes]:
    return {eid for eid, entry in log.entries.items() if entry.event.kind == "paper"}


def test_an_event_is_filed_once_however_often_one_reads_and_anew_when_a_text_has_gone() -> None:
    world = lively(3, 20)
    pen = world.pens[0]
    assert pen.log is not None
    first = read(pen.log, Filed)
    assert set(first.ids) == papers(pen.log) != set()
    world.say(pen, pen.write("paper", paper("more"), 9, item=True))
    assert read(pen.log, Filed) is first
    assert set(first.ids) == papers(pen.log)
    assert set(first.ids.values()) == {1}
    pen.log.erase(next(eid for eid in pen.log.entries if eid in papers(pen.log)), Erased.EXPIRED)
    second = read(pen.log, Filed)
    assert second is not first
    assert second.ids == first.ids


@settings(max_examples=200 if DEEP else 10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_reading_at_every_step_gives_what_reading_at_the_end_gives_in_any_order_of_arrival(
    seed: int, shuffling: int
) -> None:
    world = lively(seed, 25)
    pen = next((known for known in world.pens if known.seated), world.pens[0])
    assert pen.log is not None
    whole = standing(pen.log, 0)
    mine = [written for written in world.sheets if written.id in pen.log.entries]
    random.Random(shuffling).shuffle(mine)
    log = Log(ROOM, pen.log.first_epoch, pen.log.root)
    for written in mine:
        log.add(written.arrival())
        standing(log, 0)
    facts = [
        (item.entry.id, item.label, item.body, item.status, item.answered_by, item.crossed) for item in whole
    ]
    assert [
        (i.entry.id, i.label, i.body, i.status, i.answered_by, i.crossed) for i in standing(log, 0)
    ] == facts


@settings(max_examples=200 if DEEP else 10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_a_few_entries_are_put_in_one_order_in_which_each_comes_after_what_it_follows(
    seed: int, shuffling: int
) -> None:
    log = lively(seed, 25).pens[0].log
    assert log is not None
    order = random.Random(shuffling)
    some = order.sample(list(log.entries.values()), min(12, len(log.entries)))
    ordered = in_order(some)
    again = list(some)
    order.shuffle(again)
    assert ordered == in_order(again)
    for place, entry in enumerate(ordered):
        assert not any(follows(entry, later) for later in ordered[place:])
        for later in ordered:
            assert follows(later, entry) == (entry.id != later.id and entry.id in log.ancestors([later.id]))


def test_two_stories_of_one_author_are_put_in_one_order_whatever_was_seen_of_them() -> None:
    circle = Circle("Ada A principal", "Ben B principal", "Cem C principal")
    ada, log = circle.pens["Ada"], circle.log("Cem")
    told = [ada.write("paper", paper(words), at, item=True) for words, at in (("no", 5), ("yes", 4))]
    for written in told:
        log.add(written.arrival())
    assert len(log.forks()) == 1
    assert [item.body.text for item in standing(log, 0) if item.body] == ["yes", "no"]
    entries = [log.entries[written.id] for written in told]
    assert in_order(entries) == in_order(reversed(entries)) == entries[::-1]
    # Ben has seen one story, and the other says that it has seen Ben: by numbers alone each follows the other.
    ben = circle.pens["Ben"]
    ben.take(told[0])
    circular = ben.write("paper", paper("to the first", (told[0].id,)), 6, item=True)
    ring = [
        log.add(circular.arrival())[0],
        replace(entries[1], seen={**entries[1].seen, ben.id: circular.event.seq}),
    ]
    assert follows(ring[0], ring[1])
    assert follows(ring[1], ring[0])
    assert in_order(ring) == in_order(reversed(ring))


def test_the_measure_of_reading_knows_every_reading_and_an_event_of_every_kind() -> None:
    words = [sys.executable, str(BENCH), "--events", "300", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)["large"]
    assert {move.__name__ for move in _readings()} <= measured.keys()
    assert all(micros > 0 for micros in measured.values())


def _readings() -> set[type[Reading]]:
    """Every reading whose kinds are moves of this program."""
    found, waiting = set(), list(Reading.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("backchannel.moves."):
            found.add(kind)
    assert found
    return found
