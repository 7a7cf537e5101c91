"""Folder, workbook and tables say the same, whatever the text in them."""

from __future__ import annotations

import string
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.instance.attributes import TABLES
from optimizer.instance.conditions import SIGNS
from optimizer.instance.files import convert, read_instance, write_instance
from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.names import looks

from .base import base_files, put, write

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "''=1",
    "'quoted'",
    "<script>alert(1)</script>",
    "&amp; <b>",
    "\u202eright to left\u200f",
    "bell\x07 and escape\x1b[31m",
    "_x0041_ _x000D_",
    "line\nbreak",
    "return\rand\r\nfeed",
    "tab\tinside",
    'say "yes", twice',
    "007",
    "1e5",
    "1.0",
    "true",
    "2026-01-01",
    "ünïcödé 漢字 😀",
    "http://example.org/?a=b",
    "\ufeffmark",
    "a/b.c=d",
)
"""Text that spreadsheets, pages and terminals like to take for something else."""

TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=12),
    st.text(string.printable, max_size=12),
)
NAME = TEXT.map(lambda text: text.strip()).filter(
    lambda text: bool(text) and not text.startswith("!") and ";" not in text
)
CONDITION = NAME.filter(lambda name: name not in TABLES["scenarios"].by_name and not set(SIGNS) & set(name))
NUMBER = st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False), st.integers(0, 10**6).map(float), st.just(0.1 + 0.2))


@st.composite
def instances(draw: Any) -> Instance:
    """Small valid instances with any text in their names and remarks, and any number in some columns."""
    nations = draw(st.lists(NAME, min_size=1, max_size=4, unique_by=looks))
    conditions = draw(st.lists(CONDITION, max_size=2, unique_by=looks))
    tables: dict[str, list[dict[str, object]]] = {
        "nations": [
            {"nation": n, "name": draw(TEXT), "max_personnel": draw(NUMBER), "note": draw(TEXT)} for n in nations
        ],
        "unit_types": [{"unit_type": draw(NAME), "cost": draw(NUMBER), "domain": "sea"}],
        "missions": [
            {"mission": draw(NAME), "weight": draw(NUMBER), "continuity": draw(st.sampled_from((None, True, False)))}
        ],
    }
    unit_type, mission = tables["unit_types"][0]["unit_type"], tables["missions"][0]["mission"]
    capability, area = draw(NAME), draw(NAME)
    tables["yields"] = [{"unit_type": unit_type, "capability": capability, "amount": 1.5}]
    tables["requirements"] = [
        {"requirement": draw(NAME), "mission": mission, "area": area, "capability": capability, "target": 7}
    ]
    tables["pledges"] = [
        {
            "pledge": f"{number}",
            "nation": nation,
            "unit_type": unit_type,
            "quantity": draw(st.integers(0, 10**15)),
            "tags": draw(TEXT),
        }
        for number, nation in enumerate(nations)
    ]
    if conditions:
        tables["conditions"] = [
            {"condition": name, "default": draw(st.booleans()), "description": draw(TEXT)} for name in conditions
        ]
        tables["scenarios"] = [{"scenario": draw(NAME), **{name: draw(st.booleans()) for name in conditions}}]
        joined = f" {draw(st.sampled_from(('|', '&')))} ".join(f"!({name})" for name in conditions)
        tables["pledges"][0]["condition"] = draw(st.sampled_from((conditions[0], joined)))
    if draw(st.booleans()):
        tables["limits"] = []
    header = {
        "name": draw(NAME),
        "title": draw(TEXT),
        "description": draw(TEXT),
        "currency": draw(NAME),
        "periods": {"count": draw(st.integers(1, 9)), "first": "2027-12"},
        "solver": {"time_limit": draw(st.floats(1e-3, 1e6)), "gap": draw(st.floats(0, 1))},
        "aims": [
            {
                "name": "cost",
                "priority": 2,
                "weight": draw(st.floats(0, 9)),
                "tolerance": 0.01,
                "scope": {"nation": nations[0]},
            },
            {"name": "changes", "priority": 1, "weights": {nations[-1]: draw(st.floats(0, 9))}},
        ],
    }
    return Instance.from_tables(tables, header)


def same(one: Instance, other: Instance) -> bool:
    """Equal in header and in every table, absent tables and empty ones told apart."""
    frames = {name: frame.to_dict("split", index=False) for name, frame in one.tables.items()}
    others = {name: frame.to_dict("split", index=False) for name, frame in other.tables.items()}
    return one.header == other.header and frames == others and one.hash == other.hash


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(instance=instances())
def test_folder_and_workbook_lose_nothing(instance: Instance) -> None:
    """Tables → folder → workbook → folder gives the same instance, cell by cell, and the same files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_instance(instance, folder / "one")
        assert same(read_instance(folder / "one"), instance)
        assert same(convert(folder / "one", folder / "two.xlsx"), instance)
        assert same(convert(folder / "two.xlsx", folder / "three"), instance)
        for path in (folder / "one").iterdir():
            assert (folder / "three" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(text: str, tmp_path: Path) -> None:
    """Text that looks like a formula, a page or a number comes back as it was, and no file holds it as a formula."""
    instance = Instance.from_tables(
        {
            "nations": [{"nation": text, "note": text}],
            "unit_types": [{"unit_type": text}],
            "yields": [{"unit_type": text, "capability": text, "amount": 1}],
            "pledges": [{"pledge": text, "nation": text, "unit_type": text, "quantity": 1}],
            "missions": [{"mission": text}],
            "requirements": [{"requirement": text, "mission": text, "area": text, "capability": text, "target": 1}],
        },
        {"name": text, "title": text},
    )
    write_instance(instance, tmp_path / "folder")
    assert same(convert(tmp_path / "folder", tmp_path / "book.xlsx"), instance)
    assert same(read_instance(tmp_path / "book.xlsx"), instance)
    lines = (tmp_path / "folder" / "nations.csv").read_text(encoding="utf-8").splitlines()
    assert not any(cell.lstrip('"').startswith(("=", "+", "-", "@")) for line in lines for cell in line.split(","))
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_base_with_every_table_survives(tmp_path: Path) -> None:
    """The base instance, which uses every table of the format, goes through a workbook unchanged."""
    files = base_files()
    put(files, "nations", 2, note="line one\nline two", max_personnel="0.30000000000000004")
    source = write(files, tmp_path / "source")
    before = read_instance(source)
    assert set(before.tables) == set(TABLES)
    convert(source, tmp_path / "book.xlsx")
    convert(tmp_path / "book.xlsx", tmp_path / "back")
    assert same(read_instance(tmp_path / "back"), before)


def test_same_instance_gives_the_same_workbook(tmp_path: Path) -> None:
    """Writing twice gives the same bytes, so that a workbook changes only when its content does."""
    instance = generate("S")
    write_instance(instance, tmp_path / "one.xlsx")
    write_instance(instance, tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Rows in reverse order make the same instance, in the same canonical order."""
    files = base_files()
    turned = dict(files)
    for name, text in files.items():
        if name.endswith(".csv"):
            heading, *rows = text.splitlines()
            turned[name] = "\n".join([heading, *reversed(rows)]) + "\n"
    one, two = read_instance(write(files, tmp_path / "one")), read_instance(write(turned, tmp_path / "two"))
    assert same(one, two)
    assert one.origin["nations"][1] == (2, 3, 4)
    assert two.origin["nations"][1] == (4, 3, 2)


def test_canonical_order_is_natural() -> None:
    """Numbers in keys are ordered as numbers, and blanks come first."""
    instance = generate(nations=12, unit_types=2, posts=2, periods=1)
    renamed = {name: frame.copy() for name, frame in instance.tables.items()}
    rows = [{"nation": f"n{number}"} for number in (10, 9, 1, "", "007", "9" * 5000)]
    tables = {**{name: renamed[name] for name in ("unit_types", "yields", "missions", "requirements")}, "nations": rows}
    tables["pledges"] = [{"pledge": "p", "nation": "n9", "unit_type": "T01", "quantity": 1}]
    assert list(Instance.from_tables(tables).table("nations")["nation"]) == [
        "n",
        "n1",
        "n007",
        "n9",
        "n10",
        "n" + "9" * 5000,
    ]


def test_hash_tells_instances_apart() -> None:
    """One changed number changes the hash and equality."""
    one = generate("S")
    frames = {name: frame.copy() for name, frame in one.tables.items()}
    frames["nations"].loc[0, "max_personnel"] += 1
    other = Instance(one.header, frames)
    assert one != other
    assert one == generate("S")
    assert hash(one) == hash(generate("S"))
