"""What rows state, in the words of the desks: `issue.option` of a case as ISSUE and OPTION that a person can read."""

from backchannel.plays.agenda import DEAL
from backchannel.plays.case import Case, Kind, Row


def stated(row: Row) -> tuple[tuple[str, str], ...]:
    """What a row says on which issue; a deed says nothing, it is done."""
    return () if row.kind is Kind.DEED else tuple(map(spoken_term, row.terms))


def spoken_term(term: str) -> tuple[str, str]:
    issue, _, option = term.partition(".")
    return issue.replace("_", " "), option.replace("_", " ")


def states(row: Row) -> tuple[str, ...]:
    """The options of `say` and `note` with which a row states its terms."""
    return tuple(word for issue, option in stated(row) for word in ("--states", f"{issue}={option}"))


def deals(row: Row) -> frozenset[str]:
    """The secret terms of the deal that a row is about."""
    return frozenset(term for term in row.terms if term.partition(".")[0] == DEAL)


def secret(case: Case, row: Row) -> frozenset[tuple[str, str]]:
    """What a row states that exists only as long as it is in no public text, as the desks have it."""
    options = {
        f"{issue.id}.{option.id}"
        for issue in case.issues.values()
        for option in issue.options
        if option.secret
    }
    return frozenset(spoken_term(term) for term in row.terms if term in options | deals(row))
