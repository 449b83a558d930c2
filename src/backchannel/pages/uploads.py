"""Files that come with a form, and files that a command writes: in memory here, and never on this machine's disk as they are."""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.responses import Response

from backchannel.errors import Refused
from backchannel.pages.forms import HIDDEN, Act, Form
from backchannel.said import said

MOST_BYTES: Final = 4 << 20  # of one file; commands have their own bounds below it

# What a form brings would otherwise be written to a temporary file as soon as it is longer than this.
MultiPartParser.spool_max_size = 1 << 30


async def filled(form: FormData) -> dict[str, str]:
    """Read a form: of a field that was filled in several times one value a line, of a file its name and, beside it, its bytes."""
    found: dict[str, str] = {}
    for key in form:
        words = [one for one in form.getlist(key) if isinstance(one, str)]
        files = [one for one in form.getlist(key) if isinstance(one, UploadFile) and one.filename]
        for place, one in enumerate(files):
            data = await _within(one, MOST_BYTES)
            found[f"{key}.{place}"] = base64.b64encode(data).decode("ascii")
        found[key] = "\n".join([*words, *(str(one.filename) for one in files)])
    return found


async def brought(form: FormData, field: str, most: int) -> bytes:
    """Give the bytes of one file of a form that is no act's, or raise Refused."""
    return (await several(form, field, most))[0][1]


async def several(form: FormData, field: str, most: int, *, needed: bool = True) -> list[tuple[str, bytes]]:
    """Give the name and the bytes of each file of a field; Refused if one is larger than `most`, or if one is needed."""
    files = [one for one in form.getlist(field) if isinstance(one, UploadFile) and one.filename]
    if needed and not files:
        raise Refused("Choose a file first.")
    return [(str(one.filename), await _within(one, most)) for one in files]


async def _within(one: UploadFile, most: int) -> bytes:
    data = await one.read(most + 1)
    await one.close()
    if len(data) > most:
        raise Refused(
            said("A file has more than {most} MiB; make it smaller or give it in parts.", most=most >> 20)
        )
    return data


def taken(form: Form, field: str) -> list[tuple[str, str]]:
    """Give the files of a field: the name of each, and its bytes in base64."""
    names = form.get(field, "").split("\n")
    return [(name, data) for place, name in enumerate(names) if (data := form.get(f"{field}.{place}"))]


def only(form: Form, field: str) -> bytes:
    """Give the bytes of the one file of a field, or raise Refused."""
    if not (files := taken(form, field)):
        raise Refused("Choose a file first.")
    return base64.b64decode(files[0][1])


def urlsafe(form: Form, field: str) -> str:
    """Give the one file of a field as commands on seals carry bytes."""
    return base64.urlsafe_b64encode(only(form, field)).decode("ascii").rstrip("=")


def shown_again(act: Act, form: Form) -> dict[str, str]:
    """Give a form that was refused, to be shown once more: without its secrets and without what it brought."""
    hidden = {"csrf", *(field.name for field in act.fields if field.kind in HIDDEN)}
    return {name: value for name, value in form.items() if name.partition(".")[0] not in hidden}


def saved(name: str, data: bytes) -> Response:
    """Give a file to be saved under a name in any script."""
    headers: Mapping[str, str] = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    }
    return Response(data, media_type="application/octet-stream", headers=dict(headers))
