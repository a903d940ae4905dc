"""The summarize step on invented artifacts: the tables, the plots and that a missing part is named."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from flows import artifacts
from flows.artifacts import RESULTS, Paths
from flows.comparison import PAPER, Score, compare, from_json, markdown, measured_on, percent
from flows.show import show
from flows.steps.summarize import summarize
from tests.flows.invented_results import write_evaluated
from tests.local_imports import ROOT

COLUMNS = ["application", "corpus", "scored", "supervision", "model", "seed", "n_train"]
COLUMNS += ["micro_accuracy", "macro_f1", "nll", "ece", "task:size", "task:large_kind", "task:small_kind"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("summary")
    for application in ("animals", "report"):  # the name of one that the paper has numbers for
        write_evaluated(root, application)
    summarize(root, ["animals", "report"], "trials: 3\n")
    return root


def table1(root: Path) -> Any:
    return json.loads((root / RESULTS / "table1.json").read_text(encoding="utf-8"))


def test_results_hold_every_trial_of_every_application(root: Path) -> None:
    results = pd.read_csv(root / RESULTS / "results.csv")
    assert list(results.columns) == COLUMNS
    # Two label models and three supervisions with three trials each, in two applications.
    assert results.groupby("application").size().to_dict() == {"animals": 11, "report": 11}


def test_table1_holds_mean_and_interval_over_trials(root: Path) -> None:
    metal = table1(root)["animals"]["metal"]
    assert metal["label"] == {"mean": 0.7, "low": None, "high": None, "trials": 1}
    # Accuracies .8, .9, .7: s = .1.
    half = 4.302652730 * 0.1 / math.sqrt(3)
    assert metal["end"] == pytest.approx({"mean": 0.8, "low": 0.8 - half, "high": 0.8 + half, "trials": 3})
    assert "label" not in table1(root)["animals"]["gold_dev"]
    gold = table1(root)["animals"]["gold_dev"]["end"]  # three equal trials: an interval of no width
    assert gold == pytest.approx({"mean": 0.5, "low": 0.5, "high": 0.5, "trials": 3})


def test_table1_agrees_with_results_read_back(root: Path) -> None:
    results: Any = pd.read_csv(root / RESULTS / "results.csv")
    ends = results[results["model"] == "end"].groupby(["application", "supervision"], as_index=False)
    for row in ends["micro_accuracy"].mean().itertuples():
        assert table1(root)[row.application][row.supervision]["end"]["mean"] == pytest.approx(row.micro_accuracy)


def test_table1_as_markdown(root: Path) -> None:
    text = (root / RESULTS / "table1.md").read_text(encoding="utf-8")
    # The interval reaches to 104.8, so that its ends are shown, cut at 100.
    assert "| MeTaL | 70.0 | 80.0 (55.2–100.0) | – |" in text  # animals, which the paper does not have
    assert "| MeTaL | 70.0 | 80.0 (55.2–100.0) | 76.6 |" in text
    assert "| Majority vote | 60.0 | 66.7 ± 14.3 | 74.2 |" in text
    assert "| Gold (dev) | – | 50.0 ± 0.0 | 62.7 |" in text
    assert text.count("on the paper's own split") == 1  # the note stands only where its column is filled
    assert "over 3 trials" in text


def test_no_share_below_0_or_above_100_is_shown() -> None:
    assert percent(Score(0.912, 0.912 - 0.1525, 0.912 + 0.1525, 2)) == "91.2 (76.0–100.0)"
    assert percent(Score(0.1, -0.2, 0.4, 2)) == "10.0 (0.0–40.0)"
    assert percent(Score(0.912, -0.2, 2.024, 2)) == "91.2 (0.0–100.0)"
    assert percent(Score(0.8, 0.6, 1.0, 2)) == "80.0 ± 20.0"
    assert percent(Score(0.8, None, None, 1)) == "80.0"


def test_paper_row_is_that_of_table_1() -> None:
    # Ratner et al. 2019, Table 1: entity, relation, report by supervision.
    assert [PAPER[name]["metal"] for name in ("entity", "relation", "report")] == [0.822, 0.567, 0.766]
    assert list(PAPER["report"].values()) == [0.627, 0.742, 0.758, 0.766]


def test_plots_have_a_row_for_every_point(root: Path) -> None:
    curves = pd.read_csv(root / RESULTS / "plots" / "learning_curves.csv")
    assert list(curves.columns) == ["epoch", "loss", "run"]
    metal = curves[curves["run"] == "animals-metal"]
    assert list(metal["epoch"]) == [1, 2, 3]
    # Losses 1 / (epoch + seed + mistakes), here of seeds 0, 1, 2 with 2, 1, 3 mistakes in epoch 1.
    assert metal["loss"].iloc[0] == pytest.approx((1 / 3 + 1 / 3 + 1 / 6) / 3, abs=1e-6)
    reliability = pd.read_csv(root / RESULTS / "plots" / "reliability.csv")
    assert list(reliability.columns) == ["confidence", "accuracy", "run"]
    # Confidence .7 everywhere, and bins are closed above: all are in (.6, .7], where .8 of metal's are right.
    known = reliability[reliability["run"] == "report-metal"].dropna().set_index("confidence")["accuracy"]
    assert known.to_dict() == pytest.approx({0.65: 0.8})


def test_dvc_draws_a_line_for_every_run_there_is(tmp_path: Path) -> None:
    """With dvc.yaml's own plots, whichever the applications and supervisions are."""
    write_evaluated(tmp_path, "mail", end_mistakes={"metal": [2], "gold_dev": [1]})
    summarize(tmp_path, ["mail"], "")
    plots = {"plots": yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump(plots), encoding="utf-8")
    shutil.copytree(ROOT / "flows" / "pages", tmp_path / "flows" / "pages")

    def dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    dvc("init", "--no-scm", "--quiet")
    shown = dvc("plots", "show", "--json")

    assert "WARNING" not in shown.stderr
    assert "ERROR" not in shown.stderr
    drawn = json.loads(shown.stdout)["data"]
    for name, y in (("learning curves", "loss"), ("reliability", "accuracy")):
        (plot,) = [plot for key, found in drawn.items() if key.endswith(name) for plot in found]
        content = json.loads(plot["content"]) if isinstance(plot["content"], str) else plot["content"]
        assert "<DVC" not in json.dumps(content)
        lines = content if "data" in content else content["layer"][-1]  # reliability has the diagonal below them
        assert lines["encoding"]["y"]["field"] == y
        assert lines["encoding"]["color"]["field"] == "run"
        assert {point["run"] for point in lines["data"]["values"]} == {"mail-metal", "mail-gold_dev"}


def test_summarizing_again_gives_the_same_bytes(root: Path) -> None:
    files = [path for path in (root / RESULTS).rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    summarize(root, ["animals", "report"], "trials: 3\n")
    assert {path: path.read_bytes() for path in files} == before


def test_comparison_survives_json(root: Path) -> None:
    results = pd.read_csv(root / RESULTS / "results.csv")
    measured = measured_on(results.to_dict("records"))
    assert markdown(from_json(table1(root)), measured) == markdown(compare(results), measured)


@pytest.mark.parametrize("missing", ["gate/animals/report.txt", "validation/animals/summary.json"])
def test_a_missing_part_is_named_and_nothing_written(tmp_path: Path, missing: str) -> None:
    write_evaluated(tmp_path)
    (tmp_path / "data" / missing).unlink()
    with pytest.raises(artifacts.ArtifactError, match=missing.rpartition("/")[2]):
        summarize(tmp_path, ["animals"], "")
    assert not (tmp_path / RESULTS).exists()


def test_results_on_invented_text_are_told_from_real_ones_wherever_they_are_shown(tmp_path: Path) -> None:
    """In a section of their own, after the real ones, said to be synthetic, and never beside the paper's numbers."""
    write_evaluated(tmp_path, "entity", corpus="sample")
    write_evaluated(tmp_path, "report")
    summarize(tmp_path, ["entity", "report"], "")

    real, synthetic = (tmp_path / RESULTS / "table1.md").read_text(encoding="utf-8").split("## entity (synthetic)\n")
    assert "## report" in real
    assert "ynthetic" not in real
    assert synthetic.strip().startswith("Synthetic: measured on invented sentences")
    assert "| MeTaL | 70.0 | 80.0 (55.2–100.0) | – |" in synthetic
    for name in ("learning_curves", "reliability"):
        runs = set(pd.read_csv(tmp_path / RESULTS / "plots" / f"{name}.csv")["run"])
        assert {"entity (synthetic)-metal", "report-metal"} <= runs
    page = (tmp_path / RESULTS / "report.html").read_text(encoding="utf-8")
    assert 'Application entity <span class="soft">on the synthetic corpus sample</span>' in page
    chapters = page.partition("<main>")[2]
    assert chapters.index("Application report") < chapters.index("Application entity")
    assert page.count("Synthetic: measured on invented sentences") == 2
    assert "Paper’s end" not in chapters[chapters.index("Application entity") :]
    real, synthetic = show(tmp_path).split("Synthetic: measured on invented sentences")
    assert "paper (own split)" in real
    assert "\nentity (synthetic): test accuracy" in synthetic
    assert "paper" not in synthetic


def test_one_supervision_with_one_trial(tmp_path: Path) -> None:
    write_evaluated(tmp_path, end_mistakes={"metal": [2]})
    summarize(tmp_path, ["animals"], "")
    assert table1(tmp_path)["animals"]["metal"]["end"] == {"mean": 0.8, "low": None, "high": None, "trials": 1}
    assert "| MeTaL | 70.0 | 80.0 | – |" in (tmp_path / RESULTS / "table1.md").read_text(encoding="utf-8")
    assert Paths(tmp_path, "animals").evaluation.is_dir()
