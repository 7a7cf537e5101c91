"""A real Dask scheduler with two worker processes, on loopback."""

import os
import re
import subprocess
import sys
import time

import pytest

import optimizer as fg
from optimizer.studies.hand import Care

from .small import GRID, ROOT, TUTORIAL, same, toml, tutorial
from .test_runner import planted


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with two workers of one thread each."""
    folder = tmp_path_factory.mktemp("cluster")
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__ADMIN__LOG_LEVEL": "warning"}
    log = folder / "scheduler.log"
    processes = []

    def start(module, *arguments):
        with log.open("ab") as stream:
            command = [sys.executable, "-m", module, *arguments, "--no-dashboard"]
            processes.append(subprocess.Popen(command, env=environment, cwd=folder, stdout=stream, stderr=stream))

    try:
        start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        deadline = time.monotonic() + 60
        found = None
        while found is None and time.monotonic() < deadline:
            found = re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text())
            time.sleep(0.1)
        assert found, log.read_text()
        for number in range(2):
            start(
                "distributed.cli.dask_worker",
                found[1],
                "--host",
                "127.0.0.1",
                "--nthreads",
                "1",
                "--no-nanny",
                "--name",
                f"w{number}",
            )
        while log.read_text().count("Registered to") < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert log.read_text().count("Registered to") == 2, log.read_text()
        yield found[1]
    finally:
        for process in processes:
            process.kill()
            process.wait(timeout=20)


def test_a_cluster_gives_the_table_of_this_machine(cluster, tmp_path):
    """One process here, two workers there: the tables agree to the last digit, and the folder can be resumed anywhere."""
    here = fg.sweep(tutorial(), GRID, jobs=1)
    same(here, fg.sweep(tutorial(), GRID, dask=cluster, out=tmp_path / "out"))
    journal = tmp_path / "out" / "runs.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:7]))
    same(here, fg.sweep(tutorial(), GRID, out=tmp_path / "out", resume=True))


def test_a_crash_on_the_cluster_costs_one_run(cluster):
    """A native crash beside a Dask worker is a row; the worker lives on."""
    table = fg.sweep(tutorial(), planted(666), dask=cluster, care=Care("tests.studies.faulty_worker"))
    assert table["termination"].tolist() == ["optimal", "crashed", "optimal"]


def test_the_command_takes_the_address(cluster, tmp_path):
    """`--dask` works from the command line, and an address where nobody answers is wrong usage."""
    file = tmp_path / "grid.toml"
    file.write_text(toml({**GRID, "vary": GRID["vary"][2:]}))
    command = [sys.executable, "-m", "optimizer", "sweep", str(TUTORIAL), str(file), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "--dask", cluster], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "runs.csv").read_text().count("\n") == 3


def test_nobody_at_the_address_is_said(monkeypatch):
    """A wrong address ends with a message, not with a traceback."""
    from optimizer.studies import cluster as module
    from optimizer.studies.runner import NoClusterError

    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.5)
    with pytest.raises(NoClusterError, match="no Dask scheduler answers"):
        fg.sweep(tutorial(), GRID, dask="tcp://127.0.0.1:9")
