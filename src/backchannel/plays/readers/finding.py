"""What every reader of a desk's answers gives: whether something is so, what it rests on, and why not if it is not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Looks, once

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something is so, what shows it, and why it is not held if it is not."""

    held: bool
    evidence: tuple[Evidence, ...]
    why: str = ""

    def value(self) -> dict[str, object]:
        value: dict[str, object] = {"held": self.held, "evidence": [each.value() for each in self.evidence]}
        return value if self.held else {**value, "why": self.why}


Reader = Callable[[Looks, Expectation], Finding]


class NotSo(Exception):
    """What keeps an expectation from being held, as a sentence."""


def so(evidence: Iterable[Evidence]) -> Finding:
    return Finding(True, once(evidence))


def rows_of(looks: Looks, wanted: Expectation) -> list[Row]:
    if not wanted.on:
        raise NotSo(f"“{wanted.expect}” names no rows.")
    return [looks.case.row(n) for n in wanted.on]


def named(wanted: Expectation) -> tuple[PersonId, ...]:
    if not wanted.people:
        raise NotSo(f"“{wanted.expect}” names nobody whose desk could be asked.")
    return wanted.people
