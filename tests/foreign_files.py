"""Small domains in the formats of other programs, made up."""

import json

GENIUS = """<?xml version="1.0" encoding="utf-8"?>
<utility_space number_of_issues="2">
  <objective index="0" name="root" type="objective" etype="objective">
    <issue index="1" name="Dues " type="discrete" etype="discrete" vtype="discrete">
      <item index="1" value="shared" evaluation="3"/>
      <item index="2" value="north" evaluation="4"/>
      <item index="3" value="south" evaluation="0"/>
    </issue>
    <issue index="2" name="Depth" type="integer" etype="integer" vtype="integer" lowerbound="3" upperbound="5">
      <evaluator ftype="linear" offset="0.0" slope="0.5"/>
    </issue>
    <weight index="1" value="0.25"/>
    <weight index="2" value="0.75"/>
  </objective>
  <discount_factor value="0.9"/>
  <reservation value="0.4"/>
</utility_space>
"""
WISHES = """<utility_space type="nonlinear"><objective name="root">
  <issue index="1" name="a" vtype="integer" lowerbound="0" upperbound="9"/>
  <issue index="2" name="b" vtype="integer" lowerbound="0" upperbound="9"/>
  <utility maxutility="200"><ufun type="PlainUfun" weight="1" aggregation="sum">
    <hyperRectangle utility="50"><INCLUDES index="1" min="2" max="4"/><INCLUDES index="2" min="0" max="7"/></hyperRectangle>
    <hyperRectangle utility="100"><INCLUDES index="2" min="7" max="12"/></hyperRectangle>
    <hyperRectangle utility="9"><INCLUDES index="2" min="70" max="80"/></hyperRectangle>
  </ufun></utility>
</objective><reservation value="0.2"/></utility_space>
"""
WEB_DOMAIN = {
    "name": "harbour",
    "issuesValues": {"Dues": {"values": ["shared", "north"]}, "Depth": {"range": ["3", "5", "0.5"]}},
}
WEB = {
    "LinearAdditiveUtilitySpace": {
        "name": "north",
        "domain": WEB_DOMAIN,
        "issueWeights": {"Depth": 0.4, "Dues": 0.6},
        "issueUtilities": {
            "Depth": {
                "NumberValueSetUtilities": {"lowValue": 3, "lowUtility": 0, "highValue": 5, "highUtility": 1}
            },
            "Dues": {"DiscreteValueSetUtilities": {"valueUtilities": {"north": 1, "shared": 0.5}}},
        },
        "reservationBid": {"issuevalues": {"Dues": "shared", "Depth": 4.5}},
    }
}
NEGOLOG = {
    "reservationValue": 0.35,
    "issueWeights": {"Dues": 0.5, "Depth": 0.5},
    "issues": {"Dues": {"shared": 0.2, "north": 1.0}, "Depth": {"3": 1, "4": 0}},
}


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
