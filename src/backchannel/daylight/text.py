"""A text that is ready to be sealed: frozen payload, all its passages, the seed of its decoys (docs/spec/seal.md 3, 4)."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from backchannel.crypto.seals import PublicKey, b64, decoy, text_digest, unb64
from backchannel.daylight.disclosure import (
    CLAUSE,
    LABEL,
    SALT_BYTES,
    TERM,
    UNDERSTANDING,
    Disclosure,
    Understanding,
    parse_disclosure,
)
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.strict import (
    MAX_NAME,
    MAX_TITLE,
    check_words,
    date_of,
    decoded,
    moment,
    parsed_canonical,
    shaped,
)
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.canonical_json import Json, write

VERSION = 1
MAX_CLAUSES = 480
FEWEST_SIDES, MOST_SIDES = 2, 16
SEED_BYTES = 32
_STEP, _ROOM_FOR_TERMS = 64, 32
_DIGEST_BYTES = 32
_WHAT = said("The payload of this file")


class Kind(StrEnum):
    """Whether a text says what was agreed, or how it was talked about."""

    AGREEMENT = "agreement"
    REPORT = "report"


class Lapse(StrEnum):
    """What becomes of closed terms if somebody opens one alone."""

    ELECTION = "election"
    STANDS = "stands"
    LAPSES = "lapses"


class Relation(StrEnum):
    """What a text is to an earlier one."""

    PERFORMANCE = "performance"
    AMENDMENT = "amendment"
    STATEMENT = "statement"


class Jwk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key as it is written."""

    crv: str
    kty: str
    x: str
    y: str

    def key(self, what: str) -> PublicKey:
        """Read the key, or raise NotSealed."""
        if (self.crv, self.kty) != ("P-256", "EC"):
            raise NotSealed(Fault.WRONG_KEY, said("{what} is not a key of the curve P-256.", what=what))
        try:
            return PublicKey.of(decoded(self.x, what), decoded(self.y, what))
        except NotSealed:
            raise
        except Violation as error:
            raise NotSealed(
                Fault.WRONG_KEY, said("{what} is no key at all: it is not a point of the curve.", what=what)
            ) from error


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A side and the key that it made for this text."""

    key: Jwk
    name: str


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"relation": "as"}):
    """An earlier sealed text, by its digest in base64url, and what this one is to it."""

    relation: str
    text: str


class Payload(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"digests": "_sd", "algorithm": "_sd_alg"}
):
    """What every side signs."""

    digests: tuple[str, ...]
    algorithm: str
    clauses: int
    dated: str
    kind: str
    lapse: str
    refers_to: tuple[Reference, ...]
    sides: tuple[Side, ...]
    title: str
    version: int


@dataclass(frozen=True, slots=True)
class Draft:
    """The words to be sealed; `dated_ms` is in milliseconds since 1970, negative before.

    `refers_to` gives the digest of each earlier text; `terms` and `understandings` stay closed, by label.
    """

    title: str
    dated_ms: int
    clauses: tuple[str, ...]
    terms: Mapping[str, str]
    understandings: Mapping[str, Understanding]
    kind: Kind = Kind.AGREEMENT
    lapse: Lapse = Lapse.ELECTION
    refers_to: tuple[tuple[Relation, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class FrozenText:
    """What the sides exchange in talk and then seal: the payload, what opens each of its digests, the decoys' seed."""

    payload: bytes
    disclosures: tuple[str, ...]
    seed: bytes

    @property
    def digest(self) -> bytes:
        return text_digest(self.payload)


def total_of_digests(clauses: int) -> int:
    """How many digests a text has; it depends on nothing that is closed."""
    return max(_STEP, _STEP * -(-(clauses + _ROOM_FOR_TERMS) // _STEP))


def freeze(
    draft: Draft,
    sides: Iterable[tuple[str, PublicKey]],
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> FrozenText:
    """Fix every byte that will be sealed, with fresh salts; Refused, or NotSealed with the reason, if it cannot be."""
    for label in (*draft.terms, *draft.understandings):
        if not LABEL.fullmatch(label):
            raise Refused(
                "The label of a closed term has 1 to 40 letters a to z, digits and -; choose another."
            )
    passages: list[tuple[str, str | Understanding]] = [
        (f"{CLAUSE}{number}", words) for number, words in enumerate(draft.clauses, 1)
    ]
    passages += [(f"{TERM}{label}", words) for label, words in draft.terms.items()]
    passages += [(f"{UNDERSTANDING}{label}", record) for label, record in draft.understandings.items()]
    disclosures = [Disclosure(random(SALT_BYTES), name, value) for name, value in passages]
    seed, total = random(SEED_BYTES), total_of_digests(len(draft.clauses))
    if len(disclosures) > total:
        raise Refused(
            said(
                "A text of {count} clauses has room for {total} closed terms; seal the others in a second text that"
                " refers to the first.",
                count=len(draft.clauses),
                total=total - len(draft.clauses),
            )
        )
    decoys = [decoy(seed, number) for number in range(total - len(disclosures))]
    payload: Json = {
        "_sd": sorted([one.digest for one in disclosures] + decoys),  # type: ignore[dict-item]
        "_sd_alg": "sha-256",
        "clauses": len(draft.clauses),
        "dated": date_of(draft.dated_ms),
        "kind": draft.kind.value,
        "lapse": draft.lapse.value,
        "refers_to": [
            {"as": relation.value, "text": b64(text)}
            for relation, text in sorted(draft.refers_to, key=lambda one: b64(one[1]))
        ],
        "sides": [{"key": key.jwk, "name": name} for name, key in sides],
        "title": draft.title,
        "version": VERSION,
    }
    frozen = FrozenText(write(payload), tuple(one.written for one in disclosures), seed)
    check_frozen(frozen)
    return frozen


def parse_payload(payload: bytes) -> Payload:
    """Read what every side signs, or raise NotSealed."""
    value = parsed_canonical(b64(payload), _WHAT)
    if isinstance(value, dict) and isinstance(version := value.get("version"), int) and version > VERSION:
        raise NotSealed(
            Fault.NEWER_VERSION,
            said("This text was sealed by newer software; check it with a newer version."),
        )
    found = shaped(value, Payload, Fault.WRONG_PAYLOAD, _WHAT)
    sound = (
        found.version == VERSION
        and found.algorithm == "sha-256"
        and 0 <= found.clauses <= MAX_CLAUSES
        and found.kind in set(Kind)
        and found.lapse in set(Lapse)
        and FEWEST_SIDES <= len(found.sides) <= MOST_SIDES
        and len({side.name for side in found.sides}) == len(found.sides)
        and len({side.key for side in found.sides}) == len(found.sides)
        and all(one.relation in set(Relation) for one in found.refers_to)
        and all(len(decoded(one.text, _WHAT)) == _DIGEST_BYTES for one in found.refers_to)
    )
    if not sound:
        raise NotSealed(
            Fault.WRONG_PAYLOAD,
            said(
                "{what} does not say soundly what was sealed, by which sides and with which keys.", what=_WHAT
            ),
        )
    if (named := [one.text for one in found.refers_to]) != sorted(set(named)):
        raise NotSealed(
            Fault.WRONG_PAYLOAD,
            said("The earlier texts that this one names are out of order or named twice."),
        )
    moment(found.dated)
    check_words(found.title, said("The title"), MAX_TITLE, one_line=True)
    for side in found.sides:
        check_words(side.name, said("A side's name"), MAX_NAME, one_line=True)
    _check_digests(found)
    for side in found.sides:
        side.key.key(said("The key listed for {side}", side=side.name))
    return found


def _check_digests(payload: Payload) -> None:
    digests, total = payload.digests, total_of_digests(payload.clauses)
    if len(set(digests)) != len(digests):
        raise NotSealed(
            Fault.DIGEST_TWICE, said("A digest stands twice in this text; it was not made by sound software.")
        )
    if len(digests) != total:
        raise NotSealed(
            Fault.DIGEST_MISSING,
            said(
                "This text has {count} digests where it must have {total}: some were dropped or added after sealing.",
                count=len(digests),
                total=total,
            ),
        )
    if list(digests) != sorted(digests):
        raise NotSealed(
            Fault.DIGESTS_REORDERED,
            said("The digests of this text are not in their order: somebody moved them."),
        )
    if any(len(decoded(one, said("A digest of this text"))) != _DIGEST_BYTES for one in digests):
        raise NotSealed(Fault.WRONG_PAYLOAD, said("A digest of this text does not have 32 bytes."))


@dataclass(frozen=True, slots=True)
class Said:
    """What a frozen text says, as whoever drafted it wrote it, and the key of each side."""

    words: Draft
    sides: Mapping[str, PublicKey]


def passages_of(frozen: FrozenText) -> Said:
    """Read a frozen text back into the words it was made of, or raise NotSealed."""
    payload = check_frozen(frozen)
    passages = {one.name: one.value for one in map(parse_disclosure, frozen.disclosures)}
    closed = {name: value for name, value in passages.items() if not name.startswith(CLAUSE)}
    words = Draft(
        payload.title,
        moment(payload.dated),
        tuple(str(passages[f"{CLAUSE}{number}"]) for number in range(1, payload.clauses + 1)),
        {name.removeprefix(TERM): value for name, value in closed.items() if isinstance(value, str)},
        {
            name.removeprefix(UNDERSTANDING): value
            for name, value in closed.items()
            if isinstance(value, Understanding)
        },
        Kind(payload.kind),
        Lapse(payload.lapse),
        tuple((Relation(one.relation), unb64(one.text)) for one in payload.refers_to),
    )
    return Said(words, {side.name: side.key.key(side.name) for side in payload.sides})


def check_frozen(frozen: FrozenText) -> Payload:
    """Accept a frozen text only if nothing is hidden in it from those who will seal it, or raise NotSealed."""
    # spec 4: a digest that nobody can account for could be a term which its drafter opens later as everyone's
    payload = parse_payload(frozen.payload)
    passages = [parse_disclosure(written) for written in frozen.disclosures]
    names = [one.name for one in passages]
    if len(set(names)) != len(names):
        raise NotSealed(
            Fault.OPENED_TWICE, said("Two passages of this text have one name; ask its drafter for another.")
        )
    if sorted(one.clause for one in passages if one.clause is not None) != list(
        range(1, payload.clauses + 1)
    ):
        raise NotSealed(
            Fault.WRONG_DISCLOSURE,
            said("This text does not come with all its clauses; ask its drafter for them."),
        )
    if len(frozen.seed) != SEED_BYTES:
        raise NotSealed(
            Fault.WRONG_DISCLOSURE,
            said("The seed of this text's decoys does not have {seed_bytes} bytes.", seed_bytes=SEED_BYTES),
        )
    known = [one.digest for one in passages]
    known += [decoy(frozen.seed, number) for number in range(len(payload.digests) - len(known))]
    if sorted(known) != list(payload.digests):
        raise NotSealed(
            Fault.NOT_AMONG_DIGESTS,
            said(
                "This text holds a digest that its drafter has not accounted for, so something may be hidden in it: do not"
                " seal it."
            ),
        )
    return payload
