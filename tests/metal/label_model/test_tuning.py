"""Choosing settings on a development set."""

from dataclasses import replace

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel
from metal.label_model import select, tune
from metal.synthetic import copying_world, unipolar_world
from tests.metal.label_model.test_estimators import SPAM

GOLD = np.array([0, 0, 0, 0])


def probabilities(*of_truth: float) -> np.ndarray:
    """Rows whose true label is the first."""
    return np.stack([[p, 1 - p] for p in of_truth])


def test_the_likeliest_is_taken_where_it_stands_out() -> None:
    """The second loses ln(.8 / .4) = ln 2 on every row: no noise, so that it is not close, however accurate."""
    first, second = select([probabilities(0.8, 0.8, 0.8, 0.8), probabilities(0.4, 0.4, 0.4, 0.4)], GOLD)

    assert (first.chosen, second.chosen) == (True, False)
    assert (first.close, second.close) == (True, False)
    assert first.nll == pytest.approx(-np.log(0.8))
    assert second.nll - first.nll == pytest.approx(np.log(2))
    assert (first.accuracy, second.accuracy) == (1.0, 0.0)


def test_of_those_within_a_standard_error_the_most_accurate_is_taken() -> None:
    """The two first make the same four losses but for one half of each: their mean is equal, and the lowest.

    The third is right on every row and loses ln(.8 / .55) more on three, ln(.55 / .1) less on one: within the error.
    """
    first = probabilities(0.8, 0.8, 0.8, 0.1)
    second = probabilities(0.4, 0.4, 0.4, 0.8)
    third = probabilities(0.55, 0.55, 0.55, 0.55)
    scores = select([second, first, third], GOLD)

    assert [score.nll for score in scores[:2]] == pytest.approx([scores[0].nll] * 2)
    assert [score.accuracy for score in scores] == [0.25, 0.75, 1.0]
    assert [score.close for score in scores] == [True, True, True]
    assert [score.chosen for score in scores] == [False, False, True]


def test_of_equally_accurate_ones_the_likeliest_and_of_equals_the_first_is_taken() -> None:
    unsure, sure = probabilities(0.8, 0.8, 0.8, 0.6), probabilities(0.8, 0.8, 0.8, 0.8)

    assert [score.chosen for score in select([unsure, sure, sure], GOLD)] == [False, True, False]


def test_a_label_held_impossible_costs_a_finite_lot() -> None:
    (score,) = select([probabilities(0.5, 0.0)], GOLD[:2])

    assert np.isfinite(score.nll)
    assert score.nll > 300


@pytest.mark.parametrize(("candidates", "labels"), [(0, 4), (1, 1), (1, 0)])
def test_nothing_to_choose_from_is_an_error(candidates: int, labels: int) -> None:
    with pytest.raises(ValueError, match=rf"got {candidates} candidate\(s\) and {labels} label\(s\)"):
        select([probabilities(*[0.5] * labels) if labels else np.zeros((0, 2))] * candidates, GOLD[:labels])


def test_a_hundred_labels_mend_what_votes_cannot_tell() -> None:
    """Skewed sources that vote one way each: silence and the balance tell much, which the default leaves unheard

    as soon as a copy makes it distrust the model. All candidates are fitted on the votes; the model given stays.
    """
    world = unipolar_world([0.3, 0.7], seed=5)
    alike = [space.name for space in world.spaces if space.labels == world.spaces[0].labels]
    world = replace(world, copies={alike[1]: (alike[0], 0.8)})
    votes, _ = world.sample(4_000, seed=1)
    dev, gold = world.sample(100, seed=2)
    test, truth = world.sample(20_000, seed=3)
    model = LabelModel(world.tasks, tolerance=1e-4)

    found = tune(model, votes, dev, gold)

    with pytest.warns(UserWarning, match="covary"):
        default = LabelModel(world.tasks, tolerance=1e-4).fit(votes)
    assert found.model.score(test, truth) > default.score(test, truth) + 0.02
    assert found.model.score(test, truth, "log_likelihood") > default.score(test, truth, "log_likelihood") + 0.02
    assert not hasattr(model, "accuracies_")
    assert found.trials[0][0] == {}
    (settings,) = (settings for settings, score in found.trials if score.chosen)
    assert found.model.get_params() == {**model.get_params(), **settings}


def test_noise_in_few_labels_never_costs_much() -> None:
    """Four draws of a hundred labels where the default is near the best there is: the mean loss is a point at most,

    and no choice loses three.
    """
    world = copying_world([2, 2], seed=3, m=8)
    votes, truth = world.sample(2_000, seed=1)
    model = LabelModel(world.tasks, tolerance=1e-3)
    with pytest.warns(UserWarning, match="covary"):
        default = LabelModel(world.tasks, tolerance=1e-3).fit(votes).score(votes, truth)
    random = np.random.default_rng(0)

    lost = []
    for _ in range(4):
        rows = random.choice(2_000, 100, replace=False)
        dev = LabelMatrix(votes.codes[rows], votes.spaces, votes.tasks)
        lost.append(default - tune(model, votes, dev, truth[rows]).model.score(votes, truth))

    assert np.mean(lost) < 0.01
    assert max(lost) < 0.03


def test_own_candidates_start_from_the_model_s_settings() -> None:
    codes = np.array([[1, 1, 1], [2, 2, 2], [1, 1, 2], [2, 2, 1]] * 10)
    gold = ["no", "yes", "no", "yes"] * 10
    found = tune(LabelModel(SPAM, class_balance=(0.5, 0.5)), codes, codes, gold, [{"shrinkage": 0.2}])

    assert [settings for settings, _ in found.trials] == [{}, {"shrinkage": 0.2}]
    # The third source is half wrong: the fit that believes the votes more is right more surely.
    assert found.model.shrinkage == 0.2
    assert found.model.class_balance == (0.5, 0.5)
