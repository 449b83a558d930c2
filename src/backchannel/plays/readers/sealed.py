"""Sealed texts: words that were sealed before the world heard of them, and public words that a stranger can check."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.daylight.strict import moment
from backchannel.errors import BackchannelError
from backchannel.plays import stranger
from backchannel.plays.case import Expectation, PersonId, Row, RowNumber
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.terms import secret
from backchannel.plays.traces import person_name

TO_FILE = ("--to", "FILE")


@dataclass(frozen=True, slots=True)
class Copy:
    """A sealed text as one desk can write it to a file."""

    desk: PersonId
    room: str
    text: str  # the id, on the record of the room, of the text or of the agreement to publish it
    began_ms: int  # when it was put before the room
    closed: bytes
    opened: bytes


def opened_later(looks: Looks, wanted: Expectation) -> Finding:
    """The private rows were sealed before anything of them was public, and open against that seal with their dates."""
    rows = rows_of(looks, wanted)
    private = [row for row in rows if row.said is not None]
    if not private:
        raise NotSo(f"None of the rows of “{wanted.expect}” is private.")
    opening = rows[-1].at_ms if rows[-1].said is None else looks.now
    evidence: list[Evidence] = []
    if rows[-1].said is None:
        noted = [held for person in looks.seats for held in looks.of_row(person, rows[-1])]
        if not noted:
            raise NotSo(f"No desk has row {rows[-1].n}, which is to open the others.")
        evidence.append(noted[0].evidence())
    found: dict[RowNumber, list[Copy]] = {}
    for row in private:
        name, _ = _passage(looks, wanted, row)
        found[row.n] = [copy for person in named(wanted) if (copy := _copy(looks, person, name)) is not None]
        if {copy.desk for copy in found[row.n]} != set(named(wanted)):
            raise NotSo(f"Not every one of those desks holds row {row.n} sealed.")
    ask_stranger(looks, [copy for copies in found.values() for copy in copies])
    for row in private:
        name, kept = _passage(looks, wanted, row)
        _check_opening(looks, row, found[row.n], name, kept)
        for copy in found[row.n]:
            if not row.at_ms <= copy.began_ms < opening:
                raise NotSo(f"Row {row.n} was not sealed between being said and being opened.")
            evidence.append(saved(copy, "--open", name))
        evidence += _nowhere_in_public(looks, row, opening)
    return so(evidence)


def _passage(looks: Looks, wanted: Expectation, row: Row) -> tuple[str, object]:
    """Under which name a row is sealed, and what must come out: its words, or the record of an understanding."""
    for person in named(wanted):
        for held in looks.of_row(person, row):
            if held.item["kind"] == "understanding-offer":
                when = held.item["confirmed_ms"]
                if when is None:
                    raise NotSo(f"What was said at row {row.n} was never confirmed.")
                return f"understanding-row-{row.n}", (held.item["subject"], held.item["sides"], when // 1000)
    return f"term-row-{row.n}", row.gist


def _as_kept(opened: object) -> object:
    """What came out of a sealed text, to be compared with what a desk has."""
    if not isinstance(opened, Mapping):
        return opened
    return opened["subject"], opened["sides"], moment(opened["confirmed"]) // 1000


def _copy(looks: Looks, person: PersonId, name: str) -> Copy | None:
    """The sealed text in which a desk keeps a closed passage of some name."""
    seat = looks.seats[person]
    for room, text, began_ms in looks.sealed(person):
        save = ("seal", "save", "--room", room, text, *TO_FILE)
        try:
            opened = seat.file(*save, "--open", name, now=looks.now)
        except BackchannelError:
            continue
        return Copy(person, room, text, began_ms, seat.file(*save, now=looks.now), opened)
    return None


def _check_opening(looks: Looks, row: Row, copies: list[Copy], name: str, kept: object) -> None:
    """A stranger finds one text under all copies, nothing open in it at first, and then those words."""
    told = [looks.told[data] for copy in copies for data in (copy.closed, copy.opened)]
    if len({each.get("text") for each in told}) != 1 or not all(each["sealed"] for each in told):
        raise NotSo(f"The copies in which row {row.n} is sealed are not one text that verifies.")
    for closed, opened in zip(told[::2], told[1::2], strict=True):
        if closed["opened"] or row.gist in (closed["title"], *closed["clauses"]):
            raise NotSo(f"Row {row.n} can be read in the sealed text before it is opened.")
        if _as_kept(opened["opened"].get(name)) != kept:
            raise NotSo(f"What opens in the sealed text is not row {row.n}.")
        if any(side["ownership"] != "shown" for side in opened["sides"]):
            raise NotSo(f"The text in which row {row.n} is sealed is not shown to be its sides'.")


def ask_stranger(looks: Looks, copies: list[Copy]) -> None:
    """Have a stranger check every file, those of one room in one go; what it was told once it need not be told again."""
    for room in dict.fromkeys(copy.room for copy in copies):
        here = [copy for copy in copies if copy.room == room]
        files = [data for copy in here for data in (copy.closed, copy.opened) if data not in looks.told]
        files = list(dict.fromkeys(files))
        if files:
            told = stranger.verified(files, anchors(looks, here[0]))
            looks.told |= dict(zip(files, told, strict=True))


def anchors(looks: Looks, copy: Copy) -> Mapping[str, str]:
    """What the sides of a room have made known of their keys, asked at the desks of those who sealed there."""
    found: dict[str, str] = {}
    for person, seat in looks.seats.items():
        for event in looks.shown(person).get(copy.room, {"events": ()})["events"]:
            if event["kind"] == "seal-anchor" and event["author_name"] == person_name(looks.case, person):
                known = seat.do("seal", "known-as", "--room", copy.room, now=looks.now)
                found[str(known["side"])] = str(known["fingerprint"])
    return found


def _nowhere_in_public(looks: Looks, row: Row, opening: int) -> list[Evidence]:
    """No public event on any record before the opening says those words, or states what must not be public."""
    evidence: list[Evidence] = []
    kept = secret(looks.case, row)
    for person in looks.seats:
        for held in looks.items(person):
            if held.item["kind"] != "front" or held.item["happened_ms"] >= opening:
                continue
            stated = {(term["issue"], term["option"]) for term in held.item["terms"]}
            if row.gist in (held.text or "") or stated & kept:
                raise NotSo(f"What row {row.n} says was public before it was opened.")
            evidence.append(held.evidence())
    return evidence


def surfaced(looks: Looks, wanted: Expectation) -> Finding:
    """The public words went out as all sides agreed, as a text that a stranger can check and that opens nothing sealed."""
    rows = rows_of(looks, wanted)
    last = rows[-1]
    if last.said is not None:
        raise NotSo(f"Row {last.n} is not public.")
    copies = [copy for person in named(wanted) for copy in _published(looks, person)]
    ask_stranger(looks, copies)
    copies = [copy for copy in copies if last.gist in looks.told[copy.closed].get("clauses", ())]
    for person in named(wanted):
        if person not in {copy.desk for copy in copies}:
            raise NotSo(
                f"The desk of {person} has brought no sealed text with the words of row {last.n} into the open."
            )
    told = [looks.told[copy.closed] for copy in copies]
    if len({each.get("text") for each in told}) != 1 or not all(each["sealed"] for each in told):
        raise NotSo(f"The desks do not publish one sealed text of row {last.n} that verifies.")
    for each in told:
        if not {row.gist for row in rows if row.said is None} <= set(each["clauses"]):
            raise NotSo(f"The sealed text of row {last.n} leaves out public words.")
        if each["opened"] or any(side["ownership"] != "shown" for side in each["sides"]):
            raise NotSo(f"The sealed text of row {last.n} opens something, or is not shown to be its sides'.")
    noted = [held for person in named(wanted) for held in looks.of_row(person, last)]
    if not noted:
        raise NotSo(f"None of those desks has row {last.n} on its record.")
    return so([*(_evidence(copy) for copy in copies), *(held.evidence() for held in noted)])


def _published(looks: Looks, person: PersonId) -> list[Copy]:
    """What a desk can publish because all sides have agreed for good that it may."""
    found = []
    for room, shown in looks.shown(person).items():
        if not any(event["kind"] == "surface-propose" for event in shown["events"]):
            continue
        for each in looks.ask(person, "surface", "show", "--room", room)["proposals"]:
            if each["settled"]:
                out = ("surface", "publish", "--room", room, str(each["id"]), *TO_FILE)
                data = looks.seats[person].file(*out, now=looks.now)
                found.append(Copy(person, room, str(each["id"]), int(each["at_ms"]), data, data))
    return found


def _evidence(copy: Copy) -> Evidence:
    return Evidence.of(copy.desk, ("surface", "publish", "--room", copy.room, copy.text, *TO_FILE), copy.text)


def copies_of(looks: Looks, person: PersonId) -> list[Copy]:
    """Every sealed text of a desk, as it writes it with nothing opened."""
    found = []
    for room, text, began_ms in looks.sealed(person):
        data = looks.seats[person].file("seal", "save", "--room", room, text, *TO_FILE, now=looks.now)
        found.append(Copy(person, room, text, began_ms, data, data))
    return found


def saved(copy: Copy, *opened: str) -> Evidence:
    return Evidence.of(
        copy.desk, ("seal", "save", "--room", copy.room, copy.text, *opened, *TO_FILE), copy.text
    )
