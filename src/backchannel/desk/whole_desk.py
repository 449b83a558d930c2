"""Commands on a desk as a whole that no open desk is asked: make, unlock, lock, restore, move, wipe."""

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from backchannel.desk import inputs
from backchannel.desk.asking import AgentDoor, Gone, Reply
from backchannel.desk.front import PASSPHRASE, check_there, show, show_now, warn
from backchannel.errors import BackchannelError, Exit, Refused, Unavailable
from backchannel.said import said

WIPE_WORD = "destroy"  # to be typed
LOCK_SECONDS = 10.0  # that an unlocked desk may take to close
# Commands that are for one room, where a person with several is asked which.


def new(args: argparse.Namespace) -> int:
    from backchannel.desk.commands.answer import checked_name  # noqa: PLC0415
    from backchannel.desk.desk import Desk  # noqa: PLC0415
    from backchannel.desk.vault import Vault, check_passphrase  # noqa: PLC0415

    if Vault.exists(args.desk):
        raise Refused(
            said("There is a desk in {desk} already; name another folder with --desk.", desk=args.desk)
        )
    name = args.name if args.name is not None else _asked_name()
    name = checked_name(name, said("Your name")) if name else ""
    passphrase = inputs.new_secret(
        args.passphrase_fd, said("A passphrase, at best four unrelated words"), PASSPHRASE
    )
    check_passphrase(passphrase.encode())
    with inputs.telling(said("Making the desk")):
        Desk.create(args.desk, passphrase.encode(), name).close()
    lines = [
        said("The desk in {desk} is made. Nobody can recover its passphrase.", desk=args.desk),
        (
            said(
                "Next: `backchannel desk unlock`, then `backchannel desk relay add URL` and `backchannel desk"
                " open-room`, or `backchannel desk"
                " join` if you were invited."
            )
        ),
    ]
    return show(args, Reply(lines, {"desk": str(args.desk), "name": name}))


def _asked_name() -> str:
    return inputs.line(said("What others will call you: "), "--name") if sys.stdin.isatty() else ""


def unlock(args: argparse.Namespace) -> int:
    from backchannel.desk.when import duration, span  # noqa: PLC0415

    def reply(idle_seconds: float) -> Reply:
        line = said(
            "The desk is unlocked; it locks itself after {idle_seconds} without a command.",
            idle_seconds=span(int(idle_seconds * 1000)),
        )
        return Reply([line], {"unlocked": True, "idle_seconds": int(idle_seconds)})

    args.idle_seconds = None if args.idle is None else duration(args.idle)
    agent = _asked_agent(args)
    if agent is not None:
        return show(args, reply(agent.value["idle_seconds"]))
    check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    if args.foreground:
        from backchannel.desk.agent import serve  # noqa: PLC0415

        serve(args.desk, passphrase, args.idle_seconds, lambda seconds: show_now(args, reply(seconds)))
        return Exit.OK
    with inputs.telling(said("Opening the desk")):
        seconds = _start_agent(args.desk, passphrase, args.idle_seconds)
    return show(args, reply(seconds))


def _start_agent(home: Path, passphrase: str, idle_seconds: float | None) -> float:
    """Start the desk in the background; gives after how long without a command it locks itself."""
    import subprocess  # noqa: PLC0415

    from backchannel.desk.asking import parse_reply  # noqa: PLC0415

    # -P here and wherever a process is started: no file of the folder somebody happens to be in is imported
    command = [sys.executable, "-P", "-m", "backchannel.desk.agent", str(home.resolve())]
    command += [] if idle_seconds is None else [str(idle_seconds)]
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
    found = parse_reply(answer)
    agent.returncode = 0  # it lives on: nobody waits for it
    return float(found.value["idle_seconds"])


def lock(args: argparse.Namespace) -> int:
    reply = _asked_agent(args)
    if reply is None:
        return show(args, Reply([said("The desk is locked.")], {"locked": True}))
    _wait_until_closed(args.desk)
    return show(args, reply)


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


def restore(args: argparse.Namespace) -> int:
    from backchannel.desk.backup import restore  # noqa: PLC0415

    passphrase = inputs.secret(args.passphrase_fd, said("The back-up's passphrase: "), PASSPHRASE)
    with inputs.telling(said("Restoring the desk")):
        desk = restore(args.file, passphrase.encode(), args.desk)
        rooms = [desk.title(file) for file in desk.vault.rooms()]
        desk.close()
    lines = [
        said(
            "The desk in {desk} is made from the back-up and opens with the back-up's passphrase.",
            desk=args.desk,
        ),
        said(
            "Its rooms can be read and not written ({count}); to speak in them again ask for new invitations.",
            count=len(rooms),
        ),
    ]
    return show(args, Reply(lines, {"desk": str(args.desk), "rooms": rooms}))


def move(args: argparse.Namespace) -> int:
    """Send what waits, then move; a move that was cut short is finished."""
    folder = args.folder.absolute()
    inputs.sure(
        args,
        said("The desk goes to {folder}, and nothing of it stays in {desk}.", folder=folder, desk=args.desk),
    )
    agent = _asked_agent(argparse.Namespace(**{**vars(args), "command": "lock"}))
    if agent is not None:
        _wait_until_closed(args.desk)
    check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    with inputs.telling(said("Moving the desk")):
        from backchannel.desk.moving import move  # noqa: PLC0415
        from backchannel.desk.own_door import opened_to_move  # noqa: PLC0415

        move(opened_to_move(args.desk, passphrase, warn, send=not args.no_sync), folder)
    lines = [
        said(
            "The desk is in {folder} and opens there with the same passphrase; {desk} holds nothing of it any more.",
            folder=folder,
            desk=args.desk,
        )
    ]
    return show(args, Reply(lines, {"desk": str(folder)}))


def wipe(args: argparse.Namespace) -> int:
    """Destroy the desk at once: no passphrase, one word typed."""
    from backchannel.desk.wiping import holds_anything  # noqa: PLC0415

    if not holds_anything(args.desk):
        raise Refused(
            said("There is nothing of a desk in {desk}; name its folder with --desk.", desk=args.desk)
        )
    question = said("All that {desk} holds is destroyed for ever: rooms, drafts, notes, back-ups in it.\nType {word} to go on: ", desk=args.desk, word=WIPE_WORD)  # fmt: skip
    if not args.yes and inputs.line(question, "--yes").strip().lower() != WIPE_WORD:
        raise Refused("Nothing was destroyed.")
    with suppress(BackchannelError):  # an unlocked desk that does not answer is destroyed all the same
        if _asked_agent(argparse.Namespace(**{**vars(args), "command": "lock"})) is not None:
            _wait_until_closed(args.desk)
    return show(args, wiped(args.desk))


def wiped(home: Path) -> Reply:
    """Wipe a desk that is closed, and say what was done and what nobody can do."""
    from backchannel.desk.wiping import wipe  # noqa: PLC0415

    done = wipe(home)
    lines = [
        said(
            "The desk is destroyed: its key and {files} files were overwritten and removed, {backups} back-ups among them.",
            files=done.files,
            backups=done.backups,
        ),
        *(said("NOT destroyed: {path}.", path=path) for path in done.left),
        said(
            "What this cannot reach: copies and back-ups elsewhere, what others in your rooms hold, paper and photographs."
            " A disk may keep what was overwritten, flash above all; whoever finds the key's file there still needs the"
            " passphrase."
        ),
    ]
    return Reply(lines, {"files": done.files, "backups": done.backups, "left": list(done.left)})
