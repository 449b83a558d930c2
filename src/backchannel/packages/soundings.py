"""One question of a search to all sides: which of these packages do you all accept? (docs/spec/packages.md 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backchannel.crypto.secret import Secret
from backchannel.packages.agenda import Space
from backchannel.packages.preferences import Stance


class Stage(StrEnum):
    """Where a search is; shown as progress."""

    DESCENT = "descent"  # falling aspiration, until packages appear that all sides reach
    CLIMB = "climb"  # beside those of a sample
    BALANCE = "balance"  # which of those found is worth most to all
    POLISH = "polish"  # whether another is better for somebody and worse for nobody
    PROPOSAL = "proposal"  # the people themselves are asked
    IMPROVEMENT = "improvement"  # of a settled package, strictly better for all


@dataclass(frozen=True, slots=True)
class Level:
    """Whether it reaches so many thousandths of the way from walk-away to best; a level for each side."""

    levels: tuple[int, ...]

    def __str__(self) -> str:
        return f"level {' '.join(map(str, self.levels))}"


@dataclass(frozen=True, slots=True)
class NotWorse:
    """Whether it is no worse for that side than another package."""

    than: int

    def __str__(self) -> str:
        return f"notworse {self.than}"


@dataclass(frozen=True, slots=True)
class Better:
    """Whether it is better than another package for one side, when the others say yes; or for all."""

    than: int
    side: int | None

    def __str__(self) -> str:
        return f"better {self.than} {'all' if self.side is None else self.side}"


@dataclass(frozen=True, slots=True)
class Acceptable:
    """Whether the people can live with it."""

    def __str__(self) -> str:
        return "acceptable"


@dataclass(frozen=True, slots=True)
class Question:
    """One option of a sounding, as all sides list it; `str` gives its text there."""

    package: int
    bar: Level | NotWorse | Better | Acceptable

    def __str__(self) -> str:
        return f"{self.package} {self.bar}"  # spec 5


@dataclass(frozen=True, slots=True, repr=False)
class Sounding(Secret):
    """The questions of one sounding, the same on all desks, and our own answers, which are on ours alone.

    `marks` is None where the people themselves are asked.
    """

    stage: Stage
    questions: Sequence[Question]
    marks: Sequence[bool] | None

    def options(self) -> tuple[str, ...]:
        """Give the option list of the sounding, the same on all desks."""
        return tuple(map(str, self.questions))


class Worths(Secret):
    """What our side makes of packages by number, each reckoned once; it stays on our desk."""

    __slots__ = ("_known", "me", "space", "stance")

    def __init__(self, space: Space, stance: Stance, me: int) -> None:
        self.space, self.stance, self.me = space, stance, me
        self._known: dict[int, int] = {}

    def reckon_all(self) -> None:
        """Reckon every package at once, for a space that is sounded as a whole."""
        self._known = dict(enumerate(self.stance.preferences.listed(self.space)))

    def __getitem__(self, number: int) -> int:
        worth = self._known.get(number)
        if worth is None:
            worth = self._known[number] = self.stance.preferences.worth(self.space.package(number))
        return worth

    def sounding(self, stage: Stage, questions: Sequence[Question]) -> Sounding:
        """Answer questions for our side."""
        return Sounding(stage, questions, [self._mark(question) for question in questions])

    def _mark(self, question: Question) -> bool:
        worth = self[question.package]
        if worth < self.stance.walk_away:
            return False  # spec 5: whatever is asked, a package below the walk-away is not accepted
        bar = question.bar
        if isinstance(bar, Level):
            return self.stance.reaches(worth, bar.levels[self.me])
        if isinstance(bar, NotWorse):
            return worth >= self[bar.than]
        if isinstance(bar, Better):
            return bar.side not in {None, self.me} or worth > self[bar.than]
        return True
