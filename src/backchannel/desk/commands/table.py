"""Which function a command runs, and what it has to do with the relay; a family is imported when it is called."""

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from backchannel.desk.commands.answer import Answer, head
from backchannel.desk.desk import Desk
from backchannel.said import said

Command = Callable[[Desk, argparse.Namespace, int], Answer]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is found; whether it wants the newest from the relay first, and sends something after."""

    module: str
    function: str
    fetches: bool = True
    sends: bool = False


COMMANDS = {
    "status": Entry("waiting", "status"),
    "passphrase": Entry("desks", "passphrase", fetches=False),
    "backup": Entry("desks", "backup"),
    "lock-after": Entry("desks", "locking", fetches=False),
    "relay add": Entry("relays", "add", fetches=False),
    "relay list": Entry("relays", "listed", fetches=False),
    "relay proxy": Entry("relays", "proxy", fetches=False),
    "open-room": Entry("rooms", "opened", fetches=False, sends=True),
    "rooms": Entry("rooms", "rooms"),
    "room": Entry("rooms", "room"),
    "retention": Entry("rooms", "retention", sends=True),
    "leave": Entry("rooms", "leave", sends=True),
    "forget": Entry("rooms", "forget", fetches=False),
    "invite": Entry("meetings", "invite", sends=True),
    "join": Entry("meetings", "join", fetches=False, sends=True),
    "requests": Entry("people", "requests"),
    "admit": Entry("people", "admit", sends=True),
    "remove": Entry("people", "remove", sends=True),
    "people": Entry("people", "people"),
    "words": Entry("words", "words", sends=True),
    "show": Entry("record", "show"),
    "search": Entry("search", "search", fetches=False),
    "read": Entry("record", "read", sends=True),
    "say": Entry("saying", "say", sends=True),
    "withdraw": Entry("saying", "withdraw", sends=True),
    "hand-back": Entry("saying", "hand_back", sends=True),
    "note": Entry("saying", "note", sends=True),
    "audience": Entry("saying", "audience", fetches=False),
    "attachments list": Entry("files", "attachments"),
    "attachments save": Entry("files", "save"),
    "export": Entry("transcripts", "export"),
    "compare": Entry("transcripts", "compare"),
    "pledge make": Entry("pledge", "make", sends=True),
    "pledge acknowledge": Entry("pledge", "acknowledge", sends=True),
    "pledge broken": Entry("pledge", "broken", sends=True),
    "pledge release": Entry("pledge", "release", sends=True),
    "pledge show": Entry("pledge", "show"),
    "deed report": Entry("deed", "report", sends=True),
    "deed read": Entry("deed", "read", sends=True),
    "deed show": Entry("deed", "show"),
    "leak report": Entry("leak", "report", sends=True),
    "leak lift": Entry("leak", "lift", sends=True),
    "leak line set": Entry("leak", "set_line", sends=True),
    "leak line agree": Entry("leak", "agree_line", sends=True),
    "leak show": Entry("leak", "show"),
    "published": Entry("publication", "published", sends=True),
    "lapse": Entry("publication", "lapse", sends=True),
    "understanding offer": Entry("understanding", "offer", sends=True),
    "understanding confirm": Entry("understanding", "confirm", sends=True),
    "understanding decline": Entry("understanding", "decline", sends=True),
    "understanding broken": Entry("pledge", "broken", sends=True),
    "understanding show": Entry("understanding", "show"),
    "understanding record": Entry("understanding", "record"),
    "seal draft": Entry("seals", "draft", sends=True),
    "seal key": Entry("seals", "key", sends=True),
    "seal freeze": Entry("seals", "freeze", sends=True),
    "seal show": Entry("seals", "show"),
    "seal agree": Entry("seals", "agree", sends=True),
    "seal go": Entry("seals", "go", sends=True),
    "seal consequence": Entry("seals", "consequence"),
    "seal anchor": Entry("seals", "anchor", sends=True),
    "seal save": Entry("seals", "save"),
    "seal known-as": Entry("seals", "known_as", fetches=False),
    "seal stamp": Entry("seals", "stamp", fetches=False),
    "seal key-export": Entry("seals", "key_export", fetches=False),
    "seal key-import": Entry("seals", "key_import", fetches=False),
    "clock add": Entry("clocks", "add", sends=True),
    "clock drop": Entry("clocks", "drop", sends=True),
    "clock show": Entry("clocks", "show"),
    "notebook write": Entry("notebook", "write", fetches=False),
    "notebook show": Entry("notebook", "show", fetches=False),
    "notebook search": Entry("notebook", "search", fetches=False),
    "notebook remove": Entry("notebook", "remove", fetches=False),
    "link add": Entry("links", "add", fetches=False),
    "link drop": Entry("links", "drop", fetches=False),
    "link show": Entry("links", "show", fetches=False),
    "need-to-know set": Entry("need_to_know", "limit", sends=True),
    "need-to-know show": Entry("need_to_know", "show"),
    "sunset set": Entry("sunsets", "propose", sends=True),
    "sunset agree": Entry("sunsets", "agree", sends=True),
    "sunset choose": Entry("sunsets", "choose", sends=True),
    "sunset show": Entry("sunsets", "show"),
    "impasse call": Entry("sunsets", "call", sends=True),
    "consent ask": Entry("consents", "ask", sends=True),
    "consent give": Entry("consents", "give", sends=True),
    "consent refuse": Entry("consents", "refuse", sends=True),
    "consent show": Entry("consents", "show"),
    "interest declare": Entry("consents", "declare", sends=True),
    "interest show": Entry("consents", "interests"),
    "ratify ask": Entry("ratify", "ask", sends=True),
    "ratify result": Entry("ratify", "result", sends=True),
    "ratify show": Entry("ratify", "show"),
    "script pin": Entry("scripts", "pin", sends=True),
    "script agree": Entry("scripts", "agree", sends=True),
    "script step": Entry("scripts", "step", sends=True),
    "script go-on": Entry("scripts", "go_on", sends=True),
    "script show": Entry("scripts", "show"),
    "impasse lift": Entry("sunsets", "lift", sends=True),
    "impasse show": Entry("sunsets", "stuck"),
    "standby lodge": Entry("standbys", "lodge", sends=True),
    "standby signal": Entry("standbys", "signal", sends=True),
    "standby release": Entry("standbys", "release", sends=True),
    "standby cancel": Entry("standbys", "cancel", sends=True),
    "standby show": Entry("standbys", "show"),
    "mandate give": Entry("mandates", "give", sends=True),
    "mandate claim": Entry("mandates", "claim", sends=True),
    "mandate revoke": Entry("mandates", "revoke", sends=True),
    "mandate challenge": Entry("mandates", "challenge", sends=True),
    "mandate answer": Entry("mandates", "answer", sends=True),
    "mandate checked": Entry("mandates", "checked", sends=True),
    "mandate show": Entry("mandates", "show"),
    "package propose": Entry("packages", "propose", sends=True),
    "package agree": Entry("packages", "agree", sends=True),
    "package drop": Entry("packages", "drop", sends=True),
    "package show": Entry("packages", "show"),
    "package prefer": Entry("packages", "prefer", fetches=False),
    "package refine": Entry("packages", "refine", fetches=False),
    "package explain": Entry("packages", "explain", fetches=False),
    "package forget": Entry("packages", "forget", fetches=False),
    "package search": Entry("package_search", "begin", sends=True),
    "package progress": Entry("package_search", "progress", sends=True),
    "package accept": Entry("package_search", "accept", sends=True),
    "package decline": Entry("package_search", "decline", sends=True),
    "package stop": Entry("package_search", "stop", sends=True),
    "package questions": Entry("packages", "questions", fetches=False),
    "package told": Entry("packages", "told", fetches=False),
    "precondition state": Entry("preconditions", "state", sends=True),
    "precondition restate": Entry("preconditions", "restate", sends=True),
    "precondition park": Entry("preconditions", "park", sends=True),
    "precondition drop": Entry("preconditions", "drop", sends=True),
    "precondition show": Entry("preconditions", "show"),
    "sound feel": Entry("soundings", "feel", sends=True),
    "sound open": Entry("soundings", "open_list", sends=True),
    "sound answer": Entry("soundings", "answer", sends=True),
    "sound stop": Entry("soundings", "stop", sends=True),
    "sound again": Entry("sounding_again", "again", sends=True),
    "sound reckoning": Entry("sounding_reckoning", "reckoned", fetches=False),
    "sound consequence": Entry("sounding_again", "consequence"),
    "sound show": Entry("soundings", "show"),
    "sound ledger": Entry("sounding_ledger", "ledger"),
    "sound price": Entry("sounding_prices", "meet", sends=True),
    "sound posted": Entry("sounding_prices", "posted", sends=True),
    "sound price-why": Entry("sounding_prices", "why_meet", fetches=False),
    "sound posted-why": Entry("sounding_prices", "why_posted", fetches=False),
    "accept": Entry("offers", "accept", sends=True),
    "report": Entry("reports", "report"),
    "surface line": Entry("surfaces", "line", sends=True),
    "surface propose": Entry("surfaces", "propose", sends=True),
    "surface agree": Entry("surfaces", "agree", sends=True),
    "surface retract": Entry("surfaces", "retract", sends=True),
    "surface show": Entry("surfaces", "show"),
    "surface preview": Entry("surfaces", "preview"),
    "surface statement": Entry("surfaces", "statement", sends=True),
    "surface publish": Entry("surfaces", "publish"),
    "sync": Entry("waiting", "synced"),
    "watch": Entry("record", "news", fetches=False),
    "forge": Entry("forging", "forge", fetches=False),
}


def perform(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Run a command; what it says of a room ends with the room's head."""
    entry = COMMANDS[args.command]
    module = importlib.import_module(f"backchannel.desk.commands.{entry.module}")
    command = cast("Command", getattr(module, entry.function))
    answer = command(desk, args, now)
    if answer.room is None:
        return answer
    seen = head(answer.room)
    return replace(
        answer,
        lines=(*answer.lines, said("head {seen}", seen=seen)),
        value={**answer.value, "room": answer.room.id.hex(), "head": seen},
    )
