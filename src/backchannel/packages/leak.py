"""What a search tells about the other sides: answers that did not follow from earlier ones (docs/spec/packages.md 8)."""

from collections import Counter
from collections.abc import Collection, Sequence
from math import log2

from backchannel.packages.preferences import LEVELS
from backchannel.packages.soundings import Level, Sounding


class Learnt:
    """The ledger of one reader of joint results: at most so many bits about what the others hold private.

    Whoever says yes learns from the result whether all others did; whoever says no learns nothing. An answer that follows
    from an earlier one (what reaches 700 reaches 650) is not counted again.
    """

    def __init__(self, me: int) -> None:
        self.me = me
        self._placed: Counter[int] = Counter()  # for each package, at how many levels the others answered
        self._compared = 0
        self._reached: dict[int, int] = {}  # for each package, the highest level that all others reached
        self._missed: dict[int, int] = {}  # and the lowest that one of them did not

    @property
    def bits(self) -> float:
        """Give the bound: a package placed by k levels lies in one of k + 1 intervals; each other answer is one bit."""
        return sum(log2(1 + levels) for levels in self._placed.values()) + self._compared

    def take(self, sounding: Sounding, marks: Sequence[bool], joint: Collection[int]) -> None:
        """Count what our marks and the joint yeses of one sounding told us."""
        yes = set(joint)
        for place, question in enumerate(sounding.questions):
            if not marks[place]:
                continue
            if not isinstance(question.bar, Level):
                self._compared += 1
                continue
            package = question.package
            levels = [level for side, level in enumerate(question.bar.levels) if side != self.me]
            if place in yes and min(levels) > self._reached.get(package, -1):
                self._reached[package] = min(levels)
                self._placed[package] += 1
            elif place not in yes and max(levels) < self._missed.get(package, LEVELS + 1):
                self._missed[package] = max(levels)
                self._placed[package] += 1
