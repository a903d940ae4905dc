"""One Parquet file in, one out: work on a data set by partition, that can be taken up again where it was broken off.

A data set is a file, a folder of files (its *.parquet, in the order of their names) or a list of both. What is made of
it has the same form: a file of a file, of a folder or a list a folder with a file of the same name for each.

Beside a finished file lies its receipt, `.NAME.json`: what the file was made of, and what is to be told of it. Where
the same is asked for again, that file is done. Receipts are hidden files that readers of data sets pass over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from metal.atomic import write_text
from metal.votes_file import Paths, VotesFileError, partitions

CHUNK = 1 << 20


def paired(source: Paths, out: Path) -> list[tuple[Path, Path]]:
    """Return each partition of a data set with the file that is to be made of it, by absolute paths, in order.

    Raises VotesFileError for two partitions of one name, and for files in the folder `out` that belong to none:
    whoever reads the folder would take them for part of it.
    """
    found = [file.resolve() for file in partitions(source)]
    out = Path(out).resolve()
    if isinstance(source, str | Path) and not Path(source).is_dir():
        if out.is_dir():
            raise VotesFileError(
                f"{out} is a folder, but {source} is a file; name a file, or give a folder of partitions"
            )
        return [(found[0], out)]
    names = [file.name for file in found]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise VotesFileError(f"two partitions are called {doubled[0]!r}; each needs a name of its own")
    if out.is_file():
        raise VotesFileError(f"{out} is a file, but a folder of partitions is to be written there; name another")
    if strangers := sorted(file.name for file in out.glob("*.parquet") if file.name not in names):
        raise VotesFileError(
            f"the folder {out} holds {strangers[0]!r}, which no partition of {source} has the name of; "
            "remove it, or write to another folder"
        )
    if out in {file.parent for file in found}:
        raise VotesFileError(f"{out} holds the partitions that are read; write to another folder")
    return [(file, out / file.name) for file in found]


def once(source: Path, out: Path, maker: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Let `make` write the file `out`, unless it was made of the same already; return what is to be told of it.

    source : the file that it is made of, by content
    maker : what else decides the content of `out`, as a hash: see `hashed`
    """
    receipt = out.with_name(f".{out.name}.json")
    made_of = hashed(maker, content(source))
    with suppress(FileNotFoundError, ValueError, KeyError):
        kept = json.loads(receipt.read_text(encoding="utf-8"))
        if kept["made_of"] == made_of and kept["size"] == out.stat().st_size:
            return dict(kept["told"])
    receipt.unlink(missing_ok=True)  # before it could vouch for another file
    told = make()
    write_text(receipt, json.dumps({"made_of": made_of, "size": out.stat().st_size, "told": told}, sort_keys=True))
    return told


def content(path: Path) -> str:
    """Return a hash of a file's content. Raises VotesFileError where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise VotesFileError(f"{path} cannot be read: {error}") from error
    return digest.hexdigest()


def hashed(*parts: Any) -> str:
    """Return a hash of texts, bytes, and of what JSON can hold."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(hashlib.sha256(raw).digest())
    return digest.hexdigest()


def folder_content(folder: Path, pattern: str = "*") -> str:
    """Return a hash of the files below a folder, their names and what they hold."""
    files = sorted(file for file in folder.rglob(pattern) if file.is_file())
    return hashed(*(part for file in files for part in (file.relative_to(folder).as_posix(), file.read_bytes())))


@cache
def code() -> str:
    """Return a hash of this package's code, which decides what is made of anything."""
    return folder_content(Path(__file__).parent, "*.py")
