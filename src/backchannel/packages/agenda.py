"""What is on the table, issue by issue, and the packages that can be made of it (docs/spec/packages.md 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from backchannel.crypto.hashing import digest
from backchannel.errors import Refused
from backchannel.said import said
from backchannel.wire.codec import Record, encode

MAX_ISSUES = 64
MAX_OPTIONS = 256  # of one issue
MAX_NAME = 500  # characters
MAX_NEAR = 100_000  # packages that differ from one in two issues at most: what a desk has to list of each
MAX_PACKAGES = 2**96  # so that a drawn number of 128 bits and more has no bias that anyone could notice

Package = tuple[int, ...]  # for each issue, the position of the chosen option


class Option(Record, frozen=True):
    """One way to settle an issue; `secret` if it exists only while it stays off the public text."""

    text: str
    secret: bool = False


class Issue(Record, frozen=True):
    """One question and the ways to settle it, in the order in which they were agreed."""

    title: str
    options: tuple[Option, ...]


class Agenda(Record, frozen=True):
    """The issues that packages are made of, as agreed in the room; ValueError if they are not plain and distinct."""

    issues: tuple[Issue, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.issues) <= MAX_ISSUES:
            raise ValueError(
                said(
                    "An agenda has between one and {most} issues; leave some for another round.",
                    most=MAX_ISSUES,
                )
            )
        _check_names(said("issues"), [issue.title for issue in self.issues])
        for issue in self.issues:
            if not 0 < len(issue.options) <= MAX_OPTIONS:
                raise ValueError(
                    said(
                        "An issue has between one and {most} options; change “{title}”.",
                        most=MAX_OPTIONS,
                        title=issue.title,
                    )
                )
            _check_names(
                said("options of “{issue_title}”", issue_title=issue.title),
                [option.text for option in issue.options],
            )

    @classmethod
    def of(cls, *issues: Issue) -> "Agenda":
        """Make an agenda that our own person asks for; Refused if it cannot be one."""
        try:
            return cls(issues)
        except ValueError as error:
            raise Refused(str(error)) from error

    def digest(self) -> bytes:
        return digest("backchannel/package-agenda/1", encode(self))  # spec 1

    def words(self, package: Package) -> tuple[tuple[str, str], ...]:
        """Give a package as titles and texts."""
        return tuple(
            (issue.title, issue.options[choice].text)
            for issue, choice in zip(self.issues, package, strict=True)
        )

    def space(self, *, secret: bool) -> "Space":
        """Give the packages that can be made, with the options that must stay off the public text or without."""
        open_options = tuple(
            tuple(place for place, option in enumerate(issue.options) if secret or not option.secret)
            for issue in self.issues
        )
        return Space(open_options)


@dataclass(frozen=True, slots=True)
class Space:
    """All packages of the options that are open, numbered from 0; the last issue changes fastest."""

    open: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if self.count > MAX_PACKAGES or self.near_count(2) > MAX_NEAR:
            raise Refused(
                "This agenda makes too many packages to search; take some issues apart and settle them first."
            )

    @property
    def count(self) -> int:
        return prod(len(options) for options in self.open)

    def package(self, number: int) -> Package:
        """Give a package by its number."""
        places = []  # spec 1: digits of mixed radix
        for options in reversed(self.open):
            number, place = divmod(number, len(options))
            places.append(options[place])
        return tuple(reversed(places))

    def number(self, package: Package) -> int:
        """Give the number of a package; ValueError if one of its options is not open."""
        found = 0
        for options, choice in zip(self.open, package, strict=True):
            found = found * len(options) + options.index(choice)
        return found

    def near_count(self, radius: int) -> int:
        """Count the packages that differ from any one in at least one and at most `radius` issues."""
        ways = [1]  # ways[k]: how many differ in exactly k of the issues seen so far
        for options in self.open:
            others = len(options) - 1
            ways = [
                (ways[k] if k < len(ways) else 0) + (ways[k - 1] * others if k else 0)
                for k in range(len(ways) + 1)
            ]
        return sum(ways[1 : radius + 1])

    def near(self, number: int, radius: int) -> list[int]:
        """Give, ascending, the numbers of all packages that differ in at least one and at most `radius` issues."""
        return sorted(self._near(number, radius))

    def _near(self, number: int, radius: int) -> Iterator[int]:
        steps = []  # for each issue, what choosing another option adds to the number
        stride, left = 1, number
        for options in reversed(self.open):
            left, place = divmod(left, len(options))
            steps.append([(other - place) * stride for other in range(len(options)) if other != place])
            stride *= len(options)
        for changed in range(1, min(radius, len(steps)) + 1):
            for chosen in combinations(steps, changed):
                for moves in product(*chosen):
                    yield number + sum(moves)


def _check_names(what: str, names: list[str]) -> None:
    if not all(name and name == name.strip() and len(name) <= MAX_NAME for name in names):
        raise ValueError(
            said(
                "The {what} need words, at most {most} characters each, without spaces at the ends.",
                what=what,
                most=MAX_NAME,
            )
        )
    if len(set(names)) != len(names):
        raise ValueError(said("The {what} must all differ; give each its own words.", what=what))
