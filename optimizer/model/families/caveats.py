r"""Family 4: caveats, what nations restrict.

A caveat that forbids a service removes its variables: with $C_t$ the services that a caveat in force selects in period $t$,
$x_{prt}=0$ for $(p,r)\in C_t$; they do not exist in the model (`optimizer.instance.admissible` keeps which caveat refuses them). A caveat of the
kind `limit` is a limit of its own, see `optimizer.model.families.limits`. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.admissible import window_mask
from optimizer.instance.rule import Rule, rule_of
from optimizer.instance.situation import Situation
from optimizer.instance.wording import MEASURES, condition_clause, in_periods, only_one, sentence
from optimizer.model.family import Family


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("caveats"):
        window, holds = window_mask(row, situation.horizon), tables.when(row["condition"])
        if not window & (~holds if row["rule"] == "unless" else holds):
            continue
        what = " ".join(part for part in (words.units(row), words.where(row)) if part)
        condition, when, who = words.condition(row["condition"]), words.when(row), words.who(row, "every nation")
        if row["rule"] == "limit":
            text = f"{who} serves with at most {row['maximum']:,.10g} {MEASURES[row['measure']]}"
            said = sentence(text, what and f"({what})", when or "in each period", condition_clause(condition))
        elif row["rule"] == "unless":
            it_is_not = "it is not so" if not window & holds else f"it is so only {in_periods(window & holds)}"
            said = sentence(f"{who} does not serve", what and f"({what})", when, f"unless {condition}, and {it_is_not}")
        else:
            said = sentence(f"{who} does not serve", what and f"({what})", when, condition_clause(condition))
        nation = only_one(row["nation"], situation.nations)
        bend = "raise" if row["rule"] == "limit" else "lift"
        yield rule_of("caveats", row, None, "caveat", f"{row['caveat']}: {said}", nation=nation, bend=bend)  # type: ignore[arg-type]


FAMILY = Family(name="caveats", tables=("caveats", "conditions"), rules=_rules, columns={}, rows={})
