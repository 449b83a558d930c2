"""What must be true when a case has been played: its clocks, its features, and who is kept out of what."""

from collections.abc import Mapping

from backchannel.plays.case import Clock, Expectation, Feature, KeptOut, PersonId, RowNumber
from backchannel.plays.cast import Cast, once_each
from backchannel.plays.marked_yaml import Marked, Table
from backchannel.plays.timeline import read_stamp

CLOCK_KEYS = ("id", "at", "tz", "what", "hard", "felt_by", "src", "conf")
EXPECTATION_KEYS = ("expect", "on", "people", "clocks")
FEATURE_KEYS = ("feature", "must_show", "also", *EXPECTATION_KEYS)
KEPT_OUT_KEYS = ("who", "side", "people", "out_of", "learned", "until", "reaction", "src", "conf")


def read_clocks(top: Table, cast: Cast) -> dict[str, Clock]:
    clocks: dict[str, Clock] = {}
    for item in top.items("clocks"):
        name = item.table("a clock", ("id",))["id"].id()
        table = item.table(f"clock {name}", CLOCK_KEYS)
        if name in clocks:
            raise item.refused(f"is another clock {name}; give every clock an id of its own")
        stamp = read_stamp(table)
        timed = "T" in table["at"].text()
        clocks[name] = Clock(
            id=name,
            at_ms=stamp.first_ms if timed else stamp.end_ms,
            what=table["what"].text(),
            hard=table["hard"].flag(),
            felt_by=table["felt_by"].each(cast.party),
        )
    return clocks


def read_features(top: Table, cast: Cast, clocks: Mapping[str, Clock]) -> tuple[Feature, ...]:
    return tuple(_feature(item, cast, clocks) for item in top.items("features"))


def _feature(item: Marked, cast: Cast, clocks: Mapping[str, Clock]) -> Feature:
    name = item.table("a feature", ("feature",))["feature"].id()
    table = item.table(f"feature {name}", FEATURE_KEYS)
    also = tuple(each.table(f"'also' of feature {name}", EXPECTATION_KEYS) for each in table.items("also"))
    return Feature(
        feature=name,
        must_show=table["must_show"].text(),
        expectations=tuple(_expectation(each, cast, clocks) for each in (table, *also)),
    )


def _expectation(table: Table, cast: Cast, clocks: Mapping[str, Clock]) -> Expectation:
    # a row that is not there is no fault of the file: nothing about it will be held
    on = once_each(table["on"], table["on"].each(lambda marked: RowNumber(marked.whole())))
    if list(on) != sorted(on):
        raise table["on"].refused("is not an ascending list of rows; write one")

    def clock(marked: Marked) -> str:
        if marked.text() not in clocks:
            raise marked.refused(
                f"is {marked.text()!r}, which is no clock of this case; name one of its clocks"
            )
        return marked.text()

    named = table.get("clocks")
    return Expectation(
        expect=table["expect"].id(),
        on=on,
        people=cast.at_desks(table.get("people")),
        clocks=() if named is None else named.each(clock),
    )


def read_kept_out(top: Table, cast: Cast) -> tuple[KeptOut, ...]:
    return tuple(_kept_out(item, cast) for item in top.items("kept_out"))


def _kept_out(item: Marked, cast: Cast) -> KeptOut:
    table = item.table("an entry of kept_out", KEPT_OUT_KEYS)
    people = cast.at_desks(table["people"])
    rooms = once_each(table["out_of"], table["out_of"].each(cast.room_id))
    learned = _learned(table.get("learned"), people, cast)
    for room in (cast.rooms[name] for name in rooms):
        for person in people:
            told = learned[person]
            if person in room.members and (told is None or room.joins.get(person, room.opened) < told):
                raise table.marked.refused(
                    f"keeps {person} out of {room.id}, where {person} is a member; change one"
                )
    return KeptOut(table.text("who"), people, rooms, learned)


def _learned(
    marked: Marked | None, people: tuple[PersonId, ...], cast: Cast
) -> dict[PersonId, RowNumber | None]:
    if marked is None:
        return dict.fromkeys(people)
    if not isinstance(marked.value, dict):
        return dict.fromkeys(people, cast.row(marked))
    learned: dict[PersonId, RowNumber | None] = dict.fromkeys(people)
    for name, value in marked.value.items():
        if PersonId(name) not in people:
            raise value.refused(f"speaks of {name}, who is not among these people; name one of them")
        learned[PersonId(name)] = None if value.value is None else cast.row(value)
    return learned
