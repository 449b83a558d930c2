"""`desk link …`: one side's parallel channels side by side; private, and nothing is sent."""

import argparse

from backchannel.channel.event import EventId
from backchannel.desk import links
from backchannel.desk.commands.answer import Answer, Json, named, own_title, spoken_list, title
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.wording import STANDINGS, worded
from backchannel.desk.desk import Desk
from backchannel.desk.links import Difference, Link, Place
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import Refused
from backchannel.moves.paper import find, standing
from backchannel.said import joined, said

LISTED = "link show"


def add(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    items = [_spoken(desk, spoken, now) for spoken in args.items]
    link = links.add(desk, args.title.strip(), items, now)
    line = said("The link is kept on this desk alone; nobody in either room learns of it.")
    return Answer([line], {"id": link.hex()})


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    found = links.links(desk, now)
    lines = [line for link in found for line in _lines(desk, link)]
    values: list[Json] = [_value(desk, link) for link in found]
    return Answer(lines or [said("No link; make one with `backchannel desk link add`.")], {"links": values})


def drop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    known = {EventId(link.id): link for link in links.links(desk, now)}
    found = choose(known, args.which, "link", LISTED)
    links.drop(desk, found)
    return Answer([said("The link is gone from this desk; the items stay.")], {"dropped": found.id.hex()})


def _spoken(desk: Desk, spoken: str, now: int) -> tuple[Room, EventId]:
    """Find what a person means by `7@Letters` or `7.Anna@Letters`."""
    item, at, where = spoken.partition("@")
    if not (item and at and where):
        raise Refused(
            said(
                "“{spoken}” names no item of a room; write ITEM@ROOM, such as 7@Letters.",
                spoken=one_line(spoken),
            )
        )
    room = desk.find_room(where)
    return room, find(standing(room.log, now) if room.seated else [], item).entry.id


def _name(desk: Desk, place: Place) -> str:
    label = place.event.hex()[:12] if place.item is None else one_line(place.item.label)
    return said("{label} in “{title}”", label=label, title=title(desk, place.room))


def _lines(desk: Desk, link: Link) -> list[str]:
    lines = [said("{link_title} [{link}]", link_title=one_line(link.title), link=link.id.hex()[:12])]
    for place in link.places:
        item = place.item
        if item is None:
            lines.append(said("  {name}: this desk holds it no more", name=_name(desk, place)))
            continue
        entry = item.entry
        lines.append(
            said(
                "  {name}, {author}, {at}: {status}",
                name=_name(desk, place),
                author=named(place.room, entry.author),
                at=date(entry.event.at),
                status=worded(STANDINGS, item.status),
            )
        )
        if item.body is not None:
            lines += ["    │ " + line for line in text_lines(item.body.text)]
            lines += [
                said("    states {issue}: {option}", issue=one_line(term.issue), option=one_line(term.option))
                for term in item.body.terms
            ]
    lines += ["  " + _difference(desk, one) for one in link.differences]
    if not link.differences:
        lines.append(
            said("  they say the same on every issue")
            if link.states_something
            else said("  none of them states anything on an issue")
        )
    return lines


def _difference(desk: Desk, one: Difference) -> str:
    told = joined(
        "; ",
        (
            said("{options} ({name})", options=spoken_list(map(one_line, options)), name=_name(desk, place))
            for place, options in one.said
        ),
    )
    if one.contradicts:
        silent = (
            said("; nothing in {name}", name=spoken_list(_name(desk, place) for place in one.silent))
            if one.silent
            else ""
        )
        return said(
            "! {issue}: they differ: {told}{silent}", issue=one_line(one.issue), told=told, silent=silent
        )
    where = spoken_list(_name(desk, place) for place, _ in one.said)
    return said(
        "! {issue}: stated only in {where}: {options}",
        issue=one_line(one.issue),
        where=where,
        options=spoken_list(map(one_line, one.options)),
    )


def _value(desk: Desk, link: Link) -> dict[str, Json]:
    return {
        "id": link.id.hex(),
        "title": link.title,
        "added_ms": link.added,
        "items": [_place_value(desk, place) for place in link.places],
        "differences": [_difference_value(one) for one in link.differences],
        "agrees": link.states_something and not link.differences,
    }


def _place_value(desk: Desk, place: Place) -> dict[str, Json]:
    value: dict[str, Json] = {
        "room": place.room.id.hex(),
        "room_title": own_title(desk, place.room),
        "id": place.event.hex(),
        "label": None,
        "text": None,
        "terms": [],
        "status": "gone",
    }
    item = place.item
    if item is None:
        return value
    value |= {
        "label": item.label,
        "kind": item.entry.event.kind,
        "at_ms": item.entry.event.at,
        "author": named(place.room, item.entry.author),
        "author_name": place.room.name(item.entry.author),
        "status": item.status.value,
    }
    if item.body is None:
        return value
    terms: list[Json] = [{"issue": term.issue, "option": term.option} for term in item.body.terms]
    return value | {"text": item.body.text, "terms": terms}


def _difference_value(one: Difference) -> dict[str, Json]:
    stated: list[Json] = [{"id": place.event.hex(), "options": list(options)} for place, options in one.said]
    value: dict[str, Json] = {"issue": one.issue, "options": list(one.options), "stated": stated}
    if one.silent:
        value["only_in"] = [place.event.hex() for place, _ in one.said]
    return value
