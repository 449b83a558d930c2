"""Who may know a term: a list beside it, who holds it by the receipts, and a desk that notices its words going elsewhere."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import OutOfMandate, Refused, Violation
from backchannel.moves.need_to_know import NeedToKnow, standing
from backchannel.moves.paper import Front, Paper
from backchannel.moves.table import KINDS, parse
from backchannel.said import joined, said

MOST_WORDS = 7  # of a listed text that may stand in a row in what is said elsewhere

_WORD = re.compile(r"\w+")


def limit(room: Room, target: EventId, people: Sequence[str], now: int) -> Entry:
    """Say who may know what an event of one's own side says; a later list takes the place of an earlier one."""
    seating = may_act(room)
    entry = room.log.entries.get(target)
    if entry is None or entry.void is not None or entry.event.kind not in KINDS:
        raise Refused(
            "There is nothing here to limit; name an item, an understanding or a pledge of this room."
        )
    author = room.member(entry.author)
    if author is None or author.side != seating.seated[room.me].side:
        whose = said("another side") if author is None else author.side
        raise Refused(
            said(
                "This was said by {whose}, and only that side says who may know it; ask them for a list.",
                whose=whose,
            )
        )
    if entry.erased is not None:
        raise Refused("Its words have gone from every desk already; there is nothing to limit any more.")
    return act(room, "need-to-know", NeedToKnow(target, tuple(dict.fromkeys(people))), now)


def holders(room: Room, target: EventId) -> list[tuple[MemberId, int]]:
    """Give who has a text and since when (ms since 1970), by its author's clock and by each desk's receipt; nobody if it has gone."""
    entry = room.log.entries[target]
    if entry.erased is not None:
        return []
    found = {entry.author: entry.event.at}
    for mid, (received, _) in room.receipts(target).items():
        if received is not None:
            found.setdefault(mid, received)
    here, _ = room.times(target)
    if here is not None:
        found.setdefault(room.me, here)
    return sorted(found.items(), key=lambda one: (one[1], one[0]))


def outside(names: Iterable[str], listed: NeedToKnow) -> list[str]:
    """Give the names that are not on a list; names are alike whatever their case."""
    known = {_plain(name) for name in listed.people}
    return [name for name in names if _plain(name) not in known]


def check(desk: Desk, room: Room, text: str) -> None:
    """Raise OutOfMandate if a text repeats a listed one of another room before readers who are not on its list."""
    others = (
        [member.name for mid, member in room.seating.seated.items() if mid != room.me] if room.seated else []
    )
    told = runs(text)
    for elsewhere in desk.rooms():
        if elsewhere.id == room.id or not elsewhere.seated:
            continue
        for target, _, listed in standing(elsewhere.log):
            too_many = outside(others, listed)
            if too_many and any(
                not told.isdisjoint(runs(one)) for one in _texts(elsewhere.log.entries[target])
            ):
                title = elsewhere.seating.epoch.charter.title
                raise OutOfMandate(
                    said(
                        "This repeats {most_words} or more words of a text in “{title}” that only {people} are to"
                        " know, and {too_many} would read it; put it in other words, or use --beyond-list if you must.",
                        most_words=MOST_WORDS + 1,
                        title=title,
                        people=joined(" and ", listed.people),
                        too_many=joined(" and ", too_many),
                    )
                )


def runs(text: str) -> set[tuple[str, ...]]:
    """Give every row of words that is one longer than may be repeated, case and marks between words left aside."""
    words = _WORD.findall(_plain(text))
    return {tuple(words[at : at + MOST_WORDS + 1]) for at in range(len(words) - MOST_WORDS)}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _texts(entry: Entry) -> list[str]:
    """Give the words of an event of any move; none once they are gone."""
    if entry.erased is not None:
        return []
    try:
        body = parse(entry.event.kind, entry.event.body)
    except Violation:
        return []
    if isinstance(body, Paper | Front):
        return [body.text]
    values = [getattr(body, name) for name in body.__struct_fields__]
    return [value for value in values if isinstance(value, str)]
