"""`make mutants PART=…`: faults are planted one by one, and a test must notice each, or the list says why none can.

Works in a copy under build/mutants, one per part: a run that was stopped goes on there, and only functions that changed are tried again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("optimizer", "tests", "instances", "docs", "benchmarks", "pyproject.toml", "README.md", "CHANGELOG.md")
TESTS = {
    "optimizer/plan/rules": [
        "tests/plan/test_rules.py",
        "tests/plan/test_limits_counted.py",
        "tests/plan/test_fulfilment.py",
    ],
    "optimizer/plan/verify.py": ["tests/plan/test_rules.py", "tests/plan/test_plan.py"],
    "optimizer/instance/check": ["tests/instance"],
    "optimizer/model": ["tests/model", "tests/exactness/test_oracle.py"],
}
"""Per part of the code the tests that hold it; of these each mutant is shown to those that walk through its function."""
PARTS = (
    "optimizer/plan/rules",
    "optimizer/plan/verify.py",
    "optimizer/instance/check",
    "optimizer/model/families/availability.py",
    "optimizer/model/families/units.py",
    "optimizer/model/families/coverage.py",
    "optimizer/model/families/participation.py",
    "optimizer/model/families/presence.py",
)
"""What is mutated where no part is named."""
NOT_NOTICED = ("survived", "no tests", "suspicious")


def main(parts: list[str]) -> int:
    """The number of mutants that no test notices and that are not listed as equivalent, over all parts; at most 100."""
    known = equivalents()
    left = sum(run(part, known) for part in parts or PARTS)
    return min(left, 100)


def equivalents() -> set[tuple[str, str, str]]:
    """Function, line before and line after of the mutants that change nothing, from equivalent.toml; each has a reason."""
    listed = tomllib.loads((ROOT / "tests/mutants/equivalent.toml").read_text(encoding="utf-8")).get("equivalent", [])
    for one in listed:
        if not one["reason"].strip():
            raise ValueError(f"{one['function']}: a mutant is listed as equivalent without a reason.")
    return {(one["function"], one["before"].strip(), one["after"].strip()) for one in listed}


def run(part: str, known: set[tuple[str, str, str]]) -> int:
    """Mutate one part and show what no test noticed; how many of these are not listed."""
    tests = next((tests for prefix, tests in TESTS.items() if part.startswith(prefix)), None)
    if tests is None:
        raise SystemExit(f"No tests are named for {part!r}. Parts: {', '.join(TESTS)}.")
    place = ROOT / "build" / "mutants" / part.replace("/", "-")
    copy_to(place)
    pattern = part if part.endswith(".py") else f"{part}/*" if (ROOT / part).is_dir() else f"{part}*"
    settings = f"""
[tool.mutmut]
source_paths = ["optimizer"]
only_mutate = ["{pattern}"]
also_copy = {[name for name in COPIED if name not in ("optimizer", "tests")]}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cov", "-p", "no:cacheprovider", "-m", "not slow"]
process_isolation = "forkserver"
"""
    with (place / "pyproject.toml").open("a", encoding="utf-8") as stream:
        stream.write(settings)
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run", "--max-children", "2"], cwd=place, check=True)
    results = subprocess.run([*mutmut, "results"], cwd=place, check=True, capture_output=True, text=True).stdout
    left = 0
    for name, state in re.findall(r"^\s*(\S+): (.+?)\s*$", results, re.MULTILINE):
        if state in NOT_NOTICED:
            shown = subprocess.run([*mutmut, "show", name], cwd=place, capture_output=True, text=True).stdout
            if what_changed(name, shown) not in known:
                left += 1
                print(f"{state}: {name}\n{shown}")  # noqa: T201
    print(f"{part}: {left} mutants that no test notices are not listed in tests/mutants/equivalent.toml.")  # noqa: T201
    return left


def copy_to(place: Path) -> None:
    """Bring the copy up to date; files that are the same keep their times, so that what was tried stays tried."""
    place.mkdir(parents=True, exist_ok=True)
    ignored = shutil.ignore_patterns("__pycache__", "_build", "mutants")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy2(source, place / name)


def what_changed(name: str, diff: str) -> tuple[str, str, str]:
    """The function of a mutant, and its changed lines before and after, whatever its number is."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    function = re.sub(r"__mutmut_\d+$", "", name)
    return re.sub(r"\.x_?(?=[^.]+$)", ".", function), before, after


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
