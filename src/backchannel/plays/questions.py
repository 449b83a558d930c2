"""What feelers and soundings of a case ask, of whom, and what each would answer: by terms, orderings and walk-aways alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.members import Role
from backchannel.moves.seal import SPEAKERS
from backchannel.plays.agenda import DEAL
from backchannel.plays.case import Case, Expectation, Kind, PersonId, Row, RowNumber
from backchannel.plays.stakes import texts, titled

JOINT_YES = "joint-yes"
ASKS = frozenset({Kind.FEELER, Kind.SOUNDING})
ANSWERS = SPEAKERS | {Role.EXPLORATORY_ENVOY}  # what binds nobody, an exploratory envoy answers too
FEWEST = 2  # people, below whom nothing can be joint


@dataclass(frozen=True, slots=True)
class Question:
    """What a row asks of some people, each of another party; `answers` says at which row each of them answers.

    `rows` are those in which they say what they want; `terms` are `issue.option`.
    """

    row: Row
    rows: tuple[Row, ...]
    terms: tuple[str, ...]
    people: tuple[PersonId, ...]
    answers: Mapping[PersonId, RowNumber]

    @property
    def last(self) -> PersonId:
        """Who answers last."""
        return max(self.people, key=lambda person: self.answers[person])

    def halves(self, person: PersonId) -> list[Row]:
        """Give what the others of these people say of it themselves."""
        others = [each for each in self.people if each != person]
        return [row for row in self.rows if any(speaks_in(row, each) for each in others)]


def question(case: Case, wanted: Expectation) -> Question | None:
    """Give what a `joint-yes` asks; None if its rows ask nothing, or not of people who could answer for different parties."""
    rows = tuple(row for row in map(case.row, wanted.on) if row.said is not None)
    parties = {case.people[person].party for person in wanted.people}
    able = all(case.people[person].desk and case.people[person].role in ANSWERS for person in wanted.people)
    if not rows or not able or not FEWEST <= len(wanted.people) == len(parties):
        return None
    row = next((row for row in rows if row.kind in ASKS), rows[0])
    terms = asked(row)
    if not terms:
        return None
    answers = {person: _answers_at(rows, person) for person in wanted.people}
    return Question(row, rows, terms, wanted.people, answers)


def asked(row: Row) -> tuple[str, ...]:
    """The options that a row states; what is only a term of the deal is no option."""
    return tuple(term for term in row.terms if term.partition(".")[0] != DEAL)


def speaks_in(row: Row, person: PersonId) -> bool:
    """Whether a private row is somebody's own: said by them, or in their name."""
    return row.said is not None and person in {row.by, row.said.author}


def _answers_at(rows: tuple[Row, ...], person: PersonId) -> RowNumber:
    """Somebody answers before what they first say themselves, else after what they first hear, else at the end."""
    own = [row.n for row in rows if speaks_in(row, person)]
    heard = [row.n for row in rows if row.said is not None and person in row.said.to_people]
    return (own or heard or [rows[-1].n])[0]


def option(case: Case, term: str) -> str:
    """Write an option as those who are asked read it."""
    issue, _, chosen = term.partition(".")
    return f"{titled(case.issues[issue])}: {texts(case.issues[issue])[chosen]}"


def accepts(case: Case, rows: tuple[Row, ...], person: PersonId, term: str) -> bool:
    """Whether somebody could live with an option: they state it themselves, or their party does not walk away from it."""
    name, _, chosen = term.partition(".")
    issue, party = case.issues[name], case.people[person].party
    order, last = issue.preferences.get(party, ()), issue.walkaway_after.get(party)
    stated = any(term in row.terms for row in rows if speaks_in(row, person))
    unordered = last is None or chosen not in order or last not in order
    return stated or unordered or order.index(chosen) <= order.index(last or chosen)
