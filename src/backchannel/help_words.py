"""The help of every command in another language: the tree of parsers with its sentences exchanged."""

import argparse
from collections.abc import Callable, Iterable, Iterator

from backchannel.languages import in_language

# What argparse itself says, which has its entries in the catalogue as our own sentences have.
USAGE = "usage: "
THEIRS = ("positional arguments", "options", "show this help message and exit", USAGE)


def translate(parser: argparse.ArgumentParser, language: str, summary: str = "") -> None:
    """Exchange the sentences of a parser and of all below it; `summary` is how the parser above speaks of it."""

    def other(text: str) -> str:
        return in_language(text, language)

    parser.formatter_class = _formatter(other(USAGE))
    parser.description = parser.description and _described(parser.description, summary, other)
    parser.epilog = parser.epilog and other(parser.epilog)
    for group in parser._action_groups:  # noqa: SLF001 - argparse has no other door
        group.title = group.title and other(group.title)
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, below in action.choices.items():
                translate(below, language, _summaries(action).get(name, ""))
            for choice in action._choices_actions:  # noqa: SLF001
                choice.help = choice.help and other(choice.help)
        elif action.help and action.help != argparse.SUPPRESS:
            action.help = other(action.help)


def sentences(parser: argparse.ArgumentParser, summary: str = "") -> Iterator[str]:
    """Give every sentence that `translate` exchanges."""
    first, rest = _parted(parser.description or "", summary)
    yield from (one for one in (first, rest, parser.epilog) if one)
    yield from (group.title for group in parser._action_groups if group.title)  # noqa: SLF001
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, below in action.choices.items():
                yield from sentences(below, _summaries(action).get(name, ""))
            yield from filter(None, _summaries(action).values())
        elif action.help and action.help != argparse.SUPPRESS:
            yield action.help


def _summaries(action: "argparse._SubParsersAction[argparse.ArgumentParser]") -> dict[str, str]:
    return {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001


def _described(text: str, summary: str, other: Callable[[str], str]) -> str:
    """Give a description, whose first sentence is most often the summary."""
    first, rest = _parted(text, summary)
    if not first:
        return other(text)
    told = other(first)
    return f"{told[:1].upper()}{told[1:]}. {other(rest) if rest else ''}".strip()


def _parted(text: str, summary: str) -> tuple[str, str]:
    """Give the summary that a description begins with, empty if it does not, and what follows."""
    opening = f"{summary[:1].upper()}{summary[1:]}."
    if summary and text.startswith(opening):
        return summary, text.removeprefix(opening).strip()
    return "", text


def _formatter(usual: str) -> type[argparse.HelpFormatter]:
    class Formatter(argparse.HelpFormatter):
        def add_usage(
            self,
            usage: str | None,
            actions: Iterable[argparse.Action],
            groups: "Iterable[argparse._MutuallyExclusiveGroup]",
            prefix: str | None = None,
        ) -> None:
            super().add_usage(usage, actions, groups, usual if prefix is None else prefix)

    return Formatter
