"""A play searches for a package from orderings alone, and what the desks then show is read off them."""

import asyncio

from backchannel.plays.case_file import parse_case
from backchannel.plays.outcome import Outcome
from backchannel.plays.play import play

BRIDGE = """\
schema: backchannel-case/2
id: bridge
title: "A bridge for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: abel, name: "Abel Adviser", party: north, role: adviser, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
  - {id: bella, name: "Bella Southern", party: south, role: authorised-envoy, desk: true}
rooms:
  - {id: talks, title: "The envoys", kind: plenary, members: [anna, boris, abel, bella], opened: 1, closed: null}
issues:
  - id: toll
    stage: main
    title: "Toll: who pays"
    options: [{id: none, text: "None"}, {id: shared, text: "Shared, unannounced", secret: true}, {id: full, text: "Full | at once"}]
    preferences: {north: [full, shared, none], south: [none, shared, full]}
    walkaway_after: {north: shared, south: shared}
  - id: flag
    stage: main
    title: "Flag"
    options: [{id: ours, text: "North"}, {id: theirs, text: "South"}]
    preferences: {north: [ours, theirs], south: [ours, theirs]}
    walkaway_after: {north: theirs, south: theirs}
oracles:
  - {stage: main, blocking_if_all_public: [toll], blocking_if_secret_allowed: []}
actual_outcome: {toll: shared, flag: theirs}
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: message, vis: private, room: talks, by: anna, mandate: authorised, register: talk, issues: [toll], gist: "Let us see whether there is a bridge to build."}
  - {n: 2, at: "1931-03-09T10:00", kind: message, vis: private, room: talks, by: boris, mandate: authorised, register: talk, issues: [toll], gist: "There seems to be one."}
features:
  - {feature: package, must_show: "It shows.", expect: package-found, "on": [1, 2], people: [anna, boris]}
  - {feature: not_package, must_show: "It shows.", expect: package-found, "on": [2], people: [anna, abel]}
"""


def played(text: str) -> Outcome:
    return asyncio.run(play(parse_case(text.encode(), "made-up.yaml"), raw=True))


def test_a_package_is_found_from_orderings_and_shown_by_the_desks_of_those_who_searched() -> None:
    shown = played(BRIDGE)
    assert not shown.played.skipped
    held = {feature: finding for feature, finding in shown.must_show.items() if finding.held}
    assert set(held) == {"package"}, {name: finding.why for name, finding in shown.must_show.items()}
    commands = [each.command for each in held["package"].evidence]
    assert any("package progress" in command for command in commands)
    assert any("package explain" in command for command in commands)
    assert {each.desk for each in held["package"].evidence} == {"anna", "boris", "abel", "bella"}
    assert "abel" in shown.must_show["not_package"].why
