"""Promises that fall due, authority that ends, lines for outside and words in somebody's name, played and read off the desks."""

import asyncio

from backchannel.plays.case_file import parse_case
from backchannel.plays.play import play

WEIR = """\
schema: backchannel-case/2
id: weir
title: "A weir for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
  - {id: carl, name: "Carl Ferryman", party: none, role: go-between, desk: true}
  - {id: dora, name: "Dora Neighbour", party: north, role: observer, desk: true}
rooms:
  - {id: talks, title: "The two envoys", kind: bilateral, members: [anna, boris], opened: 1, closed: null}
  - {id: ferry, title: "The ferry on the far side", kind: shuttle, members: [boris, carl], opened: 1, closed: 3}
  - {id: home, title: "The council at home", kind: caucus, members: [anna, dora], opened: 2, closed: null}
clocks:
  - {id: vote, at: "1931-03-20", what: "The council votes", hard: true, felt_by: [north]}
issues:
  - {id: dues, title: "The dues", options: [{id: half, text: "Half each"}]}
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: message, vis: private, room: ferry, by: carl, author: anna, carry: not-stated, mandate: not-stated, register: formal, gist: "Anna says that the north will tear the weir down."}
  - {n: 2, at: "1931-03-02T10:00", kind: message, vis: private, room: talks, by: boris, mandate: authorised, register: talk, gist: "Show us that you speak for your town: let its flag be hauled down."}
  - {n: 3, at: "1931-03-03T10:00", kind: deed, vis: public, room: public, by: north, from: north, to: south, gist: "The flag of Northtown is hauled down for a day."}
  - {n: 4, at: "1931-03-04T10:00", kind: message, vis: private, room: talks, by: anna, mandate: authorised, register: talk, issues: [dues], gist: "If asked, both towns inspect the weir."}
  - {n: 5, at: "1931-03-05T10:00", kind: pledge, vis: private, room: talks, by: anna, mandate: authorised, register: formal, gist: "We open the sluice by the eighth."}
  - {n: 6, at: "1931-03-05T12:00", kind: pledge, vis: private, room: talks, by: boris, mandate: authorised, register: formal, gist: "We lend the boats by the ninth."}
  - {n: 7, at: "1931-03-05T14:00", kind: pledge, vis: private, room: talks, by: anna, answers: 6, mandate: authorised, register: formal, gist: "When the boats are there we dredge."}
  - {n: 8, at: "1931-03-08T10:00", kind: communique, vis: public, room: public, by: north, from: north, to: south, gist: "It is the eighth of March."}
  - {n: 9, at: "1931-03-10T10:00", kind: deed, vis: private, room: talks, by: anna, answers: 5, mandate: authorised, register: talk, gist: "The sluice is open."}
  - {n: 10, at: "1931-03-11T10:00", kind: communique, vis: public, room: public, by: south, from: south, to: north, gist: "No boat will leave the harbour of Southtown."}
  - {n: 11, at: "1931-03-12T10:00", kind: message, vis: private, room: talks, by: boris, mandate: authorised, register: talk, gist: "Until the vote I can speak for my town."}
  - {n: 12, at: "1931-03-13T10:00", kind: draft-text, vis: private, room: talks, by: anna, mandate: authorised, register: formal, gist: "The towns share the weir, if our council agrees."}
  - {n: 13, at: "1931-03-13T12:00", kind: pledge, vis: private, room: talks, by: anna, answers: 12, mandate: authorised, register: formal, gist: "Then we pay for the gate."}
  - {n: 14, at: "1931-03-14T10:00", kind: impasse, vis: public, room: public, by: north, from: north, to: south, answers: 12, gist: "The council of Northtown votes against sharing."}
  - {n: 15, at: "1931-03-15T10:00", kind: proposal, vis: public, room: public, by: north, from: north, to: south, answers: 12, gist: "The council of Northtown has thought again."}
  - {n: 16, at: "1931-03-16T10:00", kind: message, vis: private, room: talks, by: anna, mandate: authorised, register: talk, gist: "If asked, both towns inspect the weir."}
features:
  - {feature: departed, must_show: "It shows.", expect: deviation-alarm, "on": [12, 14], people: [anna, boris]}
  - {feature: not_departed, must_show: "It shows.", expect: deviation-alarm, "on": [4, 16], people: [anna, boris]}
  - {feature: failed, must_show: "It shows.", expect: not-ratified, "on": [12, 14], people: [anna, boris, dora], also: [{expect: expired, "on": [12, 14, 15], people: [anna, boris]}]}
  - {feature: not_failed, must_show: "It shows.", expect: not-ratified, "on": [1, 14], people: [carl]}
  - {feature: stake, must_show: "It shows.", expect: interest-declared, "on": [1], people: [carl]}
  - {feature: not_stake, must_show: "It shows.", expect: interest-declared, "on": [2], people: [carl]}
  - {feature: consent, must_show: "It shows.", expect: consent-required, "on": [4], people: [anna, boris]}
  - {feature: not_consent, must_show: "It shows.", expect: consent-required, "on": [2], people: [boris, dora]}
  - {feature: in_a_name, must_show: "It shows.", expect: author-refused, "on": [1], people: [anna, boris, dora]}
  - {feature: not_in_a_name, must_show: "It shows.", expect: author-refused, "on": [2], people: [boris]}
  - {feature: checked, must_show: "It shows.", expect: mandate-checked, "on": [2, 3], people: [anna, boris]}
  - {feature: not_checked, must_show: "It shows.", expect: mandate-checked, "on": [2], people: [anna]}
  - {feature: line, must_show: "It shows.", expect: lines-agreed, "on": [4], people: [anna, boris]}
  - {feature: not_line, must_show: "It shows.", expect: lines-agreed, "on": [4], people: [dora]}
  - {feature: late, must_show: "It shows.", expect: late, "on": [5, 8, 9], people: [anna, boris]}
  - {feature: not_late, must_show: "It shows.", expect: late, "on": [7, 9, 10], people: [anna]}
  - {feature: broken, must_show: "It shows.", expect: broken, "on": [6, 10], people: [anna, boris]}
  - {feature: not_broken, must_show: "It shows.", expect: broken, "on": [8, 10], people: [anna]}
  - {feature: ends, must_show: "It shows.", expect: expired, "on": [11], people: [anna, boris], clocks: [vote]}
  - {feature: not_ends, must_show: "It shows.", expect: expired, "on": [10], people: [anna], clocks: [vote]}
"""


def test_what_falls_due_ends_or_is_somebodys_word_is_read_off_the_desks() -> None:
    shown = asyncio.run(play(parse_case(WEIR.encode(), "made-up.yaml"), raw=True))
    assert {feature: finding.why for feature, finding in shown.must_show.items() if not finding.held} == {
        "not_departed": "On the desk of anna row 16 came as it was pinned.",
        "not_failed": "The desk of carl does not show row 1 as not ratified.",
        "not_stake": "No desk that has these rows shows what carl has at stake.",
        "not_consent": "The desk of boris did not wait before row 2.",
        "not_in_a_name": "Row 2 is in nobody's name but that of who says it.",
        "not_checked": "“mandate-checked” names no row that would answer the challenge.",
        "not_line": "The desk of dora has no line that all sides agreed to.",
        "not_late": "On the desk of anna row 7 is not kept late, at row 10.",
        "not_broken": "The desk of anna has no pledge of row 8.",
        "not_ends": "Row 10 is public.",
    }
    assert not shown.played.skipped
