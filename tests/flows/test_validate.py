"""The validate step: what it writes, what it says, and its summary against independent arithmetic."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import Paths, read_json, read_metadata, read_table, write_table
from flows.config import LabelParams, LocalCorpus, ValidationParams
from flows.steps.label import label
from flows.steps.validate import ValidationError, configured_sizes, validate
from metal.application import Application
from metal.engine import HERE
from metal.sources import labeling_function
from tests.flows.small_application import falls, sun, texts, umbrella, weather

BOUNDS = ValidationParams(
    max_empty_text=0.05,
    max_unvoted_rows=0.2,
    max_infeasible_rows=0.5,
    min_coverage=0.01,
    min_abstain_rate=0.0,
    min_overlap=0.05,
    max_conflict=0.9,
    min_polarity=1.0,
    max_abstain_drift=0.2,
)
SIZES = {"train": 20, "dev": 10, "test": 10}
SPLITS = tuple(SIZES)


def labeled(root: Path, application: Application[str]) -> Paths:
    paths = Paths(root, application.name)
    for split, frame in texts().items():
        write_table(frame, paths.text(split))
    label(
        application,
        {split: paths.text(split) for split in SPLITS},
        {split: paths.votes(split) for split in SPLITS},
        paths.votes_summary,
        paths.scratch("votes"),
        LabelParams(on_error="raise", recheck_every=0),
        HERE,
    )
    return paths


def run(paths: Paths, application: Application[str], bounds: ValidationParams = BOUNDS) -> None:
    validate(
        application,
        {split: paths.text(split) for split in SPLITS},
        {split: paths.votes(split) for split in SPLITS},
        SIZES,
        paths.validation,
        paths.scratch("validation"),
        bounds,
    )


def tamper(path: Path, row: int, column: str, value: int) -> None:
    frame = read_table(path)
    frame.loc[row, column] = value
    write_table(frame, path, read_metadata(path))


def test_success_writes_summary_page_and_docs(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    run(paths, weather())
    summary = read_json(paths.validation / "summary.json")
    assert summary["success"] is True
    assert summary["failures"] == []
    assert summary["expectations"] == len(summary["findings"]) == 71
    assert summary["rows"] == SIZES
    assert (paths.validation / "docs" / "index.html").is_file()
    assert "all expectations hold" in (paths.validation / "index.html").read_text(encoding="utf-8")


def test_summary_agrees_with_independent_arithmetic(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    run(paths, weather())
    sources = read_json(paths.validation / "summary.json")["sources"]
    # what each (source, code) allows of F, as sets of leaf names, written down by hand
    allowed = {
        ("sun", 1): {"Dry"},
        ("sun", 2): {"Rain", "Snow"},
        ("falls", 1): {"Rain"},
        ("falls", 2): {"Snow"},
        ("umbrella", 1): {"Rain", "Snow"},
    }
    names = ["sun", "falls", "umbrella"]
    assert [source["name"] for source in sources] == names
    for split in SPLITS:
        codes = read_table(paths.votes(split))[names].to_numpy()
        for column, name in enumerate(names):
            rates = sources[column]["splits"][split]
            voted = beside = against = 0
            for row in codes:
                if row[column] == 0:
                    continue
                own = allowed[name, int(row[column])]
                others = [allowed[names[j], int(c)] for j, c in enumerate(row) if j != column and c]
                voted += 1
                beside += bool(others)
                against += any(not own & other for other in others)
            n = len(codes)
            np.testing.assert_allclose(
                [rates[key] for key in ("coverage", "abstain_rate", "overlap", "conflict")],
                [voted / n, 1 - voted / n, beside / n, against / n],
                atol=1e-12,
            )
            np.testing.assert_allclose(
                [rates["overlap_of_votes"], rates["conflict_of_votes"]], [beside / voted, against / voted], atol=1e-12
            )
            assert rates["labels_emitted"] == len(set(codes[:, column]) - {0})


def test_the_same_votes_give_the_same_summary_and_page(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    run(paths, weather())
    first = {name: (paths.validation / name).read_bytes() for name in ("summary.json", "index.html")}
    run(paths, weather())
    assert first == {name: (paths.validation / name).read_bytes() for name in first}


def test_failures_are_listed_and_the_page_is_left_for_a_person(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    tamper(paths.votes("dev"), 2, "umbrella", 9)
    tamper(paths.votes("test"), 0, "sun", -1)
    page = paths.scratch("validation") / "index.html"
    with pytest.raises(ValidationError) as caught:
        run(paths, weather())
    lines = str(caught.value).splitlines()
    assert lines[0] == "application 'weather': 2 findings against 71 expectations:"
    assert "source 'umbrella' on split 'dev': votes outside the source's label space" in lines[1]
    assert "observed 9 at id 22 (1 rows), expected none; its labels are 1..1, 0 abstains" in lines[1]
    assert "source 'sun' on split 'test'" in lines[2]
    assert "observed -1 at id 30 (1 rows)" in lines[2]
    assert lines[3] == f"The page to look at: {page}"
    assert not paths.validation.exists()
    assert read_json(page.with_name("summary.json"))["success"] is False
    assert "9 at id 22 (1 rows)" in page.read_text(encoding="utf-8")


def test_a_failure_leaves_the_last_success_as_it_was(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    run(paths, weather())
    before = (paths.validation / "summary.json").read_bytes()
    tamper(paths.votes("dev"), 2, "umbrella", 9)
    with pytest.raises(ValidationError):
        run(paths, weather())
    assert (paths.validation / "summary.json").read_bytes() == before


class Links(HTMLParser):
    """Collects what a page would load or link to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe")
        self.targets += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_no_network_and_escapes_what_it_shows(tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Dry"])
    def markup(view: str) -> str | None:
        """Look for <b>bold</b> skies."""
        return "Dry" if "sun" in view else None

    application = weather(sun, falls, umbrella, markup)
    run(labeled(tmp_path, application), application)
    text = (Paths(tmp_path, "weather").validation / "index.html").read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert links.targets == ["docs/index.html"]
    assert not re.search(r"@import|url\(|//[a-z]", text)
    assert "Look for &lt;b&gt;bold&lt;/b&gt; skies." in text


def test_a_source_that_never_votes_has_no_rates_of_its_votes(tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Wet"])
    def fog(view: str) -> str | None:
        return "Wet" if "fog" in view else None

    application = weather(sun, falls, umbrella, fog)
    paths = labeled(tmp_path, application)
    with pytest.raises(
        ValidationError, match=r"source 'fog' on split 'train': coverage.*observed 0, expected at least 0.01"
    ):
        run(paths, application)
    summary = read_json(paths.scratch("validation") / "summary.json")
    fogs = summary["sources"][3]["splits"]["train"]
    assert fogs["overlap_of_votes"] is None
    assert fogs["polarity"] is None
    assert "NaN" not in json.dumps(summary)


def test_sizes_are_the_configured_ones_unless_a_file_brings_the_splits(tmp_path: Path) -> None:
    corpus = LocalCorpus(
        name="local",
        path=None,
        sha256=None,
        labels=None,
        on_error="raise",
        train=5,
        dev=4,
        test=3,
        seed=0,
        test_from=None,
    )
    summary = tmp_path / "summary.json"
    summary.write_text('{"splits": {"from": "draw"}}')
    assert configured_sizes(corpus, summary) == {"train": 5, "dev": 4, "test": 3}
    for origin in ("corpus", "labels file"):
        summary.write_text(json.dumps({"splits": {"from": origin}}))
        assert configured_sizes(corpus, summary) == {}


def test_docs_hold_no_text_of_the_corpus(tmp_path: Path) -> None:
    paths = labeled(tmp_path, weather())
    frame = pd.DataFrame({"id": ["20"] * 10, "sentence": ["rain, an umbrella"] * 10})
    write_table(frame, paths.text("dev"))
    with pytest.raises(ValidationError):
        run(paths, weather())
    pages = list(paths.scratch("validation").rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert "rain, an umbrella" not in page.read_text(encoding="utf-8")
