"""One side's part in a sounding, from its keys to the result (docs/spec/sounding.md 9).

Every step changes the state. Save `encode()`, then send what `kept.outgoing` reads out of the saved bytes; there is no
other way to a message, so nothing is sent that was not saved.
"""

import secrets
from collections.abc import Sequence
from typing import Self

import msgspec

from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.group import Random, check_library, random_scalars
from backchannel.crypto.sounding.inputs import ZERO, Prepared
from backchannel.crypto.sounding.judging import Fault, check_signer, conflict, fault_of, may_come
from backchannel.crypto.sounding.kept import WATCHER, Blame, Ended, How, Kept
from backchannel.crypto.sounding.keys import keys_body
from backchannel.crypto.sounding.message import Message, Round, Slot, parse_message, written
from backchannel.crypto.sounding.params import Kind, Params, checked
from backchannel.crypto.sounding.repeating import may_repeat, parent_of, repeated_params
from backchannel.crypto.sounding.speaking import (
    Means,
    accepted_count,
    inputs_bodies,
    limit_body,
    openings_of,
    prepared_for,
    share_body,
)
from backchannel.crypto.sounding.threads import default_threads
from backchannel.crypto.sounding.transcript import Parent, Result, Stage, Transcript, deadline_of
from backchannel.errors import Refused, Violation
from backchannel.wire.codec import decode, encode

_SEED_BYTES = 32
_OVER = "This sounding has ended; open another if all sides want one."


class Party(Secret):
    """A sounding as one desk has it."""

    __slots__ = ("_kept", "_means", "_prepared", "_transcript")

    def __init__(self, kept: Kept, means: Means) -> None:
        """Stand on what was kept; its messages were judged when they came."""
        self._kept, self._means = kept, means
        self._transcript = Transcript(kept.params, kept.parent).with_messages(map(parse_message, kept.held))
        self._prepared: list[Prepared] | None = None

    @classmethod
    def open(
        cls,
        params: Params,
        index: int,
        seen: Sequence[bytes] = (),
        random: Random = secrets.token_bytes,
        threads: int | None = None,
    ) -> Self:
        """Draw keys for a sounding and state them; `seen` are the keys of earlier soundings of this room."""
        if params.parent:
            raise Refused("This repeats another sounding; open it from that one.")
        return cls._begun(params, index, seen, Means(random, threads or default_threads()))

    @classmethod
    def watch(cls, params: Params, seen: Sequence[bytes] = (), threads: int | None = None) -> Self:
        """Follow a sounding of others: its result, and who broke the rules."""
        return cls._begun(params, WATCHER, seen, Means(secrets.token_bytes, threads or default_threads()))

    @classmethod
    def _begun(
        cls,
        params: Params,
        index: int,
        seen: Sequence[bytes],
        means: Means,
        parent: Parent | None = None,
        openings: bytes = b"",
    ) -> Self:
        check_library()
        checked(params)
        if not WATCHER <= index < len(params.sides):
            raise Refused("This sounding has no such side.")
        live = index != WATCHER
        part = random_scalars(1, means.random)[0] if live else b""
        seed = means.random(_SEED_BYTES) if live else b""
        state = cls(
            Kept(
                1, params, index, 0, live, part, seed, b"", openings, tuple(seen), (), (), None, None, parent
            ),
            means,
        )
        if live:
            sid = state.transcript.sid
            state._say(Slot(index, Round.KEYS, 0), sid, keys_body(sid, index, part, seed, means.random))
        return state

    def encode(self) -> bytes:
        """Give the bytes for this desk's own disk, with all secrets; for back-ups take `encode_spent`."""
        return encode(self._kept)

    def encode_spent(self) -> bytes:
        """Give the bytes for a back-up: what has been said, and nothing that could say more."""
        return encode(_spent(self._kept))

    @classmethod
    def resume(
        cls,
        saved: bytes,
        serial: int,
        random: Random = secrets.token_bytes,
        threads: int | None = None,
        now: int | None = None,
    ) -> Self:
        """Go on from saved bytes; `serial` is the last that this desk is known to have written.

        With `now` (ms since 1970) it says nothing for which the deadline has passed.

        An older state has been restored from somewhere. It follows and says nothing more, for a second share could open
        answers that nobody agreed to open.
        """
        kept = decode(saved, Kept)
        # spec 9: whoever cannot say which state is the last has to say so by a higher number
        means = Means(random, threads or default_threads(), now)
        return cls(_spent(kept) if kept.serial < serial else kept, means)

    @property
    def params(self) -> Params:
        return self._kept.params

    @property
    def transcript(self) -> Transcript:
        """What all sides have stated so far, found sound."""
        return self._transcript

    @property
    def serial(self) -> int:
        """Steps so far; to be noted where a restored back-up does not bring it back."""
        return self._kept.serial

    @property
    def live(self) -> bool:
        """Whether this state may still speak; none does that has ended."""
        return self._kept.live

    @property
    def ended(self) -> Ended | None:
        return self._kept.ended

    @property
    def stage(self) -> Stage | None:
        """What is awaited now; None once the sounding has ended."""
        return None if self._kept.ended else self._transcript.stage

    @property
    def missing(self) -> tuple[int, ...]:
        """The sides that are awaited now, perhaps this one."""
        wanted = self.stage.wanted if self.stage else ()
        return tuple(sorted({slot.sender for slot in wanted if slot not in self._transcript.held}))

    @property
    def due(self) -> int | None:
        """When what is awaited now is due (ms since 1970); None once the sounding has ended."""
        return None if self.stage is None else self._kept.params.deadlines[deadline_of(self.stage.round)]

    @property
    def answered(self) -> bool:
        """Whether this side's answers are given, stated yet or not."""
        return bool(self._kept.marks) or self._answered

    @property
    def probed(self) -> bool:
        """Whether this side has helped to open anything, be it only an order or a price that nobody could choose."""
        rounds = {Round.ORDER, Round.SHARES}
        return any(slot.sender == self._kept.index and slot.round in rounds for slot in self._transcript.held)

    @property
    def exposed(self) -> bool:
        """Whether this side has given a share: others may know a result even if this side never does."""
        return any(slot[:2] == (self._kept.index, Round.SHARES) for slot in self._transcript.held)

    @property
    def used_keys(self) -> tuple[bytes, ...]:
        """The keys of this sounding's sides, which no later one of the room may use again."""
        held = self._transcript.held.items()
        return tuple(message.body[:32] for slot, message in held if slot.round is Round.KEYS)

    @property
    def reckoned(self) -> int:
        """How many options have been dealt with, in the inputs and shares of all sides."""
        params = self._kept.params
        sizes = {Round.INPUTS: params.chunk, Round.SHARES: params.batch or params.chunk}
        slots = [slot for slot in self._transcript.held if slot.round in sizes]
        options = len(params.options)
        return sum(min(sizes[slot.round], options - slot.chunk * sizes[slot.round]) for slot in slots)

    @property
    def inputs_name(self) -> bytes:
        """The name of all sides' inputs, which a re-run names as its parent; empty unless a sounding that ended had come to shares."""
        ended = self._kept.ended
        return self._transcript.inputs_name if ended is not None and ended.round >= Round.ORDER else b""

    @property
    def refused(self) -> int:
        """How many options this side's answers, as far as they are kept, say no to."""
        return sum(one.v != ZERO for one in openings_of(self._kept.openings))

    def result(self) -> Result | None:
        """What all sides have stated together, if it came to that."""
        ended = self._kept.ended
        return self._transcript.result if ended is not None and ended.how is How.RESULT else None

    def blame(self) -> Blame | None:
        return self._kept.blame

    def prepare(self) -> None:
        """Compute ahead, once all keys are there, whatever does not depend on the answers; does nothing at other times."""
        kept, transcript = self._kept, self._transcript
        if not kept.live or kept.params.kind is Kind.THRESHOLD or self._answered:
            return
        if self._prepared is None and transcript.has_keys:
            self._prepared = prepared_for(kept, transcript, self._means)

    def mark(self, marks: Sequence[bool], *, later: bool = False) -> None:
        """Answer every option, yes or no; until the inputs are stated a later mark replaces an earlier.

        With `later` nothing is reckoned or stated before `go_on` or `take`.
        """
        kept = self._kept
        if not kept.live or kept.parent is not None or self._answered:
            raise Refused("This sounding takes no more answers; open another if all sides want one.")
        if len(marks) != len(kept.params.options):
            raise Refused("Answer every option of the sounding, yes or no.")
        accepted_count(kept.params, kept.index, marks)
        self._change(marks=bytes(bool(mark) for mark in marks))
        if not later:
            self._forward()

    def go_on(self) -> None:
        """State whatever of this side's is due."""
        self._forward()

    def holds(self, data: bytes) -> bool:
        """Whether the place of a message is filled, by it or by another, or raise Violation."""
        return parse_message(data).slot in self._transcript.held

    def take(self, data: bytes, author: int | None) -> None:
        """Take a message that the room's log says is by side `author`, or raise Violation with nothing changed.

        With `author` None it was handed on by somebody else: then it counts only against a side that signed two.
        """
        message, transcript, kept = parse_message(data), self._transcript, self._kept
        check_signer(transcript, message, author)
        held = transcript.held.get(message.slot)
        if held is not None:
            if held.statement != message.statement and kept.blame is None:
                self._take_second(held, message)
            return
        stage = self.stage
        if stage is None:
            self._take_late(data, message, handed_on=author is None)
            return
        if author is None:
            raise Violation("A message of a sounding counts only from its own side.")
        if message.slot not in stage.wanted and not may_come(kept.params, message.slot):
            raise Violation("This sounding awaits no such message.")
        early = {parse_message(other).slot: other for other in kept.early}
        if early.get(message.slot, data) != data:
            raise Violation("A side said two things before its turn; the first is kept.")
        if kept.live and message.sender == kept.index:
            # spec 9: we said what we do not remember, so this is an old state
            self._kept = _spent(kept)
        if message.slot in stage.wanted:
            self._judge(stage, message)
        elif message.slot not in early:
            self._change(early=(*kept.early, data))
        self._forward()

    def expire(self) -> None:
        """End the sounding at a deadline: whoever is awaited is named, and nobody is blamed."""
        self._stop(How.ABSENT, self.missing)

    def withdraw(self, by: int | None = None) -> None:
        """End the sounding because this side, or another, has given it up; what was said stays said.

        Whoever gives it up when others have given their last word has kept back theirs, as if they had not spoken in time.
        """
        sharing = by is not None and self.stage is not None and self.stage.round is Round.SHARES
        self._stop(How.ABSENT if sharing else How.WITHDRAWN, () if by is None else (by,))

    def _stop(self, how: How, sides: tuple[int, ...]) -> None:
        if self.stage is None:
            raise Refused(_OVER)
        self._end(Ended(how, self.stage.round, sides))

    @property
    def repeatable(self) -> bool:
        """Whether this side, or whoever only follows, can take part in a re-run."""
        kept = self._kept
        ended = kept.ended if may_repeat(kept.params, kept.ended) else None
        has_answers = kept.index == WATCHER or bool(kept.openings)
        return ended is not None and kept.index not in ended.sides and has_answers

    def repeated(self, head: bytes, nonce: bytes, deadlines: tuple[int, int, int]) -> Params:
        """Give the parameters of a re-run among the sides that did speak, on the same answers; or raise Refused.

        It is for all remaining people together to decide: with what is known of the first it may show what the absent
        rejected.
        """
        return repeated_params(self._transcript, self._kept.ended, head, nonce, deadlines)

    def repeat(self, params: Params) -> Self:
        """Open a re-run with fresh keys, once; this state forgets its answers."""
        kept = self._kept
        if params != self.repeated(params.head, params.nonce, params.deadlines):
            raise Refused("This is not the same sounding among the sides that are left.")
        index = WATCHER
        if kept.index != WATCHER:
            own = kept.params.sides[kept.index]
            if own not in params.sides or not kept.openings:
                raise Refused("This side has no answers left for a re-run of this sounding.")
            index = params.sides.index(own)
        parent = parent_of(self._transcript, params)
        seen = (*kept.seen, *self.used_keys)
        again = self._begun(params, index, seen, self._means, parent, kept.openings)
        self._change(openings=b"")
        return again

    @property
    def _answered(self) -> bool:
        index = self._kept.index
        return any(
            slot[:2] in {(index, Round.INPUTS), (index, Round.CHOICE)} for slot in self._transcript.held
        )

    def _change(
        self,
        *,
        marks: bytes | None = None,
        openings: bytes | None = None,
        early: tuple[bytes, ...] | None = None,
    ) -> None:
        kept = self._kept
        self._kept = msgspec.structs.replace(
            kept,
            serial=kept.serial + 1,
            marks=kept.marks if marks is None else marks,
            openings=kept.openings if openings is None else openings,
            early=kept.early if early is None else early,
        )

    def _hold(self, message: Message) -> None:
        kept = self._kept
        self._kept = msgspec.structs.replace(kept, serial=kept.serial + 1, held=(*kept.held, encode(message)))
        self._transcript = self._transcript.with_messages([message])

    def _say(self, slot: Slot, prev: bytes, body: bytes) -> None:
        self._hold(written(self._transcript.sid, slot, prev, body, self._kept.session_seed))

    def _take_second(self, held: Message, message: Message) -> None:
        """Judge a second message for a place that is filled."""
        ended, stage = self._kept.ended, self.stage
        now = ended.round if ended else (stage.round if stage else Round.SHARES)
        fault = conflict(self._transcript, held, message, now)
        if message.sender == self._kept.index:
            # spec 9: one of our own two states is an old one; neither speaks again
            fault = Fault(now)
        if ended is None:
            self._end(fault.ended, fault.blame)
        else:
            self._kept = msgspec.structs.replace(self._kept, serial=self._kept.serial + 1, blame=fault.blame)

    def _take_late(self, data: bytes, message: Message, *, handed_on: bool) -> None:
        """Keep what is said after the end: it is nobody's fault, unless its author says another thing in the same place."""
        kept = self._kept
        known = Slot(message.sender, Round.KEYS, 0) in self._transcript.held
        if not known or not may_come(kept.params, message.slot) or kept.blame is not None:
            return
        before = next((one for one in map(parse_message, kept.early) if one.slot == message.slot), None)
        if before is None and not handed_on:
            self._change(early=(*kept.early, data))
        elif before is not None and before.statement != message.statement:
            self._take_second(before, message)

    def _judge(self, stage: Stage, message: Message) -> None:
        fault = fault_of(self._transcript, stage, message, self._kept.seen, self._means.threads)
        if fault is None:
            self._hold(message)
        else:
            self._end(fault.ended, fault.blame)

    def _end(self, ended: Ended, blame: Blame | None = None) -> None:
        """End the sounding; the key is gone, and the answers too unless a re-run may want them."""
        kept = msgspec.structs.replace(
            self._kept, serial=self._kept.serial + 1, ended=ended, blame=blame, early=()
        )
        openings = kept.openings if may_repeat(kept.params, ended) else b""
        self._kept = msgspec.structs.replace(_spent(kept), openings=openings)
        self._prepared = None

    def _forward(self) -> None:
        """Judge what came early and state whatever of ours is due, until somebody else is awaited."""
        while self._kept.ended is None:
            stage = self._transcript.stage
            if stage is None:
                self._end(Ended(How.RESULT, Round.SHARES, ()))
                return
            if not self._take_early(stage) and not self._speak(stage):
                return

    def _take_early(self, stage: Stage) -> bool:
        """Judge one message that came before its turn, which it now is."""
        for data in self._kept.early:
            message = parse_message(data)
            if message.slot not in stage.wanted:
                continue
            self._change(early=tuple(other for other in self._kept.early if other != data))
            if message.slot not in self._transcript.held:
                try:
                    check_signer(self._transcript, message, message.sender)
                except Violation:  # it came before its side's keys, and they do not fit it
                    return True
                self._judge(stage, message)
            return True
        return False

    def _speak(self, stage: Stage) -> bool:
        """State what of ours the stage wants, if it can be stated."""
        kept, transcript, means = self._kept, self._transcript, self._means
        own = [slot for slot in stage.wanted if slot.sender == kept.index and slot not in transcript.held]
        if not own or not kept.live:
            return False
        if means.now is not None and means.now >= kept.params.deadlines[deadline_of(stage.round)]:
            return False  # spec 10: whoever is late says nothing; a late share would open what is void
        if stage.round in (Round.INPUTS, Round.CHOICE):
            if not kept.marks and kept.parent is None:
                return False
            bodies = self._inputs(stage)
        elif stage.round is Round.AGREEMENT:
            bodies = [b""]
        else:
            bodies = [share_body(kept, transcript, slot, means) for slot in own]
        for slot, body in zip(own, bodies, strict=True):
            self._say(slot, stage.prev, body)
        if stage.round is Round.SHARES and kept.params.kind is not Kind.FIRST:
            # spec 9: with all its shares made, the key has no further use
            self._kept = msgspec.structs.replace(self._kept, part=b"")
        return True

    def _inputs(self, stage: Stage) -> list[bytes]:
        kept = self._kept
        if kept.params.kind is Kind.THRESHOLD:
            body = limit_body(kept, self._transcript, stage.round, self._means)
            self._change(marks=b"")
            return [body]
        self.prepare()
        bodies, openings = inputs_bodies(kept, self._transcript, self._prepared or [])
        self._change(marks=b"", openings=openings)
        self._prepared = None
        return bodies


def _spent(kept: Kept) -> Kept:
    """Take out every secret, so that nothing can be said any more."""
    return msgspec.structs.replace(kept, live=False, part=b"", session_seed=b"", marks=b"", openings=b"")
