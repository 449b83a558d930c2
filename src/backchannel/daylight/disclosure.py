"""Clauses and closed terms: salted digests, and opening one of them (docs/spec/seal.md 4)."""

import re
from dataclasses import dataclass

import msgspec

from backchannel.crypto.seals import b64, disclosure_digest
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.strict import (
    MAX_NAME,
    MAX_TITLE,
    MAX_WORDS,
    check_words,
    decoded,
    moment,
    parsed_canonical,
    shaped,
)
from backchannel.said import said
from backchannel.wire.canonical_json import Json, write

SALT_BYTES = 32
LABEL = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
CLAUSE, TERM, UNDERSTANDING = "clause-", "term-", "understanding-"

_NUMBER = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_PARTS = 3
_WHAT = said("A passage of this file")


class Understanding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is on record of an oral understanding: everything but its words."""

    confirmed: str
    lapse: str
    sides: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A passage with its salt: what opens one digest of a sealed text."""

    salt: bytes
    name: str
    value: str | Understanding

    @property
    def written(self) -> str:
        value: Json = self.value if isinstance(self.value, str) else msgspec.to_builtins(self.value)
        return b64(write([b64(self.salt), self.name, value]))

    @property
    def digest(self) -> str:
        return disclosure_digest(self.written)

    @property
    def clause(self) -> int | None:
        """The number of a clause; None for a closed term."""
        return int(self.name.removeprefix(CLAUSE)) if self.name.startswith(CLAUSE) else None


def parse_disclosure(written: str) -> Disclosure:
    """Read a passage as it stands in a file, or raise NotSealed."""
    value = parsed_canonical(written, _WHAT)
    if not isinstance(value, list) or len(value) != _PARTS:
        raise NotSealed(Fault.WRONG_DISCLOSURE, said("{what} is not a salt, a name and words.", what=_WHAT))
    salt, name, content = value
    if not isinstance(salt, str) or len(raw := decoded(salt, _WHAT)) != SALT_BYTES:
        raise NotSealed(
            Fault.WRONG_DISCLOSURE,
            said("{what} has no salt of {salt_bytes} bytes.", what=_WHAT, salt_bytes=SALT_BYTES),
        )
    if not isinstance(name, str) or not is_name(name):
        raise NotSealed(Fault.WRONG_DISCLOSURE, said("{what} is neither a clause nor a term.", what=_WHAT))
    if name.startswith(UNDERSTANDING):
        understanding = shaped(content, Understanding, Fault.WRONG_DISCLOSURE, _WHAT)
        _check_understanding(understanding)
        return Disclosure(raw, name, understanding)
    if not isinstance(content, str):
        raise NotSealed(
            Fault.WRONG_DISCLOSURE, said("{what} has something else where its words should be.", what=_WHAT)
        )
    check_words(content, _WHAT, MAX_WORDS, one_line=False)
    return Disclosure(raw, name, content)


def is_name(name: str) -> bool:
    for prefix, rest in ((CLAUSE, _NUMBER), (TERM, LABEL), (UNDERSTANDING, LABEL)):
        if name.startswith(prefix):
            return rest.fullmatch(name.removeprefix(prefix)) is not None
    return False


def _check_understanding(understanding: Understanding) -> None:
    moment(understanding.confirmed)
    check_words(understanding.subject, said("The subject of an understanding"), MAX_TITLE, one_line=True)
    if understanding.lapse not in {"election", "stands", "lapses"} or not understanding.sides:
        raise NotSealed(
            Fault.WRONG_DISCLOSURE, said("{what} says nothing sound of an understanding.", what=_WHAT)
        )
    for side in understanding.sides:
        check_words(side, said("A side's name"), MAX_NAME, one_line=True)
