"""A sounding shows no answers: its transcript can be made without them, and the work is the same whatever they are."""

import random
from collections.abc import Callable

import pytest

from backchannel.crypto.sounding import group, inputs, keys, limits, same_log
from backchannel.crypto.sounding.group import (
    add,
    base,
    multiply,
    on_generator,
    random_scalars,
    scalar_total,
    subtract,
    times,
    total,
    weights,
)
from backchannel.crypto.sounding.inputs import Place, committed
from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.message import Round, Slot, parse_message, session_public, written
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.party import Party
from backchannel.wire.codec import encode
from sounders import Table, params, secrets_of, stream

SESSION = b"s" * 32


class Oracle:
    """A hash to scalars whose answers a simulator chooses in advance: what the proofs take their challenges from."""

    def __init__(self) -> None:
        self.chosen: dict[tuple[str, tuple[bytes, ...]], bytes] = {}

    def choose(self, answer: bytes, tag: str, *parts: bytes) -> None:
        assert (tag, parts) not in self.chosen
        self.chosen[tag, parts] = answer

    def __call__(self, tag: str, *parts: bytes) -> bytes:
        return self.chosen.get((tag, parts)) or group.challenge(tag, *parts)


class Simulator:
    """Plays side 0 without a key and without answers; it knows the result and the liar's own numbers, and no more."""

    def __init__(self, oracle: Oracle, liar: Party) -> None:
        self.oracle, self.liar, self.random = oracle, liar, stream("simulator")
        self.part = base("nobody knows this key")
        self.sid = liar.params.sid

    def say(self, round_: Round, prev: bytes, body: bytes) -> bytes:
        return encode(written(self.sid, Slot(0, round_, 0), prev, body, SESSION))

    def keys(self) -> bytes:
        proof, answer = random_scalars(2, self.random)
        mask = subtract(on_generator(answer), multiply(proof, self.part))
        self.oracle.choose(proof, "keys", self.sid, bytes([0]), self.part, session_public(SESSION), mask)
        return self.say(Round.KEYS, self.sid, self.part + session_public(SESSION) + proof + answer)

    def inputs(self) -> bytes:
        seen = self.liar.transcript
        pairs = [(base("c", bytes([at])), base("e", bytes([at]))) for at in range(len(seen.bases))]
        flat = [point for pair in pairs for point in pair]
        statement = Place(seen.keys.name, seen.keys.joint, 0, 0).statement(flat)
        (proof,) = random_scalars(1, self.random)
        answers = [random_scalars(2, self.random) for _ in pairs]
        masks = [
            subtract(add(on_generator(one), multiply(two, option)), multiply(proof, pair[0]))
            for (one, two), option, pair in zip(answers, seen.bases, pairs, strict=True)
        ]
        shares = weights(statement, len(pairs))
        joined = scalar_total(times(weight, one) for weight, (one, _) in zip(shares, answers, strict=True))
        blind = total(multiply(weight, pair[1]) for weight, pair in zip(shares, pairs, strict=True))
        last = subtract(multiply(joined, seen.keys.joint), multiply(proof, blind))
        self.oracle.choose(proof, "inputs", statement, *masks, last)
        body = b"".join(b"".join([*pair, *answer]) for pair, answer in zip(pairs, answers, strict=True))
        return self.say(Round.INPUTS, seen.keys.name, proof + body)

    def shares(self, joint: tuple[int, ...], liar_part: bytes) -> bytes:
        """Make shares that open just the given options: for the others any point will do."""
        seen = self.liar.transcript
        points = seen.share_points(Round.SHARES, 0)
        blinds = [committed(seen.held[Slot(side, Round.INPUTS, 0)].body)[1] for side in (0, 1)]
        made = [
            subtract(add(blinds[0][at], blinds[1][at]), multiply(liar_part, point))
            if at in joint
            else base("share", bytes([at]))
            for at, point in enumerate(points)
        ]
        proof, answer = random_scalars(2, self.random)
        masks = [
            subtract(multiply(answer, point), multiply(proof, one))
            for point, one in zip(points, made, strict=True)
        ]
        first = subtract(on_generator(answer), multiply(proof, self.part))
        context = seen.share_context(Slot(0, Round.SHARES, 0))
        self.oracle.choose(proof, "share", context, self.part, *points, *made, first, *masks)
        return self.say(Round.SHARES, seen.inputs_name, b"".join([proof, answer, *made]))


@pytest.mark.parametrize("joint", [(), (1,), (0, 1, 2)])
def test_a_transcript_made_without_the_other_sides_answers_passes_every_check(
    joint: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whatever a liar computes of a true transcript it could compute of this one, from the result alone."""
    oracle = Oracle()
    for module in (keys, inputs, same_log):
        monkeypatch.setattr(module, "challenge", oracle)
    liar = Party.open(params(2, 3), 1, random=stream(("", 1)), threads=1)
    liar.mark([True] * 3)
    simulator = Simulator(oracle, liar)
    liar.take(simulator.keys(), 0)
    liar.take(simulator.inputs(), 0)
    liar.take(simulator.shares(joint, secrets_of("", 1)[0]), 0)
    result = liar.result()
    assert liar.blame() is None
    assert result is not None
    assert result.joint == joint


def test_one_person_alone_makes_a_whole_sounding_of_others() -> None:
    """Session keys are nobody's: a watcher takes a sounding that never was like any other."""
    forged = Table.of(params(3, 2), [[True, False], [True, True], [True, True]], seed="forged").run()
    watcher = Party.watch(params(3, 2), threads=1)
    for author, data in forged.log:
        watcher.take(data, author)
    assert watcher.result() is not None
    assert watcher.blame() is None


def operations(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, marks: list[bool], poster: int
) -> tuple[list[str], list[int]]:
    """Give what a side computes from its mark on, one operation after the other, and the sizes of what it says."""
    done: list[str] = []

    def counted(name: str, true: Callable[..., bytes]) -> Callable[..., bytes]:
        def call(*arguments: bytes) -> bytes:
            done.append(name)
            return true(*arguments)

        return call

    party = Party.open(
        params(2, len(marks), kind, int(kind in {Kind.FIRST, Kind.DRAWN}), poster),
        0,
        random=stream(0),
        threads=1,
    )
    other = Party.open(party.params, 1, random=stream(1), threads=1)
    other.mark([True] * len(marks))
    for data in outgoing(party.encode()):
        other.take(data, 0)
    for data in outgoing(other.encode()):
        if parse_message(data).round is not Round.SHARES:
            party.take(data, 1)
    with monkeypatch.context() as patch:
        for module in (group, inputs, keys, limits, same_log):
            for name in ("add", "subtract", "plus", "minus", "times", "on_generator", "multiply"):
                if hasattr(module, name):
                    patch.setattr(module, name, counted(name, getattr(module, name)))
        party.mark(marks)
    return done, [len(data) for data in outgoing(party.encode())]


@pytest.mark.parametrize(
    ("kind", "poster"),
    [(Kind.ALL, 0), (Kind.FIRST, 0), (Kind.DRAWN, 0), (Kind.THRESHOLD, 0), (Kind.THRESHOLD, 1)],
)
def test_the_work_and_the_sizes_are_the_same_whatever_the_answers(
    kind: Kind, poster: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 5
    if kind is Kind.THRESHOLD:
        limits_of = [[number < limit for number in range(count)] for limit in range(count + 1)]
        answers = limits_of if poster == 0 else [one[::-1] for one in limits_of]
    else:
        answers = [[False] * count, [True] * count, [random.Random(1).random() < 0.5 for _ in range(count)]]
    seen = [operations(monkeypatch, kind, marks, poster) for marks in answers]
    assert seen[0][0].count("multiply") >= count
    assert all(sorted(one[0]) == sorted(seen[0][0]) and one[1] == seen[0][1] for one in seen)
    if kind is not Kind.THRESHOLD:
        assert all(one == seen[0] for one in seen)


def test_what_is_said_in_two_soundings_that_differ_in_one_answer_has_the_same_shape() -> None:
    logs = []
    for first in (True, False):
        table = Table.of(params(3, 2), [[first, True], [True, False], [True, True]]).run()
        logs.append([(author, parse_message(data).slot, len(data)) for author, data in table.log])
    assert logs[0] == logs[1]
