"""Sealed files: every vector has its outcome, and nothing changed or hostile passes."""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.seals import b64, typed_fingerprint, unb64
from backchannel.crypto.stamp_trust import read_certificates
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.opening import disclosure_named, with_anchor, with_opened
from backchannel.daylight.sealed_file import MAX_FILE_BYTES, encode_file, read_file
from backchannel.daylight.stamps import with_answer
from backchannel.daylight.strict import date_of
from backchannel.daylight.verify import Checked, Ownership, verify
from backchannel.daylight.wording import sentences
from backchannel.errors import Refused
from sealed_texts import DRAFT, anchors_of, frozen_text, sealed, sealing_keys

FOLDER = Path(__file__).parent / "vectors" / "seals"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> tuple[dict[str, Any], bytes]:
    vector = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    data = vector["file"].encode("utf-8", "surrogateescape")
    return vector, data + vector.get("repeated", "").encode() * vector.get("times", 0)


def outcome(name: str) -> Checked | NotSealed:
    vector, data = load(name)
    try:
        if "request" in vector:
            asked, answer = (unb64(vector[part]) for part in ("request", "response"))
            data = encode_file(with_answer(read_file(data), asked, answer))
        trusted = read_certificates(vector["tsa"].encode()) if "tsa" in vector else None
        return verify(data, {side: typed_fingerprint(raw) for side, raw in vector["typed"].items()}, trusted)
    except NotSealed as error:
        return error


@pytest.mark.parametrize("name", NAMES)
def test_seal_vector(name: str) -> None:
    vector, _ = load(name)
    found = outcome(name)
    if vector["fault"] is not None:
        assert isinstance(found, NotSealed)
        assert found.fault == vector["fault"]
        return
    assert isinstance(found, Checked)
    stated = {
        "ownership": [one.ownership for one in found.sealers],
        "clauses": list(found.clauses),
        "closed_at_most": found.closed_at_most,
        "opened": sorted(found.opened),
        "refers_to": [one.text for one in found.payload.refers_to],
        "dated": found.payload.dated,
        "stamps": [{"by": one.by, "at": date_of(one.at_ms), "vouched": one.vouched} for one in found.stamps],
    }
    assert {key: stated[key] for key in stated.keys() & vector.keys()} == {
        key: vector[key] for key in stated.keys() & vector.keys()
    }


def test_there_is_a_vector_for_every_fault() -> None:
    assert {load(name)[0]["fault"] for name in NAMES} == {*Fault, None} - {
        Fault.PAGE_ALTERED
    }  # of pages, which have no vectors


def test_each_fault_has_sentences_that_no_other_fault_has() -> None:
    said: dict[str, set[Fault]] = defaultdict(set)
    for name in NAMES:
        found = outcome(name)
        if isinstance(found, NotSealed):
            said[str(found)].add(found.fault)
            assert str(found).isprintable()
            assert str(found).endswith((".", "?"))
    assert [sentence for sentence, faults in said.items() if len(faults) > 1] == []


@given(st.data())
def test_no_changed_byte_of_a_file_goes_unnoticed(data: st.DataObject) -> None:
    """Whatever is changed, the file says the same as before or does not verify."""
    whole = bytearray(sealed("term-turkey"))
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    before = verify(bytes(whole))
    whole[place] ^= 1 << bit
    try:
        after = verify(bytes(whole))
    except NotSealed:
        return
    assert after == before


@given(
    st.binary(max_size=400)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "payload",
                        "signatures",
                        "protected",
                        "signature",
                        "header",
                        "disclosures",
                        "anchors",
                        "x",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_sealed_text_or_a_named_fault(data: bytes) -> None:
    with pytest.raises(NotSealed):
        verify(data)


def test_a_file_in_another_json_form_says_the_same() -> None:
    assert verify(json.dumps(json.loads(sealed()), indent=2).encode()) == verify(sealed())


def test_a_closed_term_is_opened_years_later_and_proved() -> None:
    keys = sealing_keys()
    frozen = frozen_text(keys)
    data = sealed(anchored=False)
    assert DRAFT.terms["turkey"] not in data.decode()
    assert verify(data).opened == {}
    opened = with_opened(data, disclosure_named(frozen, "term-turkey"))
    assert verify(opened).opened == {"term-turkey": DRAFT.terms["turkey"]}
    assert verify(opened).text == verify(data).text
    with pytest.raises(Refused):
        disclosure_named(frozen, "term-nothing")


def test_a_term_that_was_never_sealed_cannot_be_opened() -> None:
    other = frozen_text(sealing_keys(3))
    with pytest.raises(NotSealed):
        with_opened(sealed(), b64(unb64(disclosure_named(other, "term-turkey"))[:-4] + b'."]x'[:4]))


def test_anchors_are_added_to_a_file_one_by_one() -> None:
    keys = sealing_keys()
    data = sealed(anchored=False)
    for done, anchor in enumerate(anchors_of(frozen_text(keys), keys), 1):
        data = with_anchor(data, anchor)
        assert [one.ownership for one in verify(data).sealers].count(Ownership.CLAIMED) == done


def test_a_fingerprint_for_a_side_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused):
        verify(sealed(), {"France": bytes(32)})


def test_the_number_of_closed_terms_shows_nowhere_in_the_file() -> None:
    without = replace(DRAFT, terms={}, understandings={})
    many = replace(DRAFT, terms={f"t{n}": "x" for n in range(30)}, understandings={})
    assert len({len(sealed(draft=draft, anchored=False)) for draft in (DRAFT, without, many)}) == 1
    assert len({verify(sealed(draft=draft)).closed_at_most for draft in (DRAFT, without, many)}) == 1


def test_words_of_others_never_stand_at_the_start_of_a_line() -> None:
    trick = replace_clause("First.\nSEALED by everyone: every side's signature holds.")
    lines = list(sentences(verify(sealed(draft=trick)), {}))
    assert sum(line.startswith("SEALED by") for line in lines) == 0
    assert any(line.endswith("SEALED by everyone: every side's signature holds.") for line in lines)


def replace_clause(words: str) -> Any:
    return replace(DRAFT, clauses=(words,))


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"[],", b'{"a":', b"\\", b"1"])
def test_a_hostile_file_of_the_largest_size_is_refused_soon(piece: bytes) -> None:
    data = (b"[" + piece * MAX_FILE_BYTES)[:MAX_FILE_BYTES]
    plain = b"[" + b"[]," * (MAX_FILE_BYTES // 3 - 1) + b"[]]"
    began = process_time()
    json.loads(plain)
    parsing = process_time() - began
    began = process_time()
    with pytest.raises(NotSealed):
        verify(data)
    assert process_time() - began < 8 * parsing
