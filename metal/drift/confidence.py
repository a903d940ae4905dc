"""Drift of a model's confidences: do the probabilities of its predictions come from the same distribution?

Source: Smirnov, "Table for Estimating the Goodness of Fit of Empirical Distributions", Annals of Mathematical
Statistics 19, 1948; that confidences tell of drift without labels: Garg et al., "Leveraging Unlabeled Data to Predict
Out-of-Distribution Performance", ICLR 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats


@dataclass(frozen=True)
class ConfidenceDrift:
    """Confidences on held-out data of training and on new data.

    train, new : means; train_error, new_error : their standard errors; train_n, new_n : how many there are
    distance : the largest distance between the two distribution functions (Kolmogorov-Smirnov)
    p : how often unchanged data would be as far apart; with ties, less often than that
    """

    train: float
    new: float
    train_error: float
    new_error: float
    train_n: int
    new_n: int
    distance: float
    p: float


def confidence_drift(train: npt.ArrayLike, new: npt.ArrayLike) -> ConfidenceDrift:
    """Compare confidences, each the probability of what the model predicts.

    train : (n,) on examples that the model was not trained on: on those that it was, it is surer
    new : (n',) on the new ones

    Raises ValueError for fewer than two confidences, and for any outside [0, 1].
    """
    before, after = (np.asarray(values, dtype=np.float64) for values in (train, new))
    for name, values in (("training", before), ("new data", after)):
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(f"the confidences of {name} have shape {values.shape}; expected are two or more in a row")
        if not ((values >= 0) & (values <= 1)).all():  # no comparison with NaN holds
            worst = values[~((values >= 0) & (values <= 1))][0]
            raise ValueError(f"a confidence of {name} is {worst:g}; expected are probabilities, 0 to 1")
    test = stats.ks_2samp(before, after)
    (mean, error), (new_mean, new_error) = ((v.mean(), v.std(ddof=1) / np.sqrt(len(v))) for v in (before, after))
    return ConfidenceDrift(
        float(mean),
        float(new_mean),
        float(error),
        float(new_error),
        len(before),
        len(after),
        float(test.statistic),
        float(test.pvalue),
    )
