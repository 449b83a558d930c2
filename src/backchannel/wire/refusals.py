"""What a relay refuses, on the line and in calls (docs/spec/relay.md, section 5)."""

from enum import IntEnum

from backchannel.errors import Refused


class Code(IntEnum):
    """Why the relay refused (spec 5)."""

    UNKNOWN = 1  # no drop here answers to this id and capability
    DROP_FULL = 2
    RELAY_FULL = 3
    CONFLICT = 4  # the same id was used before for something else
    LIMIT = 5
    GONE = 6  # the drop was closed or has lapsed
    ADMISSION = 7  # the token is unknown, used, revoked or expired
    TERMS = 8  # size, time or form that is not granted
    STOPPING = 9


PASSING = frozenset({Code.DROP_FULL, Code.RELAY_FULL, Code.LIMIT, Code.STOPPING})


class RelayRefused(Refused):
    """A relay's refusal; `code` says what a desk can do about it, and whether it may pass by itself."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code

    @property
    def may_pass(self) -> bool:
        """Whether the same request can succeed later."""
        return self.code in PASSING
