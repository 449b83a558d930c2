"""Every `backchannel desk …` as its person meets it: asks for what is missing, has the desk do it, prints the answer.

If the desk is unlocked this is a thin client and imports nothing heavy; otherwise the desk is opened for the one command.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from backchannel.desk import inputs
from backchannel.desk.asking import AgentDoor, Gone, Reply
from backchannel.desk.parser import HOME
from backchannel.errors import BackchannelError, Exit, Refused, Unavailable

VARIABLE = "BACKCHANNEL_DESK"
PASSPHRASE = "--passphrase-fd"  # noqa: S105 - the name of an option
NEW_PASSPHRASE = "--new-passphrase-fd"  # noqa: S105
WATCH_SECONDS = 20.0  # between two questions for news
WORDS_SECONDS = 6.0  # that the other's desk has to answer before the person is told to ask again
WORDS_PAUSE_SECONDS = 0.2
LOCK_SECONDS = 10.0  # that an unlocked desk may take to close
# Commands that are for one room, where a person with several is asked which.
OF_A_ROOM = frozenset(
    {"room", "retention", "leave", "forget", "invite", "requests", "admit", "remove", "words", "people", "show", "read", "say",
     "withdraw", "note", "attachments list", "attachments save", "export", "compare", "watch", "forge"}
)  # fmt: skip


class Door(Protocol):
    """An open desk, in this process or another."""

    def ask(self, args: argparse.Namespace) -> Reply: ...

    def close(self) -> None: ...


def run(args: argparse.Namespace) -> int:
    """Do one command; with --json an error, too, is one line of JSON on standard output."""
    args.desk = Path(args.desk or os.environ.get(VARIABLE) or HOME).expanduser()
    args.colour = not (args.plain or args.json or os.environ.get("NO_COLOR")) and sys.stdout.isatty()
    try:
        _check_encodable(args)
        return ACTS.get(args.command, _ordinary)(args)
    except BackchannelError as error:
        if not args.json:
            raise type(error)(_harmless(str(error))) from error
        print(json.dumps({"error": str(error), "exit": int(error.exit)}))  # noqa: T201
        return int(error.exit)


def _harmless(sentence: str) -> str:
    """Show a sentence that may name people and rooms as others called them."""
    from backchannel.desk.shown import one_line  # noqa: PLC0415

    return one_line(sentence)


def _check_encodable(args: argparse.Namespace) -> None:
    for value in vars(args).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and any("\ud800" <= char <= "\udfff" for char in word):
                raise Refused("An argument is not UTF-8; set your terminal to UTF-8 and try again.")


def _door(args: argparse.Namespace) -> Door:
    """Reach the desk: the unlocked one, or opened here with the passphrase."""
    agent = AgentDoor.find(args.desk)
    if agent is not None:
        return agent
    _check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    with inputs.telling("Opening the desk"):
        from backchannel.desk.own_door import OwnDoor  # noqa: PLC0415 - heavy, and not needed beside an agent

        return OwnDoor.open(args.desk, passphrase, _warn)


def _check_there(home: Path) -> None:
    if (home / "vault.key").exists():
        return
    if (home / "moved").exists():
        raise Refused(f"The desk in {home} was moved to another place on purpose; open it there.")
    raise Refused(
        f"There is no desk in {home}; make one with `backchannel desk new`, or name its folder with --desk."
    )


def _warn(sentence: str) -> None:
    sys.stderr.write(_harmless(sentence) + "\n")


def _show(args: argparse.Namespace, reply: Reply) -> int:
    if args.json:
        print(json.dumps(reply.value))  # noqa: T201
    else:
        for line in reply.lines:
            for row in _rows(line):
                print(row)  # noqa: T201
    return reply.exit


def _rows(line: str) -> Iterable[str]:
    """Cut a line to the terminal; where nobody looks, in a file or a pipe, it stays whole."""
    if not sys.stdout.isatty():
        return [line]
    from backchannel.desk.wrapping import wrapped  # noqa: PLC0415

    return wrapped(line, shutil.get_terminal_size().columns)


def _ask(door: Door, args: argparse.Namespace, **changes: object) -> Reply:
    """Ask for a command, perhaps another than the one given."""
    asked = argparse.Namespace(**{**vars(args), **changes})
    with inputs.telling("Working"):
        return door.ask(asked)


def _ordinary(args: argparse.Namespace) -> int:
    door = _door(args)
    try:
        _choose_room(door, args)
        PREPARE.get(args.command, _nothing)(door, args)
        return _finish(args, _ask(door, args))
    finally:
        door.close()


def _finish(args: argparse.Namespace, reply: Reply) -> int:
    if reply.files:
        return _written(args, reply)
    return _show(args, reply)


def _nothing(door: Door, args: argparse.Namespace) -> None:
    pass


def _choose_room(door: Door, args: argparse.Namespace) -> None:
    if args.room is not None or args.command not in OF_A_ROOM or not sys.stdin.isatty() or args.json:
        return
    reply = _ask(door, args, command="rooms")
    rooms = reply.value["rooms"]
    if len(rooms) < 2:  # noqa: PLR2004 - nothing to choose
        return
    for number, room in enumerate(reply.lines, 1):
        _warn(f"{number}  {room}")
    typed = inputs.line("Which room? ", "--room")
    if not typed.isdigit() or not 1 <= int(typed) <= len(rooms):
        raise Refused(f"Please type a number from 1 to {len(rooms)}, or name the room with --room.")
    args.room = rooms[int(typed) - 1]["id"]


# -- what single commands need first --------------------------------------------------------------------------


def _prepare_say(door: Door, args: argparse.Namespace) -> None:
    args.pinned = None
    args.files = inputs.attached(args.attach)
    if args.draft is not None or args.discard_draft is not None:
        if args.text or args.text_file is not None:
            raise Refused("A draft has its own text; give either the text or --draft.")
        return
    _prepare_text(door, args)


def _prepare_text(door: Door, args: argparse.Namespace) -> None:
    if not args.text and args.text_file is None and sys.stdin.isatty():
        reply = _ask(door, args, command="audience", seen=None)
        args.pinned = reply.value["readers"]
        args.text = inputs.text(args, f"To: {reply.lines[0]}")
    elif args.command == "say" and args.attach and not args.text and args.text_file is None:
        args.text = ""
    else:
        args.text = inputs.text(args, "")


def _prepare_join(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    if not args.address:
        args.address = inputs.line("The line that begins with backchannel: ", "ADDRESS")
    args.words = inputs.spoken(args.words_fd, "The three words you were told: ", "--words-fd")


def _prepare_relay(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    if args.tokens_file is not None and str(args.tokens_file) != "-":
        args.tokens = (
            inputs.contents(args.tokens_file, inputs.MAX_TEXT_BYTES).decode("utf-8", "replace").splitlines()
        )
        return
    if sys.stdin.isatty():
        _warn("Paste the admission tokens the relay's operator gave you, one a line; end with Ctrl-D:")
    args.tokens = sys.stdin.read(inputs.MAX_TEXT_BYTES).splitlines()


def _prepare_passphrase(door: Door, args: argparse.Namespace) -> None:
    if isinstance(door, AgentDoor) or args.passphrase_fd is None:
        args.old = inputs.secret(args.passphrase_fd, "The present passphrase once more: ", PASSPHRASE)
    args.new = inputs.new_secret(args.new_passphrase_fd, "The new passphrase", NEW_PASSPHRASE)


def _prepare_sure(question: str) -> Callable[[Door, argparse.Namespace], None]:
    def prepare(door: Door, args: argparse.Namespace) -> None:
        if not args.yes:
            for line in _ask(door, args, command="room", seen=None).lines[:2]:
                _warn(line)
            inputs.sure(args, question)

    return prepare


def _prepare_sync(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    from backchannel.desk.when import duration  # noqa: PLC0415

    args.seconds = duration(args.seconds)


def _prepare_compare(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    if (args.file is None) == (args.words is None):
        raise Refused("Give either a file to compare with, or --words N.")
    args.theirs = None
    if args.file is not None:
        args.theirs = inputs.contents(args.file, inputs.MAX_EXPORT_BYTES).decode("utf-8", "replace")


def _prepare_backup(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.file = args.file.absolute()
    args.new = inputs.new_secret(args.new_passphrase_fd, "A passphrase for the back-up", NEW_PASSPHRASE)


PREPARE: Mapping[str, Callable[[Door, argparse.Namespace], None]] = {
    "say": _prepare_say,
    "note": _prepare_text,
    "join": _prepare_join,
    "relay add": _prepare_relay,
    "passphrase": _prepare_passphrase,
    "backup": _prepare_backup,
    "sync": _prepare_sync,
    "compare": _prepare_compare,
    "leave": _prepare_sure(
        "You leave for good; to come back you need a new invitation, and read nothing of what was said meanwhile."
    ),
    "forget": _prepare_sure(
        "All that this desk holds of the room is destroyed for ever; the others keep what they have."
    ),
    "remove": _prepare_sure("Everyone in the room sees that you ask for this, the person too."),
}


# -- files ----------------------------------------------------------------------------------------------------


def _written(args: argparse.Namespace, reply: Reply) -> int:
    """Write what a command gave to where it was asked to, and never over anything."""
    if args.command == "export" and args.to is None:
        sys.stdout.buffer.write(reply.files[0][1])
        return reply.exit
    for name, data in reply.files:
        path = args.to / name if args.command == "attachments save" else args.to
        try:
            with path.open("xb") as file:
                path.chmod(0o600)
                file.write(data)
        except FileExistsError as error:
            raise Refused(f"{path} is there already; name another place with --to.") from error
        except OSError as error:
            raise Refused(
                f"{path} cannot be written: {error.strerror}; name another place with --to."
            ) from error
    return _show(args, reply)


# -- commands that are not asked of an open desk -----------------------------------------------------------------


def _new(args: argparse.Namespace) -> int:
    from backchannel.desk.desk import Desk  # noqa: PLC0415
    from backchannel.desk.vault import Vault, check_passphrase  # noqa: PLC0415

    if Vault.exists(args.desk):
        raise Refused(f"There is a desk in {args.desk} already; name another folder with --desk.")
    name = args.name if args.name is not None else _asked_name()
    passphrase = inputs.new_secret(
        args.passphrase_fd, "A passphrase, at best four unrelated words", PASSPHRASE
    )
    check_passphrase(passphrase.encode())
    with inputs.telling("Making the desk"):
        Desk.create(args.desk, passphrase.encode(), name).close()
    lines = [
        f"The desk in {args.desk} is made. Nobody can recover its passphrase.",
        (
            "Next: `backchannel desk unlock`, then `backchannel desk relay add URL` and `backchannel desk open`, or `backchannel desk"
            " join` if you were invited."
        ),
    ]
    return _show(args, Reply(lines, {"desk": str(args.desk), "name": name}))


def _restore(args: argparse.Namespace) -> int:
    from backchannel.desk.backup import restore  # noqa: PLC0415

    passphrase = inputs.secret(args.passphrase_fd, "The back-up's passphrase: ", PASSPHRASE)
    with inputs.telling("Restoring the desk"):
        desk = restore(args.file, passphrase.encode(), args.desk)
        rooms = [desk.title(file) for file in desk.vault.rooms()]
        desk.close()
    lines = [
        f"The desk in {args.desk} is made from the back-up and opens with the back-up's passphrase.",
        f"Its rooms can be read and not written ({len(rooms)}); to speak in them again ask for new invitations.",
    ]
    return _show(args, Reply(lines, {"desk": str(args.desk), "rooms": rooms}))


def _move(args: argparse.Namespace) -> int:
    """Send what waits, then move; a move that was cut short is finished."""
    folder = args.folder.absolute()
    inputs.sure(args, f"The desk goes to {folder}, and nothing of it stays in {args.desk}.")
    agent = _asked_agent(argparse.Namespace(**{**vars(args), "command": "lock"}))
    if agent is not None:
        _wait_until_closed(args.desk)
    _check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    with inputs.telling("Moving the desk"):
        from backchannel.desk.moving import move  # noqa: PLC0415
        from backchannel.desk.own_door import opened_to_move  # noqa: PLC0415

        move(opened_to_move(args.desk, passphrase, _warn, send=not args.no_sync), folder)
    lines = [
        f"The desk is in {folder} and opens there with the same passphrase; {args.desk} holds nothing of it any more."
    ]
    return _show(args, Reply(lines, {"desk": str(folder)}))


def _asked_name() -> str:
    return inputs.line("What others will call you: ", "--name") if sys.stdin.isatty() else ""


def _unlock(args: argparse.Namespace) -> int:
    from backchannel.desk.when import duration, span  # noqa: PLC0415

    args.idle_seconds = duration(args.idle)
    lines = [
        f"The desk is unlocked; it locks itself after {span(args.idle_seconds * 1000)} without a command."
    ]
    value = {"unlocked": True, "idle_seconds": args.idle_seconds}
    if _asked_agent(args) is not None:
        return _show(args, Reply(lines, value))
    _check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    if args.foreground:
        from backchannel.desk.agent import serve  # noqa: PLC0415

        serve(args.desk, passphrase, args.idle_seconds, lambda: _show_now(args, Reply(lines, value)))
        return Exit.OK
    with inputs.telling("Opening the desk"):
        _start_agent(args.desk, passphrase, args.idle_seconds)
    return _show(args, Reply(lines, value))


def _show_now(args: argparse.Namespace, reply: Reply) -> None:
    _show(args, reply)
    sys.stdout.flush()


def _start_agent(home: Path, passphrase: str, idle_seconds: float) -> None:
    import subprocess  # noqa: PLC0415

    from backchannel.desk.asking import parse_reply  # noqa: PLC0415

    command = [sys.executable, "-m", "backchannel.desk.agent", str(home.resolve()), str(idle_seconds)]
    agent = subprocess.Popen(  # noqa: S603 - ourselves
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert agent.stdin is not None
    assert agent.stdout is not None
    with suppress(BrokenPipeError):
        agent.stdin.write(passphrase.encode())
        agent.stdin.close()
    answer = agent.stdout.readline()
    agent.stdout.close()
    if not answer:
        raise Unavailable(
            "The desk could not be opened in the background; see why with `backchannel desk unlock --foreground`."
        )
    parse_reply(answer)
    agent.returncode = 0  # it lives on: nobody waits for it


def _asked_agent(args: argparse.Namespace) -> Reply | None:
    """Ask the unlocked desk; None if none is, or none is any more by the time it should answer."""
    agent = AgentDoor.find(args.desk)
    if agent is None:
        return None
    try:
        return agent.ask(args)
    except Gone:
        _wait_until_closed(args.desk)
        return None
    finally:
        agent.close()


def _lock(args: argparse.Namespace) -> int:
    reply = _asked_agent(args)
    if reply is None:
        return _show(args, Reply(["The desk is locked."], {"locked": True}))
    _wait_until_closed(args.desk)
    return _show(args, reply)


def _wait_until_closed(home: Path) -> None:
    """Come back only when the vault's files are closed, so that the next command may open them."""
    import fcntl  # noqa: PLC0415 - not on Windows
    import time  # noqa: PLC0415

    end = time.monotonic() + LOCK_SECONDS
    with (home / "lock").open("rb") as file:
        while time.monotonic() < end:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            else:
                return
    raise Unavailable("The desk was told to lock and is still at work; try again in a moment.")


def _words(args: argparse.Namespace) -> int:
    """Begin, wait a little for the other desk, show what to read out, and take what was heard."""
    import time  # noqa: PLC0415

    door = _door(args)
    try:
        _choose_room(door, args)
        args.heard = None
        reply = _ask(door, args)
        end = time.monotonic() + WORDS_SECONDS
        while reply.value.get("stand") == "waiting" and not args.no_sync and time.monotonic() < end:
            time.sleep(WORDS_PAUSE_SECONDS)
            _ask(door, args, command="sync", seconds=1, seen=None)
            reply = _ask(door, args, again=False, seen=None)
        to_hear = reply.value.get("stand") in {"ready", "different"} and reply.value["mine"]
        if not to_hear or (args.heard_fd is None and not sys.stdin.isatty()):
            return _show(args, reply)
        if not args.json:
            _show_now(args, reply)
        return _show(args, _heard(door, args))
    finally:
        door.close()


def _heard(door: Door, args: argparse.Namespace) -> Reply:
    """Take the words that were read out; a person who slipped types them again."""
    while True:
        heard = inputs.spoken(args.heard_fd, "The three words you heard: ", "--heard-fd")
        try:
            return _ask(door, args, heard=heard, again=False, seen=None)
        except Refused as refused:
            if args.heard_fd is not None or not heard:
                raise
            _warn(str(refused))


def _watch(args: argparse.Namespace) -> int:
    """Follow a room; the questions for news wait at the desk, which comes back to the relay by itself after any loss."""
    import time  # noqa: PLC0415

    from backchannel.desk.when import duration  # noqa: PLC0415

    end = None if args.seconds is None else time.monotonic() + duration(args.seconds)
    door = _door(args)
    try:
        _choose_room(door, args)
        args.after, args.wait = None, WATCH_SECONDS
        while True:
            reply = door.ask(args)
            if reply.lines or reply.value.get("items") or reply.value.get("events"):
                _show_now(args, reply)
            args.after, args.seen = reply.value["position"], None
            if end is not None:
                args.wait = min(WATCH_SECONDS, end - time.monotonic())
                if args.wait <= 0:
                    return Exit.OK
    except Gone as error:
        raise Unavailable("The desk was locked; unlock it to go on watching.") from error
    except KeyboardInterrupt:
        return Exit.OK
    finally:
        door.close()


ACTS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "new": _new,
    "unlock": _unlock,
    "lock": _lock,
    "watch": _watch,
    "words": _words,
    "restore": _restore,
    "move": _move,
}
