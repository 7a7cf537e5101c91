"""The comparison with MARATHON: facts, starts, the greedy rule replayed, instances, and the published outcome."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.reporting.markdown import plain
from publications.marathon import __main__ as command
from publications.marathon.chances import Tour, days_in_surge, most, surge_windows, units, windows_before
from publications.marathon.facts import PRESURGE, Run, rules, runs
from publications.marathon.grid import Grid
from publications.marathon.instances import both_phases
from publications.marathon.pages import content_of
from publications.marathon.planning import MONTH, Outcome, outcome
from publications.marathon.replay import filled_before, greedy
from publications.marathon.starts import Start, java_doubles
from publications.marathon.tables import COLUMNS, by_level, by_run, fewer
from publications.marathon.text import headline, sentences

ACTIVE = rules()["47112K000", "active", "presurge"]
REPORT = Path(__file__).parents[2] / "reports" / "marathon"


def _run(src: str, active: int, reserve: int, number: int = 0) -> Run:
    return [run for run in runs() if (run.src, run.active, run.reserve) == (src, active, reserve)][number]


def test_random_numbers_are_those_of_java() -> None:
    """`new java.util.Random(42).nextDouble()` is 0.7275636800328681."""
    doubles = java_doubles(42)
    assert [next(doubles), next(doubles)] == [0.7275636800328681, 0.6832234717598454]


def test_every_level_has_two_runs() -> None:
    """The published results: 312 levels of supply of ten types of unit, two runs each."""
    levels = {(run.src, run.active, run.reserve) for run in runs()}
    assert (len(levels), len(runs()), len({level[0] for level in levels})) == (312, 624, 10)


@pytest.mark.parametrize("run", runs()[::12], ids=lambda run: run.name)
def test_greedy_replayed_from_the_starts_fills_what_is_published(run: Run) -> None:
    """Starts and policies are read as the source reads them: the figures before the surge agree to the day."""
    assert filled_before(greedy(run)) == run.presurge


def test_greedy_state_gives_the_published_surge() -> None:
    """Where demand in the surge exceeds all units, the windows after greedy's tours add up to the published unit-days."""
    run = _run("47112K000", 2, 0)
    last = {tour.unit: tour for tour in greedy(run)}
    windows = [window for unit in units(run) for window in days_in_surge(unit, last.get(unit.name))]
    assert sum(end - begin + 1 for begin, end in windows) == run.surge


def test_a_unit_that_waits_too_long_rests_anew() -> None:
    """An active unit on day 1057 of its cycle may go until day 37, and again after 730 days of rest."""
    assert windows_before(Start("unit", "active", 1057), ACTIVE) == ((1, 37), (768, PRESURGE))


def test_a_late_tour_goes_on_into_the_surge_unless_the_cycle_is_over() -> None:
    """A tour that began on time runs on, and the unit comes back after its overlap; one that began too late ends with the first phase."""
    on_time, late = Start("unit", "active", 200), Start("unit", "active", 399)
    surge = rules()["47112K000", "active", "surge"]
    assert surge_windows(on_time, Tour("unit", "active", 530, 335, -200), ACTIVE, surge) == ((1, 43), (74, 146))
    assert surge_windows(late, Tour("unit", "active", 614, 335, -399), ACTIVE, surge) == ((1, 146),)


@pytest.mark.parametrize(("days", "count", "surge", "first"), [(1, 967, 822, 1), (5, 195, 166, 1), (30, 33, 29, 11)])
def test_the_surge_begins_with_a_period(days: int, count: int, surge: int, first: int) -> None:
    """Whatever the length of periods, a boundary lies between the phases, and no day is lost."""
    grid = Grid(days)
    assert (grid.count, grid.surge, grid.day(grid.surge), grid.length(1)) == (count, surge, PRESURGE + 1, first)
    assert sum(grid.length(period) for period in range(1, count + 1)) == 967


def test_an_instance_is_one_that_planners_could_write(tmp_path: Path) -> None:
    """The instance of a run survives writing and reading, and the verifier accepts its plan."""
    run = _run("47112K000", 1, 2)
    fg.write_instance(both_phases(run.src, units(run), MONTH), tmp_path / "run")
    instance = fg.read_instance(tmp_path / "run")
    plan = fg.solve(instance, time_limit=20, child=False)
    assert fg.verify(instance, plan)["value"].iloc[0] == pytest.approx(plan.aims["value"].iloc[0])


@pytest.mark.parametrize(
    ("level", "presurge", "surge"),
    [(("47112K000", 2, 0), 543, 292), (("06465K000", 0, 1), 240, 54), (("87312K000", 0, 1), 240, 146)],
)
def test_published_runs_planned_anew(level: tuple[str, int, int], presurge: int, surge: int) -> None:
    """Small runs: never fewer than greedy, within the bound, and the figures that are published."""
    planned = {number: outcome(_run(*level, number)) for number in (0, 1)}
    for number, found in planned.items():
        run = _run(*level, number)
        assert run.presurge + run.surge <= found.presurge + found.surge <= found.at_most
    assert (presurge, surge) in {(found.presurge, found.surge) for found in planned.values()}


def test_one_unit_is_planned_to_the_bound_of_its_windows() -> None:
    """A single unit without competition fills what its windows allow."""
    run = _run("06465K000", 1, 0)
    (unit,) = units(run)
    found = outcome(run)
    assert found.presurge + found.surge == found.at_most == most(unit)[0]


def test_published_table_never_fewer_than_greedy() -> None:
    """At every published level: never fewer than greedy, and within the bound; exceptions would stand in the text."""
    levels = pd.read_csv(REPORT / "levels.csv")
    assert list(levels) == list(COLUMNS)
    assert (levels["at_least"] <= levels["at_most"]).all()
    named = (REPORT / "index.md").read_text(encoding="utf-8")
    for row in fewer(levels).to_dict("records"):
        assert f"{row['src']} with {row['active']} active and {row['reserve']} reserve units" in named


def test_published_levels_follow_from_published_runs() -> None:
    """The means by level are those of the runs, and greedy's figures are the source's."""
    frame = pd.read_csv(REPORT / "runs.csv")
    pd.testing.assert_frame_equal(by_level(frame), pd.read_csv(REPORT / "levels.csv"), check_dtype=False)
    published = {run.seed: run.presurge + run.surge for run in runs()}
    assert (frame["seed"].map(published) == frame["greedy"]).all()


def test_published_sentences_follow_from_the_published_tables() -> None:
    """Headline and sentences, made again from the tables, stand in the report; the headline says what is no merit of planning."""
    frame, levels = pd.read_csv(REPORT / "runs.csv"), pd.read_csv(REPORT / "levels.csv")
    text = (REPORT / "index.md").read_text(encoding="utf-8")
    for line in (headline(frame, levels), *sentences(frame, levels)):
        assert plain(line) in text
    assert "no merit of planning" in headline(frame, levels)


def test_every_column_of_the_page_says_what_it_holds() -> None:
    frame = by_run([Outcome(_run("06465K000", 1, 0).name, 400, 335, 145, 481)])
    tables = [table for section in content_of(frame, by_level(frame)).sections for table in section.tables]
    assert [len(table.rows) for table in tables] == [1, 1]
    assert all(column.says and column.about == column.says for table in tables for column in table.columns)


@pytest.mark.parametrize("cut", ["", "a", "b,1,2,3", "b,1,2,3,", "b,1,2,3,4", "b,1,2,3,4a,5,6,7,8\n", "b,1,2,3,4,\n"])
def test_a_run_goes_on_after_a_line_that_was_cut(tmp_path, monkeypatch, cut) -> None:
    """Only whole lines are read, and the file is written anew from them, so that the next outcome has a line of its own."""
    kept, whole = tmp_path / "outcomes.csv", Outcome("a", 1, 2, 3, 4)
    command.keep([whole], kept)
    kept.write_text(kept.read_text() + cut)
    assert command.read(kept) == {"a": whole}
    monkeypatch.setattr(command, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(command, "outcome", lambda run: Outcome(run.name, 5, 6, 7, 8))
    monkeypatch.setattr(command, "runs", lambda: [_run("06465K000", 1, 0)])
    monkeypatch.setattr(command, "publish", lambda outcomes, out: None)
    assert CliRunner().invoke(command.main, ["--kept", str(kept), "--out", str(tmp_path)]).exit_code == 0
    name = _run("06465K000", 1, 0).name
    assert kept.read_text() == f"run,month,presurge,surge,at_most\na,1,2,3,4\n{name},5,6,7,8\n"
    assert list(command.read(kept)) == ["a", name]


def test_no_process_is_no_number_of_processes(tmp_path: Path) -> None:
    """It is refused before anything is written."""
    options = ["--jobs", "0", "--kept", str(tmp_path / "kept.csv"), "--out", str(tmp_path)]
    assert CliRunner().invoke(command.main, options).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_report_names_exceptions_and_unfinished_runs() -> None:
    """A report of a part of the runs does not speak of all, and a level with fewer unit-days than greedy is named."""
    run = _run("06465K000", 1, 0)
    frame = by_run([Outcome(run.name, 400, 335, 145, 481)])
    levels = by_level(frame)
    text = " ".join([headline(frame, levels), *sentences(frame, levels)])
    assert "forcegen's plans fill 1 unit-days fewer" in text
    assert "1 of the 624 published runs are planned" in text
    assert "fewer unit-days than the greedy rule: 06465K000 with 1 active and 0 reserve units (-1.0)" in text
