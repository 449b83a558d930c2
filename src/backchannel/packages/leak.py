"""What a search tells about the other sides: answers that did not follow from earlier ones (docs/spec/packages.md 8)."""

from collections.abc import Collection, Sequence

from backchannel.packages.preferences import LEVELS
from backchannel.packages.soundings import Level, Sounding


class Learnt:
    """The ledger of one reader of joint results: at most so many bits about what the others hold private.

    Whoever says yes learns from the result whether all others did; whoever says no learns nothing. An answer that follows from
    an earlier one (what reaches 700 reaches 650) is not counted again.
    """

    def __init__(self, me: int) -> None:
        self.me = me
        self.bits = 0
        self._reached: dict[int, int] = {}  # for each package, the highest level that all others reached
        self._missed: dict[int, int] = {}  # and the lowest that one of them did not

    def take(self, sounding: Sounding, marks: Sequence[bool], joint: Collection[int]) -> None:
        """Count what our marks and the joint yeses of one sounding told us."""
        for place, question in enumerate(sounding.questions):
            if not marks[place]:
                continue
            if not isinstance(question.bar, Level):
                self.bits += 1
                continue
            levels = [level for side, level in enumerate(question.bar.levels) if side != self.me]
            if place in joint:
                if min(levels) > self._reached.get(question.package, -1):
                    self._reached[question.package] = min(levels)
                    self.bits += 1
            elif max(levels) < self._missed.get(question.package, LEVELS + 1):
                self._missed[question.package] = max(levels)
                self.bits += 1
