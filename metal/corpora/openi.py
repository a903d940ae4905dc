"""Reader of the OpenI collection: chest X-ray reports of Indiana University, one XML file each in a .tgz.

Source: Demner-Fushman et al., "Preparing a collection of radiology examinations for distribution and
retrieval", JAMIA 2016. A report has four sections and two kinds of headings: `automatic` ones, which a machine
extracted from the text, and `major` ones, which indexers gave it. The major headings make the gold labels, so
they are returned apart from the reports and never inside them.

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
LARGEST_ARCHIVE = 1 << 30
"""Bytes unpacked; the published archive has about 25 MB."""
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Report:
    """What may be read of a report: its sections, and the tags a machine extracted from them.

    `uid` is the number in the file's name.
    """

    uid: str
    indication: str
    comparison: str
    findings: str
    impression: str
    automatic: tuple[str, ...]


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
        report, major = parse_report(name, content)
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
        # gzip outside tarfile: tarfile's own stream takes a truncated archive for a complete one.
        with gzip.open(path, "rb") as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r:") as archive:
                for member in _members(archive, path):
                    try:
                        content = _content(archive, member)
                        if content is not None:
                            reading.add(member.name, content)
                    except BrokenReportError as error:
                        reading.skip(error)
            while unpacked.read(CHUNK_BYTES):  # to the end, where the checksum stands
                pass
    except FileNotFoundError:
        raise CorpusError(f"there is no archive at {path}; run the acquire step, or set corpus.path to it") from None
    except (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError) as error:
        raise CorpusError(
            f"{path} is truncated or no .tgz archive: {error}. Fetch it again, or supply it with corpus.path=FILE"
        ) from error
    if not reading.reports:
        raise CorpusError(f"{path} holds no report: no file in it is named NUMBER.xml, or all were skipped")
    return Collection(tuple(reading.reports), reading.major, reading.skipped)


def parse_report(name: str, content: bytes) -> tuple[Report, tuple[str, ...]]:
    """Read one report's XML; returns the report, and apart from it its major headings.

    `name` is the file's name in the archive. Raises BrokenReportError naming the file and what is wrong.
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
    report = Report(
        uid=number,
        automatic=_headings(root, "automatic"),
        **{section: sections[section] for section in SECTIONS},
    )
    return report, _headings(root, "major")


def _members(archive: tarfile.TarFile, path: Path) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if member.offset_data + member.size > LARGEST_ARCHIVE:
            raise CorpusError(
                f"{path} unpacks to more than {LARGEST_ARCHIVE} bytes (at {member.name}): no collection of reports"
            )
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


def _headings(root: Element, kind: str) -> tuple[str, ...]:
    return tuple(text for text in map(_text, root.iterfind(f"MeSH/{kind}")) if text)
