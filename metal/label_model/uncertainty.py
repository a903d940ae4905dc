"""Standard errors of maximum likelihood, from the Fisher information at the fit.

A parameter j of a unit moves the probability of pattern q_j up, and that of a reference pattern down (one with the
same separator's part), on a region R_j of F: the cells of the coverage set, or an event and its complement for a tied
source. Tables are linear in the parameters, so with w = P(y | row) and J_y = d log P(row, y) / d theta,

    score of a row            s = sum_y w_y J_y
    observed information      I = mean over rows of  s s^T - [sum_y w_y J_y J_y^T] between different units

(Louis' identity; within a unit the two terms of -d^2 log P cancel but for s s^T.) The covariance of the
estimates is I^-1 / n. An accuracy, P(vote correct | voted) = hits / cast, has the gradient g and the standard error
sqrt(g^T I^-1 g / n). Directions that the votes leave open give an infinite one.

Entries that less than one vote in the data is expected for are held at their value: at the edge of the
domain an estimate has no normal distribution.

Source: Louis, "Finding the observed information matrix when using the EM algorithm", JRSS B 44, 1982.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN
from metal.label_model.emissions import Floats, Unit
from metal.label_model.junction import Junction
from metal.label_model.likelihood import unit_cells
from metal.statistics import Statistics

LIMIT = 1000
"""Parameters up to which the information is worth its cost, which grows with their square and the rows."""
ROWS = 20_000
"""Distinct rows that the information is averaged over; of more, so many are drawn."""
CHUNK = 512
OPEN = 1e-8
"""Eigenvalues of the scaled information below this leave their direction open."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """The free parameters of one unit.

    up, down : (J,) the patterns whose probability a parameter raises and lowers
    regions : (J, r) where in F it does
    """

    up: Ints
    down: Ints
    regions: Floats


@dataclass(frozen=True)
class BlockUncertainty:
    """The covariance of the estimates of tasks that are fitted together.

    junction, tables, balance : the fitted model; tables are P(pattern | separator, Y), (K + 1, r) a unit
    marginals : P(pattern | Y), (K + 1, r) a unit
    blocks : the parameters of each unit; those of the balance, if it is learned, come last
    balance_reference : the feasible vector whose probability makes up for the others; None: balance given
    information : (P, P) per row
    """

    statistics: Statistics
    junction: Junction
    tables: tuple[Floats, ...]
    marginals: tuple[Floats, ...]
    balance: Floats
    blocks: tuple[Block, ...]
    balance_reference: int | None
    information: Floats

    def variances(self, gradients: Floats) -> Floats:
        """Return g^T I^-1 g for the rows of `gradients` (F, P), i.e. n times the variances: inf where open."""
        scale = np.sqrt(np.maximum(np.diag(self.information), np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(self.information / np.outer(scale, scale))
        along = (gradients / scale) @ vectors
        closed = values > OPEN
        result = (along[:, closed] ** 2 / values[closed]).sum(axis=1)
        size = np.maximum((along**2).sum(axis=1), np.finfo(float).tiny)
        return np.asarray(np.where((along[:, ~closed] ** 2).sum(axis=1) > 1e-6 * size, np.inf, result))

    def standard_errors(self, n: float) -> dict[str, float]:
        """Return the standard error of every source's accuracy at n rows; inf where it is not determined.

        That of a source that never votes is assumed, and infinite too.
        """
        gradients: list[Floats] = []
        never: list[bool] = []
        for column, (u, position) in enumerate(self.junction.owners):
            codes = self.junction.units[u].patterns[:, position].astype(np.int64)
            masks = self.statistics.spaces[column].events(self.statistics.tasks)
            right = np.concatenate([np.zeros((1, len(self.balance))), masks])[codes]
            voted = np.repeat((codes != ABSTAIN).astype(np.float64)[:, None], len(self.balance), axis=1)
            hits, cast = (float((self.marginals[u] * what).sum(axis=0) @ self.balance) for what in (right, voted))
            slope = right * cast - voted * hits
            gradients.append(self._gradient(u, slope) / max(cast, 1e-12) ** 2)
            never.append(cast <= 1e-12)
        found = np.where(never, np.inf, np.sqrt(self.variances(np.stack(gradients)) / n))
        return dict(zip(self.statistics.names, found.tolist(), strict=True))

    def table_error(self, n: float) -> float:
        """Return the root mean square error of P(vote | y) over all votes and y that is expected at n rows."""
        return float(np.sqrt(self.table_variances().mean() / n))

    def table_variances(self) -> Floats:
        """Return n times the variances of P(vote | y), the votes of all sources in order: (D, r)."""
        starts = np.cumsum([0, *(len(block.up) for block in self.blocks)])
        rows = []
        for column, (u, position) in enumerate(self.junction.owners):
            codes = self.junction.units[u].patterns[:, position]
            for code in range(1, len(self.statistics.spaces[column].labels) + 1):
                shown = np.repeat((codes == code).astype(np.float64)[:, None], len(self.balance), axis=1)
                part = np.zeros((len(self.balance), len(self.information)))
                for v, change in self._changes(u, shown):
                    part[:, starts[v] : starts[v + 1]] = change.T
                rows.append(part)
        return self.variances(np.concatenate(rows)).reshape(-1, len(self.balance))

    def _changes(self, u: int, weights: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield by unit the derivatives (J, r) of sum over q of P(q | y) w[q, y] by the parameters, for each y."""
        for v, slope in self.junction.pulled_back(self.tables, self.marginals, u, weights):
            block = self.blocks[v]
            yield v, (slope[block.up] - slope[block.down]) * block.regions

    def _gradient(self, u: int, slope: Floats) -> Floats:
        """Return the gradient (P,) of sum over q, y of p[y] P_u(q | y) slope[q, y], slope held fixed."""
        parts = [np.zeros(len(block.up)) for block in self.blocks]
        for v, change in self._changes(u, slope):
            parts[v] = change @ self.balance
        if self.balance_reference is not None:
            by_class = (self.marginals[u] * slope).sum(axis=0)
            parts.append(np.delete(by_class - by_class[self.balance_reference], self.balance_reference))
        return np.concatenate(parts)


@dataclass(frozen=True)
class Uncertainty:
    """The covariances of the estimates: of tasks that nothing ties together, those of each by itself.

    names : of the sources, in column order
    parts : one for each block of tasks (`metal.label_model.blocks`) that has sources
    labels : for each part (|F|,) the position of each feasible vector's part in the block's own feasible set
    """

    names: tuple[str, ...]
    parts: tuple[BlockUncertainty, ...]
    labels: tuple[Ints, ...]

    def standard_errors(self, n: float) -> dict[str, float]:
        """Return the standard error of every source's accuracy at n rows; inf where it is not determined."""
        found = ChainMap(*(part.standard_errors(n) for part in self.parts))
        return {name: found[name] for name in self.names}

    def table_variances(self) -> Floats:
        """Return n times the variances of P(vote | y) over all of F, the votes block by block: (D, |F|)."""
        return np.concatenate(
            [part.table_variances()[:, own] for part, own in zip(self.parts, self.labels, strict=True)]
        )


def uncertainty(
    statistics: Statistics,
    units: tuple[Unit, ...],
    tables: Sequence[Floats],
    balance: Floats,
    *,
    parameterisation: str,
    learn_balance: bool,
    seed: int = 0,
) -> BlockUncertainty:
    """Take the observed Fisher information of a model on the rows it was fitted on.

    units, tables : (K + 1, r) P(pattern | separator, Y) a unit, as fitted by "mle", or the truth
    seed : of the draw of rows, where there are more than ROWS distinct ones

    Raises ValueError if there are more than LIMIT parameters.
    """
    # A population's counts are probabilities: there is no sampling, so no entry is too rare to move.
    least = 1 / statistics.n if statistics.counts.dtype.kind in "iu" else 1e-9
    junction = Junction.of(units)
    marginals = junction.marginals(tables)
    blocks = tuple(
        _block(statistics, unit, group, table, marginal, balance, parameterisation, least)
        for unit, group, table, marginal in zip(units, junction.groups, tables, marginals, strict=True)
    )
    reference = int(balance.argmax()) if learn_balance else None
    count = sum(len(block.up) for block in blocks) + (len(balance) - 1 if learn_balance else 0)
    if count > LIMIT:
        raise ValueError(
            f"the model of {list(statistics.tasks.names)} has {count} free parameters in {len(statistics.spaces)} "
            f"sources; their information is taken up to {LIMIT}. Use parameterisation='tied', or fit fewer sources "
            "together."
        )
    rows = thinned(statistics, seed)
    positions = np.stack([unit.encode(rows.rows) for unit in units], axis=1)
    information = _information(positions, rows.counts / rows.n, tables, balance, blocks, reference)
    return BlockUncertainty(
        statistics, junction, tuple(tables), tuple(marginals), balance, blocks, reference, information
    )


def thinned(statistics: Statistics, seed: int) -> Statistics:
    """Return statistics of ROWS rows drawn from these, where they have more distinct rows; else themselves."""
    if len(statistics) <= ROWS:
        return statistics
    drawn = np.random.default_rng(seed).multinomial(ROWS, statistics.counts / statistics.n)
    return statistics.reweighted(drawn)


def _block(
    statistics: Statistics,
    unit: Unit,
    group: tuple[int, ...],
    table: Floats,
    marginal: Floats,
    balance: Floats,
    parameterisation: str,
    least: float,
) -> Block:
    """List a unit's free parameters: by separator and cell, or alpha and beta of every label of a tied source."""
    up, down, regions = [], [], []
    if parameterisation == "tied" and len(group) == 1:
        masks = statistics.spaces[group[0]].events(statistics.tasks).astype(np.float64)
        reference = ABSTAIN if (table[ABSTAIN] @ balance) > least else int(np.flatnonzero(table @ balance > least)[-1])
        candidates = [
            (q, reference, region) for q in range(1, len(table)) for region in (masks[q - 1], 1 - masks[q - 1])
        ]
    else:
        candidates = []
        for cell in unit_cells(statistics, group, parameterisation).T:
            here = table[:, cell > 0][:, 0]
            # The likeliest pattern of each cell and separator makes up for the others: it is far from the edge.
            order = np.lexsort((-here, unit.run))
            likeliest = order[np.searchsorted(unit.run[order], np.arange(len(unit.runs)))]
            candidates += [(q, int(likeliest[unit.run[q]]), cell) for q in range(len(table))]
    for q, reference, region in candidates:
        if q != reference and float((marginal[q] * region) @ balance) > least:
            up.append(q)
            down.append(reference)
            regions.append(region)
    shape = (len(up), len(balance))
    return Block(np.array(up, dtype=np.int64), np.array(down, dtype=np.int64), np.array(regions).reshape(shape))


def _information(
    positions: Ints,
    weights: Floats,
    tables: Sequence[Floats],
    balance: Floats,
    blocks: Sequence[Block],
    reference: int | None,
) -> Floats:
    """Return the observed information per row, (P, P), from each row's pattern by unit (u, units)."""
    r = len(balance)
    owner = np.concatenate([np.full(len(block.up), u) for u, block in enumerate(blocks)])
    if reference is not None:
        owner = np.concatenate([owner, np.full(r - 1, len(blocks))])
    outer = np.zeros((len(owner), len(owner)))
    between = np.zeros_like(outer)
    for start in range(0, len(positions), CHUNK):
        here, weight = positions[start : start + CHUNK], weights[start : start + CHUNK]
        shown = [table[here[:, u]] for u, table in enumerate(tables)]
        joint = balance * np.prod(shown, axis=0)
        posterior = joint / np.maximum(joint.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        parts = []
        for u, block in enumerate(blocks):
            sign = (here[:, u, None] == block.up).astype(np.float64) - (here[:, u, None] == block.down)
            slope = np.where(shown[u] > 0, 1 / np.where(shown[u] > 0, shown[u], 1.0), 0.0)
            parts.append(sign[:, :, None] * block.regions[None] * slope[:, None, :])
        if reference is not None:
            part = np.broadcast_to(np.diag(1 / balance), (len(here), r, r)).copy()
            part[:, :, reference] = -1 / balance[reference]
            parts.append(np.delete(part, reference, axis=1))
        slopes = np.concatenate(parts, axis=1)  # (rows, P, r)
        scores = np.einsum("cpy,cy->cp", slopes, posterior)
        outer += scores.T @ (scores * weight[:, None])
        for y in range(r):
            between += slopes[:, :, y].T @ (slopes[:, :, y] * (weight * posterior[:, y])[:, None])
    return np.asarray(outer - np.where(owner[:, None] != owner[None, :], between, 0.0))
