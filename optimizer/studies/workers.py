"""Who answers the runs of a study: processes of this machine, or a Dask cluster. The records are the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from importlib.util import find_spec

from optimizer.studies.hand import Care
from optimizer.studies.record import Record, slim
from optimizer.studies.runner import NoClusterError, Pace, Report, Workload, ignore, run_here


def drop(_record: Record) -> None:
    """The `take` of a study without a folder."""


@dataclass(frozen=True)
class Workers:
    """Worker processes on this machine, one solver thread each; or the address of a Dask scheduler that is used instead."""

    jobs: int = 2
    dask: str | None = None
    care: Care = field(default_factory=Care)
    report: Report = ignore
    take: Callable[[Record], None] = drop

    def work_off(self, workload: Workload, total: int) -> dict[int, Record]:
        """The records of all runs that are not done; each is handed to `take`, and its progress to `report`, at once.

        Raises:
            NoClusterError: the Dask cluster cannot be used, or went away.
        """
        found: dict[int, Record] = {}
        pace = Pace(total, len(workload.done), sum(not record.outcome["has_plan"] for record in workload.done.values()))
        with contextlib.closing(self._records(workload)) as records:
            for record in records:
                self.take(record)
                found[record.run] = slim(record)
                self.report(pace.count(record))
        return found

    def _records(self, workload: Workload) -> Generator[Record, None, None]:
        if self.dask is None:
            return run_here(workload, self.jobs, self.care)
        if find_spec("distributed") is None:
            message = "Dask is not installed here; in the project's folder: pip install '.[studies]'"
            raise NoClusterError(None, message, None)
        from optimizer.studies.cluster import run_on_cluster

        return run_on_cluster(workload, self.dask, self.care)
