"""What a person does about an impasse: call it, with a way on that their desk finds by rule, and lift it."""

from collections import Counter

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.members import Role, RoomKind
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import Refused
from backchannel.moves.impasse import Impasse, ImpasseLift, Suggestion, Table, standing, suggest
from backchannel.moves.paper import Status
from backchannel.moves.paper import standing as papers
from backchannel.moves.sunset import standing as sunset
from backchannel.said import said


def call(room: Room, text: str, now: int) -> Entry:
    """Say to everyone that it does not go on like this."""
    may_act(room)
    earlier = [Suggestion(one.body.suggestion) for one in standing(room.log)]
    way, about = suggest(table(room, now), earlier)
    return act(room, "impasse", Impasse(text, way, about), now)


def lift(room: Room, target: EventId, now: int) -> Entry:
    """Say that an impasse which one's own side called is none any more."""
    seating = may_act(room)
    found = next((one for one in standing(room.log) if one.entry.id == target), None)
    if found is None:
        raise Refused("There is no such impasse in this room; `backchannel desk impasse show` lists them.")
    author = room.member(found.entry.author)
    if author is None or author.side != seating.seated[room.me].side:
        whose = said("another side") if author is None else author.side
        raise Refused(
            said(
                "This impasse was called by {whose}, and only that side lifts it; say that you see a way on.",
                whose=whose,
            )
        )
    if found.lifted is not None:
        raise Refused("This impasse has been lifted already.")
    return act(room, "impasse-lift", ImpasseLift(target), now)


def table(room: Room, now: int) -> Table:
    """Read off a room what a suggestion rests on."""
    seated = room.seating.seated.values()
    sizes = Counter(member.side for member in seated if member.role != Role.GO_BETWEEN)
    return Table(
        disputed=disputed(room, now),
        go_between=any(member.role == Role.GO_BETWEEN for member in seated),
        largest_side=max(sizes.values(), default=0),
        caucus=room.seating.epoch.charter.kind == RoomKind.CAUCUS,
        sunset=sunset(room.log, now) is not None,
    )


def disputed(room: Room, now: int) -> dict[str, int]:
    """Give each issue on which the last words of two sides differ, with how many options they name."""
    said: dict[str, dict[str, frozenset[str]]] = {}
    for item in papers(room.log, now):
        author = room.member(item.entry.author)
        if (
            item.body is None
            or item.status is not Status.STANDING
            or author is None
            or author.role == Role.GO_BETWEEN
        ):
            continue
        for issue in {term.issue for term in item.body.terms}:
            options = frozenset(term.option for term in item.body.terms if term.issue == issue)
            said.setdefault(issue, {})[author.side] = options
    return {
        issue: len(frozenset.union(*sides.values()))
        for issue, sides in said.items()
        if len(set(sides.values())) > 1
    }
