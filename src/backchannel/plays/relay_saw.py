"""What a relay was left with after a play: read from its own files and from the traffic that went by."""

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from backchannel.plays.case import Case

WORD = re.compile(r"[^\W\d_]{6,}")  # shorter words turn up in random bytes by chance


_LETTERS = re.compile(rb"[A-Za-z]{5,}")


@dataclass(frozen=True, slots=True)
class Seen:
    """Numbers, and the words of the play that were found where none may be."""

    drops: int
    cells: int
    cell_bytes: tuple[int, ...]
    traffic_bytes: int
    connections: int
    words: int
    found: tuple[str, ...]


def seen(case: Case, database: Path, traffic: Path) -> Seen:
    """Read the relay's database as it is on the disk, and look for every word that was said in the play."""
    reading = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        (drops,) = reading.execute("SELECT count(*) FROM drops").fetchone()
        (cells,) = reading.execute("SELECT count(*) FROM cell").fetchone()
        tables = " ".join(sql for (sql,) in reading.execute("SELECT sql FROM sqlite_master") if sql)
        sizes = tuple(
            size for (size,) in reading.execute("SELECT DISTINCT length(body) FROM cell ORDER BY 1")
        )
    finally:
        reading.close()
    files = [path for path in (*database.parent.iterdir(), *traffic.iterdir()) if path.is_file()]
    words = {word for word in spoken(case) if word not in tables}  # a database holds how its tables were made
    found = {word for path in files for word in words_in(path.read_bytes(), words)}
    return Seen(
        drops=drops,
        cells=cells,
        cell_bytes=sizes,
        traffic_bytes=sum(path.stat().st_size for path in traffic.iterdir()),
        connections=len(list(traffic.iterdir())) // 2,
        words=len(words),
        found=tuple(sorted(found)),
    )


def spoken(case: Case) -> set[str]:
    """Every longer word that was said, noted or stood in a title or name."""
    texts = [row.gist for row in case.timeline]
    texts += [room.title for room in case.rooms.values()]
    texts += [person.name for person in case.people.values() if person.desk]
    return {word for text in texts for word in WORD.findall(text)}


def words_in(data: bytes, words: set[str]) -> set[str]:
    """Which of some words stand in bytes as words of their own."""
    runs = {run.decode() for run in _LETTERS.findall(data)}
    return {word for word in words if word in runs or (not word.isascii() and word.encode() in data)}
