"""JSON with one form for each value, and a reader that any bytes are safe to give (docs/spec/seal.md 1)."""

import json
import re
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from backchannel.errors import Violation

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

MAX_INTEGER = 2**53 - 1  # RFC 8785, by way of RFC 7493: what every reader of JSON holds exactly
MAX_LEVELS = 32

# Possessive, and satisfied by the end of the data too: no bytes make it look at anything twice.
_STRING = re.compile(rb'"(?:[^"\\]+|\\.|\\\Z)*+(?:"|\Z)', re.DOTALL)
_NOT_BRACKET = re.compile(rb"[^][{}]+")
_DEEPER = frozenset(b"[{")


class TooDeep(Violation):
    """JSON with more levels than anything here has."""


class MemberTwice(Violation):
    """JSON in which an object gives one member twice, so that two readers may read two things."""


class NotCanonical(Violation):
    """JSON in another form than the one its value has."""


def write(value: Json) -> bytes:
    """Give the one form of a value; Violation if it has none (fractions, huge integers, lone surrogates)."""
    try:
        _check_numbers(value)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        raise Violation("This value has no canonical JSON.") from error


def read(data: bytes) -> Json:
    """Read JSON of any form, strictly, or raise Violation."""
    _check_levels(data)
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Violation("These bytes are not JSON.") from error
    return value


def read_decimals(data: bytes, number: Callable[[str], object]) -> object:
    """Read JSON of any form whose numbers may be fractions, each made by `number` from how it is written; or raise Violation."""
    _check_levels(data)
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=number,
            parse_int=number,
            parse_constant=_no_fraction,
        )
    except (ValueError, RecursionError) as error:
        raise Violation("These bytes are not JSON.") from error
    return value


def read_canonical(data: bytes) -> Json:
    """Read JSON that is in its one form, or raise Violation."""
    value = read(data)
    # spec 1: whoever wrote it differently could have made two readers read two things
    if write(value) != data:
        raise NotCanonical("This JSON is not in the one form that its value has.")
    return value


def _check_numbers(value: Json) -> None:
    if isinstance(value, dict):
        for part in value.values():
            _check_numbers(part)
    elif isinstance(value, list):
        for part in value:
            _check_numbers(part)
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise Violation("An integer is beyond what JSON holds exactly.")


def _check_levels(data: bytes) -> None:
    """Count brackets outside strings, so that the parser below is never led deeper."""
    level = 0
    for bracket in _NOT_BRACKET.sub(b"", _STRING.sub(b"", data)):
        level += 1 if bracket in _DEEPER else -1
        if level > MAX_LEVELS:
            raise TooDeep("This JSON is nested too deeply.")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MemberTwice("An object in this JSON gives a member twice.")
    return found


def _no_fraction(_: str) -> NoReturn:
    raise Violation("A number in this JSON is not an integer.")
