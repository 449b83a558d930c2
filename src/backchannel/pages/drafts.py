"""Forms that are being filled in: kept in the vault as they are typed, pinned to whom they were written for (spec pages 5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backchannel.desk.desk import Desk
from backchannel.desk.room_store import noted_forms
from backchannel.errors import Refused
from backchannel.pages.forms import Act, blank
from backchannel.said import said

MOST_BYTES: Final = 2 << 20
FORM: Final = "form/"  # before the name of its setting in the vault


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form as it was last typed; `readers` names the audience it was typed for, empty where there is none.

    `sent` names the very sheet whose act was begun and of which nobody has heard the end.
    """

    form: Mapping[str, str]
    readers: str
    sent: str = ""


def keep(desk: Desk, act: str, room: str, draft: FormDraft) -> None:
    """Keep a form durably; Refused if it is over the bound, and nothing is lost of the last.

    What is still typed in a tab for a room that was forgotten meanwhile is not kept either.
    """
    value = {"form": dict(draft.form), "readers": draft.readers, "sent": draft.sent}
    data = json.dumps(value, ensure_ascii=False).encode()
    if len(data) > MOST_BYTES:
        raise Refused(
            said("A form holds at most {most} MiB of writing; take some of it out.", most=MOST_BYTES >> 20)
        )
    if not room or any(one.id.hex() == room for one in desk.vault.rooms()):
        desk.vault.set_setting(_name(act, room), data)


def kept(desk: Desk, act: str, room: str) -> FormDraft | None:
    data = desk.vault.setting(_name(act, room))
    return FormDraft(**json.loads(data)) if data else None


def begun(desk: Desk, acts: Mapping[str, Act]) -> dict[str, list[str]]:
    """Give for each room, and for none, the forms in which something is typed and not sent, by the names of their acts."""
    found: dict[str, list[str]] = {}
    for name, data in desk.vault.settings(FORM):
        _, act, room = name.split("/")
        form = json.loads(data)["form"]
        if act in acts and any(
            value.strip() and value != blank(acts[act]).get(key) for key, value in form.items()
        ):
            found.setdefault(room, []).append(act)
    return found


def drop(desk: Desk, act: str, room: str) -> None:
    desk.vault.drop_setting(_name(act, room))


def was_done(desk: Desk, sheet: str) -> bool:
    """Tell whether what a sheet asked for is in the record of a room: the two are saved together."""
    return any(sheet in noted_forms(room.db) for room in desk.rooms())


def _name(act: str, room: str) -> str:
    return f"{FORM}{act}/{room}"
