"""Every sentence of the program that people may read, found in its source and in the tree of its help."""

import argparse
import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import backchannel
from backchannel import __main__ as program
from backchannel.help_words import THEIRS, sentences

ROOT = Path(backchannel.__file__).parent
ENGLISH_ONLY = ("plays", "relay")  # docs/languages.md says so
TRANSLATED_GROUPS = ("desk", "forge", "page", "stamp", "verify")
PLACE = re.compile(r"\{(\w+)\}")
_ERRORS = frozenset(
    {
        *(
            "Refused",
            "Blocked",
            "Forked",
            "Expired",
            "OutOfMandate",
            "Moved",
            "Unavailable",
            "Violation",
            "Gone",
        ),
        *("TooDeep", "MemberTwice", "NotCanonical"),
    }
)


@cache
def found() -> dict[str, str]:
    """Give every sentence to be translated, with the file where it is said."""
    said = dict(_in_source())
    tree = program.parser()
    (groups,) = (one for one in tree._actions if isinstance(one, argparse._SubParsersAction))
    whole = [*THEIRS, tree.description or ""]
    for choice in groups._choices_actions:
        whole.append(choice.help or "")
        if choice.dest in TRANSLATED_GROUPS:
            whole += sentences(groups.choices[choice.dest], choice.help or "")
    whole += [one.help for one in tree._actions if one.help]
    for one in whole:
        said.setdefault(one, "help")
    return {one: where for one, where in said.items() if needs_words(one)}


def needs_words(template: str) -> bool:
    """Tell whether anything is left of a template without its places that another language writes in another way."""
    return re.search(r"[^\W\d_]|[“”]|[,;] ", PLACE.sub("", template)) is not None


def _in_source() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        where = path.relative_to(ROOT)
        if where.parts[0] in ENGLISH_ONLY:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in {"said", "joined"} or name in _ERRORS:
                    what = node.args[0]
                    meant = named.get(what.id, []) if isinstance(what, ast.Name) else [what]
                    yield from ((text, str(where)) for one in meant for text in _texts(one))


def unworded() -> Iterator[str]:
    """Give every place of a sentence into which a word of the protocol is put as it is on the wire."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in ENGLISH_ONLY:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                    for value in (keyword.value for keyword in node.keywords):
                        if isinstance(value, ast.Attribute) and value.attr == "value":
                            yield f"{path.name}:{node.lineno}: {ast.unparse(value)}"


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
