"""`desk open` has a browser open its address where there is a display; nothing waits for it, and that none came is said."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import OpenerDirector, Request, build_opener

import pytest

from relay_process import environment

SECONDS = 30
FETCH = """#!{python}
import os, sys, time
from pathlib import Path
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, build_opener
here = Path(__file__).parent
here.joinpath("address").write_text(sys.argv[1])
here.joinpath("pid").write_text(str(os.getpid()))
jar = CookieJar()
shown = build_opener(HTTPCookieProcessor(jar)).open(sys.argv[1])
here.joinpath("where").write_text(shown.url)
here.joinpath("cookie").write_text("; ".join(each.name + "=" + each.value for each in jar))
here.joinpath("page.part").write_bytes(shown.read())
here.joinpath("page.part").rename(here / "page")
time.sleep({stays})
"""


def a_browser(folder: Path, stays: float = 0) -> Path:
    """Make a program that opens an address as a browser does, writes down what it was shown, and stays open."""
    program = folder / "some-browser"
    program.write_text(FETCH.format(python=sys.executable, stays=stays))
    program.chmod(0o755)
    return program


def fetched(folder: Path) -> str:
    """Wait for what that program was shown."""
    end = time.monotonic() + SECONDS
    while not (folder / "page").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    return (folder / "page").read_text("utf-8")


def refusal(opener: OpenerDirector, asked: str | Request) -> str:
    """Ask for what is refused; gives in what words."""
    try:
        opener.open(asked, timeout=SECONDS).close()
    except HTTPError as refused:
        with refused:
            return refused.read().decode() if refused.code == 403 else ""
    return ""


def opened(folder: Path, **more: str) -> "subprocess.Popen[str]":
    (folder / "here").mkdir()
    for name in ("json", "uvicorn", "webbrowser"):  # whatever lies in the folder somebody happens to be in
        (folder / "here" / f"{name}.py").write_text(f"open({str(folder / 'taken in')!r}, 'w')\n")
    without = {name: value for name, value in environment().items() if "DISPLAY" not in name}
    program = "import sys; from backchannel.__main__ import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, "desk", "--desk", str(folder / "desk"), "open"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder / "here", env=without | {"PATH": str(folder)} | more,
    )  # fmt: skip


def line(desk: "subprocess.Popen[str]") -> str:
    assert desk.stdout is not None
    return desk.stdout.readline()


def ended(desk: "subprocess.Popen[str]", folder: Path) -> str:
    desk.send_signal(signal.SIGINT)
    rest, _ = desk.communicate(timeout=SECONDS)
    assert desk.returncode == 0
    assert not (folder / "taken in").exists()
    return rest


def test_the_browser_is_given_the_address_which_is_used_up_then_and_nothing_waits_for_it(
    tmp_path: Path,
) -> None:
    desk = opened(tmp_path, DISPLAY=":99", BROWSER=str(a_browser(tmp_path, stays=SECONDS)))
    address = re.search(r"http://\S+", line(desk))
    assert address is not None
    assert "Make your desk" in fetched(tmp_path)
    assert (tmp_path / "address").read_text() == address[0]
    assert "used already" in refusal(build_opener(), address[0])
    rest = ended(desk, tmp_path)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)  # the browser itself goes on
    assert "No browser" not in rest


@pytest.mark.parametrize("named", ["/bin/false", "/nowhere/browser"])
def test_a_browser_that_does_not_come_is_said_and_the_address_stays_good(tmp_path: Path, named: str) -> None:
    desk = opened(tmp_path, WAYLAND_DISPLAY="wayland-0", BROWSER=named)
    address = re.search(r"http://\S+", line(desk))
    line(desk)
    assert line(desk) == "No browser has come; open the address yourself, in a browser of this machine.\n"
    assert address is not None
    # without a place for cookies one is let in, and then not known
    assert "has not let this browser in" in refusal(build_opener(), address[0])
    ended(desk, tmp_path)


def test_without_a_display_it_says_how_to_come_in_and_starts_no_browser(tmp_path: Path) -> None:
    desk = opened(tmp_path, BROWSER=str(a_browser(tmp_path)), TERM="xterm")
    port = re.search(r"127.0.0.1:(\d+)", line(desk))
    assert port is not None
    line(desk)
    assert f"`ssh -L {port[1]}:127.0.0.1:{port[1]}`" in line(desk)
    ended(desk, tmp_path)
    assert not (tmp_path / "address").exists()
