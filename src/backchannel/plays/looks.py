"""What the kept desks answer when they are asked: every finding rests on commands that anyone can repeat."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backchannel.plays.case import Case, Expectation, PersonId, Row, RowNumber
from backchannel.plays.seat import Seat, Value, spoken
from backchannel.plays.tables import Table, side_of

Item = Mapping[str, Any]
STANDING = (  # what a move begins with, the commands about it, and where `show --json` has it
    ("understanding-offer", "understanding", "understandings"),
    ("standby", "standby", "standby"),
    ("pledge", "pledge", "pledges"),
    ("deed", "deed", "deeds"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look: whose desk, which command, and the events it showed."""

    desk: PersonId
    command: str
    events: tuple[str, ...] = ()
    play: str = ""  # in which play beside the main one
    after: RowNumber | None = None  # the row after which it was taken; None for the end of the play

    @classmethod
    def of(
        cls,
        desk: PersonId,
        words: tuple[str, ...],
        *events: str,
        play: str = "",
        after: RowNumber | None = None,
    ) -> "Evidence":
        return cls(desk, spoken(words), events, play, after)

    def value(self) -> dict[str, object]:
        value: dict[str, object] = {"desk": self.desk, "command": self.command, "events": list(self.events)}
        value |= {"play": self.play} if self.play else {}
        return value if self.after is None else value | {"after": self.after}


@dataclass(frozen=True, slots=True)
class Held:
    """An item, an understanding or whatever else stands in a room, as one desk shows it with `command`."""

    desk: PersonId
    room: str
    item: Item
    command: tuple[str, ...] = ("show",)

    @property
    def is_item(self) -> bool:
        """Whether it has a number and a label of its own."""
        return self.command == ("show",)

    @property
    def id(self) -> str:
        return str(self.item["id"])

    @property
    def text(self) -> str | None:
        text = self.item["text"]
        return None if text is None else str(text)

    @property
    def label(self) -> str:
        return str(self.item["label"])

    @property
    def author(self) -> str:
        return str(self.item["author"].get("name", ""))

    def evidence(self) -> Evidence:
        return Evidence.of(self.desk, (*self.command, "--room", self.room), self.id)


@dataclass(slots=True)
class Looks:
    """Asks desks, and remembers their answers while the play stands still."""

    case: Case
    seats: Mapping[PersonId, Seat]
    tables: tuple[Table, ...]
    now: int
    play: str = ""  # the name of a play beside the main one
    what_ifs: Mapping[Expectation, "WhatIf"] = field(default_factory=dict)
    glimpses: Mapping[tuple[RowNumber, PersonId, tuple[str, ...]], Value] = field(
        default_factory=dict
    )  # what desks showed after some rows
    leaked: Mapping[Expectation, "Looks"] = field(
        default_factory=dict
    )  # second plays in which something leaks
    tried: Mapping[Expectation, "Tried"] = field(default_factory=dict)
    told: dict[bytes, Mapping[str, Any]] = field(
        default_factory=dict
    )  # what a stranger was told of sealed files
    _shown: dict[PersonId, dict[str, Value]] = field(default_factory=dict)
    _asked: dict[tuple[PersonId, tuple[str, ...]], Value] = field(default_factory=dict)

    def called(self, person: PersonId) -> str:
        """How desks name somebody together with their side."""
        who = self.case.people[person]
        return f"{who.name} ({side_of(who, self.case.parties)})"

    def rooms(self, person: PersonId) -> list[Mapping[str, Any]]:
        return list(self.ask(person, "rooms")["rooms"])

    def shown(self, person: PersonId) -> dict[str, Value]:
        """What `desk show` says of each room of a desk, by the room's id."""
        if person not in self._shown:
            self._shown[person] = {
                str(room["id"]): self.ask(person, "show", "--room", str(room["id"]))
                for room in self.rooms(person)
            }
        return self._shown[person]

    def items(self, person: PersonId) -> Iterator[Held]:
        for room, shown in self.shown(person).items():
            for item in shown["items"]:
                yield Held(person, room, item)

    def of_row(self, person: PersonId, row: Row) -> list[Held]:
        """What a desk holds of a row: its words, at its date, or carried on before the next row; or that it was said."""
        items = [held for held in self.items(person) if held.text == row.gist and self._dated(held.item, row)]
        if row.said is None:
            return items
        return items + [
            held
            for held in self.others(person)
            if held.item["at_ms"] == row.at_ms and held.text in {row.gist, None}
        ]

    def others(self, person: PersonId) -> Iterator[Held]:
        """What stands on a desk beside items, with what its record says of when it came; without words, `text` is None."""
        for room, shown in self.shown(person).items():
            events = {event["id"]: event for event in shown["events"]}
            kinds = {event["kind"] for event in shown["events"]}
            for event in shown["events"]:
                if event["kind"] == "seal-draft":
                    item = {**event, "text": None, "author": {"name": event["author_name"]}}
                    yield Held(person, room, item, ("seal", "show"))
            for kind, group, key in STANDING:
                for each in self.ask(person, group, "show", "--room", room)[key] if kind in kinds else ():
                    event = events[each["id"]]
                    author = {"name": event["author_name"]}
                    text = each.get("text", each.get("step"))
                    item = {**event, **each, "text": text, "kind": kind, "author": author}
                    item.setdefault("at_ms", event["at_ms"])
                    yield Held(person, room, {**item, "mine": event["mine"]}, (group, "show"))

    def stubs(self, person: PersonId, row: Row, statuses: frozenset[str]) -> list[Held]:
        """The items of a desk that stand where a row was said and have no text any more."""
        return [
            held
            for held in self.items(person)
            if held.text is None and held.item["status"] in statuses and held.item["at_ms"] == row.at_ms
        ]

    def again(self, held: Held, later_ms: int) -> Item:
        """Look at one item once more, at a later time."""
        answer = self.seats[held.desk].do("show", "--room", held.room, held.id, now=self.now + later_ms)
        item: Item = answer["items"][0]
        return item

    def soundings(self, person: PersonId) -> list[tuple[str, Mapping[str, Any]]]:
        """Every sounding that a desk shows, with its room."""
        return [
            (room, one)
            for room, shown in self.shown(person).items()
            if any(event["kind"] == "sounding-open" for event in shown["events"])
            for one in self.ask(person, "sound", "show", "--room", room)["soundings"]
        ]

    def search(self, person: PersonId, text: str) -> list[Mapping[str, Any]]:
        return list(self.ask(person, "search", "--", text)["found"])

    def searched(self, person: PersonId, text: str) -> Evidence:
        events = tuple(dict.fromkeys(str(hit["event"]) for hit in self.search(person, text) if hit["event"]))
        return Evidence(person, spoken(("search", "--", text)), events)

    def sealed(self, person: PersonId) -> list[tuple[str, str, int]]:
        """The texts that all sides have sealed on a desk: room, id, and since when their words were before the room."""
        found: list[tuple[str, str, int]] = []
        for room, shown in self.shown(person).items():
            began = {event["id"]: event["at_ms"] for event in shown["events"] if event["kind"] == "seal-text"}
            found += [
                (room, str(text["id"]), int(began[text["id"]]))
                for text in (self.sealings(person, room) if began else ())
                if text["complete"]
            ]
        return found

    def sealings(self, person: PersonId, room: str) -> list[Mapping[str, Any]]:
        """What `desk seal show` says of the texts of a room."""
        return list(self.ask(person, "seal", "show", "--room", room)["texts"])

    def seated_at(self, person: PersonId, room: str, at_ms: int) -> set[str]:
        """The names of those who sat in a room at a moment, as a desk's record of its comings and goings has it."""
        seated: set[str] = set()
        for event in self.shown(person)[room]["events"]:
            if event["at_ms"] > at_ms or event["void"] is not None:
                continue
            if event["kind"] == "epoch":
                seated = {str(each["name"]) for each in event["people"]}
            elif event["kind"] == "leave":
                seated.discard(str(event["author_name"]))
        return seated

    def rooms_command(self) -> str:
        return spoken(("rooms",))

    def _dated(self, item: Item, row: Row) -> bool:
        if item["kind"] == "front":
            return bool(item["happened_ms"] == row.at_ms)
        return row.at_ms <= int(item["at_ms"]) < self._next_ms(row.n)

    def _next_ms(self, n: RowNumber) -> int:
        rows = self.case.timeline
        place = next(place for place, row in enumerate(rows) if row.n == n)
        return rows[place + 1].at_ms if place + 1 < len(rows) else self.now + 1

    def ask(self, person: PersonId, *words: str) -> Value:
        """Give a command that shows something, once: the play stands still."""
        if (person, words) not in self._asked:
            self._asked[person, words] = self.seats[person].do(*words, now=self.now)
        return self._asked[person, words]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What desks showed of promises before they were published in a second play, and what they show after."""

    before: Mapping[PersonId, list[Held]]
    after: Looks
    publisher_refused: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What desks showed at a moment of a second play, and what they show after the last of some people has answered."""

    before: Looks
    after: Looks


def once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Join looks that were the same command."""
    joined: dict[tuple[PersonId, str, str, RowNumber | None], tuple[str, ...]] = {}
    for each in evidence:
        key = (each.desk, each.command, each.play, each.after)
        joined[key] = tuple(dict.fromkeys((*joined.get(key, ()), *each.events)))
    return tuple(
        Evidence(desk, command, events, play, after)
        for (desk, command, play, after), events in joined.items()
    )
