"""Dask's engine: jobs on the worker processes of a cluster, one of this machine's or one that runs already.

A worker that dies loses nothing: Dask does its jobs again on another. Results that are merged stay on the workers until
one is left. Jobs name files, so that every worker must see the same files under the same names and have the same code
of this package; the latter is checked.

Jobs and results travel as Dask sends them, by pickle: a scheduler and its workers must trust whoever reaches them. A
cluster that is started here listens on the loopback address alone; one of several machines belongs into a closed
network, or behind TLS certificates by Dask's own configuration (`distributed.comm.require-encryption`, `.tls`).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from tqdm import tqdm

from metal.engine import check_jobs
from metal.partitions import code

Job = TypeVar("Job")
Result = TypeVar("Result")
PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""


class DaskError(RuntimeError):
    """Dask is not installed, its scheduler cannot be reached, or its workers cannot do the work."""


class Dask:
    """An engine on the workers of a `distributed.Client`; see `dask_here` and `dask_at`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Job], Result], jobs: Sequence[Job], title: str) -> list[Result]:
        """Do the jobs on the workers, as `Engine.map` says. Raises DaskError where a job kills worker after worker."""
        with self._bar(jobs, title) as bar:
            return self._gathered(self._submitted(function, jobs, bar), title, bar)

    def reduce(
        self,
        function: Callable[[Job], Result],
        merge: Callable[[Result, Result], Result],
        jobs: Sequence[Job],
        title: str,
    ) -> Result:
        """Do and merge on the workers, as `Engine.reduce` says; what comes here is the last result alone."""
        check_jobs(jobs, title)
        with self._bar(jobs, title) as bar:
            level = self._submitted(function, jobs, bar)
            while len(level) > 1:
                pairs = [self._client.submit(merge, *level[i : i + 2], pure=False) for i in range(0, len(level) - 1, 2)]
                level = pairs + level[2 * len(pairs) :]  # nothing holds what is merged, and Dask lets go of it
            (result,) = self._gathered(level, title, bar)
            return result  # type: ignore[no-any-return]

    def _submitted(self, function: Callable[[Job], Any], jobs: Sequence[Job], bar: tqdm[Any]) -> list[Any]:
        # The function is a task's result, sent once to a worker; what is scattered instead would die with its worker.
        shared = self._client.submit(_itself, function, pure=False)
        futures = [self._client.submit(_call, shared, job, pure=False) for job in jobs]
        for future in futures:
            future.add_done_callback(lambda done: _advance(bar, 1))
        return futures

    def _gathered(self, futures: list[Any], title: str, bar: tqdm[Any]) -> list[Any]:
        try:
            results = list(self._client.gather(futures))
        except _distributed().KilledWorker as error:
            raise DaskError(
                f"{title}: the workers that took a partition died one after another, the last {error.last_worker}: "
                "most likely it does not fit into a worker's memory. Use smaller partitions, or raise the memory limit"
            ) from error
        except BaseException:
            self._client.cancel(futures, force=True)
            raise
        _advance(bar, bar.total or 0)
        return results

    def _bar(self, jobs: Sequence[Any], title: str) -> tqdm[Any]:
        return tqdm(total=len(jobs), desc=title, unit="partition", disable=len(jobs) < 2)


@contextmanager
def dask_here(*, workers: int | None = None, memory_limit: str = "2GiB", processes: bool = True) -> Iterator[Dask]:
    """Start a cluster on this machine, and end it afterwards.

    workers : processes, of one thread each; None: one for each core
    memory_limit : of each worker, which is ended and replaced where it needs more
    processes : False for threads of this process, for trying things out

    A script that starts one needs `if __name__ == "__main__":`, as of all processes that Python starts.
    Raises DaskError where Dask is not installed.
    """
    distributed = _distributed()
    count = workers or os.cpu_count() or 1
    with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=processes,
            memory_limit=memory_limit if processes else None,
            host="127.0.0.1" if processes else None,
            protocol="tcp://" if processes else "inproc://",
            dashboard_address=None,
            silence_logs=50,  # a worker that is replaced is no news
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield Dask(client)


@contextmanager
def dask_at(address: str) -> Iterator[Dask]:
    """Use the cluster of a running scheduler, and leave it running.

    Raises DaskError where Dask is not installed, nothing answers, no worker comes, and where workers have other code.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise DaskError(
            f"no Dask scheduler answers at {address!r} ({error}); start one with `dask scheduler`, name another "
            "address, or name none to start a cluster on this machine"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise DaskError(f"the scheduler at {address} has no workers; start some: dask worker {address}") from error
        _check_code(client)
        yield Dask(client)


def _check_code(client: Any) -> None:
    """Raise DaskError naming a worker that lacks this package, or has other code of it."""
    for worker, found in client.run(code, on_error="return").items():
        if found != code():
            said = (
                f"cannot import metal ({found!r})" if isinstance(found, Exception) else "has another version of metal"
            )
            raise DaskError(
                f"the worker {worker} {said}: its votes might be others. Start workers from the same checkout and "
                "environment as this process"
            )


def _distributed() -> Any:
    """Return Dask's package, which nothing else needs. Raises DaskError where it is not installed."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise DaskError(f"the engine dask needs its extra ({error}): pip install 'metal[dask]'") from error


def _advance(bar: tqdm[Any], done: float) -> None:
    """Move a bar on, never beyond its end: that a job is done is told by another thread, maybe after its result."""
    with bar.get_lock():  # type: ignore[no-untyped-call]
        bar.update(min(done, (bar.total or 0) - bar.n))


def _itself(function: Callable[[Job], Result]) -> Callable[[Job], Result]:
    return function


def _call(function: Callable[[Job], Result], job: Job) -> Result:
    return function(job)
