"""What a fit leaves behind, and the same as plain arrays (for npz) and plain data (for JSON). No pickles, no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from metal.label_matrix import LabelSpace
from metal.label_model.blocks import Block, together
from metal.label_model.emissions import Emissions, Estimate, Separate, Unit
from metal.label_model.report import FitReport
from metal.label_model.residuals import Residuals
from metal.statistics import Statistics
from metal.tasks import TaskGraph

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Part:
    """What was fitted by itself: a block of tasks, its estimate, and the residuals that it went by, if any."""

    block: Block
    estimate: Estimate
    residuals: Residuals | None


@dataclass(frozen=True)
class Errors:
    """How far estimated accuracies may be off, by source name.

    standard : standard errors, inf where the votes do not determine an accuracy
    pull : how far a shrunk estimate is from maximum likelihood; 0 where nothing is shrunk
    """

    standard: dict[str, float]
    pull: dict[str, float]

    def intervals(self, accuracies: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Return for each accuracy a the interval a +- 1.96 sqrt(standard^2 + pull^2), cut off at 0 and 1."""
        reach = {name: 1.96 * float(np.hypot(error, self.pull[name])) for name, error in self.standard.items()}
        return {name: (max(a - reach[name], 0.0), min(a + reach[name], 1.0)) for name, a in accuracies.items()}


@dataclass(frozen=True)
class Fit:
    """The outcome of a fit.

    params : the arguments of the `LabelModel` as they were then, plain (`metal.label_model.fitting.settled`)
    spaces : the label spaces of the sources
    n, distinct_rows : how many rows it was fitted on
    accuracies : P(vote correct | voted), by source name
    parts : with the statistics, which go by no state: none of a fit that was loaded
    """

    params: Mapping[str, Any]
    estimate: Estimate
    spaces: tuple[LabelSpace, ...]
    n: float
    distinct_rows: int
    accuracies: dict[str, float]
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(
        cls, params: Mapping[str, Any], parts: Sequence[Part], statistics: Statistics, messages: Sequence[str] = ()
    ) -> Fit:
        """Put the estimates of all parts together; `messages` come before theirs."""
        found = together([part.block for part in parts], [part.estimate for part in parts])
        found = replace(found, messages=(*messages, *found.messages))
        spaces, accuracies = statistics.spaces, found.accuracies(statistics)
        return cls(params, found, spaces, statistics.n, len(statistics), accuracies, tuple(parts))

    @property
    def precisions(self) -> dict[str, tuple[float, ...]]:
        """P(Y in e_l | vote l) for every label of every source, by source name."""
        found = zip(self.spaces, self.estimate.precisions, strict=True)
        return {space.name: tuple(float(x) for x in rho) for space, rho in found}

    @property
    def tasks(self) -> TaskGraph:
        """The task graph."""
        graph: TaskGraph = self.params["tasks"]
        return graph

    def report(self) -> FitReport:
        """Return how the fit went."""
        found, name = self.estimate, self.params["estimator"]
        return FitReport(
            name, self.n, self.distinct_rows, found.converged, found.iterations, found.trace, found.messages
        )


def pack(fit: Fit, errors: Errors | None) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and the description from which `unpack` rebuilds the fit.

    errors : of the accuracies; None: not taken
    """
    emissions = fit.estimate.emissions
    arrays: dict[str, npt.NDArray[Any]] = {"balance": emissions.balance}
    for u, (unit, table) in enumerate(zip(emissions.units, emissions.tables, strict=True)):
        arrays[f"columns_{u}"] = np.array(unit.columns, dtype=np.int64)
        arrays[f"patterns_{u}"] = unit.patterns
        arrays[f"table_{u}"] = table
        arrays[f"given_{u}"] = np.array(unit.given)
    if emissions.separate:
        arrays["separate_units"] = np.array([block.units for block in emissions.separate], dtype=np.int64)
        arrays["separate_balances"] = np.stack([block.balance for block in emissions.separate])
        arrays["separate_correlations"] = np.array([block.vote_correlation for block in emissions.separate])
    for i, (member, precision) in enumerate(zip(emissions.members, fit.estimate.precisions, strict=True)):
        arrays[f"member_{i}"] = member
        arrays[f"precision_{i}"] = precision
    description = {
        "task_graph": fit.tasks.to_dict(),
        "dependencies": [list(edge) for edge in fit.params["dependencies"]],
        "settings": {name: x for name, x in fit.params.items() if name not in ("tasks", "dependencies")},
        "use_abstains": emissions.use_abstains,
        "vote_correlation": emissions.vote_correlation,
        "spaces": [space.to_dict() for space in fit.spaces],
        "converged": fit.estimate.converged,
        "iterations": fit.estimate.iterations,
        "objective": list(fit.estimate.trace),
        "messages": list(fit.estimate.messages),
        "n": fit.n,
        "distinct_rows": fit.distinct_rows,
        "accuracies": fit.accuracies,
        # JSON knows no infinity: null is a standard error that the votes leave open.
        "standard_errors": None
        if errors is None
        else {name: value if np.isfinite(value) else None for name, value in errors.standard.items()},
        "pull": None if errors is None else errors.pull,
    }
    return arrays, description


def unpack(arrays: Arrays, description: Mapping[str, Any]) -> tuple[Fit, Errors | None]:
    """Return the fit and the errors that `pack` was given."""
    tasks = TaskGraph.from_dict(description["task_graph"])
    edges = [tuple(edge) for edge in description["dependencies"]]
    spaces = tuple(LabelSpace.from_dict(entry, tasks) for entry in description["spaces"])
    count = sum(1 for name in arrays if name.startswith("table_"))
    separate = (arrays[f"separate_{name}"] for name in ("units", "balances", "correlations"))
    emissions = Emissions(
        arrays["balance"],
        tuple(
            Unit(tuple(arrays[f"columns_{u}"].tolist()), arrays[f"patterns_{u}"], int(arrays[f"given_{u}"]))
            for u in range(count)
        ),
        tuple(arrays[f"table_{u}"] for u in range(count)),
        tuple(arrays[f"member_{i}"] for i in range(len(spaces))),
        bool(description["use_abstains"]),
        float(description["vote_correlation"]),
        tuple(Separate(int(u), p, float(c)) for u, p, c in zip(*separate, strict=True))
        if "separate_units" in arrays
        else (),
    )
    estimate = Estimate(
        emissions,
        tuple(arrays[f"precision_{i}"] for i in range(len(spaces))),
        bool(description["converged"]),
        int(description["iterations"]),
        tuple(description["objective"]),
        tuple(description["messages"]),
    )
    params = {"tasks": tasks, "dependencies": edges, **description["settings"]}
    fit = Fit(params, estimate, spaces, description["n"], description["distinct_rows"], dict(description["accuracies"]))
    standard, pull = (
        description["standard_errors"],
        description.get("pull"),
    )  # files before there was one have no errors
    if standard is None or pull is None:
        return fit, None
    return fit, Errors({name: np.inf if value is None else value for name, value in standard.items()}, dict(pull))
