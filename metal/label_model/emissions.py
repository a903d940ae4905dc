"""What sources emit given Y: joint sources, their patterns, and their tables.

Dependent sources are never treated as independent: those of a clique become one *unit*, a joint source whose
votes are the patterns of its members. A source without dependencies is a unit of its own, whose patterns are its
codes. A group (a connected component of G_source) that is no clique has a unit for each factor P(C - S | S, Y) of
its junction tree (`metal.dependencies`): the table of such a unit is conditional on its separator S, and the
evidence of all units still adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metal.label_matrix import ABSTAIN
from metal.statistics import Codes, Statistics, distinct_rows

Floats = npt.NDArray[np.float64]
UNSEEN = -1


@dataclass(frozen=True)
class Unit:
    """A source, or a clique of dependent sources taken as one joint source.

    columns : the columns it reads, those of its separator first
    patterns : (K + 1, len(columns)) codes it is known to emit; row 0 is "all abstain". Patterns that agree on the
        separator follow each other
    given : the size of the separator; tables are P(pattern | its separator's part, Y), sums of one each
    """

    columns: tuple[int, ...]
    patterns: Codes
    given: int = 0

    @cached_property
    def runs(self) -> npt.NDArray[np.int64]:
        """The first pattern of each run of patterns that agree on the separator: (S,), and one run without any."""
        part = self.patterns[:, : self.given]
        return np.concatenate([[0], np.flatnonzero((part[1:] != part[:-1]).any(axis=1)) + 1]).astype(np.int64)

    @cached_property
    def run(self) -> npt.NDArray[np.int64]:
        """The run of each pattern, (K + 1,)."""
        return np.repeat(np.arange(len(self.runs)), np.diff(np.append(self.runs, len(self.patterns))))

    def by_separator(self, values: Floats) -> Floats:
        """Sum values by pattern (K + 1, c) over the patterns of each separator's part: (S, c)."""
        if not self.given:
            return np.asarray(values.sum(axis=0, keepdims=True))
        return np.asarray(np.add.reduceat(values, self.runs, axis=0))

    def encode(self, codes: Codes) -> npt.NDArray[np.int64]:
        """Return for each row of codes (n, m) the position of its pattern, or UNSEEN, shape (n,)."""
        return self.find(codes[:, list(self.columns)])

    def find(self, votes: Codes) -> npt.NDArray[np.int64]:
        """Return the same for rows of its own columns alone, (n, len(columns))."""
        return votes[:, 0].astype(np.int64) if len(self.columns) == 1 else matched(self.patterns, votes)


def matched(known: Codes, rows: Codes) -> npt.NDArray[np.int64]:
    """Return for each row (n, c) its position among the distinct rows `known` (K, c), or UNSEEN: (n,)."""
    key = np.zeros(len(rows), dtype=np.int64)
    place = np.zeros(len(known), dtype=np.int64)
    for column in range(rows.shape[1]):
        # Number the prefixes that are known (0..), others as one more, so that keys stay small.
        base = int(max(known[:, column].max(), rows[:, column].max(initial=0))) + 1
        key, place = key * base + rows[:, column], place * base + known[:, column]
        prefixes, place = np.unique(place, return_inverse=True)
        nearest = np.minimum(np.searchsorted(prefixes, key), len(prefixes) - 1)
        key = np.where(prefixes[nearest] == key, nearest, len(prefixes))
    position = np.full(len(known) + 1, UNSEEN, dtype=np.int64)
    position[place] = np.arange(len(known))
    return position[key]


def make_units(
    statistics: Statistics, cliques: Sequence[tuple[int, ...]], given: Sequence[int] | None = None
) -> tuple[Unit, ...]:
    """Return one unit a clique; a joint source knows the patterns that occur in the statistics.

    given : how many columns of each clique, the first, are its separator; None: none of any
    """
    units = []
    for columns, separator in zip(cliques, given or [0] * len(cliques), strict=True):
        if len(columns) == 1:
            k = len(statistics.spaces[columns[0]].labels)
            units.append(Unit(columns, np.arange(k + 1, dtype=np.int16)[:, None]))
        else:
            seen = statistics.select(columns)[statistics.counts > 0]
            silent = np.full((1, len(columns)), ABSTAIN, dtype=seen.dtype)
            units.append(Unit(columns, distinct_rows(np.concatenate([silent, seen]))[0], separator))
    return tuple(units)


def carried(
    before: Sequence[Unit], tables: Sequence[Floats], units: Sequence[Unit], new: Sequence[Floats]
) -> list[Floats]:
    """Return tables for units of the same columns as those before: theirs, and the `new` ones for patterns new."""
    result = []
    for old, table, unit, own in zip(before, tables, units, new, strict=True):
        position = old.find(unit.patterns)
        result.append(np.asarray(np.where((position == UNSEEN)[:, None], own, table[position])))
    return result


def fallback(members: Sequence[Floats], unit: Unit, patterns: Codes) -> Floats:
    """Return the evidence of patterns (N, len(columns)) that a unit never showed before, (N, r) logs.

    Its members count as one vote; where there is a separator, only the others do: the separator's votes are
    counted with the unit that they come from.
    """
    rest = Unit(unit.columns[unit.given :], patterns[:, unit.given :])
    return tempered(members, rest, rest.patterns)


@dataclass(frozen=True)
class Separate:
    """A block of tasks that was fitted by itself (`metal.label_model.blocks`), as a part of the whole.

    units : how many of the units are its own; they follow those of the blocks before
    balance : (r,) over all of F, the probability of each feasible vector's part
    vote_correlation : as of `Emissions`, between the block's votes
    """

    units: int
    balance: Floats
    vote_correlation: float


@dataclass(frozen=True)
class Emissions:
    """A fitted label model, as the posterior needs it.

    balance : (r,) P(Y) over F
    units : the joint sources
    tables : for each unit (K + 1, r): log P(pattern | separator, Y), up to a constant a row, which no posterior sees
    members : for each source (k + 1, r): the same for its codes alone; they stand in, tempered, where a
        unit shows a pattern that it never showed before
    use_abstains : whether "all abstain" is evidence; if not, row 0 of every table is zero
    vote_correlation : what the votes of a row are taken to be correlated by beyond the model, in [0, 1]
    separate : the blocks, where there is more than one; votes are then correlated within a block, as each says
    """

    balance: Floats
    units: tuple[Unit, ...]
    tables: tuple[Floats, ...]
    members: tuple[Floats, ...]
    use_abstains: bool
    vote_correlation: float = 0.0
    separate: tuple[Separate, ...] = ()

    @property
    def parts(self) -> tuple[Emissions, ...]:
        """What each block emits, over all of F: their log posteriors, before they are normalised, add up."""
        ends = np.cumsum([0, *(block.units for block in self.separate)]).tolist()
        return tuple(
            replace(
                self,
                balance=block.balance,
                units=self.units[start:end],
                tables=self.tables[start:end],
                vote_correlation=block.vote_correlation,
                separate=(),
            )
            for block, (start, end) in zip(self.separate, pairwise(ends), strict=True)
        ) or (self,)


@dataclass(frozen=True)
class Estimate:
    """What an estimator returns.

    precisions : for each source (k,) P(Y in e_l | vote l)
    trace : the objective after each iteration, where the method has one
    messages : what a reader of the result should know
    probabilities : of maximum likelihood, for each unit (K + 1, r) P(pattern | separator, Y), zero for what was
        never seen
    alarm : the warning to give of the result; None if nothing speaks against it
    """

    emissions: Emissions
    precisions: tuple[Floats, ...]
    converged: bool
    iterations: int
    trace: tuple[float, ...] = ()
    messages: tuple[str, ...] = field(default=())
    probabilities: tuple[Floats, ...] = field(default=())
    alarm: Warning | None = None

    def accuracies(self, statistics: Statistics) -> dict[str, float]:
        """Return P(vote correct | voted) by source: precisions weighted by how often each label is voted."""
        result = {}
        for space, rho, total in zip(statistics.spaces, self.precisions, statistics.totals, strict=True):
            cast = float(total[1:].sum())
            result[space.name] = float(total[1:] @ rho) / cast if cast > 0 else float(rho.mean())
        return result


def tempered(members: Sequence[Floats], unit: Unit, patterns: Codes) -> Floats:
    """Return the evidence of joint patterns when only their members are known: (patterns, r) logs.

    The geometric mean over the members that vote: dependent votes then count as one vote, never as
    several. Exact for members that copy each other, cautious otherwise. `patterns` is (N, len(columns)).
    """
    total = np.zeros((len(patterns), members[unit.columns[0]].shape[1]))
    for position, column in enumerate(unit.columns):
        codes = patterns[:, position].astype(np.int64)
        total += np.where(codes[:, None] != ABSTAIN, members[column][codes], 0.0)
    voters = (patterns != ABSTAIN).sum(axis=1)
    silent = np.mean([members[column][ABSTAIN] for column in unit.columns], axis=0)
    return np.asarray(np.where(voters[:, None] > 0, total / np.maximum(voters, 1)[:, None], silent))


def starting_precision(event_probability: Floats, prior_precision: float) -> Floats:
    """Return the precision assumed of a vote before any data: `prior_precision`, and better than chance.

    Where P(Y in e_l) is itself above one half, a fixed .7 could make a vote evidence *against* its label;
    there the odds of chance are multiplied by the prior's odds instead. Breaks the symmetry of labels.
    """
    odds = prior_precision / (1 - prior_precision) * event_probability / np.maximum(1 - event_probability, 1e-12)
    return np.asarray(np.maximum(prior_precision, odds / (1 + odds)))


def vote_evidence(precision: Floats, events: npt.NDArray[np.bool_], balance: Floats) -> Floats:
    """Return log P(l | Y) - log P(l) of votes from their precisions: (k, r).

    alpha_l = b rho / pi for Y in e_l and beta_l = b (1 - rho) / (1 - pi) elsewhere, so b cancels. A label
    whose event is all of F says nothing.
    """
    pi = events @ balance
    rho = np.clip(precision, 1e-9, 1 - 1e-9)
    informative = (pi > 1e-12) & (pi < 1 - 1e-12)
    pi = np.where(informative, pi, 0.5)
    inside, outside = np.log(rho / pi), np.log((1 - rho) / (1 - pi))
    evidence = np.where(events, inside[:, None], outside[:, None])
    return np.asarray(np.where(informative[:, None], evidence, 0.0))


def silence_evidence(evidence: Floats, shares: Floats) -> Floats:
    """Return log P(0 | Y) - log P(0) of an abstain from the votes' evidence (k, r) and shares (k + 1,).

    P(0 | y) = 1 - sum_l P(l | y), floored at a hundredth of the abstain rate where the precisions say less
    than that. A source that never abstains says nothing by it.
    """
    if shares[0] <= 0:
        return np.zeros(evidence.shape[1])
    left = 1 - shares[1:] @ np.exp(evidence)
    return np.asarray(np.log(np.maximum(left / shares[0], 0.01)))


def starting_evidence(
    statistics: Statistics, units: Sequence[Unit], balance: Floats, prior_precision: float
) -> tuple[list[Floats], list[Floats]]:
    """Return the evidence before any data, by source (k + 1, r) and by unit (K + 1, r): the start of EM.

    Every vote is better than chance, a group counts as one vote, and silence says nothing.
    """
    members = []
    for space in statistics.spaces:
        masks = space.events(statistics.tasks)
        votes = vote_evidence(starting_precision(masks @ balance, prior_precision), masks, balance)
        members.append(np.concatenate([np.zeros((1, len(balance))), votes]))
    tables = [
        members[unit.columns[0]] if len(unit.columns) == 1 else tempered(members, unit, unit.patterns) for unit in units
    ]
    return members, tables
