"""A worker process of the study: as those of other studies, but it solves cases by themselves, or with what is ready."""

from __future__ import annotations

from optimizer.studies.hedge.runs import Hedger
from optimizer.studies.worker import main

if __name__ == "__main__":
    main(Hedger)  # type: ignore[arg-type]
