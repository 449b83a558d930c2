"""What argparse says of a line that it cannot read, as sentences of ours, which can be said in any language."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn

from backchannel.languages import on_terminal
from backchannel.said import joined, said

_SENTENCES: Mapping[str, Callable[..., str]] = {
    r"argument (?P<name>.+?): (?P<flaw>.+)": lambda name, flaw: joined(": ", (name, sentence(flaw))),
    r"the following arguments are required: (?P<names>.+)": lambda names: said(
        "the following arguments are required: {names}", names=names
    ),
    r"one of the arguments (?P<names>.+) is required": lambda names: said(
        "one of the arguments {names} is required", names=names
    ),
    r"unrecognized arguments: (?P<words>.+)": lambda words: said(
        "unrecognized arguments: {words}", words=words
    ),
    r"ambiguous option: (?P<option>.+) could match (?P<several>.+)": lambda option, several: said(
        "ambiguous option: {option} could match {several}", option=option, several=several
    ),
    r"invalid choice: (?P<value>.+) \(choose from (?P<choices>.*)\)": lambda value, choices: said(
        "invalid choice: {value} (choose from {choices})", value=value, choices=choices
    ),
    r"invalid int value: (?P<value>.+)": lambda value: said("{value} is no whole number", value=value),
    r"not allowed with argument (?P<other>.+)": lambda other: said("not allowed with {other}", other=other),
    r"ignored explicit argument (?P<value>.+)": lambda value: said(
        "takes no value, not {value}", value=value
    ),
    r"expected one argument": lambda: said("expected one argument"),
    r"expected at least one argument": lambda: said("expected at least one argument"),
    r"expected at most one argument": lambda: said("expected at most one argument"),
    r"expected (?P<count>\d+) arguments?": lambda count: said("expected {count} arguments", count=int(count)),
}


def sentence(message: str) -> str:
    """Give a message of argparse as a sentence of ours; one that is not known stays as it came."""
    for pattern, say in _SENTENCES.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return say(**found.groupdict())
    return message


class Parser(argparse.ArgumentParser):
    """A parser that refuses a line in the terminal's language."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(
            2, on_terminal(said("{prog}: error: {flaw}", prog=self.prog, flaw=sentence(message))) + "\n"
        )
