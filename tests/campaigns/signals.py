"""Requests to end at random moments of a command: what was found is on the disk, and nothing else is left.

`python -m tests.campaigns.signals 200` sends so many and prints what became of the commands.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from optimizer.instance.files import read_instance, write_instance
from optimizer.instance.generator import generate
from optimizer.plan.store import is_saved_plan, load_plan
from optimizer.plan.verify import verify
from optimizer.studies.journal import LOCK, read_journal

ROOT = Path(__file__).parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SOLVE_SECONDS = 2.5
GRACE_SECONDS = 60.0

# As the command, with a note of when requests are taken, and of when a plan was found.
COMMAND = """
import sys
from pathlib import Path
from optimizer.interrupts import listening
with listening(whole_process=True):
    Path("ready").touch()

    def note(event):
        if type(event).__name__ == "Incumbent":
            Path("found").touch()

    try:
        from optimizer.cli import main, progress

        progress._tell_notice = note
        main(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were loaded, as in `main`
        sys.exit(130)
"""


@dataclass(frozen=True)
class Ground:
    """What the commands work on: an instance, a study of it, a solved plan, and how long each command takes undisturbed."""

    instance: Path
    study: Path
    plan: Path
    seconds: dict[str, float]


def ground(folder: Path) -> Ground:
    """Make it, and time each command once."""
    instance, study, plan = folder / "instance", folder / "study.toml", folder / "plan"
    write_instance(generate("S", seed=3), instance)
    nation = read_instance(instance).rows("nations")[0]["nation"]
    study.write_text(
        'title = "caps"\n[limits]\ntime_limit = 0.3\n[[vary]]\n'
        f'cell = "nations.{nation}.max_personnel"\nvalues = [{", ".join(str(100 * k) for k in range(1, 7))}]\n'
    )
    made = Ground(instance, study, plan, {})
    for name in ("solve", "sweep", "report"):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(dir=folder) as place:
            child = start(made, name, Path(place))
            _, said = child.communicate(timeout=300)
            assert child.returncode in {0, 5}, said
            if name == "solve":
                (Path(place) / "out").rename(plan)
        made.seconds[name] = time.monotonic() - begun
    return made


def start(made: Ground, name: str, place: Path) -> subprocess.Popen[str]:
    """Start a command in a session, a folder and a place for temporary files of its own."""
    (place / "tmp").mkdir()
    args = {
        "solve": ["solve", made.instance, "--time-limit", SOLVE_SECONDS, "--out", "out", "--json"],
        "sweep": ["sweep", made.instance, made.study, "--out", "out", "--json"],
        "report": ["report", made.plan, "--html", "out.html", "--xlsx", "out.xlsx", "--json"],
    }[name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place / "tmp")}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", COMMAND, *map(str, args)],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def disturb(made: Ground, name: str, seed: int, folder: Path) -> str:
    """Send signals to a command at a moment that the seed says, and check what is left. Returns what became of it.

    Raises:
        AssertionError: something was lost, or left.
    """
    chance = random.Random(f"{name} {seed}")
    place = Path(tempfile.mkdtemp(prefix=f"{name}-{seed}-", dir=folder))
    child = start(made, name, place)
    time.sleep(chance.uniform(0.0, 1.05 * made.seconds[name]))
    number = chance.choice(SIGNALS)
    done = journal_of(place)
    ready, found, running = (place / "ready").exists(), (place / "found").exists(), child.poll() is None
    child.send_signal(number)
    if chance.random() < 0.4:
        time.sleep(chance.uniform(0.0, 0.5))
        child.send_signal(chance.choice(SIGNALS))
    _, said = child.communicate(timeout=GRACE_SECONDS)
    code = child.returncode
    about = f"{name}, seed {seed}, {number.name}, code {code}: {said}"
    assert not ready or "Traceback" not in said, about
    assert code in ({0, 5, 130} if ready else {0, 5, 130, 1, -number}), about
    assert not processes_of(child.pid), about
    left = [path for path in place.rglob("*") if path.name.startswith(".") or path.parent.name == "tmp"]
    # The lock of a study's folder stays: it is the process that holds it, not the file.
    left = [path for path in left if path.name != LOCK]
    assert not left, (about, left)
    check(made, name, place, about, found=found, done=done)
    moment = "late" if not running else "start" if not ready else "found" if found or done else "running"
    return f"{name} {moment} {code}"


def check(made: Ground, name: str, place: Path, about: str, *, found: bool, done: int) -> None:
    """What was found when the signal came is on the disk, whole."""
    out = place / "out"
    if name == "solve":
        assert is_saved_plan(out) or (not out.exists() and not found), about
        if out.exists():
            plan = load_plan(out)
            assert plan.has_plan, about
            verify(plan.instance, plan)
    elif name == "sweep":
        assert journal_of(place) >= done, about
        assert not out.exists() or (out / "study.json").exists(), about
    else:
        for file in place.glob("out.*"):
            assert file.stat().st_size > 1000, about


def journal_of(place: Path) -> int:
    """How many runs of a study are on the disk."""
    file = place / "out" / "runs.jsonl"
    if not file.exists():
        return 0
    with tempfile.NamedTemporaryFile() as copy:  # reading cuts off what is half-written
        copy.write(file.read_bytes())
        copy.flush()
        return len(read_journal(Path(copy.name)))


def processes_of(session: int, patience: float = 3.0) -> list[int]:
    """The processes of a session, once those that are just dying had a moment."""
    deadline = time.monotonic() + patience
    while True:
        alive = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(process.pid)
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.05)


def campaign(count: int, first_seed: int, folder: Path) -> Counter[str]:
    """So many signals, over the commands in turn. Returns how often what became of them."""
    made = ground(folder)
    # Searches have the most to lose.
    names = ("solve", "sweep", "solve", "report")
    return Counter(
        disturb(made, names[seed % len(names)], seed, folder) for seed in range(first_seed, first_seed + count)
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        for outcome, times in sorted(campaign(int(sys.argv[1]), int((*sys.argv, "0")[2]), Path(work)).items()):
            print(f"{times:4} {outcome}")  # noqa: T201
