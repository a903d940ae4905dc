"""Register models in MLflow: `python -m flows.register --application report`, and settle which is the champion.

Two models of an application, both taking raw documents: NAME-label (its sources and the label model) and NAME-end (the
end model of the trial that does best on the development split). Each becomes a version of a registered model, once: the
same weights and code are the same version. The alias `champion` moves only to a version that beats the present one on
the development split beyond the interval of the difference (`flows.serving.champion`); tags say what was decided.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.artifacts import Paths, existing, read_gold, read_probabilities, read_table, vector_column
from flows.cli import plain_errors
from flows.config import GOLD_DEV, PARAMS, Config, load_config
from flows.serving.batch import score_file
from flows.serving.champion import judge
from flows.serving.registry import ALIAS, Registry, Version
from flows.tracking import publish
from metal.applications import load_application
from metal.evaluation import micro_accuracy, negative_log_likelihood, predictions, proportion_interval
from metal.label_model import LabelModel
from metal.labels_file import label_column
from metal.serving.documents import Scorer, column_kinds
from metal.serving.label import LabelScorer
from metal.tasks import TaskGraph

MODELS = ("label", "end")
CLOSE = 1e-4
"""How far probabilities may be from the pipeline's: floats sum in another order in batches of other sizes."""

Floats = npt.NDArray[np.float64]


class RegisterError(RuntimeError):
    """A model cannot be registered; the message says why, and what to do."""


@dataclass(frozen=True)
class Candidate:
    """A model to register.

    seed : of the trial it is of; None for a label model
    expected : (n, |F|), what the pipeline's predictions on the development split are
    """

    scorer: Scorer
    supervision: str
    seed: int | None
    expected: Floats


def register(root: Path, config: Config, application: str, supervision: str, models: Sequence[str] = MODELS) -> None:
    """Register models of an application and say on the terminal which is the champion, and why.

    supervision : whose label model, and end model, of `supervisions` in params.yaml
    Raises RegisterError where there is no such model, or it does not label as it did in the pipeline.
    """
    if supervision == GOLD_DEV:
        raise RegisterError(f"{GOLD_DEV} is trained on the development split, which cannot judge it; name another")
    corpus = config.corpora[application].name
    paths = Paths(root, application)
    experiments = publish(root)
    registry = Registry(root, experiments[application])
    dev = read_table(paths.text("dev"))
    tasks = load_application(application, corpus).tasks
    gold = read_gold(paths.gold("dev"), tasks, list(dev["id"]))
    for kind in models:
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "files"
            files.mkdir()
            candidate = label_candidate(paths, config, supervision, dev) if kind == "label" else None
            candidate = candidate or end_candidate(paths, config, supervision, dev, gold, files)
            right = checked(candidate, dev, gold)
            scorer = Path(folder) / "scorer"
            scorer.mkdir()
            candidate.scorer.save(scorer, corpus)
            version = registry.version(
                f"{application}-{kind}",
                scorer,
                candidate.scorer,
                supervision=supervision,
                seed=candidate.seed,
                tags=dev_tags(right) | {"application": application, "corpus": corpus},
            )
        print(promote(registry, version, paths, gold, right, tasks))


def label_candidate(paths: Paths, config: Config, method: str, dev: pd.DataFrame) -> Candidate:
    """Return the label model of a method with the application's sources. Raises RegisterError for a baseline."""
    folder = paths.labels(method)
    if not (folder / "label_model.json").is_file():
        raise RegisterError(f"{folder} holds no label model that documents can be labelled with; name another: metal")
    application = load_application(paths.application, config.corpora[paths.application].name)
    scorer = LabelScorer(application, column_kinds(dev), LabelModel.load(folder), config.label.on_error)
    return Candidate(scorer, method, None, read_probabilities(folder / "dev.parquet", application.tasks)[1])


def end_candidate(
    paths: Paths, config: Config, supervision: str, dev: pd.DataFrame, gold: npt.NDArray[np.int64], files: Path
) -> Candidate:
    """Return the end model of the trial that does best on the development split.

    Of equally accurate trials the one with the lower negative log-likelihood, then the lower seed. Chosen so, its
    accuracy there is optimistic; all champions are chosen alike, and the test split is not looked at.
    files : an empty folder to put the network and its vocabulary together in
    """
    from metal.serving.end import ENCODER, NETWORK, VOCABULARY, EndScorer

    application = load_application(paths.application, config.corpora[paths.application].name)
    table = read_table(paths.model(supervision) / "predictions.parquet")
    table = table[table["split"] == "dev"]
    columns = [vector_column(vector) for vector in application.tasks.feasible]
    trials: dict[int, Floats] = {
        int(str(seed)): rows.set_index("id").loc[dev["id"], columns].to_numpy(dtype=np.float64)
        for seed, rows in table.groupby("seed")
    }
    best = min(trials, key=lambda seed: (*worse(trials[seed], gold), seed))
    shutil.copyfile(existing(paths.model(supervision) / f"trial_{best}.safetensors"), files / NETWORK)
    if config.end_models[paths.application].encoder == "transformer":
        shutil.copytree(paths.embeddings / ENCODER, files / ENCODER)
    else:
        shutil.copyfile(existing(paths.embeddings / VOCABULARY), files / VOCABULARY)
    scorer = EndScorer(application, column_kinds(dev), files, config.embeddings.max_tokens)
    return Candidate(scorer, supervision, best, trials[best])


def worse(probabilities: Floats, gold: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return what is less for a better trial: the error rate, then the negative log-likelihood."""
    return -micro_accuracy(probabilities, gold), negative_log_likelihood(probabilities, gold)


def checked(candidate: Candidate, dev: pd.DataFrame, gold: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return on which documents of the development split a model is right, after holding it to the pipeline's labels.

    Raises RegisterError where it says something else than the pipeline did: then code or files have changed since.
    """
    answers = candidate.scorer.score(dev)
    tasks = candidate.scorer.tasks
    for task in tasks.names:
        expected = tasks.marginal(candidate.expected, task)
        found = answers[[label_column(task, value) for value in tasks.values(task)]].to_numpy()
        if np.abs(found - expected).max() > CLOSE:
            raise RegisterError(
                f"the model labels {dev['id'].iloc[int(np.abs(found - expected).max(axis=1).argmax())]!r} otherwise "
                "than the pipeline did: code or files have changed since. Bring the results up to date: dvc repro"
            )
    return np.asarray(predictions(candidate.expected) == gold)


def dev_tags(right: npt.NDArray[np.bool_]) -> dict[str, str]:
    """Return a model's accuracy on the development split, with Wilson's interval, as tags."""
    low, high = proportion_interval(int(right.sum()), len(right))
    return {"dev.accuracy": f"{right.mean():.4f}", "dev.interval": f"{low:.4f} to {high:.4f}", "dev.n": str(len(right))}


def promote(
    registry: Registry,
    version: Version,
    paths: Paths,
    gold: npt.NDArray[np.int64],
    right: npt.NDArray[np.bool_],
    tasks: TaskGraph,
) -> str:
    """Move the alias where the version deserves it; return what is to be said."""
    about = f"{version.name}, version {version.number}" + ("" if version.new else " (registered before)")
    about += f": dev accuracy {100 * right.mean():.1f}%"
    champion = registry.champion(version.name)
    if champion == version.number:
        return f"{about}; is the champion"
    before = None
    if champion is not None:
        with tempfile.TemporaryDirectory() as folder:
            answers = Path(folder) / "dev.parquet"
            score_file(f"models:/{version.name}/{champion}", paths.text("dev"), answers, paths.root)
            before = right_of(read_table(answers), tasks, gold)
    verdict = judge(right, before, f"version {champion}")
    registry.decide(version, promoted=verdict.promoted, reason=verdict.reason)
    return f"{about}; {verdict.reason}"


def right_of(answers: pd.DataFrame, tasks: TaskGraph, gold: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return on which documents the answers' label vectors are right. Raises RegisterError for other tasks."""
    missing = [task for task in tasks.names if task not in answers]
    if missing:
        raise RegisterError(
            f"the present champion knows no task {missing[0]!r}: the two cannot be compared. Remove its alias "
            f"{ALIAS!r} in MLflow's pages, and register again"
        )
    given = answers[list(tasks.names)].itertuples(index=False, name=None)
    return np.array([vector == tasks.feasible[truth] for vector, truth in zip(given, gold, strict=True)])


def main() -> None:
    """Register what the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.register",
        description="Register an application's models in MLflow and settle which is the champion.",
        epilog="Afterwards: mlflow models serve -m models:/report-end@champion --env-manager local, or "
        "python -m flows.score --help",
    )
    parser.add_argument("--application", required=True, help="one of `applications` in params.yaml")
    parser.add_argument("--supervision", default="metal", help="one of `supervisions` (default: %(default)s)")
    parser.add_argument("--model", choices=MODELS, help="only this one (default: both)")
    arguments = parser.parse_args()
    with plain_errors():
        config = load_config(PARAMS)
        for name in ("application", "supervision"):
            known: Any = getattr(config, f"{name}s")
            if getattr(arguments, name) not in known:
                parser.error(f"--{name} {getattr(arguments, name)!r} is not in {name}s={list(known)} of {PARAMS}")
        models = [arguments.model] if arguments.model else list(MODELS)
        register(Path(), config, arguments.application, arguments.supervision, models)
        print("In MLflow's pages under Model registry: make mlflow", file=sys.stderr)


if __name__ == "__main__":
    main()
