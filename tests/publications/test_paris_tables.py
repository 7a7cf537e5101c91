"""The two Paris instances are what the common tables say, and every row of them and every check has its source."""

import csv
import re
from pathlib import Path

import pytest

import optimizer as fg
from optimizer.instance.admissible import admissible
from optimizer.instance.attributes import TABLES as KNOWN
from optimizer.instance.files import read_raw
from optimizer.instance.read.examine import examine
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.settings import with_settings
from publications import paris_tables
from publications.paris_tables import AS_OF, CHECKS, DATES, folder_of, tables_of, write_instance_tables

DECISIONS = {"taken over", "confirmed", "refused", "outdated since"}
UKRAINE = {"ukr_west", "ukr_centre", "ukr_odesa", "line_north", "line_east", "line_south"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keys_of(date: str, table: str) -> set[str]:
    """The keys of a shipped table, cells joined by `/`, blank ones left out."""
    columns = KNOWN[table].key
    return {
        "/".join(filter(None, (row[c] for c in columns if c in row)))
        for row in rows_of(folder_of(date) / f"{table}.csv")
    }


@pytest.mark.parametrize("date", DATES)
def test_the_shipped_folder_is_what_the_program_writes(date, tmp_path):
    """Byte for byte, and no table more or less; a table that is no longer made goes, other files stay."""
    made = tables_of(date)
    shipped = {path.name: path.read_bytes() for path in folder_of(date).glob("*.csv")}
    assert shipped == {name: text.encode() for name, text in made.items()}
    old = folder_of(date, tmp_path)
    old.mkdir()
    for name in ("agreed.csv", "README.md"):
        (old / name).write_text("x")
    write_instance_tables(date, tmp_path)
    assert {path.name for path in old.iterdir()} == {*made, "README.md"}


def test_a_wrong_date_is_refused(tmp_path):
    """A cell of `as_of` that is neither date, or a table without the column, would lose rows without a word."""
    (tmp_path / "areas.csv").write_text("as_of,area\n2025-04,west\n")
    with pytest.raises(ValueError, match="2025-04"):
        tables_of(DATES[0], tmp_path)
    (tmp_path / "areas.csv").write_text("area\nwest\n")
    with pytest.raises(ValueError, match="no column as_of"):
        tables_of(DATES[0], tmp_path)


def test_no_row_stands_twice_where_once_is_enough():
    """Rows of both dates that differ in nothing but the date would be one row without a date."""
    for path in paris_tables.TABLES.glob("*.csv"):
        rows = rows_of(path)
        seen = [tuple(value for name, value in row.items() if name != AS_OF) for row in rows]
        assert len(seen) == len(set(seen)), path.name


@pytest.mark.parametrize("date", DATES)
def test_every_row_has_its_source(date):
    """The public source of its figure, or `assumed`."""
    for path in folder_of(date).glob("*.csv"):
        assert all(row["source"].strip() for row in rows_of(path)), path.name


@pytest.mark.parametrize("date", DATES)
def test_the_instances_pass_the_check(date):
    """No error, and no warning but that hospital beds are not asked for everywhere."""
    given, found = examine(read_raw(folder_of(date)))
    assert given is not None
    assert {finding.code for finding in found} == {"enabler-without-line"}


def test_every_check_is_answered():
    """Each of the fifty-two, with a decision, a reason and a source; what was taken over names a row that is there."""
    answers = rows_of(CHECKS)
    assert sorted({int(row["check"]) for row in answers}) == list(range(1, 53))
    keys = {(date, table): keys_of(date, table) for date in DATES for table in {row["table"] for row in answers} - {""}}
    for row in answers:
        assert row["decision"] in DECISIONS, row
        assert row["answer"], row
        assert row["source"], row
        assert row["table"] or row["decision"] != "taken over", row
        for date in DATES if row["instance"] == "both" else (row["instance"],):
            assert not row["table"] or row["row"] in keys[date, row["table"]], (date, row)


def serving(instance: fg.Instance, scenario: str | None = None) -> set[tuple[str, str, str]]:
    """Which kind of unit of which nation may serve in which area, in some period of a scenario."""
    found = admissible(scenario_tables(instance, scenario), instance.header.periods).services
    areas = {row["requirement"]: row["area"] for row in instance.rows("requirements")}
    pledges = {row["pledge"]: row for row in instance.rows("pledges")}
    return {(pledges[one]["unit_type"], pledges[one]["nation"], areas[line]) for one, line in found}


def tagged(instance: fg.Instance, *tags: str) -> set[str]:
    """The unit types that bear one of the tags."""
    return {row["unit_type"] for row in instance.rows("unit_types") if set(tags) & set((row["tags"] or "").split(";"))}


@pytest.mark.parametrize("date", DATES)
def test_without_ground_troops_only_monitors_are_in_ukraine(date):
    """The condition closes the country to units and staff; airspace, sea, monitors and everything abroad stay open."""
    instance = fg.read_instance(folder_of(date))
    troops = tagged(instance, "ground", "headquarters")
    before, after = (serving(one) for one in (instance, with_settings(instance, ["conditions.ground_troops=false"])))
    closed = {(kind, nation, area) for kind, nation, area in before if area in UKRAINE and kind in troops}
    assert closed
    assert before - after == closed
    assert ("monitor_team", "ESP", "line_north") in after


@pytest.mark.parametrize("date", DATES)
def test_a_shield_is_flown_while_the_war_goes_on(date):
    """Without a ceasefire nobody is in Ukraine, in the air neither; the shield opens the airspace alone."""
    instance = fg.read_instance(folder_of(date))
    war, shield = serving(instance, "no-ceasefire"), serving(instance, "sky-shield")
    assert not {area for _, _, area in war} & {*UKRAINE, "ukr_sky"}
    assert {(kind, area) for kind, _, area in shield - war} == {("fighter_det", "ukr_sky")}
    assert war <= shield


def test_no_combat_unit_on_the_line():
    """In January 2026 in no scenario; in March 2025 under a UN mandate alone."""
    found = {}
    for date in DATES:
        instance = fg.read_instance(folder_of(date))
        combat = tagged(instance, "combat")
        found[date] = {
            scenario
            for scenario in instance.scenarios
            if any(kind in combat and area.startswith("line_") for kind, _, area in serving(instance, scenario))
        }
    assert found == {"2025-03": {"frozen-conflict-un-mandate"}, "2026-01": set()}


def test_denmark_and_sweden_take_turns():
    """In every half-year one of them is in Latvia, and never both."""
    for date in DATES:
        turns = [
            (int(row["from"]), row["nation"])
            for row in rows_of(folder_of(date) / "pledges.csv")
            if row["nation"] in ("DNK", "SWE") and "in-latvia" in row["tags"] and row["from"] == row["until"]
        ]
        assert [period for period, _ in sorted(turns)] == list(range(1, 9))
        assert {nation for period, nation in turns if period % 2} != {
            nation for period, nation in turns if not period % 2
        }


@pytest.mark.parametrize("date", DATES)
def test_the_cells_that_the_readme_names_can_be_set(date):
    """What a study can turn is there in both instances: each cell takes a number, each condition both values."""
    text = (
        (folder_of("2026-01") / "README.md")
        .read_text(encoding="utf-8")
        .split("What a study can turn")[1]
        .split("##")[0]
    )
    cells = re.findall(r"`((?:limits|instruments|instrument_yields)\.[^`]+\.[a-z]+)(?:=0)?`", text)
    conditions = {*re.findall(r"`(?:conditions\.)?(\w+)(?:=false)?`", text)}
    assert len(cells) == 6
    assert len(conditions) == 14
    instance = fg.read_instance(folder_of(date))
    assert conditions <= {row["condition"] for row in instance.rows("conditions")}
    assert with_settings(instance, [f"{cell}=7" for cell in cells]) != instance


@pytest.mark.parametrize("date", DATES)
def test_the_readme_counts_the_tables(date):
    """The sizes that the README states are those of the tables."""
    folder = folder_of(date)
    counted = {
        name: len(rows_of(folder / f"{name.replace(' ', '_')}.csv"))
        for name in (
            "nations",
            "unit types",
            "capabilities",
            "pledges",
            "missions",
            "caveats",
            "conditions",
            "scenarios",
        )
    }
    lines, pledges = rows_of(folder / "requirements.csv"), rows_of(folder / "pledges.csv")
    counted |= {
        "requirement lines": len(lines),
        "posts": len({(row["mission"], row["area"]) for row in lines}),
        "with tours": sum(bool(row["tour"]) for row in pledges),
        "routes": len(rows_of(folder / "routes.csv")),
    }
    text = (folder / "README.md").read_text(encoding="utf-8")
    stated = {name.strip(): int(number) for number, name in re.findall(r"(\d+) ([a-z ]+)", text.split("## Sizes")[1])}
    assert {name: stated[name] for name in counted} == counted
    assert f"{counted['posts']} posts" in text.split("##")[0]
