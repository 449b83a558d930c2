"""Whether what a case must show is so on the kept desks: one reader for each word of `expect` that this version can show.

Every reader asks desks through ordinary commands (looks.py) and gives what it rests on. A word without a reader is not
held; nor is anything about a row that was not played.
"""

from collections.abc import Mapping

from backchannel.plays.case import Expectation, Feature, RowNumber
from backchannel.plays.course import (
    AUTHOR_REFUSED,
    BROKEN,
    CONSENT_REQUIRED,
    DEVIATION_ALARM,
    EXPIRED,
    INTEREST_DECLARED,
    LATE,
    LINES_AGREED,
    MANDATE_CHECKED,
    NOT_RATIFIED,
)
from backchannel.plays.looks import Looks, once
from backchannel.plays.plan import (
    ASSERTED_NOT_PROVED,
    CONTRADICTION_FLAGGED,
    CROSSED,
    DEADLINE_SHOWN,
    HELD_TEXT_NONE,
    LAPSED_IF_PUBLISHED,
    MANDATE_UPGRADED,
    OPENED_LATER,
    PACKAGE_FOUND,
    PARKED,
    PERFORMED,
    RELEASED_ON_SIGNAL,
    SEALED_BY_ALL,
    SURFACED,
    WHO_KNEW_WHEN,
)
from backchannel.plays.questions import JOINT_YES
from backchannel.plays.readers import (
    beforehand,
    carrying,
    due,
    holding,
    joint,
    order,
    outside,
    pinned,
    promised,
    ratified,
    sealed,
    searching,
    standing,
    waiting,
)
from backchannel.plays.readers.finding import Finding, NotSo, Reader

READERS: Mapping[str, Reader] = {
    "absent-on-desks": holding.absent_on_desks,
    WHO_KNEW_WHEN: holding.who_knew_when,
    HELD_TEXT_NONE: holding.held_text_none,
    CROSSED: order.crossed,
    "unanswered": order.unanswered,
    "dormant-days": order.dormant_days,
    "no-direct-room": carrying.no_direct_room,
    "paraphrase-marked": carrying.paraphrase_marked,
    OPENED_LATER: sealed.opened_later,
    SURFACED: sealed.surfaced,
    LATE: due.late,
    BROKEN: due.broken,
    EXPIRED: ratified.expired,
    DEVIATION_ALARM: pinned.deviation_alarm,
    NOT_RATIFIED: ratified.not_ratified,
    LINES_AGREED: outside.lines_agreed,
    MANDATE_CHECKED: outside.mandate_checked,
    AUTHOR_REFUSED: outside.author_refused,
    CONSENT_REQUIRED: beforehand.consent_required,
    INTEREST_DECLARED: beforehand.interest_declared,
    JOINT_YES: joint.joint_yes,
    PACKAGE_FOUND: searching.package_found,
    DEADLINE_SHOWN: waiting.deadline_shown,
    RELEASED_ON_SIGNAL: waiting.released_on_signal,
    PERFORMED: promised.performed,
    ASSERTED_NOT_PROVED: standing.asserted_not_proved,
    MANDATE_UPGRADED: standing.mandate_upgraded,
    PARKED: standing.parked,
    SEALED_BY_ALL: standing.sealed_by_all,
    "not-an-offer": promised.not_an_offer,
    LAPSED_IF_PUBLISHED: promised.lapsed_if_published,
    CONTRADICTION_FLAGGED: promised.contradiction_flagged,
}


def feature_finding(looks: Looks, feature: Feature, skipped: Mapping[RowNumber, str]) -> Finding:
    """A feature is held if every one of its expectations is."""
    findings = [_finding(looks, wanted, skipped) for wanted in feature.expectations]
    return Finding(
        all(finding.held for finding in findings),
        once(each for finding in findings for each in finding.evidence),
        " ".join(finding.why for finding in findings if finding.why),
    )


def _finding(looks: Looks, wanted: Expectation, skipped: Mapping[RowNumber, str]) -> Finding:
    reader = READERS.get(wanted.expect)
    if reader is None:
        return Finding(False, (), f"This version cannot show “{wanted.expect}” yet.")
    if not wanted.on:
        return Finding(False, (), f"“{wanted.expect}” names no rows.")
    if missing := looks.case.missing(wanted):
        return Finding(False, (), f"There is no row {missing[0]} in this case.")
    for n in wanted.on:
        if n in skipped:
            return Finding(False, (), f"Row {n} was not played: {skipped[n]}.")
    try:
        return reader(looks, wanted)
    except NotSo as reason:
        return Finding(False, (), str(reason))
