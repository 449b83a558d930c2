"""A desk's own copy of a search, which soundings it has been sent the results of, and what these tell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from backchannel.packages.leak import Learnt
from backchannel.packages.search import Outcome, Search
from backchannel.packages.soundings import Sounding, Stage


@dataclass(slots=True, repr=False)
class Following:
    """A copy of a search: what it asks now, or what came of it; `heard` names the soundings it knows, in their order.

    `proposed` are the packages that people were asked about, in their order.
    `learnt` counts what the results told us; `told` what they told somebody who said yes to everything.
    """

    copy: Search
    asks: Sounding | None
    outcome: Outcome | None
    heard: tuple[bytes, ...]
    learnt: Learnt
    told: Learnt
    proposed: tuple[int, ...] = ()

    @classmethod
    def of(cls, copy: Search, me: int) -> Self:
        """Begin to follow the copy of side `me`; where no package can be made it is over at once."""
        another = 0 if me else 1
        try:
            return cls(copy, next(copy), None, (), Learnt(me), Learnt(another))
        except StopIteration as end:
            return cls(copy, None, end.value, (), Learnt(me), Learnt(another))

    def hear(self, sounding: bytes, joint: Collection[int], said: Sequence[bool]) -> None:
        """Send the copy the joint yeses of what it asked; `said` is what we, or our people, had answered."""
        assert self.asks is not None
        self.learnt.take(self.asks, said, joint)
        self.told.take(self.asks, [True] * len(said), [place for place, yes in enumerate(said) if yes])
        self.heard = (*self.heard, sounding)
        if self.asks.stage is Stage.PROPOSAL:
            self.proposed = (*self.proposed, self.asks.questions[0].package)
        try:
            self.asks = self.copy.send(joint)
        except StopIteration as end:
            self.asks, self.outcome = None, end.value
