"""Write tests/vectors/seals (run by hand when the format gets a new version): every fault by sides who sign it all the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backchannel.crypto.seals import (
    LongTermKey,
    Seal,
    SealingKey,
    b64,
    disclosure_digest,
    fingerprint,
    seal_code,
    signed_bytes,
    text_digest,
    unb64,
)
from backchannel.daylight.disclosure import Disclosure
from backchannel.daylight.faults import Fault
from backchannel.daylight.text import Draft, Kind, Lapse, Relation
from backchannel.wire.canonical_json import Json, write
from sealed_texts import DATED_MS, DRAFT, SIDES, anchors_of, frozen_text, long_term_keys, sealed, sealing_keys

FOLDER = Path(__file__).parent / "vectors" / "seals"
SALT = bytes(range(32))
Change = Callable[[dict[str, Any]], object]


def save(
    name: str, data: bytes, fault: Fault | None, typed: dict[str, bytes] | None = None, **more: object
) -> None:
    content = {
        "file": data.decode("utf-8", "surrogateescape"),
        "typed": {side: fingerprint(raw) for side, raw in (typed or {}).items()},
        "fault": fault,
        **more,
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def file_with(change: Change, *opened: str) -> bytes:
    """Change the file after sealing, as somebody who only has the file can."""
    file = json.loads(sealed(*opened))
    change(file)
    return json.dumps(file).encode()


def payload_with(change: Change) -> bytes:
    """Change the payload before all sides seal it, so that nothing else is wrong."""
    keys = sealing_keys()
    payload = json.loads(frozen_text(keys).payload)
    change(payload)
    return sealed_bytes(write(payload))


def sealed_bytes(payload: bytes, *disclosures: str) -> bytes:
    signatures: list[dict[str, Any]] = []
    for key in sealing_keys().values():
        seal = key.seal(payload)
        signatures.append({"protected": seal.protected, "signature": seal.signature})
    signatures[0]["header"] = {"disclosures": list(disclosures)}
    return json.dumps({"payload": b64(payload), "signatures": signatures}).encode()


def disclosing(written: str) -> bytes:
    """Seal a text one of whose digests is of this passage, and open it."""
    keys = sealing_keys()
    payload = json.loads(frozen_text(keys).payload)
    payload["_sd"] = sorted([*payload["_sd"][1:], disclosure_digest(written)])
    return sealed_bytes(write(payload), written)


def flipped(text: str, place: int) -> str:
    """Flip one bit of what a base64url text holds."""
    raw = bytearray(unb64(text))
    raw[place] ^= 1
    return b64(bytes(raw))


def sound() -> None:
    keys, known = sealing_keys(), long_term_keys()
    frozen = frozen_text(keys)
    save(
        "holds",
        sealed(),
        None,
        closed_at_most=62,
        clauses=list(DRAFT.clauses),
        ownership=["claimed", "claimed"],
    )
    save("holds-keys-nobody-anchored", sealed(anchored=False), None, ownership=["not-shown", "not-shown"])
    save(
        "holds-with-long-term-keys-typed",
        sealed(),
        None,
        {side: key.public.thumbprint for side, key in known.items()},
        ownership=["shown", "shown"],
    )
    save(
        "holds-with-a-published-seal-code-typed",
        sealed(anchored=False),
        None,
        {SIDES[0]: seal_code(keys[SIDES[0]].public, frozen.digest)},
        ownership=["shown", "not-shown"],
    )
    save(
        "holds-with-everything-opened",
        sealed("term-turkey", "understanding-spoken"),
        None,
        closed_at_most=60,
        opened=["term-turkey", "understanding-spoken"],
    )
    left_out = file_with(lambda file: file["signatures"][0]["header"]["disclosures"].pop(0))
    save("holds-with-a-clause-left-out", left_out, None, clauses=[None, DRAFT.clauses[1]])
    later = Draft(
        "Performance",
        DATED_MS + 13_000_000_000,
        (),
        {"done": "The missiles in Turkey are gone."},
        {},
        Kind.REPORT,
        Lapse.LAPSES,
        ((Relation.PERFORMANCE, frozen.digest),),
    )
    save(
        "holds-refers-to-another",
        sealed(draft=later, anchored=False),
        None,
        refers_to=[b64(frozen.digest)],
        clauses=[],
    )
    early = Draft("Peace", -62_135_596_800_000, ("Peace.",), {}, {})
    save("holds-dated-in-the-year-1", sealed(draft=early, anchored=False), None, dated="0001-01-01T00:00:00Z")


def malicious() -> None:
    save("huge", b'{"payload":"', Fault.TOO_LARGE, repeated="A", times=(4 << 20) + 1)
    save("deep", b"", Fault.TOO_DEEP, repeated="[", times=200_000)
    save("deep-in-a-payload", sealed_bytes(b"[" * 5_000), Fault.TOO_DEEP)
    save("not-json", b"%PDF-1.7", Fault.NOT_JSON)
    save("not-utf-8", b'{"payload":"\xff"}', Fault.NOT_JSON)
    save("a-fraction", sealed().replace(b'"payload"', b'"more":1.5,"payload"'), Fault.NOT_JSON)
    save("a-huge-integer", b'{"payload":' + b"9" * 10_000 + b"}", Fault.NOT_JSON)
    save(
        "payload-given-twice",
        sealed().replace(b'"payload":', b'"payload":"","payload":', 1),
        Fault.MEMBER_TWICE,
    )
    save("member-of-the-payload-twice", _twice(), Fault.MEMBER_TWICE)
    save("a-list-for-the-file", b"[]", Fault.WRONG_SHAPE)
    save("a-number-for-the-payload", file_with(lambda file: file.update(payload=1)), Fault.WRONG_SHAPE)
    save("a-text-for-the-signatures", file_with(lambda file: file.update(signatures="x")), Fault.WRONG_SHAPE)
    save("a-member-more", file_with(lambda file: file.update(more=True)), Fault.WRONG_SHAPE)
    save(
        "passages-beside-the-second-signature",
        file_with(lambda file: file["signatures"][1].update(header=file["signatures"][0].pop("header"))),
        Fault.WRONG_SHAPE,
    )
    save(
        "padded-base64",
        file_with(lambda file: file.update(payload=file["payload"] + "=")),
        Fault.WRONG_ENCODING,
    )
    save("standard-base64", file_with(lambda file: file.update(payload="+/")), Fault.WRONG_ENCODING)
    save(
        "line-break-in-base64",
        file_with(lambda file: file.update(payload=file["payload"] + "\n")),
        Fault.WRONG_ENCODING,
    )


def _twice() -> bytes:
    payload = frozen_text(sealing_keys()).payload
    return sealed_bytes(payload[:-1] + b',"version":1}')


def payloads() -> None:
    payload = frozen_text(sealing_keys()).payload
    save("payload-with-a-space", sealed_bytes(payload.replace(b",", b", ", 1)), Fault.NOT_CANONICAL)
    save("payload-out-of-order", sealed_bytes(b'{"version":1,' + payload[1:-13] + b"}"), Fault.NOT_CANONICAL)
    wrong: dict[str, Change] = {
        "payload-with-a-time-of-issue": lambda one: one.update(iat=1),
        "payload-without-lapse": lambda one: one.pop("lapse"),
        "payload-with-a-text-for-clauses": lambda one: one.update(clauses="2"),
        "payload-with-true-for-clauses": lambda one: one.update(clauses=True),
        "payload-of-one-side": lambda one: one["sides"].pop(),
        "payload-with-one-name-twice": lambda one: one["sides"][0].update(name=SIDES[1]),
        "payload-with-one-key-twice": lambda one: one["sides"][0].update(key=one["sides"][1]["key"]),
        "payload-with-another-hash": lambda one: one.update(_sd_alg="sha-512"),
        "payload-dated-on-30-february": lambda one: one.update(dated="1962-02-30T00:00:00Z"),
        "payload-dated-without-a-zone": lambda one: one.update(dated="1962-11-20T00:00:00"),
        "payload-of-an-unknown-kind": lambda one: one.update(kind="treaty"),
        "payload-without-a-title": lambda one: one.update(title=""),
        "payload-with-481-clauses": lambda one: one.update(clauses=481),
        "payload-naming-no-digest": lambda one: one.update(refers_to=[{"as": "amendment", "text": "AA"}]),
        "payload-naming-texts-out-of-order": lambda one: one.update(
            refers_to=[{"as": "amendment", "text": b64(bytes([n]) * 32)} for n in (2, 1)]
        ),
        "digest-of-another-length": lambda one: one["_sd"].__setitem__(0, "-A"),
    }
    for name, change in wrong.items():
        save(name, payload_with(change), Fault.WRONG_PAYLOAD)
    save(
        "payload-of-a-newer-version",
        payload_with(lambda one: one.update(version=2, more=1)),
        Fault.NEWER_VERSION,
    )
    turned = "Soviet\u202e Union"
    save(
        "name-turned-round",
        payload_with(lambda one: one["sides"][1].update(name=turned)),
        Fault.UNSAFE_CHARACTERS,
    )
    save(
        "title-with-an-escape",
        payload_with(lambda one: one.update(title="a\x1b[2J")),
        Fault.UNSAFE_CHARACTERS,
    )
    save(
        "title-of-two-lines", payload_with(lambda one: one.update(title="a\nSEALED")), Fault.UNSAFE_CHARACTERS
    )
    save("digest-dropped", payload_with(lambda one: one["_sd"].pop(7)), Fault.DIGEST_MISSING)
    save("digest-added", payload_with(lambda one: one["_sd"].append("z" * 42 + "w")), Fault.DIGEST_MISSING)
    save(
        "digest-twice", payload_with(lambda one: one["_sd"].__setitem__(8, one["_sd"][7])), Fault.DIGEST_TWICE
    )
    save("digests-reordered", payload_with(lambda one: one["_sd"].reverse()), Fault.DIGESTS_REORDERED)
    off_curve = b64(bytes(32))
    save(
        "key-off-the-curve",
        payload_with(lambda one: one["sides"][0]["key"].update(y=off_curve)),
        Fault.WRONG_KEY,
    )
    save(
        "key-of-another-curve",
        payload_with(lambda one: one["sides"][0]["key"].update(crv="P-384")),
        Fault.WRONG_KEY,
    )
    save("key-too-short", payload_with(lambda one: one["sides"][0]["key"].update(x="AA")), Fault.WRONG_KEY)


def signatures() -> None:
    def header(**members: Json) -> Change:
        def change(file: dict[str, Any]) -> None:
            known = json.loads(unb64(file["signatures"][0]["protected"]))
            file["signatures"][0]["protected"] = b64(write({**known, **members}))

        return change

    save("algorithm-none", file_with(header(alg="none")), Fault.WRONG_HEADER)
    save("algorithm-by-shared-secret", file_with(header(alg="HS256")), Fault.WRONG_HEADER)
    save("key-by-address", file_with(header(jku="x")), Fault.WRONG_HEADER)
    save("critical-extension", file_with(header(crit=["b64"], b64=False)), Fault.WRONG_HEADER)
    save("header-of-another-kind", file_with(header(typ="backchannel-anchor+jws")), Fault.WRONG_HEADER)
    save("signature-removed", file_with(lambda file: file["signatures"].pop()), Fault.SIGNATURE_MISSING)
    save(
        "all-signatures-removed", file_with(lambda file: file.update(signatures=[])), Fault.SIGNATURE_MISSING
    )
    payload = frozen_text(sealing_keys()).payload
    stranger = SealingKey(b"stranger".ljust(32, b".")).seal(payload)

    def replaced(file: dict[str, Any]) -> None:
        file["signatures"][1] = {"protected": stranger.protected, "signature": stranger.signature}

    def in_anothers_name(file: dict[str, Any]) -> None:
        file["signatures"][1]["signature"] = stranger.signature

    save("signer-replaced", file_with(replaced), Fault.SIGNER_NOT_LISTED)
    save(
        "signer-added",
        file_with(lambda file: file["signatures"].append(vars_of(stranger))),
        Fault.SIGNER_NOT_LISTED,
    )
    save("signer-replaced-in-the-old-name", file_with(in_anothers_name), Fault.SIGNATURE_WRONG)
    save(
        "signature-twice",
        file_with(lambda file: file["signatures"].append(file["signatures"][1])),
        Fault.SIGNATURE_TWICE,
    )
    save("signatures-reordered", file_with(_swapped), Fault.SIGNATURES_REORDERED)

    def title_bit(file: dict[str, Any]) -> None:
        file["payload"] = flipped(file["payload"], payload.index(b"Withdrawal") + 3)

    def signature_bit(file: dict[str, Any]) -> None:
        file["signatures"][1]["signature"] = flipped(file["signatures"][1]["signature"], 40)

    def zeros(file: dict[str, Any]) -> None:
        file["signatures"][1]["signature"] = b64(bytes(64))

    save("one-bit-of-the-title-flipped", file_with(title_bit), Fault.SIGNATURE_WRONG)
    save("one-bit-of-a-signature-flipped", file_with(signature_bit), Fault.SIGNATURE_WRONG)
    save("signature-of-zeros", file_with(zeros), Fault.SIGNATURE_WRONG)
    save(
        "signature-cut-off",
        file_with(lambda file: file["signatures"][1].update(signature="AAAA")),
        Fault.SIGNATURE_WRONG,
    )


def vars_of(seal: Seal) -> dict[str, str]:
    return {"protected": seal.protected, "signature": seal.signature}


def _swapped(file: dict[str, Any]) -> None:
    first, second = file["signatures"]
    second["header"] = first.pop("header")
    file["signatures"] = [second, first]


def passages() -> None:
    def opening(written: str) -> bytes:
        return file_with(lambda file: file["signatures"][0]["header"]["disclosures"].append(written))

    other_salt = Disclosure(SALT, "term-turkey", DRAFT.terms["turkey"]).written
    save("term-opened-with-another-salt", opening(other_salt), Fault.NOT_AMONG_DIGESTS)

    def other_words(file: dict[str, Any]) -> None:
        shown = file["signatures"][0]["header"]["disclosures"]
        shown[0] = flipped(shown[0], 75)

    save("one-bit-of-a-clause-flipped", file_with(other_words), Fault.NOT_AMONG_DIGESTS)
    save(
        "clause-opened-twice",
        file_with(
            lambda file: file["signatures"][0]["header"]["disclosures"].extend(
                file["signatures"][0]["header"]["disclosures"][:1]
            )
        ),
        Fault.OPENED_TWICE,
    )
    words = "Words."
    save(
        "clause-beyond-the-last",
        disclosing(Disclosure(SALT, "clause-3", words).written),
        Fault.WRONG_DISCLOSURE,
    )
    save(
        "passage-that-overrides-the-title",
        disclosing(_raw([b64(SALT), "title", words])),
        Fault.WRONG_DISCLOSURE,
    )
    save("passage-of-two-parts", disclosing(_raw([b64(SALT), words])), Fault.WRONG_DISCLOSURE)
    save(
        "passage-with-more-digests",
        disclosing(_raw([b64(SALT), "term-a", {"_sd": []}])),
        Fault.WRONG_DISCLOSURE,
    )
    save(
        "passage-with-a-short-salt",
        disclosing(_raw([b64(SALT[:16]), "term-a", words])),
        Fault.WRONG_DISCLOSURE,
    )
    save(
        "clause-with-a-leading-zero",
        disclosing(_raw([b64(SALT), "clause-01", words])),
        Fault.WRONG_DISCLOSURE,
    )
    record: dict[str, Json] = {
        "confirmed": "1962-10-30T00:00:00Z",
        "lapse": "never",
        "sides": ["a"],
        "subject": "s",
    }
    kind = "understanding-a"
    save(
        "understanding-with-an-unknown-lapse",
        disclosing(_raw([b64(SALT), kind, record])),
        Fault.WRONG_DISCLOSURE,
    )
    nobody: dict[str, Json] = {**record, "lapse": "stands", "sides": []}
    save("understanding-of-nobody", disclosing(_raw([b64(SALT), kind, nobody])), Fault.WRONG_DISCLOSURE)
    spaced = b64(json.dumps([b64(SALT), "term-a", words]).encode())
    save("passage-with-a-space", disclosing(spaced), Fault.NOT_CANONICAL)
    save("passage-with-an-escape", disclosing(_raw([b64(SALT), "term-a", "\x9b2J"])), Fault.UNSAFE_CHARACTERS)


def _raw(value: Any) -> str:
    return b64(write(value))


def anchors() -> None:
    keys = sealing_keys()
    frozen = frozen_text(keys)
    first, second = anchors_of(frozen, keys)
    stranger, own = LongTermKey(b"l" * 32), keys[SIDES[0]]

    def having(*written: str) -> bytes:
        return file_with(lambda file: file.update(anchors=list(written)))

    cut = first.split(".")
    save("anchor-altered", having(".".join([*cut[:2], flipped(cut[2], 9)])), Fault.WRONG_ANCHOR)
    save("anchor-signed-by-another", having(".".join([*cut[:2], second.split(".")[2]])), Fault.WRONG_ANCHOR)
    save("anchor-of-two-parts", having(".".join(cut[:2])), Fault.WRONG_ANCHOR)
    save(
        "anchor-under-the-header-of-another",
        having(".".join([second.split(".")[0], *cut[1:]])),
        Fault.WRONG_ANCHOR,
    )
    owner = long_term_keys()[SIDES[0]]

    def signed_all_the_same(header: dict[str, Json], **members: Json) -> bytes:
        parts = [json.loads(unb64(part)) for part in cut[:2]]
        protected, payload = b64(write({**parts[0], **header})), b64(write({**parts[1], **members}))
        return having(f"{protected}.{payload}.{b64(owner._signature(signed_bytes(protected, payload)))}")

    save("anchor-of-another-version", signed_all_the_same({}, version=2), Fault.WRONG_ANCHOR)
    save("anchor-with-a-critical-extension", signed_all_the_same({"crit": ["x"], "x": 1}), Fault.WRONG_ANCHOR)
    another = text_digest(b"another")
    save("anchor-for-another-text", having(stranger.anchor(own.public, another)), Fault.ANCHOR_FOR_ANOTHER)
    unlisted = SealingKey(b"u" * 32).public
    save(
        "anchor-for-an-unlisted-key",
        having(stranger.anchor(unlisted, frozen.digest)),
        Fault.ANCHOR_FOR_ANOTHER,
    )
    both = (first, stranger.anchor(own.public, frozen.digest))
    save("two-anchors-for-one-side", having(*both), Fault.ANCHOR_TWICE)
    save(
        "typed-fingerprint-of-another-key",
        sealed(),
        Fault.NOT_THE_ANCHOR,
        {SIDES[0]: stranger.public.thumbprint},
    )
    swapped = {SIDES[0]: long_term_keys()[SIDES[1]].public.thumbprint}
    save("typed-fingerprint-of-the-other-side", sealed(), Fault.NOT_THE_ANCHOR, swapped)


if __name__ == "__main__":
    sound()
    malicious()
    payloads()
    signatures()
    passages()
    anchors()
