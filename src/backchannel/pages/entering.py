"""How a browser comes in by an address that is good once (spec pages 2)."""

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from backchannel.languages import END, ISOLATE, on_terminal
from backchannel.pages.gate import COOKIE
from backchannel.pages.keys import ENTRY, Keys
from backchannel.said import said

USED: Final = said("This address was used already; ask for a new one with `backchannel desk open`.")
# For who comes by a link on another port of this machine: what a redirection leads to would count as asked for from there.
ONWARD: Final = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={0}"><title>Backchannel</title>'
    '<p><a href="{0}">Backchannel</a></p>'
)


def entry(keys: Keys, path: str) -> Route:
    """Make the way in to the pages that are at `path`."""

    async def enter(request: Request) -> Response:
        # an Arabic terminal keeps the address apart from its sentence by marks that are copied with it
        session = keys.enter(request.query_params.get("token", "").strip(ISOLATE + END))
        if session is None:
            return PlainTextResponse(f"{on_terminal(USED)}\n", 403)
        answer: Response = RedirectResponse(f"{path}/", status_code=303)
        if request.headers.get("sec-fetch-site") == "same-site":
            answer = HTMLResponse(ONWARD.format(escape(f"{path}/")))
        answer.set_cookie(COOKIE, session.id, path=path, httponly=True, samesite="strict")
        return answer

    return Route(ENTRY, enter, methods=["GET"])
