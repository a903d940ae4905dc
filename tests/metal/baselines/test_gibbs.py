"""The Gibbs sampler: its chain against the enumerated factor graph, its estimates against EM's."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from metal.baselines import DataProgramming, GibbsDataProgramming
from metal.baselines.gibbs import FactorGraph
from metal.label_matrix import LabelMatrix
from metal.label_model import NotFittedError
from metal.synthetic import random_world
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def graph() -> FactorGraph:
    return FactorGraph(np.array([0.3, 0.7]), ((0, 1),), np.array([0.4, -0.5]), np.array([1.1, 0.6]), np.array([0.8]))


def score(model: FactorGraph, votes: Any, label: int) -> float:
    """Sum the factors of one state, straight from the formula."""
    total = float(np.log(model.balance[label - 1]))
    for j, vote in enumerate(votes):
        total += float(model.lab[j]) * (vote != 0) + float(model.acc[j]) * (vote == label)
    return float(total + float(model.corr[0]) * (votes[0] == votes[1]))


def test_the_chain_s_distribution_is_the_factor_graph_s() -> None:
    model = graph()
    states = list(product(range(3), range(3), (1, 2)))
    weights = np.exp([score(model, state[:2], state[2]) for state in states])
    random = np.random.default_rng(0)
    votes = np.zeros((200_000, 2), dtype=np.int64)
    for _ in range(30):
        votes, _ = model.sweep(votes, random)
    label = model.draw_label(votes, random)

    seen = np.array([((votes[:, 0] == a) & (votes[:, 1] == b) & (label == y)).mean() for a, b, y in states])

    # 200,000 independent chains: five standard errors are at most .0056.
    np.testing.assert_allclose(seen, weights / weights.sum(), atol=0.0056)


def test_a_sampled_step_is_unbiased() -> None:
    """Its mean is the gradient E[factors | L] - E[factors], here enumerated, when the chain is at its distribution."""
    model = graph()
    observed = np.array([[1, 2], [2, 2], [0, 1]])
    states = list(product(range(3), range(3), (1, 2)))
    weights = np.exp([score(model, state[:2], state[2]) for state in states])
    weights /= weights.sum()

    def factors(a: int, b: int, y: int) -> Any:
        return np.array([a != 0, b != 0, a == y, b == y, a == b], dtype=float)

    free = sum(w * factors(*state) for w, state in zip(weights, states, strict=True))
    given = np.zeros(5)
    for a, b in observed:
        joint = np.exp([score(model, (a, b), y) for y in (1, 2)])
        given += sum(p * factors(a, b, y) for p, y in zip(joint / joint.sum(), (1, 2), strict=True)) / 3

    random = np.random.default_rng(1)
    rows = np.tile(observed, (100_000, 1))
    chain = np.array(states)[random.choice(len(states), size=len(rows), p=weights)][:, :2]
    drawn, drawn_label = model.sweep(chain, random)
    moved = graph()
    moved.climb(rows, model.draw_label(rows, random), drawn, drawn_label, 1 / len(rows), 1.0)

    step = np.concatenate([moved.lab - model.lab, moved.acc - model.acc, moved.corr - model.corr])
    np.testing.assert_allclose(step, given - free, atol=0.01)


def test_it_climbs_to_the_optimum_that_em_finds() -> None:
    world = random_world(SPAM, [["spam"]] * 8, seed=3, balance=[0.5, 0.5])
    votes, _ = world.sample(5_000, 1)

    exact = DataProgramming(SPAM, shrinkage=0, prior_strength=1e-6).fit(votes)
    sampled = GibbsDataProgramming(SPAM, batch_size=256).fit(votes)

    np.testing.assert_allclose(list(sampled.accuracies_.values()), list(exact.accuracies_.values()), atol=0.02)
    np.testing.assert_allclose(sampled.predict_proba(votes), exact.predict_proba(votes), atol=0.1)


def test_one_example_a_step_is_the_published_algorithm_and_agrees() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 5, seed=2, balance=[0.5, 0.5]).sample(300, 1)

    one = GibbsDataProgramming(SPAM, batch_size=1, epochs=10, step_size=5).fit(votes)
    many = GibbsDataProgramming(SPAM, batch_size=50, epochs=10, step_size=5).fit(votes)

    # Noise of a step is of the order of its length, 5 / 300 x the square root of the steps remembered.
    np.testing.assert_allclose(list(one.accuracies_.values()), list(many.accuracies_.values()), atol=0.12)


def test_a_correlation_factor_takes_up_copying() -> None:
    copies = {"source_1": ("source_0", 0.9)}
    world = random_world(SPAM, [["spam"]] * 6, seed=4, balance=[0.5, 0.5], accuracy=(0.6, 0.75), copies=copies)
    votes, _ = world.sample(4_000, 1)

    ignoring = GibbsDataProgramming(SPAM, batch_size=256).fit(votes)
    told = GibbsDataProgramming(SPAM, [("source_0", "source_1")], batch_size=256).fit(votes)

    truth = float(world.precisions()[0].mean())
    assert ignoring.accuracies_["source_0"] > truth + 0.1
    assert abs(told.accuracies_["source_0"] - truth) < 0.1
    assert told.graphs_["spam"].corr[0] > 1


def test_it_is_repeatable_and_its_seed_matters() -> None:
    votes, _ = random_world(KIND, [["kind"], ["person"], ["organization"]] * 2, seed=1).sample(200, 0)

    def fit(seed: int) -> Any:
        return GibbsDataProgramming(KIND, epochs=3, seed=seed).fit(votes).predict_proba(votes)

    np.testing.assert_array_equal(fit(0), fit(0))
    assert (fit(0) != fit(1)).any()
    np.testing.assert_allclose(fit(0).sum(axis=1), 1)


def test_tasks_are_combined_down_the_tree_as_by_em() -> None:
    """Silence gets the balance back, which the product of the tasks' marginals would not."""
    votes, _ = random_world(KIND, [["kind"], ["person"], ["organization"]] * 2, seed=4).sample(100, 0)
    model = GibbsDataProgramming(KIND, class_balance=[0.4, 0.3, 0.2, 0.1], epochs=3).fit(votes)

    silent = model.predict_proba(LabelMatrix(np.zeros((1, 6), dtype=int), votes.spaces, KIND))

    np.testing.assert_allclose(silent, [[0.4, 0.3, 0.2, 0.1]])


def test_sources_that_never_err_keep_finite_weights() -> None:
    votes = LabelMatrix.from_array(np.array([[1, 1, 1], [2, 2, 2]] * 50), SPAM)
    model = GibbsDataProgramming(SPAM, epochs=200, step_size=50).fit(votes)

    assert np.isfinite(model.predict_proba(votes)).all()
    assert all(0.9 < value < 1 for value in model.accuracies_.values())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 5, 50])
def test_a_lone_source_is_believed_rather_than_its_opposite(n: int, seed: int) -> None:
    """One source, always voting no, tells nothing of itself: it keeps to what sources start at, e / (e + 1) = .73."""
    votes = LabelMatrix.from_array(np.ones((n, 1), dtype=int), SPAM)

    model = GibbsDataProgramming(SPAM, seed=seed).fit(votes)

    assert model.accuracies_["source_0"] >= 0.5
    assert model.predict_proba(votes)[0, 0] >= 0.5
    if n == 1:
        assert 0.55 < model.accuracies_["source_0"] < 0.9


def test_wrong_use_is_refused() -> None:
    votes = LabelMatrix.from_array(np.array([[1, 2]]), SPAM)
    with pytest.raises(ValueError, match="class_balance must sum to one"):
        GibbsDataProgramming(SPAM, class_balance=[0.5, 0.6])
    with pytest.raises(NotFittedError, match="call fit"):
        GibbsDataProgramming(SPAM).predict_proba(votes)
    with pytest.raises(ValueError, match="epochs and batch_size must be at least 1"):
        GibbsDataProgramming(SPAM, batch_size=0)
    with pytest.raises(ValueError, match="step_size must be positive"):
        GibbsDataProgramming(SPAM, step_size=0)
    with pytest.raises(ValueError, match="unknown source 'ghost'"):
        GibbsDataProgramming(SPAM, [("source_0", "ghost")]).fit(votes)
    with pytest.raises(ValueError, match="nothing to fit"):
        GibbsDataProgramming(SPAM).fit(LabelMatrix.from_array(np.zeros((2, 2), dtype=int), SPAM))
    with pytest.raises(ValueError, match="the votes are over"):
        GibbsDataProgramming(KIND).fit(votes)
    with pytest.raises(ValueError, match="not those of the fit"):
        GibbsDataProgramming(SPAM, epochs=1).fit(votes).predict_proba(LabelMatrix.from_array(np.array([[1]]), SPAM))
