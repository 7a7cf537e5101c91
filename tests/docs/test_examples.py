"""Every Python example of the README and the manual gives what it says."""

import doctest
import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts),
]
BLOCK = re.compile(r"^```(?:python|pycon)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(page: str) -> str:
    """The Python examples of a page, one after the other."""
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if ">>>" in block)


def run(page: str, names: dict[str, object]) -> None:
    """Run the examples of a page, with names from elsewhere; the names that they make stay."""
    test = doctest.DocTestParser().get_doctest(examples(page), names, page, page, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=said.append, clear_globs=False)
    assert not runner.failures, "".join(said)
    names.update(test.globs)


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)])
def test_examples(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of one page; those on rules start from the names of their first page."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    first = "docs/rules/index.md"
    # A page may set how frames are shown; what comes after it is shown as before.
    shown = ("display.width", "display.max_columns", "display.precision")
    with pd.option_context(*(item for name in shown for item in (name, pd.get_option(name)))):
        if page.startswith("docs/rules/") and page != first:
            run(first, names)
        run(page, names)
