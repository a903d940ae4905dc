"""Drift: bounds by hand and against exact sums, false alarms held over many draws, a planted drift named alone."""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal.drift import AccuracyDrift, accuracy_drift, confidence_drift, origins, rate_drift, unsteady
from metal.drift.rates import counts, predicted_counts, predicted_moments
from metal.label_matrix import LabelMatrix
from metal.statistics import Statistics
from metal.tasks import TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
ACCURACIES = np.array([0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.8, 0.7])
COVERAGES = np.array([0.9, 0.5, 0.3, 0.7, 0.2, 0.6, 0.05, 0.02])
NAMES = [f"s{i}" for i in range(len(ACCURACIES))]


def votes(n: int, seed: int, coverages: np.ndarray = COVERAGES, accuracies: np.ndarray = ACCURACIES) -> LabelMatrix:
    """Conditionally independent sources on n rows of two equally likely classes."""
    random = np.random.default_rng(seed)
    truth = random.integers(1, 3, size=n)
    right = random.random((n, len(accuracies))) < accuracies
    cast = random.random((n, len(coverages))) < coverages
    return LabelMatrix.from_array(np.where(cast, np.where(right, truth[:, None], 3 - truth[:, None]), 0), SPAM, NAMES)


def statistics(n: int, seed: int, **changed: np.ndarray) -> Statistics:
    return Statistics.of(votes(n, seed, **changed))


def changed(values: np.ndarray, source: int, value: float) -> np.ndarray:
    result = values.copy()
    result[source] = value
    return result


# --- rates ------------------------------------------------------------------------------------------------------------


def test_counts_are_those_of_the_label_matrix() -> None:
    matrix = votes(500, 1)
    found = counts(Statistics.of(matrix))

    np.testing.assert_allclose(found["coverage"][0] / 500, matrix.coverage())
    np.testing.assert_allclose(found["overlap"][0] / 500, matrix.overlap())
    np.testing.assert_allclose(found["conflict"][0] / 500, matrix.conflict())
    np.testing.assert_array_equal(found["conflict"][1], found["coverage"][0])


def test_counts_without_a_source_are_those_of_a_matrix_without_its_column() -> None:
    matrix = votes(500, 1)
    rest = LabelMatrix(matrix.codes[:, 1:], matrix.spaces[1:], SPAM)
    found = counts(Statistics.of(matrix), ignoring=("s0",))

    np.testing.assert_allclose(found["overlap"][0][1:] / 500, rest.overlap())
    np.testing.assert_allclose(found["conflict"][0][1:] / 500, rest.conflict())


def exact(k: int, n: int, trials: int, count: int) -> Fraction:
    """P(count of `trials` | k of n) times a constant: Beta(k + 1/2, n - k + 1/2) and binomial, in whole numbers."""
    result = Fraction(math.comb(trials, count))
    for i in range(count):
        result *= Fraction(2 * k + 1 + 2 * i, 2)
    for i in range(trials - count):
        result *= Fraction(2 * (n - k) + 1 + 2 * i, 2)
    return result


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.data(), st.sampled_from([0.3, 0.05, 0.001]))
def test_bounds_cut_off_the_tails_of_the_exact_distribution(n: int, data: st.DataObject, false_alarms: float) -> None:
    k, trials = data.draw(st.integers(0, n)), data.draw(st.integers(1, 40))
    weights = [exact(k, n, trials, count) for count in range(trials + 1)]
    total = sum(weights)
    low, high = predicted_counts(k, n, trials, false_alarms)

    half, rounding = Fraction(false_alarms) / 2, Fraction(1, 10**12)
    assert sum(weights[:low]) / total - rounding <= half < sum(weights[: low + 1]) / total + rounding
    assert sum(weights[high + 1 :]) / total - rounding <= half < sum(weights[high:]) / total + rounding
    mean = sum(count * weight for count, weight in enumerate(weights)) / total
    assert predicted_moments(k, n, trials)[0] == pytest.approx(float(mean))


def test_bounds_of_millions_of_rows_are_taken_on_a_grid_and_agree_with_the_normal_distribution() -> None:
    low, high = predicted_counts(300_000, 1_000_000, 4_000_000, 0.01)
    # Rate .3, variance .21 (1/10^6 + 1/(4 10^6)), 2.5758 standard deviations.
    half = 2.5758 * math.sqrt(0.21 * 1.25e-6)

    assert low / 4e6 == pytest.approx(0.3 - half, abs=0.01 * half)
    assert high / 4e6 == pytest.approx(0.3 + half, abs=0.01 * half)


def test_rates_of_unchanged_data_rarely_raise_an_alarm() -> None:
    # 24 rates at 5% together. Of 400 families at most 5% may alarm: 20 on average, 33 in one case of a thousand.
    level = 0.05 / 24
    alarms = sum(
        any(drift.drifted for drift in rate_drift(statistics(1000, 2 * seed), statistics(400, 2 * seed + 1), level))
        for seed in range(400)
    )
    assert alarms <= 32


@pytest.mark.parametrize("source", [0, 2, 6])
def test_a_planted_change_of_coverage_is_named_and_only_it(source: int) -> None:
    coverages = changed(COVERAGES, source, COVERAGES[source] / 3)
    for seed in range(20):
        new = statistics(3000, 2 * seed + 1, coverages=coverages)
        # Twenty families of the other sources' rates at one in a thousand: one of them may alarm in 50 such tests.
        assert origins(statistics(3000, 2 * seed), new, 0.001 / 24) == (f"s{source}",)


def test_a_neighbour_that_is_out_of_bounds_because_of_another_is_not_named() -> None:
    train, new = statistics(20_000, 1), statistics(20_000, 2, coverages=changed(COVERAGES, 0, 0.1))
    out = {drift.source for drift in rate_drift(train, new, 0.05 / 24) if drift.drifted}

    assert len(out) > 1
    assert origins(train, new, 0.05 / 24) == ("s0",)


def test_a_source_that_falls_silent_is_out_of_bounds_and_has_no_shares() -> None:
    drifts = rate_drift(statistics(1000, 1), statistics(1000, 2, coverages=changed(COVERAGES, 6, 0.0)), 0.05 / 24)
    coverage, overlap, _ = (drift for drift in drifts if drift.source == "s6")

    assert coverage.drifted
    assert coverage.new == 0.0
    assert math.isnan(overlap.new)
    assert not overlap.drifted


def test_other_sources_and_no_rows_are_refused() -> None:
    train = statistics(100, 1)
    other = Statistics.of(LabelMatrix.from_array([[1, 2]], SPAM))
    with pytest.raises(ValueError, match=r"the new votes are of \['source_0', 'source_1'\]"):
        rate_drift(train, other, 0.05)
    with pytest.raises(ValueError, match="100 rows in training and 0 new ones"):
        rate_drift(train, statistics(0, 1), 0.05)


# --- accuracies -------------------------------------------------------------------------------------------------------

SHRINKING = {"tasks": SPAM, "dependencies": [], "estimator": "map", "shrinkage": 0.7, "class_balance": [0.5, 0.5]}
FREE = {"tasks": SPAM, "dependencies": [], "estimator": "mle", "class_balance": [0.5, 0.5]}


def test_with_standard_errors_the_difference_is_measured_in_both() -> None:
    drifts = {drift.source: drift for drift in accuracy_drift(FREE, statistics(4000, 1), statistics(4000, 2))}
    first = drifts["s1"]

    assert first.expected == first.train
    both = math.hypot(first.train_error, first.new_error)
    assert first.z == pytest.approx((first.new - first.train) / both, rel=0.01)  # a vote of 2000 adds next to nothing
    assert first.p == pytest.approx(math.erfc(abs(first.z) / math.sqrt(2)))


def test_the_pull_of_the_prior_on_few_rows_is_no_drift() -> None:
    # The prior of "map" says .7 with the weight of five votes: 1/4 of what s7 casts on 1000 rows, 1/32 on 8000.
    train = statistics(8000, 3)
    drifts = {drift.source: drift for drift in accuracy_drift(SHRINKING, train, statistics(1000, 4), refits=15)}
    strong = accuracy_drift(SHRINKING | {"prior_strength": 200.0}, train, statistics(1000, 4), refits=15)

    assert all(abs(drift.z) < 4 for drift in drifts.values())
    pulled = {drift.source: drift for drift in strong}["s0"]
    assert abs(pulled.new - pulled.train) > 4 * math.hypot(pulled.train_error, pulled.new_error)
    assert abs(pulled.z) < 4


@pytest.mark.parametrize("params", [FREE, SHRINKING], ids=["mle", "map"])
def test_a_planted_change_of_accuracy_is_named_and_only_it(params: dict[str, object]) -> None:
    train, new = statistics(4000, 5), statistics(4000, 6, accuracies=changed(ACCURACIES, 1, 0.6))
    compare = partial(_compare, params, train, new)

    assert unsteady(compare, 0.05 / 8) == ("s1",)
    assert unsteady(compare, 0.05 / 8, named=["s1"]) == ()


def _compare(
    params: dict[str, object], train: Statistics, new: Statistics, ignoring: Collection[str]
) -> list[AccuracyDrift]:
    return accuracy_drift(params, train, new, refits=15, ignoring=ignoring)


@pytest.mark.slow
@pytest.mark.parametrize("params", [FREE, SHRINKING], ids=["mle", "map"])
def test_accuracies_of_unchanged_data_rarely_raise_an_alarm(params: dict[str, object]) -> None:
    # Eight at 5% together. Of 100 families 5 may alarm on average, more than 12 in one case of a thousand.
    alarms = 0
    for seed in range(100):
        train, new = statistics(1500, 2 * seed), statistics(600, 2 * seed + 1)
        alarms += any(drift.p < 0.05 / 8 for drift in accuracy_drift(params, train, new, refits=20, seed=seed))
    assert alarms <= 12


def test_few_refits_are_refused() -> None:
    with pytest.raises(ValueError, match="refits=3"):
        accuracy_drift(SHRINKING, statistics(100, 1), statistics(100, 2), refits=3)


# --- confidences ------------------------------------------------------------------------------------------------------


def test_confidences_of_the_same_distribution_rarely_raise_an_alarm_and_others_do() -> None:
    random = np.random.default_rng(0)
    same = [confidence_drift(random.beta(5, 2, 300), random.beta(5, 2, 500)).p for _ in range(400)]
    lower = [confidence_drift(random.beta(5, 2, 300), random.beta(4, 2.5, 500)).p for _ in range(50)]

    assert sum(p < 0.05 for p in same) <= 33  # 20 on average, more in one case of a thousand
    assert sum(p < 0.05 for p in lower) >= 48


def test_the_distance_of_confidences_by_hand() -> None:
    found = confidence_drift([0.5, 0.6, 0.7, 0.8], [0.7, 0.8, 0.9, 1.0])

    assert found.distance == 0.5  # below .7 lie two of four, and none
    assert found.train == pytest.approx(0.65)
    assert found.train_error == pytest.approx(math.sqrt(0.05 / 3) / 2)


@pytest.mark.parametrize(
    ("train", "new", "said"),
    [
        ([0.5], [0.5, 0.6], "confidences of training have shape"),
        ([0.5, 0.6], [0.5, 1.2], "a confidence of new data is 1.2"),
        ([0.5, float("nan")], [0.5, 0.6], "a confidence of training is nan"),
    ],
)
def test_what_is_no_confidence_is_refused(train: list[float], new: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        confidence_drift(train, new)
