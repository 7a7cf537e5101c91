"""Instances from tables in memory; the header; settings; what an instance gives back."""

from __future__ import annotations

import datetime
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.instance.files import read_instance
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance
from optimizer.instance.read.examine import UPGRADES, check_instance, instance_from_raw
from optimizer.instance.read.given import raw_table
from optimizer.instance.read.header import header_mapping
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.settings import InvalidSetting, with_settings

from .base import base_files, write

Tables = dict[str, Any]


def tables(**also: Any) -> Tables:
    """The tables of a small valid instance."""
    return {
        "nations": [{"nation": "FRA", "max_personnel": 900}, {"nation": "ITA"}],
        "unit_types": [{"unit_type": "battalion", "personnel": 600}],
        "yields": [{"unit_type": "battalion", "capability": "guard", "amount": 5}],
        "pledges": [{"pledge": "p", "nation": "FRA", "unit_type": "battalion", "quantity": 2}],
        "missions": [{"mission": "protection"}],
        "requirements": [
            {"requirement": "r", "mission": "protection", "area": "west", "capability": "guard", "target": 10}
        ],
        **also,
    }


def codes(content: Tables, header: dict[str, Any] | None = None) -> list[str]:
    """Codes of the errors."""
    with pytest.raises(InvalidInstance) as caught:
        Instance.from_tables(content, header)
    return [finding.code for finding in caught.value.findings if finding.severity == "error"]


@pytest.fixture
def base(tmp_path: Path) -> Instance:
    """The instance that uses every table."""
    return read_instance(write(base_files(), tmp_path / "base"))


def test_frames_and_rows_make_the_same_instance() -> None:
    """Data frames with numpy numbers and missing values say the same as lists of rows."""
    frames = {name: pd.DataFrame(rows) for name, rows in tables().items()}
    frames["nations"]["max_units"] = pd.array([3, None], dtype="Int64")
    frames["missions"]["continuity"] = np.array([True])
    frames["requirements"]["note"] = [pd.NaT]
    rows = tables()
    rows["nations"][0]["max_units"] = 3
    rows["missions"][0]["continuity"] = "yes"
    assert Instance.from_tables(frames) == Instance.from_tables(rows)


def test_values_are_plain_and_typed() -> None:
    """Numbers are float, whole numbers int, blanks None, and defaults are filled in by `rows` alone."""
    instance = Instance.from_tables(tables())
    frame, row = instance.table("pledges"), instance.rows("pledges")[0]
    assert frame["quantity"].iloc[0] == 2
    assert type(frame["quantity"].iloc[0]) is int
    assert frame["deployed_at_start"].iloc[0] is None
    assert row["deployed_at_start"] == 0
    assert type(row["deployed_at_start"]) is int
    assert type(instance.rows("nations")[0]["max_personnel"]) is float
    assert instance.rows("nations")[1]["max_personnel"] is None


def test_absent_and_empty_tables() -> None:
    """An absent table stays absent, an empty one empty; either way there are no rows, and the hash is the same."""
    absent, empty = Instance.from_tables(tables()), Instance.from_tables(tables(limits=[]))
    assert "limits" not in absent.tables
    assert len(empty.tables["limits"]) == 0
    assert absent.rows("limits") == empty.rows("limits") == []
    assert list(absent.table("limits").columns) == list(empty.table("limits").columns)
    assert absent.hash == empty.hash


def test_an_empty_required_table_is_doubtful() -> None:
    """An instance without pledges is read, with a warning."""
    found = check_instance(Instance.from_tables(tables(pledges=[])))
    assert (found[0].severity, found[0].code, found[0].place) == ("warning", "empty-table", "pledges")


def test_without_areas_and_capabilities_the_lines_name_them() -> None:
    """Where the tables are absent, areas are those of requirements and capabilities those of yields."""
    assert codes(tables(caveats=[{"caveat": "c", "area": "wst", "rule": "forbid"}])) == ["unknown-area"]
    wrong = tables()
    wrong["requirements"][0]["capability"] = "gard"
    assert codes(wrong) == ["unknown-capability"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (object(), "number"),
        (["a"], "type"),
        ({}, "type"),
        (True, "number"),
        (10**400, "number"),
        pytest.param(10**5000, "number", id="endless"),
        (float("inf"), "not-finite"),
        (datetime.date(2026, 1, 1), "number"),
        ("1,000", "number"),
        ("\ud800", "number"),
    ],
)
def test_values_that_are_no_number(value: object, code: str) -> None:
    """Whatever a caller puts into a number column is a number or a finding, never a crash."""
    content = tables()
    content["nations"][0]["max_personnel"] = value
    assert codes(content) == [code]


@pytest.mark.parametrize(
    ("value", "code"), [("\ud800", "control-character"), ("\uffff", "control-character"), (b"x", "type"), (1j, "type")]
)
def test_values_that_are_no_text(value: object, code: str) -> None:
    """What no file could hold, or is no text, is refused in a text column."""
    content = tables()
    content["nations"][0]["note"] = value
    assert codes(content) == [code]


def test_numbers_and_dates_as_names() -> None:
    """A spreadsheet's 7, 7.5, true or date in a text column is text, as it is shown."""
    content = tables(
        missions=[
            {"mission": "protection", "name": 7.0},
            {"mission": True, "name": 7.5},
            {"mission": datetime.date(2026, 1, 2)},
        ]
    )
    frame = Instance.from_tables(content).table("missions")
    assert list(frame["mission"]) == ["2026-01-02", "protection", "true"]
    assert list(frame["name"]) == [None, "7", "7.5"]


def test_long_values_are_shown_short() -> None:
    """A finding quotes the beginning of a long value only, with what is not printable escaped."""
    content = tables()
    content["nations"][0]["max_personnel"] = "\u202e\x1b[31m" + "x" * 100_000
    with pytest.raises(InvalidInstance) as caught:
        Instance.from_tables(content)
    message = caught.value.findings[0].message
    assert len(message) < 200
    assert message.isprintable()


def test_too_many_columns() -> None:
    """A row without end is refused by its number of columns."""
    content = tables(links=[{f"column {number}": 1 for number in range(2_000)}])
    assert codes(content) == ["too-many-columns"]


def test_defaults_of_the_aims() -> None:
    """Coverage, then cost; with a fair share for every pledging nation burden_gap between them."""
    names = [(aim.name, aim.priority) for aim in Instance.from_tables(tables()).header.aims]
    assert names == [("coverage", 1), ("cost", 2)]
    shared = tables()
    shared["nations"][0]["fair_share"] = 2
    names = [(aim.name, aim.priority) for aim in Instance.from_tables(shared).header.aims]
    assert names == [("coverage", 1), ("burden_gap", 2), ("cost", 3)]


def test_header_goes_there_and_back(base: Instance) -> None:
    """A header written as a mapping reads back as itself."""
    assert (
        Instance.from_tables(tables(), header_mapping(Instance.from_tables(tables()).header)).header
        == Instance.from_tables(tables()).header
    )
    again = Instance.from_tables(base.tables, header_mapping(base.header))
    assert again.header == base.header
    assert base.header.aims[0].scope == (("mission", "guarding"),)
    assert base.header.aims[2].weights == (("FRA", 2.0),)
    assert base.header.time_limit == 60.0


@pytest.mark.parametrize(
    "first",
    ["2026-01", "2026-01-01", datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)],
)
def test_first_month_in_every_form(first: object) -> None:
    """A month, a date, and what a spreadsheet makes of it, mean the month."""
    assert Instance.from_tables(tables(), {"periods": {"first": first}}).header.first == "2026-01"


def test_scope_may_be_a_list() -> None:
    """A scope written as a list of names is the same as the names joined."""
    aims = [{"name": "cost", "scope": {"nation": ["FRA", "ITA"], "area": "!west"}}]
    assert Instance.from_tables(tables(), {"aims": aims}).header.aims[0].scope == (
        ("area", "!west"),
        ("nation", "FRA;ITA"),
    )


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"aims": {"name": "cost"}}, "header-type"),
        ({"aims": ["cost"]}, "header-type"),
        ({"aims": [{"priority": 1}]}, "missing-cell"),
        ({"aims": [{"name": "cost", "scope": "west"}]}, "aim-scope"),
        ({"aims": [{"name": "changes", "weights": [1]}]}, "aim-weights"),
        ({"aims": [{"name": "changes", "weights": {"FRA": -1}}]}, "negative"),
        ({"periods": 3}, "header-type"),
        ({"schema": "new"}, "number"),
        ({"solver": {"gap": {}}}, "number"),
        ({"title": {"a": 1}}, "type"),
    ],
)
def test_headers_of_the_wrong_form(header: dict[str, Any], code: str) -> None:
    """Whatever has the wrong form in a header is a finding."""
    assert codes(tables(), header) == [code]


def test_older_formats_are_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade is applied to an instance of an older version before anything is read."""

    def lift(raw: RawInstance) -> RawInstance:
        return RawInstance({**raw.header, "schema": 1, "title": "lifted"}, raw.tables)

    monkeypatch.setitem(UPGRADES, 0, lift)
    content = {name: raw_table(name, name, rows) for name, rows in tables().items()}
    assert instance_from_raw(RawInstance({"schema": 0}, content)).header.title == "lifted"


def test_conditions_are_written_with_or_without_space() -> None:
    """`! name` means `!name`, and both are read as the same condition."""
    content = tables(conditions=[{"condition": "truce"}])
    content["pledges"][0]["condition"] = "! truce"
    assert Instance.from_tables(content).rows("pledges")[0]["condition"] == "!truce"


def test_an_instance_can_be_sent_to_another_process(base: Instance) -> None:
    """Pickling keeps everything, findings' places too."""
    other = pickle.loads(pickle.dumps(base))  # noqa: S301
    assert other == base
    assert other.origin == base.origin


def test_settings_change_single_cells(base: Instance) -> None:
    """A setting changes its cell and nothing else, and the instance stays what it was."""
    changed = with_settings(
        base,
        [
            "nations.FRA.max_personnel=500",
            "posts.guarding/west.must=false",
            "pledges.FRA-bn.tour=",
            "pledges.FRA-bn.dwell=",
            "pledges.FRA-bn.deployed_at_start=0",
        ],
    )
    assert changed.rows("nations")[0]["max_personnel"] == 500
    assert changed.rows("posts")[0]["must"] is False
    assert changed.rows("pledges")[0]["tour"] is None
    assert base.rows("nations")[0]["max_personnel"] == 2000
    assert changed != base
    assert with_settings(base, []) is base
    assert changed.origin == base.origin


def test_settings_of_scenarios_and_keys_with_dots() -> None:
    """Keys may hold dots and equals signs, conditions are columns, and what can be meant is found."""
    content = tables(
        conditions=[{"condition": "a.b"}],
        scenarios=[{"scenario": "s=1.x", "a.b": True}],
        limits=[{"limit": "x.y=z", "measure": "units", "maximum": 3}],
    )
    instance = Instance.from_tables(content)
    changed = with_settings(
        instance, ["limits.x.y=z.maximum=4", "scenarios.s=1.x.a.b=false", "limits.x.y=z.note=a=b.c"]
    )
    assert changed.rows("limits")[0]["maximum"] == 4
    assert changed.rows("limits")[0]["note"] == "a=b.c"
    assert not scenario_tables(changed, "s=1.x").ever("a.b")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("nations", "TABLE.KEY.COLUMN=VALUE"),
        ("nation.FRA.max_personnel=5", "Did you mean 'nations'"),
        ("nations.FRO.max_personnel=5", "Did you mean 'FRA'"),
        ("nations.FRA.max_personel=5", "Did you mean 'max_personnel'"),
        ("nations.FRA.nation=ITA", "key"),
        ("nations.FRA.max_personnel=many", "not a number"),
        ("pledges.FRA-bn.quantity=", "cannot be blank"),
    ],
)
def test_wrong_settings_are_told(setting: str, words: str, base: Instance) -> None:
    """A setting that names nothing, or does not fit, is refused with what was probably meant."""
    with pytest.raises(InvalidSetting) as caught:
        with_settings(base, [setting, "nations.NOBODY.budget=1"])
    assert len(caught.value.findings) == 2
    assert caught.value.findings[0].place == f"--set {setting}"
    assert words in str(caught.value.findings[0])


def test_settings_are_checked_with_the_rest(base: Instance) -> None:
    """A setting that contradicts another row is told with that row."""
    with pytest.raises(InvalidInstance, match=r"threshold-above-target\] requirements.csv, row 4"):
        with_settings(base, ["requirements.train-west.threshold=1000"])
    with pytest.raises(InvalidSetting, match="has no table 'links'"):
        with_settings(Instance.from_tables(tables()), ["links.x.count=1"])
