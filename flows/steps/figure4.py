"""Figure 4: an experiment on synthetic worlds, its trials side by side, to tables, metrics and a figure."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from tqdm import tqdm

from flows import figure4_plots as plots
from flows.artifacts import RESULTS, atomic_directory, write_bytes, write_json, write_text
from flows.cli import run
from flows.config import Config
from flows.workers import Send, run_parallel, worker_count
from metal.experiments import Record, Trial, dependencies, error, estimators, runtime, structure

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Panel:
    """An experiment with its figure; `timed` trials run one at a time."""

    trials_of: Callable[..., Sequence[Trial]]
    curves: Callable[[pd.DataFrame], Tables]
    metrics: Callable[[pd.DataFrame], dict[str, float]]
    draw: Callable[[Tables, Mapping[str, float]], Figure]
    timed: bool = False


PANELS: Mapping[str, Panel] = {
    "error": Panel(error.trials_of, error.curves, error.metrics, plots.error),
    "dependencies": Panel(dependencies.trials_of, dependencies.curves, dependencies.metrics, plots.dependencies),
    "runtime": Panel(runtime.trials_of, runtime.curves, runtime.metrics, plots.runtime, timed=True),
    "structure": Panel(structure.trials_of, structure.curves, structure.metrics, plots.structure),
    "estimators": Panel(estimators.trials_of, estimators.curves, estimators.metrics, plots.estimators),
}


def figure4(name: str, panel: Panel, arguments: Mapping[str, Any], out: Path, workers: int) -> None:
    """Run the trials of an experiment and write what came of them into the directory `out`.

    arguments : of `panel.trials_of`
    out : trials.csv (a record a line), a table of every curve, metrics.json and figure.svg; the same figure as
        `out`.png beside it

    The same numbers whatever `workers` is, but for the seconds of timed trials, which are run one at a time.
    """
    trials = panel.trials_of(**arguments)
    # Side by side the trials take a core each; of timed ones it is the time of one core that is told.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with tqdm(total=len(trials), desc=f"figure4 {name}", unit="trial", file=sys.stderr) as bar:

        def on_message(_trial: Trial, _done: object) -> None:
            bar.update()

        records = run_parallel(run_trial, trials, workers=1 if panel.timed else workers, on_message=on_message)
    table = pd.DataFrame([record for found in records for record in found])
    curves, metrics = panel.curves(table), panel.metrics(table)
    vector, pixels = plots.saved(panel.draw(curves, metrics))
    write_bytes(out.with_suffix(".png"), pixels)
    with atomic_directory(out) as directory:
        for file, rows in {"trials": table, **curves}.items():
            write_text(directory / f"{file}.csv", rows.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
        write_json(directory / "metrics.json", {key: float(f"{value:.6g}") for key, value in metrics.items()})
        write_text(directory / "figure.svg", vector)


def run_trial(trial: Trial, send: Send) -> list[Record]:
    """Run a trial in a worker process and say when it is done."""
    records = trial.run()
    send("done")
    return records


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Run the experiment that the arguments name."""
    params = vars(getattr(config.figure4, arguments.panel))
    figure4(
        arguments.panel,
        PANELS[arguments.panel],
        params,
        RESULTS / "figure4" / arguments.panel,
        worker_count(),
    )


def main() -> None:
    """Run the step from the command line."""
    run(step, application=False, panel=True, description="Run an experiment of Figure 4 and draw it.")


if __name__ == "__main__":
    main()
