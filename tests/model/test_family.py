"""Each rule family is whole: what another part of the program needs of it is there, under one name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimizer.instance.attributes import TABLES
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model import aims
from optimizer.model.assemble import COLUMNS, FAMILIES, ROWS, build, rules_of, rules_of_row
from optimizer.model.family import Family
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from tests.model.families import families_in_source
from tests.oracle.random_instances import FAMILIES as RANDOM
from tests.oracle.random_instances import tiny
from tests.shipped import baseline_of, folders

ROOT = Path(__file__).parents[2]
INNER = {"commitment"}
"""Families that only studies switch on: they have neither a page for planners nor a check of their own."""


def missing(family: Family) -> list[str]:
    """What a rule family still lacks, as a list of things to write."""
    wanted = {
        f"optimizer/model/families/{family.name}.py": "the formula, the columns and rows, and the rules in words",
        f"optimizer/plan/rules/{family.name}.py": "the check of the verifier, written from docs/design/001-semantics.md",
        f"docs/rules/{family.name}.md": "a page in a planner's words with rows to type",
        **{
            f"tests/model/goldens/{name}.lp": "a golden: add a case to tests/model/cases.py"
            for name in (*family.columns, *family.rows)
        },
    }
    inner = {
        path for path in wanted if family.name in INNER and not path.startswith(("optimizer/model", "tests/model"))
    }
    lacking = [f"{path} ({why})" for path, why in wanted.items() if path not in inner and not (ROOT / path).exists()]
    lacking += [
        f"the table {table!r} in optimizer/instance/rule_attributes.py"
        for table in family.tables
        if table not in TABLES
    ]
    shown = (ROOT / "tests/oracle/random_instances.py").read_text(encoding="utf-8")
    if family.name not in INNER | {"coverage"} and f'"{family.name}"' not in shown:
        lacking.append(
            f"rows for {family.name!r} in tests/oracle/random_instances.py, and its rule in tests/oracle/brute.py"
        )
    return lacking


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_nothing_is_missing(family: Family) -> None:
    """The list of what a family still lacks is empty."""
    assert missing(family) == []


def test_what_is_missing_of_a_new_family_is_named() -> None:
    """A family that has only a name is told all that has to be written."""
    new = Family("patience", ("nations", "patience"), lambda _: iter(()), {}, {"patient": ROWS["limit"]})
    lacking = "\n".join(missing(new))
    for word in (
        "model/families/patience.py",
        "plan/rules/patience.py",
        "docs/rules/patience.md",
        "patient.lp",
        "'patience' in optimizer",
        "brute.py",
    ):
        assert word in lacking


def test_every_name_belongs_to_one_family() -> None:
    """No two families add columns or rows of one name, no name stands for both, and the source knows no other."""
    columns = [name for family in FAMILIES for name in family.columns] + list(aims.COLUMNS)
    rows = [name for family in FAMILIES for name in family.rows] + list(aims.ROWS)
    assert len(columns) == len(set(columns))
    assert len(rows) == len(set(rows))
    assert not set(columns) & set(rows)
    assert set(COLUMNS) | set(ROWS) == families_in_source()


def situations():
    """Random instances of all families, and the shipped ones, in every scenario."""
    for seed in range(30):
        tables, header, baseline = tiny(seed, RANDOM)
        units = (
            None if baseline is None else {(r["pledge"], r["requirement"], r["period"]): r["units"] for r in baseline}
        )
        yield build_situation(Instance.from_tables(tables, header=header, impossible=True)), units
    for folder in folders():
        instance = __import__("optimizer").read_instance(folder)
        for scenario in (None, *instance.scenarios):
            yield build_situation(instance, scenario), baseline_of(folder)


def test_every_row_states_rules_that_are_listed() -> None:
    """The ids that rows of the model state are ids of rules in force; ids are unique; sentences are sentences."""
    for situation, baseline in situations():
        rules = rules_of(situation)
        ids = [rule.id for rule in rules]
        assert len(ids) == len(set(ids))
        assert all(rule.sentence.endswith(".") and "{" not in rule.sentence for rule in rules)
        linear = build(situation, baseline).linear
        for family in linear.rows:
            for key in family.keys:
                assert set(rules_of_row(situation, family.name, key)) <= set(ids), (family.name, key)


def test_the_verifier_names_the_same_rules() -> None:
    """Rules that random plans break have, in the verifier's register, ids that the model's list knows."""
    met = set()
    for seed in range(110):
        tables, header, baseline = tiny(seed, RANDOM)
        instance = Instance.from_tables(tables, header=header, impossible=True)
        situation = build_situation(instance)
        rng = np.random.default_rng(seed)
        rows = [
            {"pledge": pledge, "requirement": line, "period": period, "units": int(rng.integers(1, 4))}
            for pledge in situation.tables.rows("pledges")
            for pledge in [pledge["pledge"]]
            for line in situation.lines
            for period in range(1, situation.horizon + 1)
            if rng.random() < 0.5
        ]
        instruments = [{"instrument": row["instrument"], "used": True} for row in situation.tables.rows("instruments")]
        found = evaluate(instance, None, Decisions(rows, instruments=instruments), baseline)
        ids = {rule.id for rule in rules_of(situation)}
        for violation in found.violations:
            if violation.name not in situation.pledges and violation.source.startswith("pledges/"):
                assert violation.rule != "pledge_condition" or violation.source in ids
            elif violation.source:
                assert violation.source in ids, violation
                met.add(violation.rule)
            else:
                assert violation.rule in {"no_yield", "row", "flow", "flow_balance", "stated"}, violation
    assert {"quantity", "limit", "caveat", "threshold", "min_contingent", "enabler"} <= met
