"""Standard errors of "map": of a bootstrap where it shrinks, of maximum likelihood where it is that."""

import warnings

import numpy as np
import pytest

from metal import LabelModel
from metal.label_model import SuspectedDependencyWarning
from metal.label_model.estimators import CAUTION
from metal.synthetic import random_world
from tests.metal.label_model.test_uncertainty import SPAM, WORLDS, accuracies, simulate

STAR = ("source_1", "source_2", "source_3", "source_4")


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
    samples = [world.sample(n, seed)[0] for seed in range(replicates)]
    models = [LabelModel(world.tasks, shrinkage=CAUTION).fit(votes) for votes in samples]
    found, errors, intervals = (
        np.array([list(getattr(model, name).values()) for model in models])
        for name in ("accuracies_", "standard_errors_", "intervals_")
    )

    # 96 intervals or more, eight or nine to a sample: known to about three percent.
    assert 0.88 < ((intervals[:, :, 0] < truth) & (truth < intervals[:, :, 1])).mean() < 0.99
    assert (np.abs(found - truth) < 1.96 * errors).mean() < 0.8


@pytest.mark.slow
@pytest.mark.parametrize(("n", "replicates"), [(500, 12), (4_000, 6)])
@pytest.mark.parametrize(
    ("m", "copies", "least"),
    [(10, {"source_1": "source_0", "source_3": "source_2"}, 0.85), (12, dict.fromkeys(STAR, "source_0"), 0.7)],
)
@pytest.mark.filterwarnings("ignore::metal.label_model.SuspectedDependencyWarning")
def test_undeclared_dependencies_are_only_partly_in_the_intervals(
    n: int, replicates: int, m: int, copies: dict[str, str], least: float
) -> None:
    """The figures of the label model's README: neither estimate is then the truth."""
    rates = {copy: (original, 0.7) for copy, original in copies.items()}
    world = random_world(SPAM, [["spam"]] * m, seed=m // 2, copies=rates)
    truth = np.array(list(world.accuracies().values()))
    covered = []
    for seed in range(replicates):
        intervals = LabelModel(SPAM, shrinkage=CAUTION).fit(world.sample(n, seed)[0]).intervals_.values()
        covered.append([low < accuracy < high for (low, high), accuracy in zip(intervals, truth, strict=True)])

    assert least < np.mean(covered) < 0.95


def test_intervals_are_standard_errors_and_the_distance_to_maximum_likelihood() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 6, seed=1).sample(1_000, 0)
    efficient = LabelModel(SPAM, estimator="mle").fit(votes)
    shrunk = LabelModel(SPAM, shrinkage=0.9).fit(votes)

    for model in (efficient, shrunk, LabelModel(SPAM, estimator="wls").fit(votes)):
        for name, (low, high) in model.intervals_.items():
            accuracy, error = model.accuracies_[name], model.standard_errors_[name]
            pull = accuracy - efficient.accuracies_[name] if model is shrunk else 0.0
            assert low == pytest.approx(max(accuracy - 1.96 * (error**2 + pull**2) ** 0.5, 0))
            assert high == pytest.approx(min(accuracy + 1.96 * (error**2 + pull**2) ** 0.5, 1))


def test_what_votes_do_not_determine_may_be_anything() -> None:
    exact = random_world(SPAM, [["spam"]] * 2, seed=1).population()
    model = LabelModel(SPAM, estimator="mle", smoothing=0, tolerance=1e-10, max_iterations=50_000).fit(exact)

    assert model.intervals_ == {"source_0": (0, 1), "source_1": (0, 1)}


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
