"""All sides learn which options everybody accepts, and a sounding goes the way that its page says."""

import random

import pytest

from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Round
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.sounding import Sounding
from sounders import Table, params, plain, random_marks


def results(table: Table) -> set[object]:
    return {side.sounding.result() for side in table.sides.values()}


@pytest.mark.parametrize(("sides", "options"), [(2, 1), (2, 40), (2, 300), (3, 30), (5, 12), (10, 5)])
def test_every_side_learns_the_plain_and_of_all_answers(sides: int, options: int) -> None:
    marks = random_marks(sides, options, (sides, options))
    table = Table.of(params(sides, options), marks).run()
    (result,) = results(table)
    assert result is not None
    assert result.joint == plain(marks)
    assert not result.partial


@pytest.mark.parametrize("threads", [1, 2])
def test_first(threads):
    marks = random_marks(3, 20, 5)
    t = Table.of(params(3, 20, Kind.FIRST, 4), marks, threads=threads).run()
    (r,) = results(t)
    print(r, plain(marks))
    assert set(r.joint) <= set(plain(marks))
    assert bool(r.joint) == bool(plain(marks))

def test_threshold():
    for y in range(5):
        for z in range(5):
            t = Table.of(params(2, 4, Kind.THRESHOLD, poster=(y+z)%2), [[i < y for i in range(4)], [4-i <= z for i in range(4)]][::1 if (y+z)%2==0 else -1]).run()
            (r,) = results(t)
            assert r.meet == (y+z > 4)
