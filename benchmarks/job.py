"""One measurement in a process of its own: reads what to do from stdin, streams figures to stdout as lines of JSON.

Nothing of the measured program is imported before it is known from which checkout.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Spec = Mapping[str, Any]
Tell = Callable[..., None]


def main() -> None:
    """Do the job on stdin."""
    # Solvers print what they like to stdout: figures get a descriptor of their own.
    figures = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    spec: Spec = json.load(sys.stdin)

    def tell(phase: str, value: float | None = None, unit: str = "s", at: float | None = None) -> None:
        figures.write(json.dumps({"phase": phase, "value": value, "unit": unit, "at": at}) + "\n")
        figures.flush()

    _work(spec)(spec, tell)
    tell("peak memory", peak_memory(), "MB")
    tell("end")


def peak_memory() -> float:
    """The largest memory of this process so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says begins with what the parent held when it started this process.
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _work(spec: Spec) -> Callable[[Spec, Tell], None]:
    task, method = spec["task"], spec["method"]
    if task == "matrix":
        from benchmarks import matrix

        return {"export": matrix.export, "numpy": matrix.floor}[method]
    if task == "phases":
        from benchmarks import product

        return product.phases
    if task == "family":
        from benchmarks import families

        return families.BUILDS[method]
    if method == "forcegen":
        from benchmarks import product

        return product.anytime
    from benchmarks import peers

    return peers.SEARCHES[method]
