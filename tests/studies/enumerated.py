"""Every plan of a tiny instance with the values of its aims and who serves where: what frontiers and alternatives must agree with."""

from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.studies.probing.prober import Prober
from optimizer.studies.question import Setup
from optimizer.studies.study import Variant
from tests.oracle import brute
from tests.oracle.random_instances import FAMILIES, tiny

RULES = (
    brute.coverage_rules,
    brute.caveat_limits,
    brute.participation,
    brute.steadiness,
    brute.agreed,
    brute.leads,
    brute.links,
    brute.enablers,
    brute.limits,
    brute.sponsors,
    brute.movement,
    brute.funding,
)


@dataclass(frozen=True)
class All:
    """All plans that keep the rules: values per aim (less is better), and which nation is at which post in any period."""

    facts: brute.Facts
    plans: brute.Plans

    def values(self, aims):
        """Per plan and aim (a row of the header each), counted so that less is better."""
        columns = [brute.aim_value(self.facts, self.plans, aim, None) for aim in aims]
        signs = [-1.0 if aim["name"] in brute.MAXIMISED else 1.0 for aim in aims]
        return np.array([sign * column for sign, column in zip(signs, columns, strict=True)]).T

    def places(self):
        """Per plan the set of (nation, mission, area) at which it has units."""
        x = self.plans.x.sum(axis=3)
        names = [
            [(pledge["nation"], line["mission"], line["area"]) for line in self.facts.lines]
            for pledge in self.facts.pledges
        ]
        return [frozenset(names[p][r] for p, r in zip(*np.nonzero(one), strict=True)) for one in x]


def drawn(seed, most=300, families=FAMILIES):
    """A tiny instance without the aim `changes`, as rows and as the product reads it."""
    tables, header, _ = tiny(seed, families, most)
    header["aims"] = [aim for aim in header.get("aims") or [] if aim["name"] != "changes"] or [{"name": "coverage"}]
    return tables, header, Instance.from_tables(tables, header=header, impossible=True)


def everything(tables, header, scenario=None):
    """All plans of an instance."""
    facts = brute.read(tables, header, scenario)
    plans = brute.enumerate_plans(facts, 60_000)
    for rule in RULES:
        if len(plans.x):
            plans = plans.take(rule(facts, plans))
    return All(facts, plans)


def asked_here(instance, study):
    """A way to ask probes in this process."""
    prober = Prober(Setup((instance,), study))

    def ask(probes):
        return [
            prober.answer(Variant(n, "", 0, (probe.text(), start or None)), "")
            for n, (probe, start) in enumerate(probes)
        ]

    return ask
