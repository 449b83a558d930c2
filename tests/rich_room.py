"""A room in which much stands: three desks, two sides and a go-between, and something of every kind on the table."""

import json
import time
from pathlib import Path
from typing import Any

from cli_stage import SECONDS, Stage

PEOPLE = ("helena", "karim", "ingrid")
IN = ("--room", "The lower lake")
TEXT: dict[str, Any] = {
    "title": "Understanding on the lower lake",
    "dated": "2026-11-20T09:00:00Z",
    "sides": ["Valdia", "Ostra"],
    "order": ["Ostra", "Valdia"],
    "clauses": [
        "Both sides keep their patrols two miles from the median line, from the day this text is anchored.",
        "The gauges at Merin and at Tell Sahar are read by both sides together, every Monday at noon, and the readings are shared the same day.",
        "Fishing boats of either side shelter in the nearer harbour in a storm, and are asked no questions.",
    ],
    "terms": {
        "sluices": "Ostra opens the upper sluices to forty cubic metres a second from 1 March, without announcing it.",
        "detained": "The eleven fishermen are home before the end of the year.",
    },
}
WANTS: dict[str, dict[str, Any]] = {
    "Patrols": {
        "best": "two miles",
        "worst": "as now",
        "between": {"one mile": 3},
        "matters": 5,
    },
    "Water in spring": {
        "best": "40 m³/s",
        "worst": "20 m³/s",
        "between": {"30 m³/s": 4},
        "matters": 4,
    },
    "Gauges": {"best": "read together", "worst": "read apart", "between": {}, "matters": 2},
}


def furnish(one: Stage, folder: Path) -> str:
    """Play the room out, and give its id."""
    for name in PEOPLE:
        one.person(name, admissions=10)
    one.play("helena> open-room --title 'The lower lake' --side Valdia")
    one.bring("helena", "karim", side="Ostra", role="principal")
    one.bring("helena", "ingrid", "karim", side="Fridell Institute", role="go-between")
    _talk(one)
    _authority(one)
    _times(one)
    _promises(one)
    _soundings(one, folder)
    _packages(one, folder)
    _texts(one, folder)
    _other_rooms(one)
    return str(_value(one, "helena", "rooms")["rooms"][0]["id"])


def _value(one: Stage, name: str, *words: str) -> dict[str, Any]:
    done = one.people[name].type(*words, "--json")
    assert done.code == 0, done.shown
    return done.value


def _last(one: Stage, name: str, what: str, key: str) -> str:
    return str(_value(one, name, *what.split(), *IN)[key][-1]["id"])[:10]


def _settled(one: Stage) -> None:
    """Wait until every desk has the same record of the room."""
    end = time.monotonic() + SECONDS
    while len({str(_value(one, name, "room", *IN)["head"]) for name in PEOPLE}) > 1:
        assert time.monotonic() < end, "the desks do not come to the same record"
        time.sleep(0.05)


def _in_turn(one: Stage, *lines: str) -> None:
    """Have each line done when all that was before it is on every desk."""
    for line in lines:
        _settled(one)
        one.play(line)
    _settled(one)


def _talk(one: Stage) -> None:
    _in_turn(
        one,
        "helena> say -- Thank you both for coming. We would rather talk here than read about each other in the papers.",
        "ingrid> say --register non-paper -- Three things could be looked at together: how far the patrols stay from the line,"
        " how much water comes in spring, and who reads the gauges. None of them has to be settled first.",
        "karim> say --capacity personal -- تستطيع حكومتي أن تتحدث عن الماء، ولكن ليس تحت ضغط الدوريات.",
        "helena> say --register conditional --mandate authorised --states patrols=two-miles --reply-by 3d -- If Ostra keeps the"
        " spring flow at forty cubic metres a second, we can move our patrols two miles back.",
        "karim> say --answers 4 --register conditional --rule substance -- If the patrols are back by the first of March, the"
        " sluices can be open by then.",
        "karim> say --register formal --expires 20d -- Ostra regards the eleven fishermen as guests, not as prisoners. They may"
        " write home every week.",
        'helena> note --source "Merin Gazette" --at 2026-11-20 -- The ministry says that no talks of any kind are under way.',
        "helena> say --returnable -- A sketch of the line, to be looked at and handed back.",
        "helena> say -- This was said too early.",
        "helena> withdraw 9",
        "helena> read",
        "karim> read --tell yes",
    )


def _authority(one: Stage) -> None:
    one.play("""
        karim> mandate claim --for "water and sluices, ad referendum" --level exploratory --issue "water in spring" --until 20d
        helena> mandate challenge --to karim -- Let the gauge at Tell Sahar be read aloud on the morning radio.
        karim~ mandate answer --how "It was read at 7:10, by the usual announcer"
        helena~ mandate checked --how "Heard in Merin by two of ours"
        helena> precondition state --source "speech of 2 November" -- No talks while a single fisherman is held.
        karim~ precondition park
    """)


def _times(one: Stage) -> None:
    one.play("""
        helena> clock add --at 9d --felt-by Ostra --hard -- The snow melts above the upper sluices
        karim~ clock add --at 30h --felt-by Valdia --felt-by Ostra -- The council of Ostra votes on the patrols
        helena> clock add --private --at 5d -- Our minister leaves for the summit
        helena> sunset set --at 60d
        karim~ sunset agree
        ingrid> impasse call -- Each waits for the other to move first on the patrols.
        karim> standby lodge --with ingrid --signal "the herons are back" --as "a suggestion of the Institute" --readers-know -- Both sides might step back on the same night, each without a word.
    """)


def _promises(one: Stage) -> None:
    one.play("""
        helena> pledge make --due 10d --if "the sluices are open" -- Valdia moves its patrols two miles from the line.
        karim~ pledge acknowledge
        karim> pledge make --due 20d -- Ostra lets the fishermen write home every week.
        karim> pledge make --due 15s -- Ostra sends the gauge readings of October.
    """)
    one.told["late"] = _last(one, "karim", "pledge show", "pledges")
    one.play("""
        helena~ pledge acknowledge {late}
        karim> understanding offer --subject "The fishermen" --with Valdia --due 30d
        helena~ understanding confirm
        karim> deed report --pledge {late} --at 2026-11-21 -- The readings went to Merin by the fish lorry.
    """)
    one.told["deed"] = _last(one, "karim", "deed show", "deeds")
    one.play("""
        helena~ deed read {deed} partly -- September was missing
        karim> leak line set --for "if it comes out" -- We do not comment on rumours.
        helena~ leak line agree
        karim~ need-to-know set 6 --only helena
    """)


def _soundings(one: Stage, folder: Path) -> None:
    (folder / "options").write_text(
        "a hotline between the harbours\njoint readings of the gauges\nno aircraft below 500 m\n", "utf-8"
    )
    one.play(f"""
        helena> sound feel -- A pause of sixty days instead of thirty
        karim~ sound answer --all
        helena~ sync
        karim~ sync
        helena~ sound show
          Everybody said yes.
        helena> sound feel --no -- The flag of Valdia comes down on the island
        karim~ sound answer --all
        helena~ sync
        karim~ sync
        helena~ sound show
          No joint yes.
        karim> sound open {folder / "options"} --yes 1,2 --about "small steps"
    """)


def _packages(one: Stage, folder: Path) -> None:
    wants = folder / "wants.json"
    wants.write_text(json.dumps(WANTS), "utf-8")
    one.play(f"""
        helena> package propose --with Ostra --issue "Patrols: as now | one mile | two miles" --issue "Water in spring: 20 m³/s | 30 m³/s | 40 m³/s" --issue "Gauges: read apart | read together"
        karim~ package agree
        helena> package prefer --answers {wants} --walk-away 35
    """)


def _texts(one: Stage, folder: Path) -> None:
    words = folder / "words.json"
    words.write_text(json.dumps(TEXT), "utf-8")
    one.play(f"""
        helena> seal draft {words}
        karim~ seal key
        helena~ seal freeze
        karim~ seal agree
        helena~ seal agree
        karim~ seal go
        helena~ seal go
        karim~ seal anchor --yes
        helena~ seal anchor --yes
        karim~ seal show
          Every side can show that every side sealed.
    """)
    words.write_text(
        json.dumps(
            {**TEXT, "title": "Rules for the spring water", "terms": {}, "clauses": TEXT["clauses"][:2]}
        ),
        "utf-8",
    )
    one.play(f"""
        helena> seal draft {words}
        karim> surface propose --audience everyone --at 2026-12-24 --open term-sluices
        helena~ surface show
          everyone
    """)


def _other_rooms(one: Stage) -> None:
    one.play("""
        ingrid> open-room --title "Shuttle to Merin" --side "Fridell Institute" --role go-between --kind shuttle
        helena> open-room --title "Valdia alone" --side Valdia --kind caucus
        helena> say --room "Valdia alone" -- The minister wants a date before the summit.
        helena> notebook write --room "The lower lake" -- Karim looked at the clock when we spoke of the gauges. Ask about Merin.
        helena> notebook write -- Ring the ministry before noon; say nothing of the sluices.
    """)
    one.invite("helena", "marek", "--room", "The lower lake", "--side", "Valdia", "--role", "adviser")
    one.person("marek")
    one.play("marek> join {line} --words-fd 0 << {words}")
