"""Private links: items of several rooms laid side by side on one desk; no event is ever sent for them.

A link keeps ids and no words: what has expired, was withdrawn or went with its room is gone from it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.desk.desk import Desk
from backchannel.desk.notebook import Linked, OwnLink, note, pages, tear_out
from backchannel.desk.room import Room
from backchannel.errors import Refused
from backchannel.moves.paper import MAX_LABEL, Item, Papers, Status
from backchannel.said import said

MOST_ITEMS = 24


@dataclass(frozen=True, slots=True)
class Place:
    """One linked item: where it stands, and how it stands there now; only the id is left if its room holds it no more."""

    room: Room
    event: EventId
    item: Item | None

    @property
    def options(self) -> dict[str, tuple[str, ...]]:
        """What it states on each issue; nothing once it stands no more."""
        if self.item is None or self.item.body is None or self.item.status is not Status.STANDING:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for term in self.item.body.terms:
            found[term.issue] = (*found.get(term.issue, ()), term.option)
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One issue on which the items of a link do not say the same: what each says, and who is silent on it."""

    issue: str
    said: tuple[tuple[Place, tuple[str, ...]], ...]
    silent: tuple[Place, ...]

    @property
    def options(self) -> list[str]:
        """Every option that is stated, each once."""
        return list(dict.fromkeys(option for _, options in self.said for option in options))

    @property
    def contradicts(self) -> bool:
        """Whether two items state different things, and not only one of them something."""
        return len({frozenset(options) for _, options in self.said}) > 1


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands."""

    id: bytes
    title: str
    added: int
    places: tuple[Place, ...]

    @property
    def differences(self) -> list[Difference]:
        stated = [(place, place.options) for place in self.places]
        issues = dict.fromkeys(issue for _, options in stated for issue in options)
        found = []
        for issue in issues:
            said = tuple((place, options[issue]) for place, options in stated if issue in options)
            silent = tuple(place for place, options in stated if issue not in options)
            difference = Difference(issue, said, silent)
            if silent or difference.contradicts:
                found.append(difference)
        return found

    @property
    def states_something(self) -> bool:
        return any(place.options for place in self.places)


def add(desk: Desk, title: str, items: Sequence[tuple[Room, EventId]], now: int) -> bytes:
    """Keep a link in the vault; gives its id there."""
    if not 0 < len(title) <= MAX_LABEL:
        raise Refused(said("A link has a title of at most {max_label} characters.", max_label=MAX_LABEL))
    unique = list(dict.fromkeys((room.id, event) for room, event in items))
    if not 1 < len(unique) <= MOST_ITEMS:
        raise Refused(
            said(
                "A link lays two or more different items side by side, {most_items} at most.",
                most_items=MOST_ITEMS,
            )
        )
    with desk.vault.master.transaction():
        link = note(desk.vault, OwnLink(title, now))
        for room, event in unique:
            note(desk.vault, Linked(link, event), room)
    return link


def links(desk: Desk, now: int) -> list[Link]:
    """Give every link as it stands, the oldest first."""
    linked = pages(desk.vault, Linked)
    return [
        Link(
            page.id,
            page.record.title,
            page.record.added,
            tuple(
                _place(desk.room(one.room), EventId(one.record.item), now)
                for one in linked
                if one.record.link == page.id
            ),
        )
        for page in pages(desk.vault, OwnLink)
    ]


def drop(desk: Desk, link: Link) -> None:
    """Forget a link; the items stay where they are."""
    linked = [page.id for page in pages(desk.vault, Linked) if page.record.link == link.id]
    tear_out(desk.vault, link.id, *linked)


def _place(room: Room, event: EventId, now: int) -> Place:
    papers = read(room.log, Papers) if room.seated else None
    known = papers is not None and event in papers.bodies
    return Place(room, event, papers.item(event, now) if papers is not None and known else None)
