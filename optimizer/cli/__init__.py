"""The command line: parse, call the library, print; nothing else.

`main` answers a bare `--help` from a kept text, so that it costs hardly more than starting Python; everything else goes to click.
"""

from __future__ import annotations

import sys


def main(args: list[str] | None = None) -> int:
    """The entry point of `forcegen`. Returns the exit code, or leaves by SystemExit with it."""
    given = sys.argv[1:] if args is None else args
    _replace_closed_streams()
    if given in (["--help"], ["-h"]) and not _is_narrow():
        from optimizer.cli.kept_help import HELP

        try:
            sys.stdout.write(HELP)
            sys.stdout.flush()
        except OSError:
            return _close_stdout()
        return 0
    _leave_out_the_current_folder()
    from optimizer.interrupts import listening

    try:
        with listening(whole_process=True):
            from optimizer.cli.app import forcegen

            return forcegen.main(args=given, prog_name="forcegen")
    except KeyboardInterrupt:  # while modules were loaded, or while the end was reported
        return 130


def _replace_closed_streams() -> None:
    """Where a shell has closed stdin, stdout or stderr (`>&-`), nothing is read or written there, and no other file takes its number."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    import os

    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w" if number else "r", encoding="utf-8")  # noqa: SIM115, PTH123  (until the end)
            os.dup2(stream.fileno(), number)
            setattr(sys, name, stream)


def _leave_out_the_current_folder() -> None:
    """Import nothing from the current folder, even where PYTHONPATH leads there: it holds the user's files, of any name."""
    import os

    try:
        here = os.path.realpath(os.curdir)
    except OSError:  # it was removed
        here = ""
    sys.path[:] = [path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) != here]  # noqa: PTH117


def _is_narrow() -> bool:
    """Whether the kept text, laid out for 80 columns, does not fit the terminal."""
    import os

    try:
        return os.isatty(1) and os.get_terminal_size(1).columns < 80
    except OSError:
        return False


def _close_stdout() -> int:
    """Close the stream that cannot be written, so that Python does not complain about it on the way out."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
