"""Time stamps: `openssl ts` answers our requests and accepts what we keep; what is not so is not believed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from backchannel.__main__ import main
from backchannel.crypto.seals import b64, unb64
from backchannel.crypto.stamp_trust import check_path, read_certificates
from backchannel.crypto.time_stamps import Request, read_token
from backchannel.daylight.faults import Fault, NotSealed
from backchannel.daylight.opening import disclosure_named, with_anchor, with_opened
from backchannel.daylight.sealed_file import encode_file, read_file
from backchannel.daylight.stamps import imprint, read_stamps, request, with_answer
from backchannel.daylight.verify import verify
from backchannel.errors import Exit, Violation
from backchannel.wire import der
from made_up_tsa import ORDER, Authority, _certificate, _key, response
from sealed_texts import anchors_of, frozen_text, sealed, sealing_keys


@pytest.mark.parametrize(
    ("with_rsa", "ess", "chain"), [(False, "sha256", True), (True, "sha1", False), (True, "sha512", True)]
)
def test_openssl_answers_our_request_and_accepts_the_stamp_that_is_kept(
    tmp_path: Path, with_rsa: bool, ess: str, chain: bool
) -> None:
    authority = Authority(tmp_path, with_rsa=with_rsa)
    file = read_file(sealed())
    asked = request(file)
    stamped = with_answer(file, asked, authority.answer(asked, ess=ess, chain=chain))
    (found,) = verify(encode_file(stamped), authorities=read_certificates(authority.root)).stamps
    assert (found.by, found.vouched) == ("Made-up Time Stamps", True)
    assert abs(found.at_ms - datetime.now(UTC).timestamp() * 1000) < 120_000
    authority.accepts(asked, unb64(stamped.stamps[0]))


def test_a_stamp_is_asked_for_taken_and_checked_with_commands_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path / "authority")
    text, asked, answer, kept = (str(tmp_path / name) for name in ("text", "asked.tsq", "answer.tsr", "kept"))
    Path(text).write_bytes(sealed(anchored=False))
    assert main(["stamp", "request", text, "--to", asked]) == Exit.OK
    assert "No side's anchor is in this file" in capsys.readouterr().out
    Path(answer).write_bytes(authority.answer(Path(asked).read_bytes()))
    taking = ["stamp", "add", text, "--request", asked, "--response", answer, "--to", kept]
    assert main(taking) == Exit.OK
    assert main(taking) == Exit.REFUSED, "nothing is overwritten"
    assert main(["stamp", "request", text, "--to", asked]) == Exit.REFUSED
    capsys.readouterr()
    assert main(["verify", kept]) == Exit.OK
    said = capsys.readouterr().out
    assert "It is not checked against anybody you trust" in said
    assert "nothing here proves when it was sealed" in said
    root = str(tmp_path / "authority" / "root.pem")
    assert main(["verify", kept, "--tsa", root]) == Exit.OK
    said = capsys.readouterr().out
    assert "Stamped by “Made-up Time Stamps”" in said
    assert "nothing here proves" not in said
    assert main(["verify", kept, "--tsa", root, "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["stamps"][0]["vouched"] is True
    assert main(["verify", text, "--tsa", root]) == Exit.VIOLATION
    assert capsys.readouterr().out.startswith(
        "NOT ACCEPTED: The sides' signatures hold, but there is no time stamp"
    )
    assert main(["verify", kept, "--tsa", text]) == Exit.REFUSED


def test_nothing_but_a_whole_sealed_text_is_ever_put_into_a_request(tmp_path: Path) -> None:
    for name, data in (("talk", b"We could live with that."), ("altered", sealed().replace(b"A", b"B", 1))):
        (tmp_path / name).write_bytes(data)
        asked = tmp_path / f"{name}.tsq"
        assert main(["stamp", "request", str(tmp_path / name), "--to", str(asked)]) == Exit.VIOLATION
        assert not asked.exists()


def test_a_stamp_stays_good_when_a_term_is_opened_or_an_anchor_comes(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    keys = sealing_keys()
    frozen = frozen_text(keys)
    file = read_file(sealed(anchored=False))
    data = encode_file(
        with_answer(
            file, Request(imprint(file), 3).encoded, response(authority.token(imprint(file), nonce=3))
        )
    )
    data = with_anchor(
        with_opened(data, disclosure_named(frozen, "term-turkey")), anchors_of(frozen, keys)[0]
    )
    assert len(verify(data, authorities=read_certificates(authority.root)).stamps) == 1


def test_a_stamp_is_on_the_signatures_too(tmp_path: Path) -> None:
    """ECDSA has a second signature for each that holds as well; with it the sides' seals hold and the stamp does not."""
    authority = Authority(tmp_path)
    whole = sealed()
    value = json.loads(whole)
    value["stamps"] = [b64(authority.token(imprint(read_file(whole))))]
    raw = unb64(value["signatures"][0]["signature"])
    second = ORDER - int.from_bytes(raw[32:])
    decode_dss_signature(encode_dss_signature(int.from_bytes(raw[:32]), second))
    value["signatures"][0]["signature"] = b64(raw[:32] + second.to_bytes(32))
    with pytest.raises(NotSealed) as refused:
        verify(json.dumps(value).encode())
    assert refused.value.fault == Fault.STAMP_FOR_ANOTHER
    del value["stamps"]
    verify(json.dumps(value).encode())


VECTOR = json.loads(
    (Path(__file__).parent / "vectors/seals/holds-with-a-stamp-that-is-vouched-for.json").read_text("utf-8")
)
FILE = read_file(VECTOR["file"].encode())
TRUSTED = read_certificates(VECTOR["tsa"].encode())


@given(st.data())
def test_no_changed_byte_of_a_stamp_says_another_thing(data: st.DataObject) -> None:
    token = bytearray(unb64(FILE.stamps[0]))
    token[data.draw(st.integers(0, len(token) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = type(FILE)(FILE.payload, FILE.signatures, FILE.anchors, (b64(bytes(token)),))
    try:
        found = read_stamps(changed, TRUSTED)
    except NotSealed:
        return
    assert found == read_stamps(FILE, TRUSTED)


def test_whoever_has_a_certificate_for_stamps_cannot_make_another_authority(tmp_path: Path) -> None:
    """A trusted authority's certificate, and one for code, each sign a certificate of their own: neither may vouch."""
    years, root_key = (-1, 100), _key(with_rsa=False)
    root = _certificate("Root", root_key, "Root", root_key, years, authority=True)
    middle_key = _key(with_rsa=False)
    for may in (True, False):
        middle = _certificate("Middle", middle_key, "Root", root_key, years, authority=may, stamps=True)
        own = Authority(tmp_path / str(may))
        leaf = _certificate("False Stamps", own._key, "Middle", middle_key, years, stamps=True)
        own.leaf = leaf.public_bytes(Encoding.DER)
        token = read_token(own.token(bytes(32), extra=(middle.public_bytes(Encoding.DER),)))
        if may:
            check_path(token, [root])
        else:
            with pytest.raises(Violation):
                check_path(token, [root])


def test_a_certificate_of_the_authority_itself_may_be_trusted(tmp_path: Path) -> None:
    own, other = Authority(tmp_path / "own"), Authority(tmp_path / "other")
    check_path(read_token(own.token(bytes(32))), [x509.load_der_x509_certificate(own.leaf)])
    with pytest.raises(Violation):
        check_path(read_token(own.token(bytes(32))), [x509.load_der_x509_certificate(other.leaf)])


def whole(data: bytes) -> object:
    read = der.read(data)
    return read.number if read.tag == der.INTEGER else read.oid if read.tag == der.OID else read.parts


@pytest.mark.parametrize("oid", ["1.2.3", "2.16.840.1.101.3.4.2.1", "0.9.2342", "2.999.1"])
def test_an_object_identifier_and_an_integer_are_read_as_written(oid: str) -> None:
    assert der.read(der.write_oid(oid)).oid == oid
    for value in (0, 127, 128, 255, 256, -1, -128, -129, (1 << 64) - 1):
        assert der.read(der.write_integer(value)).number == value


@pytest.mark.parametrize(
    "data",
    ["", "30", "3080", "308101", "30820001", "3f0100", "300102", "0200", "02020001", "0202ff80", "0680"],
)
def test_what_has_another_form_in_der_is_refused(data: str) -> None:
    with pytest.raises(Violation):
        whole(bytes.fromhex(data))


def test_a_stamp_from_before_1970_is_read(tmp_path: Path) -> None:
    found = read_token(Authority(tmp_path).token(bytes(32), "19621120230000.25Z"))
    assert (
        found.at_ms
        == int(
            (datetime(1962, 11, 20, 23, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
            / timedelta(milliseconds=1)
        )
        + 250
    )
