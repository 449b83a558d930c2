"""Domains and profiles of GENIUS, in its XML (docs/spec/packages.md 11.1)."""

from dataclasses import dataclass
from fractions import Fraction

from backchannel.errors import Refused
from backchannel.packages.foreign import Imported, agenda_of, number, steps, whole, written
from backchannel.packages.plain_xml import Element, read_xml
from backchannel.packages.preferences import UNIT, Additive, Interdependent, Preferences, Wish
from backchannel.said import said


@dataclass(frozen=True, slots=True)
class _Issue:
    title: str
    texts: list[str]
    values: list[Fraction | None]  # of the numbers of a range
    evaluations: list[Fraction] | None  # None where the file lists issues only


def read_genius(data: bytes) -> Imported:
    """Read a domain or a utility space, or raise Refused."""
    root = read_xml(data)
    space = root if root.name == "utility_space" else _only(root, "utility_space")
    objective = _only(space, "objective")
    issues: dict[str, _Issue] = {}
    for element in objective.all("issue"):
        index = element.text("index")
        if index in issues:
            raise Refused("Two issues of this file have one number; mend the file.")
        issues[index] = _issue(element)
    if len({issue.title for issue in issues.values()}) != len(issues):
        raise Refused("Two issues of this file have one name; mend the file.")
    agenda = agenda_of({issue.title: issue.texts for issue in issues.values()})
    reserved = [number(element.text("value")) for element in space.all("reservation")]
    walk_away = whole(reserved[0]) if reserved else 0
    return Imported(agenda, _preferences(objective, issues), walk_away)


def _only(element: Element, name: str) -> Element:
    found = element.all(name)
    if len(found) != 1:
        raise Refused(
            said(
                "This is no GENIUS file: it needs one element {name} in {element}.",
                name=repr(name),
                element=repr(element.name[:40]),
            )
        )
    return found[0]


def _issue(element: Element) -> _Issue:
    kind = element.attributes.get("vtype") or element.attributes.get("type") or "discrete"
    title = element.text("name")
    if kind == "integer":
        low, high = (number(element.text(bound)) for bound in ("lowerbound", "upperbound"))
        values = steps(low, high, Fraction(1))
        return _Issue(title, [written(value) for value in values], [*values], _linear(element, values, low))
    if kind != "discrete":
        raise Refused(
            said("The issue “{title}” has values without end; give it options first.", title=title[:80])
        )
    items = element.all("item")
    texts = [item.text("value") for item in items]
    if not items or not all("evaluation" in item.attributes for item in items):
        return _Issue(title, texts, [None] * len(texts), None)
    evaluations = [number(item.text("evaluation")) for item in items]
    # spec 11.1: an evaluation counts beside the highest of its issue
    highest = max(evaluations)
    if min(evaluations) < 0:
        raise Refused(
            said("The issue “{title}” has an evaluation below zero; mend the file.", title=title[:80])
        )
    shares = [evaluation / highest if highest else Fraction(0) for evaluation in evaluations]
    return _Issue(title, texts, [None] * len(texts), shares)


def _linear(element: Element, values: list[Fraction], low: Fraction) -> list[Fraction] | None:
    evaluators = element.all("evaluator")
    if not evaluators:
        return None
    slope, offset = (number(evaluators[0].text(name)) for name in ("slope", "offset"))
    return [min(Fraction(1), max(Fraction(0), slope * (value - low) + offset)) for value in values]


def _preferences(objective: Element, issues: dict[str, _Issue]) -> Preferences | None:
    utilities = objective.all("utility")
    if utilities:
        return _wishes(utilities[0], issues)
    weights = {element.text("index"): number(element.text("value")) for element in objective.all("weight")}
    if not weights:
        return None
    rows, used = [], []
    for index, issue in issues.items():
        if index not in weights or issue.evaluations is None:
            raise Refused(
                said(
                    "The issue “{issue_title}” lacks its weight or an evaluation; mend the file.",
                    issue_title=issue.title[:80],
                )
            )
        used.append(weights[index])
        rows.append(issue.evaluations)
    return Additive.of_weights(used, rows)


def _wishes(utility: Element, issues: dict[str, _Issue]) -> Interdependent:
    function = _only(utility, "ufun")
    if function.attributes.get("aggregation", "sum") != "sum":
        raise Refused(
            "This file joins its wishes in another way than by adding them; that is not known here."
        )
    most = number(utility.text("maxutility"))
    if most <= 0:
        raise Refused("This file has a highest utility of zero or less; mend the file.")
    places = {index: place for place, index in enumerate(issues)}
    scale = number(function.attributes.get("weight", "1")) / most
    wishes = []
    for element in function.children:
        if element.name != "hyperRectangle" or any(child.name != "INCLUDES" for child in element.children):
            raise Refused(
                said(
                    "This file has a wish of a kind that is not known here: {element}.",
                    element=repr(element.name[:40]),
                )
            )
        ranges = [_range(child, places, issues) for child in element.children]
        if all(one is not None for one in ranges):
            bonus = whole(number(element.text("utility")) * scale)
            wishes.append(Wish(bonus, tuple(one for one in ranges if one is not None)))
    return Interdependent(tuple(wishes), UNIT)


def _range(
    element: Element, places: dict[str, int], issues: dict[str, _Issue]
) -> tuple[int, int, int] | None:
    """Give the options of an issue that a wish includes; None if there are none, so that it never holds."""
    index = element.text("index")
    if index not in places:
        raise Refused("A wish of this file names an issue that is not there; mend the file.")
    low, high = number(element.text("min")), number(element.text("max"))
    inside = [
        place
        for place, value in enumerate(issues[index].values)
        if value is not None and low <= value <= high
    ]
    return (places[index], inside[0], inside[-1]) if inside else None
