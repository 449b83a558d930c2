"""Negotiation domains from files in one JSON format: issues, and what each side's packages are worth."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from backchannel.packages.agenda import Space
from backchannel.packages.preferences import UNIT, Additive, Interdependent, Preferences, Stance, Wish

INTERDEPENDENT = "hyper-rectangles"
COUNTED = 3_000_000  # packages up to which the best possible is reckoned


@dataclass(frozen=True)
class Domain:
    """One problem: its space, and for each side its preferences and walk-away, worths in billionths."""

    name: str
    space: Space
    sides: tuple[Preferences, ...]
    walk_aways: tuple[int, ...]

    @property
    def counted(self) -> bool:
        return self.space.count <= COUNTED

    def stances(self) -> list[Stance]:
        return [
            Stance.in_space(preferences, walk_away, self.space)
            for preferences, walk_away in zip(self.sides, self.walk_aways, strict=True)
        ]


def domains(folder: Path) -> list[Domain]:
    """Read every domain below a folder, smallest first."""
    found = [_domain(path, folder) for path in sorted(folder.rglob("*.json"))]
    return sorted((domain for domain in found if domain is not None), key=lambda domain: domain.space.count)


def _domain(path: Path, folder: Path) -> Domain | None:
    data = json.loads(path.read_text("utf-8"))
    if not isinstance(data, dict) or not {"issues", "profiles"} <= data.keys():
        return None
    values = {issue["name"]: _values(issue) for issue in data["issues"]}
    space = Space(tuple(tuple(range(len(options))) for options in values.values()))
    profiles = data["profiles"]
    return Domain(
        path.relative_to(folder).with_suffix("").as_posix(),
        space,
        tuple(_preferences(profile, values) for profile in profiles),
        tuple(_whole(profile.get("reservation", 0)) for profile in profiles),
    )


def _values(issue: dict[str, Any]) -> list[str]:
    if issue["type"] == "integer":
        return [str(value) for value in range(issue["min"], issue["max"] + 1)]
    return [str(value) for value in issue["values"]]


def _preferences(profile: dict[str, Any], values: dict[str, list[str]]) -> Preferences:
    if profile["type"] != INTERDEPENDENT:
        return Additive(
            tuple(
                tuple(_whole(profile["parts"][issue].get(value, 0)) for value in options)
                for issue, options in values.items()
            )
        )
    places = {issue: place for place, issue in enumerate(values)}
    wishes = []
    for rectangle in profile["rectangles"]:
        ranges = []
        for issue, (low, high) in rectangle["ranges"].items():
            inside = [place for place, value in enumerate(values[issue]) if low <= int(value) <= high]
            ranges.append((places[issue], inside[0], inside[-1]))
        wishes.append(
            Wish(_whole(Fraction(rectangle["utility"]) / Fraction(profile["max_utility"])), tuple(ranges))
        )
    return Interdependent(tuple(wishes), UNIT)


def _whole(share: float | Fraction) -> int:
    return round(UNIT * Fraction(share))
