"""A solution that did not become a plan, kept for inspection: no `plan.json`, so that nobody takes it for a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.frames import NUMBER, TEXT, TRUTH, WHOLE
from optimizer.plan.placing import place
from optimizer.plan.store import INPUT_FOLDER, table_text
from optimizer.plan.violation import Violation

_KINDS: Final = {
    "units": WHOLE,
    "period": WHOLE,
    "leads": TRUTH,
    "used": TRUTH,
    "tonnes": NUMBER,
    "amount": NUMBER,
    "limit": NUMBER,
}
VIOLATIONS: Final = ("rule", "name", "place", "period", "amount", "limit", "message")


def refused_contents(
    tables: Mapping[str, pd.DataFrame], violations: Iterable[Violation], instance: Instance, scenario: str | None
) -> dict[str, bytes]:
    """All files by their path: the tables as `verify` reads them, the broken rules, and the input.

    Args:
        tables: `assignments`, and where used `participation`, `instruments`, `flows`.
        violations: the rules it breaks.
        instance: what was asked.
        scenario: under which scenario.
    """
    from optimizer.instance.write.folder import folder_contents

    rows = [asdict(violation) for violation in violations]
    broken = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in VIOLATIONS})
    contents = {
        f"{name}.csv": table_text(
            table, {str(column): _KINDS.get(str(column), TEXT) for column in table.columns}
        ).encode()
        for name, table in {**tables, "violations": broken}.items()
    }
    contents["refused.json"] = json.dumps({"scenario": scenario, "violations": len(rows)}).encode() + b"\n"
    contents |= {f"{INPUT_FOLDER}/{name}": content for name, content in folder_contents(instance).items()}
    return contents


def save_apart(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files into a new folder.

    Raises:
        OSError: they could not be written, or something is there already.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already.")
    place(folder, contents, frozenset())
