"""docs/commands.md as the parser says it; `python tests/commands_page.py > docs/commands.md` writes it anew."""

import argparse
import sys
from collections.abc import Iterator

from backchannel.__main__ import parser
from backchannel.errors import Exit

HEADING = """# Commands

Made from the program's own tree by `python tests/commands_page.py`; a test holds the two together. Each command also says this
with `--help`.

Secrets are never arguments: passphrases and words are asked for, or read as one line of a file descriptor. With `--json`
a command prints one line of JSON, and so does an error (`error`, `exit`); times in it (`…_ms`) are milliseconds since 1970. What
is said of a room ends with its head, a short name of all that this desk holds of it, for `--seen`.

## Exit codes

| code | meaning |
|---|---|
"""

EXITS = {
    Exit.OK: "done",
    Exit.BUG: "a fault of the program",
    Exit.REFUSED: "refused, or the command was not understood; nothing was changed and nothing was sent",
    Exit.NOT_HELD: "a play showed less than it should",
    Exit.BLOCKED: "must wait for another person: not admitted, not approved, not compared",
    Exit.FORKED: "two histories differ",
    Exit.EXPIRED: "the invitation, paper or room has run out",
    Exit.OUT_OF_MANDATE: "out of mandate",
    Exit.MOVED: "the room has moved on since the head given with --seen, or the readers since the text was written",
    Exit.VIOLATION: "bytes from outside that the protocol forbids; nothing was changed",
    Exit.UNAVAILABLE: "the line or the machine failed; what was saved is safe and is tried again",
}

SHARED = "options of every command"


def commands(tree: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Walk a parser's tree in its order; what a parser does not describe is described by its summary."""
    yield tree
    for action in tree._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help for choice in action._choices_actions}
            for name, child in action.choices.items():
                child.description = child.description or f"{summaries[name]}."
                yield from commands(child)


def page() -> str:
    parts = [HEADING.rstrip("\n")]
    parts += [f"| {code.value} | {meaning} |" for code, meaning in EXITS.items()]
    shared = ""
    for command in commands(parser()):
        if command.prog == "backchannel":
            continue
        groups = {group.title: group for group in command._action_groups}
        if SHARED in groups and not shared:
            shared = _rows(groups[SHARED]._group_actions)
            parts += [
                "",
                "## Options of every desk command",
                "",
                "They may stand before or after the command's name.",
                "",
                shared,
            ]
        parts += ["", f"## {command.prog}", "", _escaped(command.description or "")]
        own = [
            action
            for group in command._action_groups
            if group.title != SHARED
            for action in group._group_actions
            if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
        ]
        if own:
            parts += ["", _rows(own)]
    return "\n".join(parts) + "\n"


def _rows(actions: list[argparse.Action]) -> str:
    rows = [f"| `{_named(action)}` | {_escaped(_meaning(action))} |" for action in actions]
    return "\n".join(["| | |", "|---|---|", *rows])


def _named(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        shown = metavar if action.choices is None else action.dest.upper()
        return {"?": f"[{shown}]", "*": f"[{shown} …]", "+": f"{shown} …"}.get(str(action.nargs), shown)
    if action.nargs == 0:
        return ", ".join(action.option_strings)
    value = f"[{metavar}]" if action.nargs == "?" else metavar
    return f"{', '.join(action.option_strings)} {value}"


def _meaning(action: argparse.Action) -> str:
    choices = "" if action.choices is None else " · ".join(str(choice) for choice in action.choices)
    needed = "needed" if action.option_strings and action.required else ""
    return "; ".join(part for part in (action.help or "", choices, needed) if part)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


if __name__ == "__main__":
    sys.stdout.write(page())
