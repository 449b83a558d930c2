"""Acts of talk, and of who is in a room."""

from collections.abc import Mapping

from backchannel.desk.parser import CAPACITIES, MANDATES, MANNERS, REGISTERS, ROOM_KINDS, RULES
from backchannel.pages.forms import Act, Field, Kind
from backchannel.pages.rows.fields import ALSO_ANSWERS, BEYOND, ITEM, NAME, ROLE, SIDE, STATES, TEXT, thing
from backchannel.pages.uploads import taken

TALK: Mapping[str, Act] = {
    "open-room": Act(
        ("open-room",),
        (
            Field("title", option="--title", needed=True),
            SIDE,
            NAME,
            ROLE,
            Field("room_kind", Kind.CHOICE, "--kind", ROOM_KINDS, "kind", default="plenary"),
            Field("retention", option="--retention", default="30d", more=True),
            Field("rule", Kind.CHOICE, "--rule", RULES, "rule", more=True, default="for-you-only"),
            Field("channel", option="--channel", more=True),
            thing("relay", "--relay", needed=False, more=True),
        ),
        room=False,
    ),
    "join": Act(
        ("join",),
        (Field("address", needed=True), Field("words", Kind.SECRET, needed=True), NAME),
        room=False,
        given=("words",),
    ),
    "invite": Act(
        ("invite",), (Field("guest", option="--name"), SIDE, ROLE, Field("valid", option="--for", more=True))
    ),
    "admit": Act(("admit",), (Field("who", needed=True),)),
    "remove": Act(
        ("remove",), (Field("who", Kind.MEMBER, needed=True), Field("reason", option="--reason")), final=True
    ),
    "say": Act(
        ("say",),
        (
            TEXT,
            Field("register", Kind.CHOICE, "--register", REGISTERS, "register", default="talk"),
            Field("mandate", Kind.CHOICE, "--mandate", MANDATES, "mandate", default="not-stated"),
            Field("answers", Kind.ITEM, "--answers"),
            ALSO_ANSWERS,
            Field("expires", option="--expires", more=True),
            Field("reply_by", option="--reply-by", more=True),
            Field("rule", Kind.CHOICE, "--rule", ("", *RULES), "rule", more=True),
            Field(
                "capacity", Kind.CHOICE, "--capacity", CAPACITIES, "capacity", more=True, default="not-stated"
            ),
            STATES,
            Field("attach", Kind.FILES, "--attach", more=True),
            Field("returnable", Kind.CHECK, "--returnable", more=True),
            Field("carried_for", option="--for", more=True),
            Field("manner", Kind.CHOICE, "--manner", ("", *MANNERS), "manner", more=True),
            BEYOND,
            Field("beyond_list", Kind.CHECK, "--beyond-list", more=True),
        ),
        compose=lambda form: {"files": taken(form, "attach")},
    ),
    "withdraw": Act(("withdraw",), (ITEM,), final=True),
    "hand-back": Act(("hand-back",), (ITEM,), final=True),
    "note": Act(
        ("note",),
        (
            Field("source", option="--source", needed=True),
            Field("happened", option="--at", needed=True),
            TEXT,
            Field("answers", Kind.ITEM, "--answers"),
            ALSO_ANSWERS,
            STATES,
        ),
    ),
    "words": Act(
        ("words",),
        (
            Field("who", Kind.MEMBER, needed=True),
            Field("heard", Kind.SECRET),
            Field("compare_again", Kind.CHECK, "--again", more=True),
        ),
        given=("heard",),
        compose=lambda form: {"heard": form.get("heard", "").strip() or None},
    ),
    "read": Act(("read",), (Field("tell", Kind.CHOICE, "--tell", ("", "yes", "no"), "tell"),)),
    "export": Act(("export",), own=True, files=True),
    "retention": Act(("retention",), (Field("time", needed=True),), final=True),
    "leave": Act(("leave",), final=True),
    "forget": Act(("forget",), own=True, final=True),
}
