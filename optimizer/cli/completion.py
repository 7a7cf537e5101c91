"""`forcegen completion`."""

from __future__ import annotations

import click

from optimizer.cli import codes


@click.command(short_help="Print what completes commands in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that makes SHELL complete commands, options and files.

    For bash: `forcegen completion bash > ~/.local/share/bash-completion/completions/forcegen`; the next shell knows it.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise AssertionError("click knows these shells")
    click.echo(found(click.get_current_context().find_root().command, {}, "forcegen", "_FORCEGEN_COMPLETE").source())
    return codes.DONE
