"""The form of a study file: which keys there are, and what each takes. pydantic checks it; the words of the findings stand beside the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from optimizer.instance.cells import did_you_mean
from optimizer.studies.faults import Fault, Faults
from optimizer.studies.study import DESIGNS, MODES, MOST_RUNS, Design, Mode, Value
from optimizer.studies.values import shown

MOST_SEED: Final = 2**31 - 1
AIM_COLUMNS: Final = ("weight", "priority", "tolerance")


@dataclass(frozen=True)
class Takes:
    """What is reported where a key holds something else; `{value}` stands for what it holds."""

    code: str
    message: str
    remedy: str

    def fault(self, value: object, _bounds: Mapping[str, float]) -> Fault:
        """The fault of a value."""
        return self.code, self.message.replace("{value}", shown(value)), self.remedy


@dataclass(frozen=True)
class OneOf:
    """A word of a list."""

    what: str
    known: tuple[str, ...]

    def fault(self, value: object, _bounds: Mapping[str, float]) -> Fault:
        """The fault of a value, with the word that may be meant."""
        remedy = f"Use one of: {', '.join(self.known)}.{did_you_mean(str(value), self.known)}"
        return f"unknown-{self.what}", f"there is no {self.what} {shown(value)}.", remedy


@dataclass(frozen=True)
class Whole:
    """A whole number within the bounds of its field."""

    def fault(self, value: object, bounds: Mapping[str, float]) -> Fault:
        """The fault of a value."""
        return (
            "not-whole",
            f"{shown(value)} is not a whole number from {bounds['ge']} to {bounds['le']}.",
            "Correct it.",
        )


@dataclass(frozen=True)
class Number:
    """A number within the bounds of its field."""

    def fault(self, value: object, bounds: Mapping[str, float]) -> Fault:
        """The fault of a value: no number, or one out of range."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "not-a-number", f"{shown(value)} is not a number.", "Write a number, without quotation marks."
        words = (("gt", "above"), ("ge", "at least"), ("le", "at most"))
        allowed = " and ".join(f"{word} {bounds[key]:g}" for key, word in words if key in bounds)
        return "out-of-range", f"{value:g} must be {allowed}.", "Correct it."


_TEXT: Final = Takes("text", "{value} is not text.", "Put it in quotation marks.")
_FILE: Final = Takes("design-file", "{value} is not the name of a file.", 'Write file = "runs.csv".')
_LIST: Final = Takes("values", "the values are not a list, or an empty one.", "Write values = [1, 2, 3].")
_WHERE: Final = Takes("where", "the selection is not a table of selectors.", 'Write where = { nation = "FRA;DEU" }.')
_ANY_SCENARIO: Final = Takes(
    "text", "{value} is not text.", "Put it in quotation marks, or write true for all of them."
)
_KEEP: Final = Takes("keep", "what is kept is not a list of texts.", 'Write keep = ["nations.FRA.cost"].')
_VARY: Final = Takes(
    "section", "what varies is not a list.", "Write [[vary]] (two brackets) above each thing that varies."
)

Text = Annotated[Annotated[str, StringConstraints(strip_whitespace=True)] | None, _TEXT]
Span = Annotated[float | None, Number()]


def _section(name: str) -> Takes:
    remedy = f"Write [{name}] and below it one `key = value` per line."
    return Takes("section", f"{name!r} is not a section.", remedy)


class Form(BaseModel):
    """A part of a study file. Nothing is converted, and no other key may stand there."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    what: ClassVar[str] = ""


class DesignForm(Form):
    """`[design]`: how the inputs are combined to runs."""

    kind: Annotated[Design, OneOf("design", DESIGNS)] = "one_at_a_time"
    size: Annotated[int | None, Field(ge=1, le=MOST_RUNS), Whole()] = None
    seed: Annotated[int | None, Field(ge=0, le=MOST_SEED), Whole()] = None
    levels: Annotated[int | None, Field(ge=2, le=MOST_RUNS), Whole()] = None
    file: Annotated[str | None, _FILE] = None
    neighbours: Annotated[int | None, Field(ge=1, le=MOST_RUNS), Whole()] = None


class LimitsForm(Form):
    """`[limits]`: what each run may take."""

    time_limit: Annotated[float | None, Field(gt=0), Number()] = None
    first_time_limit: Annotated[float | None, Field(gt=0), Number()] = None
    gap: Annotated[float | None, Field(ge=0, le=1), Number()] = None
    seed: Annotated[int | None, Field(ge=0, le=MOST_SEED), Whole()] = None


class StudyForm(Form):
    """The whole file; each `[[vary]]` has a form of its own, by what it varies."""

    name: Text = None
    title: Text = None
    description: Text = None
    scenario: Text = None
    keep: Annotated[list[str], _KEEP] = []
    design: Annotated[DesignForm, _section("design")] = DesignForm()
    limits: Annotated[LimitsForm, _section("limits")] = LimitsForm()
    vary: Annotated[list[dict[str, Any]], _VARY] = []


class VaryForm(Form):
    """`[[vary]]`, whatever varies."""

    name: Text = None


class ConditionForm(VaryForm):
    """A condition, true and false."""

    what = "a condition"
    condition: Text = None
    values: Annotated[
        list[bool],
        Field(min_length=1),
        Takes("condition-values", "a condition is true or false.", "Write values = [true, false]."),
    ] = [True, False]


class ScenarioForm(VaryForm):
    """Scenarios: some, or all of them."""

    what = "a choice of scenarios"
    scenario: Annotated[Literal[True] | str | list[str], _ANY_SCENARIO] = True


class NumbersForm(VaryForm):
    """Values one by one, or numbers between low and high."""

    values: Annotated[list[Value] | None, Field(min_length=1), _LIST] = None
    low: Span = None
    high: Span = None
    steps: Annotated[int | None, Field(ge=2, le=MOST_RUNS), Whole()] = None


class AimForm(NumbersForm):
    """The weight, priority or tolerance of an aim."""

    what = "an aim"
    aim: Text = None
    column: Annotated[Literal["weight", "priority", "tolerance"], OneOf("column", AIM_COLUMNS)] = "weight"


class CellsForm(NumbersForm):
    """Cells of an input table: one (`cell`, or `table`, `key` and `column`), or those of the rows that `where` selects."""

    what = "a cell"
    table: Text = None
    key: Text = None
    column: Text = None
    cell: Text = None
    where: Annotated[dict[str, Value | list[Value]] | None, _WHERE] = None
    mode: Annotated[Mode, OneOf("mode", MODES)] = "value"


VARIES: Final[Mapping[str, type[VaryForm]]] = {
    "condition": ConditionForm,
    "scenario": ScenarioForm,
    "aim": AimForm,
    "table": CellsForm,
}
"""What may vary, by the key that names it."""

AnyForm = TypeVar("AnyForm", bound=Form)
Path = tuple[str, ...]


def filled(form: type[AnyForm], content: Mapping[str, Any], prefix: str, faults: Faults) -> tuple[AnyForm, set[str]]:
    """The content in its form, and the key paths that hold something wrong: each is reported, and left blank, so that the rest can be read."""
    try:
        return form.model_validate(content), set()
    except ValidationError as error:
        wrong = dict.fromkeys(
            _path(one["loc"], content) for one in error.errors(include_url=False, include_context=False)
        )
    for path in wrong:
        faults.error(_fault(form, path, content), prefix + ".".join(path))
        content = _without(content, path)
    return form.model_validate(content), {".".join(path) for path in wrong}


def _path(location: tuple[int | str, ...], content: Any) -> Path:
    """The key that an error of pydantic is about; what it adds about items and alternatives is left out."""
    path: list[str] = []
    for part in location:
        if not isinstance(content, Mapping) or part not in content:
            break
        path.append(str(part))
        content = content[part]
    return tuple(path)


def _fault(form: type[Form], path: Path, content: Mapping[str, Any]) -> Fault:
    """What is wrong with the value of a key."""
    field = form.model_fields.get(path[0])
    if field is None:
        return _unknown_key(form, path[0])
    value = content[path[0]]
    inner = field.annotation
    if len(path) > 1 and isinstance(inner, type) and issubclass(inner, Form):
        return _fault(inner, path[1:], value)
    bounds = {name: bound for name, bound in _bounds(field) if bound is not None}
    wording: Takes | OneOf | Whole | Number = next(
        one for one in field.metadata if isinstance(one, (Takes, OneOf, Whole, Number))
    )
    return wording.fault(value, bounds)


def _bounds(field: FieldInfo) -> Iterator[tuple[str, Any]]:
    for one in field.metadata:
        yield from ((name, getattr(one, name, None)) for name in ("gt", "ge", "le"))


def _unknown_key(form: type[Form], key: str) -> Fault:
    known = list(form.model_fields)
    if form.what and any(key in other.model_fields for other in VARIES.values()):
        return "unknown-key", f"{form.what} takes no key {shown(key)}.", f"Remove it. Keys: {', '.join(known)}."
    remedy = f"Rename or remove it.{did_you_mean(key, known)}"
    return "unknown-key", f"there is no key {shown(key)} here.", remedy


def stray_keys(entry: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    """The keys of a `[[vary]]` that no kind of input takes, where it is not known what varies."""
    known = dict.fromkeys(key for form in VARIES.values() for key in form.model_fields)
    for key in entry:
        if key not in known:
            remedy = f"Rename or remove it.{did_you_mean(key, known)}"
            yield key, ("unknown-key", f"there is no key {shown(key)} here.", remedy)


def _without(content: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The content without the value at a path."""
    rest = {key: value for key, value in content.items() if key != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: _without(content[path[0]], path[1:])}
