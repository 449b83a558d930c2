"""What waits for this desk's own side before a text is sealed or comes into the open."""

from dataclasses import dataclass

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.daylight.sealing import Step, due
from backchannel.daylight.text import parse_payload
from backchannel.desk import sealings, surfacing
from backchannel.desk.commands.answer import Json
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.seal import SPEAKERS, Drafted, Sealings
from backchannel.said import said

STEPS = {
    Step.AGREE: (
        "agree",
        said("waits for you to read it and agree, with `backchannel desk seal show` and `seal agree`"),
    ),
    Step.SIGN: ("go", said("waits for your signature: `backchannel desk seal go`")),
    Step.HOLD: ("go", said("waits for you to say that you hold all signatures: `backchannel desk seal go`")),
    Step.ANCHOR: ("anchor", said("waits for your anchor; `backchannel desk seal show` says what that means")),
}


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that nobody but this desk can do next."""

    id: EventId
    act: str
    line: str

    @property
    def value(self) -> dict[str, Json]:
        return {"id": self.id.hex(), "act": self.act, "line": self.line}


def owed(room: Room) -> list[Owed]:
    """Give what waits for this desk towards sealing and surfacing, in the order of the log."""
    if room.credential.role not in SPEAKERS or room.left or room.archive:
        return []
    found = read(room.log, Sealings).standing()
    lines = [one for drafted in found.drafts.values() if (one := _of_draft(room, drafted)) is not None]
    for text in found.texts.values():
        step = due(sealings.own_view(room, text))
        if step is not None:
            act, words = STEPS[step]
            title = parse_payload(text.sealing.frozen.payload).title
            lines.append(
                Owed(
                    text.entry.id,
                    f"seal {act}",
                    said("“{title}” {words}", title=one_line(title), words=words),
                )
            )
    for eid, surfaced in surfacing.known(room).items():
        if room.credential.side in surfaced.missing:
            line = said(
                "what to publish of a sealed text, for {audience}, waits for your side's yes: `backchannel desk"
                " surface preview`",
                audience=one_line(surfaced.terms.audience),
            )
            lines.append(Owed(eid, "surface agree", line))
    return lines


def _of_draft(room: Room, drafted: Drafted) -> Owed | None:
    title = one_line(drafted.draft.title)
    if drafted.texts:
        return None
    if room.credential.side in drafted.missing:
        return Owed(
            drafted.entry.id,
            "seal key",
            said("“{title}” waits for your side's key: `backchannel desk seal key`", title=title),
        )
    if drafted.entry.author == room.me and not drafted.missing:
        return Owed(
            drafted.entry.id,
            "seal freeze",
            said("“{title}” has every side's key: `backchannel desk seal freeze`", title=title),
        )
    return None
