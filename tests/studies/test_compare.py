"""Plans side by side: planted changes are found, differences of aims say no more than follows, and mistaken folders are named."""

import json
import math
from dataclasses import replace

import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.plan.proof import LEFT_OPEN as OPEN

from .small import TUTORIAL, tutorial


@pytest.fixture(scope="module")
def plans():
    """The tutorial's plans: with and without the ceasefire, and with no team from Eastland."""
    instance = tutorial()
    nations = instance.table("nations").assign(
        max_personnel=[
            0 if name == "east" else cap
            for name, cap in instance.table("nations")[["nation", "max_personnel"]].itertuples(index=False)
        ]
    )
    capped = fg.Instance.from_tables(
        {**{name: instance.table(name) for name in instance.tables}, "nations": nations},
        {
            "name": "tutorial",
            "periods": {"count": 2, "months": 6},
            "aims": [{"name": "coverage"}, {"name": "cost", "priority": 2}],
        },
    )
    return fg.solve(instance), fg.solve(instance, scenario="no-ceasefire"), fg.solve(capped)


@pytest.fixture(scope="module")
def folders(plans, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    return [str(fg.save_plan(plan, folder / name)) for plan, name in zip(plans, ("calm", "war", "capped"), strict=True)]


def with_bounds(plan, *bounds):
    """The plan with other bounds, as a search that was stopped would leave them."""
    return replace(plan, termination="feasible", aims=plan.aims.assign(bound=list(bounds)))


def test_everything_that_changes_is_in_a_table(plans):
    """The tutorial without the ceasefire, by its README: Southland moves, the border is open in one period, coverage falls by 20."""
    found = fg.compare(*plans[:2], names=("calm", "war"))
    south = found.moved[found.moved["nation"] == "south"].to_dict("records")
    assert [(row["requirement"], row["from"], row["until"], row["before"], row["after"]) for row in south] == [
        ("guard-border", 1, 2, 1, 0),
        ("train-capital", 1, 2, 0, 1),
    ]
    assert found.posts_opened.empty
    closed = found.posts_closed.to_dict("records")
    assert [(row["post"], len(row["periods"])) for row in closed] == [("protection:border", 1)]
    aims = found.aims.set_index("aim")
    assert aims.loc["coverage", ["before", "after", "difference", "told"]].tolist() == [80, 60, -20, "less"]
    assert aims.loc["coverage", "at_least"] == pytest.approx(-20)
    missions = found.missions.set_index("mission")
    assert missions.loc["protection", ["before", "after"]].tolist() == pytest.approx([0.8, 0.4])
    east = found.nations.set_index("nation").loc["east"]
    assert east[["peak_personnel_before", "peak_personnel_after", "cost_before", "cost_after"]].tolist() == [
        150,
        100,
        12,
        8,
    ]
    assert found.inputs[["table", "key", "before", "after"]].values.tolist() == [
        ["condition", "ceasefire", "true", "false"]
    ]
    assert any(
        one.startswith("Southland leaves Guard the border sites in Border district") for one in found.said_of("war")
    )


def test_the_way_back_is_the_other_way_round(plans):
    """What opens one way closes the other way, and every difference changes its sign."""
    there, back = fg.compare(*plans[:2]), fg.compare(plans[1], plans[0])
    assert back.posts_opened["periods"].tolist() == there.posts_closed["periods"].tolist()
    assert (back.aims["difference"] == -there.aims["difference"]).all()
    assert (back.aims["at_least"] == -there.aims["at_most"]).all()
    swapped = there.moved.rename(columns={"before": "after", "after": "before"})[list(there.moved.columns)]
    assert back.moved.values.tolist() == swapped.values.tolist()


def test_a_plan_and_itself_differ_in_nothing(plans):
    """No moves, no posts, no cells; every aim is the same; that is said."""
    found = fg.compare(plans[0], plans[0])
    assert all(found.tables[name].empty for name in ("moved", "posts_opened", "posts_closed", "inputs"))
    assert set(found.aims["told"]) == {"the same"}
    assert found.said_of("plan 2", "case") == ["Both plans answer the same question (same input, same scenario)."]
    assert found.said_of("plan 2", "move") == ["Who serves where and when is the same."]


@pytest.mark.parametrize(
    ("before", "after", "least", "most", "told"),
    [
        (80, 60, -20, -20, "less"),
        (80, 75, -20, -5, "less"),
        (80, 80, -20, 0, OPEN),
        (80, 95, -20, 15, OPEN),
        (90, 60, -30, -20, "less"),
        (math.nan, 60, math.nan, -20, "less"),
        (80, math.nan, -20, math.nan, OPEN),
    ],
)
def test_a_difference_that_the_search_may_have_made_is_called_so(plans, before, after, least, most, told):
    """80 (no plan beats `before`) against 60 (no plan beats `after`): the best values differ between the two ends, and by no more is said."""
    found = fg.compare(with_bounds(plans[0], before, math.nan), with_bounds(plans[1], after, math.nan))
    row = found.aims.iloc[0]
    assert row[["at_least", "at_most"]].tolist() == pytest.approx([least, most], nan_ok=True)
    assert row["told"] == told
    said = found.said_of("plan 2", "aim")[0]
    assert (OPEN in said) == (told == OPEN)


def test_values_that_are_the_same_are_not_called_a_difference(plans):
    """80 in both, with something left open in one: said so."""
    found = fg.compare(plans[0], with_bounds(plans[0], 90, 132))
    assert found.said_of("plan 2", "aim")[0] == f"Coverage: 80 in both; whether the cases differ in it lies {OPEN}."


def test_of_an_aim_that_is_minimised_the_bound_lies_below(plans):
    """Cost 132 (at least 120) against 128 (at least 110): the best costs differ by -22 to 8."""
    found = fg.compare(with_bounds(plans[0], 80, 120), with_bounds(plans[1], 60, 110))
    cost = found.aims.set_index("aim").loc["cost"]
    assert cost[["at_least", "at_most"]].tolist() == [-22, 8]
    assert cost["told"] == OPEN


def test_a_later_aim_is_open_where_an_earlier_one_is(plans):
    """Coverage of 80 with a gap: the best plan may cover more, and cost anything."""
    aims = plans[0].aims.assign(bound=[90.0, 132.0], gap=[0.125, 0.0])
    found = fg.compare(replace(plans[0], termination="feasible", aims=aims), plans[1])
    cost = found.aims.set_index("aim").loc["cost"]
    assert cost["difference"] == -4
    assert cost["told"] == OPEN
    assert cost[["at_least", "at_most"]].isna().all()


def test_of_two_instances_the_cells_that_differ_are_named(plans):
    """The cap of Eastland is the one cell that differs."""
    found = fg.compare(plans[0], plans[2])
    assert found.inputs[["table", "key", "column", "before", "after"]].values.tolist() == [
        ["nations", "east", "max_personnel", "150", "0"]
    ]
    assert "nations.east.max_personnel: 150 → 0" in found.said_of("plan 2", "case")[0]


def test_the_machine_form_has_a_list_for_each_question(folders, tmp_path):
    """`--json` has moved, posts_opened, posts_closed and aims, each row with the plan that it is about."""
    done = CliRunner().invoke(forcegen, ["compare", *folders, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {"moved", "posts_opened", "posts_closed", "aims"} <= said.keys()
    assert {row["plan"] for row in said["aims"]} == {"war", "capped"}
    assert said["posts_closed"][0]["periods"] in ([1], [2])
    assert {"nation", "pledge", "unit_type", "requirement", "from", "until", "before", "after"} <= said["moved"][
        0
    ].keys()


def test_screen_and_report_speak_in_sentences(folders, tmp_path):
    """Three plans: a column per plan, the sentences of each, and a page, a workbook and markdown of the folder."""
    out = tmp_path / "out"
    done = CliRunner().invoke(forcegen, ["compare", *folders, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Eastland no longer serves anywhere" in done.output
    assert "Coverage: 60 instead of 80: 20 less." in done.output
    again = CliRunner().invoke(forcegen, ["compare", *folders, "--out", str(out)])
    assert again.exit_code == 2
    markdown = tmp_path / "report.md"
    for options in ([], ["--md", str(markdown)]):
        assert CliRunner().invoke(forcegen, ["report", str(out), *options]).exit_code == 0
    text = markdown.read_text("utf-8")
    assert "| Coverage (%, higher is better) | 80 |" in text
    assert "| calm: units | war: units | capped: units |" in text
    assert "| training | capital | 1 | 2 | 3 | 2 | 0 |" in text
    assert "Eastland no longer serves anywhere" in text
    assert (out / "report.html").stat().st_size > 5_000
    assert (out / "report.xlsx").stat().st_size > 5_000


def test_a_mistaken_folder_is_named(folders, tmp_path):
    """An instance, a study, a file, nothing, one folder alone, a changed plan: exit code and the way out."""
    (tmp_path / "file.csv").write_text("a\n")
    assert CliRunner().invoke(forcegen, ["compare", *folders[:2], "--out", str(tmp_path / "study")]).exit_code == 0
    cases = {
        str(TUTORIAL): "is an instance, not the folder of a plan. Solve it first",
        str(tmp_path / "study"): "holds a study, not a plan",
        str(tmp_path / "file.csv"): "is a file, not the folder of a plan",
        str(tmp_path / "none"): "there is no folder",
    }
    for path, words in cases.items():
        done = CliRunner().invoke(forcegen, ["compare", folders[0], path])
        assert done.exit_code == 3, done.output
        assert words in " ".join(done.output.split())
    assert CliRunner().invoke(forcegen, ["compare", folders[0]]).exit_code == 2
    mistaken = CliRunner().invoke(forcegen, ["solve", folders[0], "--out", str(tmp_path / "new")])
    assert mistaken.exit_code == 3
    assert "is the folder of a plan, not an instance" in " ".join(mistaken.output.split())


def test_a_plan_that_was_changed_is_refused(plans, tmp_path):
    """Plans are checked when they are read."""
    folder = fg.save_plan(plans[0], tmp_path / "plan")
    file = folder / "assignments.csv"
    file.write_text(file.read_text().replace("training_team,train-capital", "training_team,guard-border"))
    done = CliRunner().invoke(forcegen, ["compare", str(folder), str(folder)])
    assert done.exit_code == 3
    assert "assignments.csv was changed" in done.output


def test_a_solve_says_what_changed_against_its_baseline(folders, tmp_path):
    """`--baseline`: on the screen, in changes.csv, in the machine form, on the page and in the workbook."""
    out = tmp_path / "new"
    words = ["solve", str(TUTORIAL), "--scenario", "no-ceasefire", "--baseline", folders[0], "--out", str(out)]
    done = CliRunner().invoke(forcegen, words)
    assert done.exit_code == 0, done.output
    sentence = "Southland leaves Guard the border sites in Border district"
    assert sentence in done.output
    rows = (out / "changes.csv").read_text().splitlines()
    assert rows[0] == "nation,pledge,unit_type,requirement,mission,area,from,until,before,after"
    assert "south,south-battalion,battalion,guard-border,protection,border,1,2,1,0" in rows
    assert fg.load_plan(out).baseline is not None
    assert CliRunner().invoke(forcegen, ["report", str(out)]).exit_code == 0
    assert sentence in (out / "report.html").read_text("utf-8")
    machine = CliRunner().invoke(forcegen, [*words, "--force", "--json"])
    assert {row["nation"] for row in json.loads(machine.stdout)["changes"]} >= {"south", "east"}
    (out / "changes.csv").write_text("nation\n")
    refused = CliRunner().invoke(forcegen, ["report", str(out)])
    assert refused.exit_code == 3
    assert "changes.csv was changed" in refused.output


HOSTILE = "<script>alert(1)</script>\x1b[31m|=cmd()\u202e"


def test_names_are_data(tmp_path):
    """Markup, escape codes and formulas in names are shown, not obeyed: on the screen, on the page, in tables and markdown."""
    tables = {name: tutorial().table(name) for name in tutorial().tables}
    tables["nations"] = tables["nations"].assign(name=HOSTILE)
    tables["missions"] = tables["missions"].assign(name=f"={HOSTILE}")
    header = {"name": "hostile", "title": HOSTILE, "periods": {"count": 2}, "aims": [{"name": "coverage"}]}
    instance = fg.Instance.from_tables(tables, header)
    plans = [fg.solve(instance), fg.solve(instance, scenario="no-ceasefire")]
    folders = [str(fg.save_plan(plan, tmp_path / name)) for plan, name in zip(plans, ("<b>a", "[red]b"), strict=True)]
    out = tmp_path / "out"
    done = CliRunner().invoke(forcegen, ["compare", *folders, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output
    assert "[red]b instead of <b>a" in done.output
    markdown = tmp_path / "report.md"
    for options in ([], ["--md", str(markdown)]):
        assert CliRunner().invoke(forcegen, ["report", str(out), *options]).exit_code == 0
    page = (out / "report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<b>a" not in page
    assert "<script>" not in markdown.read_text("utf-8")
    assert all("\x1b" not in text for text in (page, markdown.read_text("utf-8")))
