"""Every check of a sounding is missed when it is gone."""

import subprocess
import sys
from pathlib import Path

from mutate_sounding import EXPLAINED, mutants

SCRIPT = Path(__file__).parent / "mutate_sounding.py"
CHECKING = {
    "group.py",
    "inputs.py",
    "judging.py",
    "keys.py",
    "limits.py",
    "message.py",
    "params.py",
    "party.py",
    "same_log.py",
}


def test_each_check_of_a_sounding_is_missed_when_it_is_gone(deep: bool) -> None:
    """The deep suite takes them all away, one at a time, which is some minutes; the fast one looks that all are reached."""
    found = {mutant.key for mutant in mutants()}
    assert len(found) > 150
    assert {key.split(":")[0] for key in found} >= CHECKING
    assert set(EXPLAINED) <= found, "what is explained is still there"
    if deep:
        done = subprocess.run(
            [sys.executable, SCRIPT], capture_output=True, text=True, check=False, timeout=7000
        )
        assert done.returncode == 0, done.stdout
