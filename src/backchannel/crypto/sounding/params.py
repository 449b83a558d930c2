"""What a sounding is about: who, over which options, how opened (docs/spec/sounding.md 2)."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta

from backchannel.crypto.sounding.group import base, name
from backchannel.errors import Violation
from backchannel.wire.codec import Record, decode, encode

CHUNK: Final = 256  # options in one message
MAX_SIDES = 10
MAX_OPTIONS = 10_000
MAX_PARAMS_BYTES = 1 << 20

Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
SideId = Annotated[bytes, Meta(min_length=1, max_length=64)]
Millis = Annotated[int, Meta(ge=-(2**62), le=2**62)]


class Kind(StrEnum):
    """What the sides learn."""

    ALL = "all"  # every option that all accept
    FIRST = "first"  # one such option, drawn by nobody
    DRAWN = "drawn"  # one option, drawn by nobody once all have answered, and whether all accept that one
    THRESHOLD = "threshold"  # two sides: whether their limits on one list meet, and nothing else


class Params(Record, frozen=True):
    """A sounding as its opener states it; every field is part of its name."""

    version: Literal[1]
    kind: Kind
    sides: Annotated[tuple[SideId, ...], Meta(min_length=2, max_length=MAX_SIDES)]
    options: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=1000)], ...],
        Meta(min_length=1, max_length=MAX_OPTIONS),
    ]
    chunk: Literal[256]
    batch: Annotated[int, Meta(ge=0, le=CHUNK)]  # first: options opened together; drawn: 1; otherwise 0
    poster: Annotated[
        int, Meta(ge=0, le=1)
    ]  # threshold: the side that counts from the first option; otherwise 0
    binding: bool
    deadlines: tuple[Millis, Millis, Millis]  # keys; agreement and inputs; the rest; ms since 1970
    head: Bytes32  # where in the room's log it was opened
    nonce: Bytes32
    parent: Annotated[
        bytes, Meta(max_length=32)
    ]  # a re-run: the name of the inputs it repeats; otherwise empty

    @property
    def sid(self) -> bytes:
        """The sounding's name, 32 bytes."""
        # spec 2: over all of it; a kind, a deadline or a binding flag that two sides read differently is two soundings
        return name("sid", encode(self))

    @property
    def ordered(self) -> bool:
        """Whether options open in an order that nobody chose."""
        return self.kind in {Kind.FIRST, Kind.DRAWN}

    @property
    def batches(self) -> int:
        """How many batches of options may open, of a kind that opens them in order."""
        return 1 if self.kind is Kind.DRAWN else -(-len(self.options) // self.batch)

    @property
    def chunks(self) -> int:
        return -(-len(self.options) // CHUNK)

    def in_chunk(self, chunk: int) -> range:
        """Give the numbers of the options of a chunk."""
        return range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(self.options)))


def parse_params(data: bytes) -> Params:
    """Read parameters, or raise Violation."""
    if len(data) > MAX_PARAMS_BYTES:
        raise Violation("This sounding is larger than one may be.")
    return checked(decode(data, Params))


def checked(params: Params) -> Params:
    """Give parameters that keep the rules which their fields alone cannot state, or raise Violation."""
    if list(params.sides) != sorted(set(params.sides)):
        raise Violation("The sides of this sounding are not in their order, each once.")
    if len(set(params.options)) != len(params.options):
        raise Violation("An option of this sounding is listed twice.")
    if (
        params.ordered != (params.batch > 0)
        or (params.kind is Kind.DRAWN and params.batch > 1)
        or (params.kind is not Kind.THRESHOLD and params.poster)
    ):
        raise Violation("This sounding says how it opens in a way that its kind does not have.")
    if params.kind is Kind.THRESHOLD and (len(params.sides) != 2 or len(params.options) > CHUNK):  # noqa: PLR2004
        raise Violation("A sounding of limits is between two sides, over 256 options at most.")
    if list(params.deadlines) != sorted(params.deadlines):
        raise Violation("The deadlines of this sounding are not in their order.")
    if params.parent and (len(params.parent) != 32 or params.kind is not Kind.ALL):  # noqa: PLR2004 - a name
        raise Violation("This sounding repeats none that can be repeated.")
    return params


def option_bases(keys_name: bytes, count: int) -> list[bytes]:
    """Give a base for each option."""
    # spec 4: one for each, or a sole vetoer would see the results of all others in proportion
    return [base("option", keys_name, number.to_bytes(4)) for number in range(count)]
