"""XML from a file that nobody has vouched for: elements and attributes, no document types, no entities of its own."""

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from backchannel.errors import Refused
from backchannel.said import said

MAX_BYTES = 1 << 20
MAX_ELEMENTS = 40_000
MAX_LEVELS = 16


@dataclass(slots=True)
class Element:
    """One element; text between elements is not kept."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        """Give the children of a name."""
        return [child for child in self.children if child.name == name]

    def text(self, attribute: str) -> str:
        found = self.attributes.get(attribute)
        if found is None:
            raise Refused(
                said(
                    "An element {name} of this file lacks its {attribute}; mend the file.",
                    name=repr(self.name[:40]),
                    attribute=repr(attribute),
                )
            )
        return found


class _Tree:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes)
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_LEVELS:
            raise Refused("This file has more or deeper elements than any domain; it was not read.")
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _: str) -> None:
        self.open.pop()


def read_xml(data: bytes) -> Element:
    """Read the root element, or raise Refused; any bytes are safe to give."""
    if len(data) > MAX_BYTES:
        raise Refused("This file is larger than any domain; it was not read.")
    tree = _Tree()
    parser = expat.ParserCreate()
    # Without a document type there is nothing to expand and nothing to fetch.
    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # ValueError, LookupError: encodings
        raise Refused("This file is not XML; ask for it again.") from error
    if tree.root is None:  # pragma: no cover - expat refuses an empty document itself
        raise Refused("This file is not XML; ask for it again.")
    return tree.root


def _declared(*_: object) -> NoReturn:
    raise Refused("This file declares a document type, which makes XML unsafe; remove the declaration.")
