"""Two people who never saw a terminal: they meet by three words, talk, promise, sound each other out and draft a text."""

import os
import re
from pathlib import Path

from playwright.sync_api import expect

from backchannel.languages import LANGUAGES
from backchannel.pages.table import LOOKS
from browsers import PASSPHRASE, Desk, house

DEEP = (
    os.environ.get("BACKCHANNEL_DEEP") == "1"
)  # every page in every language; otherwise each page in one of them


def by_keyboard(desk: Desk, name: str, words: str) -> None:
    """Reach a field of the form with Tab alone, and type."""
    expect(desk.page.locator(f"[name={name}]")).to_be_visible()
    for _ in range(60):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement?.name") == name:
            assert desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
                "focus shows"
            )
            desk.page.keyboard.type(words)
            return
    raise AssertionError(f"{name} is not reached by the keyboard")


def every_page(room: str) -> list[str]:
    boards = [f"/rooms/{room}/{name}" for name in (*LOOKS, "people", "compare")]
    return ["/", "/settings", f"/rooms/{room}", *boards, f"/act/pledge-make?room={room}"]


def bargain(anna: Desk, boris: Desk, room: str) -> None:
    """Give a pledge by keyboard alone and have it acknowledged, say yes to a feeler on both sides, draft a text with a closed term."""
    anna.follow("Pledges")
    anna.follow("Pledge a step")
    by_keyboard(anna, "text", "We stop the patrols.")
    by_keyboard(anna, "due", "20d")
    anna.page.locator("main button.do").focus()
    anna.page.keyboard.press("Enter")
    anna.sees("It binds your side as soon as")
    boris.sees("We stop the patrols.")  # on the table beside the talk, by itself
    boris.follow("Pledges")
    boris.follow("Acknowledge a pledge")
    boris.press("Acknowledge a pledge")
    boris.follow("Today")
    boris.sees("owed to you: 1")

    boris.page.goto(f"{boris.desk_address}/act/sound-feel?room={room}")
    boris.fill(feeler="Sixty days instead of thirty")
    boris.press("Put out a feeler")
    anna.page.goto(f"{anna.desk_address}/rooms/{room}/soundings")
    anna.sees("awaits your answer")
    anna.follow("Answer a sounding")
    anna.page.get_by_role("checkbox", name="Sixty days instead of thirty").check()
    anna.press("Answer a sounding")
    boris.page.goto(f"{boris.desk_address}/rooms/{room}/soundings")
    boris.sees("everybody said yes")

    boris.page.goto(f"{boris.desk_address}/act/seal-draft?room={room}")
    boris.fill(
        text_title="A pause",
        dated="2026-12-01T18:00",
        clauses="Sixty days.\n\nNo patrols.",
        terms="dam: It opens.",
    )
    boris.press("Draft a text to be sealed")
    anna.page.goto(f"{anna.desk_address}/rooms/{room}/text")
    anna.sees("term-dam")


def look_at_all(desk: Desk, room: str) -> None:
    """Find no barrier on any page, whatever its language and width."""
    for place, language in enumerate(LANGUAGES.values()):
        desk.press(language)
        desk.page.set_viewport_size({"width": 390 if language == "Français" else 1280, "height": 900})
        looked_at = every_page(room) if DEEP else every_page(room)[place :: len(LANGUAGES)]
        found = [barrier for where in looked_at for barrier in desk.barriers(where)]
        assert found == [], language
    desk.press("English")


def fall(desk: Desk, typed: str) -> None:
    """Have a desk end at once: its page says so, sends nothing into the void, and no error page takes the words away."""
    desk.kill()
    desk.sees("This desk does not answer any more")
    desk.press("Say it to")
    expect(desk.page.locator("[name=text]")).to_have_value(typed)


def test_two_people_meet_and_talk_in_their_browsers_and_a_killed_desk_loses_no_word(tmp_path: Path) -> None:
    with house(tmp_path) as stage:
        anna, boris = stage.person("Anna"), stage.person("Boris")
        for desk in (anna, boris):
            stage.settle_in(desk)

        anna.follow("Open a room")
        anna.fill(title="Northern line", side="North")
        anna.press("Open the room")
        anna.follow("Invite somebody")
        anna.fill(side="South")
        anna.press("Make an invitation")
        address, words = (
            anna.page.locator("dl code").inner_text(),
            anna.page.locator("dd.spoken").inner_text(),
        )
        assert address.startswith("backchannel:")

        boris.follow("I was invited")
        boris.fill(address=address, words=words)
        boris.press("Answer the invitation")
        anna.follow("Today")
        anna.sees("Boris asks to come in.")
        anna.follow("People")
        anna.press("Let in")
        boris.follow("Today")
        boris.sees("readable by 2")
        boris.follow("Northern line")

        anna.follow("To the room")
        anna.fill(text="A pause of thirty days.\n\n<b>If</b> you can, we can.")
        anna.press("Say it to")
        boris.sees("A pause of thirty days.")  # it came by itself, and is text and nothing else
        boris.sees("<b>If</b> you can, we can.")

        boris.fill(text="My capital needs a date.")
        with boris.page.expect_response(re.compile("/draft/say")):
            boris.page.locator("[name=text]").press("End")
            boris.page.locator("[name=text]").type("!")
        fall(boris, "My capital needs a date.!")
        boris.open()
        boris.fill(passphrase=PASSPHRASE)
        boris.press("Open the desk")
        boris.follow("Northern line")
        expect(boris.page.locator("[name=text]")).to_have_value("My capital needs a date.!")
        boris.press("Say it to")
        anna.sees("My capital needs a date.!")
        boris.page.reload()
        expect(boris.page.locator("[name=text]")).to_have_value("")

        room = re.sub(r".*/rooms/|[#?].*", "", anna.page.url)
        bargain(anna, boris, room)
        look_at_all(anna, room)
        boris.press("العربية")
        assert boris.page.locator("html").get_attribute("dir") == "rtl"
        anna.press("Lock the desk")
        anna.sees("This desk is locked")
