"""How many unlabeled examples are needed: the error that n rows will leave, and n for a wanted error.

From the Fisher information per row I at a fit, the root mean square error of the D table entries P(vote | y) is

    RMSE(n) = sqrt(tr(J I^-1 J^T) / (D n)),      n(target) = tr(J I^-1 J^T) / (D target^2)

with J their Jacobian. The bound of the paper's theorem 2 is far too loose to plan by (over 10^16 / sqrt(n) for five
binary sources), but its terms tell where the moments are weak. They are given as ranked diagnostics:

    sigma_max(M_Omega^+)       how the pairs of votes between groups determine single votes; 1 / sigma_min(M_Omega)
    1 / lambda_min(Sigma_O)    the combination of votes that varies least
    1 / min |Sigma_O^-1|       the weakest entry of the inverse on Omega that a completion must read
    cond(Sigma_O)              how much inverting amplifies noise

with votes scaled to unit variance.

Source: Ratner et al., 2019, theorem 2; van der Vaart, "Asymptotic Statistics", 1998, section 5.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metal.dependencies import DependencyGraph
from metal.label_matrix import LabelMatrix
from metal.label_model.emissions import Floats
from metal.label_model.model import LabelModel
from metal.label_model.moments import Moments, vote_name
from metal.statistics import Statistics


@dataclass(frozen=True)
class Term:
    """A term of theorem 2.

    factor : how much worse it makes the bound; 1 is harmless, infinite if the moments do not determine all
    votes : the votes that it comes from
    """

    name: str
    factor: float
    votes: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a number of rows will give, and what a wanted error will take.

    n, error : a number of rows and the RMSE of P(vote | y) predicted there
    target, needed : a wanted RMSE and the rows it takes, infinite where the votes do not determine the model
    standard_errors : of every source's accuracy at n, by name
    terms : of theorem 2, the most harmful first
    """

    n: float
    error: float
    target: float
    needed: float
    standard_errors: dict[str, float]
    terms: tuple[Term, ...]

    def explain(self) -> str:
        """Return the plan as text."""
        lines = [
            f"With {self.n:,.0f} rows the vote probabilities P(vote | label) have a root mean square error "
            f"of {self.error:.4f}."
            if np.isfinite(self.error)
            else "These votes do not determine the model: no number of rows makes all errors small.",
            f"An error of {self.target:g} needs {self.needed:,.0f} rows."
            if np.isfinite(self.needed)
            else f"No number of rows reaches an error of {self.target:g}; see LabelModel.check.",
        ]
        loose = sorted(self.standard_errors, key=lambda name: -self.standard_errors[name])[:5]
        listed = ", ".join(
            f"{name} {self.standard_errors[name]:.4f}"
            if np.isfinite(self.standard_errors[name])
            else f"{name} undetermined"
            for name in loose
        )
        lines.append(f"Least certain accuracies (standard errors): {listed}.")
        for term in self.terms:
            factor = f"{term.factor:.3g}" if np.isfinite(term.factor) else "infinite"
            lines.append(f"{term.name}: {factor}, from {', '.join(term.votes)}.")
        return "\n".join(lines)


def plan(model: LabelModel, votes: LabelMatrix | Statistics, *, n: float | None = None, target: float = 0.01) -> Plan:
    """Predict the error of `model`, maximum likelihood on `votes` (a pilot sample, or an exact population).

    n : the number of rows to predict the error for; None: those of `votes`
    target : the wanted RMSE of P(vote | y)

    Raises ValueError for estimates other than of maximum likelihood, n or target that is not positive, and a model
    of more parameters than the information is taken for.

    Example: `plan(LabelModel(tasks, estimator="mle").fit(pilot), pilot, target=0.01).needed`.
    """
    statistics = votes if isinstance(votes, Statistics) else Statistics.of(votes)
    rows = statistics.n if n is None else n
    if not rows > 0 or not target > 0:
        raise ValueError(f"n and target must be positive; got {rows} and {target}")
    found = model.uncertainty(statistics)
    variance = float(found.table_variances().mean())
    graph = DependencyGraph(statistics.names, model.dependencies)
    return Plan(
        n=rows,
        error=float(np.sqrt(variance / rows)),
        target=target,
        needed=float(np.ceil(variance / target**2)) if np.isfinite(variance) else float("inf"),
        standard_errors=found.standard_errors(rows),
        terms=theorem_terms(statistics, Moments.of(statistics, graph.columns, model.balance_)),
    )


def theorem_terms(statistics: Statistics, moments: Moments) -> tuple[Term, ...]:
    """Return the terms of theorem 2 at the given moments, the most harmful first."""
    names = [vote_name(statistics, *owner) for owner in moments.owners]
    spread = np.sqrt(moments.b * (1 - moments.b))
    correlation = moments.sigma / np.outer(spread, spread)
    values, vectors = np.linalg.eigh(correlation)
    smallest = max(float(values[0]), 0.0)
    degenerate = smallest < 1e-12
    # M_Omega has a row for each pair a, b of Omega, with ones at a and b: M^T M = degrees + adjacency.
    omega = moments.related.astype(np.float64)
    pairs, sides = np.linalg.eigh(np.diag(omega.sum(axis=1)) + omega)
    terms = [
        Term("sigma_max(M_Omega^+)", 1 / np.sqrt(pairs[0]) if pairs[0] > 1e-9 else np.inf, _main(names, sides[:, 0])),
        Term("1 / lambda_min(Sigma_O)", np.inf if degenerate else 1 / smallest, _main(names, vectors[:, 0])),
        Term("cond(Sigma_O)", np.inf if degenerate else float(values[-1]) / smallest, _main(names, vectors[:, -1])),
    ]
    if moments.apart.any() and not degenerate:
        entries = np.where(moments.apart, np.abs(np.linalg.inv(correlation)), np.inf)
        a, b = np.unravel_index(int(entries.argmin()), entries.shape)
        least = float(entries[a, b])
        factor = 1 / least if least > 0 else np.inf
        terms.append(Term("1 / min |Sigma_O^-1|", factor, (names[a], names[b])))
    return tuple(sorted((Term(t.name, float(t.factor), t.votes) for t in terms), key=lambda term: -term.factor))


def _main(names: list[str], vector: Floats) -> tuple[str, ...]:
    """Name the votes that make up most of a unit vector, at most five."""
    order = np.argsort(-np.abs(vector), kind="stable")[:5]
    return tuple(names[a] for a in order if abs(vector[a]) > 0.3 * abs(vector[order[0]]))
