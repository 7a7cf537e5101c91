"""Claims over draws: true and false by construction, open by a gap, the same however the work is done; and files that are wrong."""

import json
import math

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.instance.settings import with_settings
from optimizer.reporting.study import describe_study
from optimizer.studies import answer, workers
from optimizer.studies.change import changed
from optimizer.studies.record import Record
from optimizer.studies.robust import ask
from optimizer.studies.robust.ask import verdict
from optimizer.studies.robust.claims import read_claims
from optimizer.studies.workers import Workers
from tests.reporting.test_columns import unexplained

from .lazy_worker import Lazy
from .small import TUTORIAL, canonical, toml, tutorial

SHIPPED = TUTORIAL / "claims" / "survives.toml"
CAP = {"name": "cap", "cell": "nations.east.max_personnel", "low": 0, "high": 250}
WANTED = {"name": "wanted", "cell": "requirements.train-capital.target", "low": 1500, "high": 2500}
CLAIMS = {
    "draws": 6,
    "seed": 3,
    "vary": [CAP, WANTED],
    "case": [{"name": "north twice", "set": ["pledges.north-battalions.quantity=4"]}],
    "claim": [
        {"name": "true", "holds": "coverage >= 50 and cost <= 200"},
        {"name": "false", "holds": "coverage > 100"},
        {"name": "calm", "holds": 'base.coverage >= coverage["no-ceasefire"]', "says": "The ceasefire helps."},
        {"name": "more", "holds": 'coverage["north twice"] > coverage', "share": 1},
        {"name": "half", "holds": "missions.training.score >= 0.8", "share": 0.5},
    ],
}


def claims(**changes):
    return {**CLAIMS, **changes}


def by_hand(cap, target):
    """Coverage with the ceasefire, from the tutorial's README: the border 0.8, and training by teams and Westland's battalion."""
    return 100 * (2 * 0.8 + min(1, (300 * min(4, cap // 50) + 700) / target)) / 3


@pytest.fixture(scope="module")
def found():
    """The claims tried by one process."""
    return fg.robust(tutorial(), CLAIMS, jobs=1)


def test_every_draw_is_solved_in_every_case(found):
    """Six draws, three cases; base and variant agree with the figures by hand and with a solve of each draw."""
    assert found.runs["case"].tolist() == ["base"] * 6 + ["no-ceasefire"] * 6 + ["north twice"] * 6
    assert found.runs["draw"].tolist() == [*range(1, 7)] * 3
    base = found.runs[found.runs["case"] == "base"]
    for row in base.to_dict("records"):
        assert row["coverage"] == pytest.approx(by_hand(row["cap"], row["wanted"]))
    draws = found.draws[["cap", "wanted"]]
    for case in ("base", "no-ceasefire", "north twice"):
        assert found.runs.loc[found.runs["case"] == case, ["cap", "wanted"]].values.tolist() == draws.values.tolist()
    for row in found.runs[found.runs["draw"] == 5].to_dict("records"):
        settings = [f"nations.east.max_personnel={row['cap']}", f"requirements.train-capital.target={row['wanted']}"]
        settings += ["pledges.north-battalions.quantity=4"] if row["case"] == "north twice" else []
        scenario = row["case"] if row["case"] == "no-ceasefire" else None
        plan = fg.solve(with_settings(tutorial(), settings), scenario=scenario)
        assert plan.aim("coverage") == pytest.approx(row["coverage"])


def test_each_claim_is_counted(found):
    """Verdicts of claims that are true and false by construction, and the count of one that depends on the draw."""
    table = found.claims.set_index("claim")
    assert table["verdict"].to_dict() | {"half": ""} == {
        "true": "survives",
        "false": "does not survive",
        "calm": "survives",
        "more": "survives",
        "half": "",
    }
    assert table.loc["true", ["certainly", "open", "not", "in_plans", "draws"]].tolist() == [6, 0, 0, 6, 6]
    assert table.loc["false", ["certainly", "open", "not", "share_at_most"]].tolist() == [0, 0, 6, 0]
    expected = [by_hand(cap, wanted) >= 80 - 1e-9 for cap, wanted in found.draws[["cap", "wanted"]].values]
    assert [word == "holds" for word in found.draws["claim: half"]] == expected
    assert 0 < sum(expected) < 6
    assert table.loc["half", "certainly"] == sum(expected)
    assert table.loc["half", "verdict"] == ("survives" if sum(expected) >= 3 else "does not survive")
    assert table.loc["calm", "says"] == "The ceasefire helps."
    assert table.loc["more", "says"] == 'coverage["north twice"] > coverage'


def test_what_the_search_left_open_is_open(monkeypatch):
    """Values 60 to 70 with bounds 5 above: what lies between is neither held nor refuted, and the verdict says so."""

    def work_off(_self, workload, _total):
        runs = [variant.run for chunk in workload.chunks for variant in chunk]
        ends = {run: {"coverage": 60.0 + run, "coverage_bound": 65.0 + run, "coverage_gap": 0.1} for run in runs}
        return {
            run: Record(run, {"termination": "feasible", "has_plan": True, "reason": "", **end}, {"seconds": 0.0})
            for run, end in ends.items()
        }

    monkeypatch.setattr(Workers, "work_off", work_off)
    asked = [
        {"name": "low", "holds": "coverage >= 60"},
        {"name": "middle", "holds": "coverage >= 64", "share": 0.9},
        {"name": "fewer", "holds": "coverage >= 64", "share": 0.6},
        {"name": "high", "holds": "coverage >= 100"},
        {"name": "cell", "holds": "nations.east.cost >= 0"},
    ]
    table = fg.robust(tutorial(), claims(draws=10, case=[], claim=asked)).claims.set_index("claim")
    assert table[["certainly", "open", "not"]].values.tolist() == [
        [10, 0, 0],
        [6, 4, 0],
        [6, 4, 0],
        [0, 0, 10],
        [0, 10, 0],
    ]
    assert table["verdict"].tolist() == [ask.SURVIVES, ask.OPEN, ask.SURVIVES, ask.FAILS, ask.OPEN]
    assert table.loc["middle", ["share_at_least", "share_at_most", "in_plans"]].tolist() == [0.6, 1.0, 6]


@pytest.mark.parametrize(
    ("low", "high", "asked", "said"),
    [
        (0.95, 0.95, 0.95, ask.SURVIVES),
        (0.9, 1, 0.95, ask.OPEN),
        (0.5, 0.94, 0.95, ask.FAILS),
        (0.1 * 3, 0.3, 0.3, ask.SURVIVES),
    ],
)
def test_the_share_that_is_asked_for_decides(low, high, asked, said):
    """Survives where the least share reaches it, fails where the largest does not."""
    assert verdict(low, high, asked) == said


def test_a_case_without_a_plan_is_said(tmp_path):
    """A must post that nobody may serve: in that case no claim holds, and a warning says why."""
    tables = {name: tutorial().table(name) for name in tutorial().tables}
    tables["posts"] = pd.DataFrame([{"mission": "protection", "area": "border", "must": True}])
    header = {"name": "must", "periods": {"count": 2, "months": 6}, "aims": [{"name": "coverage"}]}
    instance = fg.Instance.from_tables(tables, header)
    asked = [{"name": "one", "holds": 'coverage["no-ceasefire"] >= 0'}, {"name": "other", "holds": "coverage >= 0"}]
    found = fg.robust(instance, claims(draws=3, case=[], claim=asked), jobs=1)
    assert found.claims["verdict"].tolist() == [ask.FAILS, ask.SURVIVES]
    assert found.warnings == (
        "no-ceasefire: 3 draws have no plan (infeasible); there, claims that speak of this case do not hold.",
    )


def test_the_work_may_be_shared_and_resumed(found, tmp_path):
    """Two processes, and a journal that was cut off: the same tables to the last digit. Other claims do not go on in the folder."""
    out = tmp_path / "out"
    shared = fg.robust(tutorial(), CLAIMS, jobs=2, out=out)
    journal = out / "runs.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:9]))
    resumed = fg.robust(tutorial(), CLAIMS, jobs=2, out=out, resume=True)
    for other in (shared, resumed):
        pd.testing.assert_frame_equal(canonical(found.runs), canonical(other.runs), check_exact=True)
        pd.testing.assert_frame_equal(found.claims, other.claims, check_exact=True)
        pd.testing.assert_frame_equal(found.draws, other.draws, check_exact=True)
    with pytest.raises(FileExistsError, match="holds another study"):
        fg.robust(tutorial(), CLAIMS, draws=7, out=out, resume=True)
    turned = claims(claim=[{**one, "says": "Reworded."} for one in reversed(CLAIMS["claim"])])
    reworded = fg.robust(tutorial(), turned, out=out, resume=True)
    assert (
        reworded.claims.set_index("claim")["certainly"].to_dict()
        == found.claims.set_index("claim")["certainly"].to_dict()
    )


def test_no_draw_is_beaten_by_the_plan_of_another(monkeypatch, tmp_path):
    """Of four searches three stop at once: their draws have what the others found, in every case, by the verifier's arithmetic; and the pool has it."""

    def here(workload, _jobs, _care):
        lazy, search = Lazy(workload.setup), answer.solve_levels
        for chunk, start in workload.orders():
            for variant in chunk:
                record = lazy.answer(variant, start)
                start = record.start or start
                yield record
        answer.solve_levels = search

    monkeypatch.setattr(workers, "run_here", here)
    asked = claims(vary=[CAP], limits={"gap": 1}, draws=4, case=[], claim=CLAIMS["claim"][2:3])
    robust = fg.robust(tutorial(), asked, out=tmp_path / "out", pool=tmp_path / "pool")
    read, known = read_claims(asked, tutorial()), fg.Pool(tmp_path / "pool")
    assert len(known.plans()) > 1
    cases = {case.name: case for case in read.cases}
    for row in robust.runs.to_dict("records"):
        case = cases[row["case"]]
        instance, scenario = changed(case.instance, read.study, (row["cap"],))
        best = known.best_for(instance, case.scenario or scenario)
        assert row["coverage"] >= best.plan().aim("coverage") - 1e-6
    taken = robust.runs["plan_from"].str.startswith("draw")
    assert taken.any()
    assert set(robust.runs.loc[taken, "plan_from"]) <= set(robust.runs["name"])
    again = fg.robust(tutorial(), asked, out=tmp_path / "out", resume=True)
    pd.testing.assert_frame_equal(canonical(robust.runs), canonical(again.runs), check_exact=True)


def test_the_seed_decides_the_draws():
    """The same seed gives the same draws, another one others; all within the range, and whole where the cell is whole."""
    study = read_claims(CLAIMS, tutorial()).study
    points = list(ask.drawn_points(study))
    assert points == list(ask.drawn_points(study))
    assert points != list(ask.drawn_points(ask.replace(study, seed=4)))
    assert all(0 <= cap <= 250 and 1500 <= wanted <= 2500 for cap, wanted in points)
    assert len({math.floor(cap / (250 / 6)) for cap, _ in points} - {6}) == 6


def test_everything_that_is_wrong_is_said_at_once():
    """Unknown names with their characters, faults of cases and claims: one list, each with a remedy."""
    wrong = claims(
        case=[
            {"name": "no-ceasefire", "set": []},
            {"name": "cap set", "set": ["nations.east.max_personnel=7"]},
            {"name": "gone", "set": ["nations.nobody.max_personnel=7"], "without": ["no/rule"]},
            {"name": "base"},
            {"set": []},
        ],
        claim=[
            {"name": "a", "holds": "coverge > 1 and personnel > 2"},
            {"name": "a", "holds": 'coverage["soon"] > nations.estonia.cost'},
            {"name": "c", "holds": "coverage >"},
            {"name": "d", "holds": "coverage.__class__ > 1 and posts.*.lead == 2"},
            {"name": "e", "share": 2},
            {"name": "f", "holds": "nations.east.cost*2 > 1"},
            {"name": "g", "holds": "1 < 2", "surprise": 1},
            {"name": "h", "holds": "no-ceasefire > 1"},
        ],
    )
    with pytest.raises(fg.InvalidStudy) as refused:
        fg.robust(tutorial(), wrong)
    said = {(finding.column, finding.code) for finding in refused.value.findings}
    assert said >= {
        ("case.1.name", "duplicate-name"),
        ("case.2", "case-and-draw"),
        ("case.4.name", "duplicate-name"),
        ("case.5.name", "no-name"),
        ("claim.2.name", "duplicate-name"),
        ("claim.3.holds", "expression"),
        ("claim.5.share", "out-of-range"),
        ("claim.5.holds", "no-expression"),
        ("claim.7.holds", "no-outcome"),
        ("claim.7.surprise", "unknown-key"),
    }
    assert any(finding.column == "case.3" for finding in refused.value.findings)
    text = "\n".join(map(str, refused.value.findings))
    for words in (
        "character 1: the instance has no aim 'coverge'",
        "Did you mean 'coverage'?",
        "character 17: the instance has no aim 'personnel'",
        "character 10: there is no case and no scenario 'soon'",
        "character 20: 'nations.estonia.cost': there is no nation 'estonia'",
        "'coverage.__class__' is not TABLE.KEY.COLUMN",
        "posts.lead holds text",
        "Write spaces around + - * /",
    ):
        assert words in text, words
    assert all(finding.remedy for finding in refused.value.findings)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vary": []}, "nothing-varies"),
        ({"claim": []}, "no-claims"),
        ({"vary": [{"condition": "ceasefire"}]}, "design-values"),
        ({"vary": [{**CAP, "low": 300}]}, "low-high"),
        ({"vary": [{"name": "cap", "cell": "nations.east.max_personnel", "values": [1, 2]}]}, "values"),
        ({"draws": 0}, "not-whole"),
        ({"draws": True}, "not-whole"),
        ({"scenario": "nowhere"}, "unknown-scenario"),
        ({"claim": "coverage > 1"}, "section"),
        ({"claim": [{"name": "a", "holds": 7}]}, "text"),
        ({"design": {"kind": "grid"}}, "unknown-key"),
        ({"claim": [{"holds": "coverage > 1"}] * 201}, "too-many-claims"),
        ({"vary": [{**CAP, "name": "draw"}]}, "reserved-name"),
        ({"case": [{"name": "x", "without": ["nations/west.max_personnel"], "scenario": "none"}]}, "unknown-scenario"),
    ],
)
def test_a_file_that_is_wrong_is_refused(changes, code):
    """Each fault has its own code."""
    with pytest.raises(fg.InvalidStudy) as refused:
        read_claims(claims(**changes), tutorial())
    assert code in {finding.code for finding in refused.value.findings}


def test_the_shipped_claims_from_the_command_line(tmp_path):
    """The tutorial's file: machine form, verdicts, and a report with page, workbook and markdown."""
    out = tmp_path / "out"
    words = ["robust", str(TUTORIAL), str(SHIPPED), "--out", str(out), "--draws", "6", "--time-limit", "30"]
    done = CliRunner().invoke(forcegen, [*words, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [row["claim"] for row in said["claims"]] == ["ceasefire", "Southland", "caveat", "training"]
    assert said["claims"][0]["verdict"] == "survives"
    assert len(said["draws"]) == 6
    assert said["terminations"] == {"optimal": 18}
    again = CliRunner().invoke(forcegen, words)
    assert again.exit_code == 2
    shown = CliRunner().invoke(forcegen, [*words, "--resume"])
    assert shown.exit_code == 0
    assert (
        "The ceasefire is worth at least ten points of coverage. — survives (holds in 100 % of the draws"
        in shown.output
    )
    markdown = tmp_path / "report.md"
    for options in ([], ["--md", str(markdown)]):
        assert CliRunner().invoke(forcegen, ["report", str(out), *options]).exit_code == 0
    text = markdown.read_text("utf-8")
    assert "Southland serves, whatever comes." in text
    assert "6 draws (Latin hypercube, seed 1), each solved in: base, no-ceasefire" in text
    assert (out / "report.xlsx").stat().st_size > 5_000
    assert unexplained(describe_study(out)) == set()


def test_a_plan_given_for_an_instance_and_a_missing_file_are_named(tmp_path):
    """Exit code 3 and the way out."""
    folder = fg.save_plan(fg.solve(tutorial()), tmp_path / "plan")
    done = CliRunner().invoke(forcegen, ["robust", str(folder), str(SHIPPED), "--out", str(tmp_path / "out")])
    assert done.exit_code == 3
    assert "is the folder of a plan, not an instance" in " ".join(done.output.split())
    none = CliRunner().invoke(forcegen, ["robust", str(TUTORIAL), "none.toml", "--out", str(tmp_path / "out")])
    assert none.exit_code == 3
    file = tmp_path / "wrong.toml"
    file.write_text(toml({"draws": 3, "vary": [CAP]}) + "[[claim]]\nholds = \"__import__('os')\"\n")
    wrong = CliRunner().invoke(forcegen, ["robust", str(TUTORIAL), str(file), "--out", str(tmp_path / "out")])
    assert wrong.exit_code == 3
    assert "there is no function" in wrong.output
    assert not (tmp_path / "out").exists()


def test_names_of_claims_are_data(tmp_path):
    """Markup, escape codes and formulas in claims are shown, not obeyed."""
    hostile = "=<script>alert(1)</script>\x1b[31m"
    asked = claims(
        draws=1, case=[], claim=[{"name": hostile, "says": f"{hostile} [red]holds[/red]", "holds": "coverage > 1"}]
    )
    out = tmp_path / "out"
    found = fg.robust(tutorial(), asked, jobs=1, out=out)
    assert found.claims.loc[0, "claim"] == hostile
    assert "\n'=<script>" in (out / "claims.csv").read_text()
    markdown = tmp_path / "report.md"
    for options in ([], ["--md", str(markdown)]):
        assert CliRunner().invoke(forcegen, ["report", str(out), *options]).exit_code == 0
    page = (out / "report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page + markdown.read_text("utf-8")
    assert "<script>" not in markdown.read_text("utf-8")
