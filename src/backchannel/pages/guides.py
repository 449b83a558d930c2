"""Help: the guides of docs, as pages that a desk has with it in every language; made by tests/guide_pages.py."""

from functools import cache
from importlib.resources import files

from starlette.responses import Response

from backchannel.pages.page import Asking, Page, undone
from backchannel.said import said

FIRST = "guides"
_OURS = files("backchannel.pages").joinpath("guides")


@cache
def names(language: str) -> frozenset[str]:
    """Name the files that a desk has in a language: pages and pictures."""
    return frozenset(one.name for one in _OURS.joinpath(language).iterdir())


async def shelf(asking: Asking) -> Page | Response:
    return _page(FIRST, asking.words.language)


async def guide(asking: Asking) -> Page | Response:
    name, language = str(asking.request.path_params["guide"]), asking.words.language
    if f"{name}.html" not in names(language):
        return undone(said("There is no such guide."), 404)
    return _page(name, language)


async def picture(asking: Asking) -> Page | Response:
    """Give a picture of a screen in the reader's language."""
    name, language = str(asking.request.path_params["picture"]), asking.words.language
    if name not in names(language) or not name.endswith(".webp"):
        return undone(said("There is no such picture."), 404)
    return Response(_OURS.joinpath(language, name).read_bytes(), media_type="image/webp")


def _page(name: str, language: str) -> Page:
    text = _OURS.joinpath(language, f"{name}.html").read_text(encoding="utf-8")
    return Page("help", {"guide": name, "first": name == FIRST, "text": text})
