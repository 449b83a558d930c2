"""The suite's own promises."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("reason", "in_ci", "outcome"),
    [
        ("no browser here", "true", {"failed": 1}),
        ("no browser here", "false", {"skipped": 1}),
        ("material from outside this repository is absent: name it", "true", {"skipped": 1}),
    ],
)
def test_a_must_run_test_that_skips_fails_in_ci(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    in_ci: str,
    outcome: dict[str, int],
) -> None:
    monkeypatch.setenv("CI", in_ci)
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text("utf-8"))
    pytester.makepyfile(f"import pytest\ndef test_it():\n    pytest.skip({reason!r})\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(**outcome)
