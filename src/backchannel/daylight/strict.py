"""Strict reading of what a sealed file holds: every refusal is a named fault."""

import re
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from backchannel.crypto.seals import unb64
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.canonical_json import Json, MemberTwice, NotCanonical, TooDeep, read, read_canonical

MAX_NAME = 100  # characters
MAX_TITLE = 200
MAX_WORDS = 20_000  # of one clause or term
_LONGEST_DETAIL = 160

# What moves, hides or reorders what is seen around it; the joiners and marks that scripts need stay allowed.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

S = TypeVar("S", bound=msgspec.Struct)


def parsed(data: bytes) -> Json:
    """Read JSON of any form."""
    try:
        return read(data)
    except TooDeep as error:
        raise NotSealed(
            Fault.TOO_DEEP, said("This file is nested more deeply than any sealed text; it was not read.")
        ) from error
    except MemberTwice as error:
        raise NotSealed(
            Fault.MEMBER_TWICE,
            said(
                "This file says one thing twice, so that two readers could read two texts; do not trust it."
            ),
        ) from error
    except Violation as error:
        raise NotSealed(
            Fault.NOT_JSON, said("This is not a sealed text: it is not JSON; ask for the file again.")
        ) from error


def parsed_canonical(encoded: str, what: str) -> Json:
    """Read base64url of canonical JSON."""
    data = decoded(encoded, what)
    try:
        return read_canonical(data)
    except NotCanonical as error:
        raise NotSealed(
            Fault.NOT_CANONICAL,
            said(
                "{what} is not written in the one form that it must have; it was made by other software or altered.",
                what=what,
            ),
        ) from error
    except Violation:
        return parsed(data)  # raises the same again with its name


def decoded(encoded: str, what: str) -> bytes:
    try:
        return unb64(encoded)
    except Violation as error:
        raise NotSealed(
            Fault.WRONG_ENCODING,
            said(
                "{what} is not in the one spelling of base64url; the file was damaged on its way or altered.",
                what=what,
            ),
        ) from error


def shaped(value: Json, kind: type[S], fault: Fault, what: str) -> S:
    """Give a value the shape it must have; nothing may be missing, more, or of another type."""
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        detail = str(error).encode("unicode_escape").decode("ascii")[:_LONGEST_DETAIL]
        raise NotSealed(
            fault,
            said("{what} does not have the shape of a sealed text: {detail}.", what=what, detail=detail),
        ) from error


def check_words(text: str, what: str, longest: int, *, one_line: bool) -> None:
    """Refuse words that are absent, too long, or that show otherwise than they read."""
    if not 0 < len(text) <= longest:
        raise NotSealed(
            Fault.WRONG_PAYLOAD,
            said("{what} has no words or more than {longest} characters.", what=what, longest=longest),
        )
    if _UNSAFE.search(text) or (one_line and ("\n" in text or text != text.strip())):
        raise NotSealed(
            Fault.UNSAFE_CHARACTERS,
            said(
                "{what} has characters that hide or turn round what is seen; retype it without them.",
                what=what,
            ),
        )


def moment(date: str) -> int:
    """Read a date of a sealed text; gives milliseconds since 1970, negative before."""
    if _DATE.fullmatch(date):
        try:
            read_back = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            return int((read_back - _EPOCH).total_seconds()) * 1000
    raise NotSealed(
        Fault.WRONG_PAYLOAD, said("The date of this text is not a date such as 1962-11-20T23:00:00Z.")
    )


def date_of(moment_ms: int) -> str:
    """Write a moment as a sealed text states it, to the second before; Refused beyond the years 1 to 9999."""
    try:
        return f"{(_EPOCH + timedelta(seconds=moment_ms // 1000)).replace(tzinfo=None).isoformat()}Z"
    except OverflowError as error:
        raise Refused("A sealed text is dated between the years 1 and 9999; give another date.") from error
