"""Atomic writing: a file or a directory is there whole, or what was there before still is.

Content goes to a temporary neighbour, is flushed to disk, and is then renamed over the target. Whoever is killed while
writing leaves at most a hidden `*.partial`, which no reader ever opens.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import psutil

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What an error of the disk itself may be, whichever path it names."""
DAY = 24 * 60 * 60.0


class UnwritableError(OSError):
    """A file or directory could not be written; the message names it, and the remedy."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises UnwritableError naming the path and the remedy."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, piece by piece, that takes the place of `path` at the end; on an error nothing changes.

    Raises UnwritableError where it cannot be written, also where the body fails for the disk's sake.
    """
    partial = neighbour(path)
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep(path)
            file = partial.open("xb")
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            with file:  # closing it writes what a failed write left behind, and fails in the same way
                yield file
                try:
                    file.flush()
                    os.fsync(file.fileno())
                    partial.replace(path)
                except OSError as error:
                    raise unwritable(path, error) from error
        except OSError as error:
            if error.errno in FULL and not isinstance(error, UnwritableError):
                raise unwritable(path, error) from error
            raise
        sync_directory(path.parent)
    finally:
        with suppress(OSError):  # it is there no more, or the folder itself is what is wrong
            partial.unlink()


def unwritable(path: Path, error: OSError) -> UnwritableError:
    """Say which file could not be written, why, and what to do; nothing at the path has changed."""
    # What copytree raises lists the files that failed, each with its reason.
    reason = error.args[0][0][-1] if isinstance(error, shutil.Error) else error.strerror or error
    return UnwritableError(
        error.errno,
        f"cannot write {path}: {reason}. What was there before is unchanged; "
        "free space or make the folder writable, then run the same command again",
    )


def neighbour(path: Path) -> Path:
    """Return a hidden name beside a path that no other writer takes, with this process's ID in it."""
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.partial")


def sweep(path: Path) -> None:
    """Remove what killed writers of a path left beside it: their process is gone, or it is older than a day."""
    name = re.compile(rf"\.{re.escape(path.name)}\.(\d+)(\.[0-9a-f]+)?(\.old)?\.partial")
    for sibling in path.parent.iterdir():
        found = name.fullmatch(sibling.name)
        if found is None:
            continue
        with suppress(OSError):  # another process may be removing it
            if not psutil.pid_exists(int(found[1])) or time.time() - sibling.lstat().st_mtime > DAY:
                if sibling.is_dir():
                    shutil.rmtree(sibling)
                else:
                    sibling.unlink()


def sync_directory(path: Path) -> None:
    """Make a rename survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """Give a temporary directory that takes the place of `path` at the end; on an error `path` stays as it was.

    Raises UnwritableError where it cannot be written, also where the body fails for the disk's sake.
    """
    partial = neighbour(path)
    old = partial.with_suffix(".old.partial")
    try:
        partial.mkdir(parents=True)
        sweep(path)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        try:
            yield partial
        except UnwritableError:
            raise
        except OSError as error:
            if error.errno in FULL or isinstance(error, shutil.Error):
                raise unwritable(path, error) from error
            raise
        try:
            for file in partial.rglob("*"):
                if file.is_file():
                    with file.open("rb") as handle:
                        os.fsync(handle.fileno())
            exchange(path, partial, old)
        except OSError as error:
            raise unwritable(path, error) from error
        sync_directory(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def exchange(path: Path, new: Path, old: Path) -> None:
    """Move `new` to the path, and what is there to `old`; if that fails it stays there."""
    if path.exists():
        path.replace(old)
    try:
        new.replace(path)
    except OSError:
        if old.exists():
            old.replace(path)
        raise


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, content.encode())
