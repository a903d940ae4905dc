"""What the monitor says of input that is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from flows import artifacts
from flows.artifacts import Paths
from flows.monitor import inputs
from flows.monitor.inputs import (
    MonitorError,
    Snapshot,
    read_confidences,
    read_new,
    read_snapshot,
    reference_confidences,
)
from metal.label_model import LabelModel
from metal.sources import Source, apply_sources
from tests.flows.monitored_weather import SOURCES, days, new_votes, training_snapshot
from tests.flows.small_application import WEATHER, falls, sun, umbrella, weather


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return training_snapshot()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"id": ["a"]}), "has no column 'sentence'; it has \\['id'\\]. New examples need"),
        (pd.DataFrame({"id": pd.Series(dtype=str), "sentence": pd.Series(dtype=str)}), "holds no rows"),
        (pd.DataFrame({"id": ["a", "a"], "sentence": ["sun", "rain"]}), "the id 'a' is missing or doubled"),
    ],
)
def test_new_examples_of_another_form_are_refused(
    snapshot: Snapshot, tmp_path: Path, frame: pd.DataFrame, said: str
) -> None:
    with pytest.raises(MonitorError, match=said):
        new_votes(snapshot, tmp_path, frame)


def test_a_file_that_is_missing_or_no_parquet_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="no such file; give a Parquet table of new examples"):
        read_new(snapshot, tmp_path / "none.parquet")
    (tmp_path / "new.csv").write_text("id,sentence\n")
    with pytest.raises(MonitorError, match="is no Parquet table"):
        read_new(snapshot, tmp_path / "new.csv")
    with pytest.raises(MonitorError, match="no such file; give a Parquet table with a column 'probability'"):
        read_confidences(tmp_path / "none.parquet")
    artifacts.write_table(pd.DataFrame({"p": [0.5]}), tmp_path / "p.parquet")
    with pytest.raises(MonitorError, match=r"no column 'probability'; it has \['p'\]"):
        read_confidences(tmp_path / "p.parquet")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is configured for the application, without any artifact."""
    section: Mapping[str, Any] = {"weather": SimpleNamespace(name="invented")}
    monkeypatch.setattr(inputs, "load_config", lambda path: SimpleNamespace(corpora=section))
    monkeypatch.setattr(inputs, "load_application", lambda name, corpus: weather(*SOURCES))
    return tmp_path


def write_snapshot(root: Path, *sources: Source[str]) -> None:
    paths = Paths(root, "weather")
    frame = days(200, 1)
    artifacts.write_table(frame, paths.text("train"))
    votes, _ = apply_sources(sources, list(zip(frame["id"], frame["sentence"], strict=True)), WEATHER)
    artifacts.write_votes(paths.votes("train"), list(frame["id"]), votes)


def test_an_unknown_application_and_no_snapshot_are_told(checkout: Path) -> None:
    with pytest.raises(MonitorError, match=r"unknown application 'wether'; params.yaml has \['weather'\]"):
        read_snapshot(checkout, "wether")
    with pytest.raises(MonitorError, match=r"no training snapshot: .*train.parquet is missing. Fetch it with dvc pull"):
        read_snapshot(checkout, "weather")
    with pytest.raises(MonitorError, match="no end model trained on 'metal'"):
        reference_confidences(checkout, "weather", "metal", 0)


def test_a_snapshot_of_other_sources_is_refused(checkout: Path) -> None:
    write_snapshot(checkout, sun, falls, umbrella)

    with pytest.raises(MonitorError, match=r"was written for 3 sources, and new are wind. Run dvc repro"):
        read_snapshot(checkout, "weather")


def test_a_snapshot_is_read_with_the_settings_of_its_label_model(checkout: Path) -> None:
    write_snapshot(checkout, *SOURCES)
    without = read_snapshot(checkout, "weather")
    LabelModel(WEATHER, shrinkage=0.7).fit(without.votes).save(Paths(checkout, "weather").labels("metal"))
    read = read_snapshot(checkout, "weather")

    assert without.model is None
    assert read.model is not None
    assert read.model["shrinkage"] == 0.7
    assert read.columns == ("id", "sentence")
    assert read.votes.n == 200


def test_confidences_are_those_of_the_named_trial_on_test(checkout: Path) -> None:
    columns = [artifacts.vector_column(vector) for vector in WEATHER.feasible]
    rows = [
        (0, "dev", "a", 0.9, 0.1, 0.0),
        (0, "test", "b", 0.2, 0.7, 0.1),
        (0, "test", "c", 0.5, 0.1, 0.4),
        (1, "test", "b", 1.0, 0.0, 0.0),
    ]
    frame = pd.DataFrame(rows, columns=["seed", "split", "id", *columns])
    path = Paths(checkout, "weather").model("metal") / "predictions.parquet"
    artifacts.write_table(frame, path, {"task_graph": WEATHER.to_dict()})

    assert reference_confidences(checkout, "weather", "metal", 0).tolist() == [0.7, 0.5]
    with pytest.raises(MonitorError, match=r"trial None: which end model .* Name its seed, one of \[0, 1\]"):
        reference_confidences(checkout, "weather", "metal", None)
