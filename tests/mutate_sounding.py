"""Take each check of a sounding away, one at a time, and see that some test misses it.

`python tests/mutate_sounding.py` does so for all in some minutes and exits 1 if one is missed by none; so does `make test-deep`. A mutant is the package
with one thing changed: a branch that is never taken, a check that is not called, a part that a hash leaves out.
"""

import ast
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis.strategies  # noqa: F401 - what every fork needs is loaded once
import msgspec  # noqa: F401
import nacl.bindings  # noqa: F401
import pytest
from hypothesis import settings

settings.register_profile("mutants", max_examples=30, deadline=None, derandomize=True)

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "backchannel"
PACKAGE = SOURCE / "crypto" / "sounding"
TESTS = ("_vectors", "_attacks", "_state", "_privacy", "_late", "")
MOST_CPU_SECONDS = 45  # several times what all tests need; a mutant may go on for ever
HASHES = {"challenge", "name", "base"}

# What no test misses, and why that is right; by file and what is taken away.
EXPLAINED = {
    "judging.py: stage.round is Round.KEYS of if stage.round is Round.KEYS and _part(message) in seen": (
        "what begins with an earlier key in a later round is unsound anyway"
    ),
}


class Mutant(NamedTuple):
    """One change: in which file, what is taken away, at which node of its tree, and how."""

    file: str
    gone: str
    number: int
    change: Callable[[ast.AST], None]

    @property
    def key(self) -> str:
        return f"{self.file}: {self.gone}"

    def text(self, source: str) -> str:
        """Give the file without it."""
        tree = ast.parse(source)
        for at, node in enumerate(ast.walk(tree)):
            if at == self.number:
                self.change(node)
                break
        return ast.unparse(tree)


def mutants() -> Iterator[Mutant]:
    """Give every mutant of the package."""
    for path in sorted(PACKAGE.glob("*.py")):
        source = path.read_text("utf-8")
        for number, node in enumerate(ast.walk(ast.parse(source))):
            for gone, change in _changes(node):
                yield Mutant(path.name, gone, number, change)


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
    if isinstance(node, ast.ExceptHandler) and isinstance(node.body[-1], ast.Raise):
        yield ast.unparse(node), _swallow
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HASHES:
        for at in range(1, len(node.args)):
            yield f"{ast.unparse(node.args[at])} of {ast.unparse(node)}", _argument(at)


def _never(node: ast.AST) -> None:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(value=False)


def _nothing(node: ast.AST) -> None:
    assert isinstance(node, ast.Expr)
    node.value = ast.Constant(value=None)


def _swallow(node: ast.AST) -> None:
    assert isinstance(node, ast.ExceptHandler)
    node.body = [ast.Pass()]


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


def is_missed(mutant: Mutant, folder: Path) -> bool:
    """Whether some test fails on the mutant; the tests run in a fork of this process, which has not loaded the package."""
    changed = folder / "backchannel" / "crypto" / "sounding" / mutant.file
    true = changed.read_text("utf-8")
    changed.write_text(mutant.text(true), encoding="utf-8")
    try:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = _tests(folder)
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    finally:
        changed.write_text(true, encoding="utf-8")


def _tests(folder: Path) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(folder), str(ROOT / "tests")]
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    settings.load_profile("mutants")
    files = [str(ROOT / "tests" / f"test_sounding{one}.py") for one in TESTS]
    options = [
        "-x",
        "-q",
        "--noconftest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-W",
        "default",
        "-o",
        "pythonpath=",
    ]
    # One needs a fixture of conftest, which would load everything else too.
    return int(pytest.main([*options, "-k", "not more_than_one_chunk", "--rootdir", str(ROOT), *files]))


def survivors(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """Give the mutants that no test misses."""
    assert "backchannel" not in sys.modules
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(SOURCE, folder / "backchannel", ignore=shutil.ignore_patterns("__pycache__"))
        assert not is_missed(Mutant("group.py", "nothing", 0, lambda _: None), folder)
        for mutant in found:
            if not is_missed(mutant, folder):
                yield mutant


def main(*files: str) -> int:
    """Take the mutants of these files, or of all."""
    found, left = [mutant for mutant in mutants() if not files or mutant.file in files], 0
    for mutant in survivors(found):
        known = EXPLAINED.get(mutant.key)
        left += known is None
        sys.stdout.write(f"nothing misses {mutant.key}{'' if known is None else f' ({known})'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(found)} mutants, {left} that nothing misses and nothing explains\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
