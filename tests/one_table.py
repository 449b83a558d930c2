"""Searches run side by side with a plain AND where desks would sound; what a test or a bench needs to watch them."""

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from backchannel.packages.soundings import Question, Sounding

T = TypeVar("T")
Judge = Callable[[int], bool]


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


def at_one_table(
    copies: Sequence[Generator[Sounding, Collection[int], T]], judges: Sequence[Judge] | None = None
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
        yes = [place for place, all_marks in enumerate(zip(*marks, strict=True)) if all(all_marks)]
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
