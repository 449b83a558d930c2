"""Help: the guides of docs, as pages that a desk has with it; made by tests/guide_pages.py."""

from functools import cache
from importlib.resources import files

from starlette.responses import PlainTextResponse, Response

from backchannel.pages.page import Asking, Page

FIRST = "guides"
_OURS = files("backchannel.pages").joinpath("guides")


@cache
def names() -> frozenset[str]:
    return frozenset(one.name for one in _OURS.iterdir())


async def shelf(asking: Asking) -> Page | Response:  # noqa: ARG001
    return _page(FIRST)


async def guide(asking: Asking) -> Page | Response:
    name = str(asking.request.path_params["guide"])
    if f"{name}.html" not in names():
        return PlainTextResponse("There is no such guide.", 404)
    return _page(name)


async def picture(asking: Asking) -> Page | Response:
    name = str(asking.request.path_params["picture"])
    if name not in names() or not name.endswith(".webp"):
        return PlainTextResponse("There is no such picture.", 404)
    return Response(_OURS.joinpath(name).read_bytes(), media_type="image/webp")


def _page(name: str) -> Page:
    text = _OURS.joinpath(f"{name}.html").read_text(encoding="utf-8")
    return Page("help", {"guide": name, "first": name == FIRST, "text": text})
