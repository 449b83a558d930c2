"""Take each check of a sounding away, one at a time, and see that some test misses it.

`python tests/mutate_sounding.py` does so for all in some minutes and exits 1 if one is missed by none; so does `make test-deep`. A mutant is the package
with one thing changed: a branch that is never taken, a check that is not called, a part that a hash leaves out.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "backchannel"
PACKAGE = SOURCE / "crypto" / "sounding"
TESTS = ("vectors", "attacks", "state", "privacy")
HASHES = {"challenge", "name", "base"}

# What no test misses, and why that is right; by file and what is taken away.
EXPLAINED: dict[str, str] = {}


class Mutant(NamedTuple):
    """One change: in which file, what is taken away, and the file's text without it."""

    file: str
    gone: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.file}: {self.gone}"


def mutants() -> Iterator[Mutant]:
    """Give every mutant of the package."""
    for path in sorted(PACKAGE.glob("*.py")):
        source = path.read_text("utf-8")
        for number, node in enumerate(ast.walk(ast.parse(source))):
            for gone, change in _changes(node):
                yield Mutant(path.name, gone, _changed(source, number, change))


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise | ast.Return):
        yield f"if {ast.unparse(node.test)}", _never
        if isinstance(node.test, ast.BoolOp):
            for at in range(len(node.test.values)):
                yield f"{ast.unparse(node.test.values[at])} of if {ast.unparse(node.test)}", _operand(at)
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and "check" in ast.unparse(node.value.func)
    ):
        yield ast.unparse(node), _nothing
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HASHES:
        for at in range(1, len(node.args)):
            yield f"{ast.unparse(node.args[at])} of {ast.unparse(node)}", _argument(at)


def _never(node: ast.AST) -> None:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(value=False)


def _nothing(node: ast.AST) -> None:
    assert isinstance(node, ast.Expr)
    node.value = ast.Constant(value=None)


def _operand(at: int) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.If)
        assert isinstance(node.test, ast.BoolOp)
        node.test.values[at] = ast.Constant(value=isinstance(node.test.op, ast.And))

    return change


def _argument(at: int) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Call)
        node.args.pop(at)

    return change


def _changed(source: str, number: int, change: Callable[[ast.AST], None]) -> str:
    tree = ast.parse(source)
    for at, node in enumerate(ast.walk(tree)):
        if at == number:
            change(node)
            break
    return ast.unparse(tree)


def is_missed(mutant: Mutant, folder: Path) -> bool:
    """Whether some test fails on the mutant."""
    changed = folder / "backchannel" / "crypto" / "sounding" / mutant.file
    true = changed.read_text("utf-8")
    changed.write_text(mutant.text, encoding="utf-8")
    try:
        done = subprocess.run(
            [
                sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
                "-o", f"pythonpath={folder} tests", *(f"tests/test_sounding_{one}.py" for one in TESTS), "tests/test_sounding.py",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(folder), "BACKCHANNEL_DEEP": "0"},
            capture_output=True,
            check=False,
            timeout=300,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    finally:
        changed.write_text(true, encoding="utf-8")
    return done.returncode == 1


def survivors(found: list[Mutant]) -> list[str]:
    """Give the mutants that no test misses."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(SOURCE, folder / "backchannel", ignore=shutil.ignore_patterns("__pycache__"))
        return [mutant.key for mutant in found if not is_missed(mutant, folder)]


def main() -> int:
    found = list(mutants())
    left = [key for key in survivors(found) if key not in EXPLAINED]
    for key in left:
        sys.stdout.write(f"nothing misses {key}\n")
    sys.stdout.write(f"{len(found)} mutants, {len(left)} that nothing misses and nothing explains\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
