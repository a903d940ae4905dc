"""Reader of the OpenI collection: chest X-ray reports of Indiana University, one XML file each in a .tgz.

Source: Demner-Fushman et al., "Preparing a collection of radiology examinations for distribution and
retrieval", JAMIA 2016. A report has four sections and two kinds of headings: `automatic` ones, which a machine
extracted from the text, and `major` ones, which indexers gave it. The major headings make the gold labels, so
they are returned apart from the reports and never inside them. The automatic ones are passed over: no report that
the indexers coded "normal" has any, whatever its text says, so that their mere presence tells gold.

The archive is read as a stream and nothing is unpacked to disk.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from metal.corpora import CorpusError

SECTIONS = ("indication", "comparison", "findings", "impression")
"""The sections of a report; an empty one is written as an empty element, a missing one is an error."""

LARGEST_REPORT = 1 << 20
"""Bytes; the published reports have at most 9 kB."""
LARGEST_ARCHIVE = 1 << 28
"""Bytes unpacked, with all that follows the last file; the published archive has about 25 MB."""
LARGEST_HEADERS = 1 << 16
"""Bytes of all headers of one file together; the published ones have 512 each."""
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Report:
    """What may be read of a report: its sections. `uid` is the number in the file's name."""

    uid: str
    indication: str
    comparison: str
    findings: str
    impression: str


@dataclass(frozen=True)
class Collection:
    """The reports in the order of the archive, their major headings by uid, and what was left out and why."""

    reports: tuple[Report, ...]
    major: dict[str, tuple[str, ...]]
    skipped: dict[str, int]


class BrokenReportError(CorpusError):
    """One report of an archive cannot be read; `kind` is the name under which skipped ones are counted."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class _Reading:
    """State of one pass over an archive."""

    on_error: str
    reports: list[Report] = field(default_factory=list)
    major: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # uid to the file it came from
    skipped: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        report, major = _parse(name, content)
        if report.uid in self.files:
            raise BrokenReportError(
                "doubled_id", f"{name}: report {report.uid} was already read from {self.files[report.uid]}"
            )
        self.files[report.uid] = name
        self.reports.append(report)
        self.major[report.uid] = major

    def skip(self, error: BrokenReportError) -> None:
        if self.on_error == "raise":
            raise CorpusError(
                f"{error}. Mend or remove the file, or set corpus.on_error=skip to leave out and count such reports"
            ) from error
        self.skipped[error.kind] = self.skipped.get(error.kind, 0) + 1


def read_archive(path: Path, *, on_error: str = "raise") -> Collection:
    """Read a .tgz of reports.

    on_error : "raise" stops at the first report that cannot be read; "skip" leaves it out and counts it, by kind:
        unsafe_member (a link, a device, a path out of the archive), too_large, not_utf8, malformed,
        missing_section, doubled_id

    Files that are not named NUMBER.xml are no reports and are passed over.
    Raises CorpusError naming the file, what is wrong and the remedy; always where the archive itself is
    truncated, damaged, too large or holds no report.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
    reading = _Reading(on_error)
    try:
        with _Unpacked(path, "rb") as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r:") as archive:
                for member in _members(archive, unpacked):
                    try:
                        content = _content(archive, member)
                        if content is not None:
                            reading.add(member.name, content)
                    except BrokenReportError as error:
                        reading.skip(error)
            unpacked.drain()
    except FileNotFoundError:
        raise CorpusError(f"there is no archive at {path}; run the acquire step, or set corpus.path to it") from None
    except CorpusError:
        raise
    except (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError, ValueError) as error:  # ValueError: sparse maps
        raise CorpusError(
            f"{path} is truncated or no .tgz archive: {error}. Fetch it again, or supply it with corpus.path=FILE"
        ) from error
    if not reading.reports:
        raise CorpusError(f"{path} holds no report: no file in it is named NUMBER.xml, or all were skipped")
    return Collection(tuple(reading.reports), reading.major, reading.skipped)


def _parse(name: str, content: bytes) -> tuple[Report, tuple[str, ...]]:
    """Read one report's XML; returns the report, and apart from it its major headings.

    `name` is the file's name in the archive, NUMBER.xml in some folder. Raises BrokenReportError naming the file and
    what is wrong.
    """
    number = str(int(PurePosixPath(name).stem))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenReportError(
            "not_utf8", f"{name} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}"
        ) from error
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise BrokenReportError("malformed", f"{name} is truncated or no safe XML: {error}") from error
    identity = root.find("uId")
    if identity is None or identity.get("id") != f"CXR{number}":
        found = None if identity is None else identity.get("id")
        raise BrokenReportError("malformed", f"{name} should hold the report with uId 'CXR{number}', not {found!r}")
    sections: dict[str, str] = {}
    for part in root.iter("AbstractText"):
        label = str(part.get("Label", "")).lower()
        if label in sections:
            raise BrokenReportError("malformed", f"{name} has section {label.upper()!r} twice")
        sections[label] = _text(part)
    missing = [section for section in SECTIONS if section not in sections]
    if missing:
        raise BrokenReportError(
            "missing_section",
            f"{name} has no section {missing[0].upper()}; "
            f'an empty one is written <AbstractText Label="{missing[0].upper()}"/>',
        )
    report = Report(uid=number, **{section: sections[section] for section in SECTIONS})
    return report, tuple(text for text in map(_text, root.iterfind("MeSH/major")) if text)


class _Unpacked(gzip.GzipFile):
    """An unpacked archive as tarfile may read it: never past LARGEST_ARCHIVE, nor more at once than is `allowed`.

    tarfile reads a member's extended headers whole into memory, whatever length they claim, before it shows the member.
    Its own stream would not do either: it takes a truncated archive for a complete one.
    """

    allowed = LARGEST_HEADERS

    def read(self, size: int | None = -1) -> bytes:
        """Read `size` bytes. Raises CorpusError where they are more than is `allowed` by now."""
        if size is None or not 0 <= size <= self.allowed:
            raise CorpusError(
                f"{self.name} claims {size} bytes of headers at byte {self.tell()}; "
                f"a file has at most {LARGEST_HEADERS}: no collection of reports"
            )
        content = super().read(size)
        self.allowed -= len(content)
        self._check(self.tell())
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte. Raises CorpusError past LARGEST_ARCHIVE."""
        self._check(offset)
        return super().seek(offset, whence)

    def drain(self) -> None:
        """Read to the end, where the checksum stands. Raises CorpusError past LARGEST_ARCHIVE."""
        while super().read(CHUNK_BYTES):
            self._check(self.tell())

    def _check(self, position: int) -> None:
        if position > LARGEST_ARCHIVE:
            raise CorpusError(f"{self.name} unpacks to more than {LARGEST_ARCHIVE} bytes: no collection of reports")


def _members(archive: tarfile.TarFile, unpacked: _Unpacked) -> Iterator[tarfile.TarInfo]:
    while True:
        unpacked.allowed = LARGEST_HEADERS
        member = archive.next()
        if member is None:
            return
        if member.size < 0:  # the next member would be one before it, without end
            raise CorpusError(f"{unpacked.name} is damaged: {member.name} has a size of {member.size} bytes")
        archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep every member that it has seen
        unpacked.allowed = LARGEST_REPORT
        yield member


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """Return a report's bytes; None for what is no report. Raises BrokenReportError for what is not safe to read."""
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts or "\\" in member.name:
        _unsafe(member, "its path leads out of the archive")
    if member.isdir():
        return None
    if not member.isreg():
        _unsafe(member, "it is a link or a device, not a file")
    if not re.fullmatch(r"[0-9]{1,12}\.xml", place.name):
        return None
    if member.size > LARGEST_REPORT:
        raise BrokenReportError(
            "too_large", f"{member.name} has {member.size} bytes; a report has at most {LARGEST_REPORT}"
        )
    stream = archive.extractfile(member)
    if stream is None:
        _unsafe(member, "it has no content")
    return stream.read()


def _unsafe(member: tarfile.TarInfo, reason: str) -> NoReturn:
    raise BrokenReportError("unsafe_member", f"{member.name} is refused: {reason}")


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
