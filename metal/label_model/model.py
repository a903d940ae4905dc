"""`LabelModel`: estimate the accuracies of sources from their votes alone, and label with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.engine import HERE, Engine
from metal.identifiability import IdentifiabilityReport
from metal.label_model.checking import check_blocks
from metal.label_model.emissions import Floats
from metal.label_model.estimators import MOMENTS
from metal.label_model.fitting import blocks_under, errors, fitted, information
from metal.label_model.gathering import Source, as_sample, as_statistics, batches
from metal.label_model.intake import as_gold
from metal.label_model.posterior import posterior
from metal.label_model.report import FitReport, NotFittedError
from metal.label_model.scoring import score
from metal.label_model.settings import SETTINGS, check_settings
from metal.label_model.state import Errors, Fit, pack, unpack
from metal.label_model.storage import read_model, write_model
from metal.label_model.uncertainty import Uncertainty
from metal.labels_file import write_partitions
from metal.npz import to_npz
from metal.partitions import hashed
from metal.statistics import Statistics
from metal.tasks import TaskGraph
from metal.votes_file import Paths


class LabelModel:
    """The label model over a task graph's feasible set.

    Votes are a LabelMatrix, or codes over the whole of F in an array, DataFrame or scipy.sparse matrix
    (`LabelMatrix.from_array`); or, never held as a whole, Parquet files (`metal.votes_file`: a path, that of a folder
    of partitions, a list) or an iterator of label matrices. scikit-learn's tools find what they expect of an estimator.

    Parameters
    ----------
    tasks : the task graph
    dependencies : pairs of names of sources that are dependent given Y; their groups become joint sources
    estimator : "map" (MAP-EM over precisions; the default on real votes), "mle" (EM; efficient where the
        dependencies are complete), "wls" (moments, closed form), "algorithm1" (the paper's)
    class_balance : (|F|,) P(Y), positive and summing to one; None: estimated, by "map" and "mle" as part of
        the model, for "wls" and "algorithm1" by `metal.label_model.spectral`
    use_abstains : whether a source's silence is evidence; None: as the estimator does best, yes for all but map where
        it shrinks, and there of sources whose votes hardly any speak against (`metal.label_model.one_sided`)
    shrinkage, prior_precision, prior_strength : of "map", see `metal.label_model.map_em`. shrinkage=None: where the
        votes bear the model out (`metal.label_model.residuals`) none, which is maximum likelihood, else .9. A number
        is taken as it is: at 0 nothing protects from dependencies, and `report_.messages` says where that is a risk
    vote_correlation : what the votes of a row are taken to be correlated by beyond the model, which makes labels less
        sure but never others (`metal.label_model.posterior`); None: .1 where "map" shrinks, none else
    unipolar_correction : of "map", there to measure what it does: see `metal.label_model.map_em`; False shrinks always
    parameterisation, smoothing : of "mle", see `metal.label_model.likelihood`
    max_iterations, tolerance : when iteration stops
    seed : of "algorithm1", the order of its stochastic steps, and of sampling; all estimators are deterministic
    max_distinct_rows : where there are more, fit on a random sample with no more, which `report_.messages` says; a fit
        takes about 4 bytes for each vote of each distinct row. None: never, fit on all rows

    After `fit`: `accuracies_` (P(vote correct | voted) by source name), `standard_errors_`, `intervals_`,
    `balance_` (|F|,), `report_`. Raises ValueError or TypeError for settings out of their range.
    """

    def __init__(
        self,
        tasks: TaskGraph,
        dependencies: Collection[Sequence[str]] = (),
        *,
        estimator: str = "map",
        class_balance: npt.ArrayLike | None = None,
        use_abstains: bool | None = None,
        shrinkage: float | None = None,
        prior_precision: float = 0.7,
        prior_strength: float = 5.0,
        vote_correlation: float | None = None,
        unipolar_correction: bool = True,
        parameterisation: str = "proj",
        smoothing: float = 0.1,
        max_iterations: int = 1000,
        tolerance: float = 1e-6,
        seed: int = 0,
        max_distinct_rows: int | None = None,
    ) -> None:
        # Kept as they came: a copy made from `get_params` must hold the very same objects.
        self.tasks = tasks
        self.dependencies = dependencies
        self.estimator = estimator
        self.class_balance = class_balance
        self.use_abstains = use_abstains
        self.shrinkage = shrinkage
        self.prior_precision = prior_precision
        self.prior_strength = prior_strength
        self.vote_correlation = vote_correlation
        self.unipolar_correction = unipolar_correction
        self.parameterisation = parameterisation
        self.smoothing = smoothing
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.seed = seed
        self.max_distinct_rows = max_distinct_rows
        self._checked()
        self._fit: Fit | None = None
        self._statistics: Statistics | None = None
        self._errors: Errors | None = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name; `deep` changes nothing, for none is itself an estimator."""
        return {name: getattr(self, name) for name in ("tasks", "dependencies", *SETTINGS)}

    def set_params(self, **params: Any) -> LabelModel:
        """Set constructor arguments by name; returns self. What was fitted stays until the next `fit`.

        Raises ValueError for unknown names and as the constructor does; then nothing has changed.
        """
        known = self.get_params()
        unknown = sorted(set(params) - set(known))
        if unknown:
            raise ValueError(f"LabelModel has no parameter {unknown}; it has {list(known)}")
        LabelModel(**(known | params))
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn, the only caller, asks of an estimator; nothing else here needs it installed."""
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))

    def fit(self, votes: Source, y: object = None, *, engine: Engine = HERE) -> LabelModel:
        """Estimate the parameters from votes or their statistics; returns self.

        y : not used, for no label is needed; there for tools that pass one to every `fit`
        engine : where the statistics of files are gathered, such as `metal.dask_engine`; the fit itself is done here

        A source that never votes keeps an accuracy that nobody estimated: about the prior's by "map" and "mle", chance
        by the others. Of one or two sources "map" believes about what the prior does and "mle" where it got from
        there; neither is determined, and the moments refuse. `report_.messages` says both, and names pairs of sources
        that are dependent though nobody declared them (a SuspectedDependencyWarning, too); "map" counts near copies for
        less than a vote each, and warns of votes for one side only (OneSidedVotesWarning) where it shrinks.
        Tasks that nothing ties together are fitted as models of their own (`metal.label_model.blocks`).
        Raises ValueError for votes over another task graph, no votes at all, and unknown names in dependencies;
        "wls" and "algorithm1" also NotIdentifiableError where the moments do not determine an accuracy or the balance.
        """
        return self._fit_to(*as_sample(votes, self.tasks, self.max_distinct_rows, self.seed, engine))

    def partial_fit(self, votes: Source, y: object = None) -> LabelModel:
        """Estimate the parameters from these votes and all that the model has seen since the last `fit`; returns self.

        The same as one `fit` to all of them, to the last bit: the statistics are kept and added up. Raises as `fit`,
        and ValueError for a sampled fit, and for a model that was loaded, whose statistics are gone.
        """
        if self._fit is not None and self._statistics is None:
            raise ValueError("a loaded model does not hold the statistics of its votes; fit it to all votes again")
        if self.max_distinct_rows is not None:
            raise ValueError("partial_fit adds up all rows; leave max_distinct_rows at None, or fit to all at once")
        return self._fit_to(as_statistics(votes, self.tasks, add_to=self._statistics))

    def _fit_to(self, statistics: Statistics, sampled: tuple[str, ...] = ()) -> LabelModel:
        self._keep(fitted(self._checked(), statistics, sampled), statistics)
        return self

    def _checked(self) -> dict[str, Any]:
        """Return the arguments, after checking all: they may have been set since."""
        params = self.get_params()
        check_settings(self.tasks, self.dependencies, {name: params[name] for name in SETTINGS})
        return params

    @property
    def standard_errors_(self) -> dict[str, float]:
        """The standard errors of `accuracies_`, by source name; infinite where the votes do not determine one.

        Taken when first asked for: of maximum likelihood ("mle", and "map" where shrinkage=None trusts the votes) from
        the Fisher information; of all else by a bootstrap of a hundred refits, which knows nothing of a pull.
        Raises NotFittedError before `fit`, AttributeError for a model loaded from a state that was taken before they
        were, ValueError where maximum likelihood has over a thousand parameters in tasks fitted together.
        """
        return dict(self._taken().standard)

    @property
    def intervals_(self) -> dict[str, tuple[float, float]]:
        """95% intervals of `accuracies_`; where "map" shrinks, its pull is in them. Raises as `standard_errors_`."""
        return self._taken().intervals(self.accuracies_)

    def _taken(self) -> Errors:
        self._errors = self._errors or errors(self._fitted())
        return self._errors

    def uncertainty(self, votes: Source) -> Uncertainty:
        """Return the covariance of the estimates of maximum likelihood, its information averaged over the given votes.

        Raises ValueError for other estimates, for a model loaded from a state, and for too many parameters.
        """
        fit = self._fitted()
        return information(fit, as_statistics(votes, fit.tasks, fit.spaces))

    def predict_proba(self, votes: Source) -> Floats:
        """Return P(Y | votes) over F: (n, |F|), rows sum to one.

        A row without votes gets the class balance, or, where silence is evidence, the balance given that all are
        silent; `LabelMatrix.unvoted` tells which rows these are, as no probability does.
        Raises NotFittedError before `fit`, ValueError if the columns are not those of the fit.
        """
        parts = list(self.predict_batches(votes))
        return np.concatenate(parts) if parts else np.zeros((0, len(self._fitted().tasks.feasible)))

    def predict_batches(self, votes: Source) -> Iterator[Floats]:
        """Yield what `predict_proba` returns for the rows in order, some at a time; of files, a batch at a time."""
        fit = self._fitted()
        return (posterior(fit.estimate.emissions, b.votes) for b in batches(votes, fit.tasks, fit.spaces))

    def predict_to(self, votes: Paths, out: str | Path, *, engine: Engine = HERE) -> int:
        """Write P(Y | votes) of a file to a file, of a folder's or list's files to a folder; returns the rows.

        Each file is written whole or not at all, and one that was made of the same votes by the same model is kept: a
        broken run is taken up again (`metal.labels_file`). Raises as `predict_proba`, naming the file.
        """
        arrays, description = pack(self._fitted(), None)
        bare = LabelModel.from_state(arrays, description)  # without the statistics of its votes, which may be large
        return write_partitions(bare, hashed(to_npz(arrays), description), votes, out, self.tasks, engine)

    def predict(self, votes: Source) -> npt.NDArray[np.int64]:
        """Return the index into F of the likeliest label vector of each row, (n,)."""
        return np.asarray(self.predict_proba(votes).argmax(axis=1), dtype=np.int64)

    def score(self, votes: Source, gold: Any, metric: str = "accuracy") -> float:
        """Return how well the labels of `votes` agree with gold labels; higher is better.

        gold : (n,) indices into F or names out of `tasks.vector_names` (of a single task its labels), or (n, t) label
            vectors, one column a task
        metric : "accuracy" (share of rows whose whole vector is right), "macro_f1" (unweighted mean of F1 over F), or
            "log_likelihood" (mean of ln P(true vector)), as in `metal.evaluation`

        Raises as `predict_proba`, and ValueError for no rows, unknown metrics and gold outside F, naming the row.
        """
        probabilities = self.predict_proba(votes)
        return score(probabilities, as_gold(gold, self._fitted().tasks, len(probabilities)), metric)

    def label_precisions(self) -> dict[str, tuple[float, ...]]:
        """Return P(Y in e_l | vote l) for every label of every source, as the votes say it.

        "map" gives them before its pull towards the prior: the posterior trusts sources less than these.
        """
        return self._fitted().precisions

    def check(self, votes: Source) -> IdentifiabilityReport:
        """Check whether these votes' structure determines the accuracies; does not need `fit`.

        By the likelihood, and the parameterisation, for "mle"; by the moments between groups for all else.
        Labels that never occur are left out, and a source that never abstains loses one value. What the structure
        determines but these votes are too few for is named in `weak`. "wls" and "algorithm1" need the balance first:
        where it is not given and these votes do not determine it, nothing is identifiable. "map" and "mle" keep
        what they assume of label vectors that no vote tells apart, which `notes` names.
        Tasks that nothing ties together are asked each by itself, and the answers joined.
        Raises ValueError for votes over another task graph, no votes at all, and unknown names in dependencies.
        """
        statistics = as_statistics(votes, self.tasks)
        return check_blocks(
            blocks_under(self._checked(), statistics),
            evidence="likelihood" if self.estimator == "mle" else "moments",
            parameterisation=self.parameterisation if self.estimator == "mle" else "tied",
            spectral=self.estimator in MOMENTS,
        )

    def state(self) -> tuple[Mapping[str, npt.NDArray[Any]], dict[str, Any]]:
        """Return the fitted model as plain arrays (for npz) and plain data (for JSON); see `from_state`."""
        return pack(self._fitted(), self._errors)

    @classmethod
    def from_state(cls, arrays: Mapping[str, npt.NDArray[Any]], description: Mapping[str, Any]) -> LabelModel:
        """Rebuild a fitted model from its `state`."""
        fit, taken = unpack(arrays, description)
        model = cls(**fit.params)
        model._keep(fit, errors=taken)
        return model

    def save(self, folder: str | Path) -> None:
        """Write the fitted model into a folder, as JSON and npz; see `metal.label_model.storage`."""
        write_model(Path(folder), *self.state())

    @classmethod
    def load(cls, folder: str | Path) -> LabelModel:
        """Read a model that `save` wrote; it labels as before, to the bit. Raises ModelFileError for other files."""
        return read_model(Path(folder), cls.from_state)

    def _keep(self, fit: Fit, statistics: Statistics | None = None, errors: Errors | None = None) -> None:
        """Take over a fit's outcome, the statistics that it is of, and the standard errors, where they are known."""
        self._fit, self._statistics, self._errors = fit, statistics, errors
        self.balance_: Floats = fit.estimate.emissions.balance
        self.accuracies_: dict[str, float] = fit.accuracies
        self.report_: FitReport = fit.report()

    def _fitted(self) -> Fit:
        if self._fit is None:
            raise NotFittedError("the label model is not fitted; call fit(votes) first")
        return self._fit
