"""Two sides learn one bit about their prices: whether they meet, or whether both accept one that neither chose."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Round
from backchannel.desk import preparing
from backchannel.desk.prices import listed, marked, why
from backchannel.desk.sounding_ledger import OPEN, ledger
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import Done
from backchannel.errors import Refused
from desks import DAY_MS, Seat, Stage, in_talks
from typing_in import typed


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = in_talks(tmp_path_factory.mktemp("talks"), "anna", "boris")
    stage.close()
    return stage


@pytest.fixture
def stage(talks: Stage, tmp_path: Path) -> Iterator[Stage]:
    twin = talks.copy(tmp_path / "twin", talks.relay.rng)
    yield twin
    twin.close()


def buyer(price: int) -> tuple[str, str]:
    return "--as=buyer", f"--mine={price}"


def seller(price: int) -> tuple[str, str]:
    return "--as=seller", f"--mine={price}"


LIST = ("--from=80", "--to=120", "--step=5", "--unit=EUR")


def done(seat: Seat) -> Done:
    ended = standing(seat.room, seat.now)[-1].done
    assert ended is not None
    return ended


def go_on(stage: Stage) -> None:
    for _ in range(12):
        for seat in stage.seats.values():
            seat.turn()
            seat.desk.reckoner.wait(5)


@pytest.mark.parametrize(
    ("anna", "boris", "meet"),
    [
        (buyer(100), seller(95), True),
        (buyer(100), seller(100), True),
        (buyer(95), seller(100), False),
        (seller(95), buyer(100), True),
        (seller(100), buyer(79), False),
    ],
)
def test_both_learn_whether_their_prices_meet_and_not_by_how_much(
    stage: Stage, anna: tuple[str, str], boris: tuple[str, str], meet: bool
) -> None:
    one, other = stage.seats.values()
    typed(one, "sound", "price", *LIST, *anna, "--yes")
    stage.settle()
    with pytest.raises(Refused, match="from your own end"):
        typed(other, "sound", "answer", *anna)
    typed(other, "sound", "answer", *boris)
    go_on(stage)
    for seat in (one, other):
        assert (done(seat).how, done(seat).meet, done(seat).joint) == (How.RESULT, meet, ())
        (line,) = [line for line in typed(seat, "sound", "ledger").lines if "1 bit" in line]
        assert "whether your limit and theirs meet" in line


def test_one_price_is_drawn_that_neither_chose_and_both_learn_whether_both_accept_it(stage: Stage) -> None:
    one, other = stage.seats.values()
    typed(one, "sound", "posted", *LIST, *buyer(100), "--yes")
    stage.settle()
    assert any("one of these is drawn" in line for line in typed(other, "sound", "show").lines)
    typed(other, "sound", "answer", *seller(95))
    go_on(stage)
    assert done(one) == done(other)
    drawn = done(one).drawn
    assert drawn is not None
    assert done(one).joint == ((drawn,) if drawn in {3, 4} else ()), "95 and 100 are what both accept"
    shown = typed(one, "sound", "show").lines
    assert any(f"Drawn by all desks together: {80 + 5 * drawn} EUR." in line for line in shown)
    assert any("1 bit" in line for line in typed(other, "sound", "ledger").lines)


def test_a_limit_is_not_sounded_twice_without_a_new_mandate_whatever_the_prices(stage: Stage) -> None:
    """Else a row of lists, each a little higher, would find the limit out."""
    one, other = stage.seats.values()
    typed(one, "sound", "price", *LIST, *buyer(100), "--yes")
    stage.settle()
    typed(other, "sound", "answer", *seller(110))
    go_on(stage)
    shifted = ("--from=81", "--to=121", "--step=5")
    for act in ("price", "posted"):
        with pytest.raises(Refused, match="nearer to it"):
            typed(one, "sound", act, *shifted, *buyer(101), "--about=another", "--yes")
    typed(one, "sound", "price", *shifted, *buyer(101), "--new-mandate", "--yes")
    stage.settle()
    with pytest.raises(Refused, match="nearer to it"):
        typed(other, "sound", "answer", *seller(110))


def test_whoever_stops_once_the_price_is_drawn_is_named_and_has_asked_all_the_same(stage: Stage) -> None:
    """Anna has helped to draw, so Boris alone can know the price; his desk is off from then on. Another draw is another mandate."""
    one, other = stage.seats.values()
    typed(one, "sound", "posted", "--from=1", "--to=3", *buyer(2), "--yes")
    stage.settle()
    typed(other, "sound", "answer", *seller(2))
    other.turn()
    one.turn()
    stage.now += 10 * DAY_MS
    for _ in range(4):
        one.turn()
        stage.now += 50_000
    ended = done(one)
    assert (ended.how, ended.sides) == (How.ABSENT, (other.room.me,))
    assert ended.round == Round.ORDER
    assert [line.joint for line in ledger(one.room)] == [OPEN]
    with pytest.raises(Refused, match="before"):
        typed(one, "sound", "posted", "--from=1", "--to=3", *buyer(2), "--yes")


def test_why_not_a_plain_list_is_said_before_anything_is_sent(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = stage.seats.values()
    for act, kind in (("price", "threshold"), ("posted", "drawn")):
        (said,) = typed(one, "sound", act, *LIST, *buyer(100), command=f"sound {act}-why").lines
        assert said == why(kind)
        assert "would show both limits" in said
        assert f"sound {act}" in preparing.PREPARE
    assert standing(one.room, one.now) == []


@pytest.mark.parametrize(
    ("first", "last", "step"),
    [("1", "1", "1"), ("2", "1", "1"), ("1", "2", "0"), ("1", "2", "-1"), ("1", "9999", "1"), ("a", "2", "1"), ("1", "NaN", "1"),
     ("1", "1e9", "1"), ("1" * 31, "2", "1"), ("1", "2", "5")],
)  # fmt: skip
def test_a_list_that_makes_no_prices_is_refused(first: str, last: str, step: str) -> None:
    with pytest.raises(Refused):
        listed(first, last, step, "EUR")


def test_prices_are_exact_and_marked_on_the_right_side() -> None:
    prices = listed("0.1", "0.5", "0.1", "")
    assert prices == ["0.1", "0.2", "0.3", "0.4", "0.5"]
    assert marked(prices, "0.3", "buyer") == [True, True, True, False, False]
    assert marked(prices, "0.3", "seller") == [False, False, True, True, True]
    with pytest.raises(Refused, match="not prices"):
        marked(["a pause"], "1", "buyer")
