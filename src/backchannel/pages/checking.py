"""A sealed text or public page that somebody was given, checked as `backchannel verify` does; needs no unlocked desk."""

import asyncio
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from backchannel.crypto.stamp_trust import read_certificates
from backchannel.daylight.anchors import typed_anchors
from backchannel.daylight.checking import Looked, lines, looked_at, told
from backchannel.daylight.public_page import is_page, read_page, write_page
from backchannel.daylight.verify import Checked
from backchannel.daylight.verify_command import MOST_BYTES
from backchannel.errors import BackchannelError
from backchannel.pages import uploads
from backchannel.pages.page import Asking, Page

PAGE_NAME = "public-page.html"
File = tuple[str, bytes]


async def check(_asking: Asking) -> Page | Response:
    """Ask for the files, and for the keys of sides as they are known from elsewhere."""
    return _page([], "", "")


async def checked(asking: Asking) -> Page | Response:
    """Say what each of the files shows, or put what is sealed in them into one page for the public."""
    form = await asking.request.form()
    anchors = str(form.get("anchors", ""))
    try:
        files = await uploads.several(form, "files", MOST_BYTES)
        if form.get("do") == "page":
            page = await asyncio.to_thread(_public, files, asking.words.languages)
            return uploads.saved(PAGE_NAME, page)
        found = await asyncio.to_thread(_looked, files, anchors, await _certificates(form))
    except BackchannelError as error:
        return _page([], anchors, str(error))
    return _page(found, anchors, "")


async def _certificates(form: FormData) -> list[bytes]:
    return [data for _, data in await uploads.several(form, "tsa", MOST_BYTES, needed=False)]


def _looked(files: list[File], anchors: str, certificates: list[bytes]) -> list[Looked]:
    typed = typed_anchors([line.strip() for line in anchors.splitlines() if line.strip()])
    known = tuple(one for data in certificates for one in read_certificates(data)) or None
    return [one for name, data in files for one in looked_at(data, name, typed, known)]


def _public(files: list[File], spoken: list[str]) -> bytes:
    sealed = [one for _, data in files for one in (read_page(data).files if is_page(data) else (data,))]
    return write_page(sealed, spoken)


def _page(found: list[Looked], anchors: str, error: str) -> Page:
    every: list[dict[str, Any]] = [
        {
            "name": one.name,
            "holds": isinstance(one.found, Checked),
            "lines": [*lines(one, found)],
            "shows": told(one),
        }
        for one in found
    ]
    return Page("check", {"found": every, "anchors": anchors, "error": error}, 422 if error else 200)
