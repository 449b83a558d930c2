"""YAML read as plain values that know their line, from a file nobody has vouched for.

Anchors, aliases, tags, merge keys, duplicate keys, deep nesting and large files are refused; nothing is constructed
but text, whole numbers, true, false and null. Dates stay text.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import yaml

from backchannel.errors import Refused

MAX_BYTES = 1024 * 1024  # twenty-five times the longest case known
MAX_VALUES = 40_000  # the longest case known has under 5,000
MAX_DEPTH = 16
WHOLE = re.compile(r"-?[0-9]{1,9}")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # ids name folders, so they hold no path
TAG = "tag:yaml.org,2002:"

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A value and the place where it stands; `what` names it in a sentence ("row 7", "the room oval")."""

    value: "Scalar | list[Marked] | dict[str, Marked]"
    file: str
    line: int
    what: str

    def refused(self, fault: str) -> Refused:
        """Give the error that says what is wrong here; `fault` ends with the way out."""
        return Refused(f"{self.file} line {self.line}: {self.what} {fault}.")

    def named(self, what: str) -> "Marked":
        return Marked(self.value, self.file, self.line, what)

    def text(self) -> str:
        """Give a text; a whole number standing in its place is read as it was written (`at: 1989`)."""
        if isinstance(self.value, str) and self.value.strip():
            return self.value
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        raise self.refused("is not a text; write one")

    def id(self) -> str:
        text = self.text()
        if not ID.fullmatch(text):
            raise self.refused(f"has the id {text!r}; an id is up to 64 letters, digits, _ and -")
        return text

    def whole(self) -> int:
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise self.refused("is not a whole number; write one")

    def flag(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        raise self.refused("is neither true nor false; write one of them")

    def one_of(self, words: type[E]) -> E:
        text = self.text()
        try:
            return words(text)
        except ValueError as error:
            raise self.refused(f"is {text!r}; write one of {', '.join(words)}") from error

    def items(self) -> "list[Marked]":
        if not isinstance(self.value, list):
            raise self.refused("is not a list; write it in square brackets")
        return self.value

    def map(self) -> "dict[str, Marked]":
        if not isinstance(self.value, dict):
            raise self.refused("is not a set of keys and values; write it as {key: value}")
        return self.value

    def each(self, read: "Callable[[Marked], T]") -> tuple[T, ...]:
        return tuple(read(item.named(f"an entry of {self.what}")) for item in self.items())

    def table(self, what: str, keys: Iterable[str]) -> "Table":
        """Read keys and values; a key that looks like a slip of the pen for one of `keys` is refused."""
        known = list(keys)
        marked = self.named(what)
        for key, value in marked.map().items():
            if key not in known and (near := difflib.get_close_matches(key, known, 1, 0.8)):
                raise value.named(what).refused(f"has a key {key!r}; write {near[0]!r} if that is meant")
        return Table(marked)


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and values of one thing, read by key."""

    marked: Marked

    @property
    def what(self) -> str:
        return self.marked.what

    def get(self, key: str) -> Marked | None:
        """Give the value of a key, or None where the key is absent or null."""
        value = self.marked.map().get(key)
        return None if value is None or value.value is None else value.named(f"{key!r} of {self.what}")

    def __getitem__(self, key: str) -> Marked:
        value = self.get(key)
        if value is None:
            raise self.marked.refused(f"has no {key!r}; add it")
        return value

    def text(self, key: str, absent: str = "") -> str:
        value = self.get(key)
        return absent if value is None else value.text()

    def flag(self, key: str) -> bool:
        value = self.get(key)
        return value is not None and value.flag()

    def items(self, key: str) -> list[Marked]:
        value = self.get(key)
        return [] if value is None else value.items()


class _Composer(yaml.SafeLoader):
    """Composes nodes, and stops at what a case has no use for before it can grow."""

    depth = 0
    values = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not read", problem_mark=event.start_mark
            )
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"it is nested deeper than {MAX_DEPTH}", problem_mark=event.start_mark
            )
        if self.values >= MAX_VALUES:
            raise yaml.MarkedYAMLError(
                problem=f"it holds more than {MAX_VALUES} values", problem_mark=event.start_mark
            )
        self.values += 1
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read(data: bytes, file: str) -> Marked:
    """Read one YAML document; `file` is the name by which errors speak of it."""
    if len(data) > MAX_BYTES:
        raise Refused(f"{file}: a case of more than {MAX_BYTES} bytes is not read; shorten it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"{file} line {line}: this is not UTF-8 text; save it as UTF-8.") from error
    try:
        node = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if error.context_mark is not None and (mark is None or mark.index >= len(text)):
            mark = error.context_mark  # what was never closed is named by where it begins
        where = f" line {mark.line + 1}" if mark else ""
        raise Refused(f"{file}{where}: this is not YAML as a case needs it: {error.problem}.") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Refused(f"{file} line {line}: a character here is not allowed in YAML; remove it.") from error
    if node is None:
        raise Refused(f"{file} line 1: the file is empty; a case begins with its schema.")
    return _marked(node, file, "the case")


def _marked(node: yaml.Node, file: str, what: str) -> Marked:
    line = node.start_mark.line + 1
    here = Marked(None, file, line, what)
    if isinstance(node, yaml.MappingNode) and node.tag == TAG + "map":
        table: dict[str, Marked] = {}
        for key_node, value_node in node.value:
            key = _key(key_node, file, what)
            if key in table:
                again = Marked(None, file, key_node.start_mark.line + 1, what)
                raise again.refused(f"has {key!r} twice; keep one")
            table[key] = _marked(value_node, file, f"{key!r} of {what}")
        return Marked(table, file, line, what)
    if isinstance(node, yaml.SequenceNode) and node.tag == TAG + "seq":
        return Marked([_marked(item, file, f"an entry of {what}") for item in node.value], file, line, what)
    if isinstance(node, yaml.ScalarNode):
        return Marked(_scalar(node, here), file, line, what)
    raise here.refused(f"has the tag {node.tag}; take it away")


def _key(node: yaml.Node, file: str, what: str) -> str:
    here = Marked(None, file, node.start_mark.line + 1, what)
    if isinstance(node, yaml.ScalarNode) and node.tag == TAG + "str":
        return str(node.value)
    if node.tag == TAG + "bool":
        raise here.refused(
            f'has the key {node.value} without quotes, which YAML reads as true or false; write "{node.value}"'
        )
    raise here.refused("has a key that is not a text; write it in quotes")


def _scalar(node: yaml.ScalarNode, here: Marked) -> Scalar:
    kind = node.tag.removeprefix(TAG)
    if kind in {"str", "timestamp", "float", "int"}:
        return int(node.value) if kind == "int" and WHOLE.fullmatch(node.value) else str(node.value)
    if kind == "bool":
        return str(node.value).lower() in {"yes", "true", "on"}
    if kind == "null":
        return None
    raise here.refused(f"has the tag {node.tag}; take it away")
