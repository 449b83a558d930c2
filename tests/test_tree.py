from pathlib import Path

import pytest

import tree


def breaches_of(folder: Path, name: str, text: str) -> list[str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return list(tree.breaches(folder))


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https" + "://example.org/simple",
        "-f wheels",
        "--find-links wheels",
        "aiohttp @ https" + "://example.org/aiohttp.whl",
        "aiohttp @ file:aiohttp.whl",
        "# fetched from https" + "://example.org",
    ],
)
def test_a_requirement_with_an_address_is_found(tmp_path: Path, line: str) -> None:
    (breach,) = breaches_of(tmp_path, "requirements/runtime.txt", f"msgspec==0.22.0\n{line}\n")
    assert "runtime.txt line 2" in breach


def test_hashed_requirements_pass(tmp_path: Path) -> None:
    pinned = "aiohttp==3.14.5 \\\n    --hash=sha256:00aa\n    # via -r runtime.in\n"
    assert breaches_of(tmp_path, "requirements/runtime.txt", pinned) == []


def test_only_the_makefile_may_name_outside_material(tmp_path: Path) -> None:
    assert breaches_of(tmp_path, "Makefile", tree.OUTSIDE_MATERIAL) == []
    assert len(breaches_of(tmp_path, "docs/guide.md", tree.OUTSIDE_MATERIAL)) == 1


@pytest.mark.parametrize(
    ("link", "found"),
    [("b.md", 0), ("b.md#two-words", 0), ("missing.md", 1), ("b.md#three", 1), ("../../outside.md", 1)],
)
def test_a_link_leads_to_a_file_and_a_heading(tmp_path: Path, link: str, found: int) -> None:
    (tmp_path / "b.md").write_text("# Top\n\n## Two words\n", "utf-8")
    assert len(breaches_of(tmp_path, "a.md", f"see [it]({link})\n")) == found


def test_a_page_names_only_tests_that_there_are(tmp_path: Path) -> None:
    assert breaches_of(tmp_path, "tests/test_a.py", "def test_b() -> None: ...\n") == []
    assert breaches_of(tmp_path, "docs/a.md", "`test_a.py::test_b`\n") == []
    assert len(breaches_of(tmp_path, "docs/a.md", "`test_a.py::test_c`\n")) == 1


def test_a_page_that_code_names_is_there(tmp_path: Path) -> None:
    assert len(breaches_of(tmp_path, "src/a.py", '"""See docs/spec/a.md."""\n')) == 1
    (tmp_path / "docs" / "spec").mkdir(parents=True)
    assert breaches_of(tmp_path, "docs/spec/a.md", "# A\n") == []


def test_an_index_lists_every_page_beside_it(tmp_path: Path) -> None:
    assert breaches_of(tmp_path, "docs/spec/a.md", "# A\n") == []
    assert len(breaches_of(tmp_path, "docs/spec/README.md", "# Index\n")) == 1
    assert breaches_of(tmp_path, "docs/spec/README.md", "[a](a.md)\n") == []


def test_a_module_past_500_lines_is_found(tmp_path: Path) -> None:
    assert breaches_of(tmp_path, "a.py", "x = 1\n" * tree.LONGEST_MODULE) == []
    assert len(breaches_of(tmp_path, "b.py", "x = 1\n" * (tree.LONGEST_MODULE + 1))) == 1
