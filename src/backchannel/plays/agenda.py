"""What a case is about: its issues and options, its secret terms, and what was agreed in the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.plays.case import Issue, Option, Oracle, SecretTerm
from backchannel.plays.cast import Cast, once_each
from backchannel.plays.marked_yaml import Marked, Table

DEAL = "deal"  # a term deal.ID names a secret term instead of an option


@dataclass(frozen=True, slots=True)
class Agenda:
    """Issues and secret terms by their ids, and what hangs on them."""

    issues: Mapping[str, Issue]
    secret_terms: Mapping[str, SecretTerm]
    oracles: tuple[Oracle, ...]
    actual_outcome: Mapping[str, str | None]

    def terms(self, marked: Marked | None) -> tuple[str, ...]:
        return () if marked is None else once_each(marked, marked.each(self._term))

    def _term(self, marked: Marked) -> str:
        issue, _, option = marked.text().partition(".")
        known = issue == DEAL and option in self.secret_terms
        if not known and (issue not in self.issues or option not in self.issues[issue].option_ids()):
            raise marked.refused(f"is {marked.text()!r}; write issue.option or deal.id with ids of this case")
        return marked.text()

    def issue_ids(self, marked: Marked | None) -> tuple[str, ...]:
        return (
            ()
            if marked is None
            else once_each(marked, marked.each(lambda item: _issue_id(item, self.issues)))
        )


def read_agenda(top: Table, cast: Cast) -> Agenda:
    issues: dict[str, Issue] = {}
    for item in top.items("issues"):
        issue = _issue(item, cast)
        if issue.id in issues or issue.id == DEAL:
            raise item.refused(f"is another issue {issue.id}; give every issue an id of its own")
        issues[issue.id] = issue
    return Agenda(
        issues,
        _secret_terms(top),
        tuple(_oracle(item, issues) for item in top.items("oracles")),
        _outcome(top.get("actual_outcome"), issues),
    )


def _issue_id(marked: Marked, issues: Mapping[str, Issue]) -> str:
    if marked.text() not in issues:
        raise marked.refused(f"is {marked.text()!r}, which is no issue of this case; name one of its issues")
    return marked.text()


def _issue(item: Marked, cast: Cast) -> Issue:
    name = item.table("an issue", ("id",))["id"].id()
    table = item.table(f"issue {name}", ("id", "title", "options", "preferences", "walkaway_after", "stage"))
    options = table["options"].each(_option)
    ids = once_each(table["options"], tuple(option.id for option in options))

    def option_id(marked: Marked) -> str:
        if marked.text() not in ids:
            raise marked.refused(
                f"is {marked.text()!r}, which is no option of {name}; name one of its options"
            )
        return marked.text()

    preferences, walkaways = table.get("preferences"), table.get("walkaway_after")
    return Issue(
        id=name,
        title=table["title"].text(),
        options=options,
        preferences={
            cast.party_named(party, value): once_each(value, value.each(option_id))
            for party, value in (preferences.map() if preferences else {}).items()
        },
        walkaway_after={
            cast.party_named(party, value): option_id(value)
            for party, value in (walkaways.map() if walkaways else {}).items()
        },
        stage=table.text("stage"),
    )


def _option(item: Marked) -> Option:
    table = item.table("an option", ("id", "text", "secret"))
    return Option(table["id"].id(), table["text"].text(), table.flag("secret"))


def _secret_terms(top: Table) -> dict[str, SecretTerm]:
    deal = top.get("deal")
    if deal is None:
        return {}
    terms: dict[str, SecretTerm] = {}
    for item in deal.table("the deal", ("public_terms", "secret_terms")).items("secret_terms"):
        table = item.table("a secret term", ("id", "text", "form", "lapse_if"))
        term = SecretTerm(
            table["id"].id(), table["text"].text(), table.text("form"), bool(table.text("lapse_if"))
        )
        if term.id in terms:
            raise item.refused(f"is another secret term {term.id}; give every term an id of its own")
        terms[term.id] = term
    return terms


def _oracle(item: Marked, issues: Mapping[str, Issue]) -> Oracle:
    table = item.table("an oracle", ("stage", "blocking_if_all_public", "blocking_if_secret_allowed"))

    def blocking(key: str) -> tuple[str, ...]:
        return table[key].each(lambda each: _issue_id(each, issues))

    return Oracle(
        table.text("stage"), blocking("blocking_if_all_public"), blocking("blocking_if_secret_allowed")
    )


def _outcome(marked: Marked | None, issues: Mapping[str, Issue]) -> dict[str, str | None]:
    outcome: dict[str, str | None] = {}
    for name, value in (marked.map() if marked else {}).items():
        issue = issues.get(name)
        if issue is None:
            raise value.refused(f"speaks of {name!r}, which is no issue of this case; name one of its issues")
        if value.value is not None and value.text() not in issue.option_ids():
            raise value.refused(
                f"is {value.text()!r}, which is no option of {name}; name one of its options or null"
            )
        outcome[name] = None if value.value is None else value.text()
    return outcome
