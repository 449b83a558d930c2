"""A browser tells that something came, and never what: its own notifications, over a real relay."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from browsers import FLAGS, Desk, chromium
from cli_stage import Stage, stage

TITLE, NAME, WORDS = "The upper sluice", "Karim", "Sluices open Thursday."
# The browser's own notifications go on being made; that a page is not looked at is what a browser without windows cannot show.
SPY = """() => {
    window.told = [];
    const Real = window.Notification;
    window.Notification = class extends Real {
        constructor(...said) {
            super(...said);
            const {title, body, tag, icon, data, dir, lang} = this;
            window.told.push({title, body, tag, icon, data, dir, lang, said: JSON.stringify(said)});
        }
    };
    Object.defineProperty(document, "hidden", {get: () => window.away});
}"""


@dataclass
class Told:
    """Helena at her browser, Karim at his desk, and a room of theirs."""

    stage: Stage
    desk: Desk

    def enter(self) -> None:
        self.desk.open()
        self.desk.fill(passphrase=self.stage.people["helena"].key)
        self.desk.press("Open the desk")
        expect(self.page.locator("#live")).to_be_visible()

    @property
    def page(self) -> Page:
        return self.desk.page

    def says(self, words: str = WORDS) -> None:
        """Have Karim say something, and wait until Helena's desk has it."""
        self.stage.play(f"karim> say -- {words}")
        self.desk.sees("1 new" if self.page.url.endswith("/") else words)

    def told(self, page: Page | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (page or self.page).evaluate("window.told")
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with stage(tmp_path_factory.mktemp("told")) as one, sync_playwright() as play:
        for name in ("helena", "karim"):
            one.person(name)
        one.play(f"helena> open-room --title '{TITLE}' --side Valdia")
        one.bring("helena", "karim", side="Ostra", role="principal")
        one.people["helena"].lock()
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        desk = Desk("helena", one.people["helena"].home, browser.new_context().new_page())
        try:
            yield Told(one, desk)
        finally:
            desk.kill()
            browser.close()


def room_page(one: Told) -> None:
    one.desk.follow("Today")
    one.desk.follow(TITLE)
    one.page.evaluate(SPY)


def look(page: Page, *, away: bool) -> None:
    page.evaluate("(away) => { window.away = away; }", away)


def test_what_comes_while_nobody_looks_is_told_once_without_a_word_of_it(told: Told) -> None:
    context: BrowserContext = told.page.context
    context.grant_permissions(["notifications"])
    told.enter()
    told.desk.follow("Settings")
    told.desk.press("Tell me that something came")
    expect(told.page.locator("[data-permission]:visible")).to_have_count(0)
    room_page(told)
    look(told.page, away=False)
    told.says("Seen as it came.")
    look(told.page, away=True)
    told.says()
    told.page.wait_for_timeout(800)  # that more than one would have come by then
    (one,) = told.told()
    assert (one["title"], one["body"], one["tag"], one["icon"], one["data"]) == (
        "Something new.",
        "",
        "news",
        "",
        None,
    )
    everything = json.dumps(one)
    assert not [word for word in (TITLE, NAME, "Ostra", "Helena", *WORDS.split()) if word in everything]

    second = context.new_page()  # somebody looks at another tab of the desk
    second.goto(told.page.url)
    told.says("With another tab before one.")
    told.page.wait_for_timeout(800)
    assert len(told.told()) == 1
    second.close()


def test_after_a_restart_it_is_still_wanted_and_a_browser_that_does_not_allow_it_is_said(told: Told) -> None:
    told.desk.kill()
    told.page.context.clear_permissions()
    told.enter()
    state = told.page.evaluate("Notification.permission")
    if state == "default":
        expect(told.page.locator("[data-permission=default]")).to_be_visible()
    told.desk.follow("Settings")
    expect(told.page.get_by_role("button", name="Tell me no more")).to_be_visible()
    assert state in {"denied", "default"}
    expect(told.page.locator(f"[data-permission={state}]")).to_be_visible()
    room_page(told)
    look(told.page, away=True)
    told.says("Nobody may tell.")
    told.page.wait_for_timeout(600)
    assert told.told() == []
    told.desk.follow("Settings")
    told.desk.press("Tell me no more")
    expect(told.page.locator("[data-permission]")).to_have_count(0)
