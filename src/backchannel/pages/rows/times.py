"""Acts about clocks, sunsets, impasses, texts that stand by, lists of who may know, and links between rooms."""

from collections.abc import Mapping

from backchannel.desk.ratify_parser import RESULTS
from backchannel.desk.sunset_parser import CHOICES
from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import TEXT, thing

_AT = Field("at", Kind.TIME, "--at", needed=True)
_WHAT = Field("comes", Kind.AREA, needed=True)

TIMES: Mapping[str, Act] = {
    "clock-add": Act(
        ("clock", "add"),
        (
            _WHAT,
            _AT,
            Field("felt_by", Kind.ALL_SIDES, "--felt-by"),
            Field("hard", Kind.CHECK, "--hard"),
        ),
    ),
    "clock-private": Act(("clock", "add"), (_WHAT, _AT), own=True, fixed=("--private",)),
    "clock-drop": Act(("clock", "drop"), (thing("clock"),)),
    "sunset-set": Act(("sunset", "set"), (_AT,)),
    "sunset-agree": Act(("sunset", "agree"), (thing("sunset"),), final=True),
    "sunset-choose": Act(
        ("sunset", "choose"),
        (
            Field("choice", Kind.CHOICE, choices=CHOICES, family="sunset", needed=True, default="pause"),
            Field("go_on_until", Kind.TIME, "--until"),
        ),
    ),
    "script-pin": Act(("script", "pin"), (Field("steps", Kind.LINES, "--step", needed=True),)),
    "script-agree": Act(("script", "agree"), (thing("script"),), final=True),
    "script-step": Act(
        ("script", "step"),
        (Field("came", needed=True), thing("script"), Field("number", option="--number", more=True)),
    ),
    "script-go-on": Act(("script", "go-on"), (thing("script"),), final=True),
    "ratify-ask": Act(
        ("ratify", "ask"),
        (
            Field("referendum", Kind.AREA, needed=True),
            Field("ratify_on", option="--on", more=True),
            Field("ratify_until", Kind.TIME, "--until", more=True),
        ),
    ),
    "ratify-result": Act(
        ("ratify", "result"),
        (
            Field(
                "ratified", Kind.CHOICE, choices=RESULTS, family="ratified", needed=True, default="ratified"
            ),
            thing("ratification"),
            Field("remark", Kind.AREA),
        ),
        final=True,
    ),
    "consent-ask": Act(
        ("consent", "ask"),
        (Field("consent_subject", Kind.AREA, needed=True), Field("consent_of", Kind.LINES, "--of")),
    ),
    "consent-give": Act(("consent", "give"), (thing("consent"),), final=True),
    "consent-refuse": Act(("consent", "refuse"), (thing("consent"),)),
    "interest-declare": Act(("interest", "declare"), (Field("stake", Kind.AREA, needed=True),)),
    "impasse-call": Act(("impasse", "call"), (Field("stuck", Kind.AREA, needed=True),)),
    "impasse-lift": Act(("impasse", "lift"), (thing("impasse"),)),
    "standby-lodge": Act(
        ("standby", "lodge"),
        (
            Field("keeper", Kind.MEMBER, "--with", needed=True),
            TEXT,
            Field("signal", option="--signal", needed=True),
            Field("issued_as", option="--as", more=True),
            Field("readers_know", Kind.CHECK, "--readers-know", more=True),
        ),
    ),
    "standby-signal": Act(("standby", "signal"), (thing("standby"),), final=True),
    "standby-release": Act(
        ("standby", "release"), (thing("standby"), Field("to_room", Kind.ROOM, "--to")), final=True
    ),
    "standby-cancel": Act(("standby", "cancel"), (thing("standby"),)),
    "need-to-know": Act(
        ("need-to-know", "set"), (thing("anything"), Field("knowers", Kind.LINES, "--only", needed=True))
    ),
    "link-add": Act(
        ("link", "add"),
        (Field("link_title", option="--title", needed=True), Field("places", Kind.LINES, needed=True)),
        room=False,
        own=True,
        then="/settings#k",
    ),
    "link-drop": Act(("link", "drop"), (thing("link"),), room=False, own=True, then="/settings#k"),
}
