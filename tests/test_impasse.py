"""Impasses: the way on is found by rule, who called one lifts it, and any order of arrival says the same."""

from pathlib import Path

import pytest

from backchannel.channel.log import Log
from backchannel.channel.members import Role
from backchannel.desk import acts, impasses
from backchannel.errors import Refused, Violation
from backchannel.moves.impasse import Impasse, ImpasseLift, Suggestion, Table, parse, standing, suggest
from backchannel.moves.paper import Term
from backchannel.wire.codec import encode
from desks import in_talks
from round_table import in_any_order, seated, tell

FULL = Table(
    {"Turkey": 3, "Cuba": 2, "Berlin": 2}, go_between=False, largest_side=2, caucus=False, sunset=False
)
EMPTY = Table({"Turkey": 2}, go_between=True, largest_side=1, caucus=False, sunset=True)


@pytest.mark.parametrize(
    "body",
    [
        Impasse(" ", "caucus", ""),
        Impasse("x" * 2_001, "caucus", ""),
        Impasse("x", "war", ""),
        Impasse("x", "caucus", "Turkey"),
        Impasse("x", "narrower-question", ""),
        Impasse("x", "narrower-question", "x" * 201),
    ],
)
def test_an_impasse_out_of_its_bounds_is_refused(body: Impasse) -> None:
    parse("impasse", encode(Impasse("Stuck", "narrower-question", "Turkey")))
    with pytest.raises(Violation, match="An impasse says"):
        parse("impasse", encode(body))
    with pytest.raises(Violation, match="lifts no impasse"):
        parse("impasse-lift", encode(ImpasseLift(b"")))


def test_the_way_on_is_the_first_that_fits_and_is_new() -> None:
    made: list[Suggestion] = []
    for wanted in (*Suggestion, Suggestion.NARROWER):
        found, about = suggest(FULL, made)
        assert found is wanted
        assert about == ("Berlin" if wanted is Suggestion.NARROWER else ""), (
            "the fewest options, then by name"
        )
        made.append(found)
    assert suggest(EMPTY, []) == suggest(EMPTY, made) == (Suggestion.CAUCUS, "")


def facts(log: Log) -> list[tuple[str, bool]]:
    return [(one.body.text, one.lifted is not None) for one in standing(log)]


def test_only_the_side_that_called_an_impasse_lifts_it_in_any_order_of_arrival() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Abe", "A", "adviser"))
    ada, ben, abe = pens.values()
    called = tell(world, ada, "impasse", Impasse("Stuck", "caucus", ""), 1)
    tell(world, ben, "impasse-lift", ImpasseLift(called.id), 2)
    assert in_any_order(world, ben, facts) == [("Stuck", False)]
    tell(world, abe, "impasse-lift", ImpasseLift(called.id), 3)
    assert in_any_order(world, ben, facts) == [("Stuck", True)]
    unseen = ada.write("impasse", Impasse("Again", "caucus", ""), 4)
    tell(world, abe, "impasse-lift", ImpasseLift(unseen.id), 4, alone=True)
    world.say(ada, unseen)
    world.settle()
    assert in_any_order(world, ben, facts) == [("Stuck", True), ("Again", False)]


def test_what_a_go_between_carries_makes_no_issue_disputed(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna")
    stage.sit("gus")
    stage.bring("anna", "gus", "G", Role.GO_BETWEEN)
    for seat, option in zip(stage.seats.values(), ("stay", "go"), strict=True):
        acts.show(seat.room, "words", terms=[Term("Turkey", option)], now=stage.now)
        stage.settle()
    assert impasses.disputed(stage.seats["anna"].room, stage.now) == {}
    assert impasses.table(stage.seats["anna"].room, stage.now) == Table({}, True, 1, False, False)
    stage.close()


def test_a_desk_suggests_what_its_room_calls_for_and_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats.values()
    acts.show(
        anna.room,
        "ours",
        terms=[Term("Turkey", "stay"), Term("Cuba", "go"), Term("Talk", "no")],
        now=stage.now,
    )
    stage.settle()
    acts.show(
        boris.room,
        "theirs",
        terms=[Term("Turkey", "go"), Term("Cuba", "stay"), Term("Talk", "no")],
        now=stage.now,
    )
    stage.settle()
    assert impasses.disputed(anna.room, stage.now) == {"Turkey": 2, "Cuba": 2}
    called = impasses.call(anna.room, "We turn in a circle", stage.now)
    (one,) = standing(anna.room.log)
    assert (one.body.suggestion, one.body.about) == ("narrower-question", "Cuba")
    stage.settle()
    with pytest.raises(Refused, match="called by A"):
        impasses.lift(boris.room, called.id, stage.now)
    with pytest.raises(Refused, match="no such impasse"):
        impasses.lift(anna.room, anna.room.log.root, stage.now)
    impasses.lift(anna.room, called.id, stage.now)
    with pytest.raises(Refused, match="lifted already"):
        impasses.lift(anna.room, called.id, stage.now)
    impasses.call(boris.room, "Again", stage.now)
    ways = {one.body.text: one.body.suggestion for one in standing(boris.room.log)}
    assert ways == {"We turn in a circle": "narrower-question", "Again": "go-between"}
    stage.close()
