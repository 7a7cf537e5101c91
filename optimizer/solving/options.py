"""What may be asked of a solve, checked: Pyomo's interfaces to HiGHS ignore a misspelt option silently."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

OptionValue = bool | int | float | str


class UnknownOption(ValueError):  # noqa: N818  (read aloud: "unknown option")
    """An option that does not exist, or a value that it cannot take."""


@dataclass(frozen=True)
class SolveOptions:
    """The knobs of a solve.

    Attributes:
        time_limit: wall-clock seconds for all levels together; None = no limit.
        gap: relative gap at which a level counts as optimal.
        seed: random seed of the solver; the same seed, model and one thread give the same run (limits by time aside).
        threads: threads of the solver; 0 leaves the number to HiGHS.
        presolve: off only to look for trouble: a crash or a claimed infeasibility is retried without it anyway.
        log_file: where the solver's log is written; None = a temporary file. The text comes back in the solution.
        improve: look for better plans in a second process while HiGHS proves (only where HiGHS does not finish at once).
        highs: further options of HiGHS by name, handed over as they are (after a check of name and type).
    """

    time_limit: float | None = None
    gap: float = 1e-6
    seed: int = 0
    threads: int = 1
    presolve: bool = True
    improve: bool = True
    log_file: Path | None = None
    highs: Mapping[str, OptionValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            UnknownOption: with the name, what was given and what is possible.
        """
        if self.time_limit is not None:
            right = _number(self.time_limit) and self.time_limit > 0
            _check("time_limit", self.time_limit, "a positive number of seconds", right)
        _check("gap", self.gap, "a number from 0 on", _number(self.gap) and self.gap >= 0)
        _check("seed", self.seed, "a whole number from 0 to 2147483647", _whole(self.seed) and 0 <= self.seed < 2**31)
        _check("threads", self.threads, "a whole number from 0 on", _whole(self.threads) and self.threads >= 0)
        named = isinstance(self.highs, Mapping) and all(isinstance(name, str) for name in self.highs)
        _check("highs", self.highs, "options of HiGHS with their values, by name", named)
        # A mapping of any kind is given; what goes to another process must be a plain one.
        object.__setattr__(self, "highs", dict(self.highs))
        if self.highs:
            check_highs_options(self.highs)


def make_options(given: Mapping[str, object]) -> SolveOptions:
    """Options from names and values, as they come from a command line or a file.

    Raises:
        UnknownOption: for a name that is not a field of `SolveOptions`, with the nearest one.
    """
    known = [option.name for option in fields(SolveOptions)]
    for name in given:
        if name not in known:
            raise UnknownOption(f"unknown option {name!r}{did_you_mean(name, known)}")
    return SolveOptions(**given)  # type: ignore[arg-type]


def check_highs_options(options: Mapping[str, OptionValue]) -> None:
    """See that HiGHS has these options and takes these values.

    Raises:
        UnknownOption: for an unknown name (with the nearest), or a refused value.
    """
    # Not before it is needed: whoever only names options does not load HiGHS.
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    known = [name for name in dir(solver.getOptions()) if not name.startswith("_")]
    for name, value in options.items():
        if solver.getOptionType(name)[0] != highspy.HighsStatus.kOk:
            raise UnknownOption(f"HiGHS has no option {name!r}{did_you_mean(name, known)}")
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise UnknownOption(f"HiGHS refuses the value {value!r} for its option {name!r}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """'; did you mean …?' with the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check(name: str, value: object, wanted: str, right: bool) -> None:
    if not right:
        raise UnknownOption(f"option {name} is {value!r}, must be {wanted}")
