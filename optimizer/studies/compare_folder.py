"""The folder of a comparison of plans: its tables, and the head from which the report is made."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.extraction import versions
from optimizer.studies.folder import FORMAT, HEAD, csv_of, write

if TYPE_CHECKING:
    from optimizer.studies.compare import Comparison


def refuse_taken(folder: Path) -> None:
    """Do nothing where the folder may be filled.

    Raises:
        FileExistsError: something is there already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} holds something already; choose another folder, or remove it.")


def write_comparison(found: Comparison, out: str | Path) -> Path:
    """Write the tables and `study.json`; that comes last, so that a folder with it is complete.

    Raises:
        FileExistsError: the folder holds something already.
    """
    folder = Path(out)
    refuse_taken(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in found.tables.items():
        told = (
            frame.assign(periods=[";".join(map(str, one)) for one in frame["periods"]]) if "periods" in frame else frame
        )
        write(folder / f"{name}.csv", csv_of(told))
    marks = [f"{plan.instance.hash} {plan.scenario}" for plan in found.plans]
    head = {
        "format": FORMAT,
        "kind": "compare",
        "state": "done",
        "mark": hashlib.sha256("\n".join(marks).encode()).hexdigest(),
        "name": "compare",
        "title": "Plans side by side",
        "description": "",
        "scenario": None,
        "plans": [
            {"name": name, "scenario": plan.scenario, "termination": plan.termination}
            for name, plan in zip(found.names, found.plans, strict=True)
        ],
        "instances": [
            {
                "name": plan.instance.header.name,
                "title": plan.instance.header.title,
                "currency": plan.instance.header.currency,
                "hash": plan.instance.hash,
            }
            for plan in {plan.instance.hash: plan for plan in found.plans}.values()
        ],
        "terminations": dict(sorted(Counter(plan.termination for plan in found.plans).items())),
        "versions": versions(),
        "tables": dict(found.titles),
        "warnings": [],
    }
    write(folder / HEAD, json.dumps(head, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")
    return folder
