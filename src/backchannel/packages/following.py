"""A desk's own copy of a search, and which soundings it has been sent the results of."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from backchannel.packages.search import Outcome, Search
from backchannel.packages.soundings import Sounding


@dataclass(slots=True, repr=False)
class Following:
    """A copy of a search: what it asks now, or what came of it; `heard` names the soundings it knows, in their order."""

    copy: Search
    asks: Sounding | None
    outcome: Outcome | None
    heard: tuple[bytes, ...]

    @classmethod
    def of(cls, copy: Search) -> Self:
        """Begin to follow a copy; where no package can be made it is over at once."""
        try:
            return cls(copy, next(copy), None, ())
        except StopIteration as end:
            return cls(copy, None, end.value, ())

    def hear(self, sounding: bytes, joint: Collection[int]) -> None:
        """Send the copy the joint yeses of what it asked."""
        self.heard = (*self.heard, sounding)
        try:
            self.asks = self.copy.send(joint)
        except StopIteration as end:
            self.asks, self.outcome = None, end.value
