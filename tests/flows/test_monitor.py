"""The monitor on the weather: verdicts, names, files, MLflow; and what it says of input that is not as it should be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows import artifacts
from flows.artifacts import Paths
from flows.monitor import inputs
from flows.monitor.check import Outcome, compare
from flows.monitor.inputs import (
    MonitorError,
    NewVotes,
    Snapshot,
    read_confidences,
    read_new,
    read_snapshot,
    reference_confidences,
)
from flows.monitor.report import as_json, html, source_table
from flows.monitor.track import log
from metal.label_model import LabelModel
from metal.sources import Source, apply_sources, labeling_function
from metal.statistics import Statistics
from tests.flows.browser import needs_browser, open_offline
from tests.flows.small_application import WEATHER, falls, sun, umbrella, weather


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def wind(view: str) -> str | None:
    """Vote by the wind."""
    return "Dry" if "breeze" in view else "Wet" if "storm" in view else None


SOURCES: tuple[Source[str], ...] = (sun, falls, umbrella, wind)
WORDS = {
    "Dry": {"sun": 0.8, "cloud": 0.1, "breeze": 0.5, "storm": 0.1, "umbrella": 0.05, "rain": 0.02, "snow": 0.02},
    "Rain": {"sun": 0.1, "cloud": 0.7, "breeze": 0.1, "storm": 0.5, "umbrella": 0.6, "rain": 0.8, "snow": 0.05},
    "Snow": {"sun": 0.1, "cloud": 0.7, "breeze": 0.1, "storm": 0.4, "umbrella": 0.3, "rain": 0.05, "snow": 0.8},
}


def days(n: int, seed: int, **changed: float) -> pd.DataFrame:
    """Invented sentences, each of the words that its weather makes likely; `changed`: other likelihoods of words."""
    random = np.random.default_rng(seed)
    kinds = random.choice(list(WORDS), size=n, p=[0.5, 0.3, 0.2])
    said = []
    for kind in kinds:
        likely = WORDS[kind] | changed
        said.append(" and ".join(word for word in WORDS[kind] if random.random() < likely[word]) or "nothing")
    return pd.DataFrame({"id": [f"{seed}-{number}" for number in range(n)], "sentence": said})


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    application = weather(*SOURCES)
    views = [(row["id"], row["sentence"]) for row in days(2000, 1).to_dict("records")]
    votes, _ = apply_sources(application.sources, views, WEATHER)
    model = LabelModel(WEATHER, class_balance=[0.5, 0.3, 0.2], shrinkage=0.5)
    return Snapshot(application, ("id", "sentence"), Statistics.of(votes), model.get_params())


def new_votes(snapshot: Snapshot, folder: Path, frame: pd.DataFrame) -> NewVotes:
    artifacts.write_table(frame, folder / "new.parquet")
    return read_new(snapshot, folder / "new.parquet")


def watched(snapshot: Snapshot, folder: Path, frame: pd.DataFrame, **settings: Any) -> Outcome:
    return compare(snapshot, new_votes(snapshot, folder, frame), folder / "docs", refits=15, **settings)


@pytest.fixture(scope="module")
def steady(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    confidences = np.random.default_rng(0).beta(5, 1, 400)
    folder = tmp_path_factory.mktemp("steady")
    return watched(snapshot, folder, days(800, 2), confidences=(confidences, confidences[::2]))


@pytest.fixture(scope="module")
def changed(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return watched(snapshot, tmp_path_factory.mktemp("changed"), days(800, 2, umbrella=0.9))


def test_unchanged_data_are_ok(steady: Outcome) -> None:
    assert steady.verdict == "ok"
    assert steady.reasons == ()
    assert (steady.train_rows, steady.new_rows) == (2000, 800)
    assert steady.tests == 4 * 3 + 4 + 1
    assert steady.checked.expectations == 12
    assert {drift.source for drift in steady.accuracies} == {"sun", "falls", "umbrella", "wind"}


def test_a_source_that_votes_more_often_is_named_and_only_it(changed: Outcome) -> None:
    assert changed.verdict == "drift"
    assert changed.voting == ("umbrella",)
    assert changed.judging == ()
    assert "the votes of source umbrella have drifted: coverage 9" in changed.reasons[0]


def test_great_expectations_finds_what_the_bounds_say(changed: Outcome) -> None:
    assert set(changed.checked.failures) == {(drift.source, drift.rate) for drift in changed.rates if drift.drifted}
    assert ("umbrella", "coverage") in changed.checked.failures


def test_a_source_that_falls_silent_or_raises_is_broken(snapshot: Snapshot, tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Wet"])
    def umbrella(view: str) -> str | None:
        """Fail on what it has never seen."""
        if "hail" in view:
            raise KeyError("hail")
        return "Wet" if "umbrella" in view else None

    mended = replace(snapshot, application=weather(sun, falls, umbrella, wind))
    frame = days(400, 3, breeze=0.0, storm=0.0)
    frame.loc[:4, "sentence"] = "hail"
    outcome = watched(mended, tmp_path, frame)

    assert outcome.verdict == "broken"
    assert outcome.failures == {"umbrella": 5}
    assert outcome.silent == ("wind",)
    assert "source umbrella raised on 5 of 400 examples" in outcome.reasons
    assert "source wind voted in training, and on none of the new examples" in outcome.reasons


def test_confidences_that_fall_are_drift(snapshot: Snapshot, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    outcome = watched(snapshot, tmp_path, days(300, 2), confidences=(random.beta(5, 1, 400), random.beta(2, 1, 300)))

    assert outcome.verdict == "drift"
    assert outcome.unsure
    assert outcome.reasons[-1].startswith("the end model's confidences have drifted: 6")


def test_without_a_label_model_rates_alone_are_compared(snapshot: Snapshot, tmp_path: Path) -> None:
    outcome = watched(replace(snapshot, model=None), tmp_path, days(300, 2))

    assert outcome.accuracies == ()
    assert outcome.tests == 12
    assert "methods" in html(outcome)


def test_examples_on_which_nobody_votes_are_compared_too(snapshot: Snapshot, tmp_path: Path) -> None:
    outcome = watched(snapshot, tmp_path, pd.DataFrame({"id": ["a", "b"], "sentence": ["", ""]}))

    assert outcome.verdict in ("ok", "broken")
    assert html(outcome)


def test_json_and_table_hold_what_was_found(changed: Outcome) -> None:
    content = json.loads(json.dumps(as_json(changed), allow_nan=False))
    table = source_table(changed).set_index("source")

    assert content["verdict"] == "drift"
    assert content["voting"] == ["umbrella"]
    assert len(content["rates"]) == 12
    assert table["drifted"].to_dict() == {"sun": "", "falls": "", "umbrella": "votes", "wind": ""}
    umbrella = table.loc["umbrella"]
    assert umbrella["coverage_new"] > umbrella["coverage_high"] > umbrella["coverage_train"]


def test_the_page_says_the_verdict_and_needs_no_network(changed: Outcome) -> None:
    page = html(changed)

    assert "Drift of weather: " in page
    assert "the votes of source umbrella have drifted" in page
    assert "<script" not in page
    assert {target for target in re.findall(r'href="([^"]+)"', page) if target[0] != "#"} == {"docs/index.html"}


@needs_browser
def test_the_page_opens(changed: Outcome, tmp_path: Path) -> None:
    page = tmp_path / "monitor" / "index.html"
    artifacts.write_text(page, html(changed))

    seen = open_offline(page, tmp_path / "browser")

    assert ">umbrella</text>" in seen


def test_runs_go_to_an_experiment_of_their_own(
    changed: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'runs.db'}")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "out"
    artifacts.write_text(folder / "drift.json", "{}")
    log(tmp_path, changed, folder, {"refits": "15"})

    client = MlflowClient(f"sqlite:///{tmp_path / 'runs.db'}")
    experiment = client.get_experiment_by_name("weather-drift")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.tags["verdict"] == "drift"
    assert run.data.params["refits"] == "15"
    assert run.data.metrics["coverage_new/umbrella"] == pytest.approx(0.9, abs=0.05)
    assert run.data.metrics["drifted_sources"] == 1
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["drift.json"]
    assert run.info.status == "FINISHED"


# --- input ------------------------------------------------------------------------------------------------------------


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
