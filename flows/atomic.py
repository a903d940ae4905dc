"""Atomic writing: a file or a directory is there whole, or what was there before still is.

Content goes to a temporary neighbour, is flushed to disk, and is then renamed over the target. Whoever is killed while
writing leaves at most a hidden `*.partial`, which no reader ever opens.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises OSError naming the path and the remedy."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # the folder itself may be what is wrong
            partial.unlink()
        raise unwritable(path, error) from error
    sync_directory(path.parent)


def unwritable(path: Path, error: OSError) -> OSError:
    """Say which file could not be written, why, and what to do; nothing at the path has changed."""
    return OSError(
        error.errno,
        f"cannot write {path}: {error.strerror}. What was there before is unchanged; "
        "free space or make the folder writable, then run the same command again",
    )


def sync_directory(path: Path) -> None:
    """Make a rename survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """Give a temporary directory that takes the place of `path` at the end; on an error `path` stays as it was."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    old = path.with_name(f".{path.name}.{os.getpid()}.old.partial")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield partial
        for file in partial.rglob("*"):
            if file.is_file():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
        try:
            if path.exists():
                path.replace(old)
            partial.replace(path)
        except OSError as error:
            raise unwritable(path, error) from error
        sync_directory(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, content.encode())
