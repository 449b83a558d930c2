"""What single commands want from their person before the desk is asked: texts, words, files, a yes."""

import argparse
import base64
import sys
from collections.abc import Callable, Mapping

from backchannel.desk import inputs
from backchannel.desk.asking import AgentDoor
from backchannel.desk.front import NEW_PASSPHRASE, PASSPHRASE, Door, ask, warn
from backchannel.errors import Refused
from backchannel.said import said

MOST_STAMP_BYTES = 128 << 10  # of an authority's answer
MOST_KEY_BYTES = 4096  # of a side's key in a file


def _prepare_say(door: Door, args: argparse.Namespace) -> None:
    args.pinned = None
    args.files = inputs.attached(args.attach)
    if args.draft is not None or args.discard_draft is not None:
        if args.text or args.text_file is not None:
            raise Refused("A draft has its own text; give either the text or --draft.")
        return
    _prepare_text(door, args)


def _prepare_leak(door: Door, args: argparse.Namespace) -> None:
    """An alarm needs no words: nothing is asked for."""
    if args.text or args.text_file is not None:
        _prepare_text(door, args)
    else:
        args.text = ""


def _prepare_text(door: Door, args: argparse.Namespace) -> None:
    if not args.text and args.text_file is None and sys.stdin.isatty():
        reply = ask(door, args, command="audience", seen=None)
        args.pinned = reply.value["readers"]
        args.text = inputs.text(args, said("To: {lines}", lines=reply.lines[0]))
    elif args.command == "say" and args.attach and not args.text and args.text_file is None:
        args.text = ""
    else:
        args.text = inputs.text(args, "")


def _prepare_clock(door: Door, args: argparse.Namespace) -> None:
    if args.private:
        args.text = inputs.text(args, said("For yourself alone:"))
    else:
        _prepare_text(door, args)


def _prepare_note(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.text = inputs.text(args, said("For yourself alone:"))


def _prepare_join(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    if not args.address:
        args.address = inputs.line(said("The line that begins with backchannel: "), "ADDRESS")
    args.words = inputs.spoken(args.words_fd, said("The three words you were told: "), "--words-fd")


def _prepare_relay(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    if args.tokens_file is not None and str(args.tokens_file) != "-":
        args.tokens = (
            inputs.contents(args.tokens_file, inputs.MAX_TEXT_BYTES).decode("utf-8", "replace").splitlines()
        )
        return
    if sys.stdin.isatty():
        warn(said("Paste the admission tokens the relay's operator gave you, one a line; end with Ctrl-D:"))
    args.tokens = sys.stdin.read(inputs.MAX_TEXT_BYTES).splitlines()


def _prepare_passphrase(door: Door, args: argparse.Namespace) -> None:
    if isinstance(door, AgentDoor) or args.passphrase_fd is None:
        args.old = inputs.secret(args.passphrase_fd, said("The present passphrase once more: "), PASSPHRASE)
    args.new = inputs.new_secret(args.new_passphrase_fd, said("The new passphrase"), NEW_PASSPHRASE)


def _prepare_sure(question: str) -> Callable[[Door, argparse.Namespace], None]:
    def prepare(door: Door, args: argparse.Namespace) -> None:
        if not args.yes:
            for line in ask(door, args, command="room", seen=None).lines[:2]:
                warn(line)
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
    args.new = inputs.new_secret(args.new_passphrase_fd, said("A passphrase for the back-up"), NEW_PASSPHRASE)


def _prepare_key_export(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.file = args.file.absolute()
    args.new = inputs.new_secret(
        args.new_passphrase_fd, said("A passphrase for the key's file"), NEW_PASSPHRASE
    )


def _prepare_key_import(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.data = base64.urlsafe_b64encode(inputs.contents(args.file, MOST_KEY_BYTES)).decode().rstrip("=")
    args.passphrase = inputs.secret(
        args.key_passphrase_fd, said("The passphrase of the key's file: "), "--key-passphrase-fd"
    )


def _prepare_seal_stamp(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.data = None
    if args.response is not None:
        data = inputs.contents(args.response, MOST_STAMP_BYTES)
        args.data = base64.urlsafe_b64encode(data).decode().rstrip("=")


def _prepare_words_file(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.words = inputs.contents(args.file, inputs.MAX_TEXT_BYTES).decode("utf-8", "replace")


def _prepare_surface_propose(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.narrative_words = None
    if args.narrative is not None:
        data = inputs.contents(args.narrative, inputs.MAX_TEXT_BYTES)
        args.narrative_words = data.decode("utf-8", "replace")


def _prepare_package_file(door: Door, args: argparse.Namespace) -> None:  # noqa: ARG001
    args.data = None if args.file is None else inputs.encoded(args.file)


def _prepare_package_prefer(door: Door, args: argparse.Namespace) -> None:
    args.data = None if args.profile is None else inputs.encoded(args.profile)
    args.words = ""
    if args.answers is not None:
        args.words = inputs.written(args.answers)
    elif args.data is None:
        from backchannel.desk.package_questions import ask_all  # noqa: PLC0415

        issues = ask(door, args, command="package questions", seen=None).value["issues"]
        args.words, args.walk_away = ask_all(issues, args.walk_away)


def _prepare_price(door: Door, args: argparse.Namespace) -> None:
    """Say before anything is sent what will show; with --yes it is said and not asked."""
    for line in ask(door, args, command=f"{args.command}-why", seen=None).lines:
        warn(line)
    inputs.sure(args, said("Ask it?"))


def _prepare_package_refine(door: Door, args: argparse.Namespace) -> None:
    if args.answers is not None:
        args.words = inputs.written(args.answers)
        return
    from backchannel.desk.package_questions import ask_again  # noqa: PLC0415

    args.words = ask_again(ask(door, args, command="package told", seen=None).value["issues"])


def _prepare_again(door: Door, args: argparse.Namespace) -> None:
    reply = ask(door, args, command="sound consequence", seen=None)
    for line in reply.lines:
        warn(line)
    args.which = reply.value["sounding"]
    inputs.sure(args, said("Repeat it without them?"))


def _prepare_seal_anchor(door: Door, args: argparse.Namespace) -> None:
    if not args.yes:
        (line, *_) = ask(door, args, command="seal consequence", seen=None).lines
        inputs.sure(args, line)


PREPARE: Mapping[str, Callable[[Door, argparse.Namespace], None]] = {
    "say": _prepare_say,
    "note": _prepare_text,
    "notebook write": _prepare_note,
    "pledge make": _prepare_text,
    "leak report": _prepare_leak,
    "leak line set": _prepare_text,
    "deed report": _prepare_text,
    "clock add": _prepare_clock,
    "standby lodge": _prepare_text,
    "impasse call": _prepare_text,
    "mandate challenge": _prepare_text,
    "ratify ask": _prepare_text,
    "consent ask": _prepare_text,
    "interest declare": _prepare_text,
    "package propose": _prepare_package_file,
    "package prefer": _prepare_package_prefer,
    "package refine": _prepare_package_refine,
    "precondition state": _prepare_text,
    "precondition restate": _prepare_text,
    "sound feel": _prepare_text,
    "sound open": _prepare_words_file,
    "sound again": _prepare_again,
    "sound price": _prepare_price,
    "sound posted": _prepare_price,
    "join": _prepare_join,
    "relay add": _prepare_relay,
    "passphrase": _prepare_passphrase,
    "backup": _prepare_backup,
    "sync": _prepare_sync,
    "compare": _prepare_compare,
    "seal draft": _prepare_words_file,
    "seal anchor": _prepare_seal_anchor,
    "seal stamp": _prepare_seal_stamp,
    "seal key-export": _prepare_key_export,
    "seal key-import": _prepare_key_import,
    "surface line": _prepare_words_file,
    "surface propose": _prepare_surface_propose,
    "leave": _prepare_sure(
        said(
            "You leave for good; to come back you need a new invitation, and read nothing of what was said meanwhile."
        )
    ),
    "forget": _prepare_sure(
        said("All that this desk holds of the room is destroyed for ever; the others keep what they have.")
    ),
    "remove": _prepare_sure(said("Everyone in the room sees that you ask for this, the person too.")),
}
