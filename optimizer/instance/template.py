"""An instance to start from: a small example with every table explained, or a copy of the tutorial."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean
from optimizer.instance.schema import header_markdown, schema_markdown
from optimizer.instance.writing import write_file, write_files

TEMPLATES: Final = ("small", "tutorial")

_GUIDE: Final = """\
# An instance to start from

This folder is a complete example with invented numbers. It checks clean and can be solved as it is:

    forcegen check {folder}
    forcegen solve {folder} --out {folder}-plan

## From the example to your own question

1. `instance.toml`: title, number and length of the periods.
2. `nations.csv`, `unit_types.csv`: who takes part, and what kinds of units there are.
3. `capabilities.csv`, `yields.csv`: what can be asked for, and how much of it one unit delivers per period.
4. `missions.csv`, `areas.csv`, `requirements.csv`: what is needed where. Below `threshold` a post is not manned; `target` is what is wanted.
   `continuity` in `missions.csv` and `min_stay` in `posts.csv` say how long a post stays once it is there; without them a plan may close it and open it again.
5. `pledges.csv`: what the nations offer; `committed`: how many of these units stand there already, and serve in every period.
6. `caveats.csv`, `limits.csv`, `conditions.csv`, `scenarios.csv`: the restrictions. Remove a file that you do not need: without it, its rules are off.
7. `forcegen check {folder}` after each step. It names file, row and column of whatever does not fit, and what to do.

Every file is CSV in UTF-8, with commas; each column of a file is explained below, and an empty cell means what stands under *if blank*.
In a spreadsheet, it is easier to work with one workbook: `forcegen convert {folder} {folder}.xlsx` makes it, with drop-downs, and every
command takes the workbook in place of the folder. `forcegen new NAME.xlsx` makes one with every table there is.

Selections (columns that pick nations, missions, areas …): blank is any; `A;B` is A or B; `!A` is all but A.
The columns `source` and `note` are for you; they travel to the report. Write `assumed` where a number has no source.

# The tables in this folder

"""


class UnknownTemplate(ValueError):  # noqa: N818 - the name says what is wrong
    """No template of that name."""


def write_template(directory: str | Path, template: str = "small") -> Path:
    """Write a new folder with an instance to start from (where the name ends in `.xlsx`, a workbook with all tables there are); gives its path.

    Raises:
        UnknownTemplate: there is no template of that name.
        OSError: nothing was written (no space, no permission, the folder is there already and holds something).
    """
    if template not in TEMPLATES:
        known = ", ".join(TEMPLATES)
        raise UnknownTemplate(
            f"There is no template {template!r}.{did_you_mean(template, TEMPLATES)} Templates: {known}."
        )
    folder = Path(directory)
    source = files("optimizer.instance") / "templates" / template
    contents = {item.name: item.read_bytes() for item in source.iterdir() if item.is_file()}
    if template == "small":
        contents = _explained(source, contents, folder)
    if folder.suffix.lower() == ".xlsx":
        write_file(folder, _as_workbook(contents, folder.stem))
    else:
        write_files(folder, contents)
    return folder


def _as_workbook(contents: dict[str, bytes], name: str) -> bytes:
    from optimizer.instance.files import read_instance
    from optimizer.instance.write.workbook import workbook_bytes

    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / name
        write_files(folder, contents)
        return workbook_bytes(read_instance(folder), all_tables=True)


def _explained(source: Traversable, contents: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """The example with all columns that its tables can have, and a guide made from the attribute tables."""
    explained = {"instance.toml": contents["instance.toml"]}
    for name, table in TABLES.items():
        if f"{name}.csv" not in contents:
            continue
        lines = [line.split(",") for line in (source / f"{name}.csv").read_text(encoding="utf-8").splitlines()]
        heading = lines[0]
        names = [column.name for column in table.columns]
        names += [column for column in heading if column not in table.by_name]
        rows = [dict(zip(heading, line, strict=True)) for line in lines[1:]]
        written = [",".join(names), *(",".join(row.get(column, "") for column in names) for row in rows)]
        explained[f"{name}.csv"] = ("\n".join(written) + "\n").encode()
    here = [name for name in TABLES if f"{name}.csv" in explained]
    others = [f"- `{name}.csv`: {table.description}" for name, table in TABLES.items() if name not in here]
    guide = _GUIDE.format(folder=folder.name or str(folder))
    more = "\n".join(
        ["# Tables that you can add", "", "`forcegen schema TABLE` explains each of them.", "", *others, ""]
    )
    explained["README.md"] = "\n".join([guide + header_markdown(), *map(schema_markdown, here), more]).encode()
    return explained
