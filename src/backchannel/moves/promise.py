"""What became of a promise, a pledge or an oral understanding, as those see it to whom it was made (docs/spec/moves/deed.md 3).

Read from the deeds that answer it, what its sides make of them, and what was reported public; the same on every desk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import follows, in_order, read
from backchannel.moves.deed import Deeds, Done, How
from backchannel.moves.publication import Publications, Report
from backchannel.moves.ratification import failures


class Lapse(StrEnum):
    """What becomes of a promise when somebody makes it public."""

    AT_ONCE = "at-once"
    ELECTION = "election"
    NEVER = "never"


LAPSES = frozenset(Lapse)


class Word(StrEnum):
    """A side's last word on whether it got what it was promised."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


_GRAVEST = (Word.BROKEN, Word.LATE, Word.KEPT)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a reading of pledges or understandings knows of one of them.

    `sides` are all that it names, `judges` those to whom it is owed; `due` in milliseconds since 1970.
    `releases` are acts by which those to whom it was made let go of it, complete.
    """

    entry: Entry
    sides: tuple[str, ...]
    judges: tuple[str, ...]
    due: int | None
    lapse: Lapse
    releases: tuple[Entry, ...] = ()
    rests_on: tuple[EventId, ...] = ()  # what it answers


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a promise binds nobody any more; `side` chose it, or reported what ended it."""

    entry: Entry
    why: str
    side: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a promise: the gravest word of a judge and whose it is, the deed it is about, what ended it."""

    word: Word | None
    as_side: str | None
    done: Done | None
    ended: Ended | None
    deeds: tuple[Done, ...]
    reports: tuple[Report, ...]

    @property
    def kept_at(self) -> int | None:
        """When it was performed, by the word of who reported the deed, in milliseconds since 1970."""
        if self.word is Word.BROKEN or self.done is None or self.done.body is None:
            return None
        return self.done.body.happened


def fate(log: Log, promise: Promise) -> Fate:
    """Read what became of a promise."""
    deeds, publications = read(log, Deeds), read(log, Publications)
    reports = publications.reports(promise.entry)
    ends = [
        *_lapses(promise, reports, publications.choices(promise.entry)),
        *(Ended(entry, "released", "") for entry in promise.releases),
        *_unratified(log, promise),
    ]
    done = deeds.answering(promise.entry)
    words = _words(promise, done, deeds.broken(promise.entry), ends)
    last = {side: said[-1] for side in promise.judges if (said := words.get(side))}
    word, as_side, about = _gravest(promise, last)
    first = [entry.id for entry in in_order(end.entry for end in ends)[:1]]
    ended = next((end for end in ends if end.entry.id in first), None)
    return Fate(word, as_side, about, None if word else ended, tuple(done), tuple(reports))


def _unratified(log: Log, promise: Promise) -> list[Ended]:
    """What ends a promise because what it answers was not ratified (spec ratification 3)."""
    failed = failures(log, promise.rests_on, promise.entry)
    return [
        Ended(one.result, "not-ratified", one.side)
        for one in failed
        if one.result is not None and one.side in promise.sides
    ]


Said = tuple[Word | None, Done | None]


def _words(
    promise: Promise, done: Iterable[Done], broken: Iterable[tuple[Entry, str]], ends: list[Ended]
) -> dict[str, list[Said]]:
    """What each judge said, in the order of the log; what follows an end of the promise counts for nothing."""
    said: dict[EventId, tuple[Entry, str, Said]] = {}
    for one in done:
        if one.body is None or any(follows(one.entry, end.entry) for end in ends):
            continue
        in_time = promise.due is None or one.body.happened <= promise.due
        for reading in one.readings:
            if reading.side not in promise.judges or one.own(reading.side):
                continue
            word = {
                How.KEPT: Word.KEPT if in_time else Word.LATE,
                How.PARTLY: None,
                How.NOT_KEPT: Word.BROKEN,
            }[reading.how]
            said[reading.entry.id] = reading.entry, reading.side, (word, one)
    for entry, side in broken:
        due = promise.due is None or entry.event.at > promise.due
        if side in promise.judges and due and not any(_spared(promise, entry, end) for end in ends):
            said[entry.id] = entry, side, (Word.BROKEN, None)
    words: dict[str, list[Said]] = {}
    for entry in in_order(entry for entry, _, _ in said.values()):
        _, side, what = said[entry.id]
        words.setdefault(side, []).append(what)
    return words


def _spared(promise: Promise, accusation: Entry, end: Ended) -> bool:
    """Whether a promise had ended before somebody called it broken, and had not fallen due before its end."""
    overdue = promise.due is not None and promise.due < end.entry.event.at and end.why != "released"
    return follows(accusation, end.entry) and not overdue


def _gravest(promise: Promise, last: dict[str, Said]) -> tuple[Word | None, str | None, Done | None]:
    for grave in _GRAVEST:
        for side in promise.judges:
            word, done = last.get(side, (None, None))
            if word is grave:
                return word, side, done
    return None, None, None


def _lapses(promise: Promise, reports: list[Report], choices: list[tuple[Entry, str]]) -> list[Ended]:
    """What ends a promise because it was made public, by its own rule (spec publication 3)."""
    known = [report for report in reports if report.side in promise.sides]
    if promise.lapse is Lapse.AT_ONCE:
        return [Ended(report.entry, "at-once", report.side or "") for report in known]
    if promise.lapse is Lapse.NEVER:
        return []
    chosen = [(entry, side) for entry, side in choices if side in promise.sides]
    ends = [Ended(entry, "election", side) for entry, side in chosen if may_choose(known, entry, side)]
    agreed: set[str] = set()
    for entry, side in chosen:
        if any(follows(entry, report.entry) for report in known):
            agreed.add(side)
        if agreed == set(promise.sides):
            ends.append(Ended(entry, "election", side))
            break
    return ends


def may_choose(reports: list[Report], choice: Entry | None, side: str) -> bool:
    """Whether a side alone may let a promise lapse: another published it by these reports, and it did not.

    A report that names the side counts against its choice unless it follows the choice; None is a choice not yet made.
    """
    seen = [report for report in reports if choice is None or follows(choice, report.entry)]
    by_another = any(report.body.by not in {None, side} for report in seen)
    blamed = any(
        report.body.by == side and not (choice is not None and follows(report.entry, choice))
        for report in reports
    )
    return by_another and not blamed
