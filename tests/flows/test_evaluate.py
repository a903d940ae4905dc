"""The evaluate step on invented artifacts whose scores follow from their construction."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows import artifacts
from flows.artifacts import Paths
from flows.steps.evaluate import evaluate
from metal.tasks import TaskGraph
from tests.flows.invented_results import (
    DEPENDENCIES,
    DESCRIPTIONS,
    END_MISTAKES,
    TREE,
    write_application,
    write_end_model,
)

SUPERVISIONS = ["gold_dev", "majority_vote", "metal"]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = write_application(tmp_path_factory.mktemp("animals"))
    evaluate(paths, "zoo", SUPERVISIONS, DEPENDENCIES, DESCRIPTIONS)
    return paths


def table(paths: Paths, name: str) -> Any:  # pandas' stubs cannot know what a cell holds
    return pd.read_csv(paths.evaluation / f"{name}.csv")


def test_trials_have_the_agreed_columns_and_one_row_a_trial(paths: Paths) -> None:
    trials = table(paths, "trials")
    assert list(trials.columns) == [
        *[
            "application",
            "corpus",
            "scored",
            "supervision",
            "model",
            "seed",
            "n_train",
            "micro_accuracy",
            "macro_f1",
            "nll",
        ],
        *["ece", "task:size", "task:large_kind", "task:small_kind"],
    ]
    assert (trials["application"] == "animals").all()
    assert (trials["corpus"] == "zoo").all()
    keys = list(trials[["supervision", "model", "seed"]].itertuples(index=False, name=None))
    assert keys == [("majority_vote", "label", 0), ("metal", "label", 0)] + [
        (name, "end", seed) for name in SUPERVISIONS for seed in range(3)
    ]


def test_scores_are_those_of_the_construction(paths: Paths) -> None:
    trials = table(paths, "trials").set_index(["supervision", "model", "seed"])
    for supervision, mistakes in END_MISTAKES.items():
        for seed, wrong in enumerate(mistakes):
            row = trials.loc[(supervision, "end", seed)]
            assert row["micro_accuracy"] == pytest.approx(1 - wrong / 10)
            # Confidence is .7 throughout, so the calibration error is the distance of accuracy from it.
            assert row["ece"] == pytest.approx(abs(1 - wrong / 10 - 0.7))
            assert row["nll"] == pytest.approx(-(wrong * math.log(0.1) + (10 - wrong) * math.log(0.7)) / 10)
    # Three mistakes: bear for horse, horse for cat, cat for mouse; only horse for cat has the wrong size, it has
    # the wrong kind of large and of small animal too, and each of the others has one wrong kind.
    row = trials.loc[("metal", "label", 0)]
    assert row["micro_accuracy"] == 0.7
    assert (row["task:size"], row["task:large_kind"], row["task:small_kind"]) == (0.9, 0.8, 0.8)


def test_training_sizes_are_those_of_each_supervision(paths: Paths) -> None:
    sizes = table(paths, "trials").groupby(["supervision", "model"])["n_train"].unique()
    assert sizes[("gold_dev", "end")].tolist() == [4]
    assert sizes[("metal", "end")].tolist() == [20]
    assert sizes[("metal", "label")].tolist() == [20]


def test_label_models_are_reported_on_dev_too(paths: Paths) -> None:
    alone = artifacts.read_json(paths.evaluation / "label_models.json")
    assert sorted(alone) == ["majority_vote", "metal"]
    assert alone["metal"]["test"]["micro_accuracy"] == 0.7
    assert alone["metal"]["dev"]["micro_accuracy"] == 0.25  # three mistakes on four examples


def test_intervals_over_trials_and_over_examples(paths: Paths) -> None:
    found = table(paths, "intervals").set_index(["supervision", "model"])
    metal = found.loc[("metal", "end")]
    # Accuracies .8, .9, .7: mean .8, s = .1, half width t(2, .975) * .1 / sqrt(3).
    assert metal["mean"] == pytest.approx(0.8)
    assert metal["high"] - metal["mean"] == pytest.approx(4.302652730 * 0.1 / math.sqrt(3))
    # By example: right in 0, 1/3, 2/3 and then seven times in all of the three trials.
    shares = pd.Series([0, 1 / 3, 2 / 3] + [1.0] * 7)
    assert metal["test_high"] - metal["mean"] == pytest.approx(2.262157163 * shares.std() / math.sqrt(10))
    assert math.isnan(found.loc[("metal", "label"), "low"])  # one row, no trials
    assert found.loc[("metal", "label"), "test_low"] < 0.7 < found.loc[("metal", "label"), "test_high"]


def test_differences_are_paired_by_seed(paths: Paths) -> None:
    found = table(paths, "differences").set_index(["first", "second"])
    assert list(found.index) == [("majority_vote", "gold_dev"), ("metal", "gold_dev"), ("metal", "majority_vote")]
    # Seed by seed .8-.6, .9-.7, .7-.7: mean 4/30, s = 2/sqrt(300).
    row = found.loc[("metal", "majority_vote")]
    assert row["difference"] == pytest.approx(4 / 30)
    assert row["high"] - row["difference"] == pytest.approx(4.302652730 * (2 / math.sqrt(300)) / math.sqrt(3))
    assert row["trials"] == 3


def test_confusion_counts_every_example_once(paths: Paths) -> None:
    counts = table(paths, "confusion").set_index(["supervision", "gold", "predicted"])["count"]
    assert counts["metal"].sum() == pytest.approx(10)
    # The first example, a bear, is called a horse in each of the metal trials; two other bears never are.
    assert counts["metal", "bear", "horse"] == pytest.approx(1)
    assert counts["metal", "bear", "bear"] == pytest.approx(2)


def test_reliability_of_all_trials_together(paths: Paths) -> None:
    found = table(paths, "reliability").dropna()
    row = found[(found["supervision"] == "metal") & (found["model"] == "end")].iloc[0]
    assert (row["count"], row["confidence"], row["accuracy"]) == pytest.approx((30, 0.7, 0.8))


def test_sources_are_described(paths: Paths) -> None:
    # Votes repeat: (large, bear, -), (large, -, -), (large, -, small & cat), (-, -, -); truth bear, horse, cat, mouse.
    found = table(paths, "sources").set_index("source")
    assert found["coverage"].to_dict() == {"weight": 0.75, "growls": 0.25, "purrs": 0.25}
    assert found["overlap"].to_dict() == {"weight": 0.5, "growls": 0.25, "purrs": 0.25}
    assert found["conflict"].to_dict() == {"weight": 0.25, "growls": 0.0, "purrs": 0.25}
    assert found["dev_votes"].to_dict() == {"weight": 3, "growls": 1, "purrs": 1}
    assert found["dev_accuracy"].to_dict() == pytest.approx({"weight": 2 / 3, "growls": 1.0, "purrs": 1.0})
    assert found["estimated:metal"].to_dict() == pytest.approx({"weight": 0.9, "growls": 0.8, "purrs": 0.7})
    assert "estimated:majority_vote" not in found  # majority vote estimates nothing
    assert found.loc["purrs", "tasks"] == "size+small_kind"
    pairs = table(paths, "conflicts").set_index("source")
    assert pairs.loc["weight", "purrs"] == pairs.loc["purrs", "weight"] == 0.25
    assert pairs.to_numpy().sum() == 0.5


def test_graph_and_inputs(paths: Paths) -> None:
    graph = artifacts.read_json(paths.evaluation / "graph.json")
    assert TaskGraph.from_dict(graph) == TREE
    assert graph["dependencies"] == [["growls", "purrs"]]
    assert graph["sources"][1] == {"name": "growls", "tasks": ["large_kind"], "description": "It growls."}
    inputs = artifacts.read_json(paths.evaluation / "inputs.json")
    path = "data/models/animals/metal/predictions.parquet"
    assert inputs[path] == hashlib.sha256((paths.root / path).read_bytes()).hexdigest()


def test_evaluating_again_gives_the_same_bytes(paths: Paths) -> None:
    before = {path.name: path.read_bytes() for path in paths.evaluation.iterdir()}
    evaluate(paths, "zoo", SUPERVISIONS, DEPENDENCIES, DESCRIPTIONS)
    assert {path.name: path.read_bytes() for path in paths.evaluation.iterdir()} == before


def test_one_trial_has_no_interval(tmp_path: Path) -> None:
    paths = write_application(tmp_path, end_mistakes={"metal": [2]})
    evaluate(paths, "zoo", ["metal"])
    found = table(paths, "intervals").set_index("model").loc["end"]
    assert found["mean"] == 0.8
    assert math.isnan(found["low"])
    assert table(paths, "differences").empty


def test_predictions_of_other_examples_are_refused(tmp_path: Path) -> None:
    paths = write_application(tmp_path)
    path = paths.model("metal") / "predictions.parquet"
    frame = artifacts.read_table(path)
    artifacts.write_table(frame[(frame["seed"] != 1) | (frame["id"] != "test-3")], path)
    with pytest.raises(ValueError, match="seed 1 predicts 9 test examples, not the 10 that were voted on"):
        evaluate(paths, "zoo", SUPERVISIONS)
    assert not paths.evaluation.exists()  # nothing half-written


def test_labels_of_other_examples_are_refused(tmp_path: Path) -> None:
    paths = write_application(tmp_path)
    _, probabilities, voted = artifacts.read_probabilities(paths.labels("metal") / "test.parquet", TREE)
    ids = [f"other-{i}" for i in range(10)]
    artifacts.write_probabilities(paths.labels("metal") / "test.parquet", ids, probabilities, voted, TREE)
    with pytest.raises(ValueError, match="not of the same examples in the same order"):
        evaluate(paths, "zoo", SUPERVISIONS)


def test_training_that_left_no_test_predictions_is_refused(tmp_path: Path) -> None:
    paths = write_application(tmp_path)
    write_end_model(paths, "metal", [1])
    path = paths.model("metal") / "predictions.parquet"
    frame = artifacts.read_table(path)
    artifacts.write_table(frame[frame["split"] == "dev"], path)
    with pytest.raises(ValueError, match="no predictions on the test split"):
        evaluate(paths, "zoo", SUPERVISIONS)


@pytest.mark.parametrize("kind", ["curves.csv", "train.parquet"])
def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path, kind: str) -> None:
    paths = write_application(tmp_path)
    (paths.model("metal") / kind if kind == "curves.csv" else paths.labels("metal") / kind).unlink()
    with pytest.raises(artifacts.ArtifactError, match=rf"metal/{kind} is missing.*dvc repro"):
        evaluate(paths, "zoo", SUPERVISIONS)


def test_where_gold_tells_one_task_that_one_is_scored(tmp_path: Path) -> None:
    """Predictions are summed over what is not told: a bear that is called a horse is a large animal all the same."""
    paths = write_application(tmp_path)
    for split in ("dev", "test"):
        told = artifacts.read_table(paths.gold(split)).assign(large_kind=None, small_kind=None)
        artifacts.write_table(told, paths.gold(split))
    evaluate(paths, "zoo", list(END_MISTAKES), DEPENDENCIES, DESCRIPTIONS)

    trials = table(paths, "trials")
    assert set(trials["scored"]) == {"size"}
    assert "task:large_kind" not in trials
    metal = trials[trials["supervision"] == "metal"].set_index(["model", "seed"])["micro_accuracy"]
    # Of the first mistakes bear-horse, horse-cat, cat-mouse only the second is one of size.
    assert metal.to_dict() == pytest.approx({("label", 0): 0.9, ("end", 0): 0.9, ("end", 1): 1.0, ("end", 2): 0.9})
    confused = table(paths, "confusion")
    assert set(confused["gold"]) == {"large", "small"}
    sources = table(paths, "sources").set_index("source")
    assert sources["dev_votes"].to_dict() == {"weight": 3, "growls": 0, "purrs": 0}, "what they vote on is not told"
