"""Real desks search for a package over real soundings: each answers for itself, and only what the search asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.params import Kind
from backchannel.desk import packages, searches, soundings
from backchannel.desk.commands.table import perform
from backchannel.desk.notebook import OwnStance, pages
from backchannel.desk.room_store import drop_state
from backchannel.desk.searches import Progress, Quest
from backchannel.desk.sounding_stand import standing
from backchannel.errors import Blocked, Refused
from backchannel.moves.package import Agendas, OnTable
from backchannel.moves.sounding import Soundings
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.preferences import NEVER, Additive
from backchannel.packages.search import NO_BETTER, Found, NoDeal
from backchannel.pages.house import arguments
from desks import DAY_MS, Stage, in_talks
from typing_in import typed

HARBOUR = Agenda.of(
    Issue("Dues", (Option("shared"), Option("north"), Option("south"))),
    Issue("Dredging", (Option("none"), Option("half", secret=True), Option("all"))),
)
WANTS = {
    "anna": Additive(((70, 100, 0), (0, 40, 50))),
    "boris": Additive(((70, 0, 100), (50, 40, 0))),
}


def agreed(stage: Stage, about: Agenda = HARBOUR, /, **wants: Additive) -> EventId:
    """Have the agenda agreed by all, and each desk told what its side wants."""
    first, *others = stage.seats
    put = packages.propose(stage.seats[first].room, about, (), stage.now, secret=True)
    for name in others:
        stage.settle()
        packages.agree(stage.seats[name].room, found(stage, name, put.id), stage.now)
    stage.settle()
    for name, additive in {**WANTS, **wants}.items():
        seat = stage.seats[name]
        packages.keep(seat.desk.vault, seat.room, put.id, additive, 0)
    return put.id


def found(stage: Stage, who: str, agenda: EventId) -> OnTable:
    return read(stage.seats[who].room.log, Agendas).agenda(agenda)


def begin(stage: Stage, who: str, agenda: EventId, settled: int | None = None) -> None:
    seat = stage.seats[who]
    (told,) = [page.record for page in pages(seat.desk.vault, OwnStance) if page.record.target == agenda]
    searches.join(seat.room, quest(stage, who, agenda, settled), told, seat.now + DAY_MS, seat.now)
    stage.settle()


def quest(stage: Stage, who: str, agenda: EventId, settled: int | None = None) -> Quest:
    return Quest(found(stage, who, agenda), settled)


def seen(stage: Stage, who: str, agenda: EventId, settled: int | None = None) -> Progress:
    return searches.progress(stage.seats[who].room, quest(stage, who, agenda, settled), stage.now)


def decide(stage: Stage, who: str, agenda: EventId, settled: int | None = None, *, yes: bool) -> None:
    searches.decide(stage.seats[who].room, quest(stage, who, agenda, settled), yes, stage.now)
    stage.settle()


def until_proposed(stage: Stage, agenda: EventId, settled: int | None = None) -> int | None:
    """Let the desks go on by themselves until people are asked, or it is over."""
    for _ in range(80):
        every = [seen(stage, name, agenda, settled) for name in stage.seats]
        if any(one.outcome is not None or one.fault for one in every):
            return None
        if all(one.proposal is not None for one in every):
            return every[0].proposal
        stage.settle()
    raise AssertionError(f"still at {seen(stage, 'anna', agenda)}")


CANARY = 918_273_645  # the share of Anna's best option
LESS = 816_000_000
WALK_AWAY = 192_837_465
CLARA = Additive(((60, 50, 40), (0, 50, 20)))


def everything(stage: Stage, who: str) -> bytes:
    """Give every value in a desk's open vault, master and room, one after the other."""
    seat = stage.seats[who]
    parts = []
    for db in (seat.desk.vault.master, seat.room.db):
        for (table,) in db.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ):
            parts += [part for row in db.all(f"SELECT * FROM {table}") for part in row]
    return b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)


def traces(number: int) -> tuple[bytes, ...]:
    return str(number).encode(), b"\xce" + number.to_bytes(4, "big")  # as text and as records have it


@dataclass
class Searched:
    """Three desks that have searched: what was proposed, and what all of them say came of it."""

    stage: Stage
    agenda: EventId
    proposed: int


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    stage = in_talks(tmp_path_factory.mktemp("search"), "anna", "boris", "clara")
    agenda = agreed(stage, anna=Additive(((LESS, CANARY, 0), (0, 300_000_000, 400_000_000))), clara=CLARA)
    anna = stage.seats["anna"]
    told = packages.kept(anna.desk.vault, agenda)
    assert told is not None
    packages.keep(anna.desk.vault, anna.room, agenda, Additive(told.shares), WALK_AWAY)
    for name in stage.seats:
        begin(stage, name, agenda)
    proposed = until_proposed(stage, agenda)
    assert proposed is not None
    anna.room.searches.clear()  # what is only in memory, as after a restart
    assert seen(stage, "anna", agenda).proposal == proposed
    for name in stage.seats:
        assert seen(stage, name, agenda).outcome is None
        decide(stage, name, agenda, yes=True)
    assert until_proposed(stage, agenda) is None
    yield Searched(stage, agenda, proposed)
    stage.close()


def test_desks_find_what_all_can_live_with_once_the_people_of_all_have_said_so(searched: Searched) -> None:
    stage, agenda = searched.stage, searched.agenda
    words = HARBOUR.words(HARBOUR.space(secret=True).package(searched.proposed))
    assert words == (("Dues", "shared"), ("Dredging", "half"))
    assert {seen(stage, name, agenda).outcome for name in stage.seats} == {Found(searched.proposed)}
    kinds = {entry.event.kind for entry in stage.seats["anna"].room.log.ordered()}
    assert {kind for kind in kinds if kind.startswith(("package", "sounding"))} == {
        "package-agenda", "package-agree", "sounding-open", "sounding-say",
    }  # fmt: skip
    bits = [(one.learnt_bits, one.told_bits) for one in (seen(stage, name, agenda) for name in stage.seats)]
    assert all(learnt > 0 for learnt, _ in bits)
    assert max(learnt for learnt, _ in bits) <= max(told for _, told in bits)
    with pytest.raises(Refused, match="searches already"):
        begin(stage, "anna", agenda)


def test_weights_and_walk_away_of_a_side_are_on_no_other_desk_and_in_nothing_said(searched: Searched) -> None:
    stage = searched.stage
    # Boris's log holds the very bytes of all that was said in the room, Anna's messages among them.
    said = b"".join(entry.event.body for entry in stage.seats["boris"].room.log.ordered())
    assert len(said) > 1_000
    held = {name: everything(stage, name) for name in stage.seats}
    for number in (CANARY, LESS, WALK_AWAY):
        assert any(trace in held["anna"] for trace in traces(number)), "what is there is found"
        for elsewhere in (held["boris"], held["clara"], said):
            assert not any(trace in elsewhere for trace in traces(number))


def test_what_was_found_is_bettered_only_by_what_is_better_for_all(searched: Searched) -> None:
    stage, agenda, settled = searched.stage, searched.agenda, searched.proposed
    for name in stage.seats:
        begin(stage, name, agenda, settled)
    assert until_proposed(stage, agenda, settled) is None
    assert {seen(stage, name, agenda, settled).outcome for name in stage.seats} == {NoDeal(NO_BETTER)}
    assert seen(stage, "anna", agenda).outcome == Found(settled)


def test_a_package_turned_down_is_followed_by_another(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    both = Additive(((100, NEVER, NEVER), (100, 90, NEVER)))
    agenda = agreed(stage, anna=both, boris=both)
    begin(stage, "boris", agenda)
    begin(stage, "anna", agenda)
    first = until_proposed(stage, agenda)
    assert first is not None
    decide(stage, "anna", agenda, yes=True)
    decide(stage, "boris", agenda, yes=False)
    second = until_proposed(stage, agenda)
    assert second not in {None, first}
    decide(stage, "anna", agenda, yes=True)
    with pytest.raises(Blocked, match="No package is proposed"):
        decide(stage, "anna", agenda, yes=True)
    for name in stage.seats:
        words = ("package", "progress", "--room=Talks", "--no-sync", "--", agenda.hex()[:12])
        valued = perform(stage.seats[name].desk, arguments(words, {}), stage.now).value["valued"]
        assert isinstance(valued, list)
        assert [one["state"] for one in valued] == ["declined", "asked"]
        assert [sorted(one) for one in valued] == [["package", "state", "thousandths"]] * 2, (
            "nothing of others"
        )
        assert all(0 <= one["thousandths"] <= 1_000 for one in valued)
    stage.close()


def test_a_search_that_somebody_gives_up_is_over_on_every_desk_and_lacks_no_answer(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    both = Additive(((100, NEVER, NEVER), (100, 90, NEVER)))
    agenda = agreed(stage, anna=both, boris=both)
    begin(stage, "anna", agenda)
    begin(stage, "boris", agenda)
    assert until_proposed(stage, agenda) is not None
    anna, boris = stage.seats.values()
    searches.decide(anna.room, quest(stage, "anna", agenda), yes=True, now=anna.now)  # it crosses
    searches.stop(boris.room, quest(stage, "boris", agenda), boris.now)
    for _ in range(4):
        stage.settle()
    for seat in (anna, boris):
        assert seen(stage, seat.name, agenda).fault == "boris gave it up"
        assert [one for one in standing(seat.room, seat.now) if one.done is None] == []
        assert sum("boris gave it up" in line for line in typed(seat, "package", "progress").lines) == 1
    with pytest.raises(Refused, match="that is over"):
        searches.stop(boris.room, quest(stage, "boris", agenda), boris.now)
    stage.close()


def test_a_search_is_one_entry_of_the_ledger(searched: Searched) -> None:
    for seat in searched.stage.seats.values():
        answer = typed(seat, "sound", "ledger")
        entries = answer.value["ledger"]
        assert isinstance(entries, list)
        assert len(entries) <= 2, "it, and what was looked for once more"
        told = ceil(seen(searched.stage, seat.name, searched.agenda).told_bits)
        entry = entries[0]
        assert (entry["kind"], entry["agenda"]) == ("search", "Dues, Dredging")
        assert entry["bits_at_most"] == told
        assert entry["soundings"] > 2
        line, bits, *_ = answer.lines
        assert "search of “Dues, Dredging”" in line
        assert f"{told} bits at most" in bits


def test_a_search_over_many_packages_goes_on_beside_the_desks(tmp_path: Path) -> None:
    """What is reckoned in a thread comes to its end at a tick at which nothing else has come."""
    stage = in_talks(tmp_path, "anna", "boris")
    many = Agenda.of(*(Issue(title, tuple(Option(f"{title} {at}") for at in range(8))) for title in "xy"))
    rising = tuple(range(0, 80, 10))
    wants = {"anna": Additive((rising, rising)), "boris": Additive((rising, rising[::-1]))}
    agenda = agreed(stage, many, **wants)
    begin(stage, "anna", agenda)
    begin(stage, "boris", agenda)
    for _ in range(200):
        for seat in stage.seats.values():
            seat.turn()
            seat.desk.reckoner.wait(5)
        if all(seen(stage, name, agenda).proposal is not None for name in stage.seats):
            break
    proposals = {seen(stage, name, agenda).proposal for name in stage.seats}
    assert len(proposals) == 1
    assert None not in proposals
    stage.close()


def test_a_desk_answers_nothing_that_the_search_does_not_ask(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    agenda = agreed(stage)
    anna = stage.seats["anna"]
    begin(stage, "anna", agenda)
    drop_state(anna.room.db, quest(stage, "anna", agenda).name)
    begin(stage, "boris", agenda)
    # Anna's desk is made to ask at a level of her choosing under the search's name.
    what = soundings.opening(
        anna.room, Kind.ALL, tuple(f"{one} level 0 0" for one in range(9)), stage.now + DAY_MS, stage.now
    )
    asked = soundings.open_sounding(
        anna.room, what, f"package {agenda.hex()}", [True] * 9, stage.now, mandate=True
    )
    for _ in range(10):
        stage.settle()
    progress = seen(stage, "boris", agenda)
    assert "asks what the search does not" in progress.fault
    said = read(stage.seats["boris"].room.log, Soundings).said(asked.id)
    assert {entry.author for entry, _ in said} == {anna.room.me}
    stage.close()


def test_a_search_begins_only_on_what_all_agreed_and_by_who_agreed(tmp_path: Path) -> None:
    stage = in_talks(tmp_path, "anna", "boris")
    anna = stage.seats["anna"]
    put = packages.propose(anna.room, HARBOUR, (), stage.now, secret=True)
    packages.keep(anna.desk.vault, anna.room, put.id, WANTS["anna"], 0)
    with pytest.raises(Blocked, match="all sides"):
        begin(stage, "anna", put.id)
    with pytest.raises(Blocked, match="No package is proposed"):
        decide(stage, "anna", put.id, yes=True)
    with pytest.raises(Refused, match="does not search"):
        searches.stop(anna.room, quest(stage, "anna", put.id), anna.now)
    stage.close()
