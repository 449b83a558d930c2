"""What a play has shown, as a value for `--json` and as lines for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from backchannel.errors import Exit
from backchannel.plays.case import Case, PersonId
from backchannel.plays.enact.floor import Played
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers.finding import Finding
from backchannel.plays.readers.table import feature_finding
from backchannel.plays.traces import Traces, kept_out_traces

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case, what was played of it, and what its desks show."""

    case: Case
    played: Played
    must_show: Mapping[str, Finding]
    kept_out: Mapping[PersonId, Traces]
    sealed: Sequence[str] = ()  # paths of the files that are kept

    @property
    def exit(self) -> Exit:
        held = all(finding.held for finding in self.must_show.values())
        clean = all(not each.hits for each in self.kept_out.values())
        return Exit.OK if held and clean and not self.played.skipped else Exit.NOT_HELD

    def value(self) -> dict[str, object]:
        return {
            "case": self.case.id,
            "moves": {
                "played": list(self.played.rows),
                "skipped": [{"row": n, "reason": why} for n, why in self.played.skipped.items()],
            },
            "must_show": {feature: finding.value() for feature, finding in self.must_show.items()},
            "kept_out": {
                person: {
                    "clean": not each.hits,
                    "found": list(each.hits),
                    "evidence": [look.value() for look in each.looked],
                }
                for person, each in self.kept_out.items()
            },
            "sealed": list(self.sealed),
        }

    def lines(self) -> Sequence[str]:
        """Sum up for a person, at most 80 columns wide."""
        lines = [*wrap(self.case.title, WIDTH), ""]
        count = len(self.case.timeline)
        lines.append(f"Played {len(self.played.rows)} of {count} rows.")
        for n, why in self.played.skipped.items():
            lines += _item("·", f"row {n} skipped: {why}")
        lines += ["", "What the desks show:"]
        for feature, finding in self.must_show.items():
            sentence = (
                next(each.must_show for each in self.case.features if each.feature == feature) or feature
            )
            lines += _item("✓" if finding.held else "✗", sentence)
            lines += [] if finding.held else _item(" ", f"Not held: {finding.why}")
        if self.kept_out:
            lines += ["", "Who was kept out:"]
        for person, each in self.kept_out.items():
            name = self.case.people[person].name
            text = f"{name}: no trace" if not each.hits else f"{name}: a trace: {each.hits[0]}"
            lines += _item("✗" if each.hits else "✓", text)
        return lines


def _item(sign: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=f"  {sign} ", subsequent_indent="    ")


def outcome(looks: Looks, played: Played) -> Outcome:
    """Ask the desks everything that the case says they must show."""
    case = looks.case
    must_show: dict[str, Finding] = {}
    for feature in case.features:
        finding = feature_finding(looks, feature, played.skipped)
        earlier = must_show.get(feature.feature)
        must_show[feature.feature] = finding if earlier is None else _both(earlier, finding)
    people = dict.fromkeys(person for each in case.kept_out for person in each.people)
    return Outcome(
        case, played, must_show, {person: kept_out_traces(looks, person, case.kept_out) for person in people}
    )


def _both(one: Finding, other: Finding) -> Finding:
    """A feature that a case names twice is held if it is held both times."""
    evidence: tuple[Evidence, ...] = (*one.evidence, *other.evidence)
    return Finding(one.held and other.held, evidence, f"{one.why} {other.why}".strip())
