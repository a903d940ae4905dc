"""Train: the end model on one kind of supervision, once a seed, side by side, resumable after a kill."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from flows.artifacts import (
    Paths,
    atomic_directory,
    existing,
    load_arrays,
    read_json,
    vector_column,
    write_json,
    write_table,
    write_text,
)
from flows.cli import run
from flows.config import GOLD_DEV, Config, EndModelParams
from flows.processes import process_count, process_group
from flows.trials import (
    PREDICTED,
    Examples,
    Trial,
    content_key,
    embedding_file,
    read_examples,
    read_tokens,
    run_trial,
)
from flows.workers import run_parallel, worker_count
from metal.tasks import TaskGraph

CURVES = "seed,epoch,train_loss,seconds"
OnEpoch = Callable[[int, int, float], None]
"""Called with seed, epoch and mean training loss as the epochs end, whichever trial is first."""


def train(
    embeddings: Path,
    labels: Path,
    split: str,
    out: Path,
    scratch: Path,
    params: EndModelParams,
    *,
    trials: int,
    workers: int,
    on_epoch: OnEpoch | None = None,
) -> None:
    """Train `trials` networks, seeds 0, 1, ..., on the texts of a split and predict dev and test with each.

    embeddings : what embed wrote; labels : probabilistic labels of the split
    out : directory of trial_SEED.safetensors, predictions.parquet, curves.csv and summary.json
    scratch : directory of what is needed to resume; curves.csv in it grows by a line with every epoch

    A training that was interrupted goes on from its last epoch, to the same result; a finished one is not repeated.
    Where torchrun started this process among others (`flows.processes`), they share every training, one after another,
    instead of `workers`; the first writes all there is.
    """
    tasks, examples = read_examples(embeddings, split, labels, unvoted=params.train_unvoted)
    inputs = [labels, embedding_file(embeddings, params)]
    inputs += [embeddings / f"tokens_{name}.npz" for name in sorted({split, *PREDICTED})]
    together = process_count()
    folder = scratch / content_key(inputs, {**asdict(params), "split": split, "processes": together})
    jobs = [Trial(seed, split, labels, embeddings, folder, params) for seed in range(trials)]
    if together > 1 and int(os.environ["RANK"]) > 0:
        for job in jobs:
            run_trial(job, lambda epoch: None)
        return
    folder.mkdir(parents=True, exist_ok=True)
    epochs = params.plan.epochs(len(examples.ids))
    live = scratch / "curves.csv"
    write_text(live, CURVES + "\n")
    with tqdm(total=trials * epochs, desc=f"train {out.name}", unit="epoch", file=sys.stderr) as bar:

        def on_message(trial: Trial, epoch: tuple[int, float, float]) -> None:
            number, loss, seconds = epoch
            with live.open("a", encoding="utf-8") as file:
                file.write(f"{trial.seed},{number},{loss:.6f},{seconds:.3f}\n")
            bar.update()
            bar.set_postfix(seed=trial.seed, loss=f"{loss:.3f}", refresh=False)
            if on_epoch is not None:
                on_epoch(trial.seed, number, loss)

        if together > 1:
            for job in jobs:
                run_trial(job, partial(on_message, job))
        else:
            run_parallel(run_trial, jobs, workers=workers, on_message=on_message)
    gather(jobs, tasks, examples, out)
    shutil.rmtree(scratch)


def gather(jobs: list[Trial], tasks: TaskGraph, examples: Examples, out: Path) -> None:
    """Put the results of finished trials together in one directory."""
    columns = [vector_column(vector) for vector in tasks.feasible]
    predictions, curves, devices, processes = [], [], set(), 1
    identifiers = {split: read_tokens(jobs[0].embeddings, split)[0] for split in PREDICTED}
    for trial in jobs:
        for split, probabilities in load_arrays(trial.finished / "predictions.npz").items():
            table = pd.DataFrame(probabilities, columns=columns)
            table.insert(0, "seed", np.int64(trial.seed))
            table.insert(1, "split", split)
            table.insert(2, "id", identifiers[split])
            predictions.append(table)
        history = read_json(trial.finished / "history.json")
        devices.add(history["device"])
        processes = history["processes"]
        curves += [f"{trial.seed},{number},{loss:.6f},{seconds:.3f}" for number, loss, seconds in history["epochs"]]
    with atomic_directory(out) as directory:
        for trial in jobs:
            network = existing(trial.finished / "network.safetensors")
            shutil.copyfile(network, directory / f"trial_{trial.seed}.safetensors")
        write_table(pd.concat(predictions), directory / "predictions.parquet", {"task_graph": tasks.to_dict()})
        write_text(directory / "curves.csv", "\n".join([CURVES, *curves]) + "\n")
        write_json(
            directory / "summary.json",
            {
                "n_train": len(examples.ids),
                "n_left_out": examples.left_out,
                "trained_on": jobs[0].split,
                "epochs": len(curves) // len(jobs),
                "trials": len(jobs),
                "device": ",".join(sorted(devices)),
                "processes": processes,
                "in_sample": [split for split in PREDICTED if split == jobs[0].split],
                "hyperparameters": asdict(jobs[0].params),
            },
        )


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Train on the supervision that the arguments name: dev for gold labels, train for all others."""
    paths = Paths(Path(), arguments.application)
    split = "dev" if arguments.supervision == GOLD_DEV else "train"
    params = config.end_models[arguments.application]
    with process_group(params.device, batch_size=params.batch_size):
        train(
            paths.embeddings,
            paths.labels(arguments.supervision) / f"{split}.parquet",
            split,
            paths.model(arguments.supervision),
            paths.scratch(arguments.supervision),
            params,
            trials=config.trials,
            workers=worker_count(),
        )


def main() -> None:
    """Run the step from the command line."""
    run(
        step,
        supervision=True,
        processes=True,
        description="Train the end model on one kind of supervision, once a seed. "
        "On several processes: torchrun --nproc-per-node N -m flows.steps.train ...",
    )


if __name__ == "__main__":
    main()
