"""How the units of a model hang together: marginals of conditional tables, and gradients of what they add up to.

A unit's table is P(C - S | S, Y); the units of a group form a rooted junction tree, in which S lies in an earlier
unit. Down the tree

    P(q | y) = T_u[q, y] M_u[s(q), y],    M_u[s, y] = sum of P(q' | y) over the parent's patterns q' that show s,

and up the tree, for F = sum over q, y of w[q, y] P(q | y),

    dF / dT_u[q, y] = w[q, y] M_u[s(q), y],    w'[q', y] = sum of w[q, y] T_u[q, y] over the q with s(q) = s(q')

are the derivatives by the unit's own table, and the weights of the same F over the patterns of its parent.

Source: Lauritzen and Spiegelhalter, "Local Computations with Probabilities on Graphical Structures", JRSS B 50, 1988.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metal.label_model.emissions import Floats, Unit, matched

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Junction:
    """The junction forest of units that stand in order, parents before children.

    parents : for each unit the position of its parent, -1 for a root
    places : for each unit the run of its patterns that each pattern of its parent agrees with, (K' + 1,); empty for
        a root
    groups : for each unit the columns of its group
    owners : for each source the unit that emits it, and its position among that unit's columns
    """

    units: tuple[Unit, ...]
    parents: tuple[int, ...]
    places: tuple[Ints, ...]
    groups: tuple[tuple[int, ...], ...]
    owners: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, units: Sequence[Unit]) -> Junction:
        """Find the parents: any earlier unit that holds the separator has the same marginal of it."""
        parents: list[int] = []
        places: list[Ints] = []
        roots: list[int] = []
        emitting: dict[int, int] = {}
        members: dict[int, set[int]] = {}
        for u, unit in enumerate(units):
            parent, place = -1, np.zeros(0, dtype=np.int64)
            separator = unit.columns[: unit.given]
            if separator:
                # Of the separator's columns, the one emitted last is emitted by a unit that holds them all.
                parent = max(emitting[column] for column in separator)
                above = units[parent]
                part = above.patterns[:, [above.columns.index(column) for column in separator]]
                place = matched(unit.patterns[unit.runs, : unit.given], part)
            parents.append(parent)
            places.append(place)
            roots.append(roots[parent] if parent >= 0 else u)
            members.setdefault(roots[-1], set()).update(unit.columns)
            emitting |= dict.fromkeys(unit.columns[unit.given :], u)
        groups = {root: tuple(sorted(columns)) for root, columns in members.items()}
        owners = tuple((emitting[i], units[emitting[i]].columns.index(i)) for i in range(len(emitting)))
        return cls(tuple(units), tuple(parents), tuple(places), tuple(groups[root] for root in roots), owners)

    def marginals(self, tables: Sequence[Floats]) -> list[Floats]:
        """Return P(pattern | Y) of every unit, (K + 1, r)."""
        found: list[Floats] = []
        for unit, parent, place, table in zip(self.units, self.parents, self.places, tables, strict=True):
            if parent < 0:
                found.append(table)
                continue
            separators = np.zeros((len(unit.runs), table.shape[1]))
            np.add.at(separators, place, found[parent])
            found.append(table * separators[unit.run])
        return found

    def members(self, tables: Sequence[Floats], sizes: Sequence[int]) -> list[Floats]:
        """Return each source's own table P(code | Y), (k + 1, r), from `sizes` k by source."""
        marginals = self.marginals(tables)
        found = []
        for (u, position), k in zip(self.owners, sizes, strict=True):
            table = np.zeros((k + 1, marginals[u].shape[1]))
            np.add.at(table, self.units[u].patterns[:, position].astype(np.int64), marginals[u])
            found.append(table)
        return found

    def pulled_back(
        self, tables: Sequence[Floats], marginals: Sequence[Floats], u: int, weights: Floats
    ) -> Iterator[tuple[int, Floats]]:
        """Yield the derivatives (K + 1, r) of sum w[q, y] P(q | y) by the tables of unit u and of those above it."""
        while True:
            unit, parent, place = self.units[u], self.parents[u], self.places[u]
            if parent < 0:
                yield u, weights
                return
            separators = np.zeros((len(unit.runs), weights.shape[1]))
            np.add.at(separators, place, marginals[parent])
            yield u, weights * separators[unit.run]
            u, weights = parent, unit.by_separator(weights * tables[u])[place]
