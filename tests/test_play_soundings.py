"""A play asks so that only a yes of all shows; what the desks hold before, after, and with one no, is read off them."""

import asyncio

from backchannel.plays.case_file import parse_case
from backchannel.plays.play import play

FERRY = """\
schema: backchannel-case/2
id: ferry
title: "A ferry for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: exploratory-envoy, desk: true}
  - {id: eva, name: "Eva Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
  - {id: carl, name: "Carl Ferryman", party: none, role: go-between, desk: true}
rooms:
  - {id: hither, title: "The ferry on this side", kind: shuttle, members: [anna, carl], opened: 1, closed: 2}
  - {id: thither, title: "The ferry on the other side", kind: shuttle, members: [boris, carl], opened: 1, closed: 2}
  - {id: talks, title: "The two envoys", kind: bilateral, members: [eva, boris], opened: 3, closed: null}
issues:
  - {id: dues, title: "The dues", options: [{id: half, text: "Half each"}, {id: all, text: "All to the north"}], preferences: {north: [all, half], south: [half, all]}, walkaway_after: {south: half}}
  - {id: lamps, title: "The lamps", options: [{id: lit, text: "Lit by the south"}, {id: dark, text: "Dark"}], preferences: {south: [dark, lit]}, walkaway_after: {south: dark}}
  - {id: mole, title: "The mole", options: [{id: common, text: "In common"}]}
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: feeler, vis: private, room: hither, by: anna, onward: thither, carry: not-stated, mandate: exploratory, register: talk, terms: [dues.half, lamps.lit], gist: "We could share the dues if you light the lamps."}
  - {n: 2, at: "1931-03-02T10:00", kind: counter, vis: private, room: thither, by: boris, mandate: authorised, register: talk, terms: [dues.half], gist: "Sharing is possible; of lamps we do not speak."}
  - {n: 3, at: "1931-03-03T10:00", kind: sounding, vis: private, room: talks, by: eva, mandate: authorised, register: talk, terms: [dues.all], gist: "Could you bear to leave all the dues to us?"}
  - {n: 4, at: "1931-03-04T10:00", kind: message, vis: private, room: talks, by: eva, mandate: authorised, register: talk, gist: "A mole in common would suit us."}
  - {n: 5, at: "1931-03-05T10:00", kind: feeler, vis: private, room: talks, by: eva, mandate: authorised, register: talk, terms: [mole.common], gist: "A mole in common would suit us."}
  - {n: 6, at: "1931-03-06T10:00", kind: feeler, vis: private, room: talks, by: boris, mandate: authorised, register: talk, terms: [lamps.dark], gist: "Let the lamps stay dark."}
features:
  - {feature: both, must_show: "It shows.", expect: joint-yes, "on": [1, 2], people: [anna, boris]}
  - {feature: refused, must_show: "It shows.", expect: joint-yes, "on": [3], people: [eva, boris]}
  - {feature: not_hidden, must_show: "It shows.", expect: joint-yes, "on": [5], people: [eva, boris]}
  - {feature: not_asked, must_show: "It shows.", expect: joint-yes, "on": [4], people: [eva, boris]}
  - {feature: not_able, must_show: "It shows.", expect: joint-yes, "on": [6], people: [carl, boris]}
"""


def test_halves_appear_only_when_all_have_said_yes_and_a_play_that_lies_is_found_out() -> None:
    shown = asyncio.run(play(parse_case(FERRY.encode(), "made-up.yaml"), raw=True))
    assert {feature: finding.why for feature, finding in shown.must_show.items() if not finding.held} == {
        "not_hidden": "The desk of boris held the words of row 5 before all had answered.",
        "not_asked": "Row 4 states no option that people of different parties could be asked about.",
        "not_able": "Row 6 states no option that people of different parties could be asked about.",
    }
    assert not shown.played.skipped
    both = shown.must_show["both"].evidence
    assert {(each.desk, each.play) for each in both} == {
        (person, name) for person in ("anna", "boris") for name in ("", "what-if")
    }
    assert all(each.events for each in both if "sound show" in each.command)
    assert not any(each.events for each in both if " search " in each.command)
