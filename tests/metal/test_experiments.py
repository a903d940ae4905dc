"""The experiments on synthetic worlds: what they draw, what they measure, and what their numbers say."""

import numpy as np
import pandas as pd
import pytest

from metal.experiments import curve, dependencies, error, estimators, runtime, structure
from metal.label_model import LabelModel, SuspectedDependencyWarning, suggest_structure


def test_means_and_intervals_by_hand() -> None:
    table = pd.DataFrame(
        {"run": ["a"] * 4 + ["b"] * 2, "x": [1, 1, 2, 2, 1, 1], "y": [3.0, 4.0, 5.0, 5.0, 1.0, np.nan]}
    )

    means, roots = curve(table, "x", "y"), curve(table, "x", "y", root=True)

    assert means["run"].tolist() == ["a", "a", "b"]
    assert means["trials"].tolist() == [2, 2, 1]
    assert means["y"].tolist() == [3.5, 5.0, 1.0]
    # Of two values the t interval is mean -+ 12.706 |difference| / 2.
    assert means["low"].tolist()[:2] == pytest.approx([-2.853, 5.0], abs=1e-3)
    assert means["high"].tolist()[:2] == pytest.approx([9.853, 5.0], abs=1e-3)
    assert roots["y"].tolist() == pytest.approx([np.sqrt(12.5), 5.0, 1.0])
    assert roots["low"].tolist()[0] == 0.0  # the square's lower end is negative
    assert curve(table, "x", "y", complete=True)["run"].tolist() == ["a", "a"]


def test_a_planted_slope_is_found() -> None:
    rows = [
        {"run": run, "n": n, "seed": seed, "error": scale * (1 + 0.1 * seed) * n**-0.5}
        for run, scale in zip((*error.ESTIMATORS, error.BOUND), (3.0, 2.0, 1.0, 1.0), strict=True)
        for n in (100, 1_000, 10_000)
        for seed in (0, 1)
    ]

    found = error.metrics(pd.DataFrame(rows))

    assert found["algorithm1.slope"] == pytest.approx(-0.5)
    assert found["mle.slope_low"] == pytest.approx(-0.5)
    assert [found[f"{name}.excess"] for name in error.ESTIMATORS] == pytest.approx([3.0, 2.0, 1.0])


def test_the_bound_is_what_maximum_likelihood_reaches() -> None:
    """Over eight worlds the squares of 72 errors are averaged: their root is within a fifth of the bound."""
    squares = []
    for seed in range(8):
        [bound] = error.BoundTrial((10_000,), seed).run()
        fitted = next(record for record in error.ErrorTrial(10_000, seed).run() if record["run"] == "mle")
        squares.append((float(fitted["error"]) / float(bound["error"])) ** 2)

    assert np.sqrt(np.mean(squares)) == pytest.approx(1.0, abs=0.2)


def test_dependencies_hurt_who_ignores_them() -> None:
    records = {str(record["run"]): record for record in dependencies.DependencyTrial(4, 5_000, 18, seed=0).run()}

    assert {record["edges"] for record in records.values()} == {12}  # four groups of four: three edges each
    for name in dependencies.ESTIMATORS:
        assert float(records[f"{name}, naive"]["error"]) > 3 * float(records[f"{name}, ours"]["error"])
        assert float(records[f"{name}, naive"]["gap"]) > float(records[f"{name}, ours"]["gap"])


def test_without_dependencies_there_is_nothing_to_ignore() -> None:
    naive, ours, *_ = dependencies.DependencyTrial(0, 1_000, 8, seed=1).run()

    assert naive["error"] == ours["error"]
    groups = [trial.groups for trial in dependencies.trials_of(rows=100, sources=10, trials=1)]
    assert groups == [0, 1, 2]  # with two groups of four, two sources are left: four groups in all


@pytest.mark.parametrize(("shape", "edges"), [("pairs", 3), ("tree", 5), ("clique", 6)])
def test_graphs_of_each_shape(shape: str, edges: int) -> None:
    """What robust PCA suggests of many rows is what was drawn; nobody sees the source that a clique copies."""
    votes, truth = structure.drawn(shape, 5_000, seed=3)

    assert len(votes.names) == structure.SOURCES
    assert len(truth) == edges
    assert set().union(*truth) <= set(votes.names[:6])
    assert {frozenset(edge) for edge in suggest_structure(votes).dependencies} == truth


def test_precision_and_recall_of_a_suggestion() -> None:
    [found] = structure.SuggestionTrial("robust_pca", "pairs", 5_000, seed=3).run()
    [nothing] = structure.SuggestionTrial("robust_pca", "clique", 100, seed=3).run()

    assert (found["precision"], found["recall"]) == (1.0, 1.0)
    assert np.isnan(float(nothing["precision"]))
    assert nothing["recall"] == 0.0


def test_superfluous_edges_cost_accuracy_and_then_identifiability() -> None:
    def gaps(superfluous: int) -> dict[str, float]:
        trial = structure.SuperfluousTrial(superfluous, 1_000, seed=0)
        return {str(record["run"]): float(record["gap"]) for record in trial.run()}

    right, wrong, all_of_them = gaps(0), gaps(6), gaps(60)

    assert wrong["mle"] > right["mle"]
    assert wrong["majority vote"] == right["majority vote"]
    assert np.isnan(all_of_them["wls"])


def test_runtime_scales_what_it_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopwatch that says one second for everything: the samplers' seconds are 50 / epochs."""
    monkeypatch.setattr(runtime, "least", lambda repeats, work: 1.0)

    records = {str(record["run"]): record for record in runtime.RuntimeTrial(50_000, 2, gibbs=True).run()}

    assert [records[run]["epochs"] for run in runtime.SAMPLERS] == [1, 10]
    assert [records[run]["seconds"] for run in runtime.SAMPLERS] == [50.0, 5.0]
    assert {run for run, record in records.items() if record["seconds"] == 1.0} == {
        *runtime.ESTIMATORS,
        *(f"{name}, fit alone" for name in runtime.ESTIMATORS),
    }
    found = runtime.metrics(pd.DataFrame(list(records.values())))
    assert found["Gibbs, one by one / wls.50000"] == 50.0
    assert [trial.gibbs for trial in runtime.trials_of([1_000, 300, 10_000], 1_000, 1)] == [True, True, False]


def test_every_setting_has_its_estimators_and_its_bayes() -> None:
    for setting in estimators.SETTINGS:
        draw, _ = estimators.SETTINGS[setting]
        assert draw(1).tasks.feasible
    records = estimators.EstimatorTrial("six copied pairs, not declared", 2_000, seed=0).run()

    assert [record["run"] for record in records] == [estimators.MAJORITY, *estimators.ESTIMATORS]
    gaps = {str(record["run"]): float(record["gap"]) for record in records}
    world = estimators.SETTINGS["six copied pairs, not declared"][0](0)
    votes, gold = world.sample(2_000, seed=0)
    with pytest.warns(SuspectedDependencyWarning):
        model = LabelModel(world.tasks, estimator="wls").fit(votes)
    right = (model.predict(votes) == gold).mean()
    best = (world.posterior(votes.codes).argmax(axis=1) == gold).mean()
    assert gaps["wls"] == pytest.approx(best - right)
