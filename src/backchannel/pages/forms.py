"""Every act of a person as a form: which command it gives, what it asks for, whom it reaches.

A form is a row of a table: its fields become the words of the command that does the act, so that pages and terminal cannot
differ in what an act means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.errors import Refused

Form = Mapping[str, str]


class Kind(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    AREA = "area"
    CHOICE = "choice"
    CHECK = "check"
    LINES = "lines"  # one value a line, each given as an option of its own
    ITEM = "item"  # an item of the room
    MEMBER = "member"  # a person in the room
    SIDE = "side"  # one side of the room
    SIDES = "sides"  # other sides of the room, one value a line
    ALL_SIDES = "all-sides"  # the sides of the room, one's own too, all unless some are chosen
    ROOM = "room"  # a room of this desk
    THING = "thing"  # something that stands in the room, of the kind that `of` names
    THINGS = "things"  # as a thing, as many as are ticked
    MARKS = "marks"  # options of a sounding, by their numbers; none is an answer too
    WANTS = "wants"  # what one's side wants of each issue of an agenda
    FINER = "finer"  # where within each of the first answers of that the truth lies
    TERMS = "terms"  # closed terms of a sealed text, by their names
    CLAUSES = "clauses"  # clauses of a sealed text, by their numbers
    TIME = "time"  # a date, or how long from now
    MOMENT = "moment"  # a date and hour, in UTC
    FILE = "file"
    FILES = "files"
    RECORDS = "records"  # what is on record of confirmed oral understandings, each as a sealed text wants it
    PASSPHRASE = "passphrase"  # noqa: S105 - as SECRET, and typed unseen
    SECRET = "secret"  # noqa: S105 - the name of a kind: never in a draft, never shown again


HIDDEN = frozenset({Kind.SECRET, Kind.PASSPHRASE, Kind.FILE, Kind.FILES})
MANY = frozenset({Kind.LINES, Kind.SIDES, Kind.ALL_SIDES, Kind.THINGS, Kind.TERMS, Kind.CLAUSES})
MARKED = frozenset(
    {Kind.MARKS, Kind.WANTS, Kind.FINER, Kind.TERMS, Kind.CLAUSES}
)  # parts of a thing that is chosen


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
    of: str = ""  # of a THING: what is chosen from, as things.py names it


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its command, what it asks, and whether it is said in a room, stays on this desk, or cannot be undone."""

    command: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    room: bool = True
    own: bool = False  # nobody else learns of it
    final: bool = False
    given: tuple[str, ...] = ()  # fields that a terminal would ask for and no option takes
    compose: Callable[[Form], Mapping[str, object]] | None = (
        None  # what is given instead of those fields as they are
    )
    fixed: tuple[str, ...] = ()  # words that are the same each time
    spoken: bool = False  # what it makes speaks every language, the reader's first
    before: str = ""  # a command that says what the act would mean, asked before it is done
    files: bool = False  # what it gives is files, to be saved
    made: str = ""  # the place to which the command writes; a page gives it one and saves what is there
    then: str = ""  # the page that shows what was done; empty: what the command said

    def answers(self, form: Form) -> dict[str, object]:
        """Give what a terminal would have asked for."""
        if self.compose is not None:
            return dict(self.compose(form))
        return {name: form.get(name, "").strip() for name in self.given}

    def words(self, form: Form) -> list[str]:
        """Write the command of a filled form, or raise Refused if something needed is missing."""
        options: list[str] = []
        places: list[str] = []
        for field in self.fields:
            value = form.get(field.name, "").strip()
            if field.needed and not value:
                raise Refused("Something that is needed is missing; fill in every field that is marked.")
            if field.name in self.given or field.kind in {Kind.FILE, Kind.FILES}:
                continue
            if field.kind is Kind.MARKS:
                options.append(f"--yes={','.join(value.split())}" if value else "--none")
            elif not value:
                continue
            elif field.kind is Kind.CHECK:
                options.append(field.option)
            elif field.kind in MANY:
                lines = [line.strip() for line in value.splitlines() if line.strip()]
                options += [f"{field.option}={line}" for line in lines if field.option]
                places += [line for line in lines if not field.option]
            elif field.option:
                options.append(f"{field.option}={value}")
            else:
                places.append(value)
        places += [self.made] if self.made else []
        return [*self.command, *self.fixed, *options, *(["--", *places] if places else [])]


def blank(act: Act) -> dict[str, str]:
    """Give a form as it is first shown."""
    return {field.name: field.default for field in act.fields}


def kept(act: Act, form: Form) -> dict[str, str]:
    """Give what of a form may be kept as a draft: no secrets, no files; parts of a field have a point in their name."""
    named = {field.name: form.get(field.name, "") for field in act.fields if field.kind not in HIDDEN}
    parts = {name: value for name, value in form.items() if "." in name and act.compose is not None}
    hidden = {field.name for field in act.fields if field.kind in HIDDEN}
    return named | {name: value for name, value in parts.items() if name.partition(".")[0] not in hidden}
