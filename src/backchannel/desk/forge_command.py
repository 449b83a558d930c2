"""`backchannel forge …`: the command's own tree; what it does is in desk/commands/forging.py."""

from typing import TYPE_CHECKING

from backchannel.desk.parser import EXITS, options, run

if TYPE_CHECKING:
    from backchannel.desk.parser import Groups


def add_parser(groups: "Groups") -> None:
    forge = groups.add_parser(
        "forge",
        help="make a transcript with any wording that every check accepts",
        description=(
            "Shows why talk proves nothing: from this desk's own secrets and the others' public keys it makes messages"
            " in their names, which the code that reads real ones accepts. Nothing is sent and nothing is kept."
        ),
        epilog=EXITS,
    )
    options(forge, top=True)
    forge.add_argument(
        "lines",
        nargs="+",
        metavar="LINE",
        help="who never said what, such as “Boris: We accept.”; several make a conversation",
    )
    forge.set_defaults(run=run, command="forge")
