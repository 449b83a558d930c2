"""Write those of tests/vectors/seals that have time stamps (run by hand): by made-up authorities, with other keys each time."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from backchannel.crypto.seals import b64
from backchannel.crypto.time_stamps import Request
from backchannel.daylight.faults import Fault
from backchannel.daylight.sealed_file import read_file
from backchannel.daylight.stamps import imprint
from made_up_tsa import Authority
from made_up_tsa import response as answer_with
from make_seal_vectors import file_with, save
from sealed_texts import sealed


def stamps(folder: Path) -> None:
    own = Authority(folder / "own")
    other = Authority(folder / "other", "Other Time Stamps")
    whole = sealed()
    on = imprint(read_file(whole))
    good = own.token(on)
    root = own.root.decode("ascii")

    def having(*tokens: bytes) -> bytes:
        return file_with(lambda file: file.update(stamps=[b64(one) for one in tokens]))

    later = own.token(on, "20300101000000Z", 2)
    both = having(*sorted((good, later), key=b64))
    one = {"by": "Made-up Time Stamps", "at": "2026-11-22T12:00:00Z", "vouched": False}
    save("holds-with-a-stamp-of-somebody", having(good), None, stamps=[one])
    vouched = {**one, "vouched": True}
    save("holds-with-a-stamp-that-is-vouched-for", having(good), None, tsa=root, stamps=[vouched])
    save(
        "holds-with-two-stamps",
        both,
        None,
        tsa=root,
        stamps=[vouched, {**vouched, "at": "2030-01-01T00:00:00Z"}],
    )

    def bad(name: str, fault: Fault, *tokens: bytes) -> None:
        save(name, having(*tokens), fault)

    bad("stamp-of-another-text", Fault.STAMP_FOR_ANOTHER, own.token(hashlib.sha256(b"another").digest()))
    inside = good.index(b"20261122120000Z")
    bad("stamp-with-its-moment-altered", Fault.STAMP_ALTERED, good[: inside + 3] + b"5" + good[inside + 4 :])
    bad("stamp-with-its-signature-altered", Fault.STAMP_ALTERED, good[:-1] + bytes((good[-1] ^ 1,)))
    bad("stamp-that-signs-other-words", Fault.STAMP_ALTERED, own.token(on, digest_of=b"other"))
    bad("stamp-that-signs-another-kind", Fault.STAMP_ALTERED, own.token(on, kind="1.2.840.113549.1.7.1"))
    bad("stamp-before-its-certificate", Fault.STAMP_EXPIRED, own.token(on, "19621120230000Z"))
    bad("stamp-after-its-certificate", Fault.STAMP_EXPIRED, own.token(on, "22621120230000Z"))
    no_stamper = Authority(folder / "code", "Signs Code", usage=False)
    bad("stamp-by-a-certificate-for-code", Fault.STAMP_BY_NO_AUTHORITY, no_stamper.token(on))
    save("stamp-by-another-authority", having(other.token(on)), Fault.STAMP_NOT_TRUSTED, tsa=root)
    save("stamp-asked-for-and-not-there", whole, Fault.STAMP_NOT_TRUSTED, tsa=root)
    bad("stamp-twice", Fault.STAMP_TWICE, good, good)
    bad("stamps-out-of-order", Fault.STAMP_TWICE, *sorted((good, later), key=b64, reverse=True))
    bad("stamps-too-many", Fault.WRONG_STAMP, *sorted((own.token(on, nonce=n) for n in range(9)), key=b64))
    bad("stamp-that-is-none", Fault.WRONG_STAMP, b"0\x03\x02\x01\x00")
    bad("stamp-cut-off", Fault.WRONG_STAMP, good[:-1])
    bad("stamp-without-its-certificate", Fault.WRONG_STAMP, own.token(on, names=other.leaf))
    bad("stamp-of-another-version", Fault.WRONG_STAMP, own.token(on, version=2))
    bad("stamp-on-30-february", Fault.WRONG_STAMP, own.token(on, "20260230120000Z"))
    turned = Authority(folder / "turned", "Time\u202estamps")
    bad("stamp-in-a-name-turned-round", Fault.UNSAFE_CHARACTERS, turned.token(on))

    def answered(name: str, fault: Fault | None, request: bytes, response: bytes) -> None:
        shown = {} if fault else {"stamps": [one]}
        save(name, whole, fault, None, request=b64(request), response=b64(response), **shown)

    asked = Request(on, 1).encoded
    answered("answer-that-is-taken", None, asked, answer_with(good))
    answered("answer-with-another-number", Fault.STAMP_REPLAYED, asked, answer_with(later))
    answered("answer-that-refuses", Fault.STAMP_REFUSED, asked, answer_with(b"", 2))
    answered("answer-that-is-none", Fault.WRONG_STAMP, asked, good)
    answered("answer-for-another-text", Fault.STAMP_FOR_ANOTHER, asked, answer_with(own.token(bytes(32))))
    answered(
        "request-for-another-text", Fault.STAMP_FOR_ANOTHER, Request(bytes(32), 1).encoded, answer_with(good)
    )
    answered("request-that-is-none", Fault.WRONG_STAMP, asked + b"0", answer_with(good))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        stamps(Path(folder))
