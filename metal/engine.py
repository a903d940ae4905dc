"""Where work on partitions is done: here, or on a cluster. An engine decides where, never what comes out.

What is done is a plain function of one job, told by an engine for many; its results come back in the order of the jobs,
and are merged by one tree, which hangs on nothing but the number of jobs: neighbours first, then neighbouring pairs.
So every engine gives the same results, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

Job = TypeVar("Job")
Result = TypeVar("Result")


class Engine(Protocol):
    """Does jobs, each by itself. Functions, jobs and results must be such as can be sent to another process."""

    def map(self, function: Callable[[Job], Result], jobs: Sequence[Job], title: str) -> list[Result]:
        """Return the function's result for each job, in order. Raises the first error that a job raises."""
        ...

    def reduce(
        self,
        function: Callable[[Job], Result],
        merge: Callable[[Result, Result], Result],
        jobs: Sequence[Job],
        title: str,
    ) -> Result:
        """Return the results of all jobs, merged pair by pair. Raises as `map`, and ValueError for no job."""
        ...


def check_jobs(jobs: Sequence[Any], title: str) -> None:
    """Raise ValueError where there is no job, whose results there would be to merge."""
    if not jobs:
        raise ValueError(f"{title}: there is nothing to merge")


class Local:
    """One job after another in this process.

    progress : whether a bar shows how far it has come, where there is more than one job
    """

    def __init__(self, *, progress: bool = True) -> None:
        self._progress = progress

    def map(self, function: Callable[[Job], Result], jobs: Sequence[Job], title: str) -> list[Result]:
        """Do the jobs in order."""
        return [function(job) for job in self._shown(jobs, title)]

    def reduce(
        self,
        function: Callable[[Job], Result],
        merge: Callable[[Result, Result], Result],
        jobs: Sequence[Job],
        title: str,
    ) -> Result:
        """Do the jobs in order, merging as soon as two stand beside each other; holds log2(jobs) results at most."""
        check_jobs(jobs, title)
        waiting: list[tuple[int, Result]] = []  # the height of each subtree that waits for its neighbour
        for job in self._shown(jobs, title):
            height, result = 0, function(job)
            while waiting and waiting[-1][0] == height:
                result, height = merge(waiting.pop()[1], result), height + 1
            waiting.append((height, result))
        _, result = waiting.pop()
        while waiting:
            result = merge(waiting.pop()[1], result)
        return result

    def _shown(self, jobs: Sequence[Job], title: str) -> tqdm[Job]:
        return tqdm(jobs, desc=title, unit="partition", disable=not self._progress or len(jobs) < 2)


HERE = Local(progress=False)
"""This process, silently: what the library uses where it is given no engine."""
