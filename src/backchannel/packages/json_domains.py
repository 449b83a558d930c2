"""Profiles and domains of GeniusWeb and of NegoLog, both in JSON (docs/spec/packages.md 11.2, 11.3)."""

from collections.abc import Mapping
from fractions import Fraction

from backchannel.errors import Refused, Violation
from backchannel.packages.foreign import Imported, agenda_of, number, steps, whole, written
from backchannel.packages.preferences import Additive
from backchannel.said import said
from backchannel.wire.canonical_json import read_decimals

MAX_BYTES = 1 << 20
_RANGE = 3  # low, high, step

Value = str | Fraction  # of a range, its number


def read_geniusweb(data: bytes) -> Imported:
    """Read a profile or a domain of GeniusWeb, or raise Refused."""
    top = _object(_read(data), "this file")
    if "LinearAdditiveUtilitySpace" not in top:
        if "issuesValues" not in top:
            raise Refused("This is no GeniusWeb file: it is neither a domain nor utilities that add up.")
        return Imported(agenda_of(_texts(_domain(top))), None, 0)
    space = _object(top["LinearAdditiveUtilitySpace"], "the utilities")
    issues = _domain(_object(_member(space, "domain"), "the domain"))
    utilities = _object(_member(space, "issueUtilities"), "the utilities")
    rows = {title: _utilities(title, values, _member(utilities, title)) for title, values in issues.items()}
    weights = _weights(space, issues)
    preferences = Additive.of_weights(list(weights.values()), list(rows.values()))
    bid = space.get("reservationBid")
    walk_away = 0
    if bid is not None:
        chosen = _object(_member(_object(bid, "the reservation bid"), "issuevalues"), "the reservation bid")
        places = []
        for title, values in issues.items():
            text = _written(_member(chosen, title))
            if text not in map(_written, values):
                raise Refused(
                    said(
                        "The reservation bid has a value of “{title}” that is none; mend the file.",
                        title=title[:80],
                    )
                )
            places.append([_written(value) for value in values].index(text))
        walk_away = preferences.worth(tuple(places))
    return Imported(agenda_of(_texts(issues)), preferences, walk_away)


def read_negolog(data: bytes) -> Imported:
    """Read a profile of NegoLog, or raise Refused."""
    top = _object(_read(data), "this file")
    if not {"issues", "issueWeights"} <= top.keys():
        raise Refused("This is no NegoLog profile: it needs issues and issueWeights.")
    rows = {
        title: {text: _utility(value) for text, value in _object(values, f"the issue {title[:80]!r}").items()}
        for title, values in _object(top["issues"], "the issues").items()
    }
    issues: dict[str, list[Value]] = {title: [*row] for title, row in rows.items()}
    weights = _weights(top, issues)
    return Imported(
        agenda_of(_texts(issues)),
        Additive.of_weights(list(weights.values()), [list(row.values()) for row in rows.values()]),
        whole(_number(top.get("reservationValue", Fraction(0)))),
    )


def _read(data: bytes) -> object:
    if len(data) > MAX_BYTES:
        raise Refused("This file is larger than any domain; it was not read.")
    try:
        return read_decimals(data, number)
    except Violation as error:
        raise Refused(
            "This file is not JSON, or says one thing twice or too deeply; ask for it again."
        ) from error


def _domain(domain: Mapping[str, object]) -> dict[str, list[Value]]:
    issues: dict[str, list[Value]] = {}
    for title, given in _object(_member(domain, "issuesValues"), "the issues").items():
        values = _object(given, f"the issue {title[:80]!r}")
        if "range" in values:
            bounds = [_number(bound) for bound in _list(values["range"])]
            if len(bounds) != _RANGE:
                raise Refused(
                    said(
                        "The range of “{title}” needs a lowest, a highest and a step; mend the file.",
                        title=title[:80],
                    )
                )
            issues[title] = [*steps(*bounds)]
        else:
            issues[title] = [_written(value) for value in _list(_member(values, "values"))]
    return issues


def _utilities(title: str, values: list[Value], given: object) -> list[Fraction]:
    utilities = _object(given, f"the utilities of {title[:80]!r}")
    for name in ("DiscreteValueSetUtilities", "discreteutils"):
        if name in utilities:
            shares = _object(_member(_object(utilities[name], "utilities"), "valueUtilities"), "utilities")
            return [_utility(_member(shares, _written(value))) for value in values]
    for name in ("NumberValueSetUtilities", "numberutils"):
        if name in utilities:
            line = _object(utilities[name], "utilities")
            low, lowest, high, highest = (
                _number(_member(line, end)) for end in ("lowValue", "lowUtility", "highValue", "highUtility")
            )
            if low == high:
                raise Refused(
                    said("The utilities of “{title}” span no range; mend the file.", title=title[:80])
                )
            return [
                _utility(lowest + (highest - lowest) * (_number(value) - low) / (high - low))
                for value in values
            ]
    raise Refused(said("The utilities of “{title}” are of a kind that is not known here.", title=title[:80]))


def _weights(space: Mapping[str, object], issues: Mapping[str, object]) -> dict[str, Fraction]:
    weights = _object(_member(space, "issueWeights"), "the weights")
    return {title: _number(_member(weights, title)) for title in issues}


def _texts(issues: Mapping[str, list[Value]]) -> dict[str, list[str]]:
    return {title: [_written(value) for value in values] for title, values in issues.items()}


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    return written(_number(value))


def _number(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str):
        return number(value)
    raise Refused("This file has something else where a number must stand; mend the file.")


def _utility(value: object) -> Fraction:
    utility = _number(value)
    if not 0 <= utility <= 1:
        raise Refused("This file has a utility that is not from 0 to 1; mend the file.")
    return utility


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refused(said("This file is no domain: {what} is not a set of names and values.", what=what))
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refused("This file has something else where a list must stand; mend the file.")
    return value


def _member(record: Mapping[str, object], name: str) -> object:
    if name not in record:
        raise Refused(said("This file lacks {name}; mend the file.", name=repr(name[:80])))
    return record[name]
