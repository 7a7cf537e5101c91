"""The manual is complete: every family, every public name, every command."""

import re
import sys
from pathlib import Path

import optimizer

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.append(str(DOCS / "_ext"))

import manual  # noqa: E402

FAMILIES = [
    path.stem
    for path in (ROOT / "optimizer" / "model" / "families").glob("*.py")
    if re.search(r'^r?"""Famil', path.read_text("utf-8"))
]


def test_every_family_is_in_the_mathematics_and_has_a_page() -> None:
    """A module that calls itself a family stands on the page of formulas, and on a page of its own."""
    assert len(FAMILIES) == 14
    mathematics = (DOCS / "mathematics.md").read_text("utf-8")
    for name in FAMILIES:
        assert f"automodule:: optimizer.model.families.{name}\n" in mathematics
        assert f"automodule:: optimizer.model.families.{name}\n" in (DOCS / "rules" / f"{name}.md").read_text("utf-8")


def test_every_formula_becomes_mathml() -> None:
    """The formulas of all docstrings are understood."""
    for path in (ROOT / "optimizer" / "model").rglob("*.py"):
        text = path.read_text("utf-8").split('"""')[1]
        for piece in manual._PIECES.finditer(text):
            if not piece["code"]:
                assert manual.mathml(piece.group().strip("$"), block=bool(piece["block"])).startswith("<math")


def test_docstrings_become_what_sphinx_reads() -> None:
    """Code, formulas and bars in a docstring get the marks of the manual."""
    lines = ["With `code` and $x_1$, |x| and name_:", "$$a\\le b$$", "after."]
    manual.docstring(None, "module", "", None, None, lines)  # type: ignore[arg-type]
    assert lines[0] == r"With ``code`` and :math:`x_1`, \|x\| and name\_:"
    assert ".. math::" in lines
    assert r"   a\le b" in lines


def test_every_generated_text_has_a_page() -> None:
    """What is generated is shown somewhere, and nothing else is asked for."""
    asked = {name for page in DOCS.rglob("*.md") for name in manual._PLACE.findall(page.read_text("utf-8"))}
    assert asked == set(manual.GENERATED)


def test_generated_texts_are_complete() -> None:
    """No table, command or public name is left out."""
    from optimizer.cli.app import forcegen

    assert all(f"## {name}\n" in manual.input_tables() for name in optimizer.TABLES)
    assert all(f"## {name}\n" in manual.commands() for name in forcegen.commands)
    assert all(f".{name}\n" in manual.public_names() for name in optimizer.__all__)


def test_files_that_notes_name_are_there() -> None:
    """Every file or folder of the program that a design note or CONTRIBUTING names in full exists."""
    pages = [*(DOCS / "design").glob("*.md"), ROOT / "CONTRIBUTING.md"]
    named = {
        (page.name, path)
        for page in pages
        for path in re.findall(r"`(optimizer/[\w./-]+)`", page.read_text("utf-8"))
        if Path(path).stem != "NAME"
    }
    assert len(named) > 20
    assert [(page, path) for page, path in sorted(named) if not (ROOT / path).exists()] == []
