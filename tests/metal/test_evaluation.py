"""Scores against values worked out by hand and against scikit-learn and scipy as independent oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from metal.evaluation import (
    confusion,
    crossed_intervals,
    expected_calibration_error,
    macro_f1,
    mean_interval,
    micro_accuracy,
    negative_log_likelihood,
    predictions,
    proportion_interval,
    reliability,
    source_accuracies,
    task_accuracies,
)
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import Task, TaskGraph

TREE = TaskGraph.hierarchy(
    Task("size", ("large", "small")),
    Task("large_kind", ("bear", "horse"), parent=("size", "large")),
    Task("small_kind", ("cat", "mouse"), parent=("size", "small")),
)  # F: (large, bear), (large, horse), (small, cat), (small, mouse), N/A elsewhere

PROBABILITIES = np.array(
    [
        [0.7, 0.1, 0.1, 0.1],  # says 0, truth 0
        [0.1, 0.6, 0.2, 0.1],  # says 1, truth 0: right size, wrong kind
        [0.4, 0.4, 0.1, 0.1],  # tie: says the first, 0; truth 2
        [0.0, 0.0, 0.0, 1.0],  # says 3, truth 3
    ]
)
GOLD = np.array([0, 0, 2, 3])


def planted(seed: int, n: int = 300, size: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose labels are drawn from them (calibrated on average)."""
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(size, 0.5), size=n)
    gold = np.array([random.choice(size, p=row) for row in probabilities])
    return probabilities, gold


def test_ties_go_to_the_first_vector() -> None:
    assert predictions(PROBABILITIES).tolist() == [0, 1, 0, 3]


def test_micro_accuracy_counts_whole_vectors() -> None:
    assert micro_accuracy(PROBABILITIES, GOLD) == 2 / 4


def test_task_accuracies_count_entries_and_wrongly_applied_tasks() -> None:
    # size: large, large, large, small against large, large, small, small: 3 of 4.
    # large_kind: bear, horse, bear, N/A against bear, bear, N/A, N/A: rows 0 and 3.
    # small_kind: N/A, N/A, N/A, mouse against N/A, N/A, cat, mouse: rows 0, 1 and 3.
    assert task_accuracies(PROBABILITIES, GOLD, TREE) == {"size": 0.75, "large_kind": 0.5, "small_kind": 0.75}


def test_task_accuracy_is_of_the_predicted_vector_not_of_the_marginal() -> None:
    # The likeliest vector is (large, bear), though small has .6 of the marginal.
    probabilities = np.array([[0.4, 0.0, 0.3, 0.3]])
    assert task_accuracies(probabilities, np.array([0]), TREE)["size"] == 1.0


def test_macro_f1_by_hand() -> None:
    # Vector 0: predicted twice, true twice, once both: 2*1/4. Vector 1: predicted only: 0. 2: true only: 0. 3: 1.
    assert macro_f1(PROBABILITIES, GOLD) == pytest.approx((0.5 + 0 + 0 + 1) / 4)


def test_macro_f1_leaves_out_a_vector_neither_true_nor_predicted() -> None:
    assert macro_f1(np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]]), np.array([0, 1])) == 1.0


def test_negative_log_likelihood_by_hand_and_clipped() -> None:
    assert negative_log_likelihood(PROBABILITIES, GOLD) == pytest.approx(-math.log(0.7 * 0.1 * 0.1 * 1.0) / 4)
    assert negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(12 * math.log(10))


def test_calibration_by_hand() -> None:
    # Confidences .7, .6, .4, 1 in ten bins (a, b]: each alone in its bin, with accuracies 1, 0, 0, 1.
    table = reliability(PROBABILITIES, GOLD, bins=10)
    filled = table[table["count"] > 0]
    assert filled["upper"].round(6).tolist() == [0.4, 0.6, 0.7, 1.0]
    assert filled["accuracy"].tolist() == [0, 0, 1, 1]
    assert expected_calibration_error(PROBABILITIES, GOLD) == pytest.approx((0.4 + 0.6 + 0.3 + 0.0) / 4)
    # In one bin the gaps cancel: mean confidence .675 against accuracy .5.
    assert expected_calibration_error(PROBABILITIES, GOLD, bins=1) == pytest.approx(0.175)


def test_certain_and_right_is_perfect() -> None:
    certain = np.eye(4)[GOLD]
    assert (micro_accuracy(certain, GOLD), macro_f1(certain, GOLD)) == (1.0, 1.0)
    assert negative_log_likelihood(certain, GOLD) == 0.0
    assert expected_calibration_error(certain, GOLD) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_scores_agree_with_scikit_learn(seed: int) -> None:
    probabilities, gold = planted(seed)
    predicted = probabilities.argmax(axis=1)
    assert micro_accuracy(probabilities, gold) == pytest.approx(metrics.accuracy_score(gold, predicted))
    assert macro_f1(probabilities, gold) == pytest.approx(metrics.f1_score(gold, predicted, average="macro"))
    assert negative_log_likelihood(probabilities, gold) == pytest.approx(
        metrics.log_loss(gold, probabilities, labels=range(5))
    )


def test_reliability_agrees_with_scikit_learn() -> None:
    from sklearn.calibration import calibration_curve

    probabilities, gold = planted(3, n=2000)
    right = (probabilities.argmax(axis=1) == gold).astype(int)
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=10)
    filled = reliability(probabilities, gold).dropna()
    np.testing.assert_allclose(filled["accuracy"], accuracy)
    np.testing.assert_allclose(filled["confidence"], confidence)


def test_labels_drawn_from_the_probabilities_are_calibrated() -> None:
    probabilities, gold = planted(1, n=20_000)
    # Each of ten bins of some 2,000 points errs by about .5/sqrt(2000) = .011.
    assert expected_calibration_error(probabilities, gold) < 0.02


@given(st.permutations(range(40)))
def test_scores_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    probabilities, gold = planted(2, n=40)
    for score in (micro_accuracy, macro_f1, negative_log_likelihood, expected_calibration_error):
        assert score(probabilities[order], gold[order]) == pytest.approx(score(probabilities, gold))


def test_source_accuracy_counts_coarse_votes_by_their_event() -> None:
    spaces = [
        LabelSpace.checked("coarse", ["size"], [["large"], ["small"]], TREE),
        LabelSpace.checked("fine", ["large_kind"], [["bear"]], TREE),
        LabelSpace.checked("silent", ["size"], [["large"]], TREE),
    ]
    codes = np.array([[1, 1, 0], [1, 1, 0], [2, 0, 0], [1, 0, 0]])
    # Truth 0, 1, 2, 3. Coarse says large, large, small, large: right on 0, 1, 2. Fine says bear on 0 (right), 1.
    voted, right = source_accuracies(LabelMatrix(codes, spaces, TREE), np.array([0, 1, 2, 3]))
    assert voted.tolist() == [4, 2, 0]
    assert right.tolist() == [3, 1, 0]


def test_mean_interval_by_hand() -> None:
    # 1, 2, 3: s = 1, t(2, .975) = 4.302653, half width 4.302653 / sqrt(3).
    mean, low, high = mean_interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert high - mean == pytest.approx(4.302652730 / math.sqrt(3), abs=1e-9)
    assert mean - low == pytest.approx(high - mean)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_mean_interval_agrees_with_scipy(level: float) -> None:
    values = np.random.default_rng(0).normal(size=10)
    low, high = stats.t.interval(level, 9, loc=values.mean(), scale=stats.sem(values))
    assert mean_interval(values, level) == pytest.approx((values.mean(), low, high))


def test_mean_interval_covers_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    intervals = [mean_interval(random.normal(size=5)) for _ in range(4000)]
    covered = np.mean([low <= 0 <= high for _, low, high in intervals])
    assert covered == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4000))  # four standard errors


def test_interval_of_one_trial_is_unknown_and_of_equal_trials_empty() -> None:
    mean, low, high = mean_interval([0.8])
    assert mean == 0.8
    assert math.isnan(low)
    assert math.isnan(high)
    assert mean_interval([0.8, 0.8, 0.8]) == pytest.approx((0.8, 0.8, 0.8))


@pytest.mark.parametrize(("successes", "trials"), [(0, 5), (5, 5), (3, 7), (300, 378)])
def test_proportion_interval_agrees_with_scipy(successes: int, trials: int) -> None:
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert proportion_interval(successes, trials) == pytest.approx((expected.low, expected.high))


def test_proportion_interval_of_nothing_is_unknown() -> None:
    assert all(math.isnan(end) for end in proportion_interval(0, 0))


@pytest.mark.parametrize(
    ("probabilities", "gold", "message"),
    [
        ([[0.5, 0.5], [0.7, 0.7]], [0, 1], "row 1 is not a distribution"),
        ([[0.5, 0.5], [float("nan"), 1.0]], [0, 1], "row 1 is not a distribution"),
        ([[1.5, -0.5]], [0], "row 0 is not a distribution"),
        ([[0.5, 0.5], [0.5, 0.5]], [0, 2], r"gold of row 1 is 2; positions in F are 0\.\.1"),
        ([[0.5, 0.5]], [0, 1], "expected probabilities of shape"),
    ],
)
def test_what_is_no_distribution_is_refused(probabilities: list[list[float]], gold: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        micro_accuracy(np.array(probabilities), np.array(gold))


def test_nothing_to_evaluate_is_refused() -> None:
    with pytest.raises(ValueError, match="no rows"):
        micro_accuracy(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
    with pytest.raises(ValueError, match="at least one finite number"):
        mean_interval([])
    with pytest.raises(ValueError, match="between 0 and 3"):
        proportion_interval(4, 3)


def test_crossed_intervals_by_hand() -> None:
    # Two trials of three examples: trials' means 2/3 and 1/3, examples' means 1, 1/2, 0. Both average 1/2.
    found = crossed_intervals(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    assert found["mean"] == 0.5
    # Of two values 1/3 apart, s / sqrt(2) = 1/6 and t(1, .975) = 12.7062; of 1, 1/2, 0: s = 1/2, t(2, .975) = 4.302653.
    assert found["high"] - 0.5 == pytest.approx(12.706204736 / 6)
    assert found["test_high"] - 0.5 == pytest.approx(4.302652730 * 0.5 / math.sqrt(3))
    assert found["low"] + found["high"] == pytest.approx(found["test_low"] + found["test_high"]) == pytest.approx(1.0)


def test_confusion_agrees_with_scikit_learn() -> None:
    probabilities, gold = planted(4)
    expected = metrics.confusion_matrix(gold, probabilities.argmax(axis=1), labels=range(5))
    assert confusion(probabilities, gold).tolist() == expected.tolist()
