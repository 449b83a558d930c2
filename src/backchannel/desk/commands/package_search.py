"""`desk package search …`: the search itself; each desk answers for its side, and people answer what is proposed to them."""

import argparse
from math import ceil

from backchannel.desk import packages, searches
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list
from backchannel.desk.commands.packages import body_of, find
from backchannel.desk.commands.sounding_reckoning import progress as progress_of
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.searches import Progress
from backchannel.desk.shown import one_line
from backchannel.desk.sounding_stand import whole
from backchannel.desk.when import date, moment
from backchannel.errors import Refused
from backchannel.moves.package import OnTable
from backchannel.packages.fairness import explained
from backchannel.packages.search import Found
from backchannel.packages.soundings import Stage
from backchannel.said import said

STAGES = {
    Stage.DESCENT: said("asks which packages all accept, a step lower each time"),
    Stage.CLIMB: said("asks about what lies beside the packages found"),
    Stage.BALANCE: said("asks which of the packages found is worth most to all"),
    Stage.POLISH: said("asks whether another is better for somebody and worse for nobody"),
    Stage.PROPOSAL: said("proposes a package to the people of all sides"),
    Stage.IMPROVEMENT: said("asks for packages better for all"),
}


def begin(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = find(room, args.which)
    body = body_of(found)
    wants = packages.kept(desk.vault, found.entry.id)
    if wants is None:
        raise Refused(
            "This desk does not know what you want; tell it with `backchannel desk package prefer`."
        )
    searches.join(room, _quest(room, found, args, now), wants, moment(args.by, now), now)
    count = body.agenda.space(secret=body.schedule.secret).count
    lines = [
        said(
            "Your desk searches: it answers by itself, by what you told it, and shows you what is proposed before"
            " anything is found."
        ),
        said(
            "Of {count} packages, a side that marks each learns at most between which two of {steps} steps it lies for you.",
            count=f"{count:,}",
            steps=body.schedule.steps,
        ),
        said("What you want cannot be changed while it goes on, and this agenda is searched once."),
    ]
    return Answer(lines, {"agenda": found.entry.id.hex()}, room)


def accept(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    return _decide(desk, args, now, yes=True)


def decline(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    return _decide(desk, args, now, yes=False)


def _decide(desk: Desk, args: argparse.Namespace, now: int, *, yes: bool) -> Answer:
    room = room_of(desk, args)
    found = find(room, args.which)
    number = searches.decide(room, _quest(room, found, args, now), yes, now)
    line = (
        said("You accept it; it is found if everybody does, and if not, nobody learns who did not.")
        if yes
        else said("You do not accept it; the others learn only that not all did, and the search goes on.")
    )
    return Answer([line], {"agenda": found.entry.id.hex(), "package": str(number)}, room)


def stop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = find(room, args.which)
    searches.stop(room, _quest(room, found, args, now), now)
    line = said("The search is over on every desk, and everybody sees that you gave it up.")
    return Answer([line], {"agenda": found.entry.id.hex()}, room)


def progress(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Show where a search stands, what it proposes, and what that means in one's own terms."""
    room = room_of(desk, args)
    found = find(room, args.which)
    seen = searches.progress(room, _quest(room, found, args, now), now)
    lines = [*_lines(desk, room, found, seen), *_ledger(seen)]
    value: dict[str, Json] = {
        "agenda": found.entry.id.hex(),
        "joined": int(seen.joined),
        "soundings": seen.steps,
        "stage": None if seen.asks is None else seen.asks.stage.value,
        "questions": None if seen.asks is None else len(seen.asks.questions),
        "reckoned": 0 if seen.current is None else seen.current.reckoned,
        "whole": 0 if seen.current is None else whole(seen.current.opened.params),
        "proposal": _words(found, seen.proposal),
        "found": _words(found, seen.outcome.package) if isinstance(seen.outcome, Found) else None,
        "valued": _valued(desk, found, seen),
        "over": int(seen.outcome is not None or bool(seen.fault)),
        "fault": seen.fault,
        "learnt_bits": ceil(seen.learnt_bits),
        "told_bits": ceil(seen.told_bits),
        "lines": lines,
    }
    return Answer(lines, value, room)


def _quest(room: Room, found: OnTable, args: argparse.Namespace, now: int) -> searches.Quest:
    """Say what is looked for: a package, or one that is better for all than the one found."""
    if not args.better:
        return searches.Quest(found)
    quest = searches.improving(room, found, now)
    if quest is None:
        raise Refused("No package has been found on this agenda that another could be better than.")
    return quest


def _words(found: OnTable, number: int | None) -> Json:
    if number is None:
        return None
    body = body_of(found)
    space = body.agenda.space(secret=body.schedule.secret)
    return dict(body.agenda.words(space.package(number)))


def _valued(desk: Desk, found: OnTable, seen: Progress) -> list[Json]:
    """Say of each package that was proposed how good it is for one's own side, in thousandths from walk-away to best."""
    body = body_of(found)
    space = body.agenda.space(secret=body.schedule.secret)
    mine = packages.stance(desk.vault, found.entry.id, space)
    settled = seen.outcome.package if isinstance(seen.outcome, Found) else None
    asked = (
        seen.asks.questions[0].package
        if seen.asks is not None and seen.asks.stage is Stage.PROPOSAL
        else None
    )
    every = dict.fromkeys(one for one in (*seen.proposed, asked, settled) if one is not None)
    if mine is None:
        return []
    return [
        {
            "package": _words(found, one),
            "thousandths": mine.thousandths(mine.preferences.worth(space.package(one))),
            "state": "found" if one == settled else "asked" if one == asked else "declined",
        }
        for one in every
    ]


def _lines(desk: Desk, room: Room, found: OnTable, seen: Progress) -> list[str]:
    if seen.first is None:
        return [said("Nobody searches on this agenda yet; begin with `backchannel desk package search`.")]
    if seen.outcome is not None:
        if not isinstance(seen.outcome, Found):
            return [seen.outcome.sentence]
        return [said("Everybody accepts this package:"), *_explained(desk, found, seen.outcome.package)]
    if seen.fault:
        return [said("The search is over without a package, because {fault}.", fault=seen.fault)]
    if not seen.joined:
        return [
            said("Others search on this agenda; join with `backchannel desk package search`, or leave it.")
        ]
    lines = []
    if seen.asks is not None:
        lines.append(
            said(
                "sounding {steps}: {stages} ({count} questions)",
                steps=seen.steps + 1,
                stages=STAGES[seen.asks.stage],
                count=f"{len(seen.asks.questions):,}",
            )
        )
    else:
        lines.append(said("waiting for all sides to begin"))
    if seen.current is not None and seen.current.reckoning:
        lines.append(progress_of(seen.current.reckoned, whole(seen.current.opened.params)))
    if seen.current is not None and seen.current.missing:
        waiting = spoken_list(named(room, mid) for mid in seen.current.missing)
        by = date(seen.current.opened.params.deadlines[0])
        late = said(", which is past") if seen.current.overdue else ""
        lines.append(said("waiting for {waiting}, until {by}{late}", waiting=waiting, by=by, late=late))
    if seen.proposal is not None:
        lines += [
            said(
                "Proposed to you and to all other sides at once; answer with `backchannel desk package accept` or `decline`:"
            ),
            *_explained(desk, found, seen.proposal),
        ]
    return lines


def _ledger(seen: Progress) -> list[str]:
    """Say what the results so far can have told, in bits and in words."""
    if not seen.steps:
        return []
    return [
        said(
            "What the results told you of the others: at most {ceil} bits, about packages that your desk marked.",
            ceil=f"{ceil(seen.learnt_bits):,}",
        ),
        said(
            "What they told others of you: at most {ceil} bits, and those only to a desk that marks everything.",
            ceil=f"{ceil(seen.told_bits):,}",
        ),
    ]


def _explained(desk: Desk, found: OnTable, number: int) -> list[str]:
    body = body_of(found)
    space = body.agenda.space(secret=body.schedule.secret)
    chosen = space.package(number)
    mine = packages.stance(desk.vault, found.entry.id, space)
    words = [
        said("  {title}: {text}", title=one_line(title), text=one_line(text))
        for title, text in body.agenda.words(chosen)
    ]
    return words if mine is None else [*words, *map(one_line, explained(body.agenda, space, mine, chosen))]
