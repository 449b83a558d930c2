"""`backchannel completion SHELL`: completion made from the same tree as the help."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

SHELLS = ("bash", "zsh", "tcsh")


def add_parser(groups: "Groups") -> None:
    completion = groups.add_parser(
        "completion",
        help="print completion for a shell",
        description="Print completion for a shell, for instance: backchannel completion bash >"
        " ~/.local/share/bash-completion/completions/backchannel",
    )
    completion.add_argument("shell", choices=SHELLS, help="which one")
    completion.set_defaults(run=_complete)


def _complete(args: argparse.Namespace) -> int:
    import shtab  # noqa: PLC0415 - so that help comes at once

    from backchannel.__main__ import parser  # noqa: PLC0415

    print(shtab.complete(parser(), shell=args.shell))  # noqa: T201
    return 0
