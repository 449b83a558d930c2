"""What one relay allows everybody together, and what it counts (docs/spec/relay.md, sections 3 and 4.5)."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep strangers and slow desks from using up the machine."""

    connections: int = 2048
    guests: int = 256  # connections that have not shown a capability
    guest_seconds: float = 10.0
    guest_bytes: int = 128 * 1024
    wrong_capabilities: int = 256  # on a line: as many drops may have lapsed while their desk was away
    subscriptions: int = 256  # on a line
    pending_bytes: int = 256 * 1024  # appends of a line that wait for the disk
    pending_bytes_in_all: int = 64 * 2**20
    unsent_bytes: int = 512 * 1024  # to a slow desk
    stall_seconds: float = 30.0  # without any of them going
    silence_seconds: float = 30.0  # before a ping
    database_bytes: int = 0  # 0: as large as the disk allows
    free_bytes: int = 64 * 2**20  # of the disk, left so that expired cells can still be removed


@dataclass(slots=True)
class Counters:
    """Totals since the start; nothing per drop, line or admission."""

    commits: int = 0
    appended: int = 0
    delivered: int = 0
    refused: int = 0
    expired: int = 0
    opened: int = 0
    closed: int = 0
    connections: int = 0  # at this moment
    guests: int = 0  # at this moment
    lines: int = 0  # at this moment
    subscriptions: int = 0  # at this moment
    turned_away: int = 0

    def figures(self) -> dict[str, int]:
        return asdict(self)
