"""Votes in Parquet: `id` and one column of codes a source; label spaces and task graph in the schema's metadata.

Readers go through a file, a folder of partitions or a list of files in batches of rows, so that a matrix that does not
fit into memory never has to. A Parquet file of anybody's, without our metadata, is read as codes over the whole of F:
every column but `id` is a source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metal.atomic import atomic_file
from metal.label_matrix import LabelMatrix, LabelSpace, code_type
from metal.tasks import TaskGraph

if TYPE_CHECKING:
    import pyarrow as pa

METADATA_KEY = b"metal"
ID = "id"
CELLS = 1 << 23
"""Codes read at a time, and the most of a row group that is written."""
Paths: TypeAlias = str | Path | Sequence[str | Path]


class VotesFileError(ValueError):
    """A file of votes is missing, damaged, or not of the format."""


@dataclass(frozen=True)
class Header:
    """What a file says of its columns."""

    spaces: tuple[LabelSpace, ...]
    tasks: TaskGraph
    has_ids: bool


def write_votes(path: Path, votes: LabelMatrix, ids: Sequence[str] | None = None) -> None:
    """Write votes, and the ids of their rows if there are any, atomically. Raises VotesFileError for other ids."""
    if ids is not None and len(ids) != len(votes):
        raise VotesFileError(f"{len(ids)} ids for {len(votes)} rows of votes")
    write_batches(path, votes.spaces, votes.tasks, [(ids, votes)], has_ids=ids is not None)


def write_batches(
    path: Path,
    spaces: Sequence[LabelSpace],
    tasks: TaskGraph,
    batches: Iterable[tuple[Sequence[str] | None, LabelMatrix]],
    *,
    has_ids: bool,
) -> None:
    """Write votes that come some rows at a time, with the ids of their rows if `has_ids`, atomically."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [space.name for space in spaces]
    if ID in names:
        raise VotesFileError(f"no source may be called {ID!r}: that column holds the ids of the rows")
    content = {"task_graph": tasks.to_dict(), "spaces": [space.to_dict() for space in spaces]}
    metadata = {METADATA_KEY: json.dumps(content, sort_keys=True, ensure_ascii=False).encode()}
    fields = [pa.field(name, str(code_type(spaces))) for name in names]
    schema = pa.schema([pa.field(ID, pa.string()), *fields] if has_ids else fields, metadata)
    with atomic_file(path) as file, pq.ParquetWriter(file, schema) as writer:
        for ids, votes in batches:
            start = 0
            for block in votes.blocks(_rows(len(names))):
                columns = [pa.array(column) for column in np.ascontiguousarray(block.codes.T)]
                if ids is not None:
                    columns.insert(0, text_array(ids[start : start + len(block)]))
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                start += len(block)


def text_array(ids: Sequence[str]) -> pa.Array:
    """Return ids as Arrow's text; Arrow's own need not be taken apart."""
    import pyarrow as pa

    if isinstance(ids, pa.Array):
        return ids.cast(pa.string())
    return pa.array([str(identifier) for identifier in ids], pa.string())


def read_votes(paths: Paths, tasks: TaskGraph | None = None) -> tuple[list[str] | None, LabelMatrix]:
    """Read a file, a folder of partitions or a list, whole: the ids of the rows, None without any, and the votes.

    Raises as `read_batches`, and for partitions with other columns than the first.
    """
    files = partitions(paths)
    header = read_header(files[0], tasks)
    ids: list[str] = []
    parts = []
    for file in files:
        if read_header(file, tasks) != header:
            raise VotesFileError(f"{file} and {files[0]} differ in columns or tasks: they are not of one data set")
        for some, votes in read_batches(file, tasks):
            ids += some or []
            parts.append(votes.codes)
    codes = np.concatenate(parts) if parts else np.zeros((0, len(header.spaces)), dtype=np.int8)
    return ids if header.has_ids else None, LabelMatrix(codes, header.spaces, header.tasks)


def read_batches(path: Path, tasks: TaskGraph | None = None) -> Iterator[tuple[list[str] | None, LabelMatrix]]:
    """Yield the rows of a file in order, some at a time: their ids, None without any, and their votes.

    tasks : the task graph of a file without our metadata; of one with, it stands in the file
    Raises VotesFileError, naming file and column, for a file that is missing or damaged, for missing columns, missing
    votes, votes that are no integers, and codes outside their source's label space.
    """
    for ids, votes in _batches(path, tasks, with_ids=True):
        yield None if ids is None else [str(identifier) for identifier in ids.to_pylist()], votes


def read_matrices(path: Path, tasks: TaskGraph | None = None) -> Iterator[LabelMatrix]:
    """Yield the votes alone, as `read_batches` does."""
    return (votes for _, votes in _batches(path, tasks, with_ids=False))


def read_with_ids(path: Path, tasks: TaskGraph | None = None) -> Iterator[tuple[pa.Array | None, LabelMatrix]]:
    """Yield what `read_batches` does, the ids as Arrow has them."""
    return _batches(path, tasks, with_ids=True)


def _batches(path: Path, tasks: TaskGraph | None, *, with_ids: bool) -> Iterator[tuple[pa.Array | None, LabelMatrix]]:
    import pyarrow as pa

    header = read_header(path, tasks)
    names = [space.name for space in header.spaces]
    with_ids = with_ids and header.has_ids
    start = 0
    try:
        with _opened(path) as file:
            for batch in file.iter_batches(_rows(len(names)), columns=[ID, *names] if with_ids else names):
                columns = [_column(path, name, batch.column(name), start) for name in names]
                try:
                    votes = LabelMatrix(np.stack(columns).T, header.spaces, header.tasks)
                except ValueError as error:
                    raise VotesFileError(f"{path}, in the rows from {start} on: {error}") from error
                yield batch.column(ID) if with_ids else None, votes
                start += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise VotesFileError(f"{path} cannot be read: {error}") from error


def read_header(path: Path, tasks: TaskGraph | None = None) -> Header:
    """Return what a file says of its columns; see `read_batches`."""
    with _opened(path) as file:
        schema = file.schema_arrow
    if doubled := sorted({name for name in schema.names if schema.names.count(name) > 1}):
        raise VotesFileError(f"{path} has more than one column {doubled[0]!r}; every source needs a name of its own")
    found = (schema.metadata or {}).get(METADATA_KEY)
    if found is None and tasks is None:
        raise VotesFileError(f"{path} holds no label spaces: it is no file of votes, or give the task graph")
    if found is None:
        assert tasks is not None
        spaces = tuple(LabelSpace(name, tasks.names, tasks.feasible) for name in schema.names if name != ID)
    else:
        try:
            content = json.loads(found)
            tasks = TaskGraph.from_dict(content["task_graph"])
            spaces = tuple(LabelSpace.from_dict(space, tasks) for space in content["spaces"])
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise VotesFileError(
                f"{path} holds no label spaces: its metadata {METADATA_KEY.decode()!r} are damaged or foreign "
                f"({error!r}); write the file again"
            ) from error
    missing = [space.name for space in spaces if space.name not in schema.names]
    if missing:
        raise VotesFileError(f"{path} has no column {missing[0]!r}; it has {schema.names}")
    return Header(spaces, tasks, ID in schema.names)


def partitions(paths: Paths) -> list[Path]:
    """Return the files of a file, of a folder (its *.parquet by name) or of a list of both. Raises VotesFileError."""
    if not isinstance(paths, str | Path):
        return [file for path in paths for file in partitions(path)]
    path = Path(paths)
    if path.is_dir():
        files = sorted(path.glob("*.parquet"))
        if not files:
            raise VotesFileError(f"the folder {path} holds no *.parquet file")
        return files
    if not path.is_file():
        raise VotesFileError(f"there is no file or folder {path}")
    return [path]


def _opened(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise VotesFileError(f"there is no file {path}")
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise VotesFileError(f"{path} cannot be read: {error}") from error


def _column(path: Path, name: str, column: pa.Array, start: int) -> Any:
    """Return a column's codes as signed integers, or as narrow ones that stay integers beside signed ones."""
    import pyarrow as pa

    if column.null_count:
        row = start + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise VotesFileError(f"{path}: column {name!r} holds no vote in row {row}; votes are codes, 0 abstains")
    if not pa.types.is_integer(column.type):
        raise VotesFileError(f"{path}: column {name!r} holds {column.type}; votes are integer codes, 0 abstains")
    return column.cast(pa.int64()).to_numpy() if column.type == pa.uint64() else column.to_numpy()


def _rows(sources: int) -> int:
    """Return how many rows are read or written at a time."""
    return max(1_000, CELLS // max(sources, 1))
