"""How long a side computes tells nothing of its answers, to a test that does see it where one answer costs less."""

import statistics
import time
from collections.abc import Sequence

import pytest

from backchannel.crypto.sounding.group import Point, Random, multiply, on_generator, random_scalars
from backchannel.crypto.sounding.inputs import Prepared
from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.party import Party
from sounders import params, stream

OPTIONS = 8
ROUNDS = 20
SEEN, UNSEEN = 6.0, 4.0  # standard errors


def seconds(marks: list[bool], turn: int) -> float:
    """Give the processor time in which a side answers, once all keys are there."""
    party, other = (Party.open(params(2, OPTIONS), at, random=stream((turn, at)), threads=1) for at in (0, 1))
    for data in outgoing(other.encode()):
        assert parse_message(data).round is Round.KEYS
        party.take(data, 1)
    began = time.process_time_ns()
    party.mark(marks)
    return (time.process_time_ns() - began) / 1e9


def apart() -> float:
    """Give how many standard errors lie between the times of all yes and of all no, turn by turn, outliers left out."""
    yes, no = [True] * OPTIONS, [False] * OPTIONS
    differences = []
    for turn in range(ROUNDS):
        pair = (yes, no) if turn % 2 else (no, yes)
        times = [seconds(marks, turn) for marks in pair]
        differences.append(times[0] - times[1] if turn % 2 else times[1] - times[0])
    kept = sorted(differences)[ROUNDS // 10 : -ROUNDS // 10]
    return float(abs(statistics.mean(kept)) / (statistics.stdev(kept) / len(kept) ** 0.5))


def test_the_time_of_an_answer_does_not_tell_yes_from_no() -> None:
    assert min(apart() for _ in range(2)) < UNSEEN


def test_the_control_a_desk_that_computes_only_what_it_says_is_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It knows its answers when it prepares, and makes no second form for a yes."""
    said: list[Sequence[bool]] = []
    true = Party.mark

    def careless(joint: Point, bases: list[Point], random: Random, _: int) -> list[Prepared]:
        made = []
        for base, mark in zip(bases, said[-1], strict=True):
            a, r, mask_a, mask_v = random_scalars(4, random)
            yes = on_generator(a)
            no = yes if mark else multiply(r, base)
            made.append(Prepared(a, r, (mask_a, mask_v), (yes, no, multiply(a, joint), yes)))
        return made

    def mark(party: Party, marks: Sequence[bool]) -> None:
        said.append(marks)
        true(party, marks)

    monkeypatch.setattr("backchannel.crypto.sounding.speaking.prepare", careless)
    monkeypatch.setattr(Party, "mark", mark)
    assert max(apart() for _ in range(2)) > SEEN
