"""What some words of a case ask of its players beside saying a row: when a step falls due, which line is held, who is asked for proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backchannel.plays.case import Case, Expectation, PersonId, Row, RowNumber, Visibility

LATE = "late"
BROKEN = "broken"
EXPIRED = "expired"
LINES_AGREED = "lines-agreed"
MANDATE_CHECKED = "mandate-checked"
AUTHOR_REFUSED = "author-refused"
CONSENT_REQUIRED = "consent-required"
INTEREST_DECLARED = "interest-declared"
NOT_RATIFIED = "not-ratified"
DEVIATION_ALARM = "deviation-alarm"
WORDS = (
    *(LATE, BROKEN, EXPIRED, LINES_AGREED, MANDATE_CHECKED, AUTHOR_REFUSED),
    *(CONSENT_REQUIRED, INTEREST_DECLARED, NOT_RATIFIED, DEVIATION_ALARM),
)
PAIR = 2  # rows
TRIPLE = 3


@dataclass(frozen=True, slots=True)
class Course:
    """By row: what happens with it, or after it."""

    due: Mapping[RowNumber, RowNumber]  # pledge: the row at whose moment it is due
    settles: Mapping[RowNumber, RowNumber]  # row by which a pledge is kept: that pledge
    breaks: Mapping[RowNumber, frozenset[RowNumber]]  # row at which pledges turn out broken
    watched: Mapping[RowNumber, frozenset[PersonId]]  # row at which an alarm is to show: on whose desks
    until: Mapping[RowNumber, str]  # row whose speaker's authority ends with a clock
    lines: frozenset[RowNumber]  # rows that agree on what is said outside
    spilled: frozenset[RowNumber]  # leaked rows that break such a line
    proofs: Mapping[RowNumber, RowNumber]  # challenge: the row that answers it
    consents: Mapping[RowNumber, tuple[Expectation, ...]]  # rows before which people consent
    interests: Mapping[
        RowNumber, tuple[Expectation, ...]
    ]  # rows before which go-betweens say what they have at stake
    referenda: Mapping[RowNumber, RowNumber]  # what is ad referendum: the row at which it is not ratified
    afterthoughts: Mapping[RowNumber, RowNumber]  # the same: a later row that would bring it back
    scripts: frozenset[RowNumber]  # rows that pin steps
    departures: Mapping[RowNumber, frozenset[RowNumber]]  # row in the place of a step: what pinned it
    named: frozenset[RowNumber]  # rows in the name of somebody who did not say so


def course(case: Case, found: Mapping[str, Sequence[Expectation]]) -> Course:
    """Read it off the expectations of a case, by their word."""

    def lists(word: str, least: int) -> list[Expectation]:
        return [wanted for wanted in found.get(word, ()) if len(wanted.on) >= least]

    late, broken = lists(LATE, TRIPLE), lists(BROKEN, PAIR)
    rows = {row.n: row for row in case.timeline}
    pinned = lists(DEVIATION_ALARM, PAIR)
    ended = [wanted for wanted in lists(EXPIRED, PAIR) if not wanted.clocks]
    agreed = [rows[n] for wanted in lists(LINES_AGREED, 1) for n in wanted.on]
    return Course(
        due={wanted.on[0]: wanted.on[1] for wanted in late},
        settles={wanted.on[-1]: wanted.on[0] for wanted in late},
        breaks={
            last: frozenset(wanted.on[0] for wanted in broken if wanted.on[1] == last)
            for last in {wanted.on[1] for wanted in broken}
        },
        watched={wanted.on[1]: frozenset(wanted.people) for wanted in late},
        until={n: wanted.clocks[0] for wanted in lists(EXPIRED, 1) for n in wanted.on if wanted.clocks},
        lines=frozenset(row.n for row in agreed if row.said is not None),
        spilled=frozenset(row.n for row in agreed if row.vis is Visibility.LEAKED),
        proofs={wanted.on[0]: wanted.on[-1] for wanted in lists(MANDATE_CHECKED, PAIR)},
        consents=_by_row(lists(CONSENT_REQUIRED, 1)),
        interests=_by_row(lists(INTEREST_DECLARED, 1)),
        referenda={wanted.on[0]: wanted.on[1] for wanted in (*lists(NOT_RATIFIED, PAIR), *ended)},
        afterthoughts={wanted.on[0]: wanted.on[2] for wanted in ended if len(wanted.on) > PAIR},
        scripts=frozenset(wanted.on[0] for wanted in pinned),
        departures={
            last: frozenset(wanted.on[0] for wanted in pinned if wanted.on[-1] == last)
            for last in {wanted.on[-1] for wanted in pinned}
        },
        named=frozenset(n for wanted in lists(AUTHOR_REFUSED, 1) for n in wanted.on if _in_a_name(rows[n])),
    )


def _by_row(wanteds: list[Expectation]) -> dict[RowNumber, tuple[Expectation, ...]]:
    rows = {n for wanted in wanteds for n in wanted.on}
    return {n: tuple(wanted for wanted in wanteds if n in wanted.on) for n in rows}


def _in_a_name(row: Row) -> bool:
    return row.said is not None and row.said.author is not None
