"""Partitions in scratch until all of a step's are there: what an interrupted run finished, the next one finds."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.artifacts import parquet_files
from metal.atomic import exchange, neighbour


def unfinished(folder: Path, source: Path) -> Path:
    """Return where in a folder for unfinished work that which is made of a table belongs, without what is of another.

    What an interrupted run finished of the same partitions stays; see `metal.partitions`.
    """
    path = folder / source.name
    names = {file.name for file in parquet_files(source)}
    if path.exists() and path.is_dir() != source.is_dir():
        remove(path)
    for file in path.glob("*.parquet"):
        if file.name not in names:
            file.unlink()
    return path


def take_over(made: Path, path: Path) -> None:
    """Put a finished file or folder of partitions into its place, without the receipts of how it was made."""
    for receipt in made.glob(".*.json"):
        receipt.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    old = neighbour(path)
    exchange(path, made, old)
    remove(old)


def remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
