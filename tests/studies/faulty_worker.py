"""A worker process that crashes, hangs or fails in runs whose cap says so: 666 natively always, 667 natively once, 668 hangs, 669 raises."""

import os
import signal
import time
from pathlib import Path

from optimizer.studies.answer import Answerer
from optimizer.studies.worker import main


class Faulty(Answerer):
    """Does what the first input says."""

    def _answer(self, variant, start, begun):
        cap = variant.inputs[0]
        once = Path(os.environ.get("FAULTY_ONCE", "nowhere"))
        if cap == 667 and not once.exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if cap == 666:
            os.kill(os.getpid(), signal.SIGSEGV)
        if cap == 668:
            time.sleep(600)
        if cap == 669:
            raise ZeroDivisionError("planted")
        return super()._answer(variant, start, begun)


if __name__ == "__main__":
    main(Faulty)
