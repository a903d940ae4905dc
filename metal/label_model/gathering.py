"""Statistics of votes in whatever form they come: in memory, in Parquet, or batch by batch.

Batches are reduced to statistics as they come and added up, so that what must fit into memory is the distinct rows,
not the matrix. Where dense voters make nearly every row a distinct one, `most` puts a limit to that too: whenever more
distinct rows have come together, each row is kept with probability one half, and those to come likewise. What is left
is a random sample of the rows, in which every row had the same chance.

Of files each is gathered by itself, on whatever engine, and the results are merged by the engine's tree. Statistics are
the same however they are added up; a sample is the same for the same files and seed, since what is drawn of a part
hangs on nothing but its place among the parts, and how often it was drawn from.

Source: adaptive Bernoulli sampling, Gibbons and Matias, "New sampling-based summary statistics for improving
approximate query answers" (concise samples), SIGMOD 1998.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeGuard, cast

import numpy as np

from metal.engine import HERE, Engine
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model.intake import Votes, as_votes, check_columns
from metal.statistics import Statistics
from metal.tasks import TaskGraph
from metal.votes_file import Paths, VotesFileError, partitions, read_header, read_matrices

Source = Votes | Statistics | Paths | Iterator[LabelMatrix]
"""Votes in memory, their statistics, Parquet files or folders of them, or an iterator of label matrices."""
AT_ONCE = 8
"""Batches of votes that are held to be reduced together."""


@dataclass(frozen=True)
class Sample:
    """Statistics of rows that were each kept with probability 2^-level.

    n : how many rows there were
    place : of the first batch among all, its file's number and its own: with `level` it seeds what is drawn next
    """

    statistics: Statistics
    n: float
    level: int
    place: tuple[int, int]

    def thinned(self, level: int, seed: int) -> Sample:
        """Return a sample of this sample in which rows are kept with probability 2^-level."""
        share = 0.5 ** (level - self.level)
        counts = _random(seed, self.place, level).binomial(self.statistics.counts, share) if share < 1 else None
        kept = self.statistics if counts is None else self.statistics.reweighted(counts)
        return replace(self, statistics=kept, level=level)

    def merged(self, others: Sequence[Sample], most: int, seed: int) -> Sample:
        """Return the sample of all of them together, with at most `most` distinct rows."""
        level = max(part.level for part in (self, *others))
        parts = [part.thinned(level, seed).statistics for part in (self, *others)]
        result = Sample(Statistics.total(parts), self.n + sum(part.n for part in others), level, self.place)
        while len(result.statistics) > most:
            result = result.thinned(result.level + 1, seed)
        return result


def batches(votes: Source, tasks: TaskGraph, spaces: tuple[LabelSpace, ...] | None = None) -> Iterator[LabelMatrix]:
    """Yield votes as label matrices over `tasks`, in order.

    spaces : of the fit, to hold the columns to, as in `as_votes`; None: those of the first batch
    Raises as `as_votes`, naming the file where there is one.
    """
    if is_paths(votes):
        files = partitions(votes)
        spaces = read_header(files[0], tasks).spaces if spaces is None else spaces
        for file in files:
            yield from _of_file(tasks, spaces, file)
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
    engine: Engine = HERE,
) -> Statistics:
    """Return the statistics of votes over `tasks`; statistics are held to the same conditions as votes.

    add_to : statistics of the same columns, to return the sum with
    engine : where files are read
    """
    if add_to is not None:
        return add_to + as_statistics(votes, tasks, add_to.spaces, engine=engine)
    if isinstance(votes, Statistics):
        check_columns(votes, tasks, spaces)
        return votes
    if not is_paths(votes):
        # One by one: whoever makes batches may fill the same array again.
        return Statistics.total(Statistics.of(batch) for batch in batches(votes, tasks, spaces))
    files = [file.resolve() for file in partitions(votes)]
    spaces = read_header(files[0], tasks).spaces if spaces is None else spaces
    return engine.reduce(partial(_statistics_of_file, tasks, spaces), Statistics.__add__, files, "statistics")


def as_sample(
    votes: Source, tasks: TaskGraph, most: int | None, seed: int, engine: Engine = HERE
) -> tuple[Statistics, tuple[str, ...]]:
    """Return statistics with at most `most` distinct rows (None: of all rows), and what a reader should know of them.

    Those of all rows where these are enough, else of a random sample, the same for the same batches and seed.
    Raises ValueError for an exact population, whose rows are not counted but weighed.
    """
    if most is None:
        return as_statistics(votes, tasks, engine=engine), ()
    if is_paths(votes):
        files = [file.resolve() for file in partitions(votes)]
        spaces = read_header(files[0], tasks).spaces
        read = partial(_sample_of_file, tasks, spaces, most, seed)
        sample = engine.reduce(read, partial(_merged, most, seed), list(enumerate(files)), "statistics")
    else:
        sample = _sampled([votes] if isinstance(votes, Statistics) else batches(votes, tasks), tasks, most, seed, 0)
    if not sample.level:
        return sample.statistics, ()
    return sample.statistics, (
        f"fitted on a random sample of {sample.statistics.n:g} of {sample.n:g} rows, one in {2**sample.level}: "
        f"there are more than max_distinct_rows={most} distinct ones",
    )


def is_paths(votes: Any) -> TypeGuard[Paths]:
    """Whether votes are given as the path of a file or folder, or a list of paths."""
    if isinstance(votes, str | Path):
        return True
    return isinstance(votes, list | tuple) and bool(votes) and all(isinstance(path, str | Path) for path in votes)


def _of_file(tasks: TaskGraph, spaces: tuple[LabelSpace, ...], file: Path) -> Iterator[LabelMatrix]:
    """Yield the votes of a file, batch by batch. Raises VotesFileError naming it."""
    for batch in read_matrices(file, tasks):
        try:
            check_columns(batch, tasks, spaces)
        except ValueError as error:
            raise VotesFileError(f"{file}: {error}") from error
        yield batch


def _none(tasks: TaskGraph, spaces: tuple[LabelSpace, ...]) -> LabelMatrix:
    """Return the votes of no row."""
    return LabelMatrix(np.zeros((0, len(spaces)), dtype=np.int8), spaces, tasks)


def _statistics_of_file(tasks: TaskGraph, spaces: tuple[LabelSpace, ...], file: Path) -> Statistics:
    # Some batches at once: where most rows differ, to reduce each by itself hardly helps.
    read = chain([_none(tasks, spaces)], _of_file(tasks, spaces, file))
    return Statistics.total(Statistics.of(*some) for some in iter(lambda: tuple(islice(read, AT_ONCE)), ()))


def _sample_of_file(
    tasks: TaskGraph, spaces: tuple[LabelSpace, ...], most: int, seed: int, job: tuple[int, Path]
) -> Sample:
    number, file = job
    return _sampled(chain([_none(tasks, spaces)], _of_file(tasks, spaces, file)), tasks, most, seed, number)


def _sampled(parts: Iterable[Statistics | LabelMatrix], tasks: TaskGraph, most: int, seed: int, number: int) -> Sample:
    """Sample the batches of one file, or of what is in memory; `number` is the file's among all."""
    kept: list[Sample] = []
    for place, part in enumerate(parts):
        check_columns(part, tasks, None)
        level = kept[0].level if kept else 0
        if isinstance(part, LabelMatrix) and level:
            chosen = _random(seed, (number, place), level).random(len(part)) < 0.5**level
            kept.append(Sample(Statistics.of(part.rows(chosen)), len(part), level, (number, place)))
        else:
            whole = part if isinstance(part, Statistics) else Statistics.of(part)
            if whole.counts.dtype.kind not in "iu":
                raise ValueError("a population of exact shares cannot be sampled; leave max_distinct_rows at None")
            kept.append(Sample(whole, whole.n, 0, (number, place)))
        if sum(len(one.statistics) for one in kept) > most:
            kept = [kept[0].merged(kept[1:], most, seed)]
    if not kept:
        raise ValueError("there is no batch of votes; give one, empty or not")
    return kept[0].merged(kept[1:], most, seed)


def _merged(most: int, seed: int, one: Sample, other: Sample) -> Sample:
    return one.merged([other], most, seed)


def _random(seed: int, place: tuple[int, int], level: int) -> np.random.Generator:
    return np.random.default_rng([seed, *place, level])
