"""Nothing that is said, and no command to a relay, carries a signature: every byte field is named and is something else.

Sealed texts are the one exception that lasts, and one module signs them: crypto/seals.py. Messages of a sounding are signed by
keys drawn for it, which are nobody's; one module does that: crypto/sounding/message.py.
"""

import ast
import importlib
import pkgutil
import re
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

import backchannel
from backchannel.channel.members import MEMBERSHIP_KINDS
from backchannel.crypto.envelope import parse_envelope
from backchannel.moves.paper import KINDS
from backchannel.moves.seal import KINDS as SEAL_KINDS
from backchannel.wire import calls, frames
from writing import Member

SOURCE = Path(__file__).parent.parent / "src"

# What each byte field is, by its name. A new name fails the test until it is placed here; there is no line for signatures.
MEANINGS = {
    "a hash that anyone computes who knows the words": {
        "audience", "author", "body_hash", "commit", "commitment", "digest", "entry", "epoch_id", "event", "exchange", "gone", "id",
        "member", "opener", "other", "pin", "reader", "target", "answers", "wants", "heads", "replaces", "holder", "text", "lines",
        "item", "restates", "pledges", "note",
    },
    "random": {"append_id", "drop", "nameplate", "nonce", "room", "salt", "seed", "sid"},
    "a public key, unsigned": {"identity", "kem_public", "one_time_key", "one_time_keys", "public", "share", "x", "y"},
    "a token or key that all who may use it hold alike": {
        "admission", "append", "capability", "close", "content_key", "read", "receiving", "room_key", "sending",
    },
    "made by an author or by its reader, alike (Olm, HPKE, HMAC under a shared key)": {
        "awaited_tag", "sealed", "tag",
    },
    "checked by nobody but its author": {"mark"},
    "encrypted for all who hold one key": {"cell", "wrapped"},
    "another record or a file": {
        "annex", "body", "credential", "data", "files", "invitation", "payload", "people", "roster", "transport",
    },
    "a position": {"after", "position"},
    "hashes and names that the sides of a sounding all hold": {"head", "options", "parent", "prev", "sides"},
    "signed by a key that was drawn for one sounding and is nobody's": {"session_signature"},
    "a sounding as one desk keeps it, and evidence for those in it": {
        "blamed", "bodies", "early", "held", "inputs", "keys_name", "marks", "messages", "openings", "params", "part", "party", "seen",
        "session_seed", "taken",
    },
    "kept on one desk and never sent": {
        "account", "raw", "first_epoch", "initiator", "introduced", "item", "kem_seed", "keys", "link", "pickle_key", "receipts", "relays",
        "responder", "root", "scalar", "tell_read", "value",
    },
}  # fmt: skip
SEALS = SOURCE / "backchannel" / "crypto" / "seals.py"
SOUNDED = SOURCE / "backchannel" / "crypto" / "sounding" / "message.py"
SIGNED_TYPES = {"backchannel-seal+sd-jwt", "backchannel-anchor+jws"}
FORBIDDEN_MODULES = {"ed25519", "ed448", "ec", "rsa", "dsa", "mldsa", "slhdsa"}
VODOZEMAC_NAMES = {
    "Account", "AnyOlmMessage", "Curve25519PublicKey", "DecodeException", "KeyException", "OlmDecryptionException",
    "PickleException", "Session", "SessionCreationException",
}  # fmt: skip


def records() -> list[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(backchannel.__path__, "backchannel."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[msgspec.Struct]] = []
    waiting: list[type[msgspec.Struct]] = [msgspec.Struct]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("backchannel."):
                found.append(kind)
    return found


def holds_bytes(annotation: object) -> bool:
    annotation = getattr(annotation, "__supertype__", annotation)
    return annotation is bytes or any(holds_bytes(part) for part in typing.get_args(annotation))


def byte_fields(kind: type[msgspec.Struct]) -> Iterator[str]:
    for name, annotation in typing.get_type_hints(kind).items():
        if holds_bytes(annotation):
            yield name


def test_every_byte_field_of_every_event_and_command_is_known_and_no_signature() -> None:
    known = set().union(*MEANINGS.values())
    unknown = {
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in records()
        for name in byte_fields(kind)
        if name not in known
    }
    assert unknown == set(), "say in MEANINGS what these are; a signature is not among the answers"


def test_only_the_sealing_of_a_text_carries_a_seal_or_an_anchor_of_it() -> None:
    """By keys made for the text, which nobody owns; an anchor is the one thing meant for everyone."""
    telling = {"signature", "signatures", "protected", "anchor", "anchors"}
    carriers = {
        kind.__name__
        for kind in records()
        if telling & set(kind.__struct_fields__) and not kind.__module__.startswith("backchannel.daylight")
    }
    assert carriers == {"SealSignature", "SealAnchor", "Kept"}


def test_the_walk_reaches_every_kind_of_event_and_every_command() -> None:
    walked = set(records())
    assert walked >= set(MEMBERSHIP_KINDS.values()) | set(KINDS.values()) | set(SEAL_KINDS.values())
    assert walked >= {calls.OpenDrop, calls.CloseDrop, frames.Append, frames.Subscribe, frames.Passed}


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """Give every node of the code that could have to do with signing: attributes and imports."""
    kinds = (ast.Attribute, ast.Import, ast.ImportFrom)
    trees = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCE.rglob("*.py"))
    return [(path, node) for path, tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]


def test_no_code_but_that_of_seals_signs_or_touches_the_signing_half_of_an_account() -> None:
    forbidden = {"sign", "ed25519_key", "verify_signature"}
    found = [
        (path, node.attr)
        for path, node in nodes()
        if isinstance(node, ast.Attribute) and node.attr in forbidden
    ]
    assert found == [(SEALS, "sign")]


def test_only_messages_of_a_sounding_are_signed_by_its_session_keys() -> None:
    carriers = {kind.__name__ for kind in records() if "session_signature" in kind.__struct_fields__}
    assert carriers == {"Message"}
    found = {
        path
        for path, node in nodes()
        if isinstance(node, ast.Attribute) and node.attr.startswith("crypto_sign")
    }
    assert found == {SOUNDED}
    named = [
        name.name
        for _, node in nodes()
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
        if "nacl" in (getattr(node, "module", None) or name.name).split(".")
    ]
    assert set(named) <= {"bindings", "RuntimeError", "BadSignatureError"}


def test_the_module_that_signs_knows_only_seals_and_anchors() -> None:
    text = SEALS.read_text(encoding="utf-8")
    assert set(re.findall(r"\bbackchannel-[a-z]+\+[a-z-]+", text)) == SIGNED_TYPES
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name and name.startswith("backchannel")} == {
        "backchannel.crypto.hashing",
        "backchannel.crypto.secret",
        "backchannel.errors",
        "backchannel.wire.canonical_json",
    }


def test_no_code_but_that_of_seals_imports_anything_that_signs() -> None:
    """What checks an authority's time stamp imports the same modules; that it signs nothing is the test of attributes above."""
    found = []
    for path, node in nodes():
        if isinstance(node, ast.ImportFrom) and node.module == "vodozemac":
            found += [f"{path.name} {name.name}" for name in node.names if name.name not in VODOZEMAC_NAMES]
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            parts = {*module.split("."), *(part for name in node.names for part in name.name.split("."))}
            if module.startswith("cryptography") or "cryptography" in parts:
                found += [f"{path.name} {part}" for part in parts & FORBIDDEN_MODULES]
    assert sorted(found) == [
        "seals.py ec",
        "stamp_trust.py ec",
        "stamp_trust.py ed25519",
        "stamp_trust.py rsa",
    ]


@pytest.mark.parametrize("text", [b"we accept", b"we reject"])
def test_two_envelopes_of_one_text_share_no_byte_string_that_could_vouch_for_it(text: bytes) -> None:
    """What stays the same when the same is said twice is who says it to whom, and nothing derived from the words."""
    ann, ben = Member(b"ann"), Member(b"ben")
    one, other = (parse_envelope(ann.write(text, ben)) for _ in range(2))
    assert one.author == other.author
    assert one.wraps[0].reader == other.wraps[0].reader
    for window in range(0, len(one.body) - 8, 8):
        assert one.body[window : window + 8] not in other.body
    assert one.mark != other.mark
    assert one.wraps[0].sealed != other.wraps[0].sealed
