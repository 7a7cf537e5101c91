"""Exit codes: what a script can rely on."""

from typing import Final

DONE: Final = 0
INTERNAL: Final = 1
USAGE: Final = 2
INVALID: Final = 3
INFEASIBLE: Final = 4
STOPPED_WITH_PLAN: Final = 5
STOPPED_WITHOUT_PLAN: Final = 6
INTERRUPTED: Final = 130


def code_of(termination: str, has_plan: bool) -> int:
    """The exit code for how a search ended."""
    if termination == "optimal":
        return DONE
    if termination == "infeasible":
        return INFEASIBLE
    if termination == "interrupted":
        return INTERRUPTED
    return STOPPED_WITH_PLAN if has_plan else STOPPED_WITHOUT_PLAN
