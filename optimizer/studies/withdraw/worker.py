"""A worker process of the study: as those of other studies, but it answers what is asked when nations leave."""

from __future__ import annotations

from optimizer.studies.withdraw.answering import Leaver
from optimizer.studies.worker import main

if __name__ == "__main__":
    main(Leaver)
