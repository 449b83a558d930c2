"""Identifiers and random tokens, each of its own type and fixed length in bytes."""

import secrets
from typing import NewType

DropId = NewType("DropId", bytes)  # 16, random, chosen by the desk that opens the drop
Capability = NewType("Capability", bytes)  # 32, random; the relay keeps only its SHA-256
Admission = NewType("Admission", bytes)  # 32, random, single use; issued by the relay's operator
AppendId = NewType("AppendId", bytes)  # 16, random; makes an append idempotent
Position = NewType("Position", int)  # of a cell in its drop, from 1; 0 is before the first

DROP_ID_BYTES = 16
CAPABILITY_BYTES = 32
ADMISSION_BYTES = 32
APPEND_ID_BYTES = 16


def new_drop_id() -> DropId:
    return DropId(secrets.token_bytes(DROP_ID_BYTES))


def new_capability() -> Capability:
    return Capability(secrets.token_bytes(CAPABILITY_BYTES))


def new_admission() -> Admission:
    return Admission(secrets.token_bytes(ADMISSION_BYTES))


def new_append_id() -> AppendId:
    return AppendId(secrets.token_bytes(APPEND_ID_BYTES))
