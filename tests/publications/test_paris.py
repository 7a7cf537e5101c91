"""The published folder `reports/paris`: one case has one value everywhere, and the text says what the tables say."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import optimizer as fg
from optimizer.instance.scenario import row_key
from optimizer.reporting.page import render_page
from optimizer.studies.pool import Pool, Trial
from publications.paris.__main__ import differing
from publications.paris.cases import read_cases, variant_of
from publications.paris.draws import CASES as DRAWN
from publications.paris.draws import SHARE, Claim, claim_table
from publications.paris.fitting import Fitting
from publications.paris.ledger import Ledger
from publications.paris.page import content_of
from publications.paris.publish import CASES as PUBLISHED_CASES
from publications.paris.publish import MADE, publish_draws, read_tables
from publications.paris.question import QUESTION
from publications.paris.sentences import SURE, is_blank
from publications.paris.text import all_sentences, described

PARIS = Path(__file__).parents[2] / "reports" / "paris"
TABLES = read_tables(PARIS)
GIVEN = {name: frame for name, frame in TABLES.items() if name not in MADE}
CASES = TABLES["cases"].set_index("case")
SENTENCES = all_sentences(GIVEN)
DEFINED = read_cases(PARIS / PUBLISHED_CASES)
PLANS = Pool(PARIS / "plans").plans()
FIGURES = ("at_least", "at_most")


def same(one, other):
    return (is_blank(one) and is_blank(other)) or float(one) == pytest.approx(float(other), abs=1e-5)


def test_a_case_has_one_value_in_all_tables():
    """Every table with a column `case` and both ends, unless they are differences, has those of the ledger."""
    looked = 0
    for name, frame in GIVEN.items():
        if {"case", *FIGURES} <= set(frame.columns) and "effect" not in frame.columns and name != "cases":
            for row in frame.to_dict("records"):
                assert all(same(row[end], CASES.loc[row["case"], end]) for end in FIGURES), (name, row["case"])
                looked += 1
    assert looked > 40


def test_what_asks_the_same_has_one_value():
    """Cases with one key are one case under two names; values and bounds agree."""
    keyed = TABLES["cases"].dropna(subset=["key"]).groupby("key")
    for key, group in keyed:
        for end in FIGURES:
            values = group[end].dropna().round(5).unique()
            assert len(values) <= 1, (key, group["case"].tolist(), end)
    assert keyed.size().max() > 1


def test_no_value_is_beyond_its_bound():
    known = TABLES["cases"].dropna(subset=list(FIGURES))
    assert (known["at_least"] <= known["at_most"] + 1e-6).all()
    assert len(known) > 150


def test_what_only_loosens_has_no_less():
    """Without a rule, no published value is below that with it; and where one mission alone counts, no less is known than what it has in the base plan."""
    lifted = GIVEN["restrictions"].dropna(subset=["found"])
    assert (lifted["found"] >= -1e-6).all()
    assert len(lifted) > 50
    rivals = GIVEN["competition"]
    assert (rivals["at_least"] >= rivals["in_base_plan"] - 1e-6).all()


@pytest.mark.parametrize("name", ["base", "ground-0", "scenario no-ceasefire"])
def test_no_case_is_beaten_by_another_ones_plan(name):
    """Every published plan, tried where the rows of the model do not rule it out."""
    variant = variant_of(DEFINED[name])
    fitting, trial = Fitting(variant), Trial(variant.instance, variant.scenario)
    there = trial.ranked(plan for plan in PLANS if fitting.may_fit(plan))
    assert there
    best = next(found for plan in there if (found := trial.tried(plan)) is not None)
    assert best.evaluation.aims[0].value <= CASES.loc[name, "at_least"] + 1e-5


def test_differences_are_those_of_their_cases():
    """At least: the value of the one less the bound of the other; more only where it is known to be looser, and then 0."""
    looked = 0
    for frame in (frame for frame in GIVEN.values() if "effect" in frame.columns):
        for row in frame.to_dict("records"):
            if is_blank(row["at_least"]) or is_blank(row["at_most"]):
                continue
            to, base = CASES.loc[row["case"]], CASES.loc[row["base"]]
            low, high = to["at_least"] - base["at_most"], to["at_most"] - base["at_least"]
            assert row["at_least"] == pytest.approx(low, abs=1e-4) or (row["at_least"] == 0.0 and low < 0.0)
            assert row["at_most"] == pytest.approx(high, abs=1e-4) or (row["at_most"] == 0.0 and high > 0.0)
            assert row["at_least"] <= row["at_most"] + 1e-6
            looked += 1
    assert looked > 80


def test_the_sentences_are_those_of_the_tables():
    made = described(GIVEN)
    for name in MADE:
        published = [[str(cell) for cell in row] for row in TABLES[name].fillna("").values.tolist()]
        assert [[str(cell) for cell in row] for row in made[name].fillna("").values.tolist()] == published
    assert len(SENTENCES) > 100
    assert len({one.key for one in SENTENCES}) == len(SENTENCES)


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one.key)
def test_every_figure_of_a_sentence_is_a_cell(one):
    """No number stands in a template, but for those of the whole (100 points, 95 %) and of the horizon in words."""
    assert set(one.figures) == one.names()
    bare = re.sub(r"\{\w+\}", "", one.template)
    assert set(re.findall(r"\d+", bare)) <= {"100"}
    assert one.sure in SURE
    assert one.text(GIVEN)


@pytest.mark.parametrize("name", ["index.html", "index.md"])
def test_page_and_markdown_say_every_sentence(name):
    text = (PARIS / name).read_text(encoding="utf-8")
    plain = re.sub(r"\\(.)", r"\1", html.unescape(text))
    missing = [row["sentence"] for row in TABLES["sentences"].to_dict("records") if str(row["text"]) not in plain]
    assert not missing


def test_the_page_is_that_of_the_tables():
    about = json.loads((PARIS / "about.json").read_text("utf-8"))
    assert [section.key for section in content_of(described(GIVEN), about).sections][:2] == ["use", "question"]
    page = (PARIS / "index.html").read_text("utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="https?:', page)


def test_hostile_text_is_data():
    about = json.loads((PARIS / "about.json").read_text("utf-8"))
    cases = GIVEN["cases"].copy()
    cases.loc[0, "says"] = "<script>alert(1)</script>{x}"
    page = render_page(content_of(described({**GIVEN, "cases": cases}), about))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_change_of_a_case_names_its_input_row():
    """Two steps: the row of a table names a case; the inputs of that case are rows of the instance, with their source."""
    inputs = TABLES["inputs"]
    changed = TABLES["cases"].dropna(subset=["changes"])
    assert set(changed["case"]) == set(inputs["case"])
    instance = fg.read_instance(PARIS / "plan" / "input")
    main = TABLES["cases"].loc[TABLES["cases"]["case"] == "base", "instance"].iloc[0]
    mine = inputs[inputs["case"].isin(TABLES["cases"].loc[TABLES["cases"]["instance"] == main, "case"])]
    rows = {table: {row_key(table, row): row for row in instance.rows(table)} for table in instance.tables}
    cells = mine[mine["column"].notna()].drop_duplicates(["table", "row", "column"])
    for one in cells.to_dict("records"):
        source = rows[one["table"]][one["row"]].get("source")
        assert (source or "") == ("" if is_blank(one["source"]) else one["source"])
    assert len(cells) > 100


def test_the_claims_are_those_of_the_draws():
    claims = [
        Claim(
            row["claim"], row["case"], "" if is_blank(row["other"]) else row["other"], row["sign"], float(row["than"])
        )
        for row in TABLES["claims"].to_dict("records")
    ]
    says = dict(zip(TABLES["cases"]["case"], TABLES["cases"]["says"], strict=True))
    made = claim_table(claims, TABLES["draws"], says)
    for column in ("draws", "holds", "open", "fails", "verdict"):
        assert made[column].tolist() == TABLES["claims"][column].tolist()
    survivors = made[made["verdict"] == "survives"]
    assert (survivors["holds"] >= SHARE * survivors["draws"]).all()


def test_the_published_plan_is_accepted():
    plan = fg.load_plan(PARIS / "plan")
    aims = fg.verify(plan.instance, plan)
    coverage = float(aims.loc[aims["name"] == "coverage", "value"].iloc[0])
    assert coverage == pytest.approx(float(CASES.loc["plan", "at_least"]), abs=1e-5)


def test_every_row_of_cases_is_defined():
    assert list(DEFINED) == TABLES["cases"]["case"].tolist()
    assert all(DEFINED[name].says == row["says"] for name, row in CASES.iterrows())


SAMPLED = [name for name, row in CASES.iterrows() if row["ended"] != "invalid"][::14]


@pytest.mark.parametrize("name", SAMPLED)
def test_a_published_row_can_be_made_a_case_again(name):
    """With the same key; `check` does so with all rows, and reckons their plans."""
    assert variant_of(DEFINED[name]).key == CASES.loc[name, "key"]


@pytest.mark.parametrize("name", ["base", "ground-0"])
def test_the_verifier_finds_the_published_value(name):
    """Of the published plan of a case, reckoned again without a search."""
    row = CASES.loc[name]
    (plan,) = [one for one in PLANS if one.key.startswith(row["plan"])]
    assert differing(DEFINED[name], row, plan) == ""


def test_a_row_that_cannot_be_made_again_is_told():
    row, case = CASES.loc["ground-0"], DEFINED["ground-0"]
    (plan,) = [one for one in PLANS if one.key.startswith(row["plan"])]
    assert "made again" in differing(replace(case, cells=()), row, plan)
    assert f"the verifier says {row['at_least']:.4f}"[:-2] in differing(case, {**row, "at_least": 60.0}, plan)
    assert "the verifier says None" in differing(case, row, None)


def test_the_folder_is_small():
    assert sum(path.stat().st_size for path in PARIS.rglob("*") if path.is_file()) < 12_000_000


def test_the_same_draws_published_again_change_nothing(tmp_path):
    """What `draws` writes, from the published cases alone, is what is there."""
    target = Path(shutil.copytree(PARIS, tmp_path / "paris", ignore=shutil.ignore_patterns("plan", "plans")))
    ledger = Ledger(tmp_path / "runs", say=lambda _: None)
    for plan in PLANS:
        ledger.pool.add(plan)
    ledger.recall((DEFINED[name], {"case": name, **CASES.loc[name]}) for name in DRAWN)
    publish_draws(ledger, TABLES["draws"], target)
    for path in target.iterdir():
        assert path.read_bytes() == (PARIS / path.name).read_bytes(), path.name


def test_every_sentence_can_be_asked_again():
    commands = set(TABLES["sentences"]["command"])
    assert all(re.fullmatch(r"python -m publications\.paris (answer \w+|draws)", command) for command in commands)


def test_every_part_of_the_question_is_answered():
    """And no beginning of a key is one of no sentence."""
    keys = [one.key for one in SENTENCES]
    for asked in QUESTION:
        assert all(any(key.startswith(start) for key in keys) for start in asked.keys), asked.says
