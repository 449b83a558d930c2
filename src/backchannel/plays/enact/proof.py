"""Whose word it is: a challenge answered by an act, and words in the name of somebody who says that they are not theirs."""

from datetime import timedelta

from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact.floor import EPOCH, Floor
from backchannel.plays.enact.speaking import speaks
from backchannel.plays.plan import usable
from backchannel.plays.tables import Table


async def challenge(floor: Floor, row: Row) -> None:
    """Whoever says such a row asks the first who hears it for another party to show their authority by an act."""
    table = floor.said_in.get(row.n)
    if row.n not in floor.plan.course.proofs or table is None or row.said is None:
        return
    own = floor.case.people[PersonId(row.by)].party
    asked = [
        each for each in row.said.to_people if floor.case.people[each].party != own and speaks(floor, each)
    ]
    if asked:
        name = floor.case.people[asked[0]].name
        words = ("mandate", "challenge", "--room", table.id, "--to", name)
        put = floor.seat(PersonId(row.by)).do(*words, "--", row.gist[:2_000])
        floor.challenges[row.n] = (asked[0], str(put["challenge"]))
        await floor.settle()


async def answer(floor: Floor, row: Row) -> None:
    """The act that was asked for is pointed at by who was challenged, and whoever asked says that they have seen it."""
    for first, last in floor.plan.course.proofs.items():
        if last != row.n or first not in floor.challenges:
            continue
        table, asking = floor.said_in[first], floor.case.row(first)
        item = table.events.get(row.n)
        if item is None or table.closed:
            continue
        holder, id_ = floor.challenges[first]
        about = ("--room", table.id, id_, "--item", item)
        floor.seat(holder).do("mandate", "answer", *about, "--how", f"What was asked for on {_date(asking)}")
        await floor.settle()
        floor.seat(PersonId(asking.by)).do("mandate", "checked", *about, "--how", f"Seen on {_date(row)}")
        await floor.settle()


def claim_first(floor: Floor, row: Row) -> None:
    """An envoy who is to be challenged has said what they claim."""
    if row.n not in floor.plan.course.proofs or row.said is None:
        return
    table = floor.tables.main(row.said.room)
    own = floor.case.people[PersonId(row.by)].party
    for each in row.said.to_people:
        if floor.case.people[each].party != own and speaks(floor, each) and each in table.seated:
            words = ("--for", table.title, "--level", "authorised")
            floor.seat(each).do("mandate", "claim", "--room", table.id, *words, now=floor.stage.clock())
            return


async def disown(floor: Floor, row: Row) -> None:
    """After words in somebody's name came out, that person says on the record of a room of theirs that they are not theirs."""
    for n in sorted(floor.plan.course.named - floor.disowned.keys()):
        earlier = floor.case.row(n)
        assert earlier.said is not None, "a private row"
        author = earlier.said.author
        if author is None or not floor.case.people[author].desk or n not in floor.played.rows:
            continue
        if row.said is not None or row.n <= n:
            continue
        table = _room_of(floor, author, row)
        if table is not None:
            words = denial(floor.case.people[PersonId(earlier.by)].name, earlier)
            said = floor.seat(author).do("say", "--room", table.id, "--register", "formal", "--", words)
            floor.disowned[n] = str(said["id"])
            await floor.settle()


def denial(bearer: str, row: Row) -> str:
    """Give what somebody says of words that were brought in their name."""
    return f"What {bearer} brought in my name on {_date(row)} was not said by me."


def _room_of(floor: Floor, person: PersonId, row: Row) -> Table | None:
    for room in floor.case.rooms.values():
        table = floor.tables.main(room.id)
        if person in usable(floor.case, room, row.n) and person in table.seated and not table.closed:
            return table
    return None


def _date(row: Row) -> str:
    return f"{EPOCH + timedelta(milliseconds=row.at_ms):%-d %B %Y}"
