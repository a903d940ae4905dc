"""Search the end model's hyperparameters on the development split: `python -m flows.tune --application relation`.

Done once for an application; what it finds is then fixed in flows/conf/end_model, the same for every supervision:

    python -m flows.tune --application relation > flows/conf/end_model/relation.yaml

and `- end_model@relation.end_model: relation` among the defaults of flows/conf/config.yaml make it the application's
own section, in place of `end_model`. A candidate is scored by the accuracy of label vectors on development examples
that it was not trained on: for gold labels by cross-validation within the development split, for probabilistic labels
by training on train and scoring all of dev. The test split is not read.

Interrupted, it goes on where it stopped: finished candidates are kept in data/scratch/tune, in sqlite. Asked again,
also with what it found in use, it trains nothing; asked for more candidates, only those.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from tqdm import tqdm

from flows.artifacts import SCRATCH, ArtifactError, Paths
from flows.cli import plain_errors
from flows.config import GOLD_DEV, PARAMS, EndModelParams, load_config, one_of
from flows.trials import (
    chosen_device,
    content_key,
    embedding_file,
    make_encoder,
    read_examples,
)
from flows.workers import Send, run_parallel, worker_count

if TYPE_CHECKING:
    import optuna


SEARCHED = {
    "lstm": (
        *("hidden", "layers", "pooling", "dropout", "input_dropout", "train_embeddings"),
        *("steps", "learning_rate", "weight_decay"),
    ),
    "transformer": (
        *("pooling", "dropout", "input_dropout", "train_embeddings"),
        *("steps", "learning_rate", "weight_decay"),
    ),
}
"""The hyperparameters that `suggest` draws, by encoder; the others keep their values."""

CHOICES: Mapping[str, Sequence[Any]] = {
    "hidden": (32, 64, 96),
    "layers": ([], [64]),
    "pooling": ("max", "mean", "attention"),
    "train_embeddings": (False, True),
}
"""What those are drawn from that are no numbers of a range."""


@dataclass(frozen=True)
class Job:
    """One training of a candidate: a supervision, a seed, and for gold labels the fold that is held out."""

    supervision: str
    seed: int
    fold: int
    folds: int
    labels: Path
    gold: Path
    embeddings: Path
    params: EndModelParams


def run_job(job: Job, send: Send) -> tuple[int, int]:
    """Train, and return how many of the held-out development examples are right, and how many there are."""
    import torch

    from metal.end_model.training import predict_proba, train

    torch.set_num_threads(1)
    tasks, dev = read_examples(job.embeddings, "dev", job.gold, unvoted=True)
    held_out = np.arange(len(dev.ids))
    if job.supervision == GOLD_DEV:
        folds = np.random.default_rng(job.seed).permutation(len(dev.ids)) % job.folds
        held_out, kept = np.flatnonzero(folds == job.fold), np.flatnonzero(folds != job.fold)
        tokens, labels = dev.tokens.take(kept), dev.labels[kept]
    else:
        _, examples = read_examples(job.embeddings, "train", job.labels, unvoted=job.params.train_unvoted)
        tokens, labels = examples.tokens, examples.labels
    network, _ = train(
        tokens,
        labels,
        encoder=make_encoder(job.embeddings, job.params),
        tasks=tasks,
        shape=job.params.shape,
        plan=job.params.plan,
        seed=job.seed,
        device=chosen_device(job.params.device),
    )
    predicted = predict_proba(network, dev.tokens.take(held_out)).argmax(axis=1)
    send(None)
    # What gold gives no probability to is wrong: one label vector is right, or those that agree with what gold tells.
    return int(np.sum(dev.labels[held_out, predicted] > 0)), len(held_out)


def suggest(trial: optuna.Trial, fixed: EndModelParams) -> EndModelParams:
    """Draw a candidate. Sizes and steps are bounded by the time that ten trainings a supervision may take."""
    if fixed.encoder == "transformer":
        return replace(
            fixed,
            pooling=trial.suggest_categorical("pooling", CHOICES["pooling"]),
            dropout=round(trial.suggest_float("dropout", 0.0, 0.3, step=0.1), 2),
            input_dropout=round(trial.suggest_float("input_dropout", 0.0, 0.2, step=0.05), 2),
            train_embeddings=trial.suggest_categorical("train_embeddings", CHOICES["train_embeddings"]),
            steps=trial.suggest_int("steps", 164, 410, step=82),
            learning_rate=float(f"{trial.suggest_float('learning_rate', 2e-5, 5e-4, log=True):.2g}"),
            weight_decay=float(f"{trial.suggest_float('weight_decay', 1e-3, 0.1, log=True):.2g}"),
        )
    return replace(
        fixed,
        hidden=trial.suggest_categorical("hidden", CHOICES["hidden"]),
        layers=CHOICES["layers"][trial.suggest_int("layers", 0, 1)],
        pooling=trial.suggest_categorical("pooling", CHOICES["pooling"]),
        dropout=round(trial.suggest_float("dropout", 0.1, 0.6, step=0.1), 2),
        input_dropout=round(trial.suggest_float("input_dropout", 0.0, 0.3, step=0.05), 2),
        train_embeddings=trial.suggest_categorical("train_embeddings", CHOICES["train_embeddings"]),
        steps=trial.suggest_int("steps", 410, 1230, step=82),
        learning_rate=float(f"{trial.suggest_float('learning_rate', 1e-3, 2e-2, log=True):.2g}"),
        weight_decay=float(f"{trial.suggest_float('weight_decay', 1e-3, 0.3, log=True):.2g}"),
    )


def tune(
    paths: Paths,
    storage: Path,
    fixed: EndModelParams,
    *,
    supervisions: Sequence[str],
    candidates: int,
    seeds: int,
    folds: int,
    seed: int,
    workers: int,
) -> tuple[EndModelParams, float]:
    """Return the best of so many candidates, and its score: the mean accuracy over the supervisions.

    fixed : the hyperparameters in use, the first candidate of a new search; what is not searched keeps its value
    storage : the sqlite file that remembers finished candidates; those of other inputs or code are left alone

    The search depends on `seed` alone, however often it was interrupted. Raises ArtifactError for hyperparameters in
    use that it could not draw.
    """
    import optuna
    from optuna.trial import TrialState

    gold = paths.labels(GOLD_DEV) / "dev.parquet"
    labels = {name: paths.labels(name) / "train.parquet" for name in supervisions if name != GOLD_DEV}
    inputs = [Path(__file__), gold, *labels.values(), embedding_file(paths.embeddings, fixed)]
    inputs += [paths.embeddings / f"tokens_{split}.npz" for split in ("train", "dev")]
    searched = SEARCHED[fixed.encoder]
    for name in searched:
        if name in CHOICES and getattr(fixed, name) not in CHOICES[name]:
            choices = " or ".join(str(choice) for choice in CHOICES[name])
            raise ArtifactError(f"end_model.{name}={getattr(fixed, name)} is not searched; start from {choices}")
    kept = {name: value for name, value in asdict(fixed).items() if name not in searched}
    key = content_key(inputs, {**kept, "of": list(supervisions), "seeds": seeds, "folds": folds, "seed": seed})
    storage.parent.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=key, storage=f"sqlite:///{storage}", direction="maximize", load_if_exists=True
    )
    for stale in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(stale.number, state=TrialState.FAIL)
    jobs_each = sum(seeds * (folds if name == GOLD_DEV else 1) for name in supervisions)
    done = len(study.get_trials(states=(TrialState.COMPLETE,)))
    with tqdm(total=candidates * jobs_each, initial=done * jobs_each, desc="tune", unit="training") as bar:

        def on_message(job: Job, message: Any) -> None:
            bar.update()

        for number in range(done, candidates):
            study.sampler = optuna.samplers.TPESampler(seed=seed + number, n_startup_trials=8)
            if number == 0 and not study.get_trials(states=(TrialState.WAITING,)):
                # Also where it was tried before: an interrupted first candidate counts as failed.
                study.enqueue_trial(
                    {
                        **{name: value for name, value in asdict(fixed).items() if name != "layers"},
                        "layers": CHOICES["layers"].index(fixed.layers) if "layers" in searched else None,
                    }
                )
            trial = study.ask()
            with warnings.catch_warnings():
                # The hyperparameters in use, the first candidate, may lie off the grid or beyond its ends.
                warnings.filterwarnings("ignore", "Fixed parameter")
                params = suggest(trial, fixed)
            jobs = [
                Job(name, start, fold, folds, labels.get(name, gold), gold, paths.embeddings, params)
                for name in supervisions
                for start in range(seeds)
                for fold in range(folds if name == GOLD_DEV else 1)
            ]
            outcomes = run_parallel(run_job, jobs, workers=workers, on_message=on_message)
            accuracy = {}
            for name in supervisions:
                right, total = np.sum([o for job, o in zip(jobs, outcomes, strict=True) if job.supervision == name], 0)
                accuracy[name] = float(right / total)
            trial.set_user_attr("accuracy", accuracy)
            trial.set_user_attr("params", asdict(params))
            study.tell(trial, float(np.mean(list(accuracy.values()))))
            bar.write(f"{number}: {study.trials[-1].value:.4f} {accuracy} {trial.params}", file=sys.stderr)
    best = study.best_trial
    return EndModelParams(**best.user_attrs["params"]), float(best.value or 0.0)


def main() -> None:
    """Search from the command line; prints the best section as YAML, for a file in flows/conf/end_model."""
    parser = argparse.ArgumentParser(prog="python -m flows.tune", description=(__doc__ or "").split(":")[0] + ".")
    parser.add_argument("--application", help="one of `applications` in params.yaml (default: the first)")
    parser.add_argument("--supervisions", nargs="+", help="(default: all that params.yaml compares)")
    parser.add_argument("--candidates", type=int, default=30, help="how many to try, in all (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=1, help="trainings averaged over (default: %(default)s)")
    parser.add_argument("--folds", type=int, default=5, help="of the cross-validation (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default: %(default)s)")
    arguments = parser.parse_args()
    with plain_errors():
        config = load_config(PARAMS)
        application = arguments.application or config.applications[0]
        one_of("--application", application, config.applications)
        # By default all that are compared, so that the search favours none of them.
        supervisions = arguments.supervisions or config.supervisions
        for name in supervisions:
            one_of("--supervisions", name, config.supervisions)
        if min(arguments.candidates, arguments.seeds) < 1 or arguments.folds < 2:
            raise ArtifactError("tune needs at least 1 candidate, 1 seed and 2 folds")
        best, score = tune(
            Paths(Path(), application),
            SCRATCH / "tune" / f"{application}.db",
            config.end_models[application],
            supervisions=supervisions,
            candidates=arguments.candidates,
            seeds=arguments.seeds,
            folds=arguments.folds,
            seed=arguments.seed,
            workers=worker_count(),
        )
    print(f"# The best of {arguments.candidates} candidates, found on the development split of {application}:")
    print(f"# mean accuracy {score:.4f} on held-out examples of it, over {', '.join(supervisions)}.")
    print(yaml.safe_dump(asdict(best), sort_keys=False), end="")


if __name__ == "__main__":
    main()
