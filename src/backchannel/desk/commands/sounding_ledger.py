"""`desk sound ledger`: what others may know of this person from soundings, in words and in bits."""

import argparse

from backchannel.crypto.sounding.params import Kind
from backchannel.desk.commands.answer import Answer, Json, room_of, spoken_list
from backchannel.desk.commands.wording import SOUNDINGS, worded
from backchannel.desk.desk import Desk
from backchannel.desk.shown import one_line
from backchannel.desk.sounding_ledger import NOTHING_LEARNT, OF_LIMITS, OPEN, Entered, Searched, searched
from backchannel.desk.sounding_ledger import ledger as ledger_of
from backchannel.desk.when import date
from backchannel.said import said


def ledger(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    known, lines = searched(room), list[str]()
    value: list[Json] = []
    rows: dict[object, list[Entered]] = {}
    for number, one in enumerate(ledger_of(room)):
        # the soundings of a search are one entry: what it told is known for all of them together
        rows.setdefault(one.agenda if one.agenda in known else number, []).append(one)
    for agenda, found in rows.items():
        search = known.get(agenda) if isinstance(agenda, str) else None
        bits = sum(map(_bits, found))
        if search is not None:
            bits = min(bits, search.bits)
            told = _search_lines(found, search, bits)
        else:
            told = _ledger_lines(found[0])
        lines += told
        value.append(_entry(found, search, bits, told[1:]))
    return Answer(lines or [said("You have answered no sounding in this room.")], {"ledger": value}, room)


def _entry(found: list[Entered], search: Searched | None, bits: int, told: list[str]) -> Json:
    one = found[0]
    return {
        "at_ms": one.at,
        "agenda": one.agenda if search is None else search.title,
        "others": list(one.others),
        "kind": one.kind if search is None else "search",
        "options": sum(len(each.options) for each in found),
        "joint": one.joint if one.joint >= 0 and search is None else None,
        "soundings": len(found),
        "bits_at_most": bits,
        "told": list(told),
    }


def _search_lines(found: list[Entered], search: Searched, bits: int) -> list[str]:
    one, count = found[0], len(found)
    return [
        said(
            "{at}, search of “{title}”, with {who}, in {count} sounding"
            if count == 1
            else "{at}, search of “{title}”, with {who}, in {count} soundings",
            at=date(one.at),
            title=one_line(search.title),
            who=spoken_list(map(one_line, one.others)),
            count=count,
        ),
        said("  {bits} bit at most" if bits == 1 else "  {bits} bits at most", bits=f"{bits:,}"),
    ]


def _ledger_lines(one: Entered) -> list[str]:
    who, count = spoken_list(map(one_line, one.others)), len(one.options)
    lines = [
        said(
            "{at}, “{agenda}”, with {who}: {count} option, {kind}"
            if count == 1
            else "{at}, “{agenda}”, with {who}: {count} options, {kind}",
            at=date(one.at),
            agenda=one_line(one.agenda),
            who=who,
            count=count,
            kind=worded(SOUNDINGS, one.kind),
        )
    ]
    if one.joint == NOTHING_LEARNT:
        return [*lines, said("  it ended before anything could be opened: 0 bits")]
    if one.joint == OPEN:
        return [
            *lines,
            said("  no result came; if it lacked only the last words, somebody may know one all the same"),
        ]
    if one.kind == Kind.THRESHOLD:
        return [*lines, said("  they know whether your limit and theirs meet: 1 bit")]
    if one.kind == Kind.DRAWN:
        return [*lines, said("  they know whether all accept the one that was drawn: 1 bit")]
    lines.append(said("  they know that you accept {joint} of these", joint=one.joint))
    if one.refused and one.kind == Kind.ALL:
        each = said("you refused it") if len(one.others) == 1 else said("not everybody accepted it")
        lines.append(
            said(
                "  of each that they accepted themselves and that is not among these they know that {each}",
                each=each,
            )
        )
    bits = _bits(one)
    return [*lines, said("  {bits} bit at most" if bits == 1 else "  {bits} bits at most", bits=bits)]


def _bits(one: Entered) -> int:
    """At most one bit for each option; of limits one in all; of the first common option no more than which one."""
    if one.joint == NOTHING_LEARNT:
        return 0
    if one.kind in OF_LIMITS:
        return 1
    if one.kind == Kind.FIRST:
        return max(1, len(one.options).bit_length())
    return len(one.options)
