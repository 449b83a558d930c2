"""Every act of a person as a form: which command it gives, what it asks for, whom it reaches.

A form is a row of a table: its fields become the words of the command that does the act, so that pages and terminal cannot
differ in what an act means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backchannel.desk.parser import CAPACITIES, MANDATES, MANNERS, REGISTERS, ROLES, ROOM_KINDS, RULES
from backchannel.errors import Refused


class Kind(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    AREA = "area"
    CHOICE = "choice"
    CHECK = "check"
    LINES = "lines"  # one value a line, each given as an option of its own
    ITEM = "item"  # an item of the room
    MEMBER = "member"  # a person in the room
    SECRET = "secret"  # noqa: S105 - the name of a kind: never in a draft, never shown again


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks; `option` is how the command takes it, empty for its own place in the command."""

    name: str
    kind: Kind = Kind.LINE
    option: str = ""
    choices: tuple[str, ...] = ()
    family: str = ""  # the words of `choices` in the catalogue
    needed: bool = False
    more: bool = False  # shown only when asked for
    default: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its command, what it asks, and whether it is said in a room, cannot be undone, or takes texts and files."""

    command: tuple[str, ...]
    fields: tuple[Field, ...]
    room: bool = True
    final: bool = False
    texts: bool = False
    given: tuple[str, ...] = ()  # fields that a terminal would ask for and no option takes

    def words(self, form: Mapping[str, str]) -> list[str]:
        """Write the command of a filled form, or raise Refused if something needed is missing."""
        options: list[str] = []
        places: list[str] = []
        for field in self.fields:
            value = form.get(field.name, "").strip()
            if field.needed and not value:
                raise Refused("Something that is needed is missing; fill in every field that is marked.")
            if not value or field.name in self.given:
                continue
            if field.kind is Kind.CHECK:
                options.append(field.option)
            elif field.kind is Kind.LINES:
                options += [f"{field.option}={line.strip()}" for line in value.splitlines() if line.strip()]
            elif field.option:
                options.append(f"{field.option}={value}")
            else:
                places.append(value)
        return [*self.command, *options, *(["--", *places] if places else [])]


TEXT = Field("text", Kind.AREA, needed=True)
ITEM = Field("item", Kind.ITEM, needed=True)
NAME = Field("name", option="--name")
SIDE = Field("side", option="--side", needed=True)
ROLE = Field("role", Kind.CHOICE, "--role", ROLES, "role", default="principal")
STATES = Field("states", Kind.LINES, "--states", more=True)

ACTS: Mapping[str, Act] = {
    "open-room": Act(
        ("open",),
        (
            Field("title", option="--title", needed=True),
            SIDE,
            NAME,
            ROLE,
            Field("room_kind", Kind.CHOICE, "--kind", ROOM_KINDS, "kind", default="plenary"),
            Field("retention", option="--retention", default="30d", more=True),
            Field("rule", Kind.CHOICE, "--rule", RULES, "rule", more=True, default="for-you-only"),
        ),
        room=False,
    ),
    "join": Act(
        ("join",),
        (Field("address", needed=True), Field("words", Kind.SECRET, needed=True), NAME),
        room=False,
        given=("words",),
    ),
    "invite": Act(
        ("invite",), (Field("guest", option="--name"), SIDE, ROLE, Field("valid", option="--for", more=True))
    ),
    "admit": Act(("admit",), (Field("who", needed=True),)),
    "remove": Act(
        ("remove",), (Field("who", Kind.MEMBER, needed=True), Field("reason", option="--reason")), final=True
    ),
    "say": Act(
        ("say",),
        (
            TEXT,
            Field("register", Kind.CHOICE, "--register", REGISTERS, "register", default="talk"),
            Field("mandate", Kind.CHOICE, "--mandate", MANDATES, "mandate", default="not-stated"),
            Field("answers", Kind.ITEM, "--answers"),
            Field("expires", option="--expires", more=True),
            Field("reply_by", option="--reply-by", more=True),
            Field("rule", Kind.CHOICE, "--rule", ("", *RULES), "rule", more=True),
            Field(
                "capacity", Kind.CHOICE, "--capacity", CAPACITIES, "capacity", more=True, default="not-stated"
            ),
            STATES,
            Field("returnable", Kind.CHECK, "--returnable", more=True),
            Field("carried_for", option="--for", more=True),
            Field("manner", Kind.CHOICE, "--manner", ("", *MANNERS), "manner", more=True),
        ),
        texts=True,
    ),
    "withdraw": Act(("withdraw",), (ITEM,), final=True),
    "hand-back": Act(("hand-back",), (ITEM,), final=True),
    "note": Act(
        ("note",),
        (
            Field("source", option="--source", needed=True),
            Field("happened", option="--at", needed=True),
            TEXT,
            Field("answers", Kind.ITEM, "--answers"),
            STATES,
        ),
        texts=True,
    ),
    "words": Act(
        ("words",), (Field("who", Kind.MEMBER, needed=True), Field("heard", Kind.SECRET)), given=("heard",)
    ),
    "retention": Act(("retention",), (Field("time", needed=True),), final=True),
    "leave": Act(("leave",), (), final=True),
    "forget": Act(("forget",), (), final=True),
}


def blank(act: Act) -> dict[str, str]:
    """Give a form as it is first shown."""
    return {field.name: field.default for field in act.fields}


def kept(act: Act, form: Mapping[str, str]) -> dict[str, str]:
    """Give what of a form may be kept as a draft: everything but secrets."""
    return {field.name: form.get(field.name, "") for field in act.fields if field.kind is not Kind.SECRET}


def names(acts: Mapping[str, Act] = ACTS) -> Sequence[str]:
    return list(acts)
