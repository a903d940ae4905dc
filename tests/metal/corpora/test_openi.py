"""The OpenI reader, on archives of invented reports."""

import gzip
import io
import tarfile
from dataclasses import fields, replace
from pathlib import Path

import pytest

from metal.corpora import CorpusError, openi
from metal.corpora.openi import read_archive
from tests.openi_reports import FOLDER, Report, varied_reports, write_archive, write_members

CALM = Report(
    7,
    findings="Lungs < clear > & well.",
    impression="Normal.",
    indication="Cough",
    comparison="None.",
    major=("normal", "Spine/degenerative"),
    automatic=("cough", "clear"),
)


def named(report: Report) -> str:
    return f"{FOLDER}/{report.number}.xml"


def test_reads_sections_tags_and_headings(tmp_path: Path) -> None:
    collection = read_archive(write_archive(tmp_path / "reports.tgz", [CALM, replace(CALM, number=12, findings="")]))

    first, second = collection.reports
    assert first == openi.Report("7", "Cough", "None.", "Lungs < clear > & well.", "Normal.", ("cough", "clear"))
    assert (second.uid, second.findings) == ("12", "")
    assert collection.major == {"7": ("normal", "Spine/degenerative"), "12": ("normal", "Spine/degenerative")}
    assert collection.skipped == {}


def test_a_report_has_no_place_for_major_headings() -> None:
    assert {field.name for field in fields(openi.Report)} == {"uid", *openi.SECTIONS, "automatic"}


def test_other_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    path = write_members(
        tmp_path / "reports.tgz",
        [("README.txt", b"\xff"), (f"{FOLDER}/._7.xml", b"\x00"), (named(CALM), CALM.xml())],
    )

    assert [report.uid for report in read_archive(path).reports] == ["7"]


ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;">]>'
    b'<eCitation><uId id="CXR9"/>&y;</eCitation>'
)
NINE = replace(CALM, number=9).xml()

BROKEN = [
    # name in the archive, content, kind under which it is counted, what the message says
    (f"{FOLDER}/9.xml", NINE[:300], "malformed", "9.xml is truncated or no safe XML"),
    (f"{FOLDER}/9.xml", ENTITY_BOMB, "malformed", "9.xml is truncated or no safe XML"),
    (f"{FOLDER}/9.xml", NINE.replace(b"clear", b"cl\xe9ar"), "not_utf8", "9.xml is not UTF-8: byte .* is 0xe9"),
    (
        f"{FOLDER}/9.xml",
        NINE.replace(b'<AbstractText Label="FINDINGS">Lungs &lt; clear &gt; &amp; well.</AbstractText>', b""),
        "missing_section",
        "9.xml has no section FINDINGS",
    ),
    (f"{FOLDER}/9.xml", NINE.replace(b'Label="COMPARISON"', b'Label="FINDINGS"'), "malformed", "'FINDINGS' twice"),
    (f"{FOLDER}/9.xml", CALM.xml(), "malformed", "should hold the report with uId 'CXR9', not 'CXR7'"),
    ("again/7.xml", CALM.xml(), "doubled_id", f"report 7 was already read from {FOLDER}/7.xml"),
    (f"{FOLDER}/007.xml", CALM.xml(), "doubled_id", "report 7 was already read"),
    (f"{FOLDER}/../../9.xml", NINE, "unsafe_member", "its path leads out of the archive"),
    ("/etc/9.xml", NINE, "unsafe_member", "its path leads out of the archive"),
    ("a\\..\\9.xml", NINE, "unsafe_member", "its path leads out of the archive"),
    (f"{FOLDER}/9.xml", NINE + b" " * openi.LARGEST_REPORT, "too_large", "9.xml has .* bytes; a report has at most"),
]


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"), BROKEN, ids=[f"{b[2]}-{i}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_report_is_an_error_or_counted(
    tmp_path: Path, name: str, content: bytes, kind: str, message: str
) -> None:
    other = replace(CALM, number=11)
    path = write_members(
        tmp_path / "reports.tgz", [(named(CALM), CALM.xml()), (name, content), (named(other), other.xml())]
    )

    with pytest.raises(CorpusError, match=message) as raised:
        read_archive(path)
    assert "corpus.on_error=skip" in str(raised.value)
    collection = read_archive(path, on_error="skip")
    assert [report.uid for report in collection.reports] == ["7", "11"]
    assert set(collection.major) == {"7", "11"}
    assert collection.skipped == {kind: 1}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("9.xml")
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    path = tmp_path / "reports.tgz"
    path.write_bytes(gzip.compress(packed.getvalue()))

    with pytest.raises(CorpusError, match=r"9\.xml is refused: it is a link or a device"):
        read_archive(path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9])
def test_a_truncated_archive_is_never_taken_for_a_short_one(tmp_path: Path, share: float) -> None:
    path = write_archive(tmp_path / "reports.tgz", varied_reports(20))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(CorpusError, match=r"truncated or no \.tgz archive"):
        read_archive(path, on_error="skip")


def test_a_single_missing_byte_or_a_wrong_one_is_found(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "reports.tgz", [CALM])
    content = path.read_bytes()

    path.write_bytes(content[:-1])
    with pytest.raises(CorpusError, match="truncated"):
        read_archive(path)
    # The last 8 bytes of gzip are checksum and length: a wrong one means damaged content.
    path.write_bytes(content[:-8] + bytes([content[-8] ^ 1]) + content[-7:])
    with pytest.raises(CorpusError, match=r"truncated or no \.tgz archive"):
        read_archive(path)


@pytest.mark.parametrize("content", [b"", b"not an archive", gzip.compress(b"no tar inside" * 100)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reports.tgz"
    path.write_bytes(content)

    with pytest.raises(CorpusError, match=r"reports\.tgz is truncated or no \.tgz archive"):
        read_archive(path)


def test_an_archive_without_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no report"):
        read_archive(write_members(tmp_path / "reports.tgz", [("README.txt", b"hello")]))


def test_a_missing_archive_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no archive at .*corpus\.path"):
        read_archive(tmp_path / "nowhere.tgz")


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openi, "LARGEST_ARCHIVE", 10_000)
    path = write_members(tmp_path / "bomb.tgz", [("padding.bin", bytes(20_000)), (named(CALM), CALM.xml())])

    with pytest.raises(CorpusError, match="unpacks to more than 10000 bytes"):
        read_archive(path, on_error="skip")
