"""Run jobs side by side in worker processes that tell of their progress and never outlive the parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")
Send = Callable[[Any], None]
"""How a job tells the parent of its progress; raises BrokenPipeError once the parent is gone."""


class WorkerError(RuntimeError):
    """A job failed, or the process that ran it ended."""


def worker_count() -> int:
    """Return how many processes to use: METAL_WORKERS, or the number of CPU cores. It does not change results."""
    given = os.environ.get("METAL_WORKERS")
    if given is None:
        return os.cpu_count() or 1
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(
            f"METAL_WORKERS={given!r} must be a number of processes, at least 1; unset it for one per core"
        )
    return int(given)


def run_parallel(
    function: Callable[[Job, Send], Result],
    jobs: Sequence[Job],
    *,
    workers: int,
    on_message: Callable[[Job, Any], None],
) -> list[Result]:
    """Call `function(job, send)` for every job and return the results in the order of the jobs.

    function : importable by name, as each worker is a fresh interpreter; jobs and results must pickle
    on_message : called here, in the parent, with what a job sends

    Raises WorkerError for the first job that fails with a ValueError, OSError or RuntimeError, and for a worker
    that ends in any other way, e.g. killed for want of memory. The others are then stopped.
    """
    context = multiprocessing.get_context("spawn")
    processes: dict[Connection, SpawnProcess] = {}
    busy: dict[Connection, int] = {}
    results: dict[int, Result] = {}
    waiting = iter(range(len(jobs)))

    def give(connection: Connection) -> None:
        position = next(waiting, None)
        if position is not None:
            busy[connection] = position
            connection.send(jobs[position])

    try:
        for _ in range(min(workers, len(jobs))):
            connection, theirs = context.Pipe()
            process = context.Process(target=_work, args=(function, theirs), daemon=True)
            process.start()
            theirs.close()
            processes[connection] = process
            give(connection)
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                position = busy[ready]
                try:
                    kind, content = ready.recv()
                except (EOFError, ConnectionError) as error:
                    processes[ready].join()
                    raise WorkerError(
                        f"the worker process on {jobs[position]} ended with exit code {processes[ready].exitcode}; "
                        "a negative one is the signal that killed it. With little memory, set METAL_WORKERS=1"
                    ) from error
                if kind == "message":
                    on_message(jobs[position], content)
                elif kind == "error":
                    raise WorkerError(content)
                else:
                    results[position] = content
                    del busy[ready]
                    give(ready)
    finally:
        for connection, process in processes.items():
            connection.close()
            process.terminate()
            process.join()
    return [results[position] for position in range(len(jobs))]


def _work(function: Callable[[Any, Send], Any], connection: Connection) -> None:
    """Do jobs until the parent closes its end or dies, which closes it too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it as well and ends us
    try:
        while True:
            job = connection.recv()
            try:
                answer = ("result", function(job, lambda content: connection.send(("message", content))))
            except (BrokenPipeError, ConnectionResetError):
                return
            except (ValueError, OSError, RuntimeError) as error:
                answer = ("error", str(error))
            connection.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
