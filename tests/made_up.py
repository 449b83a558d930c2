"""A made-up negotiation of ten rows in which everything that a play can show is shown once, and once not."""

MADE_UP = """\
schema: backchannel-case/2
id: harbour
title: "A harbour for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: dora, name: "Dora Neighbour", party: north, role: observer, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
  - {id: carl, name: "Carl Ferryman", party: none, role: go-between, desk: true}
rooms:
  - {id: talks, title: "The two envoys", kind: bilateral, members: [anna, boris], opened: 1, closed: null}
  - {id: home, title: "The council at home", kind: caucus, members: [anna, dora], opened: 1, closed: null}
  - {id: hither, title: "The ferry on this side", kind: shuttle, members: [anna, carl], opened: 5, closed: 5}
  - {id: thither, title: "The ferry on the other side", kind: shuttle, members: [boris, carl], opened: 5, closed: null}
kept_out:
  - {who: "the council", people: [dora], out_of: [talks, hither], learned: null}
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: message, vis: private, room: talks, by: anna, mandate: exploratory, register: talk, gist: "Would your town hear of a common mole at all?"}
  - {n: 2, at: "1931-03-01T12:00", kind: message, vis: private, room: talks, by: boris, answers: 1, mandate: not-stated, register: talk, gist: "It would hear of it, not yet speak of it."}
  - {n: 3, at: "1931-03-02T10:00", kind: proposal, vis: private, room: talks, by: anna, mandate: authorised, register: conditional, gist: "If you dredge the channel we pay for the mole."}
  - {n: 4, at: "1931-03-02T10:30", kind: message, vis: private, room: talks, by: boris, mandate: authorised, register: formal, gist: "Our council has voted against any dredging."}
  - {n: 5, at: "1931-03-03", kind: feeler, vis: private, room: hither, by: anna, onward: thither, carry: not-stated, mandate: not-stated, register: non-paper, gist: "Half the dredging might be enough for my people."}
  - {n: 6, at: "1931-03-04", kind: communique, vis: public, room: public, by: south, from: south, to: north, gist: "Southtown announces that its harbour stays as it is."}
  - {n: 7, at: "1931-03-05", kind: draft-text, vis: private, room: talks, by: boris, mandate: authorised, register: formal, gist: "Article one: the towns share the dues equally."}
  - {n: 8, at: "1931-03-06", kind: counter, vis: private, room: talks, by: anna, answers: 7, mandate: authorised, register: talk, gist: "Take the paper back; between us the word is enough."}
  - {n: 9, at: "1931-09-07", kind: front-channel, vis: private, room: talks, by: boris, mandate: not-stated, register: talk, gist: "You have my word upon the dues."}
  - {n: 10, at: "1931-09-08", kind: deed, vis: public, room: public, by: north, from: north, to: south, gist: "The first stone of the mole is laid."}
features:
  - {feature: absent, must_show: "It shows.", expect: absent-on-desks, "on": [1, 3, 5], people: [dora]}
  - {feature: not_absent, must_show: "It shows.", expect: absent-on-desks, "on": [1], people: [boris]}
  - {feature: knew, must_show: "It shows.", expect: who-knew-when, "on": [1, 2, 5], people: [anna, boris, carl, dora]}
  - {feature: not_knew, must_show: "It shows.", expect: who-knew-when, "on": [7], people: [anna, boris, dora]}
  - {feature: crossing, must_show: "It shows.", expect: crossed, "on": [3, 4], people: [anna, boris]}
  - {feature: not_crossing, must_show: "It shows.", expect: crossed, "on": [1, 2], people: [anna, boris]}
  - {feature: silence, must_show: "It shows.", expect: unanswered, "on": [6, 10]}
  - {feature: dormant, must_show: "It shows.", expect: dormant-days, "on": [8, 10], people: [anna, boris]}
  - {feature: not_dormant, must_show: "It shows.", expect: dormant-days, "on": [1, 2], people: [anna, boris]}
  - {feature: not_silence, must_show: "It shows.", expect: unanswered, "on": [1]}
  - {feature: apart, must_show: "It shows.", expect: no-direct-room, "on": [3, 5], people: [dora, boris]}
  - {feature: not_apart, must_show: "It shows.", expect: no-direct-room, "on": [5], people: [anna, boris]}
  - {feature: carried, must_show: "It shows.", expect: paraphrase-marked, "on": [5], people: [boris]}
  - {feature: not_carried, must_show: "It shows.", expect: paraphrase-marked, "on": [1], people: [boris]}
  - {feature: handed_back, must_show: "It shows.", expect: held-text-none, "on": [7], people: [anna, boris]}
  - {feature: not_handed_back, must_show: "It shows.", expect: held-text-none, "on": [8], people: [anna, boris]}
  - {feature: not_played, must_show: "It shows.", expect: unanswered, "on": [9]}
  - {feature: not_yet, must_show: "It shows.", expect: package-found, "on": [3]}
  - {feature: not_a_word, must_show: "It shows.", expect: seen-in-a-dream, "on": [3]}
  - {feature: not_both, must_show: "It shows.", expect: unanswered, "on": [10], also: [{expect: unanswered, "on": [1]}]}
"""

HELD = {"absent", "knew", "crossing", "silence", "apart", "carried", "handed_back", "dormant"}


QUAY = """\
schema: backchannel-case/2
id: quay
title: "A quay for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
  - {id: carl, name: "Carl Ferryman", party: none, role: go-between, desk: true}
rooms:
  - {id: talks, title: "The two envoys", kind: bilateral, members: [anna, boris], opened: 1, closed: null}
  - {id: ferry, title: "The ferry on this side", kind: shuttle, members: [anna, carl], opened: 4, closed: 8}
issues:
  - {id: dues, title: "The dues of the harbour", options: [{id: half, text: "Half each"}, {id: hidden, text: "Two thirds", secret: true}]}
deal:
  secret_terms: [{id: mole, text: "The mole goes", form: oral, lapse_if: "made public"}, {id: lamps, text: "The lamps are lit", form: oral}]
clocks:
  - {id: tide, at: "1931-03-02T20:00", what: "The spring tide", hard: true, felt_by: [north]}
  - {id: vote, at: "1931-03-03", what: "The council votes", hard: false, felt_by: [south]}
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: proposal, vis: private, room: talks, by: anna, mandate: authorised, register: formal, terms: [dues.hidden], gist: "Two thirds of the dues come to us, and nobody hears of it."}
  - {n: 2, at: "1931-03-02T10:00", kind: proposal, vis: private, room: talks, by: anna, mandate: authorised, register: oral, terms: [deal.mole], issues: [dues], gist: "Between us: the mole will be gone by autumn."}
  - {n: 3, at: "1931-03-02T11:00", kind: communique, vis: public, room: public, by: south, from: south, to: north, terms: [dues.half], gist: "The towns share the dues."}
  - {n: 4, at: "1931-03-03T10:00", kind: draft-text, vis: private, room: ferry, by: anna, mandate: authorised, register: conditional, gist: "The ferryman asks both towns to dredge."}
  - {n: 5, at: "1931-03-03T11:00", kind: draft-text, vis: private, room: ferry, by: anna, mandate: authorised, register: conditional, gist: "The ferryman asks both towns to wait."}
  - {n: 6, at: "1931-03-03T12:00", kind: message, vis: private, room: talks, by: boris, mandate: not-stated, register: oral, gist: "One could think about the lamps as well."}
  - {n: 7, at: "1931-03-03T13:00", kind: message, vis: private, room: ferry, by: carl, mandate: not-stated, register: oral, gist: "They are in a good mood over there."}
  - {n: 8, at: "1931-03-04", kind: front-channel, vis: public, room: public, by: carl, from: north, to: south, gist: "The ferryman has asked for patience."}
  - {n: 9, at: "1931-03-05", kind: signing, vis: private, room: talks, by: anna, mandate: authorised, register: formal, terms: [deal.mole], gist: "The mole stays as it is, say both."}
  - {n: 10, at: "1931-03-06", kind: feeler, vis: private, room: talks, by: boris, mandate: exploratory, register: talk, terms: [dues.half], gist: "Could you live with half of the dues?"}
  - {n: 11, at: "1931-03-07", kind: pledge, vis: private, room: talks, by: anna, mandate: authorised, register: formal, terms: [deal.lamps], gist: "We light the lamps in April."}
  - {n: 12, at: "1931-04-01", kind: deed, vis: public, room: public, by: north, from: north, to: south, answers: 11, gist: "The lamps of Northtown are lit."}
  - {n: 13, at: "1931-10-01", kind: deed, vis: public, room: public, by: north, from: north, to: south, terms: [deal.mole], gist: "Workmen clear stones from the harbour."}
  - {n: 14, at: "1931-10-05", kind: signing, vis: private, room: talks, by: anna, answers: 9, mandate: authorised, register: formal, terms: [deal.mole], gist: "The mole is gone."}
  - {n: 15, at: "1951-03-04", kind: disclosure, vis: public, room: public, by: south, from: south, to: north, gist: "After twenty years all is told."}
features:
  - {feature: later, must_show: "It shows.", expect: opened-later, "on": [1, 2, 14, 15], people: [anna, boris]}
  - {feature: not_later, must_show: "It shows.", expect: opened-later, "on": [9, 15], people: [anna, boris]}
  - {feature: out, must_show: "It shows.", expect: surfaced, "on": [3], people: [anna, boris]}
  - {feature: wordless, must_show: "It shows.", expect: held-text-none, "on": [2], people: [anna, boris]}
  - {feature: not_wordless, must_show: "It shows.", expect: held-text-none, "on": [6], people: [anna, boris]}
  - {feature: crossing, must_show: "It shows.", expect: crossed, "on": [2, 3], people: [anna, boris]}
  - {feature: pressed, must_show: "It shows.", expect: deadline-shown, "on": [1, 2], people: [anna, boris], clocks: [tide, vote]}
  - {feature: not_pressed, must_show: "It shows.", expect: deadline-shown, "on": [1], people: [anna, boris], clocks: [tide]}
  - {feature: lodged, must_show: "It shows.", expect: released-on-signal, "on": [4], people: [carl]}
  - {feature: released, must_show: "It shows.", expect: released-on-signal, "on": [5, 8], people: [carl]}
  - {feature: not_lodged, must_show: "It shows.", expect: released-on-signal, "on": [1], people: [boris]}
  - {feature: promised, must_show: "It shows.", expect: performed, "on": [11, 12], people: [anna, boris]}
  - {feature: done, must_show: "It shows.", expect: performed, "on": [2, 13], people: [anna, boris]}
  - {feature: not_done, must_show: "It shows.", expect: performed, "on": [2, 12], people: [boris]}
  - {feature: only_asked, must_show: "It shows.", expect: not-an-offer, "on": [10], people: [boris]}
  - {feature: not_only_asked, must_show: "It shows.", expect: not-an-offer, "on": [1], people: [anna]}
  - {feature: differ, must_show: "It shows.", expect: contradiction-flagged, "on": [1, 3], people: [anna]}
  - {feature: not_differ, must_show: "It shows.", expect: contradiction-flagged, "on": [3, 5], people: [boris]}
  - {feature: would_lapse, must_show: "It shows.", expect: lapsed-if-published, "on": [2], people: [anna, boris]}
  - {feature: not_lapsed, must_show: "It shows.", expect: lapsed-if-published, "on": [11, 12], people: [anna, boris]}
  - {feature: not_silent, must_show: "It shows.", expect: contradiction-flagged, "on": [1, 8], people: [anna]}
  - {feature: not_there, must_show: "It shows.", expect: surfaced, "on": [3, 99], people: [anna, boris]}
  - {feature: not_named, must_show: "It shows.", expect: crossed, "on": [], people: [anna, boris]}
  - {feature: claimed, must_show: "It shows.", expect: asserted-not-proved, "on": [10], people: [boris]}
  - {feature: not_claimed, must_show: "It shows.", expect: asserted-not-proved, "on": [10], people: [anna]}
  - {feature: upgraded, must_show: "It shows.", expect: mandate-upgraded, "on": [10, 11], people: [anna, boris]}
  - {feature: not_upgraded, must_show: "It shows.", expect: mandate-upgraded, "on": [1, 11], people: [anna, boris]}
  - {feature: rests, must_show: "It shows.", expect: parked, "on": [3, 10], people: [anna, boris]}
  - {feature: not_rests, must_show: "It shows.", expect: parked, "on": [12], people: [anna, boris]}
  - {feature: all_seal, must_show: "It shows.", expect: sealed-by-all, "on": [8], people: [anna, boris]}
  - {feature: not_all_seal, must_show: "It shows.", expect: sealed-by-all, "on": [12], people: [anna, carl]}
  - {feature: knew, must_show: "It shows.", expect: who-knew-when, "on": [1, 2, 5, 11], people: [anna, boris, carl]}
"""
QUAY_HELD = {
    *("later", "out", "wordless", "crossing", "pressed", "lodged", "released"),
    *("promised", "done", "only_asked", "differ", "knew", "would_lapse"),
    *("claimed", "upgraded", "rests", "all_seal"),
}
