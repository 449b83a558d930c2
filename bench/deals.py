"""How good the deals are that the search for packages finds, beside the best possible and beside negmas, in one run.

Large runs put a plain AND in the place of soundings, and say so: what is found is the same, the cryptography is measured
apart. Exit code 2 where no domain is found.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from backchannel.crypto.hashing import digest
from backchannel.packages.drawing import drawn_one
from backchannel.packages.preferences import Additive
from dealing import ours, peers
from dealing.domains import Domain, domains
from dealing.measures import Best, best, gain, measured

Row = dict[str, Any]
LISTED = 10_000
MOST_SOUNDED = 300  # packages of a domain that is searched over real soundings here
HAWKS = (500, 800)
TARGETS = {  # nash, pareto, egalitarian
    "full, two sides, up to 10,000 packages": (0.97, 0.99, 0.99),
    "full, two sides, more packages": (0.96, 0.85, 0.95),
    "five-level answers, two sides, up to 10,000 packages": (0.96, 0.85, 0.0),
    "five-level answers, two sides, more packages": (0.96, 0.85, 0.0),
    "five-level answers, asked twice, two sides, up to 10,000 packages": (0.96, 0.85, 0.0),
    "five-level answers, asked twice, two sides, more packages": (0.96, 0.85, 0.0),
}
SEEN_BY_ONE = "five-level answers of all, seen by one who looks at every package"
RATIOS = ("nash", "pareto", "egalitarian", "welfare")


def seed(domain: Domain, turn: int) -> bytes:
    return digest("backchannel/bench-deals/1", domain.name.encode(), bytes([turn]))


def row(domain: Domain, limits: Best | None, kind: str, package: int | None) -> Row:
    """Say what came of one negotiation, and whether a deal was there to be found."""
    possible = limits is not None if domain.counted else None
    found: Row = {
        "domain": domain.name,
        "kind": kind,
        "packages": domain.space.count,
        "sides": len(domain.sides),
        "possible": possible,
        "agreed": package is not None,
    }
    if package is not None:
        found |= measured(domain, limits, package)
    return found


def searched(domain: Domain, limits: Best | None, turns: int) -> list[Row]:
    """Search with full preferences, and from few answers where they add up."""
    kinds: list[tuple[str, Callable[[], list[Any]]]] = [("full", domain.stances)]
    if all(isinstance(side, Additive) for side in domain.sides):
        kinds.append(("five-level answers", lambda: ours.from_answers(domain, finer=False)))
        kinds.append(("five-level answers, asked twice", lambda: ours.from_answers(domain, finer=True)))
    rows = []
    for kind, stances in kinds:
        for turn in range(turns):
            run = ours.run(domain, stances(), seed(domain, turn))
            rows.append(
                row(domain, limits, kind, run.package)
                | {
                    "soundings": run.soundings,
                    "option_tests": run.option_tests,
                    "bits": run.bits,
                    "bits_at_worst": run.bits_at_worst,
                    "seconds": run.seconds,
                }
            )
    if len(kinds) > 1 and domain.counted:
        best_seen = ours.seen_by_one(domain, ours.from_answers(domain, finer=False))
        for turn in range(turns):
            chosen = drawn_one(seed(domain, turn), "seen by one", best_seen) if best_seen else None
            rows.append(row(domain, limits, SEEN_BY_ONE, chosen))
    return rows


def hawks(chosen: Sequence[Domain]) -> list[Row]:
    """Measure what pretending brings: each side's mean share of its true way from walk-away to best; no deal is nought."""
    rows = []
    for level in HAWKS:
        for pretending in ((), (0,), (0, 1)):
            gains, deals = [], 0
            for domain in chosen:
                stances = domain.stances()
                said = [ours.hawk(one, level) if me in pretending else one for me, one in enumerate(stances)]
                run = ours.run(domain, said, seed(domain, 0))
                deals += run.package is not None
                gains.append(
                    [0.0, 0.0]
                    if run.package is None
                    else [
                        gain(one, one.preferences.worth(domain.space.package(run.package))) for one in stances
                    ]
                )
            rows.append(
                {
                    "pretended_walk_away": level / 1000,
                    "sides": ["hawk" if me in pretending else "truthful" for me in range(2)],
                    "gains": [mean(each[me] for each in gains) for me in range(2)],
                    "no_deal": 1 - deals / len(chosen),
                }
            )
    return rows


def really_sounded(two: Sequence[Domain], wanted: int) -> list[Row]:
    """Search some small domains over real soundings and hold every step against the plain AND."""
    small = [domain for domain in two if 1 < domain.space.count <= MOST_SOUNDED]
    rows = []
    for domain in small[:: max(1, len(small) // max(1, wanted))][:wanted]:
        same, seconds = ours.sounded_alike(domain, seed(domain, 0))
        rows.append({"domain": domain.name, "packages": domain.space.count, "same": same, "seconds": seconds})
    return rows


def summary(rows: Sequence[Row]) -> Row:
    """Give means over the negotiations in which a deal was possible, and what must never be."""
    possible = [each for each in rows if each["possible"]]
    agreed = [each for each in possible if each["agreed"]]
    deals = [each for each in rows if each["agreed"]]
    found: Row = {
        "negotiations": len(rows),
        "agreement_where_one_exists": len(agreed) / len(possible) if possible else None,
        # Where no deal is possible, any deal is below somebody's walk-away.
        "false_deals": sum(not each["rational"] for each in deals),
        "individual_rationality": mean(each["rational"] for each in deals) if deals else None,
    }
    # A possible deal that was missed counts as nought in every ratio.
    found |= {name: mean(each.get(name, 0.0) for each in possible) if possible else None for name in RATIOS}
    for name in ("soundings", "option_tests", "bits", "bits_at_worst", "seconds"):
        have = [each[name] for each in rows if name in each]
        if have:
            found[name] = mean(have)
    return found


def group(each: Row) -> str:
    sides = "two sides" if each["sides"] == 2 else "three to nine sides"
    size = "up to 10,000 packages" if each["packages"] <= LISTED else "more packages"
    return f"{each['kind']}, {sides}, {size}"


def shown(name: str, found: Row) -> str:
    ratios = "  ".join(
        f"{ratio} {'-' if found[ratio] is None else format(found[ratio], '.3f')}" for ratio in RATIOS
    )
    agreement, rational = found["agreement_where_one_exists"], found["individual_rationality"]
    line = (
        f"{name}\n  {found['negotiations']} negotiations  agreement {'-' if agreement is None else format(agreement, '.1%')}  "
        f"false deals {found['false_deals']}  individually rational {'-' if rational is None else format(rational, '.1%')}\n  {ratios}"
    )
    if "bits" in found:
        line += (
            f"\n  {found['soundings']:.1f} soundings  {found['option_tests']:,.0f} option-tests  {found['bits']:,.0f} bits learnt by a side,"
            f" {found['bits_at_worst']:,.0f} if it says yes to all  {found['seconds']:.3f} s without cryptography"
        )
    elif "seconds" in found:
        line += f"  {found['seconds']:.3f} s"
    return line


def compared(chosen: Sequence[Domain], limits: dict[str, Best | None], steps: Sequence[int]) -> list[Row]:
    rows = []
    for domain in chosen:
        for strategy in peers.STRATEGIES:
            for most in steps:
                package, seconds = peers.session(domain, strategy, most)
                kind = f"negmas {strategy} in {most:,} steps"
                rows.append(row(domain, limits[domain.name], kind, package) | {"seconds": seconds})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--domains", type=Path, required=True, help="folder of domain files in the one JSON format"
    )
    parser.add_argument("--out", type=Path, help="file for all rows and means, as JSON")
    parser.add_argument(
        "--turns", type=int, default=3, help="searches of each domain, each with another seed"
    )
    parser.add_argument(
        "--peer-steps", type=int, nargs="*", default=[1_000], help="steps allowed to negmas' agents"
    )
    parser.add_argument("--sounded", type=int, default=10, help="domains searched over real soundings too")
    parser.add_argument("--every", type=int, default=1, help="take only every so-manyth domain")
    arguments = parser.parse_args()
    chosen = domains(arguments.domains)[:: arguments.every] if arguments.domains.is_dir() else []
    if not chosen:
        sys.stderr.write(f"There is no domain in {arguments.domains}; name a folder with DOMAINS=DIR.\n")
        return 2
    print(f"{len(chosen)} domains; a plain AND in the place of soundings")
    limits = {domain.name: best(domain) if domain.counted else None for domain in chosen}
    rows = []
    for domain in chosen:
        rows += searched(domain, limits[domain.name], arguments.turns)
    two = [domain for domain in chosen if len(domain.sides) == 2 and domain.counted]
    negmas = peers.version()
    if negmas is None:
        print("negmas is not installed, so nothing is compared with it; make bench-deals installs it.")
    else:
        print(f"negmas {negmas}, utilities by our reader")
        rows += compared(two, limits, arguments.peer_steps)
    means = {
        name: summary([each for each in rows if group(each) == name])
        for name in sorted({group(each) for each in rows})
    }
    for name, found in means.items():
        print(shown(name, found))
    met = {}
    for name, wanted in TARGETS.items():
        if arguments.every == 1 and name in means and means[name]["nash"] is not None:
            got = tuple(means[name][ratio] for ratio in ("nash", "pareto", "egalitarian"))
            met[name] = all(have >= need for have, need in zip(got, wanted, strict=True))
            print(
                f"{'reached' if met[name] else 'MISSED'}: {name}: Nash, Pareto, egalitarian at least {wanted}"
            )
    tempted = hawks([domain for domain in two if domain.space.count <= LISTED and limits[domain.name]])
    for each in tempted:
        print(
            f"{each['sides'][0]:>8} / {each['sides'][1]:8} (hawks pretend {each['pretended_walk_away']:.0%}): "
            f"{each['gains'][0]:.3f} / {each['gains'][1]:.3f}, no deal in {each['no_deal']:.0%}"
        )
    real = really_sounded(two, arguments.sounded)
    same = sum(each["same"] for each in real)
    if real:
        print(
            f"over real soundings: {same} of {len(real)} domains of up to {max(each['packages'] for each in real)} packages took the "
            f"same steps to the same end, {mean(each['seconds'] for each in real):.1f} s each for both sides on one thread"
        )
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "join": "plain AND",
            "negmas": negmas,
            "means": means,
            "reached": met,
            "hawks": tempted,
            "sounded": real,
            "rows": rows,
        }
        arguments.out.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        print(f"written to {arguments.out}")
    wrong = sum(found["false_deals"] for name, found in means.items() if not name.startswith("negmas"))
    return 1 if wrong or same < len(real) else 0


if __name__ == "__main__":
    sys.exit(main())
