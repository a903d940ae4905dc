"""MAP-EM over precisions: the default on real votes.

Parameters are *precisions*: rho_l = P(Y in e_l | vote l) for the labels of a source, and P(Y | pattern)
for the patterns of a joint source. With shrinkage s, prior strength kappa and prior precision rho_0:

    E-step  P(y | row) over the distinct rows, with alpha_l = b rho_l / pi_l, beta_l = b (1 - rho_l) / (1 - pi_l)
    M-step  rho_l <- (1 - s) (N_l rho_hat_l + kappa rho_0) / (N_l + kappa) + s rho_0

The fixed pull s does not fade with n: it stands for what data cannot tell, that real sources are not
conditionally independent, and is what keeps efficient estimation from losing to majority vote there.
A joint source has the same M-step with its members' evidence in place of rho_0, counted for the less the more they
are correlated given Y (`metal.label_model.joint`). A balance that is not given is learned
by half: the mean of uniform and the average posterior.

The pull towards rho_0 decides which labels are which: a fit whose labels are renamed is none. Without any
pull (s = kappa = 0) it can be one, and nothing then holds the free tables of joint sources; no renaming is
looked for, as "mle" is the estimator without a pull, and aligned (`metal.label_model.alignment`).

A unit that copies others counts for less than a vote: its evidence is multiplied by a weight in (0, 1]
(`metal.label_model.residuals`), in the posterior as in the E-step.

Source: the EM of Dawid and Skene, 1979, on the tied parameterisation of Ratner et al., 2019 (section 4).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metal.label_matrix import offsets_of
from metal.label_model.design import Design
from metal.label_model.emissions import (
    Emissions,
    Estimate,
    Floats,
    carried,
    make_units,
    silence_evidence,
    starting_evidence,
    starting_precision,
    vote_evidence,
)
from metal.label_model.joint import JointSource, pulled
from metal.label_model.junction import Junction
from metal.statistics import Statistics


def fit_map(
    statistics: Statistics,
    groups: tuple[tuple[int, ...], ...],
    balance: Floats,
    *,
    learn_balance: float,
    silence: npt.NDArray[np.bool_],
    shrinkage: float,
    prior_precision: float,
    prior_strength: float,
    max_iterations: int,
    tolerance: float,
    weights: Floats | None = None,
    unipolar_correction: bool = True,
    start: Estimate | None = None,
) -> Estimate:
    """Fit precisions by MAP-EM.

    Parameters
    ----------
    groups : the groups of dependent sources, as column positions
    weights : what the evidence of each group counts for; None: 1
    balance : (r,) the balance to keep, or to start from
    learn_balance : the weight of the average posterior in the balance; 0 keeps it
    silence : (m,) whether each source's silence is evidence; that of a joint source is where any member's is
    shrinkage, prior_precision, prior_strength : s, rho_0 and kappa above
    tolerance : converged when no precision or balance entry moves by more
    unipolar_correction : False takes pi_l as if all of F were equally probable, as a model does whose sources err
        evenly over their labels: what a source of one label says is then judged without regard to its rarity
    start : where to set out from; None: from the prior
    """
    units = make_units(statistics, groups)
    design = Design.of(units, statistics.indicators, offsets_of(statistics.spaces), statistics.counts)
    junction, sizes = Junction.of(units), [len(space.labels) for space in statistics.spaces]
    events = [space.events(statistics.tasks) for space in statistics.spaces]
    joint = {u: JointSource(unit, events) for u, unit in enumerate(units) if len(unit.columns) > 1}
    shares = [total / statistics.n for total in statistics.totals]
    start_balance = balance
    even = np.full(len(balance), 1 / len(balance))
    counts_for = np.ones(len(units)) if weights is None else weights

    def member_tables(precisions: list[Floats], current: Floats) -> list[Floats]:
        tables = []
        for masks, precision, share, heard in zip(events, precisions, shares, silence, strict=True):
            votes = vote_evidence(precision, masks, current if unipolar_correction else even)
            silent = silence_evidence(votes, share) if heard else np.zeros(len(current))
            tables.append(np.concatenate([silent[None], votes]))
        return tables

    precisions = [starting_precision(masks @ balance, prior_precision) for masks in events]
    members, tables = starting_evidence(statistics, units, balance, prior_precision)
    tables = [weight * table for weight, table in zip(counts_for, tables, strict=True)]
    if start is not None:
        balance, precisions = start.emissions.balance, list(start.precisions)
        tables = carried(start.emissions.units, start.emissions.tables, units, tables)
    estimated = precisions
    converged, iteration = False, 0
    while not converged and iteration < max_iterations:
        iteration += 1
        by_pattern, by_label, _ = design.expectation(balance, tables)
        new_balance = (1 - learn_balance) * start_balance + learn_balance * by_label / statistics.n
        new, estimated = [], []
        # Members of joint sources have precisions too, so that patterns can be shrunk towards them.
        by_code = junction.members(by_pattern, sizes)
        for masks, expected, total in zip(events, by_code, statistics.totals, strict=True):
            votes, pi = expected[1:], masks @ new_balance
            prior = starting_precision(pi, prior_precision)
            mean = pulled((votes * masks).sum(axis=1), votes.sum(axis=1), prior, prior_strength)
            estimated.append(mean)
            most = _most_precise(pi, total[1:] >= statistics.n, statistics.n, prior_strength)
            new.append(np.minimum((1 - shrinkage) * mean + shrinkage * prior, most))
        members = member_tables(new, new_balance)
        new_tables = [
            counts_for[u]
            * (
                joint[u].table(
                    members,
                    by_pattern[u],
                    new_balance,
                    shrinkage=shrinkage,
                    prior_strength=prior_strength,
                    use_abstains=bool(silence[list(unit.columns)].any()),
                )
                if u in joint
                else members[unit.columns[0]]
            )
            for u, unit in enumerate(units)
        ]
        moved = [np.abs(new_balance - balance).max()]
        moved += [np.abs(a - b).max() for a, b in zip(new, precisions, strict=True)]
        moved += [np.abs(np.exp(new_tables[u]) - np.exp(tables[u])).max() for u in joint]
        precisions, balance, tables = new, new_balance, new_tables
        converged = bool(max(moved) < tolerance)
    emissions = Emissions(balance, units, tuple(tables), tuple(members), bool(silence.any()))
    # What the votes say of a source, rather than what the pull lets the posterior believe of it.
    return Estimate(emissions, tuple(estimated), converged, iteration)


def _most_precise(pi: Floats, constant: npt.NDArray[np.bool_], n: float, prior_strength: float) -> Floats:
    """Return the highest precision (k,) of votes for labels that hold with probability pi: 1, but of constant ones.

    A vote cast on a share b of the rows is right on pi of them at most, rho <= pi / b. One cast on every row tells
    nothing, then, however well the prior thinks of it: b is 1, up to `prior_strength` rows at pi.
    """
    return np.asarray(np.where(constant, pi * (n + prior_strength) / (n + prior_strength * pi), 1.0))
