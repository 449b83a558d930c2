"""What time it is for a desk: the machine's clock, moved by the offset in a file that $BACKCHANNEL_CLOCK names."""

import os
import time
from pathlib import Path

from backchannel.errors import Refused
from backchannel.said import said

VARIABLE = "BACKCHANNEL_CLOCK"


def clock() -> int:
    """Give the time in milliseconds since 1970; a kept historical desk goes on in its own time."""
    return time.time_ns() // 1_000_000 + offset_ms()


def offset_ms() -> int:
    """Give how far this desk's time is from the machine's; 0 unless the variable names a file."""
    name = os.environ.get(VARIABLE)
    if not name:
        return 0
    try:
        return int(Path(name).read_text("ascii"))
    except (OSError, ValueError) as error:
        raise Refused(
            said(
                "${variable} names {name}, which holds no offset in milliseconds; correct it or unset it.",
                variable=VARIABLE,
                name=name,
            )
        ) from error
