"""How good a deal is beside the best that all packages of its domain allow, on the sides' true preferences."""

from dataclasses import dataclass
from math import prod

from backchannel.packages.preferences import Stance
from dealing.domains import Domain


@dataclass(frozen=True)
class Best:
    """What the packages inside all walk-aways allow at most; gains are shares of the way from walk-away to best."""

    nash: float
    egalitarian: float
    welfare: int


def gain(stance: Stance, worth: int) -> float:
    if stance.best <= stance.walk_away:
        return 1.0
    return (worth - stance.walk_away) / (stance.best - stance.walk_away)


def best(domain: Domain) -> Best | None:
    """Give the best possible, or None where no package is inside all walk-aways."""
    stances = domain.stances()
    lists = [stance.preferences.listed(domain.space) for stance in stances]
    inside = [
        each
        for each in zip(*lists, strict=True)
        if all(worth >= stance.walk_away for worth, stance in zip(each, stances, strict=True))
    ]
    if not inside:
        return None
    gains = [
        [gain(stance, worth) for worth, stance in zip(each, stances, strict=True)] for each in set(inside)
    ]
    return Best(
        max(prod(each) for each in gains), max(min(each) for each in gains), max(sum(each) for each in inside)
    )


def measured(domain: Domain, limits: Best | None, package: int) -> dict[str, float | bool]:
    """Measure one deal; the ratios only where the best possible could be reckoned."""
    stances = domain.stances()
    worths = [stance.preferences.worth(domain.space.package(package)) for stance in stances]
    gains = [gain(stance, worth) for stance, worth in zip(stances, worths, strict=True)]
    row: dict[str, float | bool] = {
        "rational": all(worth >= stance.walk_away for stance, worth in zip(stances, worths, strict=True))
    }
    if limits is not None:
        row |= {
            "pareto": _undominated(domain, worths),
            "nash": prod(gains) / limits.nash if limits.nash > 0 else 1.0,
            "egalitarian": min(gains) / limits.egalitarian if limits.egalitarian > 0 else 1.0,
            "welfare": sum(worths) / limits.welfare if limits.welfare > 0 else 1.0,
        }
    return row


def _undominated(domain: Domain, worths: list[int]) -> bool:
    lists = [preferences.listed(domain.space) for preferences in domain.sides]
    here = tuple(worths)
    return not any(
        each != here and all(there >= ours for there, ours in zip(each, here, strict=True))
        for each in zip(*lists, strict=True)
    )
