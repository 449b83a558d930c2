"""What a command needs from its person: passphrases, words, texts, files, a yes. Imports nothing heavy."""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backchannel.errors import Refused
from backchannel.languages import on_terminal
from backchannel.said import said

MAX_SECRET_BYTES = 4096
MAX_FILE_BYTES = 4 << 20  # as moves.paper has it
MAX_TEXT_BYTES = 2 << 20
MAX_EXPORT_BYTES = 20 << 20  # of an export to compare with
LONG_SECONDS = 1.0
SELDOM_SECONDS = 10.0  # between two lines of progress where nobody looks


def secret(descriptor: int | None, prompt: str, option: str) -> str:
    """Read a passphrase: one line of a descriptor, or unseen from the terminal."""
    if descriptor is not None:
        return _line_of(descriptor, option)
    if not sys.stdin.isatty():
        raise Refused(
            said(
                "There is no terminal to ask on; give it with {option} N, as one line of descriptor N.",
                option=option,
            )
        )
    import getpass  # noqa: PLC0415

    return getpass.getpass(on_terminal(prompt))


def spoken(descriptor: int | None, prompt: str, option: str) -> str:
    """Read words that are good for one use: one line of a descriptor, or seen while typed."""
    return (
        line(prompt, said("{option} N, as one line of descriptor N", option=option))
        if descriptor is None
        else _line_of(descriptor, option)
    )


def _line_of(descriptor: int, option: str) -> str:
    """Read one line and no byte more, so that another secret may follow on the same descriptor."""
    line = bytearray()
    try:
        while len(line) < MAX_SECRET_BYTES and (byte := os.read(descriptor, 1)) not in {b"", b"\n"}:
            line += byte
        return line.decode().removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            said(
                "Descriptor {descriptor} of {option} gives no line of text; open it for reading.",
                descriptor=descriptor,
                option=option,
            )
        ) from error


def new_secret(descriptor: int | None, prompt: str, option: str) -> str:
    """Read a new passphrase; on a terminal twice."""
    first = secret(descriptor, said("{prompt}: ", prompt=prompt), option)
    if descriptor is None and secret(None, said("{prompt}, once more: ", prompt=prompt), option) != first:
        raise Refused("The two were not the same; nothing was changed, please begin again.")
    return first


def line(prompt: str, option: str) -> str:
    """Ask for one line that is no secret."""
    if not sys.stdin.isatty():
        raise Refused(said("There is no terminal to ask on; give it with {option}.", option=option))
    sys.stderr.write(on_terminal(prompt))
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def sure(args: argparse.Namespace, question: str) -> None:
    """Have an act that cannot be undone confirmed, or raise Refused."""
    if args.yes:
        return
    if line(said("{question}\nType yes to go on: ", question=question), "--yes").lower() != "yes":
        raise Refused("Nothing was done.")


def text(args: argparse.Namespace, heading: str) -> str:
    """Give the text of a paper or note: from the arguments, a file, standard input or an editor."""
    if args.text and args.text_file is not None:
        raise Refused("Give the text as arguments or with --text-file, not both.")
    if args.text:
        return " ".join(args.text)
    if args.text_file is not None and str(args.text_file) != "-":
        return _decoded(contents(args.text_file, MAX_TEXT_BYTES), str(args.text_file))
    if args.text_file is None and sys.stdin.isatty():
        return _edited(heading)
    return _decoded(sys.stdin.buffer.read(MAX_TEXT_BYTES), said("standard input"))


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode().strip("\n")
    except UnicodeDecodeError as error:
        raise Refused(
            said("The text from {source} is not UTF-8; save it as UTF-8 and try again.", source=source)
        ) from error


def _edited(heading: str) -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        sys.stderr.write(
            said("{heading}\nWrite, then end with Ctrl-D on a line of its own:\n", heading=heading)
        )
        return _decoded(sys.stdin.buffer.read(), said("the terminal"))
    import shlex  # noqa: PLC0415

    folder = _memory_folder()
    descriptor, name = tempfile.mkstemp(suffix=".txt", prefix="backchannel-", dir=folder)
    os.close(descriptor)
    path = Path(name)
    sys.stderr.write(on_terminal(heading) + "\n")
    try:
        subprocess.run([*shlex.split(editor), name], check=True)  # noqa: S603 - the person's own editor
        written = _decoded(path.read_bytes(), editor)
    except (OSError, subprocess.CalledProcessError) as error:
        where = (
            said("what was written is in {name}", name=name)
            if path.stat().st_size
            else said("nothing was written")
        )
        raise Refused(
            said(
                "The editor {editor} did not end well and {where}; set $EDITOR to another.",
                editor=editor,
                where=where,
            )
        ) from error
    path.unlink()
    return written


def _memory_folder() -> str | None:
    """Where a text can lie while it is written without reaching a disk, if the system has such a place."""
    for folder in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108 - memory, and the file is 0600
        if folder and Path(folder).is_dir() and os.access(folder, os.W_OK):
            return folder
    return None


def contents(path: Path, limit: int) -> bytes:
    """Read a file, or raise Refused if it is not there or too long."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Refused(
            said("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from error
    if len(data) > limit:
        raise Refused(
            said(
                "{path} has more than {limit} bytes; make it smaller or give it in parts.",
                path=path,
                limit=limit,
            )
        )
    return data


def encoded(path: Path) -> str:
    """Give a file in base64, as a command carries bytes."""
    return base64.b64encode(contents(path, MAX_TEXT_BYTES)).decode()


def written(path: Path) -> str:
    """Give a text from a file; - is standard input."""
    if str(path) == "-":
        return _decoded(sys.stdin.buffer.read(MAX_TEXT_BYTES), said("standard input"))
    return _decoded(contents(path, MAX_TEXT_BYTES), str(path))


def attached(paths: list[Path]) -> list[tuple[str, str]]:
    return [(path.name, base64.b64encode(contents(path, MAX_FILE_BYTES)).decode()) for path in paths]


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say on standard error what is going on, if it goes on for over a second."""
    timer = threading.Timer(LONG_SECONDS, lambda: _tell(said("{what} …", what=what)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def counting() -> Iterator[Callable[[str], None]]:
    """Give a way to show on standard error how far something has come, if it takes over a second.

    On a terminal one line counts up and goes in the end; elsewhere there are whole lines, few of them.
    """
    terminal, begun, last = sys.stderr.isatty(), time.monotonic(), [0.0]

    def tell(how_far: str) -> None:
        now = time.monotonic()
        if now - begun < LONG_SECONDS or (not terminal and last[0] and now - last[0] < SELDOM_SECONDS):
            return
        last[0] = now
        if terminal:
            sys.stderr.write(f"\r\x1b[K{how_far}")
            sys.stderr.flush()
        else:
            _tell(how_far)

    try:
        yield tell
    finally:
        if terminal and last[0]:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _tell(what: str) -> None:
    sys.stderr.write(on_terminal(what) + "\n")
    sys.stderr.flush()
