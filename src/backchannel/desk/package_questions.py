"""Asks a person at the terminal what they want, question by question; nothing of it is shown to anybody else."""

import json
from collections.abc import Mapping, Sequence

from backchannel.desk import inputs
from backchannel.errors import Refused
from backchannel.said import said

_GOOD = said(
    "1 hardly better than the worst, 2 nearer the worst, 3 half way, 4 nearer the best, 5 almost the best"
)
_MATTERS = said("0 not at all, 1 hardly, 2 a third, 3 half, 4 three quarters, 5 as much")
_WITHIN = said("1 at the lower end of that, 2 lower, 3 in the middle, 4 higher, 5 at the upper end")
_OPTION = said("--answers FILE")


def ask_all(issues: Sequence[Mapping[str, object]], walk_away: int | None) -> tuple[str, int]:
    """Ask about every issue, and for the walk-away unless it was given; gives the answers as JSON, and the walk-away."""
    told = {}
    for issue in issues:
        title, options, ends = str(issue["title"]), issue["options"], issue["ends"]
        if isinstance(options, list) and isinstance(ends, list) and ends:
            told[title] = _ask(title, [str(text) for text in options], [str(words) for words in ends])
    if walk_away is None:
        walk_away = _number(
            said("Your walk-away, from 0, take anything, to 100, only the very best: "), 0, 100
        )
    return json.dumps(told), walk_away


def ask_again(issues: Sequence[Mapping[str, object]]) -> str:
    """Ask where within each first answer the truth lies; gives the answers as JSON."""
    from backchannel.desk.shown import one_line  # noqa: PLC0415

    told = {}
    for issue in issues:
        title, between, matters = str(issue["title"]), issue["between"], issue["matters"]
        if not isinstance(between, dict) or not isinstance(matters, int):
            continue
        again = {
            text: _number(
                said(
                    "“{title}”: of {text} you said {level} ({scale}). Where within that? {within}: ",
                    title=one_line(title),
                    text=one_line(text),
                    level=int(level),
                    scale=_GOOD,
                    within=_WITHIN,
                ),
                1,
                5,
            )
            for text, level in between.items()
        }
        asked = matters and _number(
            said(
                "How much “{title}” matters you said to be {level} ({scale}). Where within that? {within}: ",
                title=one_line(title),
                level=matters,
                scale=_MATTERS,
                within=_WITHIN,
            ),
            1,
            5,
        )
        told[title] = {"between": again, "matters": asked}
    return json.dumps(told)


def _ask(title: str, options: list[str], ends: list[str]) -> dict[str, object]:
    from backchannel.desk.shown import one_line  # noqa: PLC0415

    listed = "".join(
        said("  {number}  {text}\n", number=number, text=one_line(text))
        for number, text in enumerate(options, 1)
    )
    places = [
        _number(said("{words}\n{listed}number: ", words=one_line(words), listed=listed), 1, len(options)) - 1
        for words in ends
    ]
    best = places[0]
    worst = places[1] if len(places) > 1 else 1 - best
    if best == worst:
        raise Refused(
            said(
                "The best and the worst of “{title}” are the same; begin again, nothing was kept.",
                title=one_line(title),
            )
        )
    between = {
        text: _number(said("How good is {text}? {good}: ", text=one_line(text), good=_GOOD), 1, 5)
        for place, text in enumerate(options)
        if place not in {best, worst}
    }
    matters = _number(
        said(
            "How much does “{title}” matter, beside what matters most? {matters}: ",
            title=one_line(title),
            matters=_MATTERS,
        ),
        0,
        5,
    )
    refused = (
        inputs.line(said("Which would you never accept? numbers, or nothing: "), _OPTION)
        .replace(",", " ")
        .split()
    )
    if not all(word.isdigit() and 1 <= int(word) <= len(options) for word in refused):
        raise Refused("Those are not numbers of options; begin again, nothing was kept.")
    never = [options[int(word) - 1] for word in refused]
    return {
        "best": options[best],
        "worst": options[worst],
        "between": between,
        "matters": matters,
        "never": never,
    }


def _number(prompt: str, low: int, high: int) -> int:
    typed = inputs.line(prompt, _OPTION)
    if not typed.isdigit() or not low <= int(typed) <= high:
        raise Refused(
            said(
                "Please type a number from {low} to {high}; begin again, nothing was kept.",
                low=low,
                high=high,
            )
        )
    return int(typed)
