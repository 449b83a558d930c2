"""Searches run side by side with a plain AND where desks would sound; what a test or a bench needs to watch them."""

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from backchannel.packages.soundings import Question, Sounding
from sounders import Table, params

T = TypeVar("T")
Judge = Callable[[int], bool]
Join = Callable[[Sounding, Sequence[Sequence[bool]]], Sequence[int]]  # all sides' marks to the joint yeses


@dataclass
class Met(Generic[T]):
    """What came of a search and every sounding on the way: its questions, each side's marks, the joint yeses."""

    outcome: T
    soundings: list[tuple[Sequence[Sounding], Sequence[int]]] = field(default_factory=list)

    @property
    def option_tests(self) -> int:
        return sum(len(asked[0].questions) for asked, _ in self.soundings)


def _agree(_: int) -> bool:
    return True


def plain_and(_: Sounding, marks: Sequence[Sequence[bool]]) -> list[int]:
    return [place for place, each in enumerate(zip(*marks, strict=True)) if all(each)]


def sounded(sounding: Sounding, marks: Sequence[Sequence[bool]]) -> tuple[int, ...]:
    """Hold a real sounding of kind `all` among desks in one room."""
    what = msgspec.structs.replace(params(len(marks), 1), options=sounding.options())
    table = Table.of(what, marks, seed=what.sid).run()
    results = {side.party.result() for side in table.sides.values()}
    assert len(results) == 1
    result = results.pop()
    assert result is not None
    return result.joint


def at_one_table(
    copies: Sequence[Generator[Sounding, Collection[int], T]],
    judges: Sequence[Judge] | None = None,
    join: Join = plain_and,
) -> Met[T]:
    """Run all sides' copies in step; AssertionError if they ever ask different things or end differently."""
    judges = judges or [_agree] * len(copies)
    met: list[tuple[Sequence[Sounding], Sequence[int]]] = []
    ended: list[T] = []
    asked: list[Sounding] = []
    for copy in copies:
        try:
            asked.append(next(copy))
        except StopIteration as end:
            ended.append(end.value)
    while asked:
        assert len(asked) == len(copies)
        assert all(list(one.questions) == list(asked[0].questions) for one in asked[1:])
        marks = [
            one.marks if one.marks is not None else _judged(judge, one.questions)
            for one, judge in zip(asked, judges, strict=True)
        ]
        yes = join(asked[0], marks)
        met.append((asked, yes))
        asked = []
        for copy in copies:
            try:
                asked.append(copy.send(yes))
            except StopIteration as end:
                ended.append(end.value)
    assert len(ended) == len(copies)
    assert all(one == ended[0] for one in ended)
    return Met(ended[0], met)


def _judged(judge: Judge, questions: Sequence[Question]) -> list[bool]:
    return [judge(question.package) for question in questions]
