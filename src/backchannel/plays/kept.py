"""What `--keep` leaves beside relay, traffic and desks: the clock of the play, and how to go on by hand."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from backchannel.plays.afterwards import KeptPlay, Sitting
from backchannel.plays.case import NO_PARTY, Case
from backchannel.plays.stage import Stage
from backchannel.plays.tables import GO_BETWEEN_SIDE, Table, side_of
from backchannel.plays.tap import LOOPBACK

ENV = """\
# Read this file into a shell to go on at the desks of a play:  . {file}
BACKCHANNEL_PLAY={folder}
BACKCHANNEL_CLOCK={folder}/clock
export BACKCHANNEL_PLAY BACKCHANNEL_CLOCK

relay_on() {{
  {program} relay run --db "$BACKCHANNEL_PLAY/relay/relay.db" --listen {address} >>"$BACKCHANNEL_PLAY/relay/log" 2>&1 &
  relay_id=$!
}}

relay_off() {{
  kill "$relay_id"
}}

desks_on() {{
  {program} play --open "$BACKCHANNEL_PLAY"
}}

desk() {{
  desk_of=$1
  shift
  {program} desk --desk "$BACKCHANNEL_PLAY/desks/$desk_of" --passphrase-fd 3 "$@" 3<<PASSPHRASE
{passphrase}
PASSPHRASE
}}

cat <<'HOW'
{how}
HOW
"""


def leave(case: Case, stage: Stage, tables: Sequence[Table]) -> Path:
    """Write the clock, who sits where, and the file to go on with; gives the latter."""
    relay = f"{LOOPBACK}:{stage.relay_url.rpartition(':')[2]}"
    people = [seat.person for seat in stage.seats.values()]
    sitting = tuple(
        Sitting(
            each.id, each.name, GO_BETWEEN_SIDE if each.party == NO_PARTY else side_of(each, case.parties)
        )
        for each in people
    )
    KeptPlay(stage.home, relay, stage.passphrase, sitting).write()
    stage.clock.keep(stage.home / "clock", time.time_ns() // 1_000_000)
    file = stage.home / "env"
    file.write_text(
        ENV.format(
            file=file,
            folder=quote(str(stage.home)),
            program=f"{quote(sys.executable)} -m backchannel",
            address=relay,
            passphrase=stage.passphrase,
            how="\n".join(how(stage, tables)),
        ),
        encoding="utf-8",
    )
    return file


def how(stage: Stage, tables: Sequence[Table]) -> list[str]:
    """Say how to go on by hand, one line for each person."""
    lines = [
        "The desks of this play go on in their own time. `desks_on` opens them in the browser.",
        "Or ask them one by one, from this shell; start their relay first:",
        "",
        "  relay_on",
        "",
        f"Their passphrase is {stage.passphrase}; `desk` gives it for you.",
        "Ask any desk anything; each person may begin with:",
        "",
    ]
    width = max((len(person) for person in stage.seats), default=0)
    for person in stage.seats:
        own = [table for table in tables if person in table.were_seated]
        act = f"show --room {_typed(own[-1].title)}" if own else "rooms"
        lines.append(f"  desk {person:{width}}  {act}")
    return [*lines, "", "Every command: desk PERSON --help.  When you are done: relay_off"]


def _typed(title: str) -> str:
    """Quote a title for a shell, as plainly as it allows."""
    return quote(title) if set(title) & set('"$`\\!') else f'"{title}"'
