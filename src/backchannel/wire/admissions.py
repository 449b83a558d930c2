"""How an admission is written for people: base32 in lower case, in groups of four joined by hyphens."""

import base64
import binascii

from backchannel.errors import Refused
from backchannel.wire.ids import ADMISSION_BYTES, Admission

_GROUP = 4


def admission_text(admission: Admission) -> str:
    letters = base64.b32encode(admission).decode().rstrip("=").lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def read_admission(text: str) -> Admission:
    """Read an admission as a person gives it: any case, with or without hyphens and spaces."""
    letters = "".join(text.split()).replace("-", "").upper()
    try:
        admission = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise Refused(
            "This is not an admission token: copy the whole line that the relay's operator gave you."
        ) from error
    if (
        len(admission) != ADMISSION_BYTES
        or admission_text(Admission(admission)).replace("-", "").upper() != letters
    ):
        raise Refused(
            "This admission token is incomplete: copy the whole line that the relay's operator gave you."
        )
    return Admission(admission)
