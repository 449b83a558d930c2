"""Words people read to each other: an invitation's three, and the six that compare keys (docs/spec/safety-words.md).

The list is SLIP-39's 1,024 words: 10 bits each, any two differing within their first four letters.
"""

import hmac
import secrets
import unicodedata
from difflib import get_close_matches
from functools import cache

from backchannel.crypto.hashing import digest
from backchannel.errors import Refused, Violation
from backchannel.said import said

INVITATION_WORDS = 3
SAFETY_WORDS = 6
NONCE_BYTES = 32

_TELLING_LETTERS = 4
_BITS = 10


@cache
def word_list() -> tuple[str, ...]:
    # Imported late: the library brings its command line's dependencies along.
    from shamir_mnemonic.wordlist import WORDLIST  # noqa: PLC0415

    return tuple(WORDLIST)


@cache
def _by_prefix() -> dict[str, str]:
    return {word[:_TELLING_LETTERS]: word for word in word_list()}


def invitation_words() -> str:
    """Draw the words of a new invitation: 30 bits, in canonical form, to be told apart from the address."""
    return " ".join(secrets.choice(word_list()) for _ in range(INVITATION_WORDS))


def parse_words(typed: str, count: int) -> str:
    """Read words as a person types them; gives them lower-case, whole and single-spaced, or raises Refused.

    Case, hyphens, commas and line breaks do not matter, and a word's first four letters are enough.
    """
    folded = unicodedata.normalize("NFKC", typed).lower()
    words = "".join(letter if letter.isalpha() else " " for letter in folded).split()
    whole = [_whole(word) for word in words]
    if len(whole) != count:
        raise Refused(
            said("Please type {count} words; there are {count_2} here.", count=count, count_2=len(whole))
        )
    return " ".join(whole)


def _whole(word: str) -> str:
    known = _by_prefix().get(word[:_TELLING_LETTERS])
    if known is not None:
        return known
    close = get_close_matches(word, word_list(), n=1)
    hint = (
        said("did you mean “{close}”?", close=close[0])
        if close
        else said("please check it with the person who told you.")
    )
    raise Refused(said("“{word}” is not one of the words used here; {hint}", word=word[:20], hint=hint))


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def commit(roster_hash: bytes, nonce: bytes) -> bytes:
    """Give what the first side sends before it has seen the other's nonce."""
    return digest("backchannel/safety-commit/1", roster_hash, nonce)


def check_commitment(commitment: bytes, roster_hash: bytes, nonce: bytes) -> None:
    """Accept the nonce the first side opened, or raise Violation: it is not the one it committed to."""
    if len(nonce) != NONCE_BYTES or not hmac.compare_digest(commitment, commit(roster_hash, nonce)):
        raise Violation(
            "The safety words were tampered with: what was opened is not what was promised; do not go on, and "
            "speak to each other over another path."
        )


def six_words(roster_hash: bytes, first_nonce: bytes, second_nonce: bytes) -> str:
    """Give the six words (60 bits) over a roster and both nonces: the committing side's first."""
    hashed = digest("backchannel/safety-words/1", roster_hash, first_nonce, second_nonce)
    number = int.from_bytes(hashed, "big") >> (8 * len(hashed) - SAFETY_WORDS * _BITS)
    words = word_list()
    return " ".join(
        words[(number >> shift) & ((1 << _BITS) - 1)]
        for shift in range((SAFETY_WORDS - 1) * _BITS, -1, -_BITS)
    )


def halves(words: str) -> tuple[str, str]:
    """Split six words: the committing side's desk shows the first three, the other's the last three.

    Neither desk shows what its own person must type, so nobody can confirm without having heard the other.
    """
    six = words.split()
    return " ".join(six[:3]), " ".join(six[3:])


def check_heard(expected: str, typed: str) -> None:
    """Accept the half that the other person read out, or raise: Refused for a slip, Violation for other words."""
    if parse_words(typed, len(expected.split())) != expected:
        raise Violation(
            "These are not the words this desk expects: either one was misheard, or somebody is between the two "
            "desks; read them out once more, and if they still differ do not go on."
        )
