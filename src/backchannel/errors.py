"""The three kinds of error: ours, theirs, the line's. Each message is one sentence shown to the person."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command (docs/commands.md)."""

    OK = 0
    BUG = 1
    REFUSED = 2
    NOT_HELD = 3
    BLOCKED = 4
    FORKED = 5
    EXPIRED = 6
    OUT_OF_MANDATE = 7
    MOVED = 8
    VIOLATION = 9
    UNAVAILABLE = 10


class BackchannelError(Exception):
    """Any error a person may be shown; `str()` is the sentence, with the way out."""

    exit: Exit = Exit.BUG


class Refused(BackchannelError):
    """Our own person's act cannot be done as asked; nothing was changed and nothing was sent."""

    exit = Exit.REFUSED


class Blocked(Refused):
    """The act must wait for another person: words not compared, not admitted, not approved."""

    exit = Exit.BLOCKED


class Forked(Refused):
    """Two histories differ; the act would paper over it."""

    exit = Exit.FORKED


class Expired(Refused):
    """The invitation, paper or room has run out."""

    exit = Exit.EXPIRED


class OutOfMandate(Refused):
    """The act goes beyond what its author may do here; they may say so and do it all the same, or ask first."""

    exit = Exit.OUT_OF_MANDATE


class Moved(Refused):
    """The room has moved on since the head the caller had seen."""

    exit = Exit.MOVED


class Violation(BackchannelError):
    """Bytes from outside that the protocol forbids; state is unchanged."""

    exit = Exit.VIOLATION


class Unavailable(BackchannelError):
    """The line or the machine failed us; what was saved is safe and will be tried again."""

    exit = Exit.UNAVAILABLE
