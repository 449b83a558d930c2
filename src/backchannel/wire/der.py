"""DER (X.690 10), read in place: tag, content, the whole; nothing is copied out that was not there."""

from collections.abc import Iterator
from dataclasses import dataclass

from backchannel.errors import Violation
from backchannel.said import said

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
GENERALIZED_TIME, SEQUENCE, SET = 0x18, 0x30, 0x31
_LONG_FORM = 0x80
_MOST_LENGTH_BYTES = 4
_HIGH_TAG = 0x1F
_NOT_DER = "This is not DER, or it is cut off."


def explicit(number: int) -> int:
    """Give the tag of a constructed context field, such as `[0]`."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, its content, and the bytes that it was read from."""

    tag: int
    content: bytes
    whole: bytes

    @property
    def parts(self) -> tuple["Element", ...]:
        """What a constructed value holds, or raise Violation."""
        return tuple(_elements(self.content))

    def of(self, tag: int) -> "Element":
        """Give this value if it has the tag, or raise Violation."""
        if self.tag != tag:
            raise Violation(
                said(
                    "This DER holds a value of tag {tag} where one of {tag_2} belongs.",
                    tag=f"{self.tag:#x}",
                    tag_2=f"{tag:#x}",
                )
            )
        return self

    @property
    def number(self) -> int:
        """The value of an INTEGER, or raise Violation."""
        content = self.of(INTEGER).content
        if not content or (
            len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < _LONG_FORM
        ):
            raise Violation("An integer of this DER is not in its one form.")
        return int.from_bytes(content, "big", signed=True)

    @property
    def oid(self) -> str:
        """An object identifier as numbers with dots, or raise Violation."""
        numbers, value = list[int](), 0
        content = self.of(OID).content
        if not content or content[-1] & _LONG_FORM:
            raise Violation(_NOT_DER)
        for byte in content:
            value = value << 7 | byte & 0x7F
            if not byte & _LONG_FORM:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def read(data: bytes) -> Element:
    """Read the one value that the bytes are, or raise Violation."""
    found = tuple(_elements(data))
    if len(found) != 1:
        raise Violation(_NOT_DER)
    return found[0]


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        start = at
        tag, length, at = _head(data, at)
        if at + length > len(data):
            raise Violation(_NOT_DER)
        yield Element(tag, data[at : at + length], data[start : at + length])
        at += length


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    if len(data) - at < 2:  # noqa: PLR2004 - a tag and a length
        raise Violation(_NOT_DER)
    tag, length, at = data[at], data[at + 1], at + 2
    if tag & _HIGH_TAG == _HIGH_TAG:
        raise Violation("This DER has a tag of several bytes; nothing that is read here has one.")
    if length < _LONG_FORM:
        return tag, length, at
    size = length - _LONG_FORM
    written = data[at : at + size]
    value = int.from_bytes(written, "big")
    # X.690 10.1: the definite form, in the fewest bytes
    if not 0 < size <= _MOST_LENGTH_BYTES or len(written) != size or written[0] == 0 or value < _LONG_FORM:
        raise Violation(_NOT_DER)
    return tag, value, at + size


def write(tag: int, *contents: bytes) -> bytes:
    """Write a value of a tag whose content is these bytes, one after the other."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(size))) + size + content


def write_integer(value: int) -> bytes:
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return write(INTEGER, value.to_bytes(size, "big", signed=True))


def write_oid(dotted: str) -> bytes:
    """Write an object identifier given as numbers with dots."""
    first, second, *others = map(int, dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *others):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | _LONG_FORM)
        content += bytes(reversed(groups))
    return write(OID, bytes(content))
