"""The estimators by name: which settings each takes, and what it does where the class balance is not given."""

from __future__ import annotations

from metal.dependencies import DependencyGraph
from metal.label_model.algorithm1 import fit_algorithm1
from metal.label_model.class_balance import uniform_balance
from metal.label_model.emissions import Estimate, Floats
from metal.label_model.likelihood import fit_likelihood
from metal.label_model.map_em import fit_map
from metal.label_model.residuals import Residuals
from metal.label_model.spectral import spectral_balance
from metal.label_model.wls import fit_wls
from metal.statistics import Statistics

ESTIMATORS = ("map", "mle", "wls", "algorithm1")
CAUTION = 0.7
"""The shrinkage of "map" where the votes do not bear the model out: found on public label matrices."""


def run_estimator(
    estimator: str,
    statistics: Statistics,
    graph: DependencyGraph,
    given_balance: Floats | None,
    residuals: Residuals | None,
    *,
    use_abstains: bool | None,
    shrinkage: float | None,
    prior_precision: float,
    prior_strength: float,
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

    A balance that is not given is learned by "map" and "mle"; the moment estimators take the spectral one.
    Raises NotIdentifiableError where the moments do not determine what a moment estimator needs.
    """
    groups = graph.columns
    # Unshrunk, and with silence as evidence, "map" is maximum likelihood: no better than its model.
    efficient = estimator == "map" and shrinkage is None and residuals is not None and residuals.borne_out
    if estimator == "map" and not efficient:
        return fit_map(
            statistics,
            groups,
            uniform_balance(statistics.tasks) if given_balance is None else given_balance,
            learn_balance=0.5 if given_balance is None else 0.0,
            use_abstains=False if use_abstains is None else use_abstains,
            shrinkage=CAUTION if shrinkage is None else shrinkage,
            prior_precision=prior_precision,
            prior_strength=prior_strength,
            max_iterations=max_iterations,
            tolerance=tolerance,
            weights=None if residuals is None else residuals.weights(groups),
        )
    silence = True if use_abstains is None else use_abstains
    if estimator == "mle" or efficient:
        return fit_likelihood(
            statistics,
            graph.factors,
            uniform_balance(statistics.tasks) if given_balance is None else given_balance,
            learn_balance=given_balance is None,
            use_abstains=silence,
            parameterisation=parameterisation,
            smoothing=smoothing,
            prior_precision=prior_precision,
            max_iterations=max_iterations,
            tolerance=tolerance,
        )
    balance = spectral_balance(statistics, groups) if given_balance is None else given_balance
    if estimator == "algorithm1":
        return fit_algorithm1(
            statistics,
            groups,
            balance,
            use_abstains=silence,
            max_iterations=max_iterations,
            tolerance=tolerance,
            seed=seed,
        )
    return fit_wls(
        statistics,
        groups,
        balance,
        use_abstains=silence,
        prior_precision=prior_precision,
        max_iterations=max_iterations,
        tolerance=tolerance,
    )
