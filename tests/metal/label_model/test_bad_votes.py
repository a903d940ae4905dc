"""Whatever votes go in, what comes out is a distribution or an error that names what is wrong: never NaN."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from metal import LabelModel
from metal.label_model import (
    NotConvergedWarning,
    OneSidedVotesWarning,
    PoorFitWarning,
    SuspectedDependencyWarning,
)
from tests.metal.label_model.random_votes import ESTIMATORS, Case, cases

QUICK, THOROUGH = 40, 2_000


def brute_force(model: LabelModel, row: Any) -> Any:
    """P(Y | row) by Bayes' rule, one feasible vector at a time, from the saved parameters."""
    arrays, description = model.state()
    count = sum(name.startswith("table_") for name in arrays)
    blocks = [(count, arrays["balance"], description["vote_correlation"])]
    if "separate_units" in arrays:  # tasks fitted apart, each with its balance and correlation
        separate = (arrays[f"separate_{name}"].tolist() for name in ("units", "balances", "correlations"))
        blocks = list(zip(*separate, strict=True))
    assert sum(own for own, _, _ in blocks) == count
    sure: list[float] = []
    for y in range(len(arrays["balance"])):
        sure.append(0.0)
        units = iter(range(count))
        for own, balance, correlation in blocks:
            score, voting = float(np.log(balance[y])), 0
            for u in islice(units, own):
                columns, given_ = arrays[f"columns_{u}"].tolist(), int(arrays[f"given_{u}"])
                shown = [int(row[column]) for column in columns]
                voting += any(shown)
                patterns = arrays[f"patterns_{u}"].tolist()
                if shown in patterns:
                    score += float(arrays[f"table_{u}"][patterns.index(shown), y])
                    continue
                # A joint pattern that nobody ever saw: its voters count as one vote, their geometric mean.
                logs = [
                    float(arrays[f"member_{c}"][code, y]) for c, code in list(zip(columns, shown, strict=True))[given_:]
                ]
                codes = shown[given_:]
                cast = [log for log, code in zip(logs, codes, strict=True) if code]
                score += float(np.mean(cast or logs))
            # Votes that are correlated beyond the model make a row less sure by their design effect.
            sure[y] += score / (1 + correlation * max(voting - 1, 0))
    weights = np.exp(np.array(sure) - max(sure))
    return weights / weights.sum()


def names_something(error: ValueError, case: Case) -> bool:
    said = str(error)
    subjects = ["no source votes", "class balance", "every source", *case.votes.names]
    return any(subject in said for subject in subjects)


def outcome(case: Case) -> None:
    """Fit and predict; everything is a distribution, or an error that names something."""
    model = LabelModel(case.votes.tasks, case.edges, **case.options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no division by zero, no overflow
        for told in (NotConvergedWarning, OneSidedVotesWarning, PoorFitWarning, SuspectedDependencyWarning):
            warnings.simplefilter("ignore", told)
        try:
            model.fit(case.votes)
        except ValueError as error:
            if isinstance(error, np.linalg.LinAlgError) or not names_something(error, case):
                raise
            return
        probabilities = model.predict_proba(case.votes)
    assert np.isfinite(probabilities).all()
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    for row, found in zip(case.votes.codes, probabilities, strict=True):
        np.testing.assert_allclose(found, brute_force(model, row), atol=1e-9)
    assert model.balance_.sum() == pytest.approx(1)
    assert all(0 <= value <= 1 for value in model.accuracies_.values())
    assert all(0 <= rho <= 1 for precisions in model.label_precisions().values() for rho in precisions)
    json.dumps(model.state()[1], allow_nan=False)


def sweep(estimator: str, examples: int) -> Callable[[], None]:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases(estimator))
    def run(case: Case) -> None:
        outcome(case)

    return run


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_comes_out_is_a_distribution_or_a_named_error(estimator: str) -> None:
    sweep(estimator, QUICK)()


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_comes_out_is_a_distribution_or_a_named_error_of_many(estimator: str) -> None:
    sweep(estimator, THOROUGH)()
