"""The rules of the tree that no other tool checks; run by `make check`, prints one line per breach."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_MODULE = 500
OUTSIDE_MATERIAL = "../" + "shared"  # split, so that this file keeps its own rule
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".in", ".cfg", ".sh", ".service", ""}
NOT_OURS = {".git", ".venv", "build", "dist", "kept", "__pycache__"}
ADDRESS = re.compile(
    r"[a-z][a-z+]*://|(^|\s)(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b|@\s*file:"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED_PAGE = re.compile(r"\bdocs/[\w/-]+\.md")
NAMED_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)


def files(root: Path) -> Iterator[Path]:
    """Walk the text files that belong to the repository."""
    for path in sorted(root.iterdir()):
        if path.name in NOT_OURS or path.name.endswith("_cache") or path.name == ".hypothesis":
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files(path)
        elif path.is_file() and path.suffix in TEXT:
            yield path


def anchors(text: str) -> set[str]:
    """Give the fragment of every heading of a Markdown text, as the usual viewers make it."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(FENCE.sub("", text))
    }


def broken_links(path: Path, text: str, root: Path) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or not target.is_relative_to(root):
            yield f"the link {link} leads nowhere"
        elif fragment and target.suffix == ".md" and fragment not in anchors(target.read_text("utf-8")):
            yield f"the link {link} names a heading that is not there"


def missing_tests(text: str, root: Path) -> Iterator[str]:
    for module, test in NAMED_TEST.findall(text):
        path = root / "tests" / module
        if not path.exists() or f"def {test}(" not in path.read_text("utf-8"):
            yield f"no test is called {module}::{test}"


def listed(path: Path) -> bool:
    """Whether the index beside a page, if there is one, links to it."""
    index = path.parent / "README.md"
    return path == index or not index.exists() or f"({path.name})" in index.read_text("utf-8")


def breaches(root: Path) -> Iterator[str]:
    """Give one sentence for each place where the tree breaks a rule."""
    root = root.resolve()
    for path in files(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text("utf-8")
        if path.parent == root / "requirements":
            for number, line in enumerate(text.splitlines(), 1):
                if ADDRESS.search(line.split("#")[0] if path.suffix == ".in" else line):
                    yield f"{name} line {number}: a requirement names what and its hash, never where to get it."
        if OUTSIDE_MATERIAL in text and name != "Makefile":
            yield f"{name}: only the Makefile knows of {OUTSIDE_MATERIAL}."
        if name != "tests/test_tree.py":
            missing = sorted({page for page in NAMED_PAGE.findall(text) if not (root / page).exists()})
            yield from (f"{name}: there is no {page}." for page in missing)
        if path.suffix == ".md":
            yield from (f"{name}: {fault}." for fault in broken_links(path, text, root))
            yield from (f"{name}: {fault}." for fault in missing_tests(text, root))
        if path.suffix == ".md" and root / "docs" in path.parents and not listed(path):
            yield f"{name}: the README.md beside it does not list it."
        if path.suffix == ".py" and (lines := text.count("\n")) > LONGEST_MODULE:
            yield f"{name}: {lines} lines; past {LONGEST_MODULE} an idea wants out."


def main() -> int:
    found = list(breaches(Path(__file__).parent.parent))
    for breach in found:
        sys.stderr.write(breach + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
