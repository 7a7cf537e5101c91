"""CSV text as every part of the program writes it."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.csv_text import csv_text, escaped, unescaped, written


@given(st.text())
def test_escaping_is_exact(text: str) -> None:
    """Any text comes back as it was, and what is written never begins like a formula."""
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1, max_size=4))
def test_text_reads_back(rows: list[list[str]]) -> None:
    """Every cell of a file reads back as the text that it was, whatever characters it holds."""
    text = csv_text(["a", "b"], [[written(row[column]) for row in rows] for column in (0, 1)])
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["a", "b"]
    assert [[unescaped(cell) for cell in row] for row in found[1:]] == rows


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back(value: float) -> None:
    """A number reads back as itself."""
    assert float(written(value)) == value


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (math.nan, ""),
        (True, "true"),
        (False, "false"),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (7, "7"),
        ("a, b", '"a, b"'),
        ('say "no"', '"say ""no"""'),
        (" x", '" x"'),
        ("=1+1", "'=1+1"),
        ("-", "'-"),
        ("'=x", "''=x"),
    ],
)
def test_cells(value: object, cell: str) -> None:
    """Each kind of value has one form."""
    assert written(value) == cell


def test_a_row_of_one_blank_cell_is_no_blank_line() -> None:
    """A blank line would be skipped by readers."""
    assert csv_text(["a"], [[""]]) == 'a\n""\n'
