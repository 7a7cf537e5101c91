"""Starting: help, versions, what is imported, how long it takes."""

import statistics
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

import optimizer
from optimizer.cli.app import forcegen
from optimizer.cli.kept_help import HELP

COMMANDS = (
    "new",
    "check",
    "rules",
    "solve",
    "verify",
    "explain",
    "concessions",
    "prices",
    "scenarios",
    "hedge",
    "withdraw",
    "sweep",
    "frontier",
    "alternatives",
    "robust",
    "compare",
    "report",
    "board",
    "convert",
    "schema",
    "generate",
    "doctor",
    "manual",
    "completion",
)
HEAVY = ("pandas", "numpy", "pyomo", "pydantic", "highspy", "scipy", "altair", "jinja2", "rich", "xlsxwriter")


def test_kept_help_is_the_help():
    """The text that answers `--help` at once is what click would lay out."""
    assert CliRunner().invoke(forcegen, ["--help"], terminal_width=80).output == HELP


def test_every_command_is_there():
    """The commands are listed in the order in which a planner meets them."""
    assert tuple(forcegen.commands) == COMMANDS


@pytest.mark.parametrize("args", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_loads_nothing_heavy(args, environment):
    """No help text pays for data frames, models, the solver or charts."""
    code = (
        "import sys\n"
        "from optimizer.cli import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as leaving:\n    code = leaving.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(code or ', '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_importing_the_package_loads_nothing_heavy(environment):
    """`import optimizer` costs nothing until a name is used."""
    code = f"import sys, optimizer; sys.exit(', '.join(name for name in {(*HEAVY, 'click', 'typing')!r} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_is_quick(environment):
    """`--help` takes at most three times as long as starting Python."""

    def seconds(*args):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *args], check=True, capture_output=True, env=environment)
        return time.perf_counter() - begun

    asked = ("-c", "from optimizer.cli import main; main(['--help'])")
    seconds(*asked)
    ratios = []
    for _ in range(5):
        pairs = [(seconds("-c", "pass"), seconds(*asked)) for _ in range(7)]
        ratios.append(statistics.median(b for _, b in pairs) / statistics.median(a for a, _ in pairs))
        if min(ratios) <= 3:
            return
    pytest.fail(f"--help takes {min(ratios):.1f} times as long as starting Python")


def test_public_names_exist():
    """Every public name can be used, and `dir` shows it."""
    for name in optimizer.__all__:
        assert getattr(optimizer, name) is not None
        assert name in dir(optimizer)


def test_public_names_are_typed_and_lazy_alike():
    """The names that type checkers see are those that are loaded."""
    assert sorted(optimizer._HOMES) == sorted(optimizer.__all__)


def test_unknown_public_name_is_an_attribute_error():
    """A misspelt name fails as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'slove'"):
        optimizer.slove  # noqa: B018


def test_version(run):
    """`--version` names the program."""
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("forcegen ")


def test_help_into_a_closed_pipe(environment):
    """A reader that goes away leaves no traceback."""
    for args in (["--help"], ["schema"]):
        child = subprocess.Popen(
            [sys.executable, "-m", "optimizer", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        child.stdout.close()
        assert child.stderr.read() == b""
        child.stderr.close()
        assert child.wait() in {0, 1}


@pytest.mark.parametrize(
    "args", [["solve"], ["nonsense"], ["solve", "x", "--gap", "2"], ["check", "a", "b"], ["--what"]], ids=" ".join
)
def test_wrong_usage(run, args):
    """Wrong usage gives exit code 2 and a hint on stderr."""
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: forcegen" in result.stderr
