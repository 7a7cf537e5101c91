"""`--jobs`: a number beyond the machine is brought down to it, and that is said."""

import click
import pytest
from click.testing import CliRunner

from optimizer.cli import jobs
from optimizer.cli.app import forcegen
from optimizer.cli.jobs import jobs_option


@pytest.mark.parametrize(
    ("machine", "asked", "granted"), [(1, 1, 1), (1, 2, 2), (1, 3, 2), (8, 8, 8), (8, 9, 8), (2, 10**9, 2)]
)
def test_a_machine_is_not_overwhelmed(monkeypatch, machine, asked, granted):
    """As many as there are processors, and two on the smallest machine; where less is granted, a line says so."""

    @click.command()
    @jobs_option(2, "Processes")
    def command(jobs):
        click.echo(f"working with {jobs}")

    monkeypatch.setattr(jobs, "processors", lambda: machine)
    result = CliRunner().invoke(command, ["--jobs", str(asked)])
    assert result.exit_code == 0
    assert result.stdout == f"working with {granted}\n"
    assert (f"--jobs {asked} becomes {granted}" in result.stderr) == (asked > granted)


@pytest.mark.parametrize("command", ["solve", "sweep", "scenarios"])
def test_every_command_that_takes_jobs_brings_them_down(command, monkeypatch, tmp_path):
    """The line is there before anything else is looked at; fewer than one is wrong usage."""
    monkeypatch.setattr(jobs, "processors", lambda: 4)
    more = [str(tmp_path / "none.toml")] if command == "sweep" else []
    result = CliRunner().invoke(forcegen, [command, str(tmp_path / "none"), *more, "--jobs", "1024"])
    assert "--jobs 1024 becomes 4" in result.stderr
    assert CliRunner().invoke(forcegen, [command, "x", *more, "--jobs", "0"]).exit_code == 2
