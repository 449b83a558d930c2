"""Real desks promise, perform and publish: what would count for nothing is refused, and status says who owes what."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.members import Role
from backchannel.desk import acts as papers
from backchannel.desk import pledge as desk
from backchannel.desk import publication
from backchannel.desk import understanding as talk
from backchannel.desk.commands.promises import alarm_lines, status_lines, status_value
from backchannel.desk.commands.understanding import understanding_lines
from backchannel.desk.room import Room
from backchannel.errors import BackchannelError, Blocked, Expired, Refused
from backchannel.moves import understanding
from backchannel.moves.deed import How
from backchannel.moves.pledge import standing
from backchannel.moves.promise import Lapse
from desks import DAY_MS, Stage, in_talks


class Talks:
    """Anna for A, Boris for B, Clara who advises B, in one room."""

    def __init__(self, folder: Path) -> None:
        self.stage: Stage = in_talks(folder, "anna", "boris")
        self.stage.sit("clara")
        self.stage.bring("anna", "clara", "B", Role.ADVISER)
        self.anna, self.boris, self.clara = (seat.room for seat in self.stage.seats.values())

    @property
    def now(self) -> int:
        return self.stage.now

    def settle(self, days: float = 0) -> None:
        self.stage.now += int(days * DAY_MS)
        self.stage.settle()

    def pledged(self, **more: Any) -> EventId:
        made = desk.make(self.anna, "The bases go.", now=self.now, **more).id
        self.settle()
        desk.acknowledge(self.boris, made, self.now)
        self.settle()
        return made

    def refused(
        self, kind: type[BackchannelError], match: str, act: Callable[..., object], *args: Any, **more: Any
    ) -> None:
        """Nothing is said by an act that is refused."""
        before = [len(room.log.entries) for room in (self.anna, self.boris, self.clara)]
        with pytest.raises(kind, match=match):
            act(*args, **more)
        assert [len(room.log.entries) for room in (self.anna, self.boris, self.clara)] == before


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talks]:
    """One room for all: each looks at nothing but what it says itself."""
    found = Talks(tmp_path_factory.mktemp("talks"))
    yield found
    found.stage.close()


def values(room: Room, now: int) -> dict[str, Any]:
    return dict(status_value(room, now))


def test_what_would_bind_nobody_is_refused_and_nothing_is_sent(talks: Talks) -> None:
    anna, boris, clara, now = talks.anna, talks.boris, talks.clara, talks.now
    talks.refused(Refused, "principal", desk.make, clara, "We help.", now=now)
    talks.refused(Refused, "Say what is promised", desk.make, anna, " ", now=now)
    talks.refused(Refused, "passed already", desk.make, anna, "We go.", due=now, now=now)
    talks.refused(Refused, "at most", desk.make, anna, "x" * 20_001, now=now)
    talks.refused(
        Refused,
        "at most 8 items",
        desk.make,
        anna,
        "We go.",
        answers=[EventId(bytes([n]) * 32) for n in range(9)],
        now=now,
    )
    talks.refused(Refused, "no such pledge", desk.make, anna, "We go.", after=[anna.log.root], now=now)
    made = desk.make(anna, "The bases go.", due=now + DAY_MS, now=now).id
    talks.settle()
    talks.refused(Blocked, "acknowledge it first", desk.broken, boris, made, "", now + 2 * DAY_MS)
    talks.refused(Expired, "passed", desk.acknowledge, boris, made, now + 2 * DAY_MS)
    talks.refused(Refused, "no such pledge", desk.acknowledge, boris, boris.log.root, now)
    talks.refused(Refused, "made by A to B", desk.release, anna, made, now)
    desk.acknowledge(boris, made, now)
    talks.refused(Refused, "not yet due", desk.broken, boris, made, "", now + DAY_MS)
    talks.refused(Refused, "remark", desk.broken, boris, made, "x" * 2_001, now + 2 * DAY_MS)
    desk.release(boris, made, now)
    talks.refused(Refused, "nothing to release", desk.release, boris, made, now)
    talks.refused(Refused, "nothing is owed", desk.broken, boris, made, "", now + 2 * DAY_MS)


def test_a_deed_is_reported_by_anybody_and_read_only_by_whom_it_was_promised(talks: Talks) -> None:
    anna, boris, clara, now = talks.anna, talks.boris, talks.clara, talks.now
    made = talks.pledged()
    paper = papers.show(clara, "Look.", now=now).id
    note = papers.note_front(clara, "The Times", "They go.", now, now=now).id
    talks.refused(Refused, "no note of a public event", desk.report, clara, "Gone.", now, note=paper, now=now)
    talks.refused(Refused, "what was done", desk.report, clara, "", now, now=now)
    talks.refused(Refused, "not happened yet", desk.report, clara, "Gone.", now + 1, now=now)
    many = [EventId(bytes([n]) * 32) for n in range(9)]
    talks.refused(Refused, "at most 8", desk.report, clara, "Gone.", now, promises=many, now=now)
    done = desk.report(clara, "Gone.", now, promises=[made], note=note, by="a", now=now).id
    talks.settle()
    talks.refused(Refused, "principal", desk.read_deed, clara, done, How.KEPT, "", now)
    talks.refused(Refused, "not promised to your side", desk.read_deed, anna, done, How.KEPT, "", now)
    talks.refused(Refused, "no such deed", desk.read_deed, boris, made, How.KEPT, "", now)
    desk.read_deed(boris, done, How.KEPT, "", now)
    talks.settle()
    found = standing(anna.log, now)[made]
    assert (found.status.value, found.fate.as_side) == ("kept", "B")
    assert found.fate.done is not None
    assert (found.fate.done.by, found.fate.done.reporter) == ("A", "B")


def test_an_understanding_is_called_broken_only_when_all_confirmed_it_and_its_time_has_passed(
    talks: Talks,
) -> None:
    anna, boris, now = talks.anna, talks.boris, talks.now
    offered = talk.offer(anna, "Bases", ["B"], due=now + DAY_MS, now=now).id
    talks.settle()
    talks.refused(Blocked, "Not every named side", desk.broken, anna, offered, "", now + 2 * DAY_MS)
    talk.confirm(boris, offered, now)
    talks.settle()
    talks.refused(Refused, "not yet due", desk.broken, boris, offered, "", now + DAY_MS)
    talks.settle(2)
    desk.broken(boris, offered, "", talks.now)
    talks.settle()
    assert understanding.standing(anna.log)[offered].status.value == "broken"


@pytest.mark.parametrize(
    ("lapse", "match"),
    [(Lapse.AT_ONCE, "by itself"), (Lapse.NEVER, "stands even if"), (Lapse.ELECTION, "report it first")],
)
def test_what_cannot_lapse_by_a_choice_is_refused(talks: Talks, lapse: Lapse, match: str) -> None:
    made = talks.pledged(lapse=lapse)
    talks.refused(Refused, match, publication.let_lapse, talks.boris, made, talks.now)
    talks.refused(Refused, "principal", publication.let_lapse, talks.clara, made, talks.now)


def test_a_side_chooses_once_and_not_what_it_published_and_what_lapsed_is_not_taken_up_again(
    talks: Talks,
) -> None:
    anna, boris, clara, now = talks.anna, talks.boris, talks.clara, talks.now
    made, offered = talks.pledged(), desk.make(anna, "More.", lapse=Lapse.AT_ONCE, now=now).id
    talks.settle()
    talks.refused(Refused, "where it was seen", publication.report, clara, made, "", now, now=now)
    talks.refused(Refused, "not happened yet", publication.report, clara, made, "The Times", now + 1, now=now)
    publication.report(clara, made, "The Times", now, by="A", now=now)
    talks.settle()
    talks.refused(Refused, "None of its sides", publication.let_lapse, boris, made, now)
    publication.report(boris, made, "The Times", now, now=now)
    talks.settle()
    publication.let_lapse(boris, made, now)
    talks.settle()
    talks.refused(Refused, "chosen this already", publication.let_lapse, boris, made, now)
    assert standing(anna.log, now)[made].status.value == "binding", "nobody knows who published"
    publication.report(boris, made, "The Times", now, by="A", now=now)
    publication.report(boris, offered, "The Times", now, by="A", now=now)
    talks.settle()
    talks.refused(Refused, "A side that published cannot elect", publication.let_lapse, anna, made, now)
    talks.refused(Refused, "has lapsed already", desk.acknowledge, boris, offered, now)
    talks.refused(Refused, "Only a pledge", publication.let_lapse, boris, boris.log.root, now)


def told(room: Room, now: int, about: EventId) -> str:
    return "\n".join(line for line in status_lines(room, now) if about.hex()[:12] in line)


def test_status_says_who_owes_what_and_what_is_owed_and_about_to_go(talks: Talks) -> None:
    anna, boris, clara = talks.anna, talks.boris, talks.clara
    made = desk.make(anna, "The bases go.", due=talks.now + 10 * DAY_MS, now=talks.now).id
    talks.settle()
    assert "`backchannel desk pledge acknowledge` makes it binding" in told(boris, talks.now, made)
    assert told(clara, talks.now, made) == "", "who cannot speak for the side is not asked"
    assert made.hex() in values(boris, talks.now)["to_acknowledge"]
    desk.acknowledge(boris, made, talks.now)
    talks.settle()
    assert told(anna, talks.now, made).startswith("you owe B: “The bases go.”")
    assert told(boris, talks.now, made).startswith("A owes you: “The bases go.”")
    assert made.hex() in set(values(anna, talks.now)["owes"]) - set(values(anna, talks.now)["owed"])
    for days, state in ((8, "due"), (11, "overdue")):
        value = values(boris, talks.now + days * DAY_MS)
        assert made.hex() in set(value["owed"]) & set(value[state])
    assert "overdue since" in told(boris, talks.now + 11 * DAY_MS, made)
    assert made.hex() not in [one["id"] for one in values(boris, talks.now + 82 * DAY_MS)["going"]]
    assert "its words go" not in told(boris, talks.now + 82 * DAY_MS, made)
    assert made.hex() in [one["id"] for one in values(boris, talks.now + 84 * DAY_MS)["going"]]
    assert "its words go" in told(boris, talks.now + 84 * DAY_MS, made)


def test_a_step_out_of_order_is_an_alarm_on_every_desk(talks: Talks) -> None:
    anna, boris, now = talks.anna, talks.boris, talks.now
    first = desk.make(boris, "We open the gate.", now=now).id
    talks.settle()
    desk.acknowledge(anna, first, now)
    talks.settle()
    second = talks.pledged(after=[first])
    assert "waits for a pledge that is to be kept first" in told(boris, now, second)
    assert second.hex() not in values(anna, now)["owes"]
    talks.refused(Blocked, "waits for another", desk.broken, boris, second, "", now)
    assert alarm_lines(boris) == []
    early = desk.report(anna, "Gone.", now, promises=[second], now=now).id
    talks.settle()
    for room in (anna, boris, talks.clara):
        (alarm,) = alarm_lines(room)
        assert "out of order" in alarm
        assert early.hex()[:12] in alarm


def test_an_understanding_says_whether_the_text_in_whose_place_it_stands_is_gone(talks: Talks) -> None:
    anna, boris, now = talks.anna, talks.boris, talks.now
    letter = papers.show(boris, "The bases go within five months.", returnable=True, now=now)
    talks.settle()
    offered = talk.offer(anna, "Bases", ["B"], replaces=letter.id, now=now).id

    def shown() -> str:
        return "\n".join(understanding_lines(anna, understanding.standing(anna.log)[offered], now))

    assert "whose text still stands" in shown()
    papers.hand_back(anna, letter.id, now)
    assert f"in place of #{letter.event.number}: handed-back" in shown()
