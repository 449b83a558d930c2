"""At real desks: what a modified desk says beyond its right counts for nothing anywhere, and a refused act changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.members import Role
from backchannel.desk import acts, mandates, preconditions
from backchannel.desk.acting import act
from backchannel.desk.commands.items import Look, item_lines, item_value
from backchannel.errors import Expired, OutOfMandate, Refused
from backchannel.moves.accept import Accept
from backchannel.moves.mandate import Level, Limit, MandateGiven
from backchannel.moves.paper import Item, Mandate, Register, Term, standing
from desks import DAY_MS, Seat, Stage, in_talks

AUTHORISED = Mandate.AUTHORISED
TURKEY = (Term("turkey", "quiet"),)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Anna is A's principal and Boris B's; Alf is A's envoy, Gil goes between."""
    stage = in_talks(tmp_path, "anna", "boris")
    for name, side, role in (("alf", "A", Role.AUTHORISED_ENVOY), ("gil", "G", Role.GO_BETWEEN)):
        stage.sit(name)
        stage.bring("anna", name, side, role)
    stage.settle()
    yield stage
    stage.close()


def gave(seat: Seat, holder: Seat, *limits: Limit, until: int | None = None) -> None:
    member = seat.room.find_member(holder.name)
    words = mandates.mandate(seat.room, member, "the talks", Level.AUTHORISED, limits, (None, until))
    mandates.give(seat.room, member, words, seat.now)
    seat.stage.settle()


def item(seat: Seat, eid: EventId) -> Item:
    return next(one for one in standing(seat.room.log, seat.now) if one.entry.id == eid)


def shown(seat: Seat, eid: EventId) -> tuple[dict[str, object], str]:
    """What a script and what a person see of an item."""
    found = item(seat, eid)
    items = {one.entry.id: one for one in standing(seat.room.log, seat.now)}
    lines = item_lines(seat.room, found, items, seat.now, Look(plain=True, colour=False))
    return dict(item_value(seat.room, found, items, seat.now)), "\n".join(lines)


def test_what_a_modified_desk_says_beyond_its_right_counts_for_nothing_on_every_desk(stage: Stage) -> None:
    anna, boris, alf, gil = (stage.seats[name] for name in ("anna", "boris", "alf", "gil"))
    gave(anna, alf, Limit("missiles", ()))
    beyond = alf.show("and Turkey", mandate=AUTHORISED, terms=TURKEY, beyond_mandate=True).id
    thought = anna.show("a thought", register=Register.NON_PAPER).id
    good = anna.show("if you, we", mandate=AUTHORISED).id
    stage.settle()
    for target in (beyond, thought):
        act(boris.room, "accept", Accept(target), stage.now)
    act(gil.room, "accept", Accept(good), stage.now)
    forged = MandateGiven(alf.room.me, "A's talks", Level.AUTHORISED, (), None, None)  # by the other side
    act(boris.room, "mandate", forged, stage.now)
    stage.settle()
    later = alf.show("once more", mandate=AUTHORISED, terms=TURKEY, beyond_mandate=True).id
    stage.settle()
    for seat in stage.seats.values():
        for eid, counts in ((beyond, False), (thought, False), (later, False), (good, True)):
            value, lines = shown(seat, eid)
            assert value["offer"]["counts"] is counts  # type: ignore[index]
            assert value["accepted_by"] == []
            assert ("not an offer: " in lines) is not counts
        assert len(shown(seat, good)[0]["accepted_void"]) == 1  # type: ignore[arg-type]
        assert "! not accepted for G, though gil (G)" in shown(seat, good)[1]
        assert shown(seat, good)[0]["open"] is True


def test_a_refused_act_says_the_way_out_and_changes_nothing(stage: Stage) -> None:
    anna, boris, alf, gil = (stage.seats[name] for name in ("anna", "boris", "alf", "gil"))
    gave(anna, alf, Limit("missiles", ()), until=stage.now + DAY_MS)
    wide = boris.show("all of it", mandate=AUTHORISED, terms=TURKEY, expires=stage.now + 3 * DAY_MS).id
    own = anna.show("ours", mandate=AUTHORISED).id
    stage.settle()
    heads = {name: set(seat.room.log.heads) for name, seat in stage.seats.items()}
    unlimited = mandates.mandate(alf.room, None, " ", Level.AUTHORISED, (), (None, None))
    with pytest.raises(OutOfMandate, match="“turkey: quiet” lies outside your mandate"):
        alf.show("too far", terms=TURKEY)
    with pytest.raises(OutOfMandate, match="--beyond-mandate"):
        mandates.accept(alf.room, item(alf, wide), stage.now)
    with pytest.raises(OutOfMandate, match="speaks for no side"):
        mandates.accept(gil.room, item(gil, wide), stage.now, beyond=True)
    with pytest.raises(Refused, match="your own side"):
        mandates.accept(alf.room, item(alf, own), stage.now)
    with pytest.raises(Refused, match="what the mandate is for"):
        mandates.claim(alf.room, unlimited, stage.now)
    with pytest.raises(OutOfMandate, match="only a principal or authorised envoy"):
        preconditions.state(gil.room, "No talks", "speech", stage.now)
    stage.now += 2 * DAY_MS
    with pytest.raises(OutOfMandate, match="your mandate had run out"):
        alf.show("late", mandate=AUTHORISED)
    with pytest.raises(OutOfMandate, match="your mandate had run out"):
        alf.show("late", terms=(Term("missiles", "out"),))
    stage.now += 2 * DAY_MS
    with pytest.raises(Expired, match="has expired"):
        mandates.accept(anna.room, item(anna, wide), stage.now)
    assert heads == {name: set(seat.room.log.heads) for name, seat in stage.seats.items()}
    alf.show("only talk needs no mandate")


def test_an_acceptance_that_crosses_with_the_withdrawal_is_shown_beside_it_at_both_desks(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna, boris = stage.seats.values()
    offered = anna.show("if you, we", mandate=AUTHORISED).id
    stage.settle()
    acts.withdraw(anna.room, offered, stage.now)
    mandates.accept(boris.room, item(boris, offered), stage.now)
    stage.settle()
    for seat in (anna, boris):
        value, lines = shown(seat, offered)
        assert (value["status"], value["text"]) == ("withdrawn", None)
        assert [(one["by"], one["crossed"]) for one in value["accepted_by"]] == [("boris", True)]  # type: ignore[attr-defined]
        assert "accepted for B by boris (B)" in lines
        assert "this crossed with its being taken back, and both stand" in lines
    stage.close()
