"""What it costs to read one more event: in a room of 100 events and in one of 100,000, for every reading in the program.

Both rooms hold the same mixture of every kind of event, each about something said lately. Microseconds per event on this machine, the
mean without the slowest twentieth, and their ratio: near 1 if reading does not grow with the room.
"""

import argparse
import importlib
import json
import pkgutil
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from msgspec import structs

import backchannel.moves
from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Log
from backchannel.channel.reading import Reading, read
from backchannel.errors import Violation
from backchannel.moves.offer import acceptances, offer
from backchannel.moves.paper import ITEMS, Papers
from backchannel.moves.table import KINDS, parse
from backchannel.wire.codec import Record
from circle import Circle
from parsers import PARSERS, seeds
from pens import Pen

SMALL, LARGE = 100, 100_000
MEASURED = 2_000  # further events, in so many rooms that a small one stays small
AT_ONCE = 100
LATELY = 40  # an event is about one of so many before it
MOST = {"mandate": 2}  # what is worth asking about at every paper: few hold a mandate, however long the talks
ADDING, ASKING = "to write and add it", "an item as it stands"
Aimed = tuple[str, Record]


def readings() -> list[type[Reading]]:
    """Find every reading that some module of the moves defines."""
    for module in pkgutil.walk_packages(backchannel.moves.__path__, "backchannel.moves."):
        importlib.import_module(module.name)
    found: list[type[Reading]] = []
    waiting = list(Reading.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("backchannel.moves."):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def samples() -> list[Aimed]:
    """Give one sound body of every kind, from what the parsers are fed; a kind without one is an error."""
    fed = [data for name in PARSERS for data in seeds(name)]
    found: dict[str, Record] = {}
    for kind in KINDS:
        for data in fed:
            try:
                found[kind] = parse(kind, data)
            except Violation:
                continue
            break
    if missing := KINDS.keys() - found.keys():
        raise SystemExit(f"tests/parsers.py has no sound example of {', '.join(sorted(missing))}.")
    return list(found.items())


class Grown:
    """A room of two people that grows by events of every kind, and everything in it is read."""

    def __init__(self, kinds: list[Aimed]) -> None:
        self.rng = random.Random(1)
        self.circle = Circle("Ada A principal", "Ben B principal", "Abe A authorised-envoy")
        self.pens: list[Pen] = list(self.circle.pens.values())
        # One log for all: what is measured is reading, and everyone has everything.
        for pen in self.pens[1:]:
            pen.log = self.pens[0].log
        self.kinds = kinds
        self.said: Counter[str] = Counter()
        self.at = 1_000_000

    @property
    def log(self) -> Log:
        return self.circle.log()

    def grow(self) -> Iterator[float]:
        """Add one event after the other; gives the microseconds each took to write and to put into the log."""
        while True:
            kind, body = self._next()
            pen = self.rng.choice(self.pens)
            began = time.perf_counter()
            pen.take(pen.write(kind, self._aimed(body), self.at, item=kind in ITEMS))
            yield (time.perf_counter() - began) * 1e6

    def _next(self) -> Aimed:
        while True:
            self.at += 1
            kind, body = self.kinds[self.at % len(self.kinds)]
            self.said[kind] += 1
            if self.said[kind] <= MOST.get(kind, self.said[kind]):
                return kind, body

    def _aimed(self, body: Record) -> Record:
        """Have a body be about something said lately, and about somebody here."""
        change: dict[str, object] = {}
        for name in body.__struct_fields__:
            value = getattr(body, name)
            if name == "holder":
                change[name] = self.rng.choice(self.pens).id
            elif isinstance(value, bytes) and len(value) == ID_BYTES:
                change[name] = self._lately()
            elif isinstance(value, tuple) and value and all(_is_id(one) for one in value):
                change[name] = (self._lately(),)
        return structs.replace(body, **change)

    def _lately(self) -> EventId:
        return self.rng.choice(self.log.arrived[-LATELY:])


def _is_id(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == ID_BYTES


def measured(size: int, kinds: list[Aimed], found: list[type[Reading]]) -> dict[str, float]:
    """Give microseconds per further event in a room of this size, by what is done with it."""
    took: dict[str, list[float]] = {}
    rooms = 1 if size > MEASURED else MEASURED // AT_ONCE
    for _ in range(rooms):
        room = Grown(kinds)
        for _ in islice(room.grow(), max(0, size - len(room.log.entries))):
            pass
        for name, values in watched(room, found, MEASURED // rooms).items():
            took.setdefault(name, []).extend(values)
    return {name: _typical(values) for name, values in took.items()}


def watched(room: Grown, found: list[type[Reading]], count: int) -> dict[str, list[float]]:
    """Let a room go on, and give the microseconds of every step; a reading is timed at events of its own kinds only."""
    for reading in found:
        read(room.log, reading)
    took: dict[str, list[float]] = {ADDING: [], **{reading.__name__: [] for reading in found}, ASKING: []}
    for added in islice(room.grow(), count):
        took[ADDING].append(added)
        newest = room.log.entries[room.log.arrived[-1]]
        for reading in found:
            spent = _micros(partial(read, room.log, reading))
            if newest.event.kind in reading.kinds:
                took[reading.__name__].append(spent)
        if newest.event.kind in ITEMS:
            took[ASKING].append(_micros(partial(ask, room.log, newest.id, room.at)))
    return took


def ask(log: Log, eid: EventId, now: int) -> None:
    """What a screen asks about an item: where it stands, what it is worth, who accepted it."""
    offer(log, read(log, Papers).item(eid, now))
    acceptances(log, eid)


def _micros(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1e6


def _typical(values: list[float]) -> float:
    """The mean without the slowest twentieth, which is the machine's doing."""
    return statistics.fmean(sorted(values)[: len(values) - len(values) // 20])


def main() -> None:
    """Measure and print; `--json` for a machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=LARGE, help=f"of the large room; default {LARGE}")
    arguments = parser.parse_args()
    kinds, found = samples(), readings()
    small = measured(SMALL, kinds, found)
    large = measured(arguments.events, kinds, found)
    if arguments.json:
        print(json.dumps({"small": small, "large": large, "events": [SMALL, arguments.events]}))
        return
    print(f"microseconds per event       at {SMALL:>7,}   at {arguments.events:>7,}   ratio")
    for name, few in small.items():
        print(f"  {name:<26} {few:>9.2f}   {large[name]:>10.2f}   {large[name] / few:>5.2f}")


if __name__ == "__main__":
    main()
