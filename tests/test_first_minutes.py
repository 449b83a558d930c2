"""A newcomer's first minutes in the browser, act by act; and a desk that covers, tells and locks itself without a word too much."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browsers import PASSPHRASE, Desk, House, house
from relay_process import environment

MOST_ACTS = 12
COUNT = "addEventListener('click', (one) => one.isTrusted && one.target.closest('a, button, summary') && acted(), true)"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("minutes")) as one:
        yield one


def counted(stage: House, name: str) -> tuple[Desk, list[None]]:
    """Give a newcomer whose acts are counted: every button, link and heading they press, and that they opened the address."""
    acts: list[None] = [None]
    desk = stage.person(name)
    desk.page.expose_function("acted", lambda: acts.append(None))
    desk.page.add_init_script(COUNT)
    desk.page.reload()
    return desk, acts


def test_from_nothing_to_the_first_message_takes_a_newcomer_twelve_acts_at_most(stage: House) -> None:
    anna, hers = counted(stage, "Anna")
    boris, his = counted(stage, "Boris")
    anna.fill(passphrase="12345678")
    anna.sees("Weak: whoever has this machine guesses it")
    anna.fill(passphrase=PASSPHRASE)
    anna.sees("Strong: guessing it takes longer than anybody has.")
    stage.settle_in(anna)
    anna.follow("Open a room")
    anna.fill(title="Northern line", side="North")
    anna.press("Open the room")
    anna.follow("Invite somebody")
    anna.fill(side="South")
    anna.press("Make an invitation")
    address, words = anna.page.locator("dl code").inner_text(), anna.page.locator("dd.spoken").inner_text()
    stage.settle_in(boris)
    boris.follow("I was invited")
    boris.fill(address=address, words=words)
    boris.press("Answer the invitation")
    anna.follow("To the room")
    anna.sees("Boris asks to come in.")
    anna.follow("People")
    anna.press("Let in")
    anna.follow("To the room")
    anna.fill(text="A pause of thirty days?")
    anna.press("Say it to")
    anna.sees("A pause of thirty days?")
    assert 8 < len(hers) <= MOST_ACTS
    boris.follow("Today")
    boris.sees("Northern line")
    boris.follow("Northern line")
    boris.sees("A pause of thirty days?")
    boris.fill(text="Ask me in a week.")
    boris.press("Say it to")
    anna.sees("Ask me in a week.")
    assert 6 < len(his) <= MOST_ACTS
    tells_nothing(anna, boris)
    covers(boris)


def tells_nothing(anna: Desk, boris: Desk) -> None:
    """The same sentence, whatever came, and only while one looks elsewhere; what a browser would show is written down."""
    boris.page.context.grant_permissions(["notifications"])
    boris.follow("Settings")
    boris.press("Tell me that something came")
    boris.follow("Today")
    boris.page.evaluate(
        "() => { window.told = []; Object.defineProperty(document, 'hidden', { get: () => true });"
        " window.Notification = class { static permission = 'granted'; constructor(...said) { told.push(said); } }; }"
    )
    anna.fill(text="Of what Boris must not read over a shoulder.")
    anna.press("Say it to")
    for _ in range(200):  # what polls within the page is a string to evaluate, which its policy forbids
        if boris.page.evaluate("told.length"):
            break
        boris.page.wait_for_timeout(100)
    assert boris.page.evaluate("told[0]") == ["Something new.", {"tag": "news"}]


def covers(boris: Desk) -> None:
    """Names and texts are bars until one points at them, or asks for all."""
    boris.follow("Settings")
    boris.press("Cover names and texts")
    boris.follow("Today")
    name = boris.page.locator("h2 bdi, h3 bdi", has_text="Northern line").first
    clear = "one => getComputedStyle(one).color"
    expect(boris.page).to_have_title("Backchannel")
    assert name.evaluate(clear) == "rgba(0, 0, 0, 0)"
    name.hover()
    assert name.evaluate(clear) != "rgba(0, 0, 0, 0)"
    boris.page.mouse.move(0, 0)
    assert name.evaluate(clear) == "rgba(0, 0, 0, 0)"
    boris.press("Show for ten seconds")
    assert name.evaluate(clear) != "rgba(0, 0, 0, 0)"
    boris.press("Uncover")


def test_a_desk_counts_down_stays_if_somebody_is_there_and_locks_itself_if_not(
    stage: House, tmp_path: Path
) -> None:
    words = ("desk", "--desk", str(tmp_path / "desk"), "open", "--no-browser", "--for", "12s")
    process = subprocess.Popen(
        [sys.executable, "-m", "backchannel", *words], stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        page = stage.browser.new_context().new_page()
        page.goto(address[0])
        for name in ("passphrase", "again"):
            page.locator(f"[name={name}]").first.fill(PASSPHRASE)
        page.get_by_role("button", name="Make the desk").click()
        banner = page.locator("#locking")
        expect(banner).to_be_hidden()
        expect(banner).to_be_visible(timeout=15_000)
        expect(banner).to_contain_text(re.compile(r"about to lock itself\. [0-5] s"))
        page.get_by_role("button", name="I am here").click()
        expect(banner).to_be_hidden()
        page.wait_for_timeout(400)
        expect(banner).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_have_text("This desk is locked", timeout=25_000)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
