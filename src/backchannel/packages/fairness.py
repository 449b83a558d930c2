"""One side's private look at a package: where it stands between walk-away and best, and why (docs/packages.md)."""

from dataclasses import dataclass

from backchannel.crypto.secret import Secret
from backchannel.packages.agenda import Agenda, Package, Space
from backchannel.packages.drawing import drawn
from backchannel.packages.preferences import LEVELS, NEVER, Additive, Interdependent, Stance
from backchannel.said import said

_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class View(Secret):
    """How good a package is for us, in thousandths of the way from our walk-away to our best.

    `better_share` is the share, in thousandths, of all packages that would be better for us; above 2,000 packages an estimate.
    """

    thousandths: int
    better_share: int


def view(space: Space, stance: Stance, package: Package) -> View:
    """Look at a package beside our own walk-away and best; it says nothing about anybody else."""
    worth = stance.preferences.worth(package)
    looked_at = drawn(b"", "view", space.count, _LOOKED_AT)
    better = sum(stance.preferences.worth(space.package(one)) > worth for one in looked_at)
    return View(stance.thousandths(worth), LEVELS * better // len(looked_at))


def explained(agenda: Agenda, space: Space, stance: Stance, package: Package) -> list[str]:
    """Explain a package to our side in its own terms, a sentence for each thing to know."""
    seen = view(space, stance, package)
    lines = [_verdict(seen)]
    if isinstance(stance.preferences, Additive):
        lines += _by_issue(agenda, space, stance.preferences, package)
    elif isinstance(stance.preferences, Interdependent):
        held = sum(wish.holds(package) for wish in stance.preferences.wishes)
        lines.append(
            said("It grants {held} of your {count} wishes.", held=held, count=len(stance.preferences.wishes))
        )
    return lines


def _verdict(seen: View) -> str:
    if seen.thousandths < 0:
        return said("This package is below your walk-away.")
    if seen.thousandths >= LEVELS:
        return said("This package is as good for you as any can be.")
    return said(
        "This package lies {thousandths} % of the way from your walk-away to your best; {better_share} % of all"
        " packages would be better for you.",
        thousandths=seen.thousandths // 10,
        better_share=seen.better_share // 10,
    )


def _by_issue(agenda: Agenda, space: Space, additive: Additive, package: Package) -> list[str]:
    """Name what each issue gives and gives up, that with most at stake first."""
    lines = []
    for issue, options, shares, choice in zip(
        agenda.issues, space.open, additive.shares, package, strict=True
    ):
        possible = [shares[option] for option in options if shares[option] != NEVER]
        got = shares[choice]
        words = said(
            "“{issue_title}”: {options}", issue_title=issue.title, options=issue.options[choice].text
        )
        if got == NEVER or not possible:
            lines.append((NEVER, said("{words}, which you said you would never accept.", words=words)))
            continue
        stake = max(possible) - min(possible)
        if not stake:
            lines.append((0, said("{words}; it is all the same to you.", words=words)))
        elif got == max(possible):
            lines.append((-stake, said("{words}; your best.", words=words)))
        else:
            given_up = 100 * (max(possible) - got) // max(1, additive.best(space))
            best = issue.options[options[[shares[option] for option in options].index(max(possible))]].text
            worst = said("; your worst") if got == min(possible) else ""
            lines.append(
                (
                    -stake,
                    said(
                        "{words}{worst}; instead of {best}, which gives up {given_up} % of all you could get.",
                        words=words,
                        worst=worst,
                        best=best,
                        given_up=given_up,
                    ),
                )
            )
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]
