"""`LabelModel`: estimate the accuracies of sources from their votes alone, and label with them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.dependencies import DependencyGraph
from metal.identifiability import IdentifiabilityReport, check_identifiability
from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.label_model.class_balance import checked_balance, uniform_balance
from metal.label_model.emissions import Estimate, Floats
from metal.label_model.hygiene import doubtful_sources
from metal.label_model.likelihood import PARAMETERISATIONS, fit_likelihood
from metal.label_model.map_em import fit_map
from metal.label_model.posterior import posterior
from metal.label_model.state import pack, unpack
from metal.label_model.wls import fit_wls
from metal.statistics import Statistics
from metal.tasks import TaskGraph

ESTIMATORS = ("map", "mle", "wls")
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


class NotFittedError(RuntimeError):
    """The label model is asked before `fit`."""


class NotConvergedWarning(RuntimeWarning):
    """An estimator stopped at its iteration limit."""


@dataclass(frozen=True)
class FitReport:
    """How the fit went.

    objective : the estimator's objective after each M-step but the last, where it has one (mle: mean log-likelihood)
    messages : what a reader of the accuracies should know
    """

    estimator: str
    n: float
    distinct_rows: int
    converged: bool
    iterations: int
    objective: tuple[float, ...]
    messages: tuple[str, ...]


class LabelModel:
    """The label model over a task graph's feasible set.

    Parameters
    ----------
    tasks : the task graph
    dependencies : pairs of names of sources that are dependent given Y; their groups become joint sources
    estimator : "map" (MAP-EM over precisions; the default on real votes), "mle" (EM; efficient where the
        dependencies are complete), "wls" (moments, closed form; needs `class_balance`)
    class_balance : (|F|,) P(Y), positive and summing to one; None: estimated
    use_abstains : whether a source's silence is evidence; None: as the estimator does best, no for map, yes else
    shrinkage, prior_precision, prior_strength : of "map", see `metal.label_model.map_em`
    parameterisation, smoothing : of "mle", see `metal.label_model.likelihood`
    max_iterations, tolerance : when iteration stops; None: the estimator's own
    seed : for estimators that draw; none of the present ones does, all are deterministic

    After `fit`: `accuracies_` (P(vote correct | voted) by source name), `balance_` (|F|,), `report_`.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Iterable[Sequence[str]] = (),
        *,
        estimator: str = "map",
        class_balance: npt.ArrayLike | None = None,
        use_abstains: bool | None = None,
        shrinkage: float = 0.7,
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
        if not 0 <= shrinkage <= 1:
            raise ValueError(f"shrinkage must lie in [0, 1]; got {shrinkage}")
        if not 0.5 < prior_precision < 1:
            raise ValueError(f"prior_precision must lie in (.5, 1), better than chance; got {prior_precision}")
        if prior_strength < 0 or smoothing < 0:
            raise ValueError(f"prior_strength and smoothing must not be negative; got {prior_strength}, {smoothing}")
        if max_iterations < 1 or tolerance <= 0:
            raise ValueError(
                f"max_iterations must be at least 1 and tolerance positive; got {max_iterations}, {tolerance}"
            )
        if estimator == "wls" and class_balance is None:
            raise ValueError("estimator='wls' needs class_balance: give it, or use 'map' or 'mle', which estimate it")
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

    def fit(self, votes: LabelMatrix | Statistics) -> LabelModel:
        """Estimate the parameters from votes or their statistics; returns self.

        A source that never votes keeps the prior's accuracy, and one or two sources are judged by the prior
        alone; both are said in `report_.messages`.
        Raises ValueError for votes over another task graph, no votes at all, and unknown names in dependencies.
        """
        statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
        if statistics.tasks != self.tasks:
            raise ValueError(f"the votes are over {statistics.tasks!r}, the model over {self.tasks!r}")
        if not statistics.counts[statistics.voted].sum() > 0:
            raise ValueError(f"nothing to fit: no source votes on any of the {statistics.n:g} rows")
        graph = DependencyGraph(statistics.names, self.dependencies)
        estimate = self._run(statistics, graph.columns)
        messages = (*doubtful_sources(statistics), *estimate.messages)
        if not estimate.converged:
            messages += (f"not converged after {estimate.iterations} iterations",)
            warnings.warn(
                f"estimator {self.estimator!r} stopped after {estimate.iterations} iterations before it reached the "
                f"tolerance {self.tolerance:g}; raise max_iterations",
                NotConvergedWarning,
                stacklevel=2,
            )
        accuracies = {
            space.name: _accuracy(rho, total)
            for space, rho, total in zip(statistics.spaces, estimate.precisions, statistics.totals, strict=True)
        }
        estimate = replace(estimate, messages=messages)
        self._keep(estimate, statistics.spaces, statistics.n, len(statistics.rows), accuracies)
        return self

    def _run(self, statistics: Statistics, groups: tuple[tuple[int, ...], ...]) -> Estimate:
        given = self.class_balance is not None
        balance = uniform_balance(self.tasks) if self.class_balance is None else self.class_balance
        use_abstains = self.estimator != "map" if self.use_abstains is None else self.use_abstains
        if self.estimator == "map":
            return fit_map(
                statistics,
                groups,
                balance,
                learn_balance=0.0 if given else 0.5,
                use_abstains=use_abstains,
                shrinkage=self.shrinkage,
                prior_precision=self.prior_precision,
                prior_strength=self.prior_strength,
                max_iterations=self.max_iterations,
                tolerance=self.tolerance,
            )
        if self.estimator == "mle":
            return fit_likelihood(
                statistics,
                groups,
                balance,
                learn_balance=not given,
                use_abstains=use_abstains,
                parameterisation=self.parameterisation,
                smoothing=self.smoothing,
                prior_precision=self.prior_precision,
                max_iterations=self.max_iterations,
                tolerance=self.tolerance,
            )
        return fit_wls(
            statistics,
            groups,
            balance,
            use_abstains=use_abstains,
            prior_precision=self.prior_precision,
            max_iterations=self.max_iterations,
            tolerance=self.tolerance,
        )

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

        Labels that never occur are left out, and a source that never abstains loses one value.
        """
        statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
        spaces, always, dead = [], [], []
        for space, total in zip(statistics.spaces, statistics.totals, strict=True):
            kept = tuple(label for label, count in zip(space.labels, total[1:], strict=True) if count > 0)
            if not kept:
                dead.append(space.name)
                continue
            spaces.append(LabelSpace(space.name, space.tasks, kept))
            if total[ABSTAIN] <= 0:
                always.append(space.name)
        edges = [edge for edge in self.dependencies if not set(edge) & set(dead)]
        DependencyGraph(statistics.names, self.dependencies)  # names the unknown before the dead are left out
        if not spaces:
            raise ValueError("no source votes on any row; there is nothing to check")
        return check_identifiability(
            self.tasks,
            spaces,
            edges,
            parameterisation="tied" if self.estimator != "mle" or self.parameterisation == "tied" else "proj",
            class_balance=self.class_balance,
            always_votes=always,
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
        }

    @classmethod
    def from_state(
        cls, tasks: TaskGraph, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]
    ) -> LabelModel:
        """Rebuild a fitted model from its `state`. Raises ValueError if it was fitted on another feasible set."""
        estimate, spaces = unpack(tasks, arrays, description)
        model = cls(tasks, description["dependencies"], **description["settings"])
        model._keep(estimate, spaces, description["n"], description["distinct_rows"], dict(description["accuracies"]))
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


def _accuracy(precisions: Floats, total: Floats) -> float:
    """Return P(vote correct | voted): precisions weighted by how often each label is voted."""
    votes = total[1:]
    return float(votes @ precisions / votes.sum()) if votes.sum() > 0 else float(precisions.mean())
