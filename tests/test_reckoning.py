"""Long work on soundings is done beside the desk: it answers meanwhile, can be told to stop, and begins again after a kill."""

import io
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.message import Message, Round, parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.threads import GivenUp, Tally, counted, spread
from backchannel.desk import inputs, soundings
from backchannel.desk.reckoning import Reckoner
from backchannel.desk.sounding_stand import Stand, reckoning, standing
from backchannel.desk.sounding_step import heavy
from backchannel.moves.sounding import Soundings
from cli_stage import Person
from cli_stage import stage as cli_stage
from desks import DAY_MS, Fuse, Seat, Stage, in_talks, powered
from test_cli_terminal import at_terminal

OPTIONS = tuple(f"option {number}" for number in range(60))
MARKS = {
    "anna": [number % 2 == 0 for number in range(60)],
    "boris": [number % 3 == 0 for number in range(60)],
}
JOINT = tuple(range(0, 60, 6))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, EventId]:
    """Give two people, closed, of whom Anna has opened a long sounding and Boris has yet to answer."""
    stage = in_talks(tmp_path_factory.mktemp("talks"), "anna", "boris")
    anna = stage.seats["anna"]
    what = soundings.opening(anna.room, Kind.ALL, OPTIONS, anna.now + DAY_MS, anna.now)
    assert heavy(what)
    target = soundings.open_sounding(anna.room, what, "peace", MARKS["anna"], anna.now).id
    stage.settle()
    stage.close()
    return stage, target


@pytest.fixture
def stage(asked: tuple[Stage, EventId], tmp_path: Path) -> Iterator[Stage]:
    twin = asked[0].copy(tmp_path / "twin", asked[0].relay.rng)
    yield twin
    twin.close()


@pytest.fixture
def target(asked: tuple[Stage, EventId]) -> EventId:
    return asked[1]


def answer(seat: Seat, target: EventId) -> None:
    soundings.answer(seat.room, target, MARKS[seat.name], seat.now)


def stand(seat: Seat, target: EventId) -> Stand:
    return next(one for one in standing(seat.room, seat.now) if one.opened.entry.id == target)


def said(seat: Seat, target: EventId, author: Seat) -> list[Message]:
    found = read(seat.room.log, Soundings).said(target)
    return [parse_message(data) for entry, told in found for data in told if entry.author == author.room.me]


def go_on(stage: Stage, turns: int = 40) -> None:
    """Let the desks work until nothing is being reckoned and nothing is to be carried."""
    for _ in range(turns):
        for seat in stage.seats.values():
            seat.run(lambda _, seat=seat: seat.turn())  # type: ignore[misc]
            seat.desk.reckoner.wait(5)


def test_a_long_answer_is_reckoned_beside_the_desk_and_comes_to_what_all_accept(
    stage: Stage, target: EventId
) -> None:
    anna, boris = stage.seats.values()
    answer(boris, target)
    assert stand(boris, target).reckoning
    assert reckoning(boris.desk.rooms(), boris.now)[1] == 2 * 2 * 60
    assert [message.round for message in said(boris, target, boris)] == [Round.KEYS], (
        "so others can reckon too"
    )
    boris.show("We are still thinking.")
    go_on(stage, 12)
    for seat in (anna, boris):
        ended = stand(seat, target).done
        assert ended is not None
        assert (ended.how, ended.joint) == (How.RESULT, JOINT)
        assert reckoning(seat.desk.rooms(), seat.now) == (0, 0)
    assert "We are still thinking." in anna.texts()


def test_what_is_given_up_while_it_is_reckoned_says_nothing_more(stage: Stage, target: EventId) -> None:
    anna, boris = stage.seats.values()
    answer(boris, target)
    soundings.stop(boris.room, target, boris.now)
    assert not boris.desk.reckoner.busy()
    go_on(stage, 6)
    assert [message.round for message in said(anna, target, boris)] == [Round.KEYS]


def test_what_was_reckoned_too_slowly_is_not_said(stage: Stage, target: EventId) -> None:
    """Boris answers in time; when his desk has reckoned, the time for inputs is over."""
    _, boris = stage.seats.values()
    answer(boris, target)
    boris.desk.reckoner.wait(10)
    stage.now += 2 * DAY_MS
    for _ in range(4):
        boris.desk.tick(boris.now)
        boris.desk.reckoner.wait(10)
    assert {message.round for message in said(boris, target, boris)} <= {Round.KEYS}


def test_a_desk_killed_while_it_reckons_says_each_thing_once_and_comes_to_the_same_end(
    asked: tuple[Stage, EventId], tmp_path: Path
) -> None:
    source, target = asked
    crashes = 0
    for at in (4, 12, 23, 37, 52):
        with powered():
            twin = source.copy(tmp_path / f"run-{at}", source.relay.rng)
            boris = twin.seats["boris"]
            assert boris.room.seated
            boris.fuse = Fuse(at)
            boris.run(lambda _, boris=boris: answer(boris, target))  # type: ignore[misc]
            if not stand(boris, target).answered:
                answer(boris, target)
            go_on(twin, 16)
            crashes += boris.crashes
            messages: dict[object, Message] = {}
            for message in said(twin.seats["anna"], target, boris):
                assert messages.setdefault(message.slot, message) == message
            ended = {stand(seat, target).done for seat in twin.seats.values()}
            assert {(one.how, one.joint) for one in ended if one is not None} == {(How.RESULT, JOINT)}
            assert len(ended) == 1
            twin.close()
    assert crashes > 2


def test_work_that_nobody_wants_any_more_ends_at_the_next_option() -> None:
    tally = Tally()
    with counted(tally):
        assert spread(lambda at: at, 40, 2) == list(range(40))
    assert 38 <= tally.count <= 40
    tally.given_up = True
    with counted(tally), pytest.raises(GivenUp):
        spread(lambda at: at, 1, 1)
    assert spread(lambda at: at, 1, 1) == [0]


def test_a_desk_that_closes_waits_for_no_work(stage: Stage, target: EventId) -> None:
    reckoner, begun = Reckoner(), threading.Event()
    room = stage.seats["anna"].room

    def work() -> tuple[bytes, bytes]:
        begun.set()
        spread(lambda _: time.sleep(0.01), 100_000, 1)
        return b"", b""

    reckoner.begin((room.id, target), b"", (), work)
    assert begun.wait(5)
    reckoner.close()
    assert not reckoner.busy()


def test_where_nobody_looks_progress_is_whole_lines_and_few(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "LONG_SECONDS", 0.0)
    with inputs.counting() as tell:
        for number in range(50):
            tell(f"Reckoning: {number} of 50 …")
    assert capsys.readouterr().err == "Reckoning: 0 of 50 …\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_counts_up_and_goes_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(inputs, "LONG_SECONDS", 0.0)
    with inputs.counting() as tell:
        for number in (1, 2):
            tell(f"Reckoning: {number} of 50 …")
    clear = "\r\x1b[K"
    assert screen.getvalue() == f"{clear}Reckoning: 1 of 50 …{clear}Reckoning: 2 of 50 …{clear}"
    monkeypatch.setattr(inputs, "LONG_SECONDS", 60.0)
    with inputs.counting() as tell:
        tell("what takes no time is not shown")
    assert "no time" not in screen.getvalue()


def asked_of(someone: Person) -> float:
    """Give the seconds in which a desk shows its soundings."""
    began = time.monotonic()
    assert someone.type("sound", "show", "--no-sync").code == 0
    return time.monotonic() - began


@contextmanager
def as_busy_as_reckoning() -> Iterator[None]:
    """Keep every processor as busy as the reckoning of a desk would."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def test_an_unlocked_desk_answers_while_it_reckons(
    tmp_path: Path,
) -> None:
    options = tmp_path / "options"
    options.write_text("\n".join(f"package {number}" for number in range(1_800)), encoding="utf-8")
    with cli_stage(tmp_path) as one:
        for name in ("ada", "ben"):
            one.person(name)
        one.play("ada> open-room --title Talks --side A")
        one.bring("ada", "ben", side="B")
        one.play(f"""
            ada> sound open {options} --all --about peace --new-mandate
              Asked: Ben (B)
            ben~ sound show
              1800 options
        """)
        ben, seen = one.people["ben"], list[tuple[int, str]]()
        with as_busy_as_reckoning():
            at_rest = [asked_of(ben) for _ in range(5)]
        typing = threading.Thread(
            target=lambda: seen.append(at_terminal(ben, "sound", "answer", "--none", "--new-mandate"))
        )
        typing.start()
        seconds: list[float] = []
        while typing.is_alive():
            spent = asked_of(ben)
            if typing.is_alive():
                seconds.append(spent)
            time.sleep(0.02)
        typing.join()
        one.play("""
            ben~ sound show
              No joint yes.
        """)
        (tmp_path / "few").write_text("\n".join(f"place {number}" for number in range(60)), encoding="utf-8")
        one.play(f"""
            ada> sound open {tmp_path / "few"} --all --about places
              Asked: Ben (B)
        """)
        ben.lock()  # from here on his desk is open for one command at a time, and each waits for what it began
        for words in (("sync",), ("sound", "answer", "--all"), ("sync",)):
            alone = ben.type(*words, alone=True)
            assert alone.code == 0, alone.shown
            one.play("ada> sync")
        one.play("""
            ada~ sound show
              60. place 59
              Everybody said yes to:
        """)
    ((code, shown_to_ben),) = seen
    assert code == 0, shown_to_ben
    assert "Your answers are given" in shown_to_ben
    assert len(seconds) >= 3
    # on a machine that does much else a desk at rest is slow too
    assert statistics.median(seconds) < max(0.1, 3 * statistics.median(at_rest)), (seconds, at_rest)
