"""Who can read a room, as every screen says it, is who can: in hundreds of rooms as they come about, change and fall apart.

After each step somebody whose room is open says a word of its own. Those whom the page names are compared with the wraps of that envelope,
with the desks on which the word is ever found, and, when everything is delivered, with the desks that are in the room by their own account.
"""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backchannel.channel.members import Charter, Role, RoomKind
from backchannel.desk import acts
from backchannel.desk.commands.header import state_word
from backchannel.desk.commands.table import perform
from backchannel.desk.meeting import Stage as Meeting
from backchannel.errors import BackchannelError
from backchannel.moves.paper import standing
from backchannel.pages.house import arguments
from backchannel.pages.words import spoken
from conftest import DEEP, IN_CI
from desks import NOW, URL, Seat, Stage, fast_folder

STATES = 520 if DEEP or IN_CI else 65
STATES_A_ROOM = 13
KINDS = (RoomKind.PLENARY, RoomKind.PLENARY, RoomKind.CAUCUS, RoomKind.SHUTTLE)
PEOPLE = ("Ada", "Ben", "Cem", "Dua", "Eva", "Fay", "Gil")


@dataclass
class Word:
    """Something that was said, and whom the page named before."""

    text: str
    by: str
    audience: frozenset[str]


@dataclass
class Life:
    """One room with its people, from its opening on."""

    stage: Stage
    rng: random.Random
    kind: RoomKind
    sides: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    said: list[Word] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    sizes: set[int] = field(default_factory=set)
    settled: bool = True

    def begin(self) -> None:
        first = self.place("Ada", "A", Role.PRINCIPAL)
        charter = Charter("Talks", "channel", self.kind, "for-you-only", 90 * 86_400, 8192, NOW)
        first.desk.open_room(charter, name="Ada", side="A", role=Role.PRINCIPAL, relay=URL, now=NOW)
        self.stage.settle()
        for _ in range(self.rng.randrange(4)):
            self.come(first)
            self.stage.admit_all()

    def place(self, name: str, side: str, role: Role) -> Seat:
        self.sides[name], self.roles[name] = side, role
        return self.stage.sit(name)

    def open(self) -> list[Seat]:
        """Give those by whose own account the room is open to them."""
        return [
            seat for seat in self.stage.seats.values()
            if any(True for _ in seat.desk.rooms()) and state_word(seat.room) == "open"
        ]  # fmt: skip

    # -- what happens ---------------------------------------------------------------------------------------

    def step(self) -> None:
        one = self.rng.choice(self.open())
        happens = self.rng.choice(
            (self.come, self.come, self.approve, self.approve, self.admit, self.leave, self.remove, self.limit,
             self.freeze, self.cross, self.settle)
        )  # fmt: skip
        self.steps[happens.__name__] += 1
        try:
            happens(one)
        except BackchannelError:  # nothing came of it; the room is as it was, and is looked at like any other
            self.steps["refused"] += 1

    def come(self, host: Seat) -> None:
        """Have somebody come as far as asking: they are not in yet."""
        name = next((name for name in PEOPLE if name not in self.stage.seats), None)
        if name is None:
            return
        side = "A" if self.kind is RoomKind.CAUCUS else self.rng.choice("ABC")
        role = self.rng.choice((Role.PRINCIPAL, Role.ADVISER, Role.GO_BETWEEN, Role.OBSERVER))
        guest = self.place(name, side, role)
        address, words = host.desk.invite(host.room, side=side, role=role, name=name, now=host.now)
        self.stage.settle()
        guest.desk.join(address, words, name, guest.now)
        self.stage.settle()
        assert host.desk.meetings()[-1].stage is Meeting.ASKED

    def approve(self, one: Seat) -> None:
        """Have one person say yes to one who asks; not everybody who must."""
        motions = [motion for motion in one.room.seating.motions.values() if not motion.carried]
        if motions:
            acts.admit(one.room, self.rng.choice(motions).id, one.now)
            self.settled = False

    def admit(self, _: Seat) -> None:
        self.stage.admit_all()
        self.settled = True

    def leave(self, one: Seat) -> None:
        if len(self.open()) > 2:
            acts.leave(one.room, one.now)
            self.settled = False

    def remove(self, one: Seat) -> None:
        others = [mid for mid in one.room.seating.seated if mid != one.room.me]
        if len(self.open()) > 2:
            acts.remove(one.room, self.rng.choice(others), "no reason", one.now)
            self.settled = False

    def limit(self, one: Seat) -> None:
        """Ask that only some know of an item; they still all can read it, and the page goes on saying so."""
        number, only = one.room.log.highest(), self.rng.choice(sorted(self.sides))
        words = ["need-to-know", "set", f"--room={one.room.id.hex()}", str(number), f"--only={only}"]
        perform(one.desk, arguments(words, {}), one.now)
        self.settled = False

    def freeze(self, one: Seat) -> None:
        """Find that a vault is an older copy: it says nothing any more, and others go on naming its person."""
        if len(self.open()) > 3 and not any(seat.room.frozen for seat in self.open()):
            with one.room.changing():
                one.room.freeze("this vault is older than what its owner said")

    def cross(self, _: Seat) -> None:
        """Let some couriers work and others not."""
        for seat in self.stage.seats.values():
            if self.rng.random() < 0.5:
                seat.turn()

    def settle(self, _: Seat) -> None:
        self.stage.settle()
        self.settled = True

    # -- what is true ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """Have somebody say a word, and compare whom the page names with whom the word is for."""
        one = self.rng.choice(self.open())
        value = perform(one.desk, arguments(["room", f"--room={one.room.id.hex()}"], {}), one.now).value
        people = value["people"]
        assert isinstance(people, list)
        named = frozenset(str(person["name"]) for person in people)
        word = Word(f"word {len(self.said)} of {one.name}", one.name, named)
        entry = one.show(word.text)
        rows = one.room.db.all(
            "SELECT reader FROM wraps JOIN letters ON id = letter WHERE about = ? AND kind = 0", entry.id
        )
        wraps = {bytes(row[0]).hex() for row in rows} | {one.room.me.hex()}
        assert wraps == {person["id"] for person in people}, "whom the page names are who gets a wrap"
        self._counted(named, value)
        if self.settled:
            self.stage.settle()
            frozen = {seat.name for seat in self.stage.seats.values() if self._frozen(seat)}
            left = {seat.name for seat in self.open()}
            assert named - frozen == left - frozen, (
                "each of them is in the room by the account of their own desk"
            )
            assert self.having(word) >= named - frozen
        self.said.append(word)
        self.sizes.add(len(named))

    def _counted(self, named: frozenset[str], value: object) -> None:
        """Count the readers anew, from what everybody said of themselves when they came."""
        assert isinstance(value, dict)
        counts = Counter(self.sides[name] for name in named if self.roles[name] is not Role.GO_BETWEEN)
        between = sum(self.roles[name] is Role.GO_BETWEEN for name in named)
        groups = [*sorted(counts.items()), *([("go-between", between)] if between else [])]
        kind = value["kind"].upper()
        plain = ", ".join(f"{side} {count}" for side, count in groups)
        assert value["audience"] == f"{kind} · readable by {len(named)}: {plain}"
        for language in ("en", "fr", "ar"):
            line = spoken(language).audience(value)
            assert str(len(named)) in line
            assert all(f"\u2068{side}\u2069\u00a0{count}" in line for side, count in counts.items()), line
            assert line.count("\u2068") == len(groups), line

    def having(self, word: Word) -> set[str]:
        """Find on whose desks a word can be read."""
        return {
            seat.name for seat in self.stage.seats.values() for room in seat.desk.rooms()
            if any(item.body is not None and item.body.text == word.text for item in standing(room.log, seat.now))
        }  # fmt: skip

    @staticmethod
    def _frozen(seat: Seat) -> bool:
        return any(room.frozen for room in seat.desk.rooms())

    def end(self) -> None:
        """When all is delivered nobody reads a word who was not named when it was said."""
        self.stage.settle()
        for word in self.said:
            assert self.having(word) <= word.audience, word
        assert any(len(self.having(word)) > 1 for word in self.said) or max(self.sizes) == 1


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    quick = fast_folder()
    if quick is None:
        yield tmp_path
        return
    name = Path(tempfile.mkdtemp(dir=quick))
    yield name
    shutil.rmtree(name)


@pytest.mark.timeout(900)
def test_who_can_read_is_said_rightly_in_every_state_of_a_room(folder: Path) -> None:
    steps: Counter[str] = Counter()
    sizes: set[int] = set()
    looked = 0
    for seed in range(STATES // STATES_A_ROOM):
        rng = random.Random(seed)
        life = Life(Stage(folder / str(seed)), rng, KINDS[seed % len(KINDS)])
        life.begin()
        for _ in range(STATES_A_ROOM):
            life.step()
            life.look()
            looked += 1
        life.end()
        life.stage.close()
        steps += life.steps
        sizes |= life.sizes
    assert looked == STATES
    assert {
        "come",
        "approve",
        "admit",
        "leave",
        "remove",
        "limit",
        "freeze",
        "cross",
        "settle",
    } <= steps.keys(), steps
    assert {1, 2, 3, 4} <= sizes
    assert steps["refused"] < looked / 4, steps
