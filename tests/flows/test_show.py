"""What the main job ends with on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import artifacts
from flows.artifacts import RESULTS
from flows.show import duration, show

SCORES = {
    "report": {
        "gold_dev": {"end": {"mean": 0.7, "low": 0.69, "high": 0.71, "trials": 10}},
        "metal": {
            "label": {"mean": 0.8, "low": None, "high": None, "trials": 1},
            "end": {"mean": 0.8512, "low": 0.8472, "high": 0.8552, "trials": 10},
        },
    },
    "animals": {"metal": {"end": {"mean": 0.5, "low": None, "high": None, "trials": 1}}},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    artifacts.write_json(tmp_path / RESULTS / "table1.json", SCORES)
    artifacts.write_text(
        tmp_path / RESULTS / "results.csv", "application,corpus,scored\nreport,openi,all tasks\nanimals,zoo,all tasks\n"
    )
    return tmp_path


def test_table_beside_the_paper(root: Path) -> None:
    lines = show(root).splitlines()
    assert "report: test accuracy over whole label vectors, %, mean ± 95% interval over 10 trials" in lines
    assert "            label model alone   end model  paper (own split)" in lines
    assert "MeTaL                    80.0  85.1 ± 0.4               76.6" in lines
    assert "Gold (dev)                  –  70.0 ± 1.0               62.7" in lines


def test_an_application_that_the_paper_does_not_have_gets_no_paper_column(root: Path) -> None:
    animals = show(root).partition("report:")[0]
    assert "animals: test accuracy over whole label vectors, %, mean ± 95% interval over 1 trial\n" in animals
    assert "paper" not in animals


def test_ends_with_time_and_report(root: Path) -> None:
    text = show(root, seconds=725.4)
    assert text.endswith("Time     12 min 5 s\nReport   data/results/report.html")
    assert "Time" not in show(root)


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (8.2, "8 s"), (605, "10 min 5 s")])
def test_duration(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_without_results_it_says_what_to_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.show"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "dvc repro" in done.stderr
    assert "Traceback" not in done.stderr
