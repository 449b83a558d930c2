"""How a narration is set: 80 columns, dates as the case has them, names as people say them."""

import re
from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap

from backchannel.plays.case import Person, Row
from backchannel.plays.moments import SHAPE, Precision

WIDTH = 80
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
Print = Callable[[str], None]
_BAR = re.compile(r"^(\s*│ )(.*)$")


def paragraph(text: str, indent: str = "  ") -> list[str]:
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def quoted(text: str) -> list[str]:
    """Set what somebody said behind a bar."""
    return wrap(text, WIDTH, initial_indent="    │ ", subsequent_indent="    │ ")


def screen(lines: Iterable[str]) -> Iterator[str]:
    """Set what a desk shows, inside a frame, each line folded to the width."""
    shown = list(lines)
    while shown and not shown[-1].strip():
        shown.pop()
    yield f"    ┌{'─' * (WIDTH - 6)}"
    for line in shown:
        barred = _BAR.match(line)
        lead = f"    │ {barred[1]}" if barred else "    │ " + " " * (len(line) - len(line.lstrip()))
        text = barred[2] if barred else line.strip()
        yield from wrap(text, WIDTH, initial_indent=lead, subsequent_indent=lead) or ["    │"]
    yield f"    └{'─' * (WIDTH - 6)}"


def heading(number: int, title: str) -> list[str]:
    return ["", "", f"  {number}. {title}", f"  {'─' * (len(title) + len(str(number)) + 2)}", ""]


def short(person: Person) -> str:
    """A person's name without what follows a comma."""
    return person.name.partition(",")[0]


def names(people: Iterable[Person]) -> str:
    *first, last = [short(person) for person in people] or ["nobody"]
    return f"{', '.join(first)} and {last}" if first else last


def dated(row: Row) -> str:
    """Say when a row happened, as exactly as the case knows it, in the time of its place."""
    match = SHAPE.fullmatch(row.at)
    assert match is not None, "the case has been read"
    year, month, day, hour, minute = match.groups()
    words = [part for part in (day and str(int(day)), month and MONTHS[int(month) - 1], year) if part]
    date = " ".join(words)
    if row.precision in {Precision.WEEK, Precision.SEASON}:
        return f"about {date}"
    if row.precision not in {Precision.HOUR, Precision.MINUTE} or hour is None:
        return date
    about = "about " if row.precision is Precision.HOUR else ""
    return f"{date}, {about}{hour}:{minute} in {place(row.tz)}"


def place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


class Sheet:
    """What has been printed so far: chapters are counted, blank lines do not double, some things are told once."""

    def __init__(self, show: Print) -> None:
        self.show = show
        self._chapter = 0
        self._blank = False
        self._told: set[str] = set()

    def first(self, what: str) -> bool:
        if what in self._told:
            return False
        self._told.add(what)
        return True

    def head(self, title: str) -> None:
        self._chapter += 1
        for line in heading(self._chapter, title):
            self.show(line)
        self._blank = True

    def say(self, *texts: str) -> None:
        for text in texts:
            self.lines(paragraph(text) or [""])

    def screen(self, lines: Iterable[str]) -> None:
        """Show what a desk says, without the head of a record that ends it."""
        self.lines(screen(line for line in lines if not line.startswith("head ")))

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            if line or not self._blank:
                self.show(line)
            self._blank = not line
