"""What a bare machine is given before the tests run on it; apt-get, make and python3 are programs that note how they were called."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASH = shutil.which("bash") or ""

pytestmark = pytest.mark.skipif(not BASH or sys.platform == "win32", reason="bash is not there on Windows")

NOTE = 'echo "$(basename "$0") $*" >> "$CALLS"\n'
APT = """case "$1" in install)
  [ -z "${APT_FAILS:-}" ] || exit 100
  for package in "$@"; do
    case "$package" in
      make) printf '#!%s\\n echo "make $* CI=$CI" >> "$CALLS"\\n' "$BASH" > "$PATH/make"; chmod +x "$PATH/make" ;;
      python3-venv) printf '#!%s\\n' "$BASH" > "$PATH/python3"; chmod +x "$PATH/python3" ;;
    esac
  done ;;
esac
"""
MAKE = 'echo "make $* CI=$CI" >> "$CALLS"\n'
CERTIFICATES = ["ca-certificates"] if not Path("/etc/ssl/certs/ca-certificates.crt").exists() else []


class Machine:
    """A machine with these programs and no other."""

    def __init__(self, folder: Path, user: int, **programs: str) -> None:
        self.calls = folder / "calls"
        self.calls.touch()
        self.bin = folder / "bin"
        self.bin.mkdir()
        for needed in ("dirname", "basename", "chmod"):
            found = shutil.which(needed)
            assert found is not None
            (self.bin / needed).symlink_to(found)
        for name, script in {"id": f"echo {user}\n", **programs}.items():
            (self.bin / name).write_text(f"#!{BASH}\n{script}")
            (self.bin / name).chmod(0o755)

    def run(self, **variables: str) -> tuple[int, str, list[str]]:
        """Run it; gives its exit code, what it says, and what it called."""
        done = subprocess.run(
            [BASH, ROOT / ".ci" / "run"],
            env={"PATH": str(self.bin), "CALLS": str(self.calls), "BASH": BASH, **variables},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr, self.calls.read_text().splitlines()


def test_a_machine_that_has_everything_installs_nothing(tmp_path: Path) -> None:
    machine = Machine(
        tmp_path, 0, **{"make": MAKE, "python3": "", "chromium": "", "openssl": "", "apt-get": NOTE + APT}
    )
    code, said, calls = machine.run()
    assert (code, said, calls[-1]) == (0, "", "make test CI=true")
    assert len(calls) == (3 if CERTIFICATES else 1)


def test_a_bare_machine_gets_what_is_missing_and_then_tests(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 0, **{"apt-get": NOTE + APT})
    code, said, calls = machine.run()
    assert (code, said) == (0, "")
    packages = " ".join(["make", "python3", "python3-venv", "chromium", "openssl", *CERTIFICATES])
    assert calls == [
        "apt-get update -qq",
        f"apt-get install -y -qq --no-install-recommends {packages}",
        "make test CI=true",
    ]


def test_a_python_without_venv_gets_only_that(tmp_path: Path) -> None:
    machine = Machine(
        tmp_path,
        0,
        **{"make": MAKE, "python3": "exit 1\n", "chromium": "", "openssl": "", "apt-get": NOTE + APT},
    )
    _, _, calls = machine.run()
    wanted = " ".join(["python3-venv", *CERTIFICATES])
    assert calls[1:] == [f"apt-get install -y -qq --no-install-recommends {wanted}", "make test CI=true"]


def test_an_install_that_fails_runs_no_test(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 0, **{"apt-get": NOTE + APT})
    code, _, calls = machine.run(APT_FAILS="1")
    assert code == 100
    assert not [call for call in calls if call.startswith("make")]


@pytest.mark.parametrize("apt", [True, False])
def test_who_may_not_install_is_told_what_to_install(tmp_path: Path, *, apt: bool) -> None:
    programs = {"apt-get": NOTE + APT} if apt else {}
    code, said, calls = Machine(tmp_path, 1000 if apt else 0, **programs).run()
    assert code == 1
    assert said.startswith("Missing: make python3 python3-venv")
    assert "sudo apt-get install make python3 python3-venv" in said
    assert not calls
