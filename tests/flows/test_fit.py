"""The fit step on invented votes, through its files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import (
    LABELED,
    ArtifactError,
    Paths,
    read_gold,
    read_json,
    read_probabilities,
    read_votes,
    write_json,
    write_table,
    write_votes,
)
from flows.config import ConfigError, LabelModelParams
from flows.steps.fit import NotReadyError, fit
from metal.baselines import MajorityVote
from metal.dask_engine import dask_here
from metal.engine import HERE, Engine
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel, NotIdentifiableError, rectified_balance
from metal.synthetic import World, random_world
from metal.tasks import Task, TaskGraph
from tests.flows.small_application import MAP

KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
GATE = {"identifiable": True, "required": True, "undetermined": []}
SIZES = {"train": 400, "dev": 40, "test": 50}


@pytest.fixture
def world() -> World:
    copies = {"source_7": ("source_0", 0.8)}
    coverage = [["kind"], ["person"], ["organization"]] * 2 + [["kind", "person"], ["kind"]]
    return random_world(KIND, coverage, seed=1, balance=[0.1, 0.2, 0.3, 0.4], copies=copies)


@pytest.fixture
def paths(tmp_path: Path, world: World) -> Paths:
    """Votes of three splits, gold of dev alone, and reports that let the application through."""
    paths = Paths(tmp_path, "invented")
    for seed, (split, n) in enumerate(SIZES.items()):
        votes, gold = world.sample(n, seed)
        ids = [f"{split}{i}" for i in range(n)]
        write_votes(paths.votes(split), ids, votes)
        if split == "dev":
            columns = {task: [KIND.feasible[y][i] for y in gold] for i, task in enumerate(KIND.names)}
            write_table(pd.DataFrame({"id": ids, **columns}), paths.gold("dev"))
    write_json(paths.gate / "report.json", {**GATE, "dependencies": world.dependencies})
    write_json(paths.validation / "summary.json", {"success": True})
    return paths


def run(
    paths: Paths, world: World, method: str, params: LabelModelParams = MAP, engine: Engine = HERE
) -> dict[str, Any]:
    fit(
        method,
        {split: paths.votes(split) for split in LABELED},
        paths.gold("dev"),
        paths.gate / "report.json",
        paths.validation / "summary.json",
        paths.labels(method),
        params,
        scratch=paths.scratch("labels"),
        engine=engine,
    )
    model: dict[str, Any] = read_json(paths.labels(method) / "model.json")
    return model


@pytest.mark.parametrize("method", ["majority_vote", "weighted_majority", "data_programming", "metal"])
def test_every_split_is_labeled_and_the_model_described(paths: Paths, world: World, method: str) -> None:
    model = run(paths, world, method)

    for split, n in SIZES.items():
        ids, probabilities, voted = read_probabilities(paths.labels(method) / f"{split}.parquet", KIND)
        _, votes = read_votes(paths.votes(split))
        assert ids == [f"{split}{i}" for i in range(n)]
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_array_equal(voted, (votes.codes != 0).any(axis=1))
    coverage = read_votes(paths.votes("train"))[1].coverage()
    assert [source["name"] for source in model["sources"]] == [f"source_{i}" for i in range(8)]
    np.testing.assert_allclose([source["coverage"] for source in model["sources"]], coverage)
    assert model["sources"][0]["labels"] == [["person"], ["organization"]]
    assert model["converged"] is True
    accuracies = [source["accuracy"] for source in model["sources"]]
    assert accuracies == [None] * 8 if method == "majority_vote" else all(0.5 < a < 1 for a in accuracies)


def test_metal_is_the_library_s_model_on_the_train_votes_alone(paths: Paths, world: World) -> None:
    model = run(paths, world, "metal")
    _, train = read_votes(paths.votes("train"))
    _, test = read_votes(paths.votes("test"))
    gold = pd.read_parquet(paths.gold("dev"))
    _, dev = read_votes(paths.votes("dev"))
    truth = np.array([KIND.feasible.index(tuple(row)) for row in gold[list(KIND.names)].itertuples(index=False)])
    vote = MajorityVote(KIND)
    mean = vote.predict_proba(train).mean(axis=0)
    balance = rectified_balance(truth, vote.predict_proba(dev), mean, len(train), KIND)

    expected = LabelModel(KIND, world.dependencies, class_balance=balance, shrinkage=MAP.shrinkage).fit(train)

    _, probabilities, _ = read_probabilities(paths.labels("metal") / "test.parquet", KIND)
    np.testing.assert_allclose(probabilities, expected.predict_proba(test))
    np.testing.assert_allclose(model["class_balance"], balance)
    loaded = LabelModel.load(paths.labels("metal"))
    np.testing.assert_allclose(loaded.predict_proba(test), probabilities)


@pytest.mark.parametrize(
    ("estimator", "source", "estimated"),
    [("map", "uniform", False), ("map", "estimate", True), ("mle", "estimate", True), ("wls", "uniform", False)],
)
def test_class_balance_comes_from_where_the_configuration_says(
    paths: Paths, world: World, estimator: str, source: str, estimated: bool
) -> None:
    model = run(paths, world, "metal", replace(MAP, class_balance=source, estimator=estimator))

    uniform = np.allclose(model["class_balance"], 0.25)
    assert uniform is not estimated


@pytest.mark.parametrize("estimator", ["wls", "algorithm1"])
def test_moments_say_where_the_sources_do_not_determine_the_balance(paths: Paths, world: World, estimator: str) -> None:
    with pytest.raises(NotIdentifiableError, match="the class balance is not determined by the votes"):
        run(paths, world, "metal", replace(MAP, class_balance="estimate", estimator=estimator))


@pytest.mark.parametrize(("method", "candidates"), [("metal", 1 + 27), ("data_programming", 1 + 18)])
def test_tuning_takes_the_most_accurate_of_those_that_likelihood_cannot_tell_apart(
    paths: Paths, world: World, method: str, candidates: int
) -> None:
    tried = run(paths, world, method, replace(MAP, tune_on_dev=True, shrinkage=1.0, class_balance="uniform"))["tuning"]
    assert len(tried) == candidates
    names = ("prior_precision", "shrinkage", "class_balance")
    ids, dev = read_votes(paths.votes("dev"))
    gold = read_gold(paths.gold("dev"), KIND, ids)

    def outcome(entry: dict[str, Any]) -> tuple[np.ndarray, float]:
        """The candidate's losses and accuracy on dev, from a fit of its own."""
        run(paths, world, method, replace(MAP, **{name: entry[name] for name in names}))
        _, probabilities, _ = read_probabilities(paths.labels(method) / "dev.parquet", KIND)
        losses = np.asarray(-np.log(probabilities[np.arange(len(gold)), gold]))
        return losses, float((probabilities.argmax(axis=1) == gold).mean())

    lowest = outcome(min(tried, key=lambda entry: float(entry["dev_nll"])))[0]
    for entry in (tried[0], *tried[1::7]):
        losses, accuracy = outcome(entry)
        behind = losses - lowest
        assert entry["dev_nll"] == pytest.approx(losses.mean())
        assert entry["dev_accuracy"] == pytest.approx(accuracy)
        assert entry["close"] is bool(behind.mean() <= behind.std() / np.sqrt(len(dev)))
    (chosen,) = (entry for entry in tried if entry["chosen"])
    assert chosen["close"]
    assert chosen["dev_accuracy"] == max(entry["dev_accuracy"] for entry in tried if entry["close"])
    assert not all(entry["close"] for entry in tried)


def test_tuning_keeps_the_configured_values_where_none_does_better(paths: Paths, world: World) -> None:
    tried = run(paths, world, "metal", replace(MAP, tune_on_dev=True))["tuning"]
    (chosen,) = (entry for entry in tried if entry["chosen"])
    names = ("prior_precision", "shrinkage", "class_balance")

    again = run(paths, world, "metal", replace(MAP, tune_on_dev=True, **{name: chosen[name] for name in names}))[
        "tuning"
    ]

    assert again[0]["chosen"]


@pytest.mark.parametrize("method", ["majority_vote", "data_programming", "separate_tasks", "metal"])
def test_partitions_on_dask_give_the_labels_of_the_whole(paths: Paths, world: World, method: str) -> None:
    whole = run(paths, world, method)
    files = {split: paths.labels(method) / f"{split}.parquet" for split in LABELED}
    expected = {split: read_probabilities(file, KIND) for split, file in files.items()}
    ids, train = read_votes(paths.votes("train"))
    paths.votes("train").unlink()
    for start in (0, 150, 300):
        rows = slice(start, start + 150)
        write_votes(paths.votes("train") / f"part-{start:03}.parquet", ids[rows], train.rows(rows))

    with dask_here(workers=2, processes=False) as engine:
        model = run(paths, world, method, engine=engine)

    assert model == whole
    assert sorted(file.name for file in files["train"].iterdir()) == [
        f"part-{start:03}.parquet" for start in (0, 150, 300)
    ]
    for split, file in files.items():
        found = read_probabilities(file, KIND)
        assert found[0] == expected[split][0]
        np.testing.assert_array_equal(found[1], expected[split][1])
        np.testing.assert_array_equal(found[2], expected[split][2])
    assert not paths.scratch("labels").exists()


def test_a_damaged_partition_is_named_with_the_remedy(paths: Paths, world: World) -> None:
    paths.votes("train").write_bytes(paths.votes("train").read_bytes()[:-50])

    with pytest.raises(ArtifactError, match=r"train.parquet cannot be read: .*"):
        run(paths, world, "metal")
    assert not paths.labels("metal").exists()


def test_the_same_votes_give_the_same_bytes(paths: Paths, world: World) -> None:
    def contents() -> dict[str, bytes]:
        run(paths, world, "metal")
        return {file.name: file.read_bytes() for file in sorted(paths.labels("metal").iterdir())}

    assert contents() == contents()


def test_a_failed_validation_stops_the_fit(paths: Paths, world: World) -> None:
    write_json(paths.validation / "summary.json", {"success": False})

    with pytest.raises(NotReadyError, match=r"validation failed; see .*summary.json"):
        run(paths, world, "metal")
    assert not paths.labels("metal").exists()


def test_a_closed_gate_stops_the_fit_unless_it_is_not_required(paths: Paths, world: World) -> None:
    report = {"identifiable": False, "required": True, "undetermined": ["source_1", "source_2"], "dependencies": []}
    write_json(paths.gate / "report.json", report)
    with pytest.raises(NotReadyError, match="accuracies of source_1, source_2 not determined"):
        run(paths, world, "metal")

    write_json(paths.gate / "report.json", {**report, "required": False})
    run(paths, world, "metal")


def test_no_votes_at_all_is_an_error_and_nothing_is_written(paths: Paths, world: World) -> None:
    ids, train = read_votes(paths.votes("train"))
    write_votes(paths.votes("train"), ids, LabelMatrix(np.zeros_like(train.codes), train.spaces, KIND))

    with pytest.raises(ValueError, match="nothing to fit"):
        run(paths, world, "metal")
    assert not paths.labels("metal").exists()


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="tune_on_dev tunes the estimator 'map', not 'mle'"):
        replace(MAP, estimator="mle", tune_on_dev=True)
    with pytest.raises(ConfigError, match="estimator='magic' is not known"):
        replace(MAP, estimator="magic")
