"""Dask with processes of its own: workers and whole runs are killed, and nothing is lost or done twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
import pytest

from metal.dask_engine import DaskError, dask_at, dask_here
from metal.label_model import LabelModel
from metal.labeling import label_partitions
from metal.votes_file import read_votes
from tests.flows.servers import free_port
from tests.flows.small_application import SENTENCES, WEATHER, weather
from tests.local_imports import ROOT

pytestmark = pytest.mark.slow
PARTS, ROWS = 6, 50


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for part in range(PARTS):
        ids = [f"{part}-{row}" for row in range(ROWS)]
        frame = pd.DataFrame({"id": ids, "sentence": [SENTENCES[(part + row) % 5] for row in range(ROWS)]})
        frame.to_parquet(folder / f"part-{part}.parquet", index=False)
    return folder


def killed_once(folder: Path, number: int) -> int:
    """Kill the worker that does the third job, the first time; square the number."""
    mark = folder / f"{number}.asked"
    with mark.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if number == 3 and len(mark.read_text().split()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def always_killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    function = partial(killed_once, tmp_path)
    with dask_here(workers=2) as engine:
        squares = engine.map(function, range(8), "squares")
        (tmp_path / "3.asked").unlink()
        total = engine.reduce(function, int.__add__, range(8), "squares")

    assert squares == [number**2 for number in range(8)]
    assert total == sum(squares)
    assert len((tmp_path / "3.asked").read_text().split()) == 2


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    with (
        dask_here(workers=1) as engine,
        pytest.raises(DaskError, match=r"alone: the workers .* died one after another"),
    ):
        engine.map(always_killed, [1], "alone")


def test_a_cluster_here_listens_on_loopback_alone_and_ends_with_its_run() -> None:
    before = set(psutil.Process().children(recursive=True))
    with dask_here(workers=1):
        started = set(psutil.Process().children(recursive=True)) - before
        processes = [psutil.Process(), *started]
        listening = {c.laddr.ip for p in processes for c in p.net_connections() if c.status == psutil.CONN_LISTEN}

    assert started
    assert listening == {"127.0.0.1"}
    assert not [process for process in started if process.is_running() and process.name().startswith("python")]


RUN = """
import sys, time
from pathlib import Path
from metal.dask_engine import dask_here
from metal.labeling import label_partitions
from metal.sources import Source
from tests.flows.small_application import sun, weather

def slowly(view):
    with Path({asked!r}).open("a") as file:
        file.write("x")
    time.sleep(0.02)
    return sun.function(view)

if __name__ == "__main__":
    with dask_here(workers=2) as engine:
        label_partitions(
            weather(Source("slow", sun.tasks, sun.labels, slowly)), {texts!r}, {votes!r},
            version="1", recheck_every=0, engine=engine,
        )
"""


def test_a_run_that_is_killed_goes_on_with_the_partitions_that_are_missing(texts: Path, tmp_path: Path) -> None:
    votes, asked, script = tmp_path / "votes", tmp_path / "asked", tmp_path / "run.py"
    script.write_text(RUN.format(asked=str(asked), texts=str(texts), votes=str(votes)))
    command, environment = [sys.executable, str(script)], os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment) as first:
        deadline = time.monotonic() + 300
        while len(list(votes.glob(".part-*.json"))) < 2:
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        workers = psutil.Process(first.pid).children(recursive=True)
        first.kill()
    gone, alive = psutil.wait_procs(workers, timeout=60)
    finished = {file.name: file.stat().st_mtime_ns for file in votes.glob("part-*.parquet")}
    receipts = len(list(votes.glob(".part-*.json")))
    asked.unlink()

    subprocess.run(command, env=environment, check=True)

    assert gone
    assert not alive  # what a killed run started ends with it
    assert asked.stat().st_size == ROWS * (PARTS - receipts)
    assert {file.name for file in votes.glob("part-*.parquet")} == {f"part-{part}.parquet" for part in range(PARTS)}
    kept = [name for name, written in finished.items() if (votes / name).stat().st_mtime_ns == written]
    assert len(kept) == receipts >= 2
    assert not list(votes.glob("*.partial"))


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", *command], env=environment, stderr=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.terminate()


def test_a_running_cluster_gives_the_same_votes_and_labels_though_a_worker_dies(texts: Path, tmp_path: Path) -> None:
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = ("distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard")
    application = weather()
    label_partitions(application, texts, tmp_path / "here", version="1")
    expected = LabelModel(WEATHER).fit(tmp_path / "here")
    expected.predict_to(tmp_path / "here", tmp_path / "labels_here")

    with process(*scheduler), process(*worker) as doomed, process(*worker), dask_at(address) as engine:
        label_partitions(application, texts, tmp_path / "there", version="1", engine=engine)
        model = LabelModel(WEATHER).fit(tmp_path / "there", engine=engine)
        for child in psutil.Process(doomed.pid).children(recursive=True):
            child.kill()
        doomed.kill()
        model.predict_to(tmp_path / "there", tmp_path / "labels_there", engine=engine)

    assert (read_votes(tmp_path / "here")[1].codes == read_votes(tmp_path / "there")[1].codes).all()
    for folder in ("here", "labels_here"):
        for file in (tmp_path / folder).glob("*.parquet"):
            other = tmp_path / folder.replace("here", "there") / file.name
            assert file.read_bytes() == other.read_bytes()
