"""Standard errors of "map": of a bootstrap where it shrinks, of maximum likelihood where it is that."""

import warnings

import numpy as np
import pytest

from metal import LabelModel
from metal.label_model import SuspectedDependencyWarning
from metal.label_model.estimators import CAUTION
from metal.synthetic import random_world
from tests.metal.label_model.test_uncertainty import SPAM, WORLDS, accuracies, simulate


@pytest.mark.slow
@pytest.mark.parametrize(("n", "shrinkage", "truth"), [(500, None, 0.5), (2_000, 0.9, 0.4)])
def test_where_map_shrinks_intervals_cover_what_endless_rows_would_give(
    n: int, shrinkage: float | None, truth: float
) -> None:
    """Not the truth, from which the pull keeps the estimate even where the model holds. 640 intervals each."""
    world = WORLDS["binary"][0]
    population = world.population()
    limit = LabelModel(SPAM, shrinkage=CAUTION).fit(population.reweighted(population.counts * n))
    found, errors = simulate(world, n, 80, estimator="map", shrinkage=shrinkage)

    assert 0.93 < (np.abs(found - list(limit.accuracies_.values())) < 1.96 * errors).mean() < 0.97
    assert (np.abs(found - accuracies(world)) < 1.96 * errors).mean() == pytest.approx(truth, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "replicates"), [(500, 25), (4_000, 12)])
@pytest.mark.parametrize("name", ["binary", "hierarchy, tied"])
def test_the_distance_to_maximum_likelihood_tells_of_the_pull(name: str, n: int, replicates: int) -> None:
    """Where the model holds, errors widened by it cover the truth about as they should; alone they do not."""
    world, truth = WORLDS[name][0], accuracies(WORLDS[name][0])
    found, errors = simulate(world, n, replicates, estimator="map", shrinkage=CAUTION)
    samples = [world.sample(n, seed)[0] for seed in range(replicates)]
    efficient = [list(LabelModel(world.tasks, estimator="mle").fit(votes).accuracies_.values()) for votes in samples]
    widened = np.hypot(errors, found - np.array(efficient))

    # 108 intervals or more, eight or nine to a sample: known to about three percent.
    assert 0.88 < (np.abs(found - truth) < 1.96 * widened).mean() < 0.99
    assert (np.abs(found - truth) < 1.96 * errors).mean() < 0.8


def test_the_errors_of_map_keep_what_its_residuals_say() -> None:
    """Of near copies whose votes count for less in every refit, as they do in the fit; all else would be other fits."""
    world = random_world(SPAM, [["spam"]] * 8, seed=4, accuracy=(0.7, 0.9), copies={"source_1": ("source_0", 0.9)})
    samples = [world.sample(1_000, seed)[0] for seed in range(60)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        models = [LabelModel(SPAM).fit(votes) for votes in samples]
    spread = np.std([list(model.accuracies_.values()) for model in models], axis=0, ddof=1)

    ratio = np.array(list(models[0].standard_errors_.values())) / spread
    assert ratio.mean() == pytest.approx(1, abs=0.2)


def test_there_is_no_information_where_map_shrinks() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 3, seed=1).sample(100, 0)
    model = LabelModel(SPAM).fit(votes)

    with pytest.raises(ValueError, match=r"maximum likelihood, freshly fitted \(estimator='mle'\); this is 'map'"):
        model.uncertainty(votes)


def test_map_that_trusts_the_votes_has_the_standard_errors_of_maximum_likelihood() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 6, seed=1, accuracy=(0.7, 0.9)).sample(5_000, 0)
    trusting, mle = LabelModel(SPAM).fit(votes), LabelModel(SPAM, estimator="mle").fit(votes)

    assert trusting.accuracies_ == mle.accuracies_
    assert trusting.standard_errors_ == mle.standard_errors_
