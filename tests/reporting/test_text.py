"""Text and figures for reading."""

import doctest
import math
import os
import stat

import numpy as np
import pandas as pd
import pytest

from optimizer.reporting import text


def test_doctests_hold():
    """The examples in the documentation of the figures are true."""
    tried = doctest.testmod(text)
    assert tried.attempted >= 4
    assert tried.failed == 0


@pytest.mark.parametrize(
    "code", [*range(32), 0x7F, *range(0x80, 0xA0), 0x200B, 0x202E, 0x2066, 0xFEFF, 0xD800, 0xFFFF, 0xE0041]
)
def test_no_disturbing_character_survives(code):
    """Whatever could drive a terminal, turn the direction of writing or break XML is spelled out."""
    shown = text.visible(f"a{chr(code)}b")
    assert chr(code) not in shown or chr(code) == " "
    assert shown.startswith("a")
    assert shown.endswith("b")
    shown.encode()


@pytest.mark.parametrize("name", ["Österreich", "日本", "שלום", "العربية", "Ukraina 🇺🇦", "a b", "naïve\u200dx"])
def test_ordinary_names_stay(name):
    """Names in any script are shown as they are."""
    assert text.visible(name) == name


@pytest.mark.parametrize("blank", [None, math.nan, math.inf, pd.NA, "12", np.nan])
def test_blanks_are_no_numbers(blank):
    """What is not a finite number is shown as a blank."""
    assert text.as_number(blank) is None
    assert text.figure(blank) == text.BLANK
    assert text.percent(blank) == text.BLANK


def test_numpy_figures_are_numbers():
    """Figures out of tables are shown like any other."""
    assert text.figure(np.float64(1234.56)) == "1,234.56"
    assert text.figure(np.int64(7)) == "7"


def test_almost_full_is_not_full():
    """A share is shown as 100 % or 0 % only where nothing, or everything, is missing."""
    assert text.percent(0.99999) != "100 %"
    assert text.percent(0.00001) != "0 %"
    assert text.percent(1 - 1e-12) == "100 %"


def test_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """When the disk is full in the middle, the old file stays and nothing else is left."""
    file = tmp_path / "report.html"
    text.write_atomically(file, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        text.write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_written_file_has_ordinary_permissions(tmp_path):
    """Others may read a report as they may read any new file."""
    plain = tmp_path / "plain"
    plain.touch()
    text.write_atomically(tmp_path / "report", b"x")
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_bound_still_holds_once_it_is_rounded():
    """An upper bound is rounded up and a lower one down, except for what is only rounding."""
    for bound in (67.632, 67.638, 99.9976, 0.0123, -3.14159):
        assert float(text.figure(text.outward(bound, upper=True)).replace(",", "")) >= bound
        assert float(text.figure(text.outward(bound, upper=False)).replace(",", "")) <= bound
    assert text.figure(text.outward(80.0 + 1e-12, upper=True)) == "80"
