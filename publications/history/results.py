"""The tables of the comparison, of one case: by nation, measures, variants, where the errors lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from publications.history import cases
from publications.history.cases import MAIN, Case, Choices
from publications.history.facts import Fact, amounts, coalition, names, read_facts
from publications.history.measures import fit
from publications.history.predict import Prediction, Shares, as_announced, as_before, by_gdp, predict, shares
from publications.history.tables import asked, decisions, instance_of

MODEL, BEFORE, GDP, ANNOUNCED = "forcegen", "as before", "by GDP", "as before and announced"
LESS, MORE = 0.8, 1.25


@dataclass(frozen=True)
class Result:
    """All tables of a case."""

    case: Case
    facts: tuple[Fact, ...]
    nations: pd.DataFrame
    measures: pd.DataFrame
    variants: pd.DataFrame
    errors: pd.DataFrame


def compare(case: Case, report: Callable[[str], None]) -> Result:
    """Solve the main instance and every variant of a case, and hold them against what came."""
    facts = read_facts(case.key)
    solved: dict[Choices, Prediction] = {}
    for choices in dict.fromkeys([MAIN, *cases.grid(), *cases.one_at_a_time(case).values()]):
        solved[choices] = predict(instance_of(case, facts, choices))
        report(f"{case.instance}: {choices}: {solved[choices].termination}")
    nations = by_nation(case, facts, solved[MAIN].soldiers)
    predictions = predictors(nations)
    return Result(
        case, facts, nations, measures(case, facts, predictions), variants(case, facts, solved), classes(nations)
    )


def by_nation(case: Case, facts: tuple[Fact, ...], sent: dict[str, float]) -> pd.DataFrame:
    """One row per nation: what it had, had announced, was predicted to send, and sent; and the shares of every predictor."""
    came, decided, total = amounts(facts, "came", case.later[0]), decisions(case, facts, MAIN), asked(case, facts, MAIN)
    sources = {BEFORE: as_before(facts), GDP: by_gdp(facts)}
    if amounts(facts, "announced"):
        sources[ANNOUNCED] = as_announced(facts)
    rows = []
    for nation in sorted({*coalition(facts), *came}):
        row = {
            "was": amounts(facts, "was").get(nation, 0.0),
            "announced": amounts(facts, "announced").get(nation, 0.0),
            "decided": float(decided.get(nation, 0)),
            "predicted": sent.get(nation, 0.0),
            "came": came.get(nation, 0.0),
        }
        row |= {MODEL: 100 * row["predicted"] / sum(sent.values())}
        row |= {name: 100 * found.get(nation, 0.0) for name, found in sources.items()}
        row |= {"share": 100 * row["came"] / total}
        rows.append({"nation": nation, "name": names(facts)[nation], **row, "class": _class(nation, row, facts)})
    frame = pd.DataFrame(rows)
    frame["error"] = frame[MODEL] - frame["share"]
    return frame.sort_values(["came", "predicted", "nation"], ascending=[False, False, True], ignore_index=True)


def _class(nation: str, row: dict[str, float], facts: tuple[Fact, ...]) -> str:
    if nation not in coalition(facts):
        return "not there and not announced"
    if nation in amounts(facts, "ends"):
        return "had announced to leave"
    if row["came"] < LESS * row["decided"]:
        return "sent less than was decided"
    return "sent more than was decided" if row["came"] > MORE * row["decided"] else "sent about what was decided"


def predictors(nations: pd.DataFrame) -> dict[str, Shares]:
    """The shares of each predictor, from the table by nation."""
    by = nations.set_index("nation")
    return {
        name: {str(nation): value / 100 for nation, value in by[name].items()}
        for name in (MODEL, BEFORE, GDP, ANNOUNCED)
        if name in by
    }


def measures(case: Case, facts: tuple[Fact, ...], predictions: dict[str, Shares]) -> pd.DataFrame:
    """The measures of each predictor: at each later date, among all nations and without the largest of the earlier date."""
    before = amounts(facts, "was")
    largest = max(before, key=lambda nation: before[nation])
    rows = []
    for date in case.later:
        came = amounts(facts, "came", date)
        everybody = {*came, *coalition(facts)} if date == case.later[0] else set(came)
        scopes = {"all": everybody}
        if largest in everybody:
            scopes[f"without {names(facts)[largest]}"] = everybody - {largest}
        for scope, among in scopes.items():
            for name, predicted in predictions.items():
                row = {"date": date, "among": scope, "predictor": name}
                rows.append(row | vars(fit(predicted, came, among)))
    return pd.DataFrame(rows)


def variants(case: Case, facts: tuple[Fact, ...], solved: dict[Choices, Prediction]) -> pd.DataFrame:
    """Every variant with its measures among all nations, and how far its shares are from those of the main choices."""
    came = amounts(facts, "came", case.later[0])
    among = {*came, *coalition(facts)}
    main = shares(solved[MAIN].soldiers)
    rows = []
    for label, choices in _labelled(case):
        found = solved[choices]
        row = {"variant": label, "shared by": choices.key, "stays": choices.stays, "ceiling": choices.ceiling}
        moved = fit(shares(found.soldiers), main, among).distance
        ended = {"coverage": found.coverage, "termination": found.termination, "gap": found.gap}
        rows.append(row | vars(fit(shares(found.soldiers), came, among)) | {"moved": moved} | ended)
    return pd.DataFrame(rows)


def _labelled(case: Case) -> Iterable[tuple[str, Choices]]:
    for choices in cases.grid():
        yield ("main" if choices == MAIN else "grid"), choices
    yield from cases.one_at_a_time(case).items()


def classes(nations: pd.DataFrame) -> pd.DataFrame:
    """Where the errors lie: soldiers decided, predicted and come, by what became of the decisions."""
    groups = nations.groupby("class", sort=False)
    frame = groups.agg(
        nations=("nation", "size"), decided=("decided", "sum"), predicted=("predicted", "sum"), came=("came", "sum")
    ).reset_index()
    frame["points"] = [float(group["error"].abs().sum()) for _, group in groups]
    frame["too many"] = frame["predicted"] - frame["came"]
    return frame.sort_values("points", ascending=False, ignore_index=True)
