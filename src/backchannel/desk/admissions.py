"""The relays a desk may use, and its admissions to them: tokens of which each opens one drop."""

from backchannel.desk.vault import Vault
from backchannel.errors import Refused
from backchannel.said import said

ASIDE = b"refused"  # in place of the drop of an admission that a relay refused
NO_ADMISSION = said(
    "This desk has no admission left for the relay {relay}; ask its operator for more and add them with "
    "`backchannel desk relay add`."
)


class Admissions:
    """Admissions in the master file: free, reserved for a drop, or put aside."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(self, url: str, pin: bytes, admissions: list[bytes], now: int) -> None:
        with self._vault.master.transaction():
            self._vault.master.run("INSERT OR REPLACE INTO relays VALUES (?,?,?)", url, pin, now)
            for token in admissions:
                self._vault.master.run("INSERT OR IGNORE INTO admissions VALUES (?,?,NULL)", token, url)

    def relays(self) -> list[tuple[str, bytes, int]]:
        """Each relay with its pin and how many admissions are left for it."""
        return [
            (url, pin, free)
            for url, pin, free in self._vault.master.all(
                "SELECT url, pin, (SELECT count(*) FROM admissions WHERE relay = url AND drop_id IS NULL) FROM relays"
                " ORDER BY added, url"
            )
        ]

    def pin(self, url: str) -> bytes:
        row = self._vault.master.one("SELECT pin FROM relays WHERE url = ?", url)
        if row is None:
            raise Refused(
                said(
                    "This desk does not know the relay {url}; add it with `backchannel desk relay add`.",
                    url=url,
                )
            )
        return bytes(row[0])

    def default_relay(self) -> str:
        """The first relay with an admission left."""
        for url, _, free in self.relays():
            if free:
                return url
        if not self.relays():
            raise Refused("This desk knows no relay; add one with `backchannel desk relay add`.")
        raise Refused(said(NO_ADMISSION, relay=self.relays()[0][0]))

    def reserve(self, relay: str, drop: bytes) -> bytes:
        """Reserve an admission for a drop before the drop is chosen for good; unused ones come back at start."""
        with self._vault.master.transaction():
            row = self._vault.master.one(
                "SELECT token FROM admissions WHERE relay = ? AND drop_id IS NULL LIMIT 1", relay
            )
            if row is None:
                raise Refused(said(NO_ADMISSION, relay=relay))
            self._vault.master.run("UPDATE admissions SET drop_id = ? WHERE token = ?", drop, row[0])
        return bytes(row[0])

    def reclaim(self, wanted: set[bytes]) -> None:
        """Free admissions reserved for drops that nobody chose: a kill came between the two."""
        reserved = self._vault.master.all("SELECT token, drop_id FROM admissions WHERE drop_id IS NOT NULL")
        with self._vault.master.transaction():
            for token, drop in reserved:
                if drop not in wanted:
                    self._vault.master.run("UPDATE admissions SET drop_id = NULL WHERE token = ?", token)

    def put_aside(self, drop: bytes) -> None:
        """Keep a refused admission out of use until the desk is opened anew: the relay may have been another."""
        with self._vault.master.transaction():
            self._vault.master.run("UPDATE admissions SET drop_id = ? WHERE drop_id = ?", ASIDE, drop)

    def spent(self, drops: list[bytes]) -> None:
        """Forget the admissions by which drops were opened."""
        with self._vault.master.transaction():
            for drop in drops:
                self._vault.master.run("DELETE FROM admissions WHERE drop_id = ?", drop)
