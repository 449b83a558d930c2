"""The tree of `backchannel desk consent …` and `backchannel desk interest …`; imports nothing heavy."""

from typing import TYPE_CHECKING

from backchannel.desk.clock_parser import add_text

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group

WHICH = "first letters of its id; the only one need not be named"


def add_consent(group: "Group", act: "Act") -> None:
    """Add the commands on consent and on what a go-between has at stake."""
    consent = group("consent", "who agrees that something be put on record, before it is")
    ask = act(
        consent,
        "consent",
        "ask",
        "ask people to consent; until each has, your desk and theirs who did put nothing on record here",
    )
    add_text(ask, "what consent is asked for")
    ask.add_argument(
        "--of", action="extend", nargs="+", metavar="NAME", help="whom; default everybody else in the room"
    )
    give = act(consent, "consent", "give", "consent")
    give.add_argument("which", nargs="?", metavar="QUESTION", help=WHICH)
    refuse = act(consent, "consent", "refuse", "refuse consent, take it back, or take your question back")
    refuse.add_argument("which", nargs="?", metavar="QUESTION", help=WHICH)
    act(consent, "consent", "show", "show who was asked, who has consented, and what was said all the same")
    interest = group("interest", "what a go-between has at stake themself")
    declare = act(interest, "interest", "declare", "say what you have at stake, as who goes between here")
    add_text(declare, "what is at stake for you")
    act(interest, "interest", "show", "show what each go-between of a room has declared")
