"""How long one side's own machine works on a search over 10,000 packages, with real soundings between two sides.

Both sides run in this process, one after the other; only the first side's time counts, on two threads. Progress is
printed sounding by sounding, as a desk would show it.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from backchannel.crypto.hashing import digest
from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.params import Params
from backchannel.crypto.sounding.party import Party
from backchannel.packages.agenda import Space
from backchannel.packages.drawing import drawn_one
from backchannel.packages.preferences import Additive, Stance
from backchannel.packages.schedule import Schedule
from backchannel.packages.search import search
from backchannel.packages.soundings import Sounding
from one_table import at_one_table
from sounders import params

ISSUES = 4
THREADS = 2
TARGET_SECONDS = 90.0


class OneSide:
    """Real soundings, of which one side's work is timed."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu = 0.0  # of all threads; on a machine that does much else it says more than the wall
        self.soundings = 0
        self.option_tests = 0

    def sound(self, sounding: Sounding, marks: Sequence[Sequence[bool]]) -> tuple[int, ...]:
        what = msgspec.structs.replace(params(2, 1), options=sounding.options())
        began = time.perf_counter()
        joint = self._between(what, marks)
        self.soundings += 1
        self.option_tests += len(what.options)
        print(
            f"  sounding {self.soundings}, {sounding.stage}: {len(what.options):,} questions, {len(joint)} common, "
            f"{time.perf_counter() - began:.1f} s both sides, {self.seconds:.1f} s this side so far",
            flush=True,
        )
        return joint

    def _between(self, what: Params, marks: Sequence[Sequence[bool]]) -> tuple[int, ...]:
        mine, theirs = (Party.open(what, index, threads=THREADS) for index in range(2))
        heard, told = 0, 0
        self._timed(lambda: mine.mark(marks[0]))
        theirs.mark(marks[1])
        while True:
            for_them = outgoing(mine.encode())[told:]
            for_me = outgoing(theirs.encode())[heard:]
            if not for_them and not for_me:
                break
            told, heard = told + len(for_them), heard + len(for_me)
            for data in for_me:
                self._timed(lambda data=data: mine.take(data, 1))
            for data in for_them:
                theirs.take(data, 0)
        result = mine.result()
        assert result is not None
        return result.joint

    def _timed(self, act) -> None:  # noqa: ANN001 - any act
        began, used = time.perf_counter(), time.process_time()
        act()
        self.seconds += time.perf_counter() - began
        self.cpu += time.process_time() - used


def stance(side: int, options: int, *, stubborn: bool) -> Stance:
    """Make preferences of two sides who want opposite things, and weigh the issues differently; the stubborn take only their best."""
    space = Space((tuple(range(options)),) * ISSUES)
    rows = []
    for issue in range(ISSUES):
        seed = digest("backchannel/bench-search/1", bytes([issue]))
        goods = [drawn_one(seed, f"{option}", list(range(101))) for option in range(options)]
        weight = 1 + (issue if side else ISSUES - 1 - issue)
        rows.append(tuple(weight * (100 - good if side else good) for good in goods))
    additive = Additive(tuple(rows))
    return Stance.in_space(additive, additive.best(space) if stubborn else 0, space)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--options", type=int, default=10, help=f"of each of {ISSUES} issues")
    parser.add_argument(
        "--no-deal",
        action="store_true",
        help="between sides who accept only their best: the longest there is",
    )
    arguments = parser.parse_args()
    options = arguments.options
    space = Space((tuple(range(options)),) * ISSUES)
    print(f"a search over {space.count:,} packages between two sides, {THREADS} threads")
    table = OneSide()
    schedule = Schedule.fitting(2, space.count, secret=True)
    stances = [stance(me, options, stubborn=arguments.no_deal) for me in range(2)]
    copies = [search(space, schedule, bytes(32), me, one) for me, one in enumerate(stances)]
    met = at_one_table(copies, join=table.sound)
    reached = table.seconds < TARGET_SECONDS
    print(
        f"{met.outcome}: {table.soundings} soundings, {table.option_tests:,} option-tests, {table.seconds:.1f} s of one side's own time "
        f"and {table.cpu:.1f} s of processor "
        f"({'under' if reached else 'OVER'} {TARGET_SECONDS:.0f} s), {1000 * table.seconds / table.option_tests:.2f} ms an option-test"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
