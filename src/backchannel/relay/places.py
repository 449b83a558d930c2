"""The newest cells, which have no entry in the index by drop yet, and the making of entries for many at once (decision 18)."""

import sqlite3
from typing import Final

from backchannel.relay.drops import DropKey
from backchannel.wire.ids import AppendId

STRIDE: Final = 1000  # cells for which entries are made at once; a reader goes through as many at most

_UNPLACED = "SELECT drop_key, append_id FROM cell WHERE seq > (SELECT seq FROM placed)"
_LAST = "SELECT max((SELECT seq FROM placed), coalesce((SELECT max(seq) FROM cell), 0))"
_PLACE = (
    "INSERT INTO place SELECT drop_key, position, append_id, seq FROM cell"
    " WHERE seq > (SELECT seq FROM placed) ORDER BY drop_key, position"
)


class Unplaced:
    """What is in the database and not yet in its index by drop; learnt anew after a transaction was undone."""

    def __init__(self) -> None:
        self.last = 0  # the order of arrival, as far as it was given out
        self._appends: set[tuple[DropKey, AppendId]] = set()
        self._known = False

    def __contains__(self, append: tuple[DropKey, AppendId]) -> bool:
        return append in self._appends

    def __len__(self) -> int:
        return len(self._appends)

    def add(self, appends: set[tuple[DropKey, AppendId]]) -> None:
        self._appends |= appends

    def forget(self) -> None:
        """Believe nothing of what is here: the transaction that changed it was undone, or cells were removed."""
        self._known = False

    def learn(self, db: sqlite3.Connection) -> None:
        """Look into the database, if what is here cannot be believed."""
        if not self._known:
            self._appends = set(db.execute(_UNPLACED))
            (self.last,) = db.execute(_LAST).fetchone()
            self._known = True

    def place(self, db: sqlite3.Connection) -> None:
        """Make the entries."""
        db.execute(_PLACE)
        db.execute("UPDATE placed SET seq = ?", (self.last,))
        self._appends.clear()
