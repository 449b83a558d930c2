"""A room in which much has been said: so many events, and so many things on its table, on real desks without sockets."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from backchannel.channel.event import EventId
from backchannel.channel.members import Role
from backchannel.desk.commands.table import perform
from backchannel.moves.paper import Register
from backchannel.pages.house import arguments
from desks import DAY_MS, Seat, Stage

AT_ONCE = 40  # acts that one desk saves together
STEP_MS = 60_000
OPENED = 20 * DAY_MS  # before now
NOWHERE = "http://127.0.0.1:1"  # no relay is there

Said = list[str]  # the words of a command


def _things() -> Iterator[Callable[[int], Said]]:
    """Give, over and over, what puts one thing more on the table."""
    return cycle(
        (
            lambda n: ["pledge", "make", "--due=40d", "--", f"We withdraw battery {n}."],
            lambda n: ["understanding", "offer", f"--subject=Battery {n}", "--with=A", "--with=B"],
            lambda n: ["clock", "add", "--at=30d", "--", f"Session {n} of the council."],
            lambda n: [
                "precondition",
                "state",
                "--source=radio",
                "--",
                f"No talks while battery {n} stands.",
            ],
            lambda n: ["pledge", "make", "--due=9d", "--if=the road is open", "--", f"We open post {n}."],
            lambda n: ["sound", "feel", "--by=9d", "--", f"{n} days instead of thirty"],
            lambda n: ["deed", "report", "--at=2020-01-01", "--", f"Post {n} was opened."],
            lambda n: [
                "understanding",
                "offer",
                f"--subject=Road {n}",
                "--with=A",
                "--with=B",
                "--due=20d",
            ],
        )
    )


def busy(folder: Path, passphrase: str, *, events: int, things: int) -> Stage:
    """Play a room of two sides and a go-between; Anna's desk opens with the passphrase, the others' with raw keys."""
    stage = Stage(folder, now=time.time_ns() // 1_000_000 - OPENED, url=NOWHERE)
    for name in ("Anna", "Boris", "Carol"):
        stage.sit(name)
    stage.open_room("Anna")
    stage.bring("Anna", "Boris", "B")
    stage.bring("Anna", "Carol", "C", Role.GO_BETWEEN)
    anna, boris = stage.seats["Anna"], stage.seats["Boris"]
    said, kinds, last = 0, _things(), None
    while len(anna.room.log.entries) < events:
        for seat in (anna, boris):
            with seat.room.changing():
                for _ in range(AT_ONCE):
                    said += 1
                    stage.now += STEP_MS
                    if said * things // events != (said - 1) * things // events:
                        _act(seat, next(kinds)(said))
                    else:
                        last = _speak(seat, said, last)
            stage.settle()
    anna.desk.vault.change_passphrase(passphrase.encode())
    return stage


def _speak(seat: Seat, n: int, last: EventId | None) -> EventId:
    """Answer what was said last, so that little is left open."""
    text = f"Paper {n}. " + "As we said before, the road is long. " * 8
    answers = [] if last is None else [last]
    return seat.show(text, register=list(Register)[n % 3], answers=answers).id


def _act(seat: Seat, words: Said) -> None:
    """Do a command as a person types it."""
    typed = [*words[:2], f"--room={seat.room.id.hex()}", *words[2:]]
    perform(seat.desk, arguments(typed, {}), seat.now)
