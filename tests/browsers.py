"""Desks in real browsers: `desk open` in a process of its own, Debian's Chromium, a context for each person."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from backchannel.wire.admissions import admission_text
from relay_process import RelayProcess, environment

PASSPHRASE = "correct horse battery staple"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium: on Debian run sudo apt-get install chromium")
    return found


@dataclass
class Desk:
    """A person's desk: its process, and their browser."""

    name: str
    folder: Path
    page: Page
    faults: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    def open(self) -> None:
        """Start the pages and come in by the address they print."""
        words = [
            sys.executable,
            "-m",
            "backchannel",
            "desk",
            "--desk",
            str(self.folder),
            "open",
            "--no-browser",
        ]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
        )
        assert self.process.stdout is not None
        address = re.search(r"http://\S+", self.process.stdout.readline())
        self.process.stdout.readline()
        assert address is not None
        self.page.goto(address[0])

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate(timeout=10)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(10) == 0
            assert self.process.stdout is not None
            assert self.process.stdout.read() == "", "nothing more is said, and nothing went wrong"
            self.process.stdout.close()
        assert self.faults == []

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        self.page.get_by_role("link", name=words, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:visible").fill(value)

    @property
    def desk_address(self) -> str:
        """The first part of every address of this desk's pages."""
        found = re.match(r"http://[^/]+/[^/]+", self.page.url)
        assert found is not None
        return found[0]

    def barriers(self, where: str, *, refused: bool = False) -> list[str]:
        """Open a page and say what of it somebody could not see, reach or hear, by the rules of axe."""
        answer = self.page.goto(f"{self.desk_address}{where}")
        assert answer is not None
        assert answer.ok or refused, (where, answer.status, self.page.inner_text("main"))
        self.page.evaluate(f"{axe()}\n;0")
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return [f"{where}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]] + (
            [f"{where}: wider than the window"] if wide else []
        )

    def sees(self, words: str) -> None:
        self.page.bring_to_front()  # a browser draws nothing of a page behind another
        try:
            expect(self.page.get_by_text(words).first).to_be_visible(timeout=20_000)
        except AssertionError as error:
            asked = [
                sys.executable,
                "-m",
                "backchannel",
                "desk",
                "--desk",
                str(self.folder),
                "status",
                "--no-sync",
            ]
            said = subprocess.run(asked, capture_output=True, text=True, env=environment(), check=False)
            error.add_note(f"{self.name}'s desk itself says:\n{said.stdout}{said.stderr}")
            raise


@dataclass
class House:
    """A relay and the people at it."""

    folder: Path
    relay: RelayProcess
    browser: Browser
    desks: list[Desk] = field(default_factory=list)

    def person(self, name: str, **context: object) -> Desk:
        """Open a new person's browser; nothing they load may come from elsewhere or go wrong in the browser."""
        page = self.browser.new_context(viewport={"width": 1280, "height": 900}, **context).new_page()  # type: ignore[arg-type]
        desk = Desk(name, self.folder / name, page)
        page.on("pageerror", lambda error: desk.faults.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith("http://127.0.0.1:") else desk.faults.append(asked.url)
            ),
        )
        self.desks.append(desk)
        desk.open()
        return desk

    passphrase = PASSPHRASE

    def tokens(self, count: int) -> str:
        """Give admissions as the relay's operator hands them out, one a line."""
        return "\n".join(admission_text(token) for token in self.relay.tokens(count))

    def settle_in(self, desk: Desk) -> None:
        """Make the desk and add the relay, as a newcomer does."""
        desk.fill(name=desk.name, passphrase=PASSPHRASE, again=PASSPHRASE)
        desk.press("Make the desk")
        desk.fill(url=self.relay.url, tokens=self.tokens(8))
        desk.press("Add a relay")


@contextmanager
def house(folder: Path) -> Iterator[House]:
    path = chromium()
    with RelayProcess(folder) as relay, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        one = House(folder, relay, browser)
        try:
            yield one
            for desk in one.desks:
                desk.close()
        finally:
            for desk in one.desks:
                if desk.process is not None and desk.process.poll() is None:
                    desk.kill()
            browser.close()
