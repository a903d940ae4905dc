"""Votes by partition: an application's sources applied to a data set of texts in Parquet, one file of votes a file.

A partition is read, labeled and written some rows at a time, so that what must fit into memory is a batch of texts.
Whoever is interrupted goes on with the partitions that are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from metal.application import Application
from metal.engine import HERE, Engine
from metal.label_matrix import LabelMatrix
from metal.partitions import code, hashed, once, paired
from metal.sources import SourceError, apply_sources
from metal.votes_file import ID, Paths, VotesFileError, write_batches

ROWS = 65_536
"""Texts that are read at a time."""


@dataclass(frozen=True)
class Labeled:
    """What labeling came to: rows, votes, and how often each source raised."""

    rows: int
    votes: int
    failures: Mapping[str, int]

    def __add__(self, other: Labeled) -> Labeled:
        failures = {name: count + other.failures[name] for name, count in self.failures.items()}
        return Labeled(self.rows + other.rows, self.votes + other.votes, failures)


def label_partitions(
    application: Application[Any],
    texts: Paths,
    votes: str | Path,
    *,
    version: str,
    on_error: str = "raise",
    recheck_every: int = 50,
    engine: Engine = HERE,
    title: str = "",
) -> Labeled:
    """Write the votes of an application's sources on every partition of a data set of texts.

    texts : Parquet with a column `id` and what `application.view` and declared sources read
    votes : a file, or a folder of partitions; see `metal.partitions.paired`
    version : a name for the state of the application's code; partitions that were finished under another are done anew
    on_error, recheck_every : see `metal.sources.apply_sources`
    title : of a bar that counts the examples of a single partition, empty for none; the engine's own counts partitions

    Raises SourceError naming source, example and cause, and VotesFileError naming the file.
    """
    jobs = paired(texts, Path(votes))
    names = [source.name for source in application.sources]
    labeler = _Labeler(
        application,
        on_error,
        recheck_every,
        maker=hashed(version, code(), application.name, names, on_error, recheck_every),
        title=title if len(jobs) == 1 else "",
    )
    return sum(engine.map(labeler, jobs, title or "label"), Labeled(0, 0, dict.fromkeys(names, 0)))


@dataclass(frozen=True)
class _Labeler:
    """Labels one partition, unless it was. title : of a bar that counts examples; empty: none."""

    application: Application[Any]
    on_error: str
    recheck_every: int
    maker: str
    title: str

    def __call__(self, job: tuple[Path, Path]) -> Labeled:
        return Labeled(**once(*job, self.maker, lambda: self._label(*job)))

    def _label(self, texts: Path, votes: Path) -> dict[str, Any]:
        spaces = [source.space(self.application.tasks) for source in self.application.sources]
        told = Labeled(0, 0, {space.name: 0 for space in spaces})

        def labeled() -> Iterator[tuple[pa.Array, LabelMatrix]]:
            nonlocal told
            with tqdm(total=_length(texts), desc=self.title, unit="example", disable=not self.title) as bar:
                for table in _tables(texts):
                    matrix, failures = apply_sources(
                        self.application.sources,
                        Views(self.application, table, bar.update),
                        self.application.tasks,
                        columns=table,
                        on_error=self.on_error,
                        recheck_every=self.recheck_every,
                    )
                    told += Labeled(len(matrix), int(np.count_nonzero(matrix.votes)), failures)
                    bar.update(told.rows - bar.n)  # declared sources look at whole columns, not at views
                    yield table.column(ID).combine_chunks(), matrix

        write_batches(votes, spaces, self.application.tasks, labeled(), has_ids=True)
        return asdict(told)


def _length(path: Path) -> int:
    """Return the number of rows of a partition. Raises VotesFileError naming the file."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise VotesFileError(f"{path} cannot be read: {error}") from error


def _tables(path: Path) -> Iterator[pa.Table]:
    """Yield the texts of a partition some rows at a time. Raises VotesFileError naming the file."""
    try:
        with pq.ParquetFile(path) as file:
            if ID not in file.schema_arrow.names:
                raise VotesFileError(f"{path} must have a column {ID!r} without gaps; it has {file.schema_arrow.names}")
            for batch in file.iter_batches(ROWS):
                table = pa.Table.from_batches([batch])
                if table.column(ID).null_count:
                    raise VotesFileError(f"{path} must have a column {ID!r} without gaps")
                yield table
    except (pa.ArrowInvalid, OSError) as error:
        raise VotesFileError(f"{path} cannot be read: {error}") from error


class Views(Sequence[tuple[str, Any]]):
    """(id, view) of each row of a table, built when asked for; going through all of them tells `seen` of each.

    Raises SourceError naming the example where the application's view of it fails.
    """

    def __init__(self, application: Application[Any], table: pa.Table, seen: Callable[[], object]) -> None:
        self._application = application
        self._seen = seen
        frame = table.to_pandas()
        self._columns = {str(column): frame[column].tolist() for column in frame.columns}

    def __len__(self) -> int:
        return len(self._columns[ID])

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for row in range(len(self)):
            yield self[row]
            self._seen()

    def __getitem__(self, row: Any) -> Any:
        example = {column: values[row] for column, values in self._columns.items()}
        try:
            view = self._application.view(example)
        except Exception as error:  # the application's own code: whatever it raises is told with the example
            raise SourceError(
                f"the view of application {self._application.name!r} raised on example {example[ID]!r}: "
                f"{type(error).__name__}: {error}. Mend its `view`; label.on_error concerns sources only."
            ) from error
        return str(example[ID]), view
