"""Fields that several acts ask for."""

from collections.abc import Mapping

from backchannel.desk.parser import ROLES
from backchannel.desk.promise_parser import LAPSES
from backchannel.errors import Refused
from backchannel.pages.forms import Field, Form, Kind

TEXT = Field("text", Kind.AREA, needed=True)
REMARK = Field("remark", Kind.AREA)
ITEM = Field("item", Kind.ITEM, needed=True)
NAME = Field("name", option="--name")
SIDE = Field("side", option="--side", needed=True)
ROLE = Field("role", Kind.CHOICE, "--role", ROLES, "role", default="principal")
STATES = Field("states", Kind.LINES, "--states", more=True)
SOURCE = Field("source", option="--source", needed=True)
HAPPENED = Field("happened", Kind.TIME, "--at", needed=True)
DUE = Field("due", Kind.TIME, "--due")
LAPSE = Field("lapse", Kind.CHOICE, "--lapse", LAPSES, "lapse", default="election", more=True)
ALSO_ANSWERS = Field("also_answers", Kind.LINES, "--answers", more=True)
BEYOND = Field("beyond_mandate", Kind.CHECK, "--beyond-mandate", more=True)


def thing(of: str, option: str = "", *, needed: bool = True, more: bool = False) -> Field:
    """Ask for one of the things that stand in the room."""
    return Field(of, Kind.THING, option, needed=needed, more=more, of=of)


NEW_PASSPHRASE = (
    Field("new_passphrase", Kind.PASSPHRASE, needed=True),
    Field("again", Kind.PASSPHRASE, needed=True),
)


def chosen(form: Form) -> Mapping[str, object]:
    """Give a new passphrase that was typed twice, or raise Refused."""
    if form.get("new_passphrase") != form.get("again"):
        raise Refused("The two passphrases are not the same; please type them again.")
    return {"new": form.get("new_passphrase", "")}
