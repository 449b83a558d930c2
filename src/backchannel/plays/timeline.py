"""The rows of a case file: who says what, where, when, through whom and in answer to what."""

from datetime import UTC

from backchannel.channel.members import Role
from backchannel.moves.paper import Mandate
from backchannel.plays.agenda import Agenda
from backchannel.plays.case import (
    NO_PARTY,
    PUBLIC,
    Carry,
    Kind,
    PartyId,
    PersonId,
    Register,
    Room,
    Row,
    RowNumber,
    Said,
    Visibility,
)
from backchannel.plays.cast import Cast, once_each
from backchannel.plays.marked_yaml import Marked, Table
from backchannel.plays.moments import OutOfOrder, Precision, Stamp, in_file_order, stamp, zone

PRIVATE_KEYS = ("mandate", "register", "author", "onward", "carry", "to_people")
ROW_KEYS = (
    *("n", "at", "precision", "tz", "from", "to", "via", "kind", "vis", "room", "by", "answers"),
    *("terms", "issues", "gist", "src", "conf", "reconstructed"),
    *PRIVATE_KEYS,
)


def read_timeline(top: Table, cast: Cast, agenda: Agenda) -> tuple[Row, ...]:
    """Read all rows, in the order of the file, each with a moment of its own."""
    tables = [
        item.table(f"row {item.table('a row', ('n',))['n'].whole()}", ROW_KEYS)
        for item in top["timeline"].items()
    ]
    if not tables:
        raise top["timeline"].refused("is empty; write at least one row")
    stamps = [read_stamp(table) for table in tables]
    try:
        moments = in_file_order(stamps)
    except OutOfOrder as error:
        raise tables[error.index]["at"].refused(
            "is over before the rows above it; put the rows in the order in which they happened"
        ) from error
    return tuple(_row(table, at_ms, cast, agenda) for table, at_ms in zip(tables, moments, strict=True))


def read_stamp(table: Table) -> Stamp:
    """Read `at`, with `tz` and `precision` where they are given."""
    where = table.get("tz")
    try:
        local = UTC if where is None else zone(where.text())
    except ValueError as error:
        assert where is not None
        raise where.refused(
            f"is {where.text()!r}, which is no time zone; write one like Europe/Oslo"
        ) from error
    try:
        return stamp(table["at"].text(), local, _precision(table))
    except ValueError as error:
        raise table["at"].refused(
            f"is {table['at'].text()!r}, which is no date; write 1962, 1962-10, 1962-10-27 or 1962-10-27T19:45"
        ) from error


def _precision(table: Table) -> Precision | None:
    marked = table.get("precision")
    return None if marked is None else marked.one_of(Precision)


def _row(table: Table, at_ms: int, cast: Cast, agenda: Agenda) -> Row:
    n = RowNumber(table["n"].whole())
    vis = table["vis"].one_of(Visibility)
    where = table.get("tz")
    private = vis is Visibility.PRIVATE
    if not private:
        _check_public(table, cast)
    return Row(
        n=n,
        at=table["at"].text(),
        tz="UTC" if where is None else where.text(),
        precision=_precision(table) or Precision.DAY,
        at_ms=at_ms,
        kind=table["kind"].one_of(Kind),
        vis=vis,
        by=table["by"].text(),
        from_party=_party(table, "from", cast),
        to_party=_party(table, "to", cast),
        via=table.text("via"),
        gist=table["gist"].text(),
        answers=_answers(table, n, cast),
        terms=agenda.terms(table.get("terms")),
        issues=agenda.issue_ids(table.get("issues")),
        reconstructed=table.flag("reconstructed"),
        conf=table.text("conf"),
        said=_said(table, n, cast) if private else None,
        line=table.marked.line,
    )


def _party(table: Table, key: str, cast: Cast) -> PartyId:
    marked = table.get(key)
    if marked is None or marked.text() in {NO_PARTY, PUBLIC}:
        return PartyId(table.text(key, NO_PARTY))
    return cast.party(marked)


def _answers(table: Table, n: RowNumber, cast: Cast) -> RowNumber | None:
    marked = table.get("answers")
    if marked is None:
        return None
    answered = RowNumber(marked.whole())
    if answered not in cast.rows or answered >= n:
        raise table.marked.refused(
            f"answers {answered}, which does not exist before it; name an earlier row or leave answers out"
        )
    return answered


def _check_public(table: Table, cast: Cast) -> None:
    if table["room"].text() != PUBLIC:
        raise table["room"].refused(
            f"is {table['room'].text()!r}; a public or leaked row stands in the room {PUBLIC}"
        )
    for key in PRIVATE_KEYS:
        if (marked := table.get(key)) is not None:
            raise marked.refused("stands on a row that is not private; take it away")
    by = table["by"].text()
    if by != PUBLIC and by not in cast.parties and by not in cast.people:
        raise table["by"].refused(f"is {by!r}; name a person or a party of this case, or {PUBLIC}")


def _said(table: Table, n: RowNumber, cast: Cast) -> Said:
    room = cast.room(table["room"])
    if not room.open_at(n):
        raise table["room"].refused(
            f"is {room.id}, which is not open at row {n}; change the room or its rows"
        )
    present = room.present(n)
    by = cast.person(table["by"]).id
    if by not in present:
        raise table["by"].refused(f"is {by}, who is not in the room {room.id} at row {n}; name one who is")
    others = tuple(person for person in present if person != by)
    to_mark = table.get("to_people")
    to_people = others if to_mark is None else once_each(to_mark, to_mark.each(cast.at_desk))
    for person in to_people:
        if to_mark is not None and person not in others:
            raise to_mark.refused(
                f"names {person}, who does not hear row {n} in {room.id}; name others who are present"
            )
    author, onward, carry = table.get("author"), table.get("onward"), table.get("carry")
    if (carry is None) != (author is None and onward is None):
        raise table.marked.refused(
            "has carry without author or onward, or one of these without carry; write both"
        )
    if author is not None and cast.person(author).id == by:
        raise author.refused(f"is {by}, who speaks in this row; leave author out")
    further = None if onward is None else cast.room(onward)
    return Said(
        room=room.id,
        mandate=table["mandate"].one_of(Mandate),
        register=table["register"].one_of(Register),
        to_people=to_people,
        author=None if author is None else cast.person(author).id,
        onward=None if further is None else further.id,
        bearer=None
        if onward is None or further is None
        else _bearer(onward, (by, *to_people), further, n, cast),
        carry=None if carry is None else carry.one_of(Carry),
    )


def _bearer(
    onward: Marked, hearers: tuple[PersonId, ...], further: Room, n: RowNumber, cast: Cast
) -> PersonId:
    """Find who takes the row on: a go-between first, else anyone who is in both rooms."""
    both = [person for person in hearers if person in further.present(n)]
    both.sort(key=lambda person: cast.people[person].role is not Role.GO_BETWEEN)
    if not both:
        raise onward.refused(
            f"is {further.id}, where nobody who hears row {n} is present; put a go-between in both rooms"
        )
    return both[0]
