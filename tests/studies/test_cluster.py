"""A real Dask scheduler with two worker processes, on loopback."""

import os
import re
import subprocess
import sys
import time

import pytest

import optimizer as fg
from optimizer.studies import cluster as module
from optimizer.studies.hand import Care
from optimizer.studies.journal import read_journal
from optimizer.studies.runner import NoClusterError
from optimizer.studies.sweep import ask, run_study
from optimizer.studies.workers import Workers

from .exchanges import random_sweep
from .small import GRID, ROOT, TUTORIAL, grid_by_one, planted, same, toml, tutorial


class Cluster:
    """A scheduler and workers of one thread each, as processes of their own."""

    def __init__(self, folder):
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__ADMIN__LOG_LEVEL": "warning"}
        self.log = folder / "cluster.log"
        self.workers = []
        self.scheduler = self.start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self.wait_for(r"Scheduler at:\s+(tcp://\S+)", 1)[0]

    def start(self, module, *arguments):
        with self.log.open("ab") as stream:
            command = [sys.executable, "-m", module, *arguments, "--no-dashboard"]
            return subprocess.Popen(command, env=self.environment, cwd=self.log.parent, stdout=stream, stderr=stream)

    def wait_for(self, pattern, count):
        deadline = time.monotonic() + 60
        while len(found := re.findall(pattern, self.log.read_text())) < count:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return found

    def add_worker(self):
        arguments = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny")
        self.workers.append(self.start("distributed.cli.dask_worker", self.address, *arguments))

    def kill(self, processes):
        for process in processes:
            process.kill()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A scheduler with two workers."""
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        found.add_worker()
        found.add_worker()
        found.wait_for("Registered to", 2)
        yield found
    finally:
        found.kill([*found.workers, found.scheduler])


@pytest.fixture
def cluster(machines):
    """The address of the scheduler."""
    return machines.address


def test_a_cluster_gives_the_table_of_this_machine(cluster, tmp_path):
    """One process here, two workers there: the tables agree to the last digit, and the folder can be resumed anywhere."""
    same(grid_by_one(), fg.sweep(tutorial(), GRID, dask=cluster, out=tmp_path / "out"))
    journal = tmp_path / "out" / "runs.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:7]))
    same(grid_by_one(), fg.sweep(tutorial(), GRID, out=tmp_path / "out", resume=True))


def test_plans_are_exchanged_on_a_cluster_as_here(cluster):
    """Runs take over plans, and are searched once more: what is found does not depend on who works."""
    question, care = ask(*random_sweep(0)), Care("tests.studies.lazy_worker")
    here = run_study(question, Workers(1, care=care))
    assert (here["plan_from"] != "").any()
    same(here, run_study(question, Workers(dask=cluster, care=care)))


def test_a_crash_on_the_cluster_costs_one_run(cluster):
    """A native crash beside a Dask worker is a row; the worker lives on."""
    workers = Workers(dask=cluster, care=Care("tests.studies.faulty_worker"))
    table = run_study(ask(tutorial(), planted(666)), workers)
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


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "tcp://127.0.0.1:99999", "tcp://[:1"])
def test_nobody_at_the_address_is_said(address, tmp_path):
    """A wrong address ends at once with a message, not with a traceback, and leaves no folder behind."""
    with pytest.raises(NoClusterError, match="no Dask scheduler answers"):
        fg.sweep(tutorial(), GRID, dask=address, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_dask_the_way_out_is_told(monkeypatch):
    """Who installed no more than the plain package is told what to install."""
    monkeypatch.setattr("optimizer.studies.workers.find_spec", lambda _name: None)
    with pytest.raises(NoClusterError, match=r"\[studies\]"):
        fg.sweep(tutorial(), GRID, dask="tcp://127.0.0.1:9")


def test_another_version_there_is_refused(cluster, monkeypatch):
    """Results of two versions do not mix."""
    monkeypatch.setattr(module, "versions", lambda: {"forcegen": "0.0.0"})
    with pytest.raises(NoClusterError, match=r"not 0\.0\.0.*in the same version"):
        fg.sweep(tutorial(), GRID, dask=cluster)


def test_runs_of_workers_that_die_go_to_others(machines):
    """All workers are killed in the middle, and others join: no run is lost, and the table is the same."""

    def killing(progress):
        if progress.done == 3:
            machines.kill(machines.workers)
            machines.workers = []
            machines.add_worker()

    same(grid_by_one(), fg.sweep(tutorial(), GRID, dask=machines.address, report=killing))


def test_a_scheduler_that_goes_away_is_said_and_no_run_is_blamed(machines, tmp_path):
    """The finished runs are kept, the others are no rows, and resuming here gives the table."""

    def killing(progress):
        if progress.done == 3:
            machines.kill([machines.scheduler])

    with pytest.raises(NoClusterError, match="went away"):
        fg.sweep(tutorial(), GRID, dask=machines.address, out=tmp_path / "out", report=killing)
    records = read_journal(tmp_path / "out" / "runs.jsonl")
    assert 3 <= len(records) < 24
    assert {record.outcome["termination"] for record in records.values()} == {"optimal"}
    same(grid_by_one(), fg.sweep(tutorial(), GRID, out=tmp_path / "out", resume=True))


def test_a_scheduler_without_workers_is_said(tmp_path, monkeypatch):
    """Nobody waits for ever."""
    monkeypatch.setattr(module, "CONNECT_SECONDS", 2.0)
    alone = Cluster(tmp_path)
    try:
        with pytest.raises(NoClusterError, match="has no workers"):
            fg.sweep(tutorial(), GRID, dask=alone.address)
    finally:
        alone.kill([alone.scheduler])
