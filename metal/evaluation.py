"""How good probabilistic labels are: accuracy, F1, likelihood, calibration, and intervals over trials.

Throughout, `probabilities` has shape (n, |F|), a distribution over the feasible vectors F in each row, and
`gold` has shape (n,), the position of the true vector in F. All scores are fractions, not percentages.

**Ties.** The prediction is the most probable vector; of equally probable ones the first in the order of F.
A row on which no source voted holds the prior, so that the prior's most probable vector is predicted.

Sources: micro accuracy as in section 5 of the paper (Ratner et al., AAAI 2019); calibration as in Guo et al.,
"On Calibration of Modern Neural Networks", ICML 2017, section 2; intervals for proportions as in Wilson,
"Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from metal.label_matrix import ABSTAIN, LabelMatrix
from metal.tasks import TaskGraph

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

BINS = 10
"""Equal-width confidence bins. Ten rather than Guo's fifteen: with a few hundred points fifteen stand half empty."""

SMALLEST_PROBABILITY = 1e-12
"""The least that the true vector counts for: one certain mistake costs 27.6 nats, not infinity."""


def predictions(probabilities: Floats) -> Indices:
    """Return the most probable vector of each row as a position in F, shape (n,); the first of equals."""
    return np.asarray(np.argmax(probabilities, axis=1), dtype=np.int64)


def micro_accuracy(probabilities: Floats, gold: Indices) -> float:
    """Return the share of rows whose whole label vector is predicted right."""
    check(probabilities, gold)
    return float(np.mean(predictions(probabilities) == gold))


def task_accuracies(probabilities: Floats, gold: Indices, tasks: TaskGraph) -> dict[str, float]:
    """Return for each task the share of rows on which the predicted *vector* has the right entry.

    The entry of the most probable vector, not the most probable value of the task's marginal: so that the scores
    are of one prediction. N/A is a value like any other: predicting a task where it does not apply is a mistake.
    """
    check(probabilities, gold)
    predicted = predictions(probabilities)
    codes = {task: tasks.task_codes(task) for task in tasks.names}
    return {task: float(np.mean(code[predicted] == code[gold])) for task, code in codes.items()}


def macro_f1(probabilities: Floats, gold: Indices) -> float:
    """Return the unweighted mean of F1 = 2 TP / (2 TP + FP + FN) over feasible vectors.

    A vector that is predicted but never true (or the other way round) has F1 = 0; one that is neither has no F1
    and is left out.
    """
    check(probabilities, gold)
    size = probabilities.shape[1]
    predicted = predictions(probabilities)
    hits = np.bincount(gold[predicted == gold], minlength=size)
    total = np.bincount(gold, minlength=size) + np.bincount(predicted, minlength=size)  # 2 TP + FP + FN
    seen = total > 0
    return float(np.mean(2 * hits[seen] / total[seen]))


def negative_log_likelihood(probabilities: Floats, gold: Indices) -> float:
    """Return the mean of -ln P(true vector), in nats, probabilities clipped from below at 1e-12."""
    check(probabilities, gold)
    of_truth = probabilities[np.arange(len(gold)), gold]
    return float(-np.mean(np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))))


def reliability(probabilities: Floats, gold: Indices, bins: int = BINS) -> pd.DataFrame:
    """Group rows by confidence, the probability of the predicted vector, into equal-width bins (a, b].

    Returns one row a bin with `lower`, `upper`, `count`, and the mean `confidence` and the `accuracy` of its rows,
    NaN in an empty bin.
    """
    check(probabilities, gold)
    if bins < 1:
        raise ValueError(f"reliability needs at least one bin; got {bins}")
    edges = np.linspace(0.0, 1.0, bins + 1)
    confidence = probabilities.max(axis=1)
    # A row sum may exceed 1 by a rounding error; such a confidence belongs in the last bin.
    position = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    right = predictions(probabilities) == gold
    count = np.bincount(position, minlength=bins)
    divisor = np.where(count > 0, count, np.nan)
    return pd.DataFrame(
        {
            "lower": edges[:-1],
            "upper": edges[1:],
            "count": count,
            "confidence": np.bincount(position, weights=confidence, minlength=bins) / divisor,
            "accuracy": np.bincount(position, weights=right, minlength=bins) / divisor,
        }
    )


def expected_calibration_error(probabilities: Floats, gold: Indices, bins: int = BINS) -> float:
    """Return sum_b n_b/n |accuracy_b - confidence_b| over equal-width bins of confidence (Guo, eq. 3)."""
    table = reliability(probabilities, gold, bins)
    table = table[table["count"] > 0]
    gap = (table["accuracy"] - table["confidence"]).abs()
    return float((gap * table["count"]).sum() / table["count"].sum())


def source_accuracies(votes: LabelMatrix, gold: Indices) -> tuple[Indices, Indices]:
    """Count for each source its votes and how many of them hold the truth, each of shape (m,).

    A vote is right if the true vector is in its event: Acute is right about an Emergent report. The share of
    right votes estimates P(Y in e_l | the source voted l), averaged over its labels.
    """
    n, m = votes.shape
    if gold.shape != (n,):
        raise ValueError(f"gold must have shape ({n},), one entry a row of votes; got {gold.shape}")
    voted, right = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    for i in range(m):
        cast = votes.codes[:, i] != ABSTAIN
        voted[i] = int(cast.sum())
        right[i] = int(votes.allowed(i)[votes.codes[cast, i], gold[cast]].sum())
    return voted, right


def mean_interval(values: Sequence[float] | Floats, level: float = 0.95) -> tuple[float, float, float]:
    """Return mean, lower and upper end of Student's t interval for the mean of independent values.

    mean -+ t(n-1) s / sqrt(n) with s the sample standard deviation. Of a single value the interval is unknown:
    both ends are NaN. Raises ValueError for no values, NaN, and a level outside (0, 1).
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not sample.size or not np.isfinite(sample).all():
        raise ValueError(f"an interval needs a list of at least one finite number; got {values!r}")
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval lies between 0 and 1; got {level}")
    mean, n = float(sample.mean()), sample.size
    if n == 1:
        return mean, float("nan"), float("nan")
    half = float(special.stdtrit(n - 1, (1 + level) / 2) * sample.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def crossed_intervals(values: Floats, level: float = 0.95) -> dict[str, float]:
    """Return the mean of values (trials, n) with an interval over trials and one over examples.

    `low`, `high`: of the trials' means, how much training itself varies. `test_low`, `test_high`: of the examples'
    means over trials, how much another test split of n examples would.
    """
    mean, low, high = mean_interval(values.mean(axis=1), level)
    _, test_low, test_high = mean_interval(values.mean(axis=0), level)
    return {"mean": mean, "low": low, "high": high, "test_low": test_low, "test_high": test_high}


def confusion(probabilities: Floats, gold: Indices) -> Indices:
    """Count rows by true vector and predicted vector, shape (|F|, |F|)."""
    check(probabilities, gold)
    counts = np.zeros((probabilities.shape[1],) * 2, dtype=np.int64)
    np.add.at(counts, (gold, predictions(probabilities)), 1)
    return counts


def proportion_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval for a proportion; (NaN, NaN) of no trials.

    Unlike mean -+ 1.96 standard errors it stays inside [0, 1] and is of use for a source with five votes.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie between 0 and {trials}, the number of trials; got {successes}")
    if trials == 0:
        return float("nan"), float("nan")
    z = float(special.ndtri((1 + level) / 2))
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def check(probabilities: Floats, gold: Indices) -> None:
    """Raise ValueError, naming the row, unless `probabilities` and `gold` are what this module expects."""
    if probabilities.ndim != 2 or gold.shape != (len(probabilities),):
        raise ValueError(
            f"expected probabilities of shape (n, |F|) and gold of shape (n,); got {probabilities.shape}, {gold.shape}"
        )
    if not len(gold):
        raise ValueError("nothing to evaluate: no rows")
    size = probabilities.shape[1]
    if gold.min() < 0 or gold.max() >= size:
        row = int(np.flatnonzero((gold < 0) | (gold >= size))[0])
        raise ValueError(f"gold of row {row} is {int(gold[row])}; positions in F are 0..{size - 1}")
    sums = probabilities.sum(axis=1)
    wrong = ~((np.abs(sums - 1) < 1e-4) & (probabilities >= 0).all(axis=1))  # NaN compares false, so it is wrong
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"row {row} is not a distribution over F: {probabilities[row]} (sum {sums[row]})")
