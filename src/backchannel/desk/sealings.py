"""What a person does towards a sealed text: draft, give a key, freeze, agree, go on, anchor, and keep the result.

Keys are in the room's file and go once the text is sealed; the sealed text stays there when the talk has expired.
"""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.crypto.seals import LongTermKey, Seal, SealingKey
from backchannel.daylight.sealed_file import encode_file, read_file, write_file
from backchannel.daylight.sealing import Sealing, Step, check_due, due, seen_by, waiting
from backchannel.daylight.text import FrozenText, freeze
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.room_store import drop_state, set_state, state
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import check_mandate
from backchannel.desk.vault import Vault
from backchannel.errors import Blocked, Refused
from backchannel.moves.seal import (
    SPEAKERS,
    Drafted,
    Frozen,
    SealAgree,
    SealAnchor,
    SealDraft,
    SealHeld,
    Sealings,
    SealKey,
    SealSignature,
    SealText,
    Standing,
    standing,
)
from backchannel.said import joined, said
from backchannel.wire.codec import Record, decode, encode

KINDS = {
    SealDraft: "seal-draft",
    SealKey: "seal-key",
    SealText: "seal-text",
    SealAgree: "seal-agree",
    SealSignature: "seal-signature",
    SealHeld: "seal-held",
    SealAnchor: "seal-anchor",
}


KEY_NAME = "long-term-key/{}"  # in the vault; a back-up leaves it out (spec vault 10)


STAMPS_NAME = "stamps/{}"  # in the room's file, by the digest of the text


class Stamps(Record, frozen=True):
    """The time stamps of a sealed text, as they stand in its file."""

    tokens: tuple[str, ...]


class Kept(Record, frozen=True):
    """A text that all sides signed, as this desk keeps it when the talk about it is gone: everything but the decoys' seed."""

    payload: bytes
    disclosures: tuple[str, ...]
    protected: tuple[str, ...]
    signatures: tuple[str, ...]
    anchors: tuple[str, ...]

    @property
    def frozen(self) -> FrozenText:
        """The text without the seed, so that nobody can tell any more how many terms are closed."""
        return FrozenText(self.payload, self.disclosures, b"")

    @property
    def seals(self) -> tuple[Seal, ...]:
        return tuple(Seal(*one) for one in zip(self.protected, self.signatures, strict=True))


def draft(room: Room, words: SealDraft, now: int) -> Entry:
    """Put the words to be sealed before the room, with this side's key for them."""
    side = _speaking(room, now)
    seated = {member.side for member in room.seating.seated.values() if member.role in SPEAKERS}
    if absent := [one for one in words.sides if one not in seated]:
        raise Refused(
            said(
                "Nobody in this room may seal for {absent}; invite a principal or authorised envoy of theirs.",
                absent=absent[0],
            )
        )
    with room.changing():
        entry = _say(room, words, now)
        if side in words.sides:
            give_key(room, entry.id, now)
    return entry


def give_key(room: Room, target: EventId, now: int) -> Entry:
    """Make this side's key for a draft and show its public half; the desk that gives it is the one that can seal."""
    drafted, side = _drafted(room, target), _speaking(room, now)
    if side not in drafted.sides:
        raise Refused(
            said(
                "This draft is not to be sealed by {side}; its sides are {sides}.",
                side=side,
                sides=joined(", ", drafted.sides),
            )
        )
    if _key(room, target) is not None:
        raise Refused("This desk has given a key for this draft already.")
    key = SealingKey.generate()
    with room.changing():
        set_state(room.db, _key_name(target), key.raw)
        return _say(room, SealKey(target, key.public.x, key.public.y), now)


def freeze_draft(room: Room, target: EventId, now: int) -> Entry:
    """Fix every byte of a draft of one's own, once every side has given a key."""
    drafted = _drafted(room, target)
    if drafted.entry.author != room.me:
        raise Refused(
            said("Only {name}, who drafted this, can freeze it.", name=room.name(drafted.entry.author))
        )
    if drafted.texts:
        raise Refused("This draft is frozen already; to change it, make a new draft.")
    if drafted.missing:
        raise Blocked(said("Waiting for the key of {missing}.", missing=joined(" and of ", drafted.missing)))
    frozen = freeze(drafted.draft, [(side, drafted.keys[side][0]) for side in drafted.sides])
    return _say(room, SealText(target, frozen.payload, frozen.disclosures, frozen.seed), now)


def agree(room: Room, target: EventId, now: int) -> Entry:
    """Agree for this side to seal a frozen text, once every desk that can sign it has shown the same record up to it."""
    text = _text(room, target)
    check_mandate(room, now)
    mine = own_view(room, text)
    check_due(mine, Step.AGREE, forked=bool(room.log.forks() or room.frozen))
    signing = set(read(room.log, Sealings).key_givers(text).values())
    if gone := [room.name(mid) for mid in signing if mid not in room.seating.seated]:
        raise Refused(
            said(
                "{gone}, whose desk gave a key for this text, is no longer here to sign: make a new draft.",
                gone=joined(" and ", gone),
            )
        )
    # spec moves/seal 3: who cannot sign can neither complete a seal nor hinder one
    if behind := [room.name(mid) for mid in unseen_by(room, text) if mid in signing]:
        raise Blocked(
            said(
                "The desk of {behind} has not shown the same record up to this text yet.",
                behind=joined(" and of ", behind),
            )
        )
    return _say(room, SealAgree(target, mine.frozen.digest), now)


def unseen_by(room: Room, text: Frozen) -> list[MemberId]:
    """Who sits here whose desk has not shown that it holds this text, and so the same record before it."""
    author, place = text.entry.author, text.entry.event.seq
    # spec seal 8: an id names all that it follows, so whoever shows this text's shows the same record before it
    return [
        mid
        for mid in room.seating.seated
        if mid not in {room.me, author} and room.shown_by(mid).get(author, 0) < place
    ]


def go_on(room: Room, target: EventId, now: int) -> list[Step]:
    """Sign and acknowledge as far as others' statements allow; gives the steps taken. Neither agrees nor anchors."""
    taken: list[Step] = []
    with room.changing():
        while (step := due(mine := own_view(room, _text(room, target)))) in {Step.SIGN, Step.HOLD}:
            assert step is not None
            check_mandate(room, now)
            if step is Step.SIGN:
                _sign(room, target, mine, now)
            else:
                _say(room, SealHeld(target), now)
            taken.append(step)
        keep(room)
    return taken


def anchor(room: Room, target: EventId, key: LongTermKey, now: int) -> Entry:
    """Say, for ever and to everyone, that this side's key is its own."""
    mine = own_view(room, _text(room, target))
    check_mandate(room, now)
    check_due(mine, Step.ANCHOR)
    with room.changing():
        entry = _say(room, SealAnchor(target, key.anchor(mine.keys[mine.side], mine.frozen.digest)), now)
        drop_state(room.db, _key_name(_text(room, target).drafted))
        keep(room)
    return entry


def own_view(room: Room, text: Frozen) -> Sealing:
    """See a sealing from this desk's side, if this desk made that side's key; else from nobody's."""
    key, side = _key(room, text.drafted), room.credential.side
    if key is not None and text.sealing.keys.get(side) == key.public:
        return seen_by(text.sealing, side, key.public)
    given = state(room.db, _done_name(text.entry.id))
    return seen_by(text.sealing, side, text.sealing.keys[side]) if given is not None else text.sealing


def keep(room: Room) -> None:
    """Keep every text that has all signatures, with the anchors that came so far."""
    for text in standing(room.log).texts.values():
        sealing = text.sealing
        if len(sealing.seals) == len(sealing.keys):
            anchors = tuple(sealing.anchors[side] for side in sealing.sides if side in sealing.anchors)
            stored = state(room.db, _kept_name(sealing.frozen.digest))
            if stored is not None:
                # a second signature of a side may be as sound, but a time stamp is on the first ones
                text_kept = replace(decode(stored, Kept), anchors=anchors)
            else:
                text_kept = Kept(
                    sealing.frozen.payload,
                    sealing.frozen.disclosures,
                    tuple(sealing.seals[side].protected for side in sealing.sides),
                    tuple(sealing.seals[side].signature for side in sealing.sides),
                    anchors,
                )
            set_state(room.db, _kept_name(sealing.frozen.digest), encode(text_kept))


def outlive(room: Room, going: Iterable[Entry]) -> None:
    """Before the talk about sealing expires: keep what all sides signed, and let go of keys that nothing wants."""
    keep(room)
    for entry in going:
        if entry.event.kind == KINDS[SealDraft]:
            drop_state(room.db, _key_name(entry.id))


def file(room: Room, digest: bytes, opened: tuple[str, ...], left_out: Collection[int] = ()) -> bytes:
    """Write the file of a sealed text that this desk keeps, with those closed terms open that are named, and its time stamps."""
    text = kept_text(room, digest)
    data = write_file(text.frozen, text.seals, opened, text.anchors, left_out)
    stored = state(room.db, STAMPS_NAME.format(digest.hex()))
    if stored is None:
        return data
    return encode_file(replace(read_file(data), stamps=decode(stored, Stamps).tokens))


def kept_text(room: Room, digest: bytes) -> Kept:
    """Give a sealed text that this desk keeps; Blocked while it is not sealed."""
    with room.changing():
        keep(room)
    stored = state(room.db, _kept_name(digest))
    if stored is not None:
        return decode(stored, Kept)
    found = next(
        (one for one in standing(room.log).texts.values() if one.sealing.frozen.digest == digest), None
    )
    raise Blocked(
        said("There is no sealed text yet. {waiting}", waiting=waiting(own_view(room, found)))
        if found
        else said("There is no such text here.")
    )


def kept(room: Room) -> list[bytes]:
    """The digests of all sealed texts that this desk keeps in a room."""
    rows = room.db.all("SELECT name FROM state WHERE name LIKE 'sealed/%' ORDER BY name")
    return [bytes.fromhex(str(name).removeprefix(_kept_name(b""))) for (name,) in rows]


def long_term_key(vault: Vault, side: str) -> LongTermKey:
    """Give the key by which a side is known, made when first asked for."""
    name = KEY_NAME.format(side)
    raw = vault.setting(name)
    if raw is None:
        raw = LongTermKey.generate().raw
        vault.set_setting(name, raw)
    return LongTermKey(raw)


def table(room: Room) -> Standing:
    return standing(room.log)


def _sign(room: Room, target: EventId, mine: Sealing, now: int) -> None:
    drafted = _text(room, target).drafted
    key, signed = _key(room, drafted), state(room.db, _signed_name(drafted))
    assert key is not None
    if signed is not None and signed != mine.frozen.digest:
        raise Refused(
            "This side's key has sealed another text of this draft; make a new draft for new words."
        )
    set_state(room.db, _signed_name(drafted), mine.frozen.digest)
    set_state(room.db, _done_name(target), b"1")
    seal = key.seal(mine.frozen.payload)
    _say(room, SealSignature(target, seal.protected, seal.signature), now)


def _say(room: Room, body: Record, now: int) -> Entry:
    return act(room, KINDS[type(body)], body, now)


def _speaking(room: Room, now: int) -> str:
    may_act(room)
    if room.credential.role not in SPEAKERS:
        raise Refused("Only a principal or an authorised envoy can seal for a side; ask one of yours.")
    check_mandate(room, now)
    return room.credential.side


def _drafted(room: Room, target: EventId) -> Drafted:
    found = read(room.log, Sealings).draft(target)
    if found is None:
        raise Refused("There is no such draft in this room; see them with `backchannel desk seal show`.")
    return found


def _text(room: Room, target: EventId) -> Frozen:
    found = read(room.log, Sealings).text(target)
    if found is None:
        raise Refused(
            "There is no such frozen text in this room; see them with `backchannel desk seal show`."
        )
    return found


def _key(room: Room, drafted: EventId) -> SealingKey | None:
    raw = state(room.db, _key_name(drafted))
    return None if raw is None else SealingKey(raw)


def _key_name(drafted: EventId) -> str:
    return f"seal-key/{drafted.hex()}"


def _signed_name(drafted: EventId) -> str:
    return f"seal-signed/{drafted.hex()}"


def _done_name(target: EventId) -> str:
    return f"seal-mine/{target.hex()}"


def _kept_name(digest: bytes) -> str:
    return f"sealed/{digest.hex()}"
