"""A kept play goes on in the browser: every desk has an address, starts when somebody knocks, and ends with the terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pytest

from relay_process import backchannel, environment
from test_opened_browser import a_browser, fetched, refusal

SMALL = """\
schema: backchannel-case/2
id: mole
title: "A harbour for two towns"
principals: [north, south]
parties:
  - {id: north, name: "Northtown"}
  - {id: south, name: "Southtown"}
people:
  - {id: anna, name: "Anna Northwind", party: north, role: authorised-envoy, desk: true}
  - {id: boris, name: "Boris Southern", party: south, role: authorised-envoy, desk: true}
rooms:
  - {id: talks, title: "The two envoys", kind: bilateral, members: [anna, boris], opened: 1, closed: null}
kept_out: []
timeline:
  - {n: 1, at: "1931-03-01T10:00", kind: message, vis: private, room: talks, by: anna, mandate: exploratory, register: talk, gist: "Would your town hear of a common mole at all?"}
  - {n: 2, at: "1931-03-01T12:00", kind: message, vis: private, room: talks, by: boris, answers: 1, mandate: not-stated, register: talk, gist: "It would hear of it, not yet speak of it."}
features:
  - {feature: silence, must_show: "It shows.", expect: unanswered, "on": [2]}
"""
SECONDS = 120
MOST_BYTES = 120 << 20


@dataclass
class Terminal:
    """Somebody at a terminal in which a command runs."""

    words: tuple[str, ...]
    more: dict[str, str] = field(default_factory=dict)
    text: str = ""
    main: int = field(init=False)
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.main, side = pty.openpty()
        without = {key: value for key, value in environment().items() if "DISPLAY" not in key}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backchannel", *self.words],
            stdin=side, stdout=side, stderr=side, env=without | self.more, start_new_session=True,
        )  # fmt: skip
        os.close(side)

    def read_until(self, pattern: str) -> None:
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self.text):
            assert time.monotonic() < end, self.text
            if select.select([self.main], [], [], 1)[0]:
                self.text += os.read(self.main, 65536).decode().replace("\r\n", "\n")

    def addresses(self) -> list[str]:
        return re.findall(r"http://\S+token=\S+", self.text)

    def children(self) -> dict[int, str]:
        """The processes that this command has started and that still run, with what they are."""
        found = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text, line = status.read_text(), (status.parent / "cmdline").read_text()
            except OSError:
                continue
            if f"PPid:\t{self.process.pid}\n" in text:
                found[int(status.parent.name)] = line
        return found


def browser(address: str) -> tuple[OpenerDirector, str, str]:
    """Come in by an address; gives the browser, where the desk is, and the first page."""
    opened = build_opener(HTTPCookieProcessor(CookieJar()))
    with opened.open(address, timeout=30) as answer:
        return opened, answer.url, answer.read().decode()


def look(opened: OpenerDirector, url: str) -> str:
    with opened.open(url, timeout=30) as answer:
        return str(answer.read().decode())


class Kept(HTTPRedirectHandler):
    """A browser that shows where it was sent, and does not go there."""

    def http_error_303(self, req: Request, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("case") / "mole.yaml"
    file.write_text(SMALL)
    return file


@pytest.fixture(scope="module")
def terminal(case: Path) -> Iterator[Terminal]:
    one = Terminal(("play", str(case), "--narrate", "--open", "--keep", str(case.parent / "kept")))
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            one.process.wait(20)
        os.close(one.main)


def test_at_a_terminal_every_desk_opens_when_it_is_visited_and_all_end_with_enter(
    terminal: Terminal, case: Path
) -> None:
    terminal.read_until(f"play --open {re.escape(str(case.parent / 'kept'))}\n")
    assert re.findall(r"^  (\w+ \w+) · (\w+)$", terminal.text, re.MULTILINE) == [
        ("Anna Northwind", "Northtown"),
        ("Boris Southern", "Southtown"),
    ]
    anna, boris = terminal.addresses()
    assert [line.count("lent") for line in terminal.children().values()] == [0], "a relay, and no desk yet"
    hers, front, page = browser(anna)
    assert "Anna Northwind</bdi></h1>" in page
    room = re.search(r"/rooms/[0-9a-f]+", page)
    assert room is not None
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = urlencode({"csrf": csrf[1], "room": room[0][7:], "text": "Then let us speak of it now."}).encode()
    origin = {"Origin": "/".join(front.split("/")[:3])}
    with hers.open(Request(f"{front}act/say", data=form, headers=origin), timeout=30) as said:
        assert "1 Mar 1931" in said.read().decode(), "the desks go on in their own time"
    his, his_front, _ = browser(boris)
    end = time.monotonic() + 20
    while "Then let us speak of it now." not in look(his, his_front.rstrip("/") + room[0]):
        assert time.monotonic() < end, "the relay still carries"
        time.sleep(0.1)
    desks = [pid for pid, line in terminal.children().items() if "lent" in line]
    assert len(desks) == 2
    for pid in desks:
        resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        assert resident is not None
        assert int(resident[1]) << 10 < MOST_BYTES
    os.kill(desks[0], signal.SIGKILL)
    terminal.read_until(r"has ended; open it again at\n +http\S+\n")
    assert "Anna Northwind</bdi></h1>" in browser(terminal.addresses()[-1])[2]
    started = terminal.children()
    os.write(terminal.main, b"\n")
    terminal.read_until("nothing goes on running")
    assert terminal.process.wait(20) == 0
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    kept = json.loads((case.parent / "kept" / "desks.json").read_text())
    assert {each["person"] for each in kept["desks"]} == {"anna", "boris"}


def test_where_there_is_a_display_the_browser_opens_one_page_that_leads_to_every_desk(
    terminal: Terminal, case: Path, tmp_path: Path
) -> None:
    more = {"DISPLAY": ":99", "BROWSER": str(a_browser(tmp_path)), "PATH": str(tmp_path)}
    again = Terminal(("play", "--open", str(case.parent / "kept")), more)
    try:
        again.read_until("all on one page, which your browser opens now:\n +http\\S+\n")
        page = fetched(tmp_path)
        *desks, address = again.addresses()
        assert (tmp_path / "address").read_text() == address
        assert re.findall(r"<h2><bdi>([^<]+)</bdi></h2>", page) == ["Anna Northwind", "Boris Southern"]
        assert not any("lent" in line for line in again.children().values()), (
            "no desk starts before somebody sits down"
        )
        opened = build_opener(HTTPCookieProcessor(CookieJar()))
        assert "used already" in refusal(opened, address)
        assert "its own pages" in refusal(opened, Request(desks[0], headers={"Sec-Fetch-Site": "cross-site"}))
        front, cookie = ((tmp_path / name).read_text() for name in ("where", "cookie"))
        for _ in range(2):  # whoever has closed a desk's tab is led there again
            neighbour = {"Cookie": cookie, "Sec-Fetch-Site": "same-site"}
            assert "its own pages" in refusal(opened, Request(f"{front}sit/0", headers=neighbour))
            kept = build_opener(Kept)
            with kept.open(Request(f"{front}sit/0", headers={"Cookie": cookie}), timeout=30) as led:
                link = led.headers["location"]
            assert link.startswith(desks[0].partition("?")[0])
            assert link not in desks
            with opened.open(Request(link, headers={"Sec-Fetch-Site": "same-site"}), timeout=30) as answer:
                onward = re.search(r"url=(/[^\"]+)", answer.read().decode())
            assert onward is not None
            where = link.partition("/enter")[0] + onward[1]
            assert "its own pages" in refusal(opened, Request(where, headers={"Sec-Fetch-Site": "same-site"}))
            assert "Anna Northwind</bdi></h1>" in look(opened, where)
        os.write(again.main, b"\n")
        again.read_until("nothing goes on running")
        assert again.process.wait(20) == 0
        assert "No browser has come" not in again.text
    finally:
        if again.process.poll() is None:
            again.process.kill()
        os.close(again.main)


def test_without_a_terminal_it_says_how_to_go_on_and_leaves_nothing_running(
    terminal: Terminal, case: Path
) -> None:
    done = backchannel("play", str(case.parent / "kept"), "--open")
    assert done.returncode == 0
    assert done.stdout == (
        f"To open these desks in the browser, give `backchannel play --open {case.parent / 'kept'}` at a terminal.\n"
    )


def test_desks_are_opened_only_from_a_folder_that_was_kept(case: Path) -> None:
    for words, sentence in (
        (("play", str(case), "--open"), "name a new folder with --keep"),
        (("play", str(case), "--open", "--json", "--keep", str(case.parent / "other")), "leave --json out"),
        (("play", str(case.parent), "--open"), "holds no kept play"),
    ):
        done = backchannel(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr
