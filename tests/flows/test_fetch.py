"""Fetching over loopback, out of a wheel that the test builds, and from a file; no network needed."""

import errno
import hashlib
import os
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.fetch import FetchError, fetch_copy, fetch_from_wheel, fetch_url, sha256_of

CONTENT = b"An invented archive. " * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Answers(BaseHTTPRequestHandler):
    """/whole, /short (breaks off), /silent (never answers), /stalled (stops in the middle), /drip, else 404."""

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.server.released.wait(30)  # type: ignore[attr-defined]
            return
        if self.path not in ("/whole", "/short", "/stalled", "/drip"):
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        while self.path == "/drip" and not self.server.released.wait(0.05):  # type: ignore[attr-defined]
            self.wfile.write(b".")
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[:1000])
        self.wfile.flush()
        if self.path == "/stalled":
            self.server.released.wait(30)  # type: ignore[attr-defined]

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a loopback server."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    http = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    http.daemon_threads = True
    http.released = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.released.set()  # type: ignore[attr-defined]
    http.shutdown()
    http.server_close()
    thread.join()


def assert_untouched(target: Path) -> None:
    assert not target.exists()
    assert list(target.parent.glob(".*")) == [], "a partial file was left behind"


def test_a_download_is_verified_and_whole(server: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.tgz"

    fetch_url(f"{server}/whole", target, DIGEST.upper(), timeout=5)

    assert target.read_bytes() == CONTENT
    assert sha256_of(target) == DIGEST
    assert [path.name for path in target.parent.iterdir()] == ["file.tgz"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("/nowhere", "cannot be had: HTTP Error 404"),
        ("/short", "broke off after 1000 of 105000 bytes"),
        ("/stalled", "broke off after 1000 bytes: timed out"),
        ("/silent", r"did not answer within 0\.5 s|timed out"),
    ],
)
def test_a_download_that_fails_leaves_nothing(server: str, tmp_path: Path, place: str, message: str) -> None:
    with pytest.raises(FetchError, match=message) as raised:
        fetch_url(server + place, tmp_path / "file.tgz", DIGEST, timeout=0.5)

    assert server in str(raised.value)
    assert_untouched(tmp_path / "file.tgz")


def test_a_download_that_drips_is_given_up(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts come in time, one after the other; read in full chunks they would take an hour."""
    monkeypatch.setattr("flows.fetch.LONGEST_FETCH", 0.5)

    with pytest.raises(FetchError, match=r"/drip took more than 0\.5 s for \d+ bytes"):
        fetch_url(f"{server}/drip", tmp_path / "file.tgz", DIGEST, timeout=5)
    assert_untouched(tmp_path / "file.tgz")


def test_what_is_too_large_is_given_up(
    server: str, tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_wheel(index, {"reports.tgz": CONTENT})
    monkeypatch.setattr("flows.fetch.LARGEST_FILE", len(CONTENT) - 1)

    with pytest.raises(FetchError, match=r"/whole has more than 104999 bytes"):
        fetch_url(f"{server}/whole", tmp_path / "file.tgz", DIGEST, timeout=5)
    with pytest.raises(FetchError, match=r"whl:reports\.tgz has more than 104999 bytes"):
        fetch_from_wheel("invented-corpus", "reports.tgz", tmp_path / "file.tgz", DIGEST)
    assert_untouched(tmp_path / "file.tgz")


def test_a_wrong_checksum_leaves_what_was_there(server: str, tmp_path: Path) -> None:
    target = tmp_path / "file.tgz"
    target.write_bytes(b"the old file")

    with pytest.raises(FetchError, match=f"its 105000 bytes have sha256 {DIGEST}, expected {'0' * 64}"):
        fetch_url(f"{server}/whole", target, "0" * 64, timeout=5)

    assert target.read_bytes() == b"the old file"
    assert [path.name for path in tmp_path.iterdir()] == ["file.tgz"]


def test_a_machine_without_network_moves_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*arguments: object, **named: object) -> None:
        time.sleep(30)  # a look-up that no socket timeout bounds
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    with pytest.raises(FetchError, match=r"example\.invalid/file did not answer within 0\.2 s"):
        fetch_url("http://example.invalid/file", tmp_path / "file.tgz", DIGEST, timeout=0.2)


def test_an_address_is_of_the_web(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is not an http"):
        fetch_url("file:///etc/hostname", tmp_path / "file.tgz", DIGEST, timeout=1)


def test_a_copy_is_verified(tmp_path: Path) -> None:
    source, target = tmp_path / "here.tgz", tmp_path / "there" / "file.tgz"
    source.write_bytes(CONTENT)

    fetch_copy(source, target, DIGEST)
    assert target.read_bytes() == CONTENT
    target.unlink()
    source.write_bytes(CONTENT[:-1])
    with pytest.raises(FetchError, match=r"here\.tgz is not the published file: its 104999 bytes"):
        fetch_copy(source, target, DIGEST)
    assert_untouched(target)
    fetch_copy(source, target, None)
    assert target.read_bytes() == CONTENT[:-1]


def test_a_missing_or_unreadable_copy_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"nowhere\.tgz cannot be read: No such file"):
        fetch_copy(tmp_path / "nowhere.tgz", tmp_path / "file.tgz", DIGEST)
    with pytest.raises(FetchError, match="cannot be read: Is a directory"):
        fetch_copy(tmp_path, tmp_path / "file.tgz", DIGEST)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "here.tgz", tmp_path / "there" / "file.tgz"
    source.write_bytes(CONTENT)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match=r"cannot write .*file\.tgz: No space left on device.*free space"):
        fetch_copy(source, target, DIGEST)
    assert_untouched(target)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    source = tmp_path / "here.tgz"
    source.write_bytes(CONTENT)

    with pytest.raises(OSError, match=r"cannot write .*here\.tgz/file\.tgz"):
        fetch_copy(source, source / "file.tgz", DIGEST)


def build_wheel(folder: Path, members: dict[str, bytes]) -> None:
    """Write a wheel `invented-corpus` 1.0 that depends on a package that does not exist."""
    information = "invented_corpus-1.0.dist-info"
    with zipfile.ZipFile(folder / "invented_corpus-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)
        wheel.writestr(
            f"{information}/METADATA",
            "Metadata-Version: 2.1\nName: invented-corpus\nVersion: 1.0\nRequires-Dist: no-such-package-anywhere\n",
        )
        wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{information}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is pip's only package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_member_of_a_wheel_without_its_dependencies(tmp_path: Path, index: Path) -> None:
    build_wheel(index, {"invented_corpus/data/reports.tgz": CONTENT})
    target = tmp_path / "out" / "reports.tgz"

    fetch_from_wheel("invented-corpus==1.0", "invented_corpus/data/reports.tgz", target, DIGEST)

    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["reports.tgz"]


def test_a_wheel_without_the_member_or_with_another(tmp_path: Path, index: Path) -> None:
    build_wheel(index, {"invented_corpus/data/reports.tgz": CONTENT[:10]})

    with pytest.raises(FetchError, match=r"invented_corpus-1\.0-py3-none-any\.whl has no member 'other\.tgz'"):
        fetch_from_wheel("invented-corpus==1.0", "other.tgz", tmp_path / "file.tgz", DIGEST)
    with pytest.raises(FetchError, match=r"reports\.tgz is not the published file: its 10 bytes"):
        fetch_from_wheel("invented-corpus", "invented_corpus/data/reports.tgz", tmp_path / "file.tgz", DIGEST)
    assert_untouched(tmp_path / "file.tgz")


def test_a_damaged_wheel_is_named(tmp_path: Path, index: Path) -> None:
    build_wheel(index, {"invented_corpus/data/reports.tgz": CONTENT})
    wheel = index / "invented_corpus-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[2000] ^= 0xFF  # inside the stored member: its CRC no longer fits
    wheel.write_bytes(content)

    with pytest.raises(FetchError, match=r"reports\.tgz is damaged: Bad CRC"):
        fetch_from_wheel("invented-corpus", "invented_corpus/data/reports.tgz", tmp_path / "file.tgz", DIGEST)
    assert_untouched(tmp_path / "file.tgz")


@pytest.mark.usefixtures("index")
def test_a_package_that_cannot_be_had_brings_the_words_of_pip(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"pip download invented-corpus==1\.0 failed: .*No matching distribution"):
        fetch_from_wheel("invented-corpus==1.0", "file", tmp_path / "file.tgz", DIGEST)
