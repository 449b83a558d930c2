"""The pages as one ASGI application: a table of routes behind the gate."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backchannel.errors import BackchannelError, Blocked
from backchannel.languages import LANGUAGES
from backchannel.pages import checking, corner, daylight, doing, guides, live, settings, sheets, table, views
from backchannel.pages.answers import Answers, sent_on
from backchannel.pages.entering import entry
from backchannel.pages.gate import Gate
from backchannel.pages.house import House
from backchannel.pages.keys import Keys
from backchannel.pages.page import LANGUAGE_COOKIE, Asking, Page, undone
from backchannel.pages.rows import ACTS
from backchannel.said import said

ANSWERS = "/answers/{answer}"
View = Callable[[Asking], Awaitable[Page | Response]]
NOT_OURS = said("This form is not one that this desk showed; load the page again.")
STATIC = {
    "icon.svg": "image/svg+xml",
    "icons.svg": "image/svg+xml",
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "hx-sse.min.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One route: its address after the desk's own first part, its method, and whether it changes anything."""

    path: str
    view: View
    writes: bool = False
    audience: bool = False  # whether what it does reaches others, so that its form names them


async def _language(asking: Asking) -> Response:
    form = await asking.request.form()
    chosen, answer = str(form.get("language", "")), asking.go(str(form.get("back", "/")))
    return asking.keep(LANGUAGE_COOKIE, chosen, answer) if chosen in LANGUAGES else answer


async def _static(asking: Asking) -> Response:
    name = asking.request.path_params["file"]
    if name not in STATIC:
        return asking.answer(undone(said("There is no such file."), 404))
    data = files("backchannel.pages").joinpath("static", name).read_bytes()
    return Response(data, media_type=STATIC[name])


WAYS = (
    Way("/", views.front),
    Way("/new", views.make, writes=True),
    Way("/restore", views.restored, writes=True),
    Way("/unlock", views.unlock, writes=True),
    Way("/lock", views.lock, writes=True),
    Way("/language", _language, writes=True),
    Way("/relay", views.relay, writes=True),
    Way("/rooms/{room}", views.room),
    Way("/rooms/{room}/people", views.people),
    Way("/rooms/{room}/items/{item}", views.item),
    *(Way(f"/rooms/{{room}}/{name}", table.page(name)) for name in table.LOOKS),
    Way("/rooms/{room}/compare", table.compare),
    Way("/rooms/{room}/compare", table.compared, writes=True),
    Way("/rooms/{room}/public/{proposal}", daylight.public),
    Way("/rooms/{room}/files/{item}", doing.files),
    Way("/rooms/{room}/print", sheets.sheet),
    Way("/rooms/{room}/forge", sheets.forge),
    Way("/rooms/{room}/forge", sheets.forged, writes=True),
    Way("/notebook", corner.notebook),
    Way("/notebook", corner.noted, writes=True),
    Way("/search", corner.search),
    Way("/search", corner.searched, writes=True),
    Way("/check", checking.check),
    Way("/check", checking.checked, writes=True),
    Way("/help", guides.shelf),
    Way("/help/{guide}", guides.guide),
    Way("/help/pictures/{picture}", guides.picture),
    Way("/settings", settings.settings),
    *(
        Way(f"/settings/{view.__name__.replace('_', '-')}", view, writes=True)
        for view in (
            settings.proxy,
            settings.passphrase,
            settings.lock_after,
            settings.stay,
            settings.cover,
            settings.notify,
            settings.move,
            settings.wipe,
        )
    ),
    Way("/act/{act}", doing.act),
    Way("/act/{act}", doing.done, writes=True, audience=True),
    Way("/draft/{act}", doing.keep, writes=True),
    Way("/news", live.news),
    Way("/static/{file}", _static),
)


def application(house: House, keys: Keys, *, host: str, path: str) -> Gate:
    """Make the pages of one desk, answering at `http://HOST/PATH/` alone."""
    answers = Answers()
    house.locked = answers.clear

    def route(way: Way) -> Route:
        async def serve(request: Request) -> Response:
            asking = Asking(house, request, house.position(request.path_params.get("room", "")))
            if request.path_params.get("act", next(iter(ACTS))) not in ACTS:
                return asking.answer(undone(said("There is no such act."), 404))
            if way.writes and not await _ours(asking):
                return asking.answer(undone(NOT_OURS, 403))
            page = await _shown(asking, way)
            if not isinstance(page, Page):
                return page
            return (
                asking.go(answers.keep(page)) if way.writes and sent_on(asking, page) else asking.answer(page)
            )

        return Route(way.path, serve, methods=["POST"] if way.writes else ["GET"])

    async def nowhere(request: Request, _: Exception) -> Response:
        return Asking(house, request, house.position("")).answer(undone(said("There is no such page."), 404))

    routes = [entry(keys, path), *map(route, (*WAYS, Way(ANSWERS, answers.show)))]
    return Gate(
        Starlette(routes=routes, exception_handlers={404: nowhere, 405: nowhere}),
        host=host,
        path=path,
        keys=keys,
    )


async def _ours(asking: Asking) -> bool:
    form = await asking.request.form(max_part_size=doing.MAX_FORM_BYTES)
    return asking.session.wrote(str(form.get("csrf", "")))


async def _shown(asking: Asking, way: Way) -> Page | Response:
    try:
        return await way.view(asking)
    except BackchannelError as error:
        if isinstance(error, Blocked) and not asking.house.unlocked:
            return asking.go("/") if way.writes else Page("locked", {"error": ""})
        return undone(str(error), 422)
