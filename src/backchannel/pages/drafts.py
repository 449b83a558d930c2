"""Forms that are being filled in: kept in the vault as they are typed, pinned to whom they were written for (spec pages 5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.desk.desk import Desk

MAX_DRAFT_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form as it was last typed; `readers` names the audience it was typed for, empty where there is none."""

    form: Mapping[str, str]
    readers: str


def keep(desk: Desk, act: str, room: str, draft: FormDraft) -> None:
    """Keep a form durably; one that is over the bound is not kept and nothing is lost of the last.

    What is still typed in a tab for a room that was forgotten meanwhile is not kept either.
    """
    data = json.dumps({"form": dict(draft.form), "readers": draft.readers}).encode()
    known = not room or any(one.id.hex() == room for one in desk.vault.rooms())
    if known and len(data) <= MAX_DRAFT_BYTES:
        desk.vault.set_setting(_name(act, room), data)


def kept(desk: Desk, act: str, room: str) -> FormDraft | None:
    data = desk.vault.setting(_name(act, room))
    return FormDraft(**json.loads(data)) if data else None


def drop(desk: Desk, act: str, room: str) -> None:
    if desk.vault.setting(_name(act, room)):
        desk.vault.set_setting(_name(act, room), b"")


def _name(act: str, room: str) -> str:
    return f"form/{act}/{room}"
