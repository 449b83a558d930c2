"""The one encoding of a record: the vectors of docs/spec/encoding.md, and any bytes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Violation
from backchannel.wire.codec import Record, decode, encode

PAGE = (Path(__file__).parent.parent / "docs" / "spec" / "encoding.md").read_text("utf-8")


class Sample(Record, frozen=True):
    number: int
    id: bytes
    name: str
    more: tuple[int, ...]
    note: str | None


VALUES = [Sample(1, b"\x00\xff", "a", (), None), Sample(128, b"", "é", (-1, 65536), "")]
ENCODINGS = re.findall(r"^\| .* \| `([0-9a-f ]+)` \|$", PAGE, re.MULTILINE)
REFUSED = re.findall(r"`([0-9a-f ]+)`\s\(", PAGE[PAGE.index("Refused:") :])


@pytest.mark.parametrize(("value", "encoding"), list(zip(VALUES, ENCODINGS, strict=True)))
def test_a_vector_of_the_specification_is_the_one_encoding(value: Sample, encoding: str) -> None:
    assert encode(value).hex(" ") == encoding
    assert decode(bytes.fromhex(encoding), Sample) == value


def test_the_specification_names_six_refusals() -> None:
    assert len(REFUSED) == 6


@pytest.mark.parametrize("encoding", REFUSED)
def test_another_form_of_a_record_is_a_violation(encoding: str) -> None:
    with pytest.raises(Violation):
        decode(bytes.fromhex(encoding), Sample)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_record_in_its_one_encoding_or_a_violation(data: bytes) -> None:
    try:
        record = decode(data, Sample)
    except Violation:
        return
    assert encode(record) == data


@given(
    st.builds(
        Sample,
        st.integers(-(2**63), 2**64 - 1),
        st.binary(),
        st.text(),
        st.lists(st.integers(-(2**63), 2**64 - 1)).map(tuple),
        st.none() | st.text(),
    )
)
def test_a_record_reads_as_it_was_written(record: Sample) -> None:
    assert decode(encode(record), Sample) == record


def test_a_text_with_half_a_surrogate_has_no_encoding() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode(Sample(1, b"", "\ud800", (), None))


def test_arrays_nested_past_all_measure_are_a_violation() -> None:
    with pytest.raises(Violation):
        decode(b"\x91" * 100_000, Sample)
