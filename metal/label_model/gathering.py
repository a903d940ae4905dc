"""Statistics of votes in whatever form they come: in memory, in Parquet, or batch by batch.

Batches are reduced to statistics as they come and added up, so that what must fit into memory is the distinct rows,
not the matrix. Where dense voters make nearly every row a distinct one, `most` puts a limit to that too: whenever more
distinct rows have come together, each row is kept with probability one half, and those to come likewise. What is left
is a random sample of the rows, in which every row had the same chance.

Source: adaptive Bernoulli sampling, Gibbons and Matias, "New sampling-based summary statistics for improving
approximate query answers" (concise samples), SIGMOD 1998.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard, cast

import numpy as np

from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model.intake import Votes, as_votes, check_columns
from metal.statistics import Statistics
from metal.tasks import TaskGraph
from metal.votes_file import Paths, VotesFileError, partitions, read_batches

Source = Votes | Statistics | Paths | Iterator[LabelMatrix]
"""Votes in memory, their statistics, Parquet files or folders of them, or an iterator of label matrices."""


def batches(votes: Source, tasks: TaskGraph, spaces: tuple[LabelSpace, ...] | None = None) -> Iterator[LabelMatrix]:
    """Yield votes as label matrices over `tasks`, in order.

    spaces : of the fit, to hold the columns to, as in `as_votes`; None: those of the first batch
    Raises as `as_votes`, naming the file where there is one.
    """
    if is_paths(votes):
        for file in partitions(votes):
            for _, batch in read_batches(file, tasks):
                try:
                    check_columns(batch, tasks, spaces)
                except ValueError as error:
                    raise VotesFileError(f"{file}: {error}") from error
                spaces = batch.spaces
                yield batch
    elif isinstance(votes, Iterator):
        for part in votes:
            batch = as_votes(part, tasks, spaces)
            spaces = batch.spaces
            yield batch
    elif isinstance(votes, Statistics):
        raise TypeError("statistics hold no rows to label; pass votes")
    else:
        yield as_votes(cast(Votes, votes), tasks, spaces)


def as_statistics(
    votes: Source,
    tasks: TaskGraph,
    spaces: tuple[LabelSpace, ...] | None = None,
    *,
    add_to: Statistics | None = None,
) -> Statistics:
    """Return the statistics of votes over `tasks`; statistics are held to the same conditions as votes.

    add_to : statistics of the same columns, to return the sum with
    """
    if add_to is not None:
        return add_to + as_statistics(votes, tasks, add_to.spaces)
    if isinstance(votes, Statistics):
        check_columns(votes, tasks, spaces)
        return votes
    return Statistics.total(Statistics.of(batch) for batch in batches(votes, tasks, spaces))


def as_sample(votes: Source, tasks: TaskGraph, most: int, seed: int) -> tuple[Statistics, tuple[str, ...]]:
    """Return statistics with at most `most` distinct rows, and what a reader should know of them.

    Those of all rows where these are enough, else of a random sample, the same for the same batches and seed.
    Raises ValueError for an exact population, whose rows are not counted but weighed.
    """
    parts = [votes] if isinstance(votes, Statistics) else (Statistics.of(b) for b in batches(votes, tasks))
    random = np.random.default_rng(seed)
    n, level = 0.0, 0
    kept: list[Statistics] = []
    for part in parts:
        check_columns(part, tasks, None)
        if part.counts.dtype.kind not in "iu":
            raise ValueError("a population of exact shares cannot be sampled; leave max_distinct_rows at None")
        n += part.n
        kept.append(part if not level else _drawn(part, 0.5**level, random))
        while sum(len(one) for one in kept) > most:
            merged = Statistics.total(kept)
            if len(merged) > most:
                merged, level = _drawn(merged, 0.5, random), level + 1
            kept = [merged]
    statistics = Statistics.total(kept)
    if not level:
        return statistics, ()
    return statistics, (
        f"fitted on a random sample of {statistics.n:g} of {n:g} rows, one in {2**level}: "
        f"there are more than max_distinct_rows={most} distinct ones",
    )


def is_paths(votes: Any) -> TypeGuard[Paths]:
    """Whether votes are given as the path of a file or folder, or a list of paths."""
    if isinstance(votes, str | Path):
        return True
    return isinstance(votes, list | tuple) and bool(votes) and all(isinstance(path, str | Path) for path in votes)


def _drawn(statistics: Statistics, share: float, random: np.random.Generator) -> Statistics:
    """Keep each row with the probability `share`."""
    return statistics.reweighted(random.binomial(statistics.counts, share))
