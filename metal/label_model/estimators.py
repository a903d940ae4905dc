"""The estimators by name: which settings each takes, and what it does where the class balance is not given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_model.algorithm1 import fit_algorithm1
from metal.label_model.class_balance import uniform_balance
from metal.label_model.emissions import Estimate, Floats
from metal.label_model.likelihood import fit_likelihood
from metal.label_model.map_em import fit_map
from metal.label_model.one_sided import OneSided
from metal.label_model.report import OneSidedVotesWarning
from metal.label_model.residuals import Residuals
from metal.label_model.spectral import spectral_balance
from metal.label_model.wls import fit_wls
from metal.statistics import Statistics

MOMENTS = ("wls", "algorithm1")
ESTIMATORS = ("map", "mle", *MOMENTS)
CAUTION = 0.9
"""The shrinkage of "map" where the votes do not bear the model out. Set on keyword sources over open texts and tables
and on synthetic worlds of dependent sources, where what votes alone tell of a source's precision correlates by one half
with the truth: with less shrinkage, sources wrongly believed cost more in macro-F1 than accuracy gains."""
LITTLE = 0.5
"""A shrinkage below is hardly any protection from dependencies that nobody declared."""
VOTE_CORRELATION = 0.1
"""The correlation of votes within a row, beyond the model, where it is not borne out: set on the same."""


def run_estimator(
    estimator: str,
    statistics: Statistics,
    graph: DependencyGraph,
    given_balance: Floats | None,
    residuals: Residuals | None,
    start: Estimate | None = None,
    *,
    use_abstains: bool | None,
    shrinkage: float | None,
    prior_precision: float,
    prior_strength: float,
    vote_correlation: float | None,
    unipolar_correction: bool,
    parameterisation: str,
    smoothing: float,
    max_iterations: int,
    tolerance: float,
    seed: int,
) -> Estimate:
    """Run one of ESTIMATORS; the settings are those of `metal.label_model.LabelModel`.

    graph : the dependencies; maximum likelihood factorises a group over its cliques, all else takes it whole
    residuals : what independence leaves unexplained, which "map" alone goes by; None: not looked at, and so not
        trusted
    start : an estimate of the same sources, from which "map" and "mle" set out; None: from the prior precision

    A balance that is not given is learned by "map" and "mle"; the moment estimators take the spectral one.
    Raises NotIdentifiableError where the moments do not determine what a moment estimator needs.
    """
    groups = graph.columns
    # Unshrunk, and with silence as evidence, "map" is maximum likelihood: no better than its model.
    trusting = estimator == "map" and shrinkage is None and unipolar_correction
    efficient = trusting and residuals is not None and residuals.borne_out
    cautious = estimator == "map" and not efficient
    silence = not cautious if use_abstains is None else use_abstains
    one_sided = OneSided.of(statistics) if cautious and use_abstains is None else None
    moments = estimator in MOMENTS
    if given_balance is not None:
        balance = given_balance
    else:
        balance = spectral_balance(statistics, groups) if moments else uniform_balance(statistics.tasks)
    if cautious:
        estimate = fit_map(
            statistics,
            groups,
            balance,
            learn_balance=0.5 if given_balance is None else 0.0,
            silence=one_sided.sources if one_sided is not None else np.full(len(statistics.spaces), silence),
            shrinkage=CAUTION if shrinkage is None else shrinkage,
            prior_precision=prior_precision,
            prior_strength=prior_strength,
            max_iterations=max_iterations,
            tolerance=tolerance,
            weights=None if residuals is None else residuals.weights(groups),
            unipolar_correction=unipolar_correction,
            start=start,
        )
    elif not moments:
        estimate = fit_likelihood(
            statistics,
            graph.factors,
            balance,
            learn_balance=given_balance is None,
            use_abstains=silence,
            parameterisation=parameterisation,
            smoothing=smoothing,
            prior_precision=prior_precision,
            max_iterations=max_iterations,
            tolerance=tolerance,
            start=start,
        )
    elif estimator == "algorithm1":
        estimate = fit_algorithm1(
            statistics,
            groups,
            balance,
            use_abstains=silence,
            max_iterations=max_iterations,
            tolerance=tolerance,
            seed=seed,
        )
    else:
        estimate = fit_wls(
            statistics,
            groups,
            balance,
            use_abstains=silence,
            prior_precision=prior_precision,
            max_iterations=max_iterations,
            tolerance=tolerance,
        )
    if one_sided:
        said = f"{one_sided}: silence is taken for evidence, as there is no other; how many rows it stands for is "
        if given_balance is None:
            doubt = OneSidedVotesWarning(
                f"{said}hardly told by votes: give class_balance, or add sources for the other side"
            )
            estimate = replace(estimate, alarm=doubt)
        else:
            message = f"{said}as class_balance says: add sources for the other side"
            estimate = replace(estimate, messages=(*estimate.messages, message))
    if estimator == "map" and shrinkage is not None and shrinkage < LITTLE and not (residuals and residuals.borne_out):
        message = (
            f"shrinkage={shrinkage:g} was given, and these votes do not bear the independence out that so little of it "
            "relies on: sources that err together are believed for their number; None decides by the votes"
        )
        estimate = replace(estimate, messages=(*estimate.messages, message))
    correlation = (VOTE_CORRELATION if cautious else 0.0) if vote_correlation is None else vote_correlation
    return replace(estimate, emissions=replace(estimate.emissions, vote_correlation=correlation))
