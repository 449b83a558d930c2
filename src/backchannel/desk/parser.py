"""The tree of `backchannel desk …`: every command, its options and one sentence each; imports nothing heavy."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.desk import mandate_parser
from backchannel.desk.clock_parser import add_clocks
from backchannel.desk.consent_parser import add_consent
from backchannel.desk.link_parser import add_links
from backchannel.desk.need_to_know_parser import add_beyond, add_lists
from backchannel.desk.notebook_parser import add_notebook
from backchannel.desk.package_parser import add_packages
from backchannel.desk.precondition_parser import add_preconditions
from backchannel.desk.promise_parser import add_promises
from backchannel.desk.ratify_parser import add_ratification
from backchannel.desk.script_parser import add_script
from backchannel.desk.seal_parser import add_acts
from backchannel.desk.sound_parser import add_soundings
from backchannel.desk.standby_parser import add_standby
from backchannel.desk.sunset_parser import add_sunset
from backchannel.desk.surface_parser import add_report, add_surface

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

# The words of moves and members; tests/test_cli_parser.py holds them to the enums, which are dear to import.
ROLES = ("principal", "authorised-envoy", "exploratory-envoy", "go-between", "adviser", "observer")
ROOM_KINDS = ("plenary", "bilateral", "caucus", "shuttle")
REGISTERS = ("talk", "non-paper", "conditional", "formal")
MANDATES = ("authorised", "exploratory", "not-stated")
CAPACITIES = ("on-instructions", "personal", "not-stated")
RULES = ("for-you-only", "substance", "hypothetical", "verbatim")
MANNERS = ("verbatim", "paraphrase", "own-words")

STATES = "what it states on an issue, in the words this room uses; may be given more than once"

HOME = "~/.backchannel"
EXITS = (
    "exit codes: 0 done, 2 refused, 4 must wait for another person, 5 two histories differ, 6 has run out, 7 out of mandate, "
    "8 the room has moved on, 9 wrong bytes from outside, 10 the line or the machine failed"
)


def add_parser(groups: "Groups") -> "Groups":
    desk = groups.add_parser(
        "desk",
        help="open rooms, meet people and talk",
        description="One person's desk: open rooms, meet people by words, and talk.",
        epilog=EXITS,
    )
    options(desk, top=True)
    acts = desk.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for family in (
        _desks,
        _relays,
        _rooms,
        _people,
        _record,
        _saying,
        _files,
        _sealing,
        _clocks,
        _mandates,
        _promises,
        _standby,
        _links,
        _notebook,
        _surfacing,
        _sounding,
        _lists,
        _sunset,
        _consent,
        _ratify,
        _script,
        _line,
    ):
        family(acts)
    return acts


def run(args: argparse.Namespace) -> int:
    from backchannel.desk import client  # noqa: PLC0415 - so that help comes at once

    return client.run(args)


def options(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Add what every command takes; it may stand before the command's name or after it."""

    def default(value: object) -> object:
        return value if top else argparse.SUPPRESS

    group = parser.add_argument_group("options of every command")
    group.add_argument("--desk", type=Path, metavar="DIR", default=default(None),
                       help=f"the desk's folder; otherwise $BACKCHANNEL_DESK, otherwise {HOME}")  # fmt: skip
    group.add_argument("--room", metavar="TITLE", default=default(None),
                       help="title or first letters of the id; needed in scripts if the desk has several rooms")  # fmt: skip
    group.add_argument("--seen", metavar="HEAD", default=default(None),
                       help="refuse, with exit code 8, if the room has moved on since this head was printed")  # fmt: skip
    group.add_argument("--json", action="store_true", default=default(False), help="print one line of JSON")
    group.add_argument("--plain", action="store_true", default=default(False),
                       help="no colour and no drawing, for screen readers")  # fmt: skip
    group.add_argument("--passphrase-fd", type=int, metavar="N", default=default(None),
                       help="read the passphrase from this file descriptor, one line")  # fmt: skip
    group.add_argument("--no-sync", action="store_true", default=default(False),
                       help="do not wait for the relay: show what is here, send when there is a line")  # fmt: skip


def _add(acts: "Groups", name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
    parser = acts.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}".strip()
    )
    options(parser)
    parser.set_defaults(run=run, command=name)
    return parser


def _sub(acts: "Groups", group: str, name: str, summary: str) -> argparse.ArgumentParser:
    parser = _add(acts, name, summary)
    parser.set_defaults(command=f"{group} {name}")
    return parser


def _group(acts: "Groups", name: str, summary: str) -> "Groups":
    return acts.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    ).add_subparsers(metavar="ACT", required=True)


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask once more")


def _desks(acts: "Groups") -> None:
    new = _add(acts, "new", "make a desk", "Asks for a passphrase, twice; nobody can recover it.")
    new.add_argument("--name", help="what others will call you, unless a room knows you otherwise")
    unlock = _add(acts, "unlock", "keep the desk open for a while",
                  "Commands then need no passphrase, and messages come in as they are sent.")  # fmt: skip
    unlock.add_argument("--for", dest="idle", metavar="TIME",
                        help="lock by itself after this long without a command, such as 8h; default what lock-after says")  # fmt: skip
    unlock.add_argument("--foreground", action="store_true", help="stay in this terminal; Ctrl-C locks")
    _add(acts, "lock", "close the desk that unlock left open")
    after = _add(acts, "lock-after", "show after what time without an act this desk locks itself, or set it")
    after.add_argument("time", nargs="?", metavar="TIME", help="such as 5m or 8h; at first 15m")
    _add(acts, "status", "show what waits for you in every room")
    passphrase = _add(acts, "passphrase", "choose another passphrase",
                      "The old one then opens nothing any more.")  # fmt: skip
    passphrase.add_argument(
        "--new-passphrase-fd", type=int, metavar="N", help="read the new one from this descriptor"
    )

    backup = _add(
        acts, "backup", "write an encrypted back-up under a passphrase of its own",
        "It holds what was said and nothing that could speak: rooms restored from it can be read, not written.",
    )  # fmt: skip
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file; nothing is overwritten")
    backup.add_argument(
        "--new-passphrase-fd",
        type=int,
        metavar="N",
        help="read the back-up's passphrase from this descriptor",
    )
    restore = _add(
        acts, "restore", "make a desk from a back-up",
        "It opens with the back-up's passphrase. To speak in its rooms again, ask for new invitations.",
    )  # fmt: skip
    restore.add_argument("file", type=Path, metavar="FILE", help="what backup wrote")
    move = _add(
        acts, "move", "move the desk to another folder or machine",
        "Everything goes, encrypted as it is, into a folder that is not there yet, such as one on a memory stick; this desk ends"
        " in the same act, because two would use the same keys.",
    )  # fmt: skip
    move.add_argument("folder", type=Path, metavar="FOLDER", help="where the desk is to be")
    _yes(move)
    wipe = _add(
        acts, "wipe", "destroy this desk at once and for ever",
        "Needs no passphrase. Its key goes first, then rooms, drafts, notes and the back-ups in its folder, overwritten and removed;"
        " copies elsewhere and what others hold stay.",
    )  # fmt: skip
    _yes(wipe)


def _relays(acts: "Groups") -> None:
    relay = _group(acts, "relay", "the relays this desk may use")
    add = _sub(
        relay,
        "relay",
        "add",
        "add a relay, or admissions to it; the tokens are asked for or read from a file",
    )
    add.add_argument("url", metavar="URL", help="such as https://relay.example.org")
    add.add_argument(
        "--pin", default="", metavar="HEX", help="SHA-256 of the relay's TLS key, as its operator gave it"
    )
    add.add_argument("--tokens", dest="tokens_file", type=Path, metavar="FILE",
                     help="admission tokens, one a line; - reads standard input")  # fmt: skip
    _sub(relay, "relay", "list", "list the relays and how many admissions are left")
    proxy = _sub(relay, "relay", "proxy", "reach every relay through a SOCKS5 proxy, such as Tor")
    proxy.add_argument(
        "url", nargs="?", metavar="URL", help="such as socks5://127.0.0.1:9050; without it: show"
    )
    proxy.add_argument("--off", action="store_true", help="connect directly again")
    proxy.add_argument("--check", action="store_true", help="say whether the proxy answers")


def _rooms(acts: "Groups") -> None:
    opening = _add(acts, "open-room", "open a room")
    opening.add_argument("--title", required=True, help="what everyone in it calls the room")
    opening.add_argument("--side", required=True, help="whom you speak for; of a go-between: who sends you")
    opening.add_argument("--role", choices=ROLES, default="principal", help="default principal")
    opening.add_argument("--name", help="what the others call you here; default the desk's name")
    opening.add_argument("--kind", choices=ROOM_KINDS, default="plenary",
                         help="plenary: all sides (default); bilateral: two alone; caucus: one side; shuttle: one side and a"
                         " go-between")  # fmt: skip
    opening.add_argument(
        "--channel", default="", metavar="NAME", help="the mandate it belongs to; default the title"
    )
    opening.add_argument(
        "--retention", default="30d", metavar="TIME", help="how long texts live; default 30d"
    )
    opening.add_argument("--rule", choices=RULES, default="for-you-only", help="what readers may pass on, unless a"
                         " paper says otherwise; default for-you-only")  # fmt: skip
    opening.add_argument("--relay", metavar="URL", help="default the first with an admission left")
    _add(acts, "rooms", "list the rooms of this desk")
    _add(acts, "room", "show a room's audience, basis, record and rules")
    retention = _add(acts, "retention", "say how long your side lets texts live", "The strictest side wins.")
    retention.add_argument("time", metavar="TIME", help="such as 7d")
    leaving = _add(
        acts, "leave", "leave a room for good", "What you have of it stays readable here until it expires."
    )
    _yes(leaving)
    forgetting = _add(
        acts, "forget", "make a room unreadable for ever on this desk", "The others keep theirs."
    )
    _yes(forgetting)


def _people(acts: "Groups") -> None:
    invite = _add(acts, "invite", "invite somebody",
                  "Gives an address to send and three words to tell by another path.")  # fmt: skip
    invite.add_argument("--side", required=True, help="whom the guest speaks for")
    invite.add_argument("--role", choices=ROLES, default="principal", help="default principal")
    invite.add_argument("--name", default="", help="whom you mean it for; for your own memory")
    invite.add_argument(
        "--for", dest="valid", default="3d", metavar="TIME", help="how long it is good; default 3d"
    )
    join = _add(
        acts, "join", "answer an invitation", "The words are asked for and are spent by the first try."
    )
    join.add_argument("address", nargs="?", metavar="ADDRESS", help="the line that begins with backchannel:")
    join.add_argument("--words-fd", type=int, metavar="N", help="read the words from this file descriptor")
    join.add_argument("--name", help="what the others will call you; default the desk's name")
    _add(acts, "requests", "show who asks to come in or to have somebody leave")
    admit = _add(acts, "admit", "say yes to somebody's coming in",
                 "It takes a member of every side; whoever comes in reads nothing that was said before.")  # fmt: skip
    admit.add_argument("who", metavar="WHO", help="name, or first letters of the id that requests shows")
    removing = _add(acts, "remove", "ask that somebody leave, or say yes to it",
                    "Their own side can decide it alone, otherwise all the others together.")  # fmt: skip
    removing.add_argument("who", metavar="WHO", help="name, or first letters of the id")
    removing.add_argument("--reason", default="", help="shown to everyone in the room")
    _yes(removing)
    words = _add(
        acts, "words", "compare six words with somebody, to know whose keys these are",
        "Do it by telephone or face to face: each of you reads three words out and types the three they hear.",
    )  # fmt: skip
    words.add_argument("who", nargs="?", metavar="WHO", help="needed if there are more than two of you")
    words.add_argument(
        "--heard-fd", type=int, metavar="N", help="read the words you heard from this descriptor"
    )
    words.add_argument("--again", action="store_true", help="compare anew")
    _add(acts, "people", "show who is in the room and why their keys are believed")


def _record(acts: "Groups") -> None:
    show = _add(
        acts,
        "show",
        "show the record: what was said, when it was sent, received and read, what is unanswered",
    )
    show.add_argument("items", nargs="*", metavar="ITEM", help="such as 7 or 7.Anna; without any: all")
    show.add_argument("--last", type=int, metavar="N", help="only the last N")
    show.add_argument(
        "--talk", type=int, metavar="N", help="only the last N items, with what happened between them"
    )
    show.add_argument("--before", metavar="ITEM", help="only what stands before this")
    show.add_argument(
        "--since", metavar="ITEM", help="only from this on; --last N then gives the first N of it"
    )
    search = _add(acts, "search", "look for a text, a name or an id in everything this desk holds")
    search.add_argument("text", nargs="+", metavar="TEXT", help="after --; at least three characters")
    reading = _add(acts, "read", "show what you have not read, and mark it read")
    reading.add_argument("items", nargs="*", metavar="ITEM", help="such as 7; without any: all that is new")
    reading.add_argument(
        "--tell", choices=("yes", "no"), help="whether the others are told when you read; at first no"
    )


def _saying(acts: "Groups") -> None:
    say = _add(acts, "say", "say something to everyone in the room",
               "Without TEXT it is read from standard input, or written in $EDITOR. What is refused is kept as a draft.")  # fmt: skip
    say.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="after --; others on this machine may see it in the list of processes",
    )
    say.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the text from a file; - is standard input"
    )
    say.add_argument(
        "--draft",
        nargs="?",
        const="last",
        metavar="N",
        help="say what was kept as a draft; default the newest",
    )
    say.add_argument("--discard-draft", nargs="?", const="last", metavar="N", help="throw a draft away")
    say.add_argument(
        "--to-present-readers", action="store_true", help="even if they changed since the draft was written"
    )
    say.add_argument("--register", choices=REGISTERS, help="how much it weighs; default talk")
    say.add_argument("--mandate", choices=MANDATES, help="on what authority")
    say.add_argument("--capacity", choices=CAPACITIES, help="for whom you speak")
    say.add_argument("--rule", choices=RULES, help="what readers may pass on; default the room's")
    say.add_argument(
        "--expires", metavar="TIME", help="such as 2h or 2026-12-01 18:00; then the text is gone everywhere"
    )
    say.add_argument("--answers", action="append", metavar="ITEM", help="may be given more than once")
    say.add_argument("--for", dest="carried_for", metavar="NAME", help="in whose name you carry it")
    say.add_argument("--manner", choices=MANNERS, help="how you carry it; needs --for")
    say.add_argument(
        "--attach", action="append", default=[], type=Path, metavar="FILE", help="may be given more than once"
    )
    say.add_argument("--states", action="append", metavar="ISSUE=OPTION", help=STATES)
    say.add_argument("--reply-by", metavar="TIME", help="until when you want an answer")
    say.add_argument(
        "--returnable",
        action="store_true",
        default=None,
        help="whoever reads it may hand it back, and then nobody has it",
    )
    say.add_argument("--beyond-mandate", action="store_true", help=mandate_parser.BEYOND)
    add_beyond(say)
    handing = _add(acts, "hand-back", "hand back a paper that was shown as one that may be",
                   "Its text goes from every desk, its author's too; that it was shown and handed back remains.")  # fmt: skip
    handing.add_argument("item", metavar="ITEM", help="such as 7 or 7.Anna")
    withdraw = _add(acts, "withdraw", "take back a paper of yours",
                    "Its text goes from every desk that runs unmodified software; that a text was shown remains.")  # fmt: skip
    withdraw.add_argument("item", metavar="ITEM", help="such as 7 or 7.Anna")
    note = _add(acts, "note", "put something that happened in public on the room's record")
    note.add_argument("text", nargs="*", metavar="TEXT", help="without it: standard input or $EDITOR")
    note.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the text from a file; - is standard input"
    )
    note.add_argument("--source", required=True, help="where it was said or seen")
    note.add_argument("--at", required=True, metavar="TIME", help="when it happened")
    note.add_argument("--answers", action="append", metavar="ITEM", help="may be given more than once")
    note.add_argument("--states", action="append", metavar="ISSUE=OPTION", help=STATES)
    add_beyond(note)


def _files(acts: "Groups") -> None:
    attachments = _group(acts, "attachments", "the files beside papers")
    _sub(attachments, "attachments", "list", "list the files in a room").add_argument(
        "item", nargs="?", metavar="ITEM", help="such as 7; without it: all"
    )
    save = _sub(
        attachments, "attachments", "save", "write the files of a paper into a folder; nothing is overwritten"
    )
    save.add_argument("item", metavar="ITEM", help="such as 7 or 7.Anna")
    save.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="default here")

    export = _add(
        acts, "export", "write the record to a file, to keep it or to compare it with somebody's",
        "It holds what was said and no keys; it proves nothing to anybody else.",
    )  # fmt: skip
    export.add_argument("--to", type=Path, metavar="FILE", help="default standard output")
    compare = _add(acts, "compare", "find where two records part, with exit code 5 if they do")
    compare.add_argument("file", nargs="?", type=Path, metavar="FILE", help="somebody else's export")
    compare.add_argument(
        "--words", type=int, metavar="N", help="six words over the record up to item N, to read to each other"
    )


def _promises(acts: "Groups") -> None:
    add_promises(acts, _group, _sub, _add)


def _sealing(acts: "Groups") -> None:
    add_acts(_group(acts, "seal", "seal a text with the other sides, so that anyone can check it"), _sub)


def _clocks(acts: "Groups") -> None:
    add_clocks(lambda name, summary: _group(acts, name, summary), _sub)


def _standby(acts: "Groups") -> None:
    add_standby(lambda name, summary: _group(acts, name, summary), _sub)


def _links(acts: "Groups") -> None:
    add_links(lambda name, summary: _group(acts, name, summary), _sub)


def _notebook(acts: "Groups") -> None:
    add_notebook(lambda name, summary: _group(acts, name, summary), _sub)


def _mandates(acts: "Groups") -> None:
    mandate_parser.add_acts(_group(acts, "mandate", "who may speak for a side, and on whose word"), _sub)
    accept = _add(acts, "accept", "take an offer of another side for your own",
                  "Only what counts as an offer can be accepted, by somebody who speaks for another side.")  # fmt: skip
    mandate_parser.add_accept(accept)
    add_preconditions(acts, _group, _sub)
    add_packages(acts, _group, _sub)


def _surfacing(acts: "Groups") -> None:
    add_report(
        _add(
            acts, "report", "say who met, when and how, and nothing of what was said, as a draft to be sealed"
        )
    )
    add_surface(lambda name, summary: _group(acts, name, summary), _sub)


def _sounding(acts: "Groups") -> None:
    add_soundings(acts, _group, _sub)


def _lists(acts: "Groups") -> None:
    add_lists(lambda name, summary: _group(acts, name, summary), _sub)


def _sunset(acts: "Groups") -> None:
    add_sunset(lambda name, summary: _group(acts, name, summary), _sub)


def _consent(acts: "Groups") -> None:
    add_consent(lambda name, summary: _group(acts, name, summary), _sub)


def _ratify(acts: "Groups") -> None:
    add_ratification(lambda name, summary: _group(acts, name, summary), _sub)


def _script(acts: "Groups") -> None:
    add_script(lambda name, summary: _group(acts, name, summary), _sub)


def _line(acts: "Groups") -> None:
    sync = _add(acts, "sync", "fetch what has come and send what waits")
    sync.add_argument(
        "--for", dest="seconds", default="30s", metavar="TIME", help="at most this long; default 30s"
    )
    watch = _add(acts, "watch", "follow a room as it goes on, until Ctrl-C")
    watch.add_argument("--for", dest="seconds", metavar="TIME", help="at most this long")
    watch.add_argument("--bell", action="store_true", help="ring the terminal's bell when something comes")
    watch.add_argument("--last", type=int, default=0, metavar="N", help="begin with the last N items")
