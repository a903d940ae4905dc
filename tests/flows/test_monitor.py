"""The monitor on the weather: verdicts, names, files, MLflow."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows import artifacts
from flows.monitor.check import Outcome, compare
from flows.monitor.inputs import (
    Snapshot,
)
from flows.monitor.report import as_json, html, source_table
from flows.monitor.track import log
from metal.sources import labeling_function
from tests.flows.browser import needs_browser, open_offline
from tests.flows.monitored_weather import days, new_votes, training_snapshot, wind
from tests.flows.small_application import falls, sun, weather


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return training_snapshot()


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
