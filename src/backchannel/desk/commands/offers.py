"""What a paper is worth as an offer, and who accepted it, as a person and as a script see it; `desk accept`."""

import argparse

from backchannel.desk import mandates
from backchannel.desk.commands.answer import Answer, Json, person, room_of
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.moves.offer import Acceptance, Offer, acceptances, offer
from backchannel.moves.paper import Item, Mandate, Paper, Register, Status, find, standing
from backchannel.said import said


def accept(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    item = find(standing(room.log, now), args.item)
    entry = mandates.accept(room, item, now, beyond=args.beyond_mandate)
    side = one_line(room.credential.side)
    (told,) = (one for one in acceptances(room.log, item.entry.id) if one.entry.id == entry.id)
    line = (
        said(
            "{label} is accepted for {side}, by your word; it is talk, and proves nothing to anybody else.",
            label=one_line(item.label),
            side=side,
        )
        if told.flaw is None
        else said(
            "The room sees that you would accept {label}; it is not {side}'s acceptance: {flaw}.",
            label=one_line(item.label),
            side=side,
            flaw=one_line(told.flaw),
        )
    )
    return Answer(
        [line], {"accepted": entry.id.hex(), "label": item.label, "counts": told.flaw is None}, room
    )


def accepted(room: Room, item: Item) -> bool:
    """Whether another side has accepted an item."""
    return any(one.flaw is None for one in acceptances(room.log, item.entry.id))


def still_open(room: Room, item: Item) -> bool:
    """Whether a paper still waits for an answer: an acceptance is one."""
    return item.open and not accepted(room, item)


def offer_lines(room: Room, item: Item) -> list[str]:
    if item.entry.event.kind != "paper":
        return []
    found = offer(room.log, item)
    lines = []
    if found.counts:
        lines.append(
            said(
                "counts as an offer of {found_side}: {why}",
                found_side=one_line(found.side or ""),
                why=one_line(found.why),
            )
        )
    elif not _plain(item) and item.status is Status.STANDING:
        lines.append(said("not an offer: {why}", why=one_line(found.why)))
    told = acceptances(room.log, item.entry.id)
    lines += [_accepted_line(one) for one in told]
    return lines


def _plain(item: Item) -> bool:
    """Whether a paper does not even look like an offer: corridor talk that states nothing and claims no authority."""
    body = item.body
    return (
        isinstance(body, Paper)
        and body.register == Register.TALK
        and body.mandate == Mandate.NOT_STATED
        and not body.terms
        and body.carried is None
    )


def _accepted_line(one: Acceptance) -> str:
    when = said("{by}, {at}", by=person(one.by), at=date(one.entry.event.at))
    if one.flaw is not None:
        return said(
            "! not accepted for {by_side}, though {when} said so: {flaw}",
            by_side=one_line(one.by.side),
            when=when,
            flaw=one_line(one.flaw),
        )
    crossing = said("; this crossed with its being taken back, and both stand") if one.crossed else ""
    return said(
        "accepted for {by_side} by {when}{crossing}",
        by_side=one_line(one.by.side),
        when=when,
        crossing=crossing,
    )


def offer_value(room: Room, item: Item) -> dict[str, Json]:
    found = offer(room.log, item)
    said = acceptances(room.log, item.entry.id)
    return {
        "offer": _offer_value(found),
        "mandate_basis": found.basis.value,
        "accepted_by": [_accepted_value(one) for one in said if one.flaw is None],
        "accepted_void": [{**_accepted_value(one), "why": one.flaw} for one in said if one.flaw is not None],
    }


def _offer_value(found: Offer) -> dict[str, Json]:
    return {"counts": found.counts, "why": found.why, "side": found.side, "beyond_mandate": found.beyond}


def _accepted_value(one: Acceptance) -> dict[str, Json]:
    return {
        "id": one.entry.id.hex(),
        "side": one.by.side,
        "by": one.by.name,
        "at_ms": one.entry.event.at,
        "crossed": one.crossed,
    }
