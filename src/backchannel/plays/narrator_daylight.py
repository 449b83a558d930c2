"""Tells what comes out of a play into the open: texts that anyone can check, what was closed in them, what would have lapsed."""

from collections.abc import Iterable, Sequence

from backchannel.plays import scenes, stranger
from backchannel.plays.case import Person
from backchannel.plays.page import Sheet, names, short
from backchannel.plays.stage import Stage

ONCE = (
    "Dated ",
    "If a closed term",
    "Check words",
)  # of what a stranger is told, what the first report says for all
Scene = scenes.Sealed | scenes.Surfaced | scenes.Opening | scenes.WhatIf


def tell_daylight(sheet: Sheet, stage: Stage, scene: Scene) -> None:
    match scene:
        case scenes.Sealed():
            _sealed(sheet, stage, scene)
        case scenes.Surfaced(_, _, sides, data):
            sheet.say(
                "",
                f"{names(sides)} agree to make this public, with these words and no others; one of them alone could not have their"
                f" desks do it. The file that goes out has {len(data):,} bytes.",
            )
        case scenes.Opening():
            _opening(sheet, stage, scene)
        case scenes.WhatIf():
            _what_if(sheet, scene)


def _sealed(sheet: Sheet, stage: Stage, scene: scenes.Sealed) -> None:
    if sheet.first("sealed"):
        sheet.head("From talk to a text that anyone can check")
        sheet.say(
            "All that was said so far proves nothing to anybody else. Now the sides want something that does: they put the same words"
            " before them, each signs with a key made for this text alone, and only when everyone holds every signature does each say"
            " whose key it was. No such paper existed then; here is what it would have been."
        )
    sheet.say(
        "",
        f"{names(scene.sealers)} seal a text, “{scene.text}”. It is a file. This is what a stranger is told who has that file and"
        " nothing else, and has heard which keys the two sides are known by:",
        "",
    )
    _report(sheet, [scene.data], anchors(stage, scene.title, scene.sealers))
    if scene.closed and sheet.first("closed"):
        sheet.say(
            "Something is sealed in it that cannot be read from it. The file does not even tell how much: a closed term and a blank look"
            " alike.",
        )


def _opening(sheet: Sheet, stage: Stage, scene: scenes.Opening) -> None:
    sheet.head("What was closed is opened")
    each = "it" if len(scene.data) == 1 else "each"
    sheet.say(
        f"{short(scene.by)} still has what was sealed, and opens what was closed in {each}. Nobody has to be believed: it either fits"
        " the seal of those days, or it does not. The stranger checks:",
        "",
    )
    _report(sheet, scene.data, anchors(stage, scene.title, scene.sealers))


def _report(sheet: Sheet, files: Sequence[bytes], known: dict[str, str]) -> None:
    """Show what a stranger is told; what every report says alike is shown the first time."""
    lines = stranger.lines(files, known)
    if not sheet.first("report"):
        lines = [line for line in lines if not line.startswith(ONCE)]
    sheet.screen(lines)


def anchors(stage: Stage, title: str, sealers: Iterable[Person]) -> dict[str, str]:
    """By which keys sides are known, as their own desks say it."""
    known = [stage.seats[each.id].do("seal", "known-as", "--room", title) for each in sealers]
    return {str(each["side"]): str(each["fingerprint"]) for each in known}


def _what_if(sheet: Sheet, scene: scenes.WhatIf) -> None:
    chooser, publisher = short(scene.chooser), short(scene.publisher)
    if sheet.first("what if"):
        sheet.head("What if it had come out?")
        sheet.say(
            "A second play of the same room at other desks, which stops before anything is performed. This is what stands on the desk of"
            f" {chooser}:",
            "",
        )
    sheet.screen(scene.before)
    sheet.say(
        f"Now suppose that {publisher}'s side lets it out. {chooser} reports that, and chooses to be bound no more. {publisher} tries to"
        " choose too and is refused: a side that published has no choice. It then reads:",
        "",
    )
    sheet.screen(scene.after)
