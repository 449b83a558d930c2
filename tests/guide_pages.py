"""Make the pages that a desk serves as help from the guides in docs: `python tests/guide_pages.py` writes them.

Only the Markdown that the guides use; what it does not know stays as it is written, and a test compares what is served with what is here.
"""

import html
import re
from collections.abc import Callable
from pathlib import Path

from backchannel.languages import FIRST, LANGUAGES

DOCS = Path(__file__).parent.parent / "docs"
OUT = Path(__file__).parent.parent / "src" / "backchannel" / "pages" / "guides"
GUIDES = ("guides", "envoy", "go-between", "company-or-union", "when-it-leaks", "glossary")
EACH = [(name, language) for language in LANGUAGES for name in GUIDES]
HERE = "@@"  # stands for the first part of a desk's addresses

_ITEM = re.compile(r"(-|\d+\.) +")
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*?([a-z-]+)\.webp\)")
_LINK = re.compile(r"\[([^\]]*)\]\(((?:[^)]*/)?)([\w-]+)\.md[^)]*\)")


def source(name: str, language: str) -> Path:
    """Give the file of a guide: English stands in the folder itself, every other language in one of its own."""
    if language == FIRST:
        return DOCS / "glossary.md" if name == "glossary" else DOCS / "guides" / _file(name)
    return DOCS / "guides" / language / _file(name)


def served(name: str, language: str) -> Path:
    """Give the file that a desk has of a guide."""
    return OUT / language / f"{name}.html"


def _file(name: str) -> str:
    return "README.md" if name == "guides" else f"{name}.md"


def page(text: str) -> str:
    """Give the HTML of a guide, without a frame around it."""
    return "\n".join(_blocks(text.strip("\n").split("\n"))) + "\n"


def _blocks(lines: list[str]) -> list[str]:
    found: list[str] = []
    while lines:
        if not lines[0].strip():
            lines = lines[1:]
            continue
        for made in (_heading, _code, _table, _list, _paragraph):
            if (block := made(lines)) is not None:
                text, lines = block
                found.append(text)
                break
    return found


Block = tuple[str, list[str]] | None


def _heading(lines: list[str]) -> Block:
    level = len(lines[0]) - len(lines[0].lstrip("#"))
    return (f"<h{level}>{_inline(lines[0][level:].strip())}</h{level}>", lines[1:]) if level else None


def _code(lines: list[str]) -> Block:
    size = _count(lines, lambda line: line.startswith("    "))
    code = html.escape("\n".join(line[4:] for line in lines[:size]))
    return (f'<pre dir="ltr"><code>{code}</code></pre>', lines[size:]) if size else None


def _table(lines: list[str]) -> Block:
    size = _count(lines, lambda line: line.startswith("|"))
    if not size:
        return None
    head, _, *rows = [[_inline(cell.strip()) for cell in line.strip("|").split("|")] for line in lines[:size]]
    titles = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>\n{body}\n</tbody></table>"
    comma = "\u060c " if re.search(r"[\u0600-\u06ff]", head[0]) else ", "
    named = re.sub("<[^>]*>", "", comma.join(head))
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">{table}</div>', lines[size:]


def _list(lines: list[str]) -> Block:
    if not (mark := _ITEM.match(lines[0])):
        return None
    kind, items = ("ul" if mark[1] == "-" else "ol"), list[str]()
    while lines and (mark := _ITEM.match(lines[0])):
        size = 1 + _count(lines[1:], lambda line: line.startswith("  ") or not line.strip())
        inner = [lines[0][mark.end() :], *(line[mark.end() :] for line in lines[1:size])]
        blocks = _blocks(inner)
        items.append("\n".join([blocks[0].removeprefix("<p>").removesuffix("</p>"), *blocks[1:]]))
        lines = lines[size:]
    return f"<{kind}>\n" + "\n".join(f"<li>{item}</li>" for item in items) + f"\n</{kind}>", lines


def _paragraph(lines: list[str]) -> Block:
    size = 1 + _count(
        lines[1:], lambda line: bool(line.strip()) and not _ITEM.match(line) and not line.startswith("|")
    )
    text = " ".join(line.strip() for line in lines[:size])
    if shown := _PICTURE.fullmatch(text):
        words, name = html.escape(shown[1]), shown[2]
        picture = f'<img src="{HERE}/help/pictures/{name}.webp" width="1120" height="760" alt="">'
        return f"<figure>{picture}<figcaption>{words}</figcaption></figure>", lines[size:]
    return f"<p>{_inline(text)}</p>", lines[size:]


def _count(lines: list[str], fits: Callable[[str], bool]) -> int:
    """Count the lines at the start that fit."""
    return next((place for place, line in enumerate(lines) if not fits(line)), len(lines))


def _inline(text: str) -> str:
    parts = re.split(r"`([^`]+)`", text)
    return "".join(
        f'<code dir="ltr">{html.escape(part)}</code>' if place % 2 else _words(part)
        for place, part in enumerate(parts)
    )


def _words(text: str) -> str:
    text = _LINK.sub(_link, html.escape(text, quote=False))
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text))


def _link(found: "re.Match[str]") -> str:
    """Link to another guide; the shelf of another language, and what a desk does not have, are named and not linked."""
    name, elsewhere = ("guides", found[2]) if found[3] == "README" else (found[3], "")
    known = name in GUIDES and not elsewhere
    return f'<a href="{HERE}/help/{name}">{found[1]}</a>' if known else found[1]


def main() -> None:
    for name, language in EACH:
        served(name, language).write_text(page(source(name, language).read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
