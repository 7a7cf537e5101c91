"""A file of claims, read and checked against its instance: all findings at once, each with a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from optimizer.instance.cells import did_you_mean
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.read.folder import parse_toml
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.instance.scenario import row_key, scenario_tables
from optimizer.plan.frames import COLUMNS, TEXT
from optimizer.rulebook import without
from optimizer.studies.faults import Faults
from optimizer.studies.form import MOST_SEED, Form, LimitsForm, Number, Takes, Text, Whole, filled
from optimizer.studies.keeping import fault_of_outcome
from optimizer.studies.outcomes import split_outcome
from optimizer.studies.reading import MOST_BYTES, reserved_names, with_limits
from optimizer.studies.robust.expression import (
    BASE,
    Claimed,
    FaultyClaim,
    Outcome,
    named_in,
    outcomes_of,
    parse_claim,
)
from optimizer.studies.study import InvalidStudy, Study, Vary
from optimizer.studies.values import sound, unknown_scenario
from optimizer.studies.varying import Varying

DRAWS: Final = 100
"""Draws where the file names no number."""
MOST_DRAWS: Final = 100_000
MOST_CLAIMS: Final = 200
SHARE: Final = 0.95
_DESIGN: Final = "latin_hypercube"


@dataclass(frozen=True)
class Claim:
    """A sentence, and when it is true. `share`: in so many of the draws it must hold to survive."""

    name: str
    says: str
    holds: str
    share: float
    means: Claimed

    @property
    def cases(self) -> frozenset[str]:
        """The cases that it speaks of."""
        return frozenset(outcome.case for outcome in outcomes_of(self.means))


@dataclass(frozen=True)
class Case:
    """A case that claims speak of: the instance with what is set and switched off in it, and the scenario that is asked (None: the file's)."""

    name: str
    instance: Instance
    scenario: str | None = None


@dataclass(frozen=True)
class Claims:
    """What a file of claims asks: the draws (a study whose inputs are drawn), the claims, and the cases that they speak of."""

    study: Study
    claims: tuple[Claim, ...]
    cases: tuple[Case, ...]


_LIST: Final = Takes("list", "{value} is not a list of texts.", "Write a list of texts in square brackets.")
_MANY: Final = Takes("section", "this is not a list.", "Write the name in two brackets ([[claim]]) above each of them.")
_LIMITS: Final = Takes(
    "section", "'limits' is not a section.", "Write [limits] and below it one `key = value` per line."
)


class ClaimForm(Form):
    """`[[claim]]`: a sentence, and the expression that says when it is true."""

    name: Text = None
    says: Text = None
    holds: Text = None
    share: Annotated[float, Field(gt=0, le=1), Number()] = SHARE


class CaseForm(Form):
    """`[[case]]`: a named variant of the instance."""

    name: Text = None
    scenario: Text = None
    set: Annotated[list[str], _LIST] = Field(default_factory=list)
    without: Annotated[list[str], _LIST] = Field(default_factory=list)


class ClaimsForm(Form):
    """The whole file; each `[[vary]]`, `[[case]]` and `[[claim]]` has a form of its own."""

    name: Text = None
    title: Text = None
    description: Text = None
    scenario: Text = None
    draws: Annotated[int | None, Field(ge=1, le=MOST_DRAWS), Whole()] = None
    seed: Annotated[int | None, Field(ge=0, le=MOST_SEED), Whole()] = None
    limits: Annotated[LimitsForm, _LIMITS] = LimitsForm()
    vary: Annotated[list[dict[str, Any]], _MANY] = Field(default_factory=list)
    case: Annotated[list[dict[str, Any]], _MANY] = Field(default_factory=list)
    claim: Annotated[list[dict[str, Any]], _MANY] = Field(default_factory=list)


def read_claims(source: str | Path | Mapping[str, Any], instance: Instance) -> Claims:
    """The claims in a TOML file (or in a mapping of the same form), checked against the instance.

    Raises:
        InvalidStudy: with every finding.
    """
    if isinstance(source, Mapping):
        return _read(source, instance, "claims")
    path = Path(source)
    try:
        content = parse_toml(read_text(path, MOST_BYTES))
    except UnreadableFile as error:
        remedy = "Save it as UTF-8." if error.code == "encoding" else error.remedy
        raise InvalidStudy([Finding("error", error.code, path.name, error.row, None, error.message, remedy)]) from None
    found = _read(content, instance, path.name)
    return replace(found, study=replace(found.study, name=str(content.get("name") or path.stem)))


def _read(content: Mapping[str, Any], instance: Instance, file: str) -> Claims:
    given, refused = sound(content)
    faults = Faults(file, refused)
    form, _ = filled(ClaimsForm, given, "", faults)
    scenario = form.scenario or None
    fault = unknown_scenario(scenario, instance) if scenario is not None else None
    if fault is not None:
        faults.error(fault, "scenario")
        scenario = None
    reserved = reserved_names(instance) | {"draw", "case", "scenario"}
    vary = tuple(Varying(instance, _DESIGN, scenario, faults).read(form.vary, reserved))
    for one in vary:
        if one.low is None:
            message = f"{one.name!r} has no numbers between which it could be drawn."
            faults.error(("design-values", message, "Give low and high, or make a [[case]] of it."), "vary")
    if not form.vary:
        faults.error(("nothing-varies", "nothing varies.", "Add [[vary]] with a cell, low and high."), "vary")
    cases = {BASE: Case(BASE, instance)}
    cases |= {name: Case(name, instance, name) for name in instance.scenarios if name != BASE}
    _Cases(instance, scenario, vary, faults).read(form.case, cases)
    claims = list(_claims(form.claim, instance, cases, faults))
    if faults.findings:
        raise InvalidStudy(faults.findings)
    return _asked(form, scenario, vary, claims, cases)


def _asked(
    form: ClaimsForm, scenario: str | None, vary: tuple[Vary, ...], claims: Sequence[Claim], cases: Mapping[str, Case]
) -> Claims:
    """The claims with the study behind them: only the cases that they speak of, in an order that does not depend on theirs."""
    named = frozenset[str]().union(*(claim.cases for claim in claims))
    used = tuple(case for name, case in cases.items() if name in named)
    keep = sorted({one.name for claim in claims for one in outcomes_of(claim.means) if "." in one.name})
    study = with_limits(Study(form.name or "claims", form.title or "", form.description or ""), form.limits)
    study = replace(study, scenario=scenario, vary=vary, keep=tuple(keep), design=_DESIGN)
    return Claims(replace(study, size=form.draws or DRAWS, seed=form.seed or 0), tuple(claims), used)


class _Cases:
    """Reads the `[[case]]`s of a file."""

    def __init__(self, instance: Instance, scenario: str | None, vary: Sequence[Vary], faults: Faults) -> None:
        self.instance, self.scenario, self.vary, self.faults = instance, scenario, vary, faults

    def read(self, given: Sequence[Mapping[str, Any]], cases: dict[str, Case]) -> None:
        """Add the cases without faults to those that are there."""
        for place, entry in enumerate(given, 1):
            at = f"case.{place}"
            form, _ = filled(CaseForm, entry, f"{at}.", self.faults)
            name = form.name or ""
            if not name:
                fault = "no-name", "the case has no name.", 'Write name = "late".'
            elif name in cases:
                kind = "the base case" if name == BASE else "a scenario or another case"
                fault = "duplicate-name", f"{name!r} is the name of {kind} already.", "Choose another name."
            else:
                # Claims may name it whatever is wrong inside it.
                cases[name] = self._one(form, name, at)
                continue
            self.faults.error(fault, f"{at}.name")

    def _one(self, form: CaseForm, name: str, at: str) -> Case:
        scenario = form.scenario or None
        fault = unknown_scenario(scenario, self.instance) if scenario is not None else None
        if fault is not None:
            self.faults.error(fault, f"{at}.scenario")
            scenario = None
        case = Case(name, self.instance, scenario)
        try:
            from optimizer.instance.settings import with_settings

            case = replace(case, instance=with_settings(case.instance, form.set))
            if form.without:
                case = replace(case, instance=without(case.instance, form.without, scenario or self.scenario)[0])
        except InvalidInstance as error:
            for finding in error.findings:
                if finding.severity == "error":
                    message = f"{finding.place}: {finding.message}"
                    self.faults.error((finding.code, message, finding.remedy), at)
            return case
        self._check_vary(case, form, at)
        return case

    def _check_vary(self, case: Case, form: CaseForm, at: str) -> None:
        """That what varies is there in the case, and is not what the case sets."""
        fixed = {text.partition("=")[0].strip() for text in form.set}
        for vary in self.vary:
            if vary.kind != "cells":
                continue
            rows = scenario_tables(case.instance, case.scenario or self.scenario).rows(vary.table)
            there = {row_key(vary.table, row) for row in rows}
            if not set(vary.keys) <= there:
                message = f"{vary.name!r} varies a row that is not there in the case {case.name!r}."
                self.faults.error(("case-without-row", message, "Vary something else, or keep the row."), at)
            for key in vary.keys:
                cell = f"{vary.table}.{key}.{vary.column}"
                if vary.mode == "value" and cell in fixed:
                    message = f"the case sets {cell}, and {vary.name!r} draws it: the draw would take its place."
                    self.faults.error(("case-and-draw", message, "Vary it by a factor, or leave one of them out."), at)


def _claims(
    given: Sequence[Mapping[str, Any]], instance: Instance, cases: Mapping[str, Case], faults: Faults
) -> Iterator[Claim]:
    if not given:
        remedy = 'Write [[claim]] with name = "…", says = "…", holds = "coverage >= 60".'
        faults.error(("no-claims", "there are no claims.", remedy), "claim")
    if len(given) > MOST_CLAIMS:
        faults.error(("too-many-claims", f"there are more than {MOST_CLAIMS} claims.", "Make two files."), "claim")
    names: set[str] = set()
    for place, entry in enumerate(given[:MOST_CLAIMS], 1):
        at = f"claim.{place}"
        form, wrong = filled(ClaimForm, entry, f"{at}.", faults)
        name = form.name or f"claim {place}"
        if name in names:
            faults.error(("duplicate-name", f"the name {name!r} is there twice.", "Rename one."), f"{at}.name")
        names.add(name)
        if form.holds:
            means = _means(form.holds, f"{at}.holds", instance, cases, faults)
            if means is not None:
                yield Claim(name, form.says or form.holds, form.holds, form.share, means)
        elif "holds" not in wrong:
            fault = "no-expression", "nothing says when the claim holds.", 'Write holds = "coverage >= 60".'
            faults.error(fault, f"{at}.holds")


def _means(text: str, key: str, instance: Instance, cases: Mapping[str, Case], faults: Faults) -> Claimed | None:
    """The claim that an expression makes; all its unknown names are reported, and where it cannot be read."""
    before = faults.count
    means = None
    try:
        means = parse_claim(text)
        outcomes = list(outcomes_of(means))
        if not outcomes:
            fault = "no-outcome", "it names no outcome of a plan.", "Compare an aim or TABLE.KEY.COLUMN."
            faults.error(fault, key)
    except FaultyClaim as error:
        faults.error(("expression", f"character {error.at}: {error.message}", error.remedy), key)
        outcomes = named_in(text)
    for outcome in outcomes:
        for at, message, remedy in _strangers(outcome, instance, cases):
            faults.error(("unknown-outcome", f"character {at}: {message}", remedy), key)
    return means if faults.count == before else None


def _strangers(outcome: Outcome, instance: Instance, cases: Mapping[str, Case]) -> Iterator[tuple[int, str, str]]:
    """What the instance does not know of an outcome and of its case: character, message, remedy."""
    name = outcome.name
    if "." not in name:
        aims = [aim.name for aim in instance.header.aims]
        if name not in aims:
            more = f' Write an aim of a case as {aims[0]}["{name}"].' if name in cases and aims else ""
            remedy = f"Its aims: {', '.join(aims)}; all else is TABLE.KEY.COLUMN.{more}{did_you_mean(name, aims)}"
            yield outcome.at, f"the instance has no aim {name[:40]!r}.", remedy
    elif (fault := fault_of_outcome(name, instance)) is not None:
        glued = any(sign in split_outcome(name)[2] for sign in "+-*/")
        spaces = " Write spaces around + - * / behind a name." if glued else ""
        yield outcome.at, fault[1], fault[2] + spaces
    else:
        table, _, column = split_outcome(name)
        if COLUMNS[table][column] == TEXT:
            yield outcome.at, f"{table}.{column} holds text, and claims compare figures.", "Compare another column."
    if outcome.case not in cases:
        known = ", ".join(cases)
        remedy = f"Cases: {known}.{did_you_mean(outcome.case, cases)}"
        yield outcome.case_at, f"there is no case and no scenario {outcome.case[:40]!r}.", remedy
