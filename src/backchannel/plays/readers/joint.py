"""Halves that appear only together: what is asked so that a yes shows only when everybody has said it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backchannel.plays.case import Expectation, PersonId
from backchannel.plays.looks import Evidence, Looks, Tried
from backchannel.plays.questions import Question, option, question
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so

RESULT = "result"


def joint_yes(looks: Looks, wanted: Expectation) -> Finding:
    """The desks show one result, the same for all; until the last had answered none showed anything, nor with a no.

    What came before the last answer, and what comes of the opposite answer, is seen in a second play.
    """
    named(wanted)
    found = question(looks.case, wanted)
    if found is None:
        raise NotSo(
            f"Row {rows_of(looks, wanted)[0].n} states no option that people of different parties could be asked about."
        )
    tried = looks.tried.get(wanted)
    if tried is None:
        raise NotSo(f"What row {found.row.n} asks was not answered by all.")
    main, evidence = _result(looks, found)
    _not_before(looks, found)
    _nothing_yet(tried, found)
    other, more = _result(tried.after, found)
    if bool(main) == bool(other):
        raise NotSo("It makes no difference to the desks whether one of them says no.")
    if not other:
        _halves(tried.after, found)
    searched = [
        tried.after.searched(person, row.gist)
        for person in found.people
        for row in found.halves(person)
        if not other
    ]
    return so([*evidence, *(replace(each, play=tried.after.play) for each in (*more, *searched))])


def _result(looks: Looks, found: Question) -> tuple[tuple[int, ...], list[Evidence]]:
    """The options that all accept, as each of the desks shows them alike; and no desk says whose a no was."""
    evidence: list[Evidence] = []
    results: list[tuple[int, ...]] = []
    for person in found.people:
        room, one = _sounding(looks, found, person)
        if one["ended"] != RESULT:
            raise NotSo(f"On the desk of {person} what row {found.row.n} asks has no result.")
        if one["named"]:
            raise NotSo(f"The desk of {person} names somebody beside the result.")
        results.append(tuple(one["joint"]))
        evidence.append(Evidence.of(person, ("sound", "show", "--room", room), one["id"]))
    if any(each != results[0] for each in results):
        raise NotSo("Those desks do not show the same result.")
    return results[0], evidence


def _not_before(looks: Looks, found: Question) -> None:
    """In the play itself, too, no desk had the words of another's half before all had answered."""
    for person in found.people:
        room, one = _sounding(looks, found, person)
        events = looks.shown(person)[room]["events"]
        opened = next(event["at_ms"] for event in events if event["id"] == one["id"])
        first: dict[str, int] = {}
        for event in events:
            if event["kind"] == "sounding-say" and event["at_ms"] >= opened:
                first.setdefault(event["author_name"], event["at_ms"])
        early = {
            row.n
            for row in found.halves(person)
            for held in looks.items(person)
            if held.text == row.gist and held.item["at_ms"] < max(first.values())
        }
        if early:
            raise NotSo(f"The desk of {person} held the words of row {min(early)} before all had answered.")


def _sounding(looks: Looks, found: Question, person: PersonId) -> tuple[str, Mapping[str, Any]]:
    """The sounding of those people about those options, as one of their desks has it."""
    names = {looks.called(each) for each in found.people}
    options = [option(looks.case, term) for term in found.terms]
    for room, one in looks.soundings(person):
        if set(one["people"]) == names and one["options"] == options:
            return room, one
    raise NotSo(f"The desk of {person} shows no sounding of these people on what row {found.row.n} states.")


def _nothing_yet(tried: Tried, found: Question) -> None:
    """Before the last one answered no desk showed anything of anybody's answer, nor a word of the other's half."""
    for person in found.people:
        _, one = _sounding(tried.before, found, person)
        if one["ended"] is not None or one["joint"] is not None:
            raise NotSo(f"The desk of {person} showed a result before {found.last} had answered.")
        if one["awaits_you"] != (person == found.last):
            raise NotSo(f"{person} did not answer before {found.last}.")
    _halves(tried.before, found)


def _halves(looks: Looks, found: Question) -> None:
    for person in found.people:
        for row in found.halves(person):
            if looks.search(person, row.gist):
                raise NotSo(f"The desk of {person} holds the words of row {row.n} without a joint yes.")
