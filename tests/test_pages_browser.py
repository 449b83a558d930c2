"""Two people who never saw a terminal: each makes a desk in the browser, they meet by three words, and talk."""

import re
from pathlib import Path

from playwright.sync_api import expect

from browsers import PASSPHRASE, house


def test_two_people_meet_and_talk_in_their_browsers_and_a_killed_desk_loses_no_word(tmp_path: Path) -> None:
    with house(tmp_path) as stage:
        anna, boris = stage.person("Anna"), stage.person("Boris")
        for desk in (anna, boris):
            stage.settle_in(desk)

        anna.follow("Open a room")
        anna.fill(title="Northern line", side="North")
        anna.press("Open the room")
        anna.follow("To the room")
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
        boris.kill()
        boris.open()
        boris.fill(passphrase=PASSPHRASE)
        boris.press("Open the desk")
        boris.follow("Northern line")
        expect(boris.page.locator("[name=text]")).to_have_value("My capital needs a date.!")
        boris.press("Say it to")
        anna.sees("My capital needs a date.!")
        boris.page.reload()
        expect(boris.page.locator("[name=text]")).to_have_value("")

        boris.press("العربية")
        assert boris.page.locator("html").get_attribute("dir") == "rtl"
        anna.press("Lock the desk")
        anna.sees("This desk is locked")
