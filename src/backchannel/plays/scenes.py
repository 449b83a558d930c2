"""What a runner tells while a play goes on; a narrator makes sentences of it, a silent run drops it."""

from collections.abc import Callable
from dataclasses import dataclass

from backchannel.plays.case import Person, Room, Row
from backchannel.plays.stage import Stage


@dataclass(frozen=True, slots=True)
class Setting:
    """The relay runs, and desks are being made."""

    desks: int


@dataclass(frozen=True, slots=True)
class Set:
    """Every desk has its vault and knows the relay."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody has opened a room."""

    title: str
    room: Room
    founder: Person
    at_ms: int


@dataclass(frozen=True, slots=True)
class Came:
    """A guest was invited, told three words, asked to come in and was admitted."""

    title: str
    host: Person
    guest: Person
    words: str
    address: str
    voices: tuple[Person, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Said:
    """A row was said in a room, by its speaker or by whoever carried it on."""

    row: Row
    title: str
    speaker: Person
    hearers: tuple[Person, ...]
    author: Person | None
    label: str


@dataclass(frozen=True, slots=True)
class Sounded:
    """Some people were asked how many options they could live with; `joint` are those that all could."""

    row: Row
    people: tuple[Person, ...]
    options: int
    joint: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A row was said by word of mouth; the desks keep that, and what it was about."""

    row: Row
    title: str
    speaker: Person
    hearers: tuple[Person, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The other side has confirmed what was said by word of mouth."""

    row: Row
    title: str
    by: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Pledged:
    """A step was promised for a side."""

    row: Row
    title: str
    speaker: Person
    hearers: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A deed was reported, and read as kept by those it was done for."""

    row: Row
    title: str
    by: Person
    readers: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """In a second play somebody published what was promised; what a desk showed of the promise before and after."""

    row: Row
    publisher: Person
    chooser: Person
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody has laid rows of several channels side by side, for themselves alone."""

    rows: tuple[Row, ...]
    person: Person


@dataclass(frozen=True, slots=True)
class Wound:
    """Deadlines were written down at the desks of those who feel them; `several` if not everybody feels the same."""

    row: Row
    people: tuple[Person, ...]
    several: bool


@dataclass(frozen=True, slots=True)
class Lodged:
    """A text was lodged with a third person, to be released only on a signal."""

    row: Row
    title: str
    lodger: Person
    holder: Person


@dataclass(frozen=True, slots=True)
class Released:
    """The signal was given, and the holder has released the text as their own."""

    row: Row
    holder: Person


@dataclass(frozen=True, slots=True)
class Noted:
    """A public row was put on the record of some rooms."""

    row: Row
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is kept off the line from here on, or comes back."""

    people: tuple[Person, ...]
    back: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A text was shown and is handed back by who was given it, or taken back by who showed it."""

    row: Row
    title: str
    by: Person
    handed: bool


@dataclass(frozen=True, slots=True)
class Sealed:
    """All sides of a room have sealed a text; `closed` if something in it is to be opened only later."""

    row: Row
    title: str
    text: str
    sealers: tuple[Person, ...]
    closed: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Surfaced:
    """All sides have agreed to bring a sealed text into the open, and it is published."""

    row: Row
    text: str
    sides: tuple[Person, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opens what was closed in some sealed texts of a room."""

    title: str
    by: Person
    sealers: tuple[Person, ...]
    data: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more is said in a room; its people have left it."""

    title: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that this version cannot play."""

    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A desk refused something that was to be done at a row beside saying it."""

    row: Row
    reason: str


Scene = (
    Setting
    | Set
    | Opened
    | Came
    | Said
    | Sounded
    | Spoken
    | Confirmed
    | Pledged
    | Done
    | Linked
    | Wound
    | Lodged
    | Released
    | Noted
    | Away
    | TakenBack
    | Sealed
    | Opening
    | Surfaced
    | Closed
    | Skipped
    | Refusal
    | WhatIf
)
Tell = Callable[[Scene], None]


def silent(_: Scene) -> None:
    """Tell nobody."""
