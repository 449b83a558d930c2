"""Who may see the pages: a launch token that is good once, and the session it is exchanged for (spec pages 2)."""

import asyncio
import hmac
import secrets
import socket
from dataclasses import dataclass, field

ADDRESS = "127.0.0.1"
ENTRY = "/enter"
TOKEN_BYTES = 16
MOST_SESSIONS = 16  # browsers of one person; the oldest goes


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that was let in; `csrf` is in every form it is shown and in nothing else."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    streams: list[asyncio.Event] = field(default_factory=list, repr=False)  # of news, each ended by its event

    def wrote(self, csrf: str) -> bool:
        """Tell whether a form is one that we showed to this browser."""
        return hmac.compare_digest(csrf.encode(), self.csrf.encode())


class Keys:
    """The launch tokens not used yet, and the sessions."""

    def __init__(self) -> None:
        self._launch: set[str] = set()
        self._sessions: dict[str, Session] = {}

    def launch(self, token: str = "") -> str:
        """Make a token that lets one browser in, once, or take one that somebody made for us."""
        token = token or secrets.token_urlsafe(TOKEN_BYTES)
        self._launch.add(token)
        return token

    def used(self, token: str) -> bool:
        """Tell whether a launch token is good no more."""
        return token not in self._launch

    def enter(self, token: str) -> Session | None:
        """Exchange a token for a session; None for a token that is wrong or was used."""
        if token not in self._launch:
            return None
        self._launch.discard(token)
        session = Session()
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[session.id] = session
        return session

    def session(self, cookie: str) -> Session | None:
        return self._sessions.get(cookie)

    def close_all(self) -> None:
        """Let nobody in any more who was let in before."""
        self._sessions.clear()
        self._launch.clear()


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the pages of one run of a desk are, and who may come in.

    Only a browser that was let in learns `path`: it is in no address that is printed or given to another program.
    """

    path: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(TOKEN_BYTES)}", repr=False)
    keys: Keys = field(default_factory=Keys, repr=False)


def host_of(listening: socket.socket) -> str:
    """Name the host that the pages answer at, as a browser sends it."""
    return f"{ADDRESS}:{listening.getsockname()[1]}"


def launch_address(listening: socket.socket, token: str) -> str:
    """Give the address that lets one browser in, once."""
    return f"http://{host_of(listening)}{ENTRY}?token={token}"
