"""Reading reports: texts and gold apart, and nothing of the indexers' headings within reach of a source."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

import metal.applications.report
from metal.application import Row
from metal.applications.report import TRIAGE, application
from metal.applications.report.read import COLUMNS, read
from metal.corpora import CorpusError
from metal.sources import apply_sources
from tests.openi_reports import Report, class_of, varied_reports, write_archive

PACKAGE = Path(metal.applications.report.__file__).parent
RAISE, SKIP = {"on_error": "raise"}, {"on_error": "skip"}


def test_texts_and_gold_come_apart(tmp_path: Path) -> None:
    reports = varied_reports(60)

    corpus = read(write_archive(tmp_path / "reports.tgz", reports), RAISE)

    assert list(corpus.examples.columns) == list(COLUMNS)
    assert list(corpus.examples["id"]) == [str(number) for number in range(1, 61)]
    row = corpus.examples.set_index("id").loc["9"]
    assert (row["findings"], row["impression"]) == (reports[8].findings, reports[8].impression)
    assert "automatic" not in corpus.examples.columns, "whether there are tags tells gold"
    assert list(corpus.gold.columns) == ["id", "acuity", "acute", "non_acute"]
    assert corpus.splits is None
    assert corpus.counts == {"read": 60, "ungraded": 0, "unknown_heading": 0}


def test_gold_is_the_label_vector_of_the_gravest_heading(tmp_path: Path) -> None:
    corpus = read(write_archive(tmp_path / "reports.tgz", varied_reports(60)), RAISE)

    expected = {
        "Urgent": ("Acute", "Urgent", "N/A"),
        "Emergent": ("Acute", "Emergent", "N/A"),
        "Normal": ("Non-Acute", "N/A", "Normal"),
        "Non-Urgent": ("Non-Acute", "N/A", "Non-Urgent"),
    }
    found = {str(row[0]): tuple(row[1:]) for row in corpus.gold.itertuples(index=False, name=None)}
    assert found == {str(number): expected[class_of(number)] for number in range(1, 61)}


def test_reports_without_text_or_gold_are_kept(tmp_path: Path) -> None:
    reports = [
        Report(1),
        Report(2, findings="Clear.", major=("No Indexing",)),
        Report(3, impression="Clear.", major=()),
    ]

    corpus = read(write_archive(tmp_path / "reports.tgz", reports), RAISE)

    assert list(corpus.examples["id"]) == ["1", "2", "3"]
    assert list(corpus.gold["id"]) == ["1"]
    assert corpus.counts["ungraded"] == 2


def test_an_unknown_heading_is_an_error_or_counted(tmp_path: Path) -> None:
    strange = Report(2, findings="Clear.", major=("normal", "Left Handedness"))
    path = write_archive(tmp_path / "reports.tgz", [Report(1, findings="Clear."), strange])

    with pytest.raises(CorpusError, match=r"report 2: heading 'Left Handedness'.*corpus\.on_error=skip"):
        read(path, RAISE)
    corpus = read(path, SKIP)
    assert list(corpus.gold["id"]) == ["1"]
    assert corpus.counts == {"read": 2, "ungraded": 1, "unknown_heading": 1}


def test_skipped_reports_are_counted_by_kind(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "reports.tgz", [Report(1), Report(1), Report(2)])

    with pytest.raises(CorpusError, match="report 1 was already read"):
        read(path, RAISE)
    assert read(path, SKIP).counts == {"read": 2, "ungraded": 0, "unknown_heading": 0, "skipped_doubled_id": 1}


def test_neither_texts_nor_votes_change_with_the_major_headings(tmp_path: Path) -> None:
    reports = varied_reports(60)
    # Every report gets the headings of another class: whoever reads them would vote, or write, differently.
    others = [
        replace(report, major=("normal",) if report.major != ("normal",) else ("Pneumothorax/left", "Opacity/lung"))
        for report in reports
    ]
    first = read(write_archive(tmp_path / "first.tgz", reports), RAISE)
    second = read(write_archive(tmp_path / "second.tgz", others), RAISE)

    assert not first.gold.equals(second.gold)
    assert first.examples.equals(second.examples)
    votes = [
        apply_sources(
            application.sources,
            [(str(row["id"]), application.view(cast(Row, row))) for row in corpus.examples.to_dict(orient="records")],
            TRIAGE,
        )[0].codes
        for corpus in (first, second)
    ]
    assert (votes[0] == votes[1]).all()


@pytest.mark.parametrize("file", sorted(PACKAGE.glob("*.py")), ids=lambda file: file.name)
def test_no_source_module_can_reach_gold(file: Path) -> None:
    """Only `read` imports a corpus reader; no other module names headings, gold or the severity table."""
    if file.name == "read.py":
        return
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [module for module in imported if module.startswith("metal.corpora")]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    # A column is read by its name, row["major"].
    names |= {
        str(node.slice.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    }
    assert not names & {"major", "gold", "headings", "severity", "triage_label", "read_archive", "open", "Path"}
