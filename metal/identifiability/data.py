"""The data level of the check: which accuracies these votes pin down, and not just votes without end.

The tied graph again (`metal.identifiability.check`), but with an edge kept only where the votes' covariance is
significant, |z| > 3, z = sqrt(n) Sigma_ab / sqrt(b_a (1 - b_a) b_b (1 - b_b)). A component without an odd cycle of such
edges is determined by the structure, if at all, through covariances that cannot be told from noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metal.dependencies import DependencyGraph
from metal.identifiability.check import CORRELATED, odd_components
from metal.label_matrix import ABSTAIN
from metal.statistics import Statistics

SIGNIFICANT = 3.0


def weak_sources(statistics: Statistics, dependencies: Sequence[Sequence[str]] = ()) -> tuple[str, ...]:
    """Name the sources none of whose votes lies on an odd component of significant covariances.

    Counts that are not whole numbers are taken for an exact population, in which any covariance is significant.
    """
    graph = DependencyGraph(statistics.names, dependencies)
    group_of = {column: g for g, columns in enumerate(graph.columns) for column in columns}
    owner: list[int] = []
    chosen: list[int] = []
    offset = 0
    for i, total in enumerate(statistics.totals):
        cast = [c for c in range(1, len(total)) if 0 < total[c] < statistics.n]
        # The votes of a source that never abstains add up to one: the last says nothing new.
        cast = cast[:-1] if total[ABSTAIN] <= 0 else cast
        owner += [i] * len(cast)
        chosen += [offset + c - 1 for c in cast]
        offset += len(total) - 1
    together = statistics.cooccurrences[np.ix_(chosen, chosen)]
    share = np.diag(together)
    covariance = together - np.outer(share, share)
    group = np.array([group_of[i] for i in owner], dtype=np.int64)
    if statistics.counts.dtype.kind in "iu":
        error = np.sqrt(np.outer(share * (1 - share), share * (1 - share)) / statistics.n)
        significant = np.abs(covariance) > SIGNIFICANT * error
    else:
        significant = np.abs(covariance) > CORRELATED
    determined: set[int] = set()
    if owner:
        component, odd = odd_components(significant & (group[:, None] != group[None, :]))
        determined = {i for i, c in zip(owner, component, strict=True) if odd[c]}
    return tuple(name for i, name in enumerate(statistics.names) if i not in determined)
