"""Ad referendum: what is nobody's word until it is ratified, what lapses when it is not, and that nobody escapes by it."""

import pytest
from msgspec.structs import replace

from backchannel.errors import Violation
from backchannel.moves.accept import Accept
from backchannel.moves.offer import acceptances, offer
from backchannel.moves.paper import standing as items
from backchannel.moves.pledge import Pledge, PledgeAcknowledge
from backchannel.moves.pledge import Status as PledgeStatus
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.ratification import RatifyAsk, RatifyResult, Status, parse, standing
from backchannel.wire.codec import encode
from circle import Circle
from pens import paper

NO, YES = False, True
GATE = replace(paper("We open the gate."), mandate="authorised")


def table() -> Circle:
    return Circle("Ada A authorised-envoy", "Ben B authorised-envoy", "Oda O observer")


def status(room: Circle, now: int = 10**9) -> list[Status]:
    (found,) = {tuple(one.status(now) for one in standing(room.log(name))) for name in room.pens}
    return list(found)


@pytest.mark.parametrize(
    "body", [RatifyAsk(b"x", "text", None), RatifyAsk(b"", " ", None), RatifyAsk(b"", "x" * 2_001, None)]
)
def test_what_is_ad_referendum_out_of_its_bounds_is_refused(body: RatifyAsk) -> None:
    parse("ratify-ask", encode(RatifyAsk(b"", "text", None)))
    with pytest.raises(Violation, match="ad referendum"):
        parse("ratify-ask", encode(body))


def test_only_who_speaks_for_the_side_decides_and_the_first_word_stands() -> None:
    room = table()
    asked = room.say("Ada", "ratify-ask", RatifyAsk(b"", "the text of May", None))
    room.say("Oda", "ratify-ask", RatifyAsk(b"", "an observer binds nobody", None))
    for other in ("Ben", "Oda"):
        room.say(other, "ratify-result", RatifyResult(asked, YES, ""))
    assert status(room) == [Status.OPEN]
    room.say("Ada", "ratify-result", RatifyResult(asked, NO, "by seven votes"))
    room.say("Ada", "ratify-result", RatifyResult(asked, YES, "after all"))
    assert status(room) == [Status.FAILED]


def test_what_is_not_ratified_in_time_is_not_and_a_late_yes_changes_nothing() -> None:
    room = table()
    asked = room.say("Ada", "ratify-ask", RatifyAsk(b"", "the text of May", 50_000), at=1_000)
    room.say("Ada", "ratify-result", RatifyResult(asked, YES, ""), at=50_000)
    assert status(room, 49_999) == [Status.OPEN]
    assert status(room, 50_000) == [Status.OVER]


def counts(room: Circle) -> bool:
    (item,) = items(room.log("Ben"), 10**9)
    return offer(room.log("Ben"), item).counts


def test_an_offer_that_is_ad_referendum_is_nobodys_word_until_it_is_ratified() -> None:
    room = table()
    item = room.say("Ada", "paper", GATE)
    assert counts(room)
    asked = room.say("Ada", "ratify-ask", RatifyAsk(item, "the gate", None))
    assert not counts(room)
    room.say("Ben", "accept", Accept(item))
    room.say("Ada", "ratify-result", RatifyResult(asked, YES, ""))
    assert counts(room)
    assert [one.flaw is None for one in acceptances(room.log("Ada"), item)] == [False]
    room.say("Ben", "accept", Accept(item))
    assert [one.flaw is None for one in acceptances(room.log("Ada"), item)] == [True]


def test_nobody_makes_ad_referendum_afterwards_what_was_accepted_or_anothers_offer() -> None:
    room = table()
    item = room.say("Ada", "paper", GATE)
    room.say("Ben", "ratify-ask", RatifyAsk(item, "not our gate", None))
    assert counts(room)
    room = table()
    item = room.say("Ada", "paper", GATE)
    room.say("Ben", "accept", Accept(item))
    asked = room.say("Ada", "ratify-ask", RatifyAsk(item, "the gate", None))
    room.say("Ada", "ratify-result", RatifyResult(asked, NO, ""))
    assert [one.flaw is None for one in acceptances(room.log("Ben"), item)] == [True]


@pytest.mark.parametrize("knew", [True, False])
def test_a_pledge_lapses_with_what_it_answers_only_if_its_author_knew_that_it_was_ad_referendum(
    knew: bool,
) -> None:
    room = table()
    item = room.say("Ada", "paper", GATE)
    ask = RatifyAsk(item, "the gate", None)
    asked = room.say("Ada", "ratify-ask", ask) if knew else None
    pledge = room.say(
        "Ada", "pledge", Pledge(("B",), "a lamp at the gate", None, "", "never", (item,), (), ())
    )
    room.say("Ben", "pledge-acknowledge", PledgeAcknowledge(pledge))
    asked = asked or room.say("Ada", "ratify-ask", ask)
    room.say("Ada", "ratify-result", RatifyResult(asked, NO, ""))
    stands = {pledges(room.log(name), 10**9)[pledge].status for name in room.pens}
    assert stands == {PledgeStatus.LAPSED if knew else PledgeStatus.BINDING}
