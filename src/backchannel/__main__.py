"""The command line: `backchannel GROUP ACT`; a group is imported only when it is named."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from backchannel import __version__, languages
from backchannel.errors import BackchannelError, Exit
from backchannel.usage import Parser

# Each module has add_parser(groups), which adds the parser of this name; every act sets run=function(args) -> int.
GROUPS = {
    "desk": ("backchannel.pages.parser", "open rooms, meet people and talk"),
    "forge": (
        "backchannel.desk.forge_command",
        "make a transcript with any wording that every check accepts",
    ),
    "page": ("backchannel.daylight.page_command", "write sealed texts into one HTML page that checks itself"),
    "play": ("backchannel.plays.command", "play a negotiation of the past on real desks"),
    "relay": ("backchannel.relay.command", "run a relay and admit desks to it"),
    "stamp": (
        "backchannel.daylight.stamp_command",
        "carry a request for a time stamp of a sealed text yourself, and take it in",
    ),
    "verify": (
        "backchannel.daylight.verify_command",
        "check a sealed text: who sealed what, and what is still closed",
    ),
    "completion": ("backchannel.completion", "print completion for a shell"),
}
INTERRUPTED = 130  # as shells say it


def parser(named: str | None = None) -> argparse.ArgumentParser:
    """Give the parser with the acts of the group that is named; with None, of every group (for completion)."""
    top = Parser(
        prog="backchannel", description="Self-hosted software for negotiations that cannot yet be seen."
    )
    top.add_argument("--version", action="version", version=f"backchannel {__version__}")
    top.add_argument(
        languages.OPTION,
        choices=languages.LANGUAGES,
        help=f"the language of everything that is said here, anywhere on the line; otherwise ${languages.VARIABLE}, otherwise the"
        " system's",
    )
    groups = top.add_subparsers(metavar="GROUP", required=True)
    for name, (module, summary) in GROUPS.items():
        if named in (None, name):
            importlib.import_module(module).add_parser(groups)
        else:
            groups.add_parser(name, help=summary)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        language, arguments = languages.chosen(map(languages.copied, arguments), os.environ)
        languages.speak(language)
        tree = parser(next((one for one in arguments if not one.startswith("-")), ""))
        if language != languages.FIRST:
            from backchannel.help_words import translate  # noqa: PLC0415 - in English there is nothing to do

            translate(tree, language)
        args = tree.parse_args(arguments)
        return int(args.run(args))
    except BackchannelError as error:
        print(languages.on_terminal(str(error)), file=sys.stderr)  # noqa: T201
        return error.exit
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stderr.close()
        return Exit.OK
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
