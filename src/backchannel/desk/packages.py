"""What a person does with packages: put an agenda on the table, agree to it, and tell their own desk alone what they want."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.notebook import OwnStance, note, pages, tear_out
from backchannel.desk.room import Room
from backchannel.desk.speaking import sides_named, speaking
from backchannel.desk.vault import Vault
from backchannel.errors import Refused
from backchannel.moves.package import OnTable, PackageAgenda, PackageAgree, PackageDrop, Status
from backchannel.moves.seal import SPEAKERS
from backchannel.packages.agenda import Agenda, Issue, Option, Package, Space
from backchannel.packages.foreign import Imported
from backchannel.packages.genius import read_genius
from backchannel.packages.json_domains import read_geniusweb, read_negolog
from backchannel.packages.preferences import Additive, Interdependent, Preferences, Stance, Wish
from backchannel.packages.schedule import MOST_SIDES, Schedule
from backchannel.said import joined, said

SECRET_MARK = "[secret]"  # noqa: S105 - ends the text of an option that must stay off the public text
_HUNDRED = 100


def imported(data: bytes) -> Imported:
    """Read a file of another program, whichever it is of."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_genius(data)
    return read_negolog(data) if b'"issueWeights"' in data and b'"issues"' in data else read_geniusweb(data)


def issue(spoken: str) -> Issue:
    """Read an issue as a person writes it: `Dues: shared | to the north | half, unannounced [secret]`."""
    title, colon, rest = spoken.partition(":")
    if not colon:
        raise Refused(
            said("Write an issue as TITLE: OPTION | OPTION, not {spoken}.", spoken=repr(spoken[:80]))
        )
    options = []
    for part in rest.split("|"):
        text = part.strip()
        options.append(Option(text.removesuffix(SECRET_MARK).rstrip(), text.endswith(SECRET_MARK)))
    return Issue(title.strip(), tuple(options))


def propose(room: Room, agenda: Agenda, spoken: Sequence[str], now: int, *, secret: bool) -> Entry:
    """Put an agenda on the table for some sides, or for all whose people may bind them; one's own side agrees by it."""
    own = speaking(room)
    here = {member.side for member in room.seating.seated.values() if member.role in SPEAKERS}
    sides = tuple(sorted({own, *sides_named(room, spoken)} if spoken else here))
    if not 1 < len(sides) <= MOST_SIDES:
        raise Refused(
            said(
                "A search is between two and {most_sides} sides with somebody here who may bind them; name them with --with.",
                most_sides=MOST_SIDES,
            )
        )
    steps = Schedule.fitting(len(sides), agenda.space(secret=secret).count, secret=secret)
    return act(room, "package-agenda", PackageAgenda(sides, agenda, steps), now)


def agree(room: Room, found: OnTable, now: int) -> Entry:
    """Agree for one's side to an agenda as it stands, word for word and step for step."""
    body = _open(found)
    side = _of_its_sides(room, body)
    if side in found.agreed:
        raise Refused("Your side has agreed to this already.")
    return act(room, "package-agree", PackageAgree(found.entry.id, body.digest()), now)


def drop(room: Room, found: OnTable, now: int) -> Entry:
    """Take an agenda off the table, for everyone to see."""
    _of_its_sides(room, _open(found))
    return act(room, "package-drop", PackageDrop(found.entry.id), now)


def _open(found: OnTable) -> PackageAgenda:
    if found.body is None or found.status is Status.DROPPED:
        raise Refused("This agenda is off the table; put another on it.")
    return found.body


def _of_its_sides(room: Room, body: PackageAgenda) -> str:
    side = speaking(room)
    if side not in body.sides:
        raise Refused("Your side is not one of those that this agenda is for.")
    return side


def keep(vault: Vault, room: Room, target: EventId, wants: Preferences, walk_away: int) -> None:
    """Keep in this desk's vault what packages are worth to one's side, in the place of what was kept before."""
    shares = wants.shares if isinstance(wants, Additive) else ()
    wishes = wants.wishes if isinstance(wants, Interdependent) else ()
    cap = wants.cap if isinstance(wants, Interdependent) else 0
    before = [page.id for page in pages(vault, OwnStance) if page.record.target == target]
    record = OwnStance(target, shares, tuple((wish.bonus, wish.ranges) for wish in wishes), cap, walk_away)
    note(vault, record, room.id)
    tear_out(vault, *before)


def forget(vault: Vault, target: EventId) -> None:
    """Destroy what was kept for an agenda; Refused if there is nothing."""
    kept = [page.id for page in pages(vault, OwnStance) if page.record.target == target]
    if not kept:
        raise Refused("This desk keeps no preferences for this agenda.")
    tear_out(vault, *kept)


def kept(vault: Vault, target: EventId) -> OwnStance | None:
    """Give what this desk was told for an agenda; None if it was never told."""
    return next((page.record for page in pages(vault, OwnStance) if page.record.target == target), None)


def stance(vault: Vault, target: EventId, space: Space) -> Stance | None:
    """Give what this desk knows of its own side's judgement; None if it was never told."""
    told = kept(vault, target)
    return None if told is None else in_space(told, space)


def in_space(told: OwnStance, space: Space) -> Stance:
    """Give what a desk was told as a judgement of the packages of a space."""
    wants: Preferences = (
        Additive(told.shares)
        if told.shares
        else Interdependent(tuple(Wish(bonus, ranges) for bonus, ranges in told.wishes), told.cap)
    )
    return Stance.in_space(wants, told.walk_away, space)


def placed_walk_away(wants: Preferences, space: Space, percent: int) -> int:
    """Turn a walk-away said as a place from nothing to one's best into a worth."""
    if not 0 <= percent <= _HUNDRED:
        raise Refused("A walk-away is a place from 0, take anything, to 100, only the very best.")
    return wants.best(space) * percent // _HUNDRED


def walk_away_place(kept: OwnStance, space: Space) -> int:
    """Give the place of a walk-away from nothing to one's best, as it was said: the reverse of `placed_walk_away`."""
    best = Additive(kept.shares).best(space)
    return ceil(Fraction(_HUNDRED * kept.walk_away, best)) if best > 0 else 0


def package(agenda: Agenda, spoken: Sequence[str]) -> Package:
    """Read a package as a person names it: `Dues=shared` for every issue that has a choice."""
    chosen: dict[str, str] = {}
    for part in spoken:
        title, equals, text = part.partition("=")
        if not equals or title.strip() in chosen:
            raise Refused("Name each issue once, as ISSUE=OPTION.")
        chosen[title.strip()] = text.strip()
    unknown = chosen.keys() - {one.title for one in agenda.issues}
    if unknown:
        raise Refused(said("There is no issue “{unknown}” on this agenda.", unknown=min(unknown)))
    return tuple(
        0 if len(one.options) == 1 else place_of(one, chosen.get(one.title, "")) for one in agenda.issues
    )


def place_of(one: Issue, text: str) -> int:
    """Find an option of an issue by its text."""
    texts = [option.text for option in one.options]
    if text not in texts:
        raise Refused(
            said(
                "“{one_title}” needs one of its options: {texts}.",
                one_title=one.title,
                texts=joined("; ", texts),
            )
        )
    return texts.index(text)
