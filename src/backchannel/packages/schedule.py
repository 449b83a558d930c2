"""The steps of a search, fixed and agreed by all sides before anyone marks anything (docs/spec/packages.md 4)."""

from typing import Self

from backchannel.crypto.hashing import digest
from backchannel.packages.agenda import Agenda
from backchannel.packages.preferences import LEVELS
from backchannel.wire.codec import Record, encode

FEWEST_SIDES = 2
MOST_SIDES = 9
MOST_LISTED = 10_000  # as many as one sounding lists
MOST_PROPOSALS = 50
_MOST_STEPS = 100
_MANY = 5_000
_COARSE = 10


class Schedule(Record, frozen=True):
    """What every desk follows to the letter; the defaults are those that were measured."""

    sides: int
    secret: bool  # whether options may be chosen that must stay off the public text
    steps: int = 20  # of the falling aspiration
    listed: int = 10_000  # up to so many packages every one is sounded; above, a public sample
    sample: int = 2_000
    second_sample: int = 10_000  # sounded once, at the walk-aways, when the first shares nothing
    near: int = 5_000  # how many packages beside one that all accept are sounded at once
    proposals: int = 8  # how many packages people may turn down before the search ends without a deal

    def __post_init__(self) -> None:
        if not FEWEST_SIDES <= self.sides <= MOST_SIDES:
            raise ValueError(f"A search has between {FEWEST_SIDES} and {MOST_SIDES} sides.")
        if not 1 <= self.steps <= _MOST_STEPS or LEVELS % self.steps:
            raise ValueError(f"The steps of a search divide 1,000 and are at most {_MOST_STEPS}.")
        bounds = (self.listed, self.sample, self.second_sample, self.near)
        if min(bounds) < 1 or max(bounds) > MOST_LISTED or not 1 <= self.proposals <= MOST_PROPOSALS:
            raise ValueError(
                f"A search lists from 1 to {MOST_LISTED:,} packages at once and proposes from 1 to {MOST_PROPOSALS}."
            )

    @classmethod
    def fitting(cls, sides: int, packages: int, *, secret: bool) -> Self:
        """Give the steps to propose for so many packages: half as many where each is a sounding of more than 5,000."""
        # spec 4: so a search of all packages that finds nothing asks at most 110,000 questions
        many = _MANY < packages <= cls(sides, secret).listed
        return cls(sides, secret, _COARSE) if many else cls(sides, secret)

    def digest(self, agenda: Agenda) -> bytes:
        """Give what all sides confirm before the first mark: agenda and schedule, and nothing else."""
        # spec 4
        return digest("backchannel/package-search/1", agenda.digest(), encode(self))
