"""Ingest: splits, texts and gold apart, whatever the application."""

from dataclasses import replace
from pathlib import Path

import pytest

from flows.artifacts import SPLITS, ArtifactError, Paths, read_gold, read_json, read_table
from flows.compose import params_text
from flows.config import load_config
from flows.steps.acquire import acquire
from flows.steps.ingest import ingest
from metal.applications.report import TRIAGE, application
from metal.corpora import CorpusError
from tests.flows.ingested import LOCAL, ids, labels_file
from tests.openi_reports import Report, class_of, varied_reports, write_archive

SENTINEL = "zyzzyva"


def put(paths: Paths, reports: list[Report]) -> None:
    write_archive(paths.raw / "NLMCXR_reports.tgz", reports)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, "report")


def test_splits_of_the_asked_sizes_with_gold_apart(paths: Paths) -> None:
    put(paths, varied_reports(60))

    ingest(application, LOCAL, paths)

    found = ids(paths)
    assert {split: len(members) for split, members in found.items()} == {"train": 30, "dev": 12, "test": 12, "rest": 6}
    assert sorted((i for members in found.values() for i in members), key=int) == [
        str(number) for number in range(1, 61)
    ]
    for split in SPLITS:
        text = read_table(paths.text(split))
        assert list(text.columns) == ["id", "indication", "comparison", "findings", "impression"]
        gold = read_gold(paths.gold(split), TRIAGE, found[split])
        assert [TRIAGE.name_of(TRIAGE.feasible[code]) for code in gold] == [class_of(int(i)) for i in found[split]]


def test_a_split_with_many_examples_becomes_a_folder_of_partitions(tmp_path: Path) -> None:
    whole, parts = Paths(tmp_path / "whole", "report"), Paths(tmp_path / "parts", "report")
    for paths in (whole, parts):
        put(paths, varied_reports(60))
    ingest(application, LOCAL, whole)

    ingest(application, LOCAL, parts, partition_rows=13)

    assert sorted(file.name for file in parts.text("train").iterdir()) == [f"part-0000{i}.parquet" for i in range(3)]
    assert parts.text("dev").is_file()  # it has no more than 13
    assert [len(read_table(file)) for file in sorted(parts.text("train").iterdir())] == [13, 13, 4]
    for split in SPLITS:
        assert read_table(parts.text(split)).equals(read_table(whole.text(split)))


def test_the_summary_counts(paths: Paths) -> None:
    put(paths, varied_reports(60))

    ingest(application, LOCAL, paths)

    summary = read_json(paths.corpus_summary)
    assert summary["counts"] == {"read": 60, "ungraded": 0, "unknown_heading": 0}
    assert summary["splits"] == {"from": "draw", "seed": 0, "test_from": None}
    assert summary["dev"]["examples"] == summary["dev"]["graded"] == 12
    # Of 60 invented reports 24 are Normal, 18 Urgent, 12 Non-Urgent, 6 Emergent.
    totals = {name: sum(summary[split]["classes"][name] for split in SPLITS) for name in summary["dev"]["classes"]}
    assert totals == {"Normal": 24, "Urgent": 18, "Non-Urgent": 12, "Emergent": 6}


def test_the_order_of_the_archive_and_gold_do_not_move_an_example(tmp_path: Path) -> None:
    plain, turned, regraded = (Paths(tmp_path / name, "report") for name in ("plain", "turned", "regraded"))
    reports = varied_reports(60)
    put(plain, reports)
    put(turned, reports[::-1])
    other = ("Opacity/lung", "normal")  # of two classes, as one would be refused
    put(regraded, [replace(report, major=(other[n % 2],)) for n, report in enumerate(reports)])
    for paths in (plain, turned, regraded):
        ingest(application, LOCAL, paths)

    expected = {split: set(members) for split, members in ids(plain).items()}
    assert {split: set(members) for split, members in ids(turned).items()} == expected
    assert ids(regraded) == ids(plain)


def test_the_seed_moves_examples(tmp_path: Path) -> None:
    first, second = Paths(tmp_path / "first", "report"), Paths(tmp_path / "second", "report")
    for paths, seed in ((first, 0), (second, 1)):
        put(paths, varied_reports(60))
        ingest(application, replace(LOCAL, seed=seed), paths)

    assert ids(first) != ids(second)


def test_nothing_of_the_major_headings_is_in_the_texts(tmp_path: Path) -> None:
    """A token planted in every major heading is in no text table, and no text changes with the headings."""
    planted, plain = Paths(tmp_path / "planted", "report"), Paths(tmp_path / "plain", "report")
    reports = varied_reports(60)
    put(plain, reports)
    # A qualifier that the severity table does not know changes no grade, so both corpora have the same gold.
    put(planted, [replace(r, major=tuple(f"{term}/{SENTINEL}" for term in r.major)) for r in reports])
    for paths in (planted, plain):
        ingest(application, LOCAL, paths)

    for split in SPLITS:
        content = planted.text(split).read_bytes()
        assert content == plain.text(split).read_bytes()
        table = read_table(planted.text(split))
        assert SENTINEL not in table.to_csv()
        assert not set(table.columns) & {"major", *TRIAGE.names}
        assert planted.gold(split).read_bytes() == plain.gold(split).read_bytes()
    assert SENTINEL not in planted.corpus_summary.read_text()


def test_reports_without_text_or_gold_are_never_held_out(paths: Paths) -> None:
    reports = varied_reports(60)
    silent = [Report(100 + n, major=("normal",)) for n in range(20)]
    ungraded = [replace(report, number=200 + report.number, major=("No Indexing",)) for report in reports[:20]]
    put(paths, [*reports, *silent, *ungraded])

    ingest(application, replace(LOCAL, train=50), paths)

    found = ids(paths)
    assert {str(report.number) for report in silent} <= set(found["rest"])
    assert not {str(report.number) for report in ungraded} & {*found["dev"], *found["test"]}
    assert {str(report.number) for report in ungraded} & set(found["train"]), "text alone is enough to train on"
    assert read_json(paths.corpus_summary)["counts"]["ungraded"] == 20


def test_a_corpus_that_is_too_small_says_what_there_is(paths: Paths) -> None:
    put(paths, varied_reports(20))

    with pytest.raises(
        CorpusError, match="train=30, dev=12, test=12 do not fit 20 usable examples, 20 of them with gold"
    ):
        ingest(application, LOCAL, paths)


def test_a_labels_file_brings_splits_and_gold(tmp_path: Path, paths: Paths) -> None:
    put(paths, varied_reports(60))
    lines = ["1,train,Emergent", "2,train,Normal", "3,dev,Urgent", "4,test,Non-Urgent", "5,rest,Urgent"]

    ingest(application, replace(LOCAL, labels=labels_file(tmp_path, lines)), paths)

    found = ids(paths)
    assert (found["train"], found["dev"], found["test"]) == (["1", "2"], ["3"], ["4"])
    assert len(found["rest"]) == 56
    for line in lines:
        identifier, split, label = line.split(",")
        (code,) = read_gold(paths.gold(split), TRIAGE, [identifier])
        assert TRIAGE.name_of(TRIAGE.feasible[code]) == label
    # Not in the file: the table's gold, in rest.
    (code,) = read_gold(paths.gold("rest"), TRIAGE, ["6"])
    assert TRIAGE.name_of(TRIAGE.feasible[code]) == class_of(6)
    assert read_json(paths.corpus_summary)["splits"] == {"from": "labels file", "file": "labels.csv"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("6,train,Chronic", r"line 5: unknown label 'Chronic' of '6'; the labels are \['Emergent', 'Non-Urgent', "),
        ("61,train,Normal", "line 5: the corpus has no example '61'"),
        ("1,dev,Normal", "line 5: id '1' stands already in line 2"),
        ("6,validation,Normal", "line 5: unknown split 'validation'"),
    ],
)
def test_a_wrong_labels_file_writes_nothing(tmp_path: Path, paths: Paths, line: str, message: str) -> None:
    put(paths, varied_reports(60))
    lines = ["1,train,Emergent", "3,dev,Urgent", "4,test,Non-Urgent", line]

    with pytest.raises(CorpusError, match=message):
        ingest(application, replace(LOCAL, labels=labels_file(tmp_path, lines)), paths)
    assert not paths.corpus_summary.exists()
    assert not paths.text("train").exists()


def test_the_raw_folder_holds_one_file(paths: Paths) -> None:
    with pytest.raises(ArtifactError, match="holds 0 files, not one; run the acquire step"):
        ingest(application, LOCAL, paths)
    put(paths, varied_reports(5))
    (paths.raw / "another.tgz").write_bytes(b"")
    with pytest.raises(ArtifactError, match="holds 2 files"):
        ingest(application, LOCAL, paths)


def test_the_configuration_reaches_both_steps(tmp_path: Path, paths: Paths) -> None:
    """params.yaml as composed with overrides, from an archive by hand to the splits."""
    archive = write_archive(tmp_path / "by_hand.tgz", varied_reports(60))
    params = tmp_path / "params.yaml"
    sizes = ["report.train=30", "report.dev=12", "report.test=12"]
    params.write_text(params_text([f"corpus.path={archive}", "report.sha256=null", *sizes]))
    section = load_config(params).corpora["report"]

    acquire("report", section, paths.raw)
    ingest(application, section, paths)

    assert {split: len(members) for split, members in ids(paths).items()} == {
        "train": 30,
        "dev": 12,
        "test": 12,
        "rest": 6,
    }


def test_a_file_of_ids_bounds_the_test_split(paths: Paths, tmp_path: Path) -> None:
    put(paths, varied_reports(60))
    allowed = tmp_path / "unseen.txt"
    allowed.write_text("# never looked at\n" + "\n".join(str(uid) for uid in range(1, 31)) + "\n")

    ingest(application, replace(LOCAL, test_from=str(allowed)), paths)
    assert set(ids(paths)["test"]) <= {str(uid) for uid in range(1, 31)}
    with pytest.raises(CorpusError, match=r"missing\.txt: no such file"):
        ingest(application, replace(LOCAL, test_from=str(tmp_path / "missing.txt")), paths)
