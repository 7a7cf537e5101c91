"""The group of commands, and what happens when one of them fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import click

from optimizer.cli import codes


class Forcegen(click.Group):
    """A group whose commands return exit codes, and whose failures become messages and exit codes."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run a command and leave with its exit code; no traceback ever reaches the screen."""
        given = list(sys.argv[1:] if args is None else args)
        _write_whatever_the_encoding()
        try:
            extra["standalone_mode"] = False
            result = super().main(args=given, prog_name=prog_name or "forcegen", **extra)
            code = result if isinstance(result, int) else codes.DONE
            sys.stdout.flush()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else codes.DONE
        except BaseException as error:  # the last net: message or crash report
            from optimizer.cli.failures import report_error

            code = report_error(error, given)
        sys.exit(code)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Commands in the order in which a planner meets them."""
        return list(self.commands)


def _write_whatever_the_encoding() -> None:
    """A terminal that lacks a character gets its code instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (getattr(stream, "encoding", "") or "").lower().replace("-", "") != "utf8":
            reconfigure(errors="backslashreplace")


def _show_version(ctx: click.Context, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from optimizer.reporting.versions import version

        click.echo(f"forcegen {version()}")
        ctx.exit()


@click.group(
    cls=Forcegen,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 internal error; 2 wrong usage; 3 invalid input; 4 infeasible; 5 stopped by a limit, with a plan; "
    "6 stopped by a limit, without a plan; 130 interrupted.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda ctx, _, asked: _show_version(ctx, asked),
    help="Show the version.",
)
def forcegen() -> None:
    """Coalition force generation: who sends what, where and when, and what stays open.

    Start with `forcegen new DIR`, fill in the tables, then `forcegen check DIR` and `forcegen solve DIR`.
    """


def _collect() -> None:
    from optimizer.cli.alternatives import alternatives
    from optimizer.cli.board import board
    from optimizer.cli.check import check
    from optimizer.cli.compare import compare
    from optimizer.cli.completion import completion
    from optimizer.cli.concessions import concessions
    from optimizer.cli.doctor import doctor
    from optimizer.cli.explain import explain
    from optimizer.cli.frontier import frontier
    from optimizer.cli.hedge import hedge
    from optimizer.cli.manual import manual
    from optimizer.cli.prices import prices
    from optimizer.cli.report import report
    from optimizer.cli.robust import robust
    from optimizer.cli.rules import rules
    from optimizer.cli.scenarios import scenarios
    from optimizer.cli.solve import solve
    from optimizer.cli.sweep import sweep
    from optimizer.cli.tables import convert, generate, new, schema
    from optimizer.cli.verify import verify
    from optimizer.cli.withdraw import withdraw

    for command in (
        new,
        check,
        rules,
        solve,
        verify,
        explain,
        concessions,
        prices,
        scenarios,
        hedge,
        withdraw,
        sweep,
        frontier,
        alternatives,
        robust,
        compare,
        report,
        board,
        convert,
        schema,
        generate,
        doctor,
        manual,
        completion,
    ):
        forcegen.add_command(command)


_collect()
