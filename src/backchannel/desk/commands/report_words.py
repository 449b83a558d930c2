"""A report in sentences, and as a draft for the sides to change before they seal it (docs/spec/report.md)."""

from collections.abc import Iterable, Mapping, Sequence

from backchannel.daylight.strict import date_of
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.commands.wording import ROLES, worded
from backchannel.desk.reporting import GONE, Presence, Report, day, sealing_sides
from backchannel.languages import END, ISOLATE, in_language
from backchannel.said import joined, said
from backchannel.wire.canonical_json import Json

TITLE = said("How the sides talked")
_REGISTERS: Mapping[str, str] = {
    "talk": said("{count} in corridor talk"),
    "non-paper": said("{count} as non-papers"),
    "conditional": said("{count} conditional"),
    "formal": said("{count} formal"),
    GONE: said("{count} whose text has gone, and its register with it"),
}


def clauses(found: Report) -> list[list[str]]:
    """Say a report, clause by clause, each in its lines."""
    times = said(
        "The sides {sides} talked in one room from {first} to {last}; something was said on {days}.",
        sides=spoken_list(dict.fromkeys(one.who.side for one in found.people)),
        first=day(found.from_ms),
        last=day(found.to_ms),
        days=said("{count} day" if found.days == 1 else "{count} days", count=found.days),
    )
    if not found.whole:
        times = joined(" ", (times, said("This record does not go back to the opening of the room.")))
    told = [
        [times],
        [said("Who was in the room:"), *map(_presence, found.people)],
        [said("Papers shown: {papers}.", papers=_papers(found))],
    ]
    if found.front:
        told.append([said("Notes of what was said or done in public: {count}.", count=found.front)])
    return told


def draft_file(found: Report, now: int, language: str) -> dict[str, Json]:
    """Give a report as a draft that `desk seal draft` takes, worded in a language."""

    def worded_in(sentence: str) -> str:
        # what is sealed holds no character that nobody sees
        return in_language(sentence, language).translate({ord(ISOLATE): None, ord(END): None})

    return {
        "title": worded_in(TITLE),
        "dated": date_of(now),
        "kind": "report",
        "lapse": "stands",
        "sides": list[Json](sealing_sides(found)),
        "clauses": ["\n".join(map(worded_in, lines)) for lines in clauses(found)],
    }


def _presence(one: Presence) -> str:
    line = said(
        "{name} ({side}), {role}, from {since}, {how}",
        name=one.who.name,
        side=one.who.side,
        role=worded(ROLES, one.who.role),
        since=day(one.since_ms),
        how=_coming(one),
    )
    if one.until_ms is None:
        return line + "."
    return said("{presence}; {went} on {until}.", presence=line, went=_going(one), until=day(one.until_ms))


def _coming(one: Presence) -> str:
    if one.founder:
        return said("opened the room")
    if not one.approvers:
        return said("was there when this record begins")
    return said(
        "brought by {who} and admitted with the yes of {approvers}",
        who=one.brought_by,
        approvers=spoken_list(one.approvers),
    )


def _going(one: Presence) -> str:
    if not one.removers:
        return said("left")
    return said("removed with the yes of {removers}", removers=spoken_list(one.removers))


def _papers(found: Report) -> str:
    parts = _counted((found.papers[name], words) for name, words in _REGISTERS.items())
    text = joined(", ", parts) if parts else said("none")
    back = _counted(
        ((found.withdrawn, said("{count} withdrawn")), (found.handed_back, said("{count} handed back")))
    )
    return said("{papers}; of these {back}", papers=text, back=spoken_list(back)) if back else text


def _counted(numbers: Iterable[tuple[int, str]]) -> Sequence[str]:
    return [said(words, count=count) for count, words in numbers if count]
