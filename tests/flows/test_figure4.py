"""The stages of Figure 4: tables, metrics and figures of every experiment, at a size that takes a moment."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
import yaml

from flows.artifacts import read_json
from flows.config import ConfigError, load_config
from flows.steps.figure4 import PANELS, figure4
from tests.local_imports import ROOT

SMALL: dict[str, dict[str, Any]] = {
    "error": {"sizes": [200, 800], "trials": 2},
    "dependencies": {"rows": 300, "sources": 7, "trials": 2},
    "runtime": {"sizes": [100, 200], "gibbs_up_to": 100, "repeats": 1},
    "structure": {"sizes": [150, 300], "trials": 2, "superfluous": [0, 40], "superfluous_rows": 200}
    | {"superfluous_trials": 2},
    "estimators": {"rows": 200, "trials": 2},
}


@pytest.mark.parametrize("name", PANELS)
def test_an_experiment_leaves_its_trials_metrics_and_figure(name: str, tmp_path: Path) -> None:
    figure4(name, PANELS[name], SMALL[name], tmp_path / name, workers=2)

    trials = pd.read_csv(tmp_path / name / "trials.csv")
    assert set(trials["run"]) >= {"mle"} or any("mle" in run or "robust_pca" in run for run in trials["run"])
    metrics = read_json(tmp_path / name / "metrics.json")
    assert metrics
    assert all(isinstance(value, float | int) for value in metrics.values())
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    drawing = ElementTree.parse(tmp_path / name / "figure.svg").getroot()
    assert drawing.tag.endswith("svg")
    assert (tmp_path / name / "figure.svg").stat().st_size < 100_000


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    for workers in (1, 2):
        figure4("dependencies", PANELS["dependencies"], SMALL["dependencies"], tmp_path / str(workers), workers=workers)

    for file in sorted((tmp_path / "1").iterdir()):
        assert file.read_bytes() == (tmp_path / "2" / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    ("panel", "key", "value", "message"),
    [
        ("error", "size", [100, 200], r"unknown key figure4\.error\.size; known are \['sizes', 'trials'\]"),
        ("error", "sizes", [100, 100], r"figure4\.error\.sizes=\[100, 100\] must list at least two sizes"),
        ("runtime", "gibbs_up_to", 10, r"figure4\.runtime\.gibbs_up_to=10 is too small"),
        ("structure", "trials", 1, r"figure4\.structure\.trials=1 is too small; it must be at least 2"),
        ("eror", "sizes", [1, 2], r"unknown key figure4\.eror; .* Did you mean 'error'\?"),
    ],
)
def test_a_wrong_size_is_refused(panel: str, key: str, value: object, message: str, tmp_path: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["figure4"].setdefault(panel, {})[key] = value
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))

    with pytest.raises(ConfigError, match=message):
        load_config(tmp_path / "params.yaml")
