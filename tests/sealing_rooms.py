"""Rooms in which a text is sealed: real desks, and a relay that is a dictionary."""

from pathlib import Path

from backchannel.channel.event import EventId
from backchannel.desk import sealings
from backchannel.moves.seal import ClosedTerm, SealDraft, Spoken, standing
from desks import NOW, Stage, in_talks

SIDES = ("A", "B")
WORDS = SealDraft(
    "Exchange of letters",
    NOW + 1234,
    ("The weapons go.", "No invasion."),
    (ClosedTerm("turkey", "The missiles in Turkey go too."),),
    (Spoken("spoken", "Missiles in Turkey", SIDES, NOW, "election"),),
    "agreement",
    "election",
    (),
    SIDES,
    ("B", "A"),
)


def begun(folder: Path, *names: str, words: SealDraft = WORDS) -> tuple[Stage, EventId]:
    """Let the first desk draft and freeze a text for which all sides gave keys."""
    stage = in_talks(folder, *names)
    first = stage.seats[names[0]]
    drafted = sealings.draft(first.room, words, first.now).id
    stage.settle()
    for name in names[1:]:
        seat = stage.seats[name]
        if seat.room.credential.side in words.sides:
            sealings.give_key(seat.room, drafted, seat.now)
    stage.settle()
    text = sealings.freeze_draft(first.room, drafted, first.now).id
    stage.settle()
    return stage, text


def signed(stage: Stage, text: EventId, *names: str) -> None:
    for name in names:
        sealings.agree(stage.seats[name].room, text, stage.now)
    stage.settle()
    for _ in range(2):
        for name in names:
            sealings.go_on(stage.seats[name].room, text, stage.now)
        stage.settle()


def anchored(stage: Stage, text: EventId, *names: str) -> None:
    for name in names:
        seat = stage.seats[name]
        key = sealings.long_term_key(seat.desk.vault, seat.room.credential.side)
        sealings.anchor(seat.room, text, key, seat.now)
        stage.settle()


def sealed_in_room(folder: Path, *names: str, words: SealDraft = WORDS) -> tuple[Stage, bytes]:
    """Let the first two people seal a text; gives its digest. Whoever else is there looks on."""
    stage, text = begun(folder, *names, words=words)
    signed(stage, text, *names[:2])
    anchored(stage, text, *names[1::-1])
    frozen = standing(stage.seats[names[0]].room.log).texts[text].sealing
    assert frozen.complete
    return stage, frozen.frozen.digest
