"""A study file, read and checked against its instance: all findings at once, each with a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attributes import AIMS, TABLES
from optimizer.instance.cells import did_you_mean, split_words
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance, Row
from optimizer.instance.read.folder import parse_toml
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.instance.scenario import row_key, scenario_tables
from optimizer.instance.selectors import parse_selector
from optimizer.plan.frames import COLUMNS
from optimizer.studies.design import count_runs
from optimizer.studies.meeting import meetings
from optimizer.studies.outcomes import EVERY, KEYS, split_outcome
from optimizer.studies.rows import Run, read_rows
from optimizer.studies.study import BY_SALIB, DESIGNS, MODES, MOST_RUNS, SAMPLED, InvalidStudy, Study, Vary
from optimizer.studies.values import misfit, shown, sound, strangers

_TOP: Final = ("name", "title", "description", "scenario", "keep", "design", "limits", "vary")
_DESIGN: Final = ("kind", "size", "seed", "levels", "file", "neighbours")
_LIMITS: Final = ("time_limit", "gap", "first_time_limit", "seed")
_VARY: Final = (
    "name", "table", "key", "column", "cell", "where", "mode", "values", "low", "high", "steps", "condition", "scenario", "aim",
)  # fmt: skip
_AIM_COLUMNS: Final = ("weight", "priority", "tolerance")
RESERVED: Final = (
    "run", "name", "instance", "varied", "termination", "has_plan", "reason", "seconds", "seconds_build", "seconds_solver", "model", "why",
)  # fmt: skip
"""Columns of the table of runs that no input may be called."""
MOST_SEED: Final = 2**31 - 1
MOST_BYTES: Final = 128 * 1024
"""Largest study file; the runs of the design `rows` stand in a file of their own."""


def read_study(source: str | Path | Mapping[str, Any], instance: Instance) -> Study:
    """The study in a TOML file (or in a mapping of the same form), checked against the instance.

    Raises:
        InvalidStudy: with every finding.
    """
    if isinstance(source, Mapping):
        return _Reader(instance, "study", Path.cwd()).read(source)
    path = Path(source)
    reader = _Reader(instance, path.name, path.parent)
    try:
        content = parse_toml(read_text(path, MOST_BYTES))
    except UnreadableFile as error:
        remedy = "Save it as UTF-8." if error.code == "encoding" else error.remedy
        raise InvalidStudy([Finding("error", error.code, path.name, error.row, None, error.message, remedy)]) from None
    return replace(reader.read(content), name=str(content.get("name") or path.stem))


def _fits(key: str, parts: Sequence[set[str] | None]) -> bool:
    """Whether a key is made of these parts, joined by `/` (which names may hold too); None: any name."""
    ends = [place for place, sign in enumerate(key) if sign == "/"]
    if len(parts) == 1:
        return bool(key) and (parts[0] is None or key in parts[0])
    return any((parts[0] is None or key[:end] in parts[0]) and _fits(key[end + 1 :], parts[1:]) for end in ends)


class _Reader:
    """Reads one study, noting what is wrong where."""

    def __init__(self, instance: Instance, place: str, folder: Path) -> None:
        self.instance, self.place, self.folder = instance, place, folder
        self.findings: list[Finding] = []
        self.faults = 0
        self.refused: tuple[str, ...] = ()
        self.reserved = {*RESERVED, *(f"{aim}{end}" for aim in AIMS for end in ("", "_bound", "_gap"))}
        self.reserved |= {f"missions.{row['mission']}.score" for row in instance.rows("missions")}

    def error(self, code: str, key: str, message: str, remedy: str) -> None:
        self.faults += 1
        if key and key in self.refused:  # that is said already
            return
        self.findings.append(Finding("error", code, self.place, None, key or None, message, remedy))

    def read(self, content: Mapping[str, Any]) -> Study:
        given, faults = sound(content)
        self.refused = tuple(path for path, _ in faults)
        for path, (code, message, remedy) in faults:
            self.findings.append(Finding("error", code, self.place, None, path, message, remedy))
        self.known_keys(given, _TOP, "")
        design, limits = self.section(given, "design"), self.section(given, "limits")
        self.known_keys(design, _DESIGN, "design.")
        self.known_keys(limits, _LIMITS, "limits.")
        kind = self.choice(design.get("kind", "one_at_a_time"), DESIGNS, "design.kind", "design")
        scenario = self.scenario(given.get("scenario"), "scenario")
        keep = self.keep(given.get("keep", []))
        self.reserved |= set(keep)
        vary = self.varies(given.get("vary", []), kind, scenario)
        rows = self.rows(design.get("file"), kind, vary, scenario)
        study = Study(
            name=self.text(given.get("name"), "name") or "study",
            title=self.text(given.get("title"), "title"),
            description=self.text(given.get("description"), "description"),
            scenario=scenario,
            design=kind,
            size=self.whole(design.get("size"), "design.size", 1, 0),
            seed=self.whole(design.get("seed"), "design.seed", 0, 0, MOST_SEED),
            levels=self.whole(design.get("levels"), "design.levels", 2, 4),
            neighbours=self.whole(design.get("neighbours"), "design.neighbours", 1, 0),
            vary=tuple(vary),
            rows=tuple(values for _, values in rows),
            row_names=tuple(name for name, _ in rows) if any(name for name, _ in rows) else (),
            keep=keep,
            time_limit=self.number(limits.get("time_limit"), "limits.time_limit", above=0.0),
            first_time_limit=self.number(limits.get("first_time_limit"), "limits.first_time_limit", above=0.0),
            gap=self.number(limits.get("gap"), "limits.gap", least=0.0, most=1.0),
            solver_seed=self.whole(limits.get("seed"), "limits.seed", 0, 0, MOST_SEED),
        )
        self.whole_study(study, design)
        if self.findings:
            raise InvalidStudy(self.findings)
        return study

    # single values ------------------------------------------------------------------------------------------------

    def known_keys(self, given: Mapping[str, Any], known: Sequence[str], prefix: str) -> None:
        for key in given:
            if key not in known:
                remedy = f"Rename or remove it.{did_you_mean(str(key), known)}"
                self.error("unknown-key", f"{prefix}{key}", f"there is no key {shown(str(key))} here.", remedy)

    def section(self, given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = given.get(name, {})
        if isinstance(value, Mapping):
            return value
        self.error(
            "section", name, f"{name!r} is not a section.", f"Write [{name}] and below it one `key = value` per line."
        )
        return {}

    def text(self, value: object, key: str) -> str:
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self.error("text", key, f"{shown(value)} is not text.", "Put it in quotation marks.")
        return ""

    def choice(self, value: object, known: Sequence[str], key: str, what: str) -> str:
        if value in known:
            return str(value)
        remedy = f"Use one of: {', '.join(known)}.{did_you_mean(str(value), known)}"
        self.error(f"unknown-{what}", key, f"there is no {what} {shown(value)}.", remedy)
        return known[0]

    def whole(self, value: object, key: str, least: int, default: int, most: int = MOST_RUNS) -> int:
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.error("not-whole", key, f"{shown(value)} is not a whole number from {least} to {most}.", "Correct it.")
        return default

    def number(
        self, value: object, key: str, least: float | None = None, above: float | None = None, most: float | None = None
    ) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.error(
                "not-a-number", key, f"{shown(value)} is not a number.", "Write a number, without quotation marks."
            )
        elif (
            (least is not None and value < least)
            or (above is not None and value <= above)
            or (most is not None and value > most)
        ):
            bounds = [
                f"above {above:g}" if above is not None else "",
                f"at least {least:g}" if least is not None else "",
            ]
            bounds.append(f"at most {most:g}" if most is not None else "")
            self.error("out-of-range", key, f"{value:g} must be {' and '.join(filter(None, bounds))}.", "Correct it.")
        else:
            return float(value)
        return None

    def scenario(self, value: object, key: str) -> str | None:
        name = self.text(value, key)
        if name and name not in self.instance.scenarios:
            known = self.instance.scenarios
            remedy = f"Scenarios: {', '.join(known) or 'none'}.{did_you_mean(name, known)}"
            self.error("unknown-scenario", key, f"the instance has no scenario {shown(name)}.", remedy)
            return None
        return name or None

    # what varies --------------------------------------------------------------------------------------------------

    def varies(self, given: object, design: str, scenario: str | None) -> list[Vary]:
        if not isinstance(given, (list, tuple)) or not all(isinstance(entry, Mapping) for entry in given):
            self.error(
                "section",
                "vary",
                "what varies is not a list.",
                "Write [[vary]] (two brackets) above each thing that varies.",
            )
            return []
        found: list[Vary] = []
        numbers: list[int] = []
        for number, entry in enumerate(given, 1):
            vary = self.one(entry, f"vary.{number}.", design, scenario)
            if vary is None:
                continue
            if any(other.name == vary.name for other in found):
                self.error(
                    "duplicate-name",
                    f"vary.{number}.name",
                    f"the name {vary.name!r} is there twice.",
                    "Rename one of them.",
                )
            elif vary.name in self.reserved:
                message = f"{vary.name!r} is a column of the results."
                self.error("reserved-name", f"vary.{number}.name", message, "Choose another name.")
            elif vary.name in {other.used_name for other in found}:
                message = f"{vary.name!r} is the column of what another input uses."
                self.error("reserved-name", f"vary.{number}.name", message, "Choose another name.")
            found.append(vary)
            numbers.append(number)
        self.findings += meetings(found, self.instance, self.place, numbers)
        return found

    def one(self, entry: Mapping[str, Any], prefix: str, design: str, scenario: str | None) -> Vary | None:
        before = self.faults
        self.known_keys(entry, _VARY, prefix)
        kinds = [kind for kind in ("condition", "scenario", "aim") if kind in entry]
        kinds += ["table"] if {"table", "cell"} & entry.keys() else []
        if len(kinds) != 1:
            what = "nothing" if not kinds else " and ".join(kinds)
            remedy = "Name one of: table (or cell), condition, scenario, aim."
            self.error("what-varies", prefix.rstrip("."), f"it names {what} to vary.", remedy)
            return None
        name = self.text(entry.get("name"), f"{prefix}name")
        if kinds == ["condition"]:
            return self.condition(entry, prefix, name, before)
        if kinds == ["scenario"]:
            return self.scenarios(entry, prefix, name, before)
        if kinds == ["aim"]:
            return self.aim(entry, prefix, name, design, before)
        return self.cells(entry, prefix, name, design, scenario, before)

    def condition(self, entry: Mapping[str, Any], prefix: str, name: str, before: int) -> Vary | None:
        condition = self.text(entry["condition"], f"{prefix}condition")
        known = [row["condition"] for row in self.instance.rows("conditions")]
        if condition not in known:
            message = f"the instance has no condition {condition!r}."
            self.error(
                "unknown-condition", f"{prefix}condition", message, f"Correct the name.{did_you_mean(condition, known)}"
            )
        values = entry.get("values", [True, False])
        if not isinstance(values, list) or not values or not all(isinstance(value, bool) for value in values):
            self.error(
                "condition-values", f"{prefix}values", "a condition is true or false.", "Write values = [true, false]."
            )
        if self.faults > before:
            return None
        return Vary(name or condition, "condition", condition, values=tuple(dict.fromkeys(values)))

    def scenarios(self, entry: Mapping[str, Any], prefix: str, name: str, before: int) -> Vary | None:
        given = entry["scenario"]
        values = self.instance.scenarios if given is True else given if isinstance(given, list) else [given]
        if given is True and not values:
            self.error(
                "unknown-scenario", f"{prefix}scenario", "the instance has no scenarios.", "Vary something else."
            )
        if not values:
            self.error("no-values", f"{prefix}scenario", "the list of scenarios is empty.", "Name some, or write true.")
        checked = [self.scenario(value, f"{prefix}scenario") or "" for value in values]
        if self.faults > before:
            return None
        return Vary(name or "scenario", "scenario", values=tuple(dict.fromkeys(checked)))

    def aim(self, entry: Mapping[str, Any], prefix: str, name: str, design: str, before: int) -> Vary | None:
        aim = self.text(entry["aim"], f"{prefix}aim")
        known = [stated.name for stated in self.instance.header.aims]
        if aim not in known:
            remedy = f"Its aims: {', '.join(known)}.{did_you_mean(aim, known)}"
            self.error("unknown-aim", f"{prefix}aim", f"the instance has no aim {aim!r}.", remedy)
        column = self.choice(entry.get("column", "weight"), _AIM_COLUMNS, f"{prefix}column", "column")
        vary = Vary(name or f"{aim} {column}", "aim", aim, column=column, whole=column == "priority")
        vary = self.with_values(vary, entry, prefix, design)
        if self.faults == before:
            self.fitting(vary, None, f"{prefix}values")
        return None if self.faults > before else vary

    def cells(
        self, entry: Mapping[str, Any], prefix: str, name: str, design: str, scenario: str | None, before: int
    ) -> Vary | None:
        table, key, column = (self.text(entry.get(word), f"{prefix}{word}") for word in ("table", "key", "column"))
        if "cell" in entry:
            table, key, column = split_outcome(self.text(entry["cell"], f"{prefix}cell"))
            if {"table", "key", "column", "where"} & entry.keys():
                self.error("what-varies", prefix.rstrip("."), "it names a cell and a table.", "Keep one of them.")
        known = list(self.instance.tables)
        if table not in TABLES or table not in known:
            what = "the instance has no" if table in TABLES else "there is no"
            self.error(
                "unknown-table",
                f"{prefix}table",
                f"{what} table {shown(table)}.",
                f"Correct the name.{did_you_mean(table, known)}",
            )
            return None
        columns = set(TABLES[table].by_name) - set(TABLES[table].key)
        if column not in columns:
            if column in TABLES[table].key:
                self.error(
                    "key-column",
                    f"{prefix}column",
                    f"{column!r} is the key of {table}, which cannot vary.",
                    "Vary another column.",
                )
            else:
                remedy = f"Correct the name.{did_you_mean(column, columns)}"
                self.error("unknown-column", f"{prefix}column", f"{table} has no column {column!r}.", remedy)
            return None
        attribute = TABLES[table].by_name[column]
        mode = self.choice(entry.get("mode", "value"), MODES, f"{prefix}mode", "mode")
        if mode != "value" and attribute.kind not in {"number", "integer", "period"}:
            self.error(
                "mode", f"{prefix}mode", f"{column} holds no numbers: it takes no {mode}.", 'Use mode = "value".'
            )
        rows = scenario_tables(self.instance, scenario).rows(table)
        keys = self.rows_of(table, key, entry.get("where"), rows, prefix)
        if mode != "value" and keys:
            numbers = {row_key(table, row): row[column] for row in rows}
            if all(numbers[one] is None for one in keys):
                remedy = 'Fill the cells in, or use mode = "value".'
                self.error(
                    "blank-cells", f"{prefix}mode", f"all these cells are blank: nothing to take a {mode} of.", remedy
                )
        whole = mode != "factor" and attribute.kind in {"integer", "period"}
        vary = Vary(name or f"{table}.{key or '*'}.{column}", "cells", table, tuple(keys), column, mode, whole=whole)  # type: ignore[arg-type]
        vary = self.with_values(vary, entry, prefix, design)
        if self.faults > before:
            return None
        self.fitting(vary, scenario, f"{prefix}values")
        return None if self.faults > before else vary

    def rows_of(self, table: str, key: str, where: object, rows: Sequence[Row], prefix: str) -> list[str]:
        """The keys of the rows that a key, or selectors on the table's columns, choose."""
        keys = [row_key(table, row) for row in rows]
        if key and where is not None:
            self.error("what-varies", prefix.rstrip("."), "it has a key and a selection of rows.", "Keep one of them.")
        if key:
            if key in keys:
                return [key]
            remedy = f"Correct the key ({'/'.join(TABLES[table].key)}).{did_you_mean(key, keys)}"
            self.error("unknown-row", f"{prefix}key", f"{table} has no row {key!r}.", remedy)
            return []
        if where is not None and not isinstance(where, Mapping):
            self.error(
                "where",
                f"{prefix}where",
                "the selection is not a table of selectors.",
                'Write where = { nation = "FRA;DEU" }.',
            )
            return []
        chosen = [True] * len(rows)
        known = [*TABLES[table].by_name, *(("group",) if "nation" in TABLES[table].by_name else ())]
        for column, selector in (where or {}).items():
            if column not in known:
                remedy = f"Use one of its columns.{did_you_mean(str(column), known)}"
                self.error(
                    "unknown-selector",
                    f"{prefix}where.{column}",
                    f"{table} has no column {column!r} to select by.",
                    remedy,
                )
                return []
            for place, matches in enumerate(self.matching(table, column, selector, rows, f"{prefix}where.{column}")):
                chosen[place] = chosen[place] and matches
        found = [one for one, matches in zip(keys, chosen, strict=True) if matches]
        if not found:
            self.error("empty-selection", f"{prefix}where", f"no row of {table} is selected.", "Widen the selection.")
        return found

    def matching(self, table: str, column: str, selector: object, rows: Sequence[Row], key: str) -> list[bool]:
        """Whether each row is selected by one selector."""
        text = ";".join(map(str, selector)) if isinstance(selector, (list, tuple)) else str(selector)
        parsed = parse_selector(text)
        if column == "group" and column not in TABLES[table].by_name:
            groups: dict[str, set[str]] = {}
            for row in self.instance.rows("groups"):
                groups.setdefault(row["nation"], set()).add(row["group"])
            values: list[Iterable[str]] = [groups.get(str(row["nation"]), set()) for row in rows]
            self.known_words(parsed.included | parsed.excluded, {g for named in groups.values() for g in named}, key)
            return [parsed.matches_tags(value) for value in values]
        kind = TABLES[table].by_name[column].kind
        if kind in {"list", "selector"}:
            return [parsed.matches_tags(split_words(str(row[column] or ""))) for row in rows]
        texts = [None if row[column] is None else str(row[column]) for row in rows]
        if kind != "number":
            self.known_words(parsed.included | parsed.excluded, {text for text in texts if text}, key)
        return [parsed.matches(text) for text in texts]

    def known_words(self, words: Iterable[str], known: set[str], key: str) -> None:
        for word in sorted(set(words) - known):
            remedy = f"Correct it.{did_you_mean(word, known)}"
            self.error("unknown-selection", key, f"no row has {word!r} there.", remedy)

    def with_values(self, vary: Vary, entry: Mapping[str, Any], prefix: str, design: str) -> Vary:
        """The values of something that varies: a list, or numbers between low and high."""
        values, steps = entry.get("values"), entry.get("steps")
        low, high = (self.number(entry.get(word), f"{prefix}{word}") for word in ("low", "high"))
        if design == "rows":
            return vary
        if values is not None:
            if {"low", "high", "steps"} & entry.keys():
                self.error(
                    "values", f"{prefix}values", "there are values, and low, high or steps.", "Keep one of the two."
                )
            if not isinstance(values, list) or not values or any(isinstance(one, (list, Mapping)) for one in values):
                self.error(
                    "values",
                    f"{prefix}values",
                    "the values are not a list, or an empty one.",
                    "Write values = [1, 2, 3].",
                )
                return vary
            if len({str(value) for value in values}) < len(values) and f"{prefix}values" not in self.refused:
                self.error("duplicate-value", f"{prefix}values", "a value is there twice.", "Remove one of them.")
            if design in SAMPLED:
                message = f"the design {design} draws numbers; it takes no list of values."
                self.error("values", f"{prefix}values", message, "Give low and high.")
            return replace(vary, values=tuple(values))
        if low is None or high is None:
            if not any((finding.column or "").startswith(prefix) for finding in self.findings):
                self.error(
                    "no-values",
                    prefix.rstrip("."),
                    "nothing says between what it varies.",
                    "Give values, or low and high.",
                )
            return vary
        if low >= high:
            self.error(
                "low-high", f"{prefix}low", f"low ({low:g}) is not below high ({high:g}).", "Swap or correct them."
            )
            return vary
        vary = replace(vary, low=low, high=high)
        if design in SAMPLED:
            return vary
        number = self.whole(steps, f"{prefix}steps", 2, 2)
        spread = [float(f"{low + (high - low) * place / (number - 1):.10g}") for place in range(number)]
        return replace(vary, values=tuple(dict.fromkeys(round(value) if vary.whole else value for value in spread)))

    def fitting(self, vary: Vary, scenario: str | None, key: str) -> None:
        """That every value (or low and high) fits every cell, and names what is there."""
        ends = [value for value in (vary.low, vary.high) if value is not None]
        for value in vary.values or ends:
            # Between low and high whole numbers are drawn; what a list says must be whole itself.
            rounded = round(value) if vary.whole and not vary.values and isinstance(value, float) else value
            fault = misfit(vary, rounded, self.instance, scenario)
            for code, message, remedy in [fault] if fault else strangers(vary, rounded, self.instance):
                self.error(code, key, message, remedy)

    # the rest -----------------------------------------------------------------------------------------------------

    def keep(self, given: object) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(outcome, str) for outcome in given):
            self.error("keep", "keep", "what is kept is not a list of texts.", 'Write keep = ["nations.FRA.cost"].')
            return ()
        return tuple(dict.fromkeys(outcome for outcome in given if self.is_outcome(outcome)))

    def is_outcome(self, outcome: str) -> bool:
        table, key, column = split_outcome(outcome)
        if not key:
            self.error(
                "outcome", "keep", f"{outcome!r} is not TABLE.KEY.COLUMN.", "Write, for example, nations.FRA.cost."
            )
        elif table not in COLUMNS:
            remedy = f"Tables: {', '.join(COLUMNS)}.{did_you_mean(table, COLUMNS)}"
            self.error("outcome-table", "keep", f"a plan has no table {table!r}.", remedy)
        elif column not in COLUMNS[table]:
            remedy = f"Columns: {', '.join(COLUMNS[table])}.{did_you_mean(column, COLUMNS[table])}"
            self.error("outcome-column", "keep", f"the table {table} of a plan has no column {column!r}.", remedy)
        else:
            return self.is_key(outcome, table, key)
        return False

    def is_key(self, outcome: str, table: str, key: str) -> bool:
        """Whether every part of the key is a name of the instance (which of them make a row is not known before there is a plan)."""
        forms = [KEYS[table], *([(*KEYS[table], "period")] if "period" in COLUMNS[table] else [])]
        if key == EVERY or any(_fits(key, [self.names_of(part) for part in form]) for form in forms):
            return True
        words = key.split("/")
        for part, word in next((zip(form, words, strict=True) for form in forms if len(form) == len(words)), ()):
            known = self.names_of(part)
            if known is not None and word not in known:
                message = f"{outcome!r}: there is no {part} {word!r}."
                self.error("outcome-key", "keep", message, f"Correct it.{did_you_mean(word, known)}")
                return False
        parts = " or ".join("/".join(form) for form in forms)
        self.error("outcome-key", "keep", f"{outcome!r}: {key!r} is no key of {table}.", f"Write {parts}, or *.")
        return False

    def names_of(self, part: str) -> set[str] | None:
        """The names that may stand in a part of a key; None where they are made by the plan."""
        if part == "period":
            return {str(period) for period in range(1, self.instance.header.periods + 1)}
        home = "areas" if part == "destination_area" else f"{part}s"
        if part == "limit" or home not in self.instance.tables:
            return None
        column = home[:-1]
        return {str(row[column]) for row in self.instance.rows(home)}

    def rows(self, file: object, design: str, vary: Sequence[Vary], scenario: str | None) -> Sequence[Run]:
        """Name and inputs of every run of the design `rows`."""
        if design != "rows":
            if file is not None:
                message = "the design is not `rows`: it takes no file."
                self.error("design-file", "design.file", message, 'Remove it, or use kind = "rows".')
            return ()
        if not isinstance(file, str) or not file:
            self.error("design-file", "design.file", "the design `rows` needs a CSV file.", 'Write file = "runs.csv".')
            return ()
        if self.findings:
            # Columns of inputs that are wrong themselves would be found missing.
            return ()
        runs, notes = read_rows(self.folder, file, vary, self.instance, scenario)
        self.findings += notes.all()
        return runs

    def whole_study(self, study: Study, design: Mapping[str, Any]) -> None:
        """What only the whole can tell."""
        if study.design in SAMPLED:
            if not study.size and "size" not in design:
                self.error(
                    "no-size", "design.size", f"the design {study.design} needs a size.", "Give the number of samples."
                )
            if study.design == "sobol" and study.size & (study.size - 1):
                self.error("sobol-size", "design.size", f"{study.size} is no power of two.", "Use 64, 128, 256 …")
            for vary in study.vary:
                if vary.kind in {"condition", "scenario"} or (vary.low is None and not self.findings):
                    message = f"the design {study.design} draws numbers; {vary.name!r} has none."
                    self.error("design-values", "design.kind", message, "Use one_at_a_time or grid.")
            if study.design in BY_SALIB and find_spec("SALib") is None:
                message = f"the design {study.design} needs SALib, which is not installed."
                self.error("no-salib", "design.kind", message, "In the project's folder: pip install '.[studies]'.")
            if study.design == "morris" and study.levels % 2:
                self.error("morris-levels", "design.levels", "the number of levels is not even.", "Use 4, 6 or 8.")
        elif "size" in design or "levels" in design:
            self.error(
                "no-size-here", "design.size", f"the design {study.design} takes no size and no levels.", "Remove them."
            )
        if study.design == "rows" and not study.rows and not self.findings:
            self.error("no-runs", "design.file", "the file has no rows.", "Add a row per run.")
        if not study.vary and not self.findings:
            self.error("nothing-varies", "vary", "nothing varies.", "Add [[vary]] with what varies.")
        if not self.findings and count_runs(study) > MOST_RUNS:
            message = f"the design has {count_runs(study):,} runs, more than {MOST_RUNS:,}."
            self.error("too-many-runs", "design", message, "Use fewer values, or a sampled design.")
