"""What stands before every page: the right host, the right origin, a browser that was let in, and headers that keep the rest out.

Pure ASGI; nothing behind it is reached by a request that fails here (spec pages 2, 3).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from backchannel.languages import on_terminal
from backchannel.pages.keys import ENTRY, Keys
from backchannel.said import said

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "desk"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
POLICY_NAME = "content-security-policy"
HEADERS = (
    (POLICY_NAME, POLICY),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
)
CLOSED = said(
    "This page is of a desk that has not let this browser in. Run `backchannel desk open` and open the address it prints."
)
ELSEWHERE = said("This desk answers only its own pages, at the address that `backchannel desk open` prints.")
OWN = frozenset({"same-origin", "none"})
ENTERING = OWN | {"same-site"}  # a link on another port of this machine, with a token that is good once


class Gate:
    """Lets a request through to the pages only if it is theirs to answer."""

    def __init__(self, app: App, *, host: str, path: str, keys: Keys) -> None:
        """`host` is `127.0.0.1:PORT`, `path` the unguessable first part of every address."""
        self._app, self._host, self._path, self._keys = app, host, path, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                # spec 4: the page for the public brings its own policy, which is stricter
                own = {POLICY_NAME} & {name.decode("latin-1") for name, _ in given}
                ours = {name: value for name, value in HEADERS if name not in own}
                others = [pair for pair in given if pair[0].decode("latin-1") not in ours]
                message["headers"] = [
                    *others,
                    *((name.encode(), value.encode()) for name, value in ours.items()),
                ]
            await send(message)

        if self._foreign(scope, headers):
            await _refuse(guarded, 403, ELSEWHERE)
            return
        kept = cookies(headers.get("cookie", ""))
        session = self._keys.session(kept.get(COOKIE, ""))
        if session is None and not (scope["path"] == ENTRY and scope["method"] == "GET"):
            await _refuse(guarded, 403, CLOSED)
            return
        state = {**scope.get("state", {}), "session": session, "cookies": kept}
        await self._app({**scope, "root_path": self._path, "state": state}, receive, guarded)

    def _foreign(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Whether a request is for another host, comes from another origin or guesses the address."""
        writes = scope["method"] not in {"GET", "HEAD"}
        enters = scope["method"] == "GET" and scope["path"] == ENTRY
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        return (
            len(headers)
            < len(scope["headers"])  # one that stands twice says two things; no browser writes that
            or headers.get("host") != self._host
            or not (scope["path"] == ENTRY or scope["path"].startswith(f"{self._path}/"))
            or (origin is not None and origin != f"http://{self._host}")
            or (site is not None and site not in (ENTERING if enters else OWN))
            or (writes and origin is None and site != "same-origin")
        )


def cookies(header: str) -> dict[str, str]:
    """Read a browser's cookies as they came; of several of one name the first.

    Cookies do not know ports: another program on this machine can set some for every path of 127.0.0.1. A browser writes
    those after ours, whose path is longer (RFC 6265, 5.4), and whatever they hold spoils no other.
    """
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        found.setdefault(name, value)
    return found


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = f"{on_terminal(sentence)}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
