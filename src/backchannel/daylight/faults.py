"""What can be wrong with a sealed file, each by its own name (docs/spec/seal.md 9)."""

from enum import StrEnum

from backchannel.errors import Violation


class Fault(StrEnum):
    """Names that the vectors and `--json` use."""

    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    NOT_JSON = "not-json"
    MEMBER_TWICE = "member-twice"
    WRONG_SHAPE = "wrong-shape"
    WRONG_ENCODING = "wrong-encoding"
    NOT_CANONICAL = "not-canonical"
    WRONG_PAYLOAD = "wrong-payload"
    NEWER_VERSION = "newer-version"
    UNSAFE_CHARACTERS = "unsafe-characters"
    DIGEST_MISSING = "digest-missing"
    DIGEST_TWICE = "digest-twice"
    DIGESTS_REORDERED = "digests-reordered"
    WRONG_KEY = "wrong-key"
    WRONG_HEADER = "wrong-header"
    SIGNATURE_MISSING = "signature-missing"
    SIGNER_NOT_LISTED = "signer-not-listed"
    SIGNATURE_TWICE = "signature-twice"
    SIGNATURES_REORDERED = "signatures-reordered"
    SIGNATURE_WRONG = "signature-wrong"
    WRONG_DISCLOSURE = "wrong-disclosure"
    NOT_AMONG_DIGESTS = "not-among-digests"
    OPENED_TWICE = "opened-twice"
    WRONG_ANCHOR = "wrong-anchor"
    ANCHOR_FOR_ANOTHER = "anchor-for-another"
    ANCHOR_TWICE = "anchor-twice"
    NOT_THE_ANCHOR = "not-the-anchor"
    WRONG_STAMP = "wrong-stamp"
    STAMP_FOR_ANOTHER = "stamp-for-another"
    STAMP_ALTERED = "stamp-altered"
    STAMP_BY_NO_AUTHORITY = "stamp-by-no-authority"
    STAMP_EXPIRED = "stamp-expired"
    STAMP_NOT_TRUSTED = "stamp-not-trusted"
    STAMP_TWICE = "stamp-twice"
    STAMP_REFUSED = "stamp-refused"
    STAMP_REPLAYED = "stamp-replayed"
    PAGE_ALTERED = "page-altered"


STAMPS = frozenset(fault for fault in Fault if "stamp" in fault.value)


class NotSealed(Violation):
    """A file that is not a sealed text, with the name of what is wrong."""

    def __init__(self, fault: Fault, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = fault
