"""People at their desks in the browser: what they look for they know by its words in their language, and reach by mouse or by keyboard alone."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, expect

from backchannel.pages.words import Words
from browsers import Desk, House

MOST_TABS = 250
MOST_LOOKS, LOOK_MS = 100, 200  # of somebody without script, until something has come
expect.set_options(timeout=20_000)  # for a machine that does much else
TAKES_TEXT = frozenset({"text", "search", "password", "textarea"})


@dataclass
class Person:
    """Somebody at a desk; with `keys` they have no mouse, and without `script` they ask for a page anew to see what came."""

    desk: Desk
    language: str = "en"
    keys: bool = False
    script: bool = True
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        self.words = Words(self.language)

    def reach(self, found: Locator) -> None:
        """Tab to something, and see that it shows where the keyboard is."""
        expect(found).to_be_visible()
        for _ in range(MOST_TABS):
            if found.evaluate("one => one === document.activeElement"):
                seen = found.evaluate(
                    "one => [getComputedStyle(one).outlineStyle, getComputedStyle(one).outlineWidth]"
                )
                assert seen == ["solid", "3px"], f"focus does not show on {found}"
                return
            self.desk.page.keyboard.press("Tab")
        raise AssertionError(f"{found} is not reached by the keyboard")

    def use(self, found: Locator, key: str = "Enter") -> None:
        self.desk.page.bring_to_front()
        if self.keys:
            self.reach(found)
            self.desk.page.keyboard.press(key)
        else:
            found.click(timeout=20_000)

    def awaits(self, found: Locator) -> None:
        """Ask for the page again until something is there, where no script brings news."""
        if self.script:
            return
        for _ in range(MOST_LOOKS):
            if found.count():
                return
            self.desk.page.wait_for_timeout(LOOK_MS)
            self.desk.page.reload()

    def follow(self, name: str) -> None:
        """Follow a link, known by its name in the catalogue."""
        found = self.desk.page.get_by_role("link", name=self.words(name), exact=True).first
        self.awaits(found)
        self.use(found)

    def press(self, name: str) -> None:
        self.use(self.desk.page.get_by_role("button", name=self.words(name), exact=True).first)

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            found = self.desk.page.locator(f"[name={name}]:visible").first
            if not self.keys:
                found.fill(text, timeout=20_000)
            elif found.evaluate("one => one.type") == "datetime-local":
                self.reach(found)
                self.type_moment(text)
            else:
                self.reach(found)
                assert found.evaluate("one => one.type") in TAKES_TEXT
                self.desk.page.keyboard.press("Control+A")
                self.desk.page.keyboard.insert_text(text)

    def type_moment(self, text: str) -> None:
        """Type a date and hour into the parts of its field, which stand as the British write them."""
        year, month, day, hour, minute = re.split(r"[-T:]", text)
        keyboard = self.desk.page.keyboard
        keyboard.type(f"{day}{month}{year}")
        keyboard.press("ArrowRight")
        keyboard.type(f"{hour}{minute}")

    def pick(self, name: str, value: str) -> None:
        """Choose from a list."""
        found = self.desk.page.locator(f"select[name={name}]:visible")
        if not self.keys:
            found.select_option(value)
            return
        self.reach(found)
        for _ in range(found.locator("option").count()):
            if found.input_value() == value:
                return
            self.desk.page.keyboard.press("ArrowDown")
        assert found.input_value() == value

    def tick(self, text: str) -> None:
        self.use(self.desk.page.get_by_role("checkbox", name=text), key="Space")

    def sees(self, text: str) -> None:
        self.awaits(self.desk.page.get_by_text(text))
        self.desk.sees(text)

    def does_not_see(self, text: str) -> None:
        expect(self.desk.page.get_by_text(text)).to_have_count(0)

    def board(self, name: str) -> None:
        """Go to a page of the room, from any page that leads to it."""
        if not self.desk.page.locator("nav.boards").count():
            self.follow("app.to-the-room")
        self.follow("room.talk" if name == "room" else f"page.{name}")
        expect(self.desk.page.locator("nav.boards [aria-current]")).to_have_text(
            self.words("room.talk" if name == "room" else f"page.{name}")
        )

    def act(self, act: str, *, ticks: tuple[str, ...] = (), **fields: str) -> None:
        """Do an act by its form, and be told that it is done."""
        self.follow(f"act.{act}")
        self.fill(**fields)
        for text in ticks:
            self.tick(text)
        self.press(f"do.{act}" if self.words.has(f"do.{act}") else f"act.{act}")
        expect(self.desk.page.get_by_role("heading", level=1)).to_have_text(self.words("told.done"))

    def say(self, text: str, register: str) -> None:
        self.pick("register", register)
        self.fill(text=text)
        self.press("do.say")
        self.sees(text)

    def settle_in(self, house: House) -> None:
        """Make the desk and add the relay, in their language."""
        if self.language != "en":
            self.use(self.desk.page.locator(f".languages [value={self.language}]"))
        self.fill(name=self.desk.name, passphrase=house.passphrase, again=house.passphrase)
        self.press("new.make")
        self.fill(url=house.relay.url, tokens=house.tokens(8))
        self.press("relays.add")

    def invite(self, guest: "Person", side: str, role: str = "") -> None:
        """Ask somebody in, who types the three words they are told."""
        self.follow("act.invite")
        self.fill(side=side)
        if role:
            self.pick("role", role)
        self.press("do.invite")
        address = self.desk.page.locator("dl code").inner_text()
        spoken = self.desk.page.locator("dd.spoken").inner_text()
        guest.follow("act.join")
        guest.fill(address=address, words=spoken)
        guest.press("do.join")

    def let_in(self, guest: "Person") -> None:
        self.follow("today.title")
        self.sees(self.words("today.asks", who=guest.desk.name))
        self.follow("today.asks-look")
        self.press("do.admit")

    def enter(self, title: str, readers: int) -> None:
        """Come into a room once all have said yes."""
        self.follow("today.title")
        self.sees(self.words("audience.line", kind="", people=readers, sides="").strip(" ·"))
        self.use(self.desk.page.get_by_role("link", name=title, exact=True).first)
        self.awaits(self.desk.page.locator(".basis li").nth(readers - 1))
        expect(self.desk.page.locator(".basis li")).to_have_count(readers)

    def read_out(self, other: "Person") -> str:
        """Ask for the words to compare with somebody; empty while the other's desk has not answered."""
        self.board("people")
        named = self.desk.page.locator("strong", has_text=other.desk.name)
        row = self.desk.page.locator(".people li").filter(has=named)
        self.use(row.get_by_role("link", name=self.words("act.words"), exact=True))
        self.press("do.words")
        expect(self.desk.page.get_by_role("heading", level=1)).to_have_text(self.words("told.done"))
        mine = self.desk.page.locator(".spoken-box")
        return mine.inner_text() if mine.count() else ""

    def hear(self, other: "Person", said: str) -> None:
        self.board("people")
        named = self.desk.page.locator("strong", has_text=other.desk.name)
        row = self.desk.page.locator(".people li").filter(has=named)
        self.use(row.get_by_role("link", name=self.words("act.words"), exact=True))
        self.fill(heard=said)
        self.press("do.words")
        expect(self.desk.page.get_by_role("heading", level=1)).to_have_text(self.words("told.done"))

    def save(self, act: str) -> dict[str, bytes]:
        """Do an act that gives files, and keep them."""
        self.follow(f"act.{act}")
        with self.desk.page.expect_download() as coming:
            self.press(f"act.{act}")
        kept = Path(coming.value.path()).read_bytes()
        with zipfile.ZipFile(io.BytesIO(kept)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def until(tried: Callable[[], str], times: int = 40) -> str:
    """Try again until something comes of it."""
    for _ in range(times):
        if came := tried():
            return came
    raise AssertionError("nothing came of it")
