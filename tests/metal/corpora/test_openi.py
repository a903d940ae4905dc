"""The OpenI reader, on archives of invented reports."""

import gzip
import io
import tarfile
import tracemalloc
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


def test_reads_sections_and_major_headings(tmp_path: Path) -> None:
    collection = read_archive(write_archive(tmp_path / "reports.tgz", [CALM, replace(CALM, number=12, findings="")]))

    first, second = collection.reports
    assert first == openi.Report("7", "Cough", "None.", "Lungs < clear > & well.", "Normal.")
    assert (second.uid, second.findings) == ("12", "")
    assert collection.major == {"7": ("normal", "Spine/degenerative"), "12": ("normal", "Spine/degenerative")}
    assert collection.skipped == {}


def test_automatic_headings_are_passed_over(tmp_path: Path) -> None:
    """Files have them beside the major ones; only reports in which an indexer found something do, so they tell gold."""
    assert b"<automatic>cough</automatic>\n<automatic>clear</automatic>" in CALM.xml()
    tagged = read_archive(write_archive(tmp_path / "tagged.tgz", [CALM]))
    plain = read_archive(write_archive(tmp_path / "plain.tgz", [replace(CALM, automatic=())]))

    assert tagged == plain
    assert {field.name for field in fields(openi.Report)} == {"uid", *openi.SECTIONS}, "no place for headings"


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
    monkeypatch.setattr(openi, "LARGEST_ARCHIVE", 20_000)
    # An archive of a small file has 10 kB; what is padded lies before the report, in it, or after the archive's end.
    report = (named(CALM), CALM.xml())
    first = write_members(tmp_path / "first.tgz", [("padding.bin", bytes(20_000)), report])
    last = write_members(tmp_path / "last.tgz", [report, ("padding.bin", bytes(20_000))])
    after = tmp_path / "after.tgz"
    after.write_bytes(gzip.compress(gzip.decompress(write_members(after, [report]).read_bytes()) + bytes(20_000)))
    assert read_archive(write_members(tmp_path / "fits.tgz", [report])).reports

    for path in (first, last, after):
        with pytest.raises(CorpusError, match=rf"{path.name} unpacks to more than 20000 bytes"):
            read_archive(path, on_error="skip")


def header(name: str, kind: bytes, size: int) -> bytes:
    """Return the header of a member of any kind, whatever size it claims."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    return entry.tobuf(tarfile.GNU_FORMAT)  # the size in binary where it is too large, or negative, for octal digits


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK])
def test_headers_that_would_fill_the_memory_are_refused_before_they_are_read(tmp_path: Path, kind: bytes) -> None:
    """tarfile reads a long name, or the fields of an extended header, at once: 200 MB of them are 200 kB packed."""
    size = 200 << 20
    path = tmp_path / "bomb.tgz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.write(header("long", kind, size))
        for _ in range(200):
            packed.write(bytes(1 << 20))
        packed.write(header(named(CALM), tarfile.REGTYPE, 0))

    tracemalloc.start()
    try:
        with pytest.raises(CorpusError, match=rf"claims {size} bytes of headers at byte 512; a file has at most 65536"):
            read_archive(path, on_error="skip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_a_long_chain_of_headers_is_refused(tmp_path: Path) -> None:
    """tarfile goes one call deeper for each header before a file."""
    link = header("long", tarfile.GNUTYPE_LONGNAME, 512) + b"x" * 511 + b"\0"
    path = tmp_path / "chain.tgz"
    path.write_bytes(gzip.compress(link * 2000 + header(named(CALM), tarfile.REGTYPE, 0) + bytes(1024)))

    with pytest.raises(CorpusError, match="a file has at most 65536"):
        read_archive(path, on_error="skip")


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_negative_size_is_refused(tmp_path: Path, kind: bytes) -> None:
    """The member after it would be this one again, without end."""
    path = tmp_path / "circle.tgz"
    entry = header("first.txt", tarfile.REGTYPE, 0) + header("circle", kind, -512)
    path.write_bytes(gzip.compress(entry + bytes(10_240)))

    with pytest.raises(CorpusError, match=r"circle has a size of -512 bytes|claims -512 bytes of headers"):
        read_archive(path, on_error="skip")


def test_a_sparse_file_whose_map_is_broken_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("7.xml")
        entry.size = len(CALM.xml())  # a sparse file begins with a map of its holes, one number a line
        entry.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9000"}
        archive.addfile(entry, io.BytesIO(CALM.xml()))
    path = tmp_path / "sparse.tgz"
    path.write_bytes(gzip.compress(packed.getvalue()))

    with pytest.raises(CorpusError, match=r"sparse\.tgz is truncated or no \.tgz archive"):
        read_archive(path)


def test_long_names_as_tar_programs_write_them_are_read(tmp_path: Path) -> None:
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
            entry = tarfile.TarInfo("folder/" * 40 + "7.xml")
            entry.size = len(CALM.xml())
            archive.addfile(entry, io.BytesIO(CALM.xml()))
        path = tmp_path / "reports.tgz"
        path.write_bytes(gzip.compress(packed.getvalue()))

        assert [report.uid for report in read_archive(path).reports] == ["7"]
