"""What a message means for a sounding: sound, the end without blame, or blame with its evidence (docs/spec/sounding.md 10).

Nobody honest is ever blamed: blame rests on what a side signed with the one key that all agreed is its own.
"""

from dataclasses import dataclass

from backchannel.crypto.sounding.kept import Blame, Ended, How
from backchannel.crypto.sounding.keys import KEYS_BYTES
from backchannel.crypto.sounding.message import Message, Round, Slot
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.transcript import PAIR, Stage, Transcript
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import encode


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a sounding ends; without blame where it is not shown whose fault it is."""

    round: Round
    blame: Blame | None = None

    @property
    def ended(self) -> Ended:
        if self.blame is None:
            return Ended(How.DISAGREED, self.round, ())
        return Ended(How.BROKEN, self.round, (self.blame.side,))


def check_signer(transcript: Transcript, message: Message, author: int | None) -> None:
    """Check that a message is of this sounding and signed by its sender's session key, as far as that key is known."""
    # spec 3: what anybody could have made changes nothing and is held against nobody
    if message.sid != transcript.sid:
        raise Violation("This message is of another sounding.")
    if message.sender not in transcript.sides or author not in (None, message.sender):
        raise Violation("A message of a sounding is not by the side that it names.")
    if message.round is Round.KEYS:
        if len(message.body) != KEYS_BYTES:
            raise Violation("The keys of a side have another length.")
        message.check_signature(_session(message))
    elif (keys := transcript.held.get(Slot(message.sender, Round.KEYS, 0))) is not None:
        message.check_signature(_session(keys))


def _part(keys: Message) -> bytes:
    return keys.body[:32]


def _session(keys: Message) -> bytes:
    return keys.body[32:64]


def may_come(params: Params, slot: Slot) -> bool:
    """Whether some stage may want this, and the first does not; so what is kept of those who speak before their turn is bounded."""
    if slot.round is Round.KEYS:
        return False
    if slot.round is Round.AGREEMENT:
        return len(params.sides) > PAIR and slot.chunk == 0
    if slot.round is Round.ORDER:
        return params.ordered and slot.chunk == 0
    if params.kind is Kind.THRESHOLD:
        turns = {Round.INPUTS: params.poster, Round.CHOICE: 1 - params.poster}
        return slot.chunk == 0 and slot.sender == turns.get(slot.round, slot.sender)
    parts = params.batches if params.ordered and slot.round is Round.SHARES else params.chunks
    return slot.round is not Round.CHOICE and slot.chunk < parts


def fault_of(
    transcript: Transcript, stage: Stage, message: Message, seen: tuple[bytes, ...], threads: int
) -> Fault | None:
    """Judge a message of the present stage."""

    def blamed(reason: str, *more: bytes) -> Fault:
        return Fault(stage.round, Blame(message.sender, reason, (*more, encode(message))))

    if message.prev != stage.prev:
        # spec 10: only who confirmed the same keys and then names others contradicts itself
        if stage.round is Round.INPUTS and len(transcript.sides) > PAIR:
            return blamed(said("It agreed to one set of keys and answered under another."))
        return Fault(stage.round)
    if stage.round is Round.KEYS and _part(message) in seen:
        return blamed(said("It used a key of an earlier sounding again."))
    try:
        transcript.check(message, threads)
    except Violation as fault:
        return blamed(str(fault), *_repeated_inputs(transcript, message))
    if stage.round is Round.KEYS:
        others = [held for slot, held in transcript.held.items() if slot.round is Round.KEYS]
        if any(_part(message) == _part(held) or _session(message) == _session(held) for held in others):
            # spec 4: whoever shows that it knows another's secret is in it with that other, or one machine was copied
            return Fault(stage.round)
    return None


def _repeated_inputs(transcript: Transcript, message: Message) -> tuple[bytes, ...]:
    """Give the inputs that a re-run repeats, where a message states others."""
    if transcript.parent is None or message.round is not Round.INPUTS:
        return ()
    return (transcript.parent.inputs[message.sender][message.chunk],)


def conflict(transcript: Transcript, held: Message, message: Message, now: Round) -> Fault:
    """Judge two different messages for one place, both signed, or raise Violation if the second counts for nothing."""
    if message.round <= Round.AGREEMENT:
        # spec 10: before all hold the same keys, none is anybody's in the eyes of all
        later = any(
            slot.sender == message.sender and slot.round > Round.AGREEMENT for slot in transcript.held
        )
        if not (now > Round.AGREEMENT if len(transcript.sides) > PAIR else later):
            return Fault(now)
        if message.round is Round.KEYS and _session(held) != _session(message):
            raise Violation("A side named other keys after all had agreed; the agreed ones stand.")
    reason = said("It signed two different things in one place.")
    return Fault(now, Blame(message.sender, reason, (encode(held), encode(message))))
