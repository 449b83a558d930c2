"""Consent and interest: who is waited for and by whom, what is said all the same, and what stands beside a go-between's words."""

from pathlib import Path

import pytest

from backchannel.channel.members import Role
from backchannel.desk import acts, consents
from backchannel.desk.consenting import check_consent
from backchannel.desk.pledge import report
from backchannel.errors import Blocked, Refused, Violation
from backchannel.moves import interest
from backchannel.moves.consent import (
    ConsentAsk,
    ConsentGive,
    ConsentRefuse,
    Status,
    early,
    parse,
    standing,
)
from backchannel.moves.interest import Interest
from backchannel.wire.codec import encode
from circle import Circle
from desks import in_talks
from pens import paper

ME = bytes(32)


@pytest.mark.parametrize(
    ("subject", "people"),
    [("", (ME,)), (" ", (ME,)), ("x" * 2_001, (ME,)), ("x", ()), ("x", (ME, ME)), ("x", (bytes(31),))],
)
def test_a_question_of_consent_out_of_its_bounds_is_refused(subject: str, people: tuple[bytes, ...]) -> None:
    parse("consent-ask", encode(ConsentAsk("x", (ME,))))
    with pytest.raises(Violation, match="question of consent"):
        parse("consent-ask", encode(ConsentAsk(subject, people)))


def test_only_those_who_are_asked_consent_and_a_later_no_takes_it_back() -> None:
    room = Circle("Ada A principal", "Ben B principal", "Eve C principal")
    people = tuple(room.pens[name].id for name in ("Ada", "Ben"))
    asked = room.say("Ada", "consent-ask", ConsentAsk("notes", people))

    def stands() -> Status:
        found = {tuple((one.entry.id, one.status) for one in standing(room.log(name))) for name in room.pens}
        ((only,),) = found
        assert only[0] == asked
        return only[1]

    room.say("Eve", "consent-give", ConsentGive(asked))
    room.say("Eve", "consent-refuse", ConsentRefuse(asked))
    room.say("Ada", "consent-give", ConsentGive(asked))
    assert stands() is Status.OPEN
    room.say("Ben", "consent-give", ConsentGive(asked))
    assert stands() is Status.GIVEN
    room.say("Ben", "consent-refuse", ConsentRefuse(asked))
    assert stands() is Status.REFUSED


def test_what_is_said_before_all_have_consented_shows_on_every_desk_and_what_crosses_does_not() -> None:
    room = Circle("Ada A principal", "Ben B principal")
    room.say("Ada", "paper", paper("before"))
    asked = room.say("Ada", "consent-ask", ConsentAsk("notes", (room.pens["Ben"].id,)))
    rash = room.say("Ada", "paper", paper("I could not wait"))
    room.say("Ben", "paper", paper("nobody asked me to wait"))
    room.say("Ben", "consent-give", ConsentGive(asked))
    room.say("Ada", "paper", paper("now it may be said"))
    assert all([one.id for one in early(room.log(name), asked)] == [rash] for name in room.pens)


def test_a_desk_that_waits_puts_nothing_on_record_lets_nobody_in_and_can_end_its_waiting(
    tmp_path: Path,
) -> None:
    stage = in_talks(tmp_path, "anna", "boris", "clara")
    anna, boris, clara = (stage.seats[name] for name in ("anna", "boris", "clara"))
    asked = consents.ask(anna.room, "what is said of roads", ["boris"], anna.now).id
    stage.settle()
    with pytest.raises(Blocked, match="boris"):
        report(anna.room, "A gate was opened.", anna.now, now=anna.now)
    with pytest.raises(Blocked, match="boris"):
        acts.admit(anna.room, asked, anna.now)
    for seat in (boris, clara):
        report(seat.room, "Nobody waits here.", seat.now, now=seat.now)
    with pytest.raises(Refused, match="not asked for"):
        consents.give(clara.room, asked, clara.now)
    consents.refuse(anna.room, asked, anna.now)
    report(anna.room, "A gate was opened.", anna.now, now=anna.now)
    asked = consents.ask(anna.room, "what is said of rivers", ["boris"], anna.now).id
    stage.settle()
    consents.give(boris.room, asked, boris.now)
    stage.settle()
    check_consent(anna.room)
    assert [one.status for one in standing(anna.room.log)] == [Status.REFUSED, Status.GIVEN]
    stage.close()


def test_only_a_go_between_has_an_interest_and_the_last_one_stands() -> None:
    room = Circle("Ada A principal", "Gil G go-between", "Ben B principal")
    room.say("Ada", "interest", Interest("none at all"))
    room.say("Gil", "interest", Interest("a ferry"))
    room.say("Gil", "interest", Interest("two ferries"))
    for name in room.pens:
        ((mid, one),) = interest.standing(room.log(name)).items()
        assert (mid, one.who.role) == (room.pens["Gil"].id, Role.GO_BETWEEN)
        assert one.body == Interest("two ferries")
    with pytest.raises(Violation, match="interest"):
        interest.parse("interest", encode(Interest("")))
