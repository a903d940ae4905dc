"""What is trusted: "map" without shrinkage where the votes bear independence out, and nowhere else."""

import warnings
from itertools import product

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel, LabelSpace, MajorityVote, Statistics, TaskGraph
from metal.label_model import SuspectedDependencyWarning, residual_dependencies
from metal.synthetic import World, random_world
from tests.benchmarks.votes import speed_world
from tests.benchmarks.worlds import WORLDS
from tests.metal.label_model.test_residuals import KIND, PER_TASK, SPAM, alone


def fitted(model: LabelModel, votes: LabelMatrix) -> LabelModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        return model.fit(votes)


def accuracy(model: LabelModel | MajorityVote, votes: LabelMatrix, gold: np.ndarray) -> float:
    return float((model.predict_proba(votes).argmax(axis=1) == gold).mean())


def oracle(world: World, votes: LabelMatrix, gold: np.ndarray) -> float:
    return float((world.posterior(votes.codes).argmax(axis=1) == gold).mean())


@pytest.mark.parametrize(
    "name", ["unipolar balanced", "unipolar 30/70", "unipolar, k = 5", "6 copied pairs", "star of 7"]
)
def test_the_default_beats_majority_vote_untold_and_meets_the_oracle_told(name: str) -> None:
    """One draw of the worlds in which `tests.benchmarks` compares with other libraries; balance unknown throughout."""
    world = WORLDS[name](1)
    votes, gold = world.sample(100_000, seed=1)
    best, majority = oracle(world, votes, gold), accuracy(MajorityVote(world.tasks), votes, gold)

    untold = accuracy(fitted(LabelModel(world.tasks, tolerance=1e-4), votes), votes, gold)
    told = accuracy(fitted(LabelModel(world.tasks, world.dependencies, tolerance=1e-4), votes), votes, gold)

    assert untold > majority + 0.01
    assert told > best - 0.005


def test_a_hierarchy_is_labelled_like_the_oracle_does() -> None:
    """Twenty sources on three tasks, n = 1e5: within .0005 of the oracle, and every prediction feasible by F."""
    world = random_world(KIND, (PER_TASK * 7)[:20], seed=11, accuracy=(0.6, 0.85), coverage=(0.4, 0.8))
    votes, gold = world.sample(100_000, seed=1)

    model = LabelModel(KIND, estimator="mle", tolerance=1e-4).fit(votes)

    assert accuracy(model, votes, gold) > oracle(world, votes, gold) - 0.0005


def test_trust_is_maximum_likelihood_and_an_explicit_shrinkage_is_obeyed() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 10, seed=12).sample(20_000, seed=1)
    trusted, likelihood = LabelModel(SPAM).fit(votes), LabelModel(SPAM, estimator="mle").fit(votes)
    cautious = LabelModel(SPAM, shrinkage=0.7).fit(votes)

    np.testing.assert_array_equal(trusted.predict_proba(votes), likelihood.predict_proba(votes))
    assert np.abs(cautious.predict_proba(votes) - likelihood.predict_proba(votes)).max() > 0.05


def test_a_million_rows_of_independent_sources_raise_no_suspicion() -> None:
    """The exact population of ten sources between .55 and .9: noise is so small that any misfit would be seen.

    Sigma^2 / scale of votes of sources a and b is (2a - 1)^2 (2b - 1)^2, so that noise of two standard errors of the
    180 pairs of votes is all that is granted.
    """
    accuracy = np.linspace(0.55, 0.9, 10)
    rows = np.array(list(product((1, 2), repeat=10)))
    shares = sum(0.5 * np.prod(np.where(rows == y, accuracy, 1 - accuracy), axis=1) for y in (1, 2))
    spaces = [LabelSpace(f"source_{i}", ("spam",), (("no",), ("yes",))) for i in range(10)]

    found = residual_dependencies(Statistics(rows, shares * 1e6, spaces, SPAM), tuple((i,) for i in range(10)))

    assert not found.suspected
    squares = np.outer((2 * accuracy - 1) ** 2, (2 * accuracy - 1) ** 2)[np.triu_indices(10, 1)]
    assert found.unexplained == pytest.approx(np.sqrt(2 * np.sqrt(2 / 180) / (1e6 * squares.mean() - 1)), rel=1e-4)
    assert found.borne_out


@pytest.mark.parametrize(("m", "k", "n"), [(100, 2, 15_000), (200, 2, 15_000), (100, 5, 10_000)])
def test_sparse_independent_sources_are_trusted(m: int, k: int, n: int) -> None:
    """Ten votes a row: noise makes most of the covariance of a single pair, but their number tells it from misfit."""
    world = speed_world(m, k)
    votes, gold = world.sample(n, seed=3)
    statistics = Statistics.of(votes)

    found = residual_dependencies(statistics, alone(m))
    model = LabelModel(world.tasks, tolerance=1e-3).fit(statistics)

    assert found.borne_out
    assert found.suspected == ()
    assert accuracy(model, votes, gold) > oracle(world, votes, gold) - 0.005


def test_sparse_copies_are_not_trusted() -> None:
    """One pair of copies among a hundred sparse sources is found, and takes the trust from all."""
    tasks = TaskGraph.single("label", ("0", "1"))
    world = random_world(
        tasks, [["label"]] * 100, seed=0, coverage=(0.05, 0.15), copies={"source_9": ("source_5", 0.8)}
    )
    found = residual_dependencies(Statistics.of(world.sample(15_000, seed=3)[0]), alone(100))

    assert [(pair.first, pair.second) for pair in found.suspected] == [("source_5", "source_9")]
    assert not found.borne_out


def test_pure_noise_and_too_few_rows_are_not_trusted() -> None:
    """Votes that tell nothing, and so many parameters that a hundred sparse sources leave nothing for each."""
    noise = LabelMatrix.from_array(np.random.default_rng(0).integers(0, 3, size=(20_000, 10)), SPAM)
    few = speed_world(100, 2).sample(3_000, seed=3)[0]

    assert residual_dependencies(Statistics.of(noise), alone(10)).unexplained == 1.0
    for votes in (noise, few):
        assert not residual_dependencies(Statistics.of(votes), alone(votes.codes.shape[1])).borne_out
