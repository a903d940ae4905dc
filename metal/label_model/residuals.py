"""Do the votes bear the model out? Residual covariance of pairs of sources, and what follows from it.

If sources of different groups are independent given Y, their votes' covariance has rank r - 1 at most:

    Sigma_O[a, b] = sum_y p_y (T[a, y] - b_a)(T[b, y] - b_b) = u_a . u_b

whatever the tables T and the balance p are. A dependency that nobody declared is an entry that no such product
explains. The factors are found by weighted least squares with the weights w = 1 / max(1, |z| / 3)^2 of a
redescending loss, which a few dependent pairs cannot buy off, starting at sources that are all alike and better
than chance: so that Y, and not the common ground of a clique, is what the factors explain. Then

    z = 2 (sqrt(n O + 3/8) - sqrt(n F + 3/8)) / sqrt((1 - b_a)(1 - b_b)),   F = u_a . u_b + b_a b_b

is about standard normal also for rare votes (Anscombe, 1948). Of two sources that each have a choice of labels, F is
first scaled to how often both vote: who looks at the same examples is a matter of design, not of opinion. So it is
where two sources never vote on the same row although chance would have it, as those on two types of documents: such a
pair is neither fitted nor suspected, and sets of sources that only such pairs join are each looked at on their own
rows. Bonferroni's limit keeps the chance that any pair is suspected falsely below `level`.

Sources: low rank plus sparse, Varma et al., "Learning Dependency Structures for Weak Supervision Models", ICML 2019;
iteratively reweighted least squares, Holland and Welsch, 1977; the weight 1 / (1 + sum of correlations) is the design
effect of clustered samples (Kish, 1965).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from metal.label_model.emissions import Floats, starting_precision
from metal.label_model.vote_moments import VoteMoments, vote_moments
from metal.statistics import Statistics

OUTLIER = 3.0
"""Standard errors from which an entry loses weight in the robust fit."""
STRONG = 0.4
"""The excess correlation from which sources of a single label are taken for near copies: theirs may as well come from
looking at the same examples. Two sources that choose among labels are compared where both vote, and need no limit."""
BORNE_OUT = 0.25
"""The share of covariance, noise taken off, that may stay unexplained where the model is trusted."""
ENOUGH = 25.0
"""Squared standard errors of covariance for each parameter of the fit, from which what votes tell of a source is worth
more than a common prior: in synthetic worlds of independent sources, sparse and dense, the two are even at about 12."""
VISIBLE = 0.1
"""A dependency of this residual correlation must have been within the power of the check, for the model to be trusted:
some two thousand rows."""
LEAST_GROUPS = 5
"""Fewer groups than this agree with almost any model."""
COARSE = 1e5
"""Rows whose errors the robust fit starts with, where there are more."""
MOST_VOTES = 4_000
"""Votes, (source, label) pairs, beyond which the covariance of all their pairs would not fit into memory."""
MOST_PARAMETERS = 16_000
"""Entries of the factors beyond which no fit is tried: a step of one multiplies as many numbers as their square."""

SHOWN = 10
"""Pairs that a warning names."""


class SuspectedDependencyWarning(UserWarning):
    """Sources seem to be dependent given Y, and the dependency is not declared."""


@dataclass(frozen=True)
class Suspicion:
    """A pair of sources whose votes covary beyond what the model explains.

    z : the largest standardised residual of a pair of their votes
    correlation : the largest residual correlation of agreeing votes; 0 if they only disagree more than expected
    """

    first: str
    second: str
    z: float
    correlation: float

    def __str__(self) -> str:
        return f"{self.first}-{self.second} (z {self.z:.1f})"


@dataclass(frozen=True)
class Residuals:
    """What the model leaves unexplained.

    suspected : the significant pairs, largest |z| first
    excess : (m, m) the correlations of the suspected pairs, 0 elsewhere
    choosing : (m,) whether a source was seen to cast votes of more than one kind
    unexplained : root of the share of the votes' squared covariance left over, in comparable units; sampling noise
        is taken off both, and two standard errors of it are granted to what is left. 1 for pure noise, and where
        there are too few votes to tell
    limit : the |z| from which a pair is suspected
    borne_out : whether the independence that the model assumes, silence included, is what the votes show
    unchecked : why nothing was looked at; empty if it was
    """

    suspected: tuple[Suspicion, ...]
    excess: Floats
    choosing: npt.NDArray[np.bool_]
    unexplained: float
    limit: float
    borne_out: bool
    unchecked: str = ""

    def weights(self, groups: tuple[tuple[int, ...], ...]) -> Floats:
        """Return for each group what one of its votes counts for, 1 / (1 + sum of correlations), in (0, 1]."""
        if not self.suspected:
            return np.ones(len(groups))
        both_choose = self.choosing[:, None] & self.choosing[None, :]
        strong = np.where(both_choose | (self.excess >= STRONG), self.excess, 0.0)
        group_of = np.empty(len(self.choosing), dtype=np.int64)
        for g, columns in enumerate(groups):
            group_of[list(columns)] = g
        between = np.zeros((len(groups), len(groups)))
        np.maximum.at(between, (group_of[:, None], group_of[None, :]), strong)
        np.fill_diagonal(between, 0.0)
        return np.asarray(1 / (1 + between.sum(axis=1)))


def residual_dependencies(
    statistics: Statistics, groups: tuple[tuple[int, ...], ...], *, level: float = 0.01
) -> Residuals:
    """Fit covariances of rank r - 1 robustly, and name the pairs of sources that stand out.

    groups : the declared groups, as column positions; nothing is asked of pairs inside one
    level : the chance of any false suspicion at all, where there is no dependency

    Raises ValueError if no source votes.
    """
    m = len(statistics.spaces)
    occurring = sum(int((total[1:] > 0).sum()) for total in statistics.totals)
    if occurring > MOST_VOTES:
        choosing = np.array([(total[1:] > 0).sum() > 1 for total in statistics.totals])
        reason = f"no pair of sources was checked for dependency: {occurring} votes occur, more than {MOST_VOTES}"
        return Residuals((), np.zeros((0, 0)), choosing, 1.0, np.inf, borne_out=False, unchecked=reason)
    votes = vote_moments(statistics, groups)
    limit = float(-ndtri(level / 2 / max(votes.between.sum() / 2, 1)))
    choosing = np.bincount(votes.owner, minlength=m) > 1
    none = Residuals((), np.zeros((m, m)), choosing, 1.0, limit, borne_out=False)
    factors = starting_factors(votes)
    parameters = factors.size
    pairs = int(votes.between.sum() / 2)
    if not parameters or pairs < 2 * parameters:
        return none
    if parameters > MOST_PARAMETERS:
        reason = (
            f"no pair of sources was checked for dependency: of {len(votes.shares)} votes and {factors.shape[1] + 1} "
            f"classes there are {parameters} parameters, more than {MOST_PARAMETERS}"
        )
        return replace(none, unchecked=reason)
    fitted = robust_factors(votes, factors)
    z = _standardised(votes, votes.together, _expected(votes, fitted))
    if votes.apart.any():
        parts = [votes.on_rows_of(part) for part in np.unique(votes.part[votes.owner])]
        judged = [_standing_out(part, robust_factors(part, starting_factors(part)), choosing, limit) for part in parts]
    else:
        judged = [_standing_out(votes, fitted, choosing, limit)]
    largest_z, largest = (np.max([part[k] for part in judged], axis=0) for k in (0, 1))
    found = [
        Suspicion(statistics.names[i], statistics.names[j], float(largest_z[i, j]), float(largest[i, j]))
        for i, j in np.argwhere(np.triu(largest_z > limit))
    ]
    signal, unexplained = _unexplained(votes, fitted, pairs, parameters)
    clean = not found and not (np.abs(z) > limit).any()
    voting = len({group for group in groups if not set(group).isdisjoint(votes.owner.tolist())})
    information = pairs * signal * statistics.n / votes.n / parameters
    able = voting >= LEAST_GROUPS and limit / np.sqrt(votes.n) < VISIBLE and information >= ENOUGH
    borne_out = bool(able and clean and unexplained < BORNE_OUT)
    return Residuals(tuple(sorted(found, key=lambda s: -s.z)), largest, choosing, unexplained, limit, borne_out)


def _unexplained(votes: VoteMoments, fitted: Floats, pairs: int, parameters: int) -> tuple[float, float]:
    """Return the mean square of covariance beyond noise, in squared standard errors, and root of the share left over.

    Without any signal the mean of z^2 = n Sigma^2 / scale over the pairs is 1, with standard error sqrt(2 / pairs);
    so is that of the residuals over pairs - parameters where the model holds: the reduced chi-square.
    """
    weight = np.where(votes.between, votes.n / votes.scale, 0.0) / 2
    signal = float((weight * votes.covariance**2).sum()) / pairs - 1
    misfit = float((weight * (votes.covariance - fitted) ** 2).sum()) / (pairs - parameters) - 1
    possible = max(misfit, 0.0) + 2 * np.sqrt(2 / pairs)
    return signal, min(float(np.sqrt(possible / signal)), 1.0) if signal > 0 else 1.0


def _standing_out(
    votes: VoteMoments, fitted: Floats, choosing: npt.NDArray[np.bool_], limit: float
) -> tuple[Floats, Floats]:
    """Return for each pair of sources the largest |z|, and the excess correlation if that is beyond the limit."""
    m = len(choosing)
    scaled = _given_both_vote(votes, votes.together, _expected(votes, fitted), choosing)
    excess, z = votes.together - scaled, _standardised(votes, votes.together, scaled)
    agreeing = (votes.events.astype(float) @ votes.events.T.astype(float)) > 0
    correlation = np.where(agreeing & (np.abs(z) > limit), np.clip(excess / np.sqrt(votes.scale), 0.0, 1.0), 0.0)
    largest_z = _by_source(np.abs(z), votes.owner, m)
    largest = np.minimum(_by_source(correlation, votes.owner, m), 1.0)
    largest[largest_z <= limit] = 0.0
    return largest_z, largest


def _expected(votes: VoteMoments, fitted: Floats) -> Floats:
    return np.asarray(np.clip(fitted + np.outer(votes.shares, votes.shares), 0.0, 1.0))


def suspicion(suspected: tuple[Suspicion, ...]) -> str:
    """Return the warning that names the suspected pairs."""
    named = ", ".join(str(pair) for pair in suspected[:SHOWN])
    more = f" and {len(suspected) - SHOWN} more" if len(suspected) > SHOWN else ""
    return (
        f"{len(suspected)} pair(s) of sources covary more than the model explains: {named}{more}. They may copy each "
        "other or rest on the same evidence: declare the dependencies that are real, or drop a copy"
    )


def starting_factors(votes: VoteMoments, prior_precision: float = 0.7) -> Floats:
    """Return the factors of sources that are all right at `prior_precision`, balance uniform: (D, rank).

    u_a = delta_a (1{y in e_a} - pi_a) sqrt(p_y), in a basis of the space that the events span.
    """
    if not len(votes.shares):
        return np.zeros((0, 0))
    pi = votes.events.mean(axis=1)
    informative = (pi > 0) & (pi < 1)
    pi = np.where(informative, pi, 0.5)
    rho = starting_precision(pi, prior_precision)
    delta = np.where(informative, votes.shares * (rho / pi - (1 - rho) / (1 - pi)), 0.0)
    centred = (votes.events - votes.events.mean(axis=1, keepdims=True)) / np.sqrt(votes.events.shape[1])
    _, size, basis = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(delta[:, None] * (centred @ basis[size > 1e-9].T))


def robust_factors(votes: VoteMoments, start: Floats, *, max_iterations: int = 300, tolerance: float = 1e-5) -> Floats:
    """Return the low-rank covariance u_a . u_b, (D, D), by iteratively reweighted least squares from `start`.

    One step solves for every u_a given the others, and goes half the way. Of very many rows the errors are so small
    that at the start nearly every entry would be an outlier, and what is fitted first would stay: the errors are
    those of COARSE rows to begin with, then of ten times as many, and so on up to n.
    """
    factors, rank = start.copy(), start.shape[1]
    base = np.where(votes.between, 1 / votes.scale, 0.0)
    root = np.sqrt(base)
    fitted = factors @ factors.T
    n = min(COARSE, votes.n)
    while True:
        error = np.sqrt(np.maximum(votes.scale, n**-2.0) / n)
        for _ in range(max_iterations):
            weights = base / np.maximum(np.abs(votes.covariance - fitted) / error / OUTLIER, 1.0) ** 2
            squares = (factors[:, :, None] * factors[:, None, :]).reshape(len(factors), -1)
            normal = (weights @ squares).reshape(-1, rank, rank)
            ridge = 1e-9 * np.trace(normal, axis1=1, axis2=2) + np.finfo(np.float64).tiny
            target = (weights * votes.covariance) @ factors
            solved = np.linalg.solve(normal + ridge[:, None, None] * np.eye(rank), target[:, :, None])[:, :, 0]
            factors = (factors + solved) / 2
            before, fitted = fitted, factors @ factors.T
            if float((np.abs(fitted - before) * root).max()) < tolerance:
                break
        if n >= votes.n:
            return np.asarray(fitted)
        n = min(10 * n, votes.n)


def _given_both_vote(votes: VoteMoments, observed: Floats, expected: Floats, choosing: npt.NDArray[np.bool_]) -> Floats:
    """Scale the expected shares of pairs of votes to how often both sources vote, where both choose among labels."""
    of_source = np.eye(len(choosing))[votes.owner]
    seen, hoped = of_source.T @ observed @ of_source, of_source.T @ expected @ of_source
    ratio = np.where(hoped > 0, seen / np.where(hoped > 0, hoped, 1), 1.0)
    ratio = np.where(choosing[:, None] & choosing[None, :], ratio, 1.0)
    return np.asarray(expected * ratio[np.ix_(votes.owner, votes.owner)])


def _standardised(votes: VoteMoments, observed: Floats, expected: Floats) -> Floats:
    """Return z of every pair of votes, zero inside groups."""
    root = np.sqrt(votes.n * observed + 0.375) - np.sqrt(votes.n * expected + 0.375)
    spread = np.sqrt(np.maximum(np.outer(1 - votes.shares, 1 - votes.shares), 1e-3))
    return np.asarray(np.where(votes.between, 2 * root / spread, 0.0))


def _by_source(values: Floats, owner: npt.NDArray[np.int64], m: int) -> Floats:
    """Return the largest value of any pair of votes of each pair of sources: (D, D) to (m, m)."""
    result = np.zeros((m, m))
    np.maximum.at(result, (owner[:, None], owner[None, :]), values)
    return result
