"""What packages are worth to one side; none of it ever leaves its desk (docs/spec/packages.md 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from backchannel.crypto.secret import Secret
from backchannel.errors import Refused
from backchannel.packages.agenda import Package, Space
from backchannel.packages.drawing import drawn

UNIT = 10**9  # what the best package of full weights is worth; all worths are whole numbers
LEVELS = 1000  # parts of the way from walk-away to best
NEVER = -(10**15)  # the share of an option that makes a package unacceptable whatever else it holds

_CLIMBS = 8  # private starts from which the best of interdependent preferences is sought
_TRIED = 400


class Preferences(Protocol):
    """What packages are worth: whole numbers, more is better, on a scale of this side's own."""

    def worth(self, package: Package) -> int: ...

    def listed(self, space: Space) -> list[int]:
        """Give the worth of every package of a space, by number."""
        ...

    def best(self, space: Space) -> int:
        """Give the most that a package of a space is worth, or the most that was found."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Additive(Secret):
    """A share for each option; a package is worth the sum of its shares."""

    shares: tuple[tuple[int, ...], ...]

    @classmethod
    def of_weights(
        cls, weights: Sequence[Fraction], scores: Sequence[Sequence[Fraction | None]]
    ) -> "Additive":
        """Take full weights: of each issue, and within it of each option; None is an option never to be accepted."""
        if any(weight < 0 for weight in weights) or not any(weights):
            raise Refused("Weights are zero or more, and one of them is more; correct the weights.")
        total = sum(weights)
        return cls(
            tuple(
                tuple(NEVER if score is None else round(UNIT * weight * score / total) for score in row)
                for weight, row in zip(weights, scores, strict=True)
            )
        )

    @classmethod
    def of_orders(
        cls, counts: Sequence[int], orders: Sequence[Sequence[int]], lasts: Sequence[int | None]
    ) -> "Additive":
        """Take, for each issue, how many options it has, those options from best to worst, and the last to be lived with.

        Every issue weighs the same and its options lie at equal distances; with an empty order it is all the same.
        """
        rows = []
        for count, order, last in zip(counts, orders, lasts, strict=True):
            row = [0] * count
            for rank, option in enumerate(order):
                row[option] = UNIT * (count - rank) // (count * len(counts))
                if last is not None and rank > order.index(last):
                    row[option] = NEVER
            rows.append(tuple(row))
        return cls(tuple(rows))

    def worth(self, package: Package) -> int:
        return sum(row[choice] for row, choice in zip(self.shares, package, strict=True))

    def listed(self, space: Space) -> list[int]:
        worths = [0]
        for row, options in zip(self.shares, space.open, strict=True):
            open_shares = [row[option] for option in options]
            worths = [before + share for before in worths for share in open_shares]
        return worths

    def best(self, space: Space) -> int:
        return sum(
            max((row[option] for option in options), default=NEVER)
            for row, options in zip(self.shares, space.open, strict=True)
        )


@dataclass(frozen=True, slots=True, repr=False)
class Wish(Secret):
    """A bonus for every package whose choices all lie within ranges; issues without a range may be anything."""

    bonus: int
    ranges: tuple[tuple[int, int, int], ...]  # issue, first and last position, inclusive

    def holds(self, package: Package) -> bool:
        return all(first <= package[issue] <= last for issue, first, last in self.ranges)


@dataclass(frozen=True, slots=True, repr=False)
class Interdependent(Secret):
    """Wishes over several issues at once; a package is worth the bonuses of those that hold, at most `cap`."""

    wishes: tuple[Wish, ...]
    cap: int

    def worth(self, package: Package) -> int:
        return min(self.cap, sum(wish.bonus for wish in self.wishes if wish.holds(package)))

    def listed(self, space: Space) -> list[int]:
        return [self.worth(space.package(number)) for number in range(space.count)]

    def best(self, space: Space) -> int:
        """Give the best that climbing from a sample finds: the true best is beyond reach, and only scales."""
        sample = drawn(b"", "best", space.count, min(_TRIED, space.count))
        found = sorted(((self.worth(space.package(one)), one) for one in sample), reverse=True)
        return max((self._climbed(space, worth, one) for worth, one in found[:_CLIMBS]), default=NEVER)

    def _climbed(self, space: Space, worth: int, number: int) -> int:
        while True:
            beside = max(
                ((self.worth(space.package(one)), one) for one in space.near(number, 1)), default=(worth, 0)
            )
            if beside[0] <= worth:
                return worth
            worth, number = beside


@dataclass(frozen=True, slots=True, repr=False)
class Stance(Secret):
    """One side's private judgement in one search: its preferences, its walk-away and its best."""

    preferences: Preferences
    walk_away: int
    best: int

    @classmethod
    def in_space(cls, preferences: Preferences, walk_away: int, space: Space) -> "Stance":
        return cls(preferences, walk_away, preferences.best(space))

    def reaches(self, worth: int, level: int) -> bool:
        """Whether a worth lies at least `level` thousandths of the way from walk-away to best."""
        # spec 2
        return worth >= self.walk_away and (worth - self.walk_away) * LEVELS >= level * (
            self.best - self.walk_away
        )

    def thousandths(self, worth: int) -> int:
        """Place a worth on [walk-away, best] in thousandths; below the walk-away negative."""
        if self.best <= self.walk_away:
            return LEVELS if worth >= self.walk_away else -LEVELS
        return (worth - self.walk_away) * LEVELS // (self.best - self.walk_away)
