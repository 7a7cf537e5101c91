"""What makes and explains instances: the generator, the templates, the schema, the funnel."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from optimizer.corridor import solve
from optimizer.instance.admissible import NO_YIELD, admissible
from optimizer.instance.attributes import TABLES
from optimizer.instance.files import read_instance
from optimizer.instance.generator import SIZES, generate
from optimizer.instance.header_attributes import HEADER
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import check_instance
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.schema import UnknownTable, schema_json, schema_markdown
from optimizer.instance.situation import build_situation
from optimizer.instance.supply import funnel, instrument_supply, losses
from optimizer.instance.template import TEMPLATES, UnknownTemplate, write_template
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.rulebook import rules_in_force
from tests.oracle.random_instances import FAMILIES as RANDOM
from tests.oracle.random_instances import tiny

from .base import base_files, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path: Path) -> Instance:
    """The instance that uses every table."""
    return read_instance(write(base_files(), tmp_path / "base"))


@pytest.mark.parametrize("size", SIZES)
def test_generated_sizes_are_valid(size: str) -> None:
    """Each named size has its numbers, no error, and is made and checked within seconds."""
    started = time.perf_counter()
    instance = generate(size, seed=3)
    assert not [finding for finding in check_instance(instance) if finding.severity == "error"]
    assert time.perf_counter() - started < 5
    numbers = SIZES[size]
    posts = {(row["mission"], row["area"]) for row in instance.rows("requirements")}
    assert len(instance.rows("nations")) == numbers["nations"]
    assert len(instance.rows("unit_types")) == numbers["unit_types"]
    assert len(posts) == numbers["posts"]
    assert instance.header.periods == numbers["periods"]


def test_generator_gives_the_same_everywhere() -> None:
    """The same seed gives the same instance, on every platform and in every version; another seed another."""
    assert generate("S", seed=1).hash == "2a781c1c5e911add76e1d0ffa6d97aa38daba9a290f784cbfc4d8e0e4df3bf1f"
    assert generate("S", seed=2).hash != generate("S", seed=1).hash


@pytest.mark.parametrize("seed", range(8))
def test_generated_instances_of_odd_sizes(seed: int) -> None:
    """Any numbers, from one of everything to many nations, make a valid instance."""
    numbers = [
        (1, 1, 1, 1),
        (2, 1, 3, 2),
        (120, 3, 2, 1),
        (5, 30, 7, 3),
        (1, 2, 9, 12),
        (40, 2, 1, 4),
        (3, 3, 3, 3),
        (7, 5, 11, 6),
    ]
    nations, unit_types, posts, periods = numbers[seed]
    instance = generate(nations=nations, unit_types=unit_types, posts=posts, periods=periods, seed=seed)
    assert len(instance.rows("nations")) == nations
    assert not [finding for finding in check_instance(instance) if finding.severity == "error"]


def test_generator_without_participation() -> None:
    """Without participation there are neither smallest contingents nor rules for posts."""
    instance = generate("S", participation=False)
    assert "posts" not in instance.tables
    assert "participation" not in instance.tables
    assert all(row["min_contingent"] == 0 for row in instance.rows("nations"))


@pytest.mark.parametrize("seed", range(30))
def test_generated_instances_start_steady(seed: int) -> None:
    """Every mission stays or its posts do, and what is committed can be kept: those who stand there alone are a plan in every scenario."""
    instance = generate("M", seed=seed)
    stays = {(row["mission"], row["area"]): row["min_stay"] for row in instance.rows("posts")}
    continuous = {row["mission"] for row in instance.rows("missions") if row["continuity"]}
    assert all(
        row["mission"] in continuous or stays[row["mission"], row["area"]] for row in instance.rows("requirements")
    )
    standing = [row for row in instance.rows("pledges") if row["committed"]]
    assert standing
    assert all(row["tags"] == "existing" and row["committed"] == row["quantity"] for row in standing)
    new = {finding.code for finding in check_instance(instance)}
    assert new <= {finding.code for finding in check_instance(generate("M", seed=seed, steady=False))} - {
        "may-come-and-go"
    }
    plan = [
        {
            "pledge": row["pledge"],
            "requirement": row["pledge"].partition("-standing-")[2],
            "period": period,
            "units": row["committed"],
        }
        for row in standing
        for period in range(1, 9)
    ]
    for scenario in (None, *instance.scenarios):
        assert evaluate(instance, scenario, Decisions(plan)).violations == ()


def test_a_generated_steady_instance_is_solved() -> None:
    """A small one is solved to the end, and its standing contingents serve throughout."""
    instance = generate(nations=9, unit_types=5, posts=5, periods=4, seed=1)
    assert any(row["committed"] for row in instance.rows("pledges"))
    plan = solve(instance, time_limit=20, gap=0.1, child=False)
    assert plan.has_plan


def test_generator_without_steadiness() -> None:
    """Without steadiness an instance is what it was before there were such rules, and of one period it is the same."""
    old = generate("M", seed=1, steady=False)
    assert old.hash == "8d0f7b557a4496352359ba9225edf35c2c8d36f55a178f09338468c1696a676a"
    assert not any(row["committed"] for row in old.rows("pledges"))
    assert not any(row["continuity"] for row in old.rows("missions"))
    assert generate("S", seed=1, steady=False).hash == generate("S", seed=1).hash


def test_generated_nations_are_unequal() -> None:
    """The largest nation bears many times what the median bears."""
    caps = sorted(row["max_personnel"] for row in generate("M").rows("nations"))
    assert caps[-1] > 8 * caps[len(caps) // 2]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [({"size": "XL"}, "sizes: S, M, L"), ({"nations": 3}, "unit_types"), ({"size": "S", "posts": 0}, "posts")],
)
def test_generator_refuses(numbers: dict[str, object], words: str) -> None:
    """An unknown size, a missing number and a number below 1 are refused."""
    with pytest.raises(ValueError, match=words):
        generate(**numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_check_clean(template: str, tmp_path: Path) -> None:
    """What `new` writes has neither errors nor warnings, and something can serve every line."""
    folder = write_template(tmp_path / "mine", template)
    instance = read_instance(folder)
    assert check_instance(instance) == ()
    assert (funnel(instance)["allowed"] > 0).all()


def test_small_template_explains_itself(tmp_path: Path) -> None:
    """Its tables have all their columns, and its guide explains each of them and names every other table."""
    folder = write_template(tmp_path / "mine")
    guide = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("*.csv"):
        heading = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert heading[: len(TABLES[path.stem].columns)] == [column.name for column in TABLES[path.stem].columns]
        assert schema_markdown(path.stem) in guide
    assert all(f"`{name}.csv`" in guide or f"## {name}" in guide for name in TABLES)
    assert "forcegen solve mine" in guide


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_start_steady(template: str, tmp_path: Path) -> None:
    """A new instance shows how to say that a post stays; the commented one also what stands there already."""
    instance = read_instance(write_template(tmp_path / "mine", template))
    assert any(row["continuity"] for row in instance.rows("missions"))
    if template == "small":
        assert any(row["min_stay"] for row in instance.rows("posts"))
        assert [row["tags"] for row in instance.rows("pledges") if row["committed"]] == ["existing"]


def test_tutorial_template_is_the_tutorial() -> None:
    """The copy that travels with the package is the shipped instance (without its studies): copy its files over it when they change."""
    copy, original = ROOT / "optimizer/instance/templates/tutorial", ROOT / "instances/tutorial"
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == {
        path.name: path.read_bytes() for path in original.iterdir() if path.is_file()
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_as_workbooks(template: str, tmp_path: Path) -> None:
    """A workbook says the same as the folder; the commented one has a sheet for every table, with all its columns."""
    book = read_instance(write_template(tmp_path / "mine.xlsx", template))
    folder = read_instance(write_template(tmp_path / "mine", template))
    assert (tmp_path / "mine.xlsx").is_file()
    assert check_instance(book) == ()
    assert book.header == folder.header
    assert {name: book.rows(name) for name in folder.tables} == {name: folder.rows(name) for name in folder.tables}
    if template == "small":
        assert list(book.tables) == list(TABLES)
        assert {name: list(frame.columns)[: len(TABLES[name].columns)] for name, frame in book.tables.items()} == {
            name: [column.name for column in table.columns] for name, table in TABLES.items()
        }
    with pytest.raises(FileExistsError):
        write_template(tmp_path / "mine.xlsx", template)


def test_templates_are_not_written_over_anything(tmp_path: Path) -> None:
    """A folder that holds something, and an unknown template, are refused."""
    (tmp_path / "letter").write_text("x")
    with pytest.raises(FileExistsError):
        write_template(tmp_path)
    with pytest.raises(UnknownTemplate, match="Did you mean 'tutorial'"):
        write_template(tmp_path / "mine", "tutoral")


def test_schema_explains_every_column() -> None:
    """The page of the tables holds every column with its description, and one table can be had alone."""
    page = schema_markdown()
    for table in TABLES.values():
        assert f"## {table.name}" in page
        for column in table.columns:
            line = next(
                line for line in schema_markdown(table.name).splitlines() if line.startswith(f"| `{column.name}` |")
            )
            assert column.description.replace("|", "\\|") in line
            assert line.replace("\\|", "").count("|") == 6
    assert all(f"`{attribute.name}`" in page for section in HEADER.values() for attribute in section)
    with pytest.raises(UnknownTable, match="Did you mean 'pledges'"):
        schema_markdown("pledge")


def test_schema_for_programs() -> None:
    """The JSON form names key, columns, kinds and choices."""
    data = json.loads(schema_json())
    assert list(data["tables"]) == list(TABLES)
    assert json.loads(schema_json("caveats")) == data["tables"]["caveats"]
    rule = next(column for column in data["tables"]["caveats"]["columns"] if column["name"] == "rule")
    assert rule["choices"] == ["forbid", "unless", "limit"]
    assert rule["required"] is True
    with pytest.raises(UnknownTable):
        schema_json("x")


def test_funnel_step_by_step(base: Instance) -> None:
    """By hand: five battalions of 5 sites; France sustains one of three; Poland's cap lets one of two come, and none does without the truce."""
    table = funnel(base).set_index("capability")
    guard = table.loc["guard"]
    assert (guard["period"], guard["demand"]) == (2, 15)
    assert (guard["pledged"], guard["available"], guard["sustainable"], guard["allowed"]) == (25, 25, 15, 15)
    assert (guard["within_caps"], guard["instruments"], guard["short"]) == (10, 0, 5)
    storm = funnel(base, "storm").set_index("capability").loc["guard"]
    assert (storm["demand"], storm["sustainable"], storm["allowed"]) == (20, 15, 5)
    assert (storm["instruments"], storm["short"]) == (2, 13)
    assert table.loc["train", "sustainable"] == 600
    assert list(table.index) == ["guard", "heal", "train"]


def test_losses_name_the_rules(base: Instance) -> None:
    """What falls out of guarding in the base: two thirds of France's by rotation, one battalion of Poland's by its cap, all of them without the truce."""
    guard = losses(base).query("capability == 'guard'")
    assert guard[["step", "rules", "whose", "amount"]].to_numpy().tolist() == [
        ["rotation", "pledges/FRA-bn.dwell", "FRA-bn", 10.0],
        ["cap", "nations/POL.max_personnel", "POL", 5.0],
    ]
    storm = losses(base, "storm").query("capability == 'guard'")
    assert ["condition", "pledges/POL-bn.condition", "POL-bn", 10.0] in storm[
        ["step", "rules", "whose", "amount"]
    ].to_numpy().tolist()


def instances_and_scenarios():
    """Shipped, generated and random instances, in every scenario."""
    shipped = [read_instance(path.parent) for path in (ROOT / "instances").rglob("instance.toml")]
    made = [generate(nations=9, unit_types=5, posts=5, periods=4, seed=seed) for seed in range(3)]
    drawn = []
    for seed in range(40):
        tables, header, _ = tiny(seed, RANDOM)
        drawn.append(Instance.from_tables(tables, header=header, impossible=True))
    for instance in (*shipped, *made, *drawn):
        for scenario in (None, *instance.scenarios):
            yield instance, scenario


def test_the_funnel_adds_up_exactly() -> None:
    """What is pledged is what falls out at each step and what is left; every loss names at least one rule in force."""
    for instance, scenario in instances_and_scenarios():
        table, lost = funnel(instance, scenario), losses(instance, scenario)
        known = {rule.id for rule in rules_in_force(instance, scenario)}
        named = {rule for rules in lost["rules"] for rule in rules.split("; ")}
        # Of a pledge that its condition keeps away the rotation is counted first.
        absent = {row["pledge"] for row in instance.rows("pledges")} - set(build_situation(instance, scenario).pledges)
        assert {
            rule for rule in named - known if rule.removeprefix("pledges/").rpartition(".")[0] not in absent
        } == set()
        for row in table.to_dict("records"):
            mine = lost[lost["capability"] == row["capability"]]["amount"].sum()
            assert row["pledged"] == pytest.approx(row["within_caps"] + mine, rel=1e-12, abs=1e-9)
            assert row["pledged"] >= row["available"] >= row["sustainable"] >= row["allowed"] >= row["within_caps"] >= 0


def test_the_funnel_is_quick_where_many_units_are_pledged() -> None:
    """Twelve pledges of forty units of different sizes under a cap on personnel, or on units, take no time; what fits is the best that fits."""
    kinds = [(f"k{number}", 10 * number + 7, number + 3) for number in range(12)]
    line = {"requirement": "r", "mission": "m", "area": "a", "capability": "c", "target": 9_999}
    tables = {
        "unit_types": [{"unit_type": kind, "personnel": people} for kind, people, _ in kinds],
        "yields": [{"unit_type": kind, "capability": "c", "amount": amount} for kind, _, amount in kinds],
        "pledges": [{"pledge": kind, "nation": "N", "unit_type": kind, "quantity": 40} for kind, _, _ in kinds],
        "missions": [{"mission": "m"}],
        "requirements": [line],
    }
    for cap, within in (({"max_personnel": 3_000}, 633.0), ({"max_units": 50}, 40 * 14.0 + 10 * 13.0)):
        instance = Instance.from_tables(tables | {"nations": [{"nation": "N", **cap}]})
        begun = time.process_time()
        assert funnel(instance)["within_caps"].tolist() == [within]
        assert time.process_time() - begun < 5


def test_each_refused_service_has_its_reason() -> None:
    """A service is admissible or refused by rules in force (or by units of another kind); never both, never neither."""
    for instance, scenario in instances_and_scenarios():
        situation = build_situation(instance, scenario)
        found, known = situation.admissible, {rule.id for rule in rules_in_force(instance, scenario)}
        if len(situation.tables.rows("pledges")) * len(situation.lines) > 3_000:
            continue
        for pledge in situation.tables.rows("pledges"):
            for line in situation.lines:
                mask = found.services.get((pledge["pledge"], line), 0)
                for period in range(1, situation.horizon + 1):
                    reasons = found.reasons(pledge["pledge"], line, period)
                    assert bool(reasons) != bool(mask >> period - 1 & 1), (pledge["pledge"], line, period, reasons)
                    assert set(reasons) - {NO_YIELD} <= known


@pytest.mark.parametrize("seed", range(3))
def test_services_are_those_of_the_situation(seed: int) -> None:
    """What the checks think can serve is what the model will let serve, in every scenario."""
    instance = generate(nations=9, unit_types=5, posts=5, periods=4, seed=seed)
    for scenario in (None, *instance.scenarios):
        situation = build_situation(instance, scenario)
        found = admissible(scenario_tables(instance, scenario), instance.header.periods).services
        periods = {pair: tuple(t for t in range(1, 5) if bits >> t - 1 & 1) for pair, bits in found.items()}
        assert periods == situation.services


def test_services_of_the_base_are_those_of_the_situation(base: Instance) -> None:
    """The same with every kind of caveat, window, tag and instrument."""
    for scenario in (None, *base.scenarios):
        situation, tables = build_situation(base, scenario), scenario_tables(base, scenario)
        found = admissible(tables, base.header.periods).services
        assert {
            pair: tuple(t for t in range(1, 5) if bits >> t - 1 & 1) for pair, bits in found.items()
        } == situation.services
        aid = {
            line: [amount if period in instrument.periods else 0.0 for period in range(1, 5)]
            for instrument in situation.instruments
            for line, amount in instrument.yields.items()
        }
        assert instrument_supply(tables) == aid


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in (ROOT / "instances").rglob("instance.toml")), ids=lambda path: path.name
)
def test_shipped_instances_have_no_errors(folder: Path) -> None:
    """Every instance that is shipped can be read."""
    assert not [finding for finding in check_instance(read_instance(folder)) if finding.severity == "error"]
