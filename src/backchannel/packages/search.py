"""The search for a package that all sides accept: one side's own copy of it (docs/spec/packages.md 6).

Every desk runs this with the same public arguments and its own stance. It yields one sounding after the other, takes the
places of the questions that *all* sides said yes to, and decides by them alone; so all copies take the same steps, and
no side's numbers leave its desk. A proposal comes without marks: it is for the people to answer. After a crash it is
started again and sent the same results once more.
"""

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass

from backchannel.packages.agenda import Space
from backchannel.packages.balance import balanced
from backchannel.packages.drawing import drawn, drawn_one
from backchannel.packages.polish import improved, polished
from backchannel.packages.preferences import LEVELS, Stance
from backchannel.packages.schedule import Schedule
from backchannel.packages.soundings import Acceptable, Level, Question, Sounding, Stage, Worths
from backchannel.said import said

NO_DEAL = said("The search found no package that all sides accept; nobody can tell from it whose no it was.")

NO_BETTER = said("The search found no package that is better for all sides; what was settled stands.")

_TRIED_TOGETHER = 8  # packages whose surroundings are sounded at once


@dataclass(frozen=True, slots=True)
class Found:
    """A package that all sides' people accept."""

    package: int


@dataclass(frozen=True, slots=True)
class NoDeal:
    """No package was found; the same on every desk and whoever refused."""

    sentence: str = NO_DEAL


Outcome = Found | NoDeal
Search = Generator[Sounding, Collection[int], Outcome]


def search(space: Space, schedule: Schedule, seed: bytes, me: int, stance: Stance) -> Search:
    """Search on behalf of side `me`; `seed` is fixed by all sides together after they confirmed the schedule."""
    return _Search(space, schedule, seed, Worths(space, stance, me)).run()


def better(space: Space, schedule: Schedule, seed: bytes, me: int, stance: Stance, settled: int) -> Search:
    """Search for a package strictly better for every side than the settled one, which the people then accept or not."""
    package = yield from improved(Worths(space, stance, me), schedule, seed, settled)
    if package != settled and (yield Sounding(Stage.PROPOSAL, [Question(package, Acceptable())], None)):
        return Found(package)
    return NoDeal(NO_BETTER)


class _Search:
    """The public state of a search, the same on every desk, beside our own worths."""

    def __init__(self, space: Space, schedule: Schedule, seed: bytes, worths: Worths) -> None:
        self.space, self.schedule, self.seed, self.worths = space, schedule, seed, worths
        self.whole = space.count <= schedule.listed
        self.refused: set[int] = set()
        self.common: list[int] = []  # packages that all reach `level`
        self.level = LEVELS

    def run(self) -> Search:
        if not self.space.count:
            return NoDeal()
        if self.whole:
            self.worths.reckon_all()
        yield from self._descend()
        while self.common and len(self.refused) < self.schedule.proposals:
            package = yield from self._best_of_common()
            if (yield Sounding(Stage.PROPOSAL, [Question(package, Acceptable())], None)):
                return Found(package)
            self.refused.add(package)
            self.common.remove(package)
            if not self.common:
                self.level -= LEVELS // self.schedule.steps
                yield from self._descend()
        return NoDeal()

    def _descend(self) -> Generator[Sounding, Collection[int], None]:
        """Lower the aspiration of all sides step by step until packages appear that all reach."""
        step = LEVELS // self.schedule.steps  # spec 6.1
        tried = self._sample("sample", self.schedule.sample)
        while self.level >= 0:
            self.common = yield from self._reaching(Stage.DESCENT, tried, self.level)
            if self.common:
                if not self.whole:
                    yield from self._climb(step)
                return
            self.level -= step
        if not self.whole:
            # spec 6.1: a small common ground can lie between the packages of the first sample
            tried = self._sample("second sample", self.schedule.second_sample)
            self.level = 0
            self.common = yield from self._reaching(Stage.DESCENT, tried, 0)
            if self.common:
                yield from self._climb(step)

    def _sample(self, purpose: str, size: int) -> list[int]:
        return drawn(self.seed, purpose, self.space.count, self.space.count if self.whole else size)

    def _climb(self, step: int) -> Generator[Sounding, Collection[int], None]:
        """Sound what lies beside the packages found, one step higher, as long as that finds any."""
        while True:  # spec 6.2
            beside = self._beside(self.common)
            higher = []
            if self.level + step <= LEVELS:
                higher = yield from self._reaching(Stage.CLIMB, beside, self.level + step)
            if not higher:
                break
            self.common, self.level = higher, self.level + step
        same = yield from self._reaching(Stage.CLIMB, beside, self.level)
        self.common = sorted({*self.common, *same})

    def _beside(self, found: list[int]) -> list[int]:
        """Give what differs from some of the found packages in at most two issues, drawn if it is too much."""
        roots = [
            found[place] for place in drawn(self.seed, f"roots {self.level}", len(found), _TRIED_TOGETHER)
        ]
        beside = sorted({one for root in roots for one in self.space.near(root, 2)} - set(found))
        places = drawn(self.seed, f"beside {self.level}", len(beside), self.schedule.near)
        return [beside[place] for place in places]

    def _best_of_common(self) -> Generator[Sounding, Collection[int], int]:
        among = yield from balanced(self.worths, self.schedule, self.common, self.level)
        package = drawn_one(self.seed, f"choice {len(self.refused)}", among)
        beside = self.common if self.whole else None
        package = yield from polished(self.worths, self.schedule, self.seed, package, beside, self.refused)
        if package not in self.common:
            self.common.append(package)
        return package

    def _reaching(
        self, stage: Stage, packages: Sequence[int], level: int
    ) -> Generator[Sounding, Collection[int], list[int]]:
        bar = Level((level,) * self.schedule.sides)
        questions = [Question(package, bar) for package in packages if package not in self.refused]
        if not questions:
            return []
        yes = yield self.worths.sounding(stage, questions)
        return [questions[place].package for place in sorted(yes)]
