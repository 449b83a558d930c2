"""Acts about pledges, deeds, oral understandings, publications and leaks."""

from collections.abc import Mapping

from backchannel.desk.promise_parser import READINGS
from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import (
    ALSO_ANSWERS,
    BEYOND,
    DUE,
    HAPPENED,
    LAPSE,
    REMARK,
    SOURCE,
    STATES,
    TEXT,
    thing,
)

_BY = Field("by_side", Kind.SIDE, "--by")

PROMISES: Mapping[str, Act] = {
    "pledge-make": Act(
        ("pledge", "make"),
        (
            TEXT,
            Field("to_sides", Kind.SIDES, "--to"),
            DUE,
            Field("condition", option="--if"),
            LAPSE,
            Field("after", Kind.THINGS, "--after", more=True, of="pledge"),
            Field("answers", Kind.ITEM, "--answers", more=True),
            ALSO_ANSWERS,
            STATES,
            BEYOND,
        ),
    ),
    "pledge-acknowledge": Act(("pledge", "acknowledge"), (thing("pledge"), BEYOND)),
    "pledge-release": Act(("pledge", "release"), (thing("pledge"),), final=True),
    "pledge-broken": Act(("pledge", "broken"), (thing("pledge"), REMARK), final=True),
    "deed-report": Act(
        ("deed", "report"),
        (
            TEXT,
            HAPPENED,
            Field("promise", Kind.THINGS, "--pledge", of="promise"),
            _BY,
            Field("public_note", Kind.ITEM, "--note", more=True),
        ),
    ),
    "deed-read": Act(
        ("deed", "read"),
        (
            thing("deed"),
            Field("reading", Kind.CHOICE, choices=READINGS, family="reading", needed=True, default="kept"),
            REMARK,
        ),
    ),
    "understanding-offer": Act(
        ("understanding", "offer"),
        (
            Field("subject", option="--subject", needed=True),
            Field("with_sides", Kind.SIDES, "--with", needed=True),
            DUE,
            LAPSE,
            Field("replaces", Kind.ITEM, "--replaces", more=True),
            BEYOND,
        ),
    ),
    "understanding-confirm": Act(("understanding", "confirm"), (thing("understanding"), BEYOND)),
    "understanding-decline": Act(("understanding", "decline"), (thing("understanding"),), final=True),
    "understanding-broken": Act(("understanding", "broken"), (thing("understanding"), REMARK), final=True),
    "published": Act(("published",), (thing("anything"), SOURCE, HAPPENED, _BY)),
    "lapse": Act(("lapse",), (thing("promise"),), final=True),
    "leak-report": Act(("leak", "report"), (Field("leaked", Kind.AREA),)),
    "leak-lift": Act(("leak", "lift"), (thing("leak"),)),
    "leak-line-set": Act(("leak", "line", "set"), (TEXT, Field("case", option="--for"))),
    "leak-line-agree": Act(("leak", "line", "agree"), (thing("line"),)),
}
