"""Acts about who may speak for a side, about offers, and about what is demanded in public."""

from collections.abc import Mapping

from backchannel.desk.mandate_parser import LEVELS
from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import BEYOND, ITEM, SOURCE, TEXT, thing

_WORDED = (
    Field("purpose", option="--for", needed=True),
    Field("level", Kind.CHOICE, "--level", LEVELS, "level", needed=True, default="exploratory"),
    Field("limits", Kind.LINES, "--issue", more=True),
    Field("starts", Kind.TIME, "--from", more=True),
    Field("until", Kind.TIME, "--until", more=True),
)
_HOLDER = Field("holder", Kind.MEMBER, "--to", needed=True)
_WHERE = Field("recorded", Kind.ITEM, "--item")

AUTHORITY: Mapping[str, Act] = {
    "mandate-give": Act(("mandate", "give"), (_HOLDER, *_WORDED)),
    "mandate-claim": Act(("mandate", "claim"), _WORDED),
    "mandate-revoke": Act(
        ("mandate", "revoke"), (Field("mandate_of", Kind.THING, needed=True, of="mandate"),), final=True
    ),
    "mandate-challenge": Act(("mandate", "challenge"), (_HOLDER, TEXT)),
    "mandate-answer": Act(
        ("mandate", "answer"), (thing("challenge"), Field("how", Kind.LINE, "--how"), _WHERE)
    ),
    "mandate-checked": Act(
        ("mandate", "checked"), (thing("challenge"), Field("how", Kind.LINE, "--how", needed=True), _WHERE)
    ),
    "accept": Act(("accept",), (ITEM, BEYOND), final=True),
    "precondition-state": Act(("precondition", "state"), (TEXT, SOURCE, BEYOND)),
    "precondition-restate": Act(
        ("precondition", "restate"), (thing("precondition", "--instead-of"), TEXT, SOURCE)
    ),
    "precondition-park": Act(("precondition", "park"), (thing("precondition"), BEYOND)),
    "precondition-drop": Act(("precondition", "drop"), (thing("precondition"),), final=True),
}
