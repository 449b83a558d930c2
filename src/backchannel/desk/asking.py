"""What passes between a command and an unlocked desk: one line of JSON each way (docs/spec/agent.md). Imports nothing heavy."""

import argparse
import base64
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backchannel import __version__
from backchannel.errors import (
    BackchannelError,
    Blocked,
    Exit,
    Expired,
    Forked,
    Moved,
    OutOfMandate,
    Refused,
    Unavailable,
    Violation,
)
from backchannel.said import packed, said, unpacked

SOCKET = "socket"
MAX_LINE_BYTES = 32 << 20  # a paper's files in base64 have 5.6 MB
LONGEST_SOCKET_PATH = 100  # the system's own limit is 104 or 108 bytes
ANSWER_SECONDS = 120.0

_ERRORS: tuple[type[BackchannelError], ...] = (
    Refused,
    Blocked,
    Forked,
    Expired,
    OutOfMandate,
    Moved,
    Violation,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a command: lines for a person, the same as a value, and files to be written."""

    lines: Sequence[str]
    value: Mapping[str, Any]
    files: Sequence[tuple[str, bytes]] = ()
    exit: int = Exit.OK


def request_line(args: argparse.Namespace) -> bytes:
    """Write a command as it goes to an unlocked desk."""
    plain = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(args).items()
        if name != "run"
    }
    return json.dumps({"version": __version__, "args": plain}, default=str).encode() + b"\n"


def parse_request(line: bytes) -> argparse.Namespace:
    """Read a command, or raise Violation; Refused if another version of this program asks."""
    try:
        request = json.loads(line)
        version, args = request["version"], request["args"]
        command = args["command"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Violation("This is not a command of a desk.") from error
    if not isinstance(command, str):
        raise Violation("This is not a command of a desk.")
    if version != __version__:
        raise Refused(
            "The unlocked desk runs another version of Backchannel; lock it with `backchannel desk lock` and unlock it again."
        )
    return argparse.Namespace(**args)


def reply_line(reply: Reply | BackchannelError) -> bytes:
    if isinstance(reply, BackchannelError):
        kind = next(kind.__name__ for kind in reversed(_ERRORS) if isinstance(reply, kind))
        return json.dumps({"error": packed(str(reply)), "kind": kind}).encode() + b"\n"
    files = [[name, base64.b64encode(data).decode()] for name, data in reply.files]
    whole = {
        "lines": list(map(packed, reply.lines)),
        "value": reply.value,
        "files": files,
        "exit": int(reply.exit),
    }
    return json.dumps(whole).encode() + b"\n"


def parse_reply(line: bytes) -> Reply:
    """Read an answer; raises the error it carries."""
    try:
        whole = json.loads(line)
        if "error" in whole:
            error = next(kind for kind in _ERRORS if kind.__name__ == whole["kind"])(unpacked(whole["error"]))
        else:
            files = [(name, base64.b64decode(data)) for name, data in whole["files"]]
            return Reply(
                [str(unpacked(line)) for line in whole["lines"]], whole["value"], files, whole["exit"]
            )
    except (ValueError, TypeError, KeyError, StopIteration) as fault:
        raise Unavailable(
            "The unlocked desk gave no answer that can be read; lock it with `backchannel desk lock` and try again."
        ) from fault
    raise error


class AgentDoor:
    """A connection to an unlocked desk."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._stream = line.makefile("rb")

    @classmethod
    def find(cls, home: Path) -> "AgentDoor | None":
        """Connect to the desk that is unlocked in a folder; None if none is."""
        path = home / SOCKET
        if not path.exists():
            return None
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(ANSWER_SECONDS)
        try:
            reach(path, line.connect)
        except (ConnectionRefusedError, FileNotFoundError):
            line.close()  # left by a desk that was killed
            return None
        except OSError as error:
            line.close()
            raise Unavailable(
                said(
                    "The unlocked desk in {home} cannot be reached: {strerror}.",
                    home=home,
                    strerror=error.strerror,
                )
            ) from error
        return cls(line)

    def ask(self, args: argparse.Namespace) -> Reply:
        try:
            self._line.sendall(request_line(args))
            answer = self._stream.readline(MAX_LINE_BYTES)
        except OSError as error:
            raise _lost() from error
        if not answer.endswith(b"\n"):
            raise _lost()
        return parse_reply(answer)

    def close(self) -> None:
        self._stream.close()
        self._line.close()


class Gone(Unavailable):
    """The unlocked desk went away while it was being asked."""


def _lost() -> Gone:
    return Gone(
        "The unlocked desk went away before it answered; what it had saved is safe: see with `backchannel desk status` whether"
        " this was done, and with it any text kept as a draft."
    )


def reach(path: Path, act: Callable[[str], None]) -> None:
    """Connect or bind to a socket in a folder whose name may be longer than the system allows for sockets."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH or sys.platform != "linux":
        act(str(path))
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        act(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
