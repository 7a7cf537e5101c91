"""What the manual takes from the code: formulas in docstrings, and pages generated from tables, commands and names.

A page says `<!-- generated: NAME -->` where generated text belongs; it is replaced when the page is read, so nothing can drift.
Formulas become MathML, which browsers show without any script or network.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from docutils.utils.math.latex2mathml import tex2mathml

if TYPE_CHECKING:
    import click
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

_BIG = re.compile(r"\\[bB]igg?[lr]?(?=\W)")
"""Sizes of brackets: MathML stretches brackets by itself."""
_PIECES = re.compile(r"(?P<block>\$\$.+?\$\$)|(?P<inline>\$[^$]+\$)|(?P<code>(?<![`:\\])`[^`]+`(?!`))", re.DOTALL)
_PLACE = re.compile(r"<!-- generated: ([a-z-]+) -->")


# formulas ------------------------------------------------------------------------------------------------------------


def mathml(formula: str, *, block: bool) -> str:
    """A formula in LaTeX as MathML."""
    return str(tex2mathml(_BIG.sub("", " ".join(formula.split())), as_block=block))


def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula inside a sentence."""
    from docutils import nodes

    writer.body.append(f'<span class="math notranslate">{mathml(node.astext(), block=False)}</span>')
    raise nodes.SkipNode


def visit_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands alone."""
    from docutils import nodes

    writer.body.append(f'<div class="math notranslate">{mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings are plain text with `code` and $formulas$; Sphinx wants its own marks for them."""
    text = "\n".join(lines)
    written, end = [], 0
    for piece in _PIECES.finditer(text):
        written.append(_plain(text[end : piece.start()]))
        tail = "\\ " if text[piece.end() : piece.end() + 1].isalnum() else ""
        body = piece.group().strip("$`")
        if piece["block"]:
            indented = "\n".join(f"   {line.strip()}" for line in body.strip().splitlines())
            written.append(f"\n\n.. math::\n\n{indented}\n\n")
        elif piece["inline"]:
            written.append(f":math:`{' '.join(body.split())}`{tail}")
        else:
            written.append(f"``{body}``{tail}")
        end = piece.end()
    written.append(_plain(text[end:]))
    lines[:] = "".join(written).splitlines()


def _plain(text: str) -> str:
    return re.sub(r"(?<=\w)_(?=\W|$)", r"\\_", re.sub(r"([|\\])", r"\\\1", text))


# generated text ------------------------------------------------------------------------------------------------------


def read(app: Sphinx, name: str, source: list[str]) -> None:
    """Fill in what is generated, just before a page is read; the blank line that ends an example for doctest is not shown."""
    source[0] = _PLACE.sub(lambda place: GENERATED[place[1]](), source[0]).replace("\n\n```\n", "\n```\n")


def input_tables() -> str:
    """Header and input tables, from the attribute tables."""
    from optimizer.instance.schema import schema_markdown

    return schema_markdown()


def commands() -> str:
    """Every command, from click."""
    import click

    from optimizer.cli.app import forcegen

    parts = []
    with click.Context(forcegen, info_name="forcegen", help_option_names=["-h", "--help"]) as whole:
        for name in forcegen.list_commands(whole):
            command = forcegen.commands[name]
            with click.Context(command, info_name=name, parent=whole) as context:
                parts.append(_command(command, context))
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## {context.info_name}", "", "```text", f"{context.command_path} {usage}", "```", ""]
    lines += [inspect.cleandoc(command.help or ""), "", "| option | what it does |", "|---|---|"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            lines.append("| `{}` | {} |".format(*(part.replace("|", "\\|") for part in record)))
    return "\n".join([*lines, ""])


def plan_tables() -> str:
    """The tables of a plan and their columns."""
    from optimizer.plan.frames import PLAN_TABLES

    kinds = {"text": "", "whole": "whole number", "number": "number", "truth": "true / false"}
    lines = ["| file | what a row says | columns |", "|---|---|---|"]
    for name, table in PLAN_TABLES.items():
        listed = ", ".join(
            f"`{column}`" + (f" ({kinds[kind]})" if kinds[kind] else "") for column, kind in table.columns.items()
        )
        lines.append(f"| `{name}.csv` | {table.about} | {listed} |")
    return "\n".join(lines)


def plan_columns() -> str:
    """What each column of a plan's tables says, from the register of reports."""
    from optimizer.plan.frames import PLAN_TABLES
    from optimizer.reporting.columns import about_column

    columns = sorted({column for table in PLAN_TABLES.values() for column in table.columns})
    return "\n".join(
        ["| column | what it says |", "|---|---|", *(f"| `{one}` | {about_column(one)} |" for one in columns)]
    )


def terminations() -> str:
    """How a search can end."""
    from optimizer.cli.codes import code_of
    from optimizer.reporting.words import TERMINATION

    lines = ["| termination | a plan? | exit code | in words |", "|---|---|---|---|"]
    for (name, has_plan), words in TERMINATION.items():
        lines.append(f"| `{name}` | {'yes' if has_plan else 'no'} | {code_of(name, has_plan)} | {words} |")
    return "\n".join(lines)


def broken_rules() -> str:
    """Every name that a broken rule can have."""
    from optimizer.plan.rules import BREACHES

    return "\n".join(
        [
            "| name | what is wrong |",
            "|---|---|",
            *(f"| `{name}` | {breach.meaning} |" for name, breach in BREACHES.items()),
        ]
    )


def aims() -> str:
    """The aims with their units and directions."""
    from optimizer.reporting.words import AIMS

    lines = ["| aim | what it is | unit | direction |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| `{name}` | {title} | {unit} | {way} |" for name, (title, unit, way) in AIMS.items())]
    )


def glossary() -> str:
    """The planner's words."""
    from optimizer.reporting.words import GLOSSARY

    return "\n".join(f"{word}\n: {meaning}\n" for word, meaning in GLOSSARY)


def public_names() -> str:
    """Every public name."""
    import optimizer

    lines = ["```{eval-rst}", ".. module:: optimizer", ""]
    for name in optimizer.__all__:
        value = getattr(optimizer, name)
        if isinstance(value, type):
            lines += [f".. autoclass:: optimizer.{name}", "   :members:", ""]
        elif callable(value):
            lines += [f".. autofunction:: optimizer.{name}", ""]
        else:
            lines += [f".. autodata:: {optimizer._HOMES[name]}.{name}", "   :no-value:", ""]
    return "\n".join([*lines, "```"])


GENERATED: dict[str, Callable[[], str]] = {
    "aims": aims,
    "broken-rules": broken_rules,
    "commands": commands,
    "glossary": glossary,
    "input-tables": input_tables,
    "library": public_names,
    "plan-tables": plan_tables,
    "plan-columns": plan_columns,
    "terminations": terminations,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("autodoc-process-docstring", docstring, priority=100)
    app.connect("source-read", read, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
