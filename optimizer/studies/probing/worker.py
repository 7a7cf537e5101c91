"""The process that answers probes."""

from __future__ import annotations

from optimizer.studies.probing.prober import Prober
from optimizer.studies.worker import main

if __name__ == "__main__":
    main(Prober)
