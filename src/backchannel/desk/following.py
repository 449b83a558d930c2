"""Commands that stay a while: `desk watch` follows a room, `desk words` waits for the other desk."""

import argparse
import sys
import time

from backchannel.desk import inputs
from backchannel.desk.asking import AgentDoor, Gone, Reply
from backchannel.desk.front import Door, ask, choose_room, open_door, show, show_now, warn
from backchannel.errors import Exit, Refused, Unavailable
from backchannel.said import said

WATCH_SECONDS = 20.0  # between two questions for news
WORDS_SECONDS = 6.0  # that the other's desk has to answer before the person is told to ask again
WORDS_PAUSE_SECONDS = 0.2
BELL = "\a"


def words(args: argparse.Namespace) -> int:
    """Begin, wait a little for the other desk, show what to read out, and take what was heard."""
    door = open_door(args)
    try:
        choose_room(door, args)
        args.heard = None
        reply = ask(door, args)
        end = time.monotonic() + WORDS_SECONDS
        while reply.value.get("stand") == "waiting" and not args.no_sync and time.monotonic() < end:
            time.sleep(WORDS_PAUSE_SECONDS)
            if not isinstance(door, AgentDoor):  # which keeps its line open by itself
                ask(door, args, command="sync", seconds=1, seen=None)
            reply = ask(door, args, again=False, seen=None)
        to_hear = reply.value.get("stand") in {"ready", "different"} and reply.value["mine"]
        if not to_hear or (args.heard_fd is None and not sys.stdin.isatty()):
            return show(args, reply)
        if not args.json:
            show_now(args, reply)
        return show(args, _heard(door, args))
    finally:
        door.close()


def _heard(door: Door, args: argparse.Namespace) -> Reply:
    """Take the words that were read out; a person who slipped types them again."""
    while True:
        heard = inputs.spoken(args.heard_fd, said("The three words you heard: "), "--heard-fd")
        try:
            return ask(door, args, heard=heard, again=False, seen=None)
        except Refused as refused:
            if args.heard_fd is not None or not heard:
                raise
            warn(str(refused))


def watch(args: argparse.Namespace) -> int:
    """Follow a room; the questions for news wait at the desk, which comes back to the relay by itself after any loss."""
    from backchannel.desk.when import duration  # noqa: PLC0415

    end = None if args.seconds is None else time.monotonic() + duration(args.seconds)
    door = open_door(args)
    try:
        choose_room(door, args)
        args.after, args.wait = None, WATCH_SECONDS
        while True:
            reply = door.ask(args)
            if reply.lines or reply.value.get("items") or reply.value.get("events"):
                show_now(args, reply)
                if args.bell and args.after is not None:
                    sys.stderr.write(BELL)
                    sys.stderr.flush()
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
