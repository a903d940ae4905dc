"""What experiments have in common: records of trials, and means over trials with 95% intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd

from metal.evaluation import mean_interval
from metal.label_model import NotConvergedWarning, SuspectedDependencyWarning
from metal.synthetic import World

Record = Mapping[str, float | int | str]


class Trial(Protocol):
    """A trial of an experiment: one draw of everything that is random, picklable."""

    def run(self) -> list[Record]:
        """Return what was measured, a record for each line of a figure (`run` names the line)."""
        ...


def curve(table: pd.DataFrame, x: str, y: str, *, root: bool = False, complete: bool = False) -> pd.DataFrame:
    """Return the mean of `y` with its 95% t interval by `run` and `x`: columns run, x, y, low, high, trials.

    root : the square root of the mean of squares instead, and of its interval's ends, for errors
    complete : leave out means of which any trial has no value (NaN); else the trials that have none are left out
    """
    rows = []
    for (run, at), group in table.groupby(["run", x], sort=False):
        values = group[y].dropna().to_numpy(dtype=np.float64)
        if len(values) == 0 or (complete and len(values) < len(group)):
            continue
        mean, low, high = mean_interval(values**2 if root else values)
        if root:
            mean, low, high = np.sqrt(mean), np.sqrt(max(low, 0.0)), np.sqrt(high)
        rows.append({"run": run, x: at, y: mean, "low": low, "high": high, "trials": len(values)})
    return pd.DataFrame(rows, columns=["run", x, y, "low", "high", "trials"])


def error_of(accuracies: Mapping[str, float], world: World) -> float:
    """Return the root mean square error of estimated accuracies over the sources of a world."""
    truth = world.accuracies()
    return float(np.sqrt(np.mean([(accuracies[name] - truth[name]) ** 2 for name in truth])))


@contextmanager
def expected_trouble() -> Iterator[None]:
    """Keep fits quiet about what an experiment asks for: dependencies that are not declared, few iterations."""
    with catch_warnings():
        simplefilter("ignore", SuspectedDependencyWarning)
        simplefilter("ignore", NotConvergedWarning)
        yield
