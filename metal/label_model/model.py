"""`LabelModel`: estimate the accuracies of sources from their votes alone, and label with them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.identifiability import IdentifiabilityReport
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.label_model.bootstrap import bootstrap_errors
from metal.label_model.checking import check_votes
from metal.label_model.class_balance import checked_balance
from metal.label_model.emissions import Estimate, Floats
from metal.label_model.estimators import ESTIMATORS, run_estimator
from metal.label_model.hygiene import doubtful_sources
from metal.label_model.likelihood import PARAMETERISATIONS
from metal.label_model.posterior import posterior
from metal.label_model.report import FitReport, NotConvergedWarning, NotFittedError
from metal.label_model.residuals import Residuals, SuspectedDependencyWarning, residual_dependencies, suspicion
from metal.label_model.state import pack, unpack
from metal.label_model.uncertainty import Uncertainty, thinned, uncertainty
from metal.statistics import Statistics
from metal.tasks import TaskGraph

SETTINGS = (
    "estimator",
    "class_balance",
    "use_abstains",
    "shrinkage",
    "prior_precision",
    "prior_strength",
    "parameterisation",
    "smoothing",
    "max_iterations",
    "tolerance",
    "seed",
)
"""The constructor's keyword arguments, each an attribute of the same name."""


class LabelModel:
    """The label model over a task graph's feasible set.

    Parameters
    ----------
    tasks : the task graph
    dependencies : pairs of names of sources that are dependent given Y; their groups become joint sources
    estimator : "map" (MAP-EM over precisions; the default on real votes), "mle" (EM; efficient where the
        dependencies are complete), "wls" (moments, closed form), "algorithm1" (the paper's)
    class_balance : (|F|,) P(Y), positive and summing to one; None: estimated, by "map" and "mle" as part of
        the model, for "wls" and "algorithm1" by `metal.label_model.spectral`
    use_abstains : whether a source's silence is evidence; None: as the estimator does best, no for map, yes else
    shrinkage, prior_precision, prior_strength : of "map", see `metal.label_model.map_em`. shrinkage=None: where the
        votes bear the model out (`metal.label_model.residuals`) none, which is maximum likelihood, else .7
    parameterisation, smoothing : of "mle", see `metal.label_model.likelihood`
    max_iterations, tolerance : when iteration stops
    seed : of "algorithm1", the order of its stochastic steps; all estimators are deterministic

    After `fit`: `accuracies_` (P(vote correct | voted) by source name), `standard_errors_` (but of "map" where it
    shrinks), `balance_` (|F|,), `report_`.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Iterable[Sequence[str]] = (),
        *,
        estimator: str = "map",
        class_balance: npt.ArrayLike | None = None,
        use_abstains: bool | None = None,
        shrinkage: float | None = None,
        prior_precision: float = 0.7,
        prior_strength: float = 5.0,
        parameterisation: str = "proj",
        smoothing: float = 0.1,
        max_iterations: int = 1000,
        tolerance: float = 1e-6,
        seed: int = 0,
    ) -> None:
        if estimator not in ESTIMATORS:
            raise ValueError(f"unknown estimator {estimator!r}; known are {list(ESTIMATORS)}")
        if parameterisation not in PARAMETERISATIONS:
            raise ValueError(f"unknown parameterisation {parameterisation!r}; known are {list(PARAMETERISATIONS)}")
        if shrinkage is not None and not 0 <= shrinkage <= 1:
            raise ValueError(f"shrinkage must lie in [0, 1]; got {shrinkage}")
        if not 0.5 < prior_precision < 1:
            raise ValueError(f"prior_precision must lie in (.5, 1), better than chance; got {prior_precision}")
        if prior_strength < 0 or smoothing < 0:
            raise ValueError(f"prior_strength and smoothing must not be negative; got {prior_strength}, {smoothing}")
        if max_iterations < 1 or tolerance <= 0:
            raise ValueError(
                f"max_iterations must be at least 1 and tolerance positive; got {max_iterations}, {tolerance}"
            )
        self.tasks = tasks
        self.dependencies = tuple(tuple(edge) for edge in dependencies)
        self.estimator = estimator
        self.class_balance = None if class_balance is None else checked_balance(class_balance, tasks)
        self.use_abstains = use_abstains
        self.shrinkage = shrinkage
        self.prior_precision = prior_precision
        self.prior_strength = prior_strength
        self.parameterisation = parameterisation
        self.smoothing = smoothing
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.seed = seed
        self._spaces: tuple[LabelSpace, ...] | None = None
        self._estimate: Estimate | None = None
        self._evidence: Statistics | None = None
        self._errors: dict[str, float] | None = None

    def fit(self, votes: LabelMatrix | Statistics) -> LabelModel:
        """Estimate the parameters from votes or their statistics; returns self.

        A source that never votes keeps the prior's accuracy, and one or two sources are judged by the prior
        alone; both are said in `report_.messages`. So are pairs of sources that are dependent though nobody declared
        them (and a SuspectedDependencyWarning names them); "map" counts near copies for less than a vote each.
        Raises ValueError for votes over another task graph, no votes at all, and unknown names in dependencies;
        "wls" and "algorithm1" also NotIdentifiableError where the moments do not determine an accuracy or the balance.
        """
        statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
        if statistics.tasks != self.tasks:
            raise ValueError(f"the votes are over {statistics.tasks!r}, the model over {self.tasks!r}")
        if not statistics.counts[statistics.voted].sum() > 0:
            raise ValueError(f"nothing to fit: no source votes on any of the {statistics.n:g} rows")
        residuals = residual_dependencies(statistics, DependencyGraph(statistics.names, self.dependencies).columns)
        estimate = self._run(statistics, residuals)
        messages = (*doubtful_sources(statistics), *estimate.messages)
        if residuals.suspected:
            messages += (suspicion(residuals.suspected),)
            warnings.warn(messages[-1], SuspectedDependencyWarning, stacklevel=2)
        if not estimate.converged:
            messages += (f"not converged after {estimate.iterations} iterations",)
            warnings.warn(
                f"estimator {self.estimator!r} stopped after {estimate.iterations} iterations before it reached the "
                f"tolerance {self.tolerance:g}; raise max_iterations",
                NotConvergedWarning,
                stacklevel=2,
            )
        estimate = replace(estimate, messages=messages)
        self._keep(estimate, statistics.spaces, statistics.n, len(statistics.rows), estimate.accuracies(statistics))
        shrunk = self.estimator == "map" and not estimate.probabilities
        self._evidence, self._errors = (None if shrunk else thinned(statistics, self.seed)), None
        return self

    def _run(self, statistics: Statistics, residuals: Residuals | None) -> Estimate:
        groups = DependencyGraph(statistics.names, self.dependencies).columns
        settings = {name: getattr(self, name) for name in SETTINGS if name not in ("estimator", "class_balance")}
        return run_estimator(self.estimator, statistics, groups, self.class_balance, residuals, **settings)

    @property
    def standard_errors_(self) -> dict[str, float]:
        """The standard errors of `accuracies_`, by source name; infinite where the votes do not determine one.

        Taken when first asked for: of maximum likelihood ("mle", and "map" where shrinkage=None trusts the votes) from
        the Fisher information, of "wls" and "algorithm1" by the bootstrap.
        Not there (AttributeError) where "map" draws the accuracies to a prior on purpose, and for a model loaded
        from a state that was taken before they were.
        Raises NotFittedError before `fit`, and ValueError where maximum likelihood has too many parameters.
        """
        estimate, _ = self._fitted()
        if self._errors is None and self._evidence is None:
            shrunk = "estimator='map' has none where it shrinks (use 'mle' or 'wls'), and if it did not, "
            raise AttributeError(
                f"no standard_errors_: {shrunk if self.estimator == 'map' else ''}none were saved; fit again"
            )
        if self._errors is None:
            assert self._evidence is not None
            if estimate.probabilities:
                self._errors = self.uncertainty(self._evidence).standard_errors(self.report_.n)
            else:
                self._errors = bootstrap_errors(self._again, self._evidence, self.report_.n, seed=self.seed)
        return dict(self._errors)

    def uncertainty(self, votes: LabelMatrix | Statistics) -> Uncertainty:
        """Return the covariance of the estimates of maximum likelihood, its information averaged over the given votes.

        Raises ValueError for other estimates, for a model loaded from a state, and for too many parameters.
        """
        estimate, spaces = self._fitted()
        statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
        if not estimate.probabilities:
            raise ValueError(
                "the information is that of maximum likelihood, freshly fitted (estimator='mle'); "
                f"this is {self.estimator!r}, loaded, shrunk or of moments"
            )
        if statistics.spaces != spaces:
            raise ValueError(f"the votes' columns {list(statistics.names)} are not those of the fit")
        return uncertainty(
            statistics,
            estimate.emissions.units,
            estimate.probabilities,
            self.balance_,
            parameterisation=self.parameterisation,
            learn_balance=self.class_balance is None,
            seed=self.seed,
        )

    def _again(self, statistics: Statistics) -> dict[str, float]:
        """Return the accuracies that the same settings give on a bootstrap draw, whose residuals tell nothing new."""
        return self._run(statistics, None).accuracies(statistics)

    def predict_proba(self, votes: LabelMatrix) -> Floats:
        """Return P(Y | votes) over F: (n, |F|), rows sum to one; a row without votes gets the class balance.

        (With `use_abstains`, what a row without votes gets is the balance given that all are silent.)
        Raises NotFittedError before `fit`, ValueError if the columns are not those of the fit.
        """
        estimate, spaces = self._fitted()
        if votes.tasks != self.tasks:
            raise ValueError(f"the votes are over {votes.tasks!r}, the model over {self.tasks!r}")
        if votes.spaces != spaces:
            known, given = [space.name for space in spaces], list(votes.names)
            detail = f"fitted on {known}, given {given}" if known != given else "their label spaces or tasks differ"
            raise ValueError(f"the votes' columns are not those of the fit: {detail}")
        return posterior(estimate.emissions, votes.codes)

    def predict(self, votes: LabelMatrix) -> npt.NDArray[np.int64]:
        """Return the index into F of the likeliest label vector of each row, (n,)."""
        return np.asarray(self.predict_proba(votes).argmax(axis=1), dtype=np.int64)

    def label_precisions(self) -> dict[str, tuple[float, ...]]:
        """Return P(Y in e_l | vote l) for every label of every source, as the votes say it.

        "map" gives them before its pull towards the prior: the posterior trusts sources less than these.
        """
        estimate, spaces = self._fitted()
        return {s.name: tuple(float(x) for x in rho) for s, rho in zip(spaces, estimate.precisions, strict=True)}

    def check(self, votes: LabelMatrix | Statistics) -> IdentifiabilityReport:
        """Check whether these votes' structure determines the accuracies; does not need `fit`.

        Labels that never occur are left out, and a source that never abstains loses one value. What the structure
        determines but these votes are too few for is named in `weak`.
        """
        return check_votes(
            votes if isinstance(votes, Statistics) else Statistics.of(votes),
            self.dependencies,
            parameterisation="tied" if self.estimator != "mle" or self.parameterisation == "tied" else "proj",
            class_balance=self.class_balance,
        )

    def state(self) -> tuple[Mapping[str, npt.NDArray[Any]], dict[str, Any]]:
        """Return the fitted model as plain arrays (for npz) and plain data (for JSON); see `from_state`."""
        estimate, spaces = self._fitted()
        arrays, description = pack(estimate, spaces, self.tasks)
        settings = {name: getattr(self, name) for name in SETTINGS}
        settings["class_balance"] = None if self.class_balance is None else self.class_balance.tolist()
        return arrays, description | {
            "dependencies": [list(edge) for edge in self.dependencies],
            "settings": settings,
            "n": self.report_.n,
            "distinct_rows": self.report_.distinct_rows,
            "accuracies": self.accuracies_,
            # JSON has no infinity: null is a standard error that the votes leave open.
            "standard_errors": None
            if self._errors is None
            else {name: value if np.isfinite(value) else None for name, value in self._errors.items()},
        }

    @classmethod
    def from_state(
        cls, tasks: TaskGraph, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]
    ) -> LabelModel:
        """Rebuild a fitted model from its `state`. Raises ValueError if it was fitted on another feasible set."""
        estimate, spaces = unpack(tasks, arrays, description)
        model = cls(tasks, description["dependencies"], **description["settings"])
        model._keep(estimate, spaces, description["n"], description["distinct_rows"], dict(description["accuracies"]))
        errors = description.get("standard_errors")  # absent from states of before there were any
        if errors is not None:
            model._errors = {name: np.inf if value is None else value for name, value in errors.items()}
        return model

    def _keep(
        self, estimate: Estimate, spaces: tuple[LabelSpace, ...], n: float, distinct: int, accuracies: dict[str, float]
    ) -> None:
        """Take over a fit's outcome."""
        self._estimate, self._spaces = estimate, spaces
        self.balance_: Floats = estimate.emissions.balance
        self.accuracies_: dict[str, float] = accuracies
        self.report_ = FitReport(
            self.estimator, n, distinct, estimate.converged, estimate.iterations, estimate.trace, estimate.messages
        )

    def _fitted(self) -> tuple[Estimate, tuple[LabelSpace, ...]]:
        if self._estimate is None or self._spaces is None:
            raise NotFittedError("the label model is not fitted; call fit(votes) first")
        return self._estimate, self._spaces
