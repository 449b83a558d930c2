"""What every test stands on: how hard hypothesis looks, material from outside, and no must-run test skipped in CI."""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kept_play import Kept, shipped_play

# Plays start the relay as a process of its own; it is to be the one of this tree, installed or not.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1] / "src")

# What is started in the background of a shell ignores Ctrl-C, and so would every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

DEEP = os.environ.get("BACKCHANNEL_DEEP") == "1"
IN_CI = os.environ.get("CI") == "true"

settings.register_profile(
    "fast", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("deep", settings.get_profile("fast"), max_examples=5_000)
settings.load_profile("deep" if DEEP else "fast")

OUTSIDE = "material from outside this repository is absent"
OUTSIDE_FOLDERS = {
    "cases": "BACKCHANNEL_CASES",
    "vectors": "BACKCHANNEL_VECTORS",
    "domains": "BACKCHANNEL_DOMAINS",
}


def outside(name: str) -> Path:
    """Give a folder that stands beside the repository, or skip with the way to name one; see Makefile."""
    variable = OUTSIDE_FOLDERS[name]
    folder = os.environ.get(variable, "")
    if not folder:
        pytest.skip(f"{OUTSIDE}: name the folder with make test {name.upper()}=FOLDER")
    if not Path(folder).is_dir():
        pytest.fail(f"{variable} names {folder}, which is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def outside_cases() -> Path:
    return outside("cases")


@pytest.fixture(scope="session")
def cuba(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The shipped case, played and kept once for the whole run."""
    base = tmp_path_factory.getbasetemp()
    return shipped_play(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base)


# A file goes to one worker as a whole; those that take longest begin first, so that none is left alone at the end.
LONGEST = (
    "journey",
    "play",
    "nothing_lost",
    "pages_seen",
    "killed_relay",
    "first_minutes",
    "readme",
    "opened_play",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture
def deep() -> bool:
    """Whether this is `make test-deep`."""
    return DEEP


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and report.skipped and getattr(report, "wasxfail", None) is None:
        reason = str(report.longrepr)
        if OUTSIDE not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} must run in CI and was skipped: {reason}"
    return report
