"""The lock of the invented results, and what of them stands in MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows import artifacts, tracking
from flows.steps.evaluate import evaluate
from flows.steps.summarize import summarize
from tests.flows.invented_results import END_MISTAKES, write_end_model

ROOT = Path(__file__).parents[3]
LOCK = """\
schema: '2.0'
stages:
  ingest@animals:
    cmd: python -m flows.steps.ingest
    params:
      params.yaml:
        animals: {name: zoo, train: 20}
    outs:
    - {path: data/corpora/animals/text, hash: md5, md5: 0aa.dir, size: 3}
  label@animals:
    cmd: python -m flows.steps.label
    deps:
    - {path: data/corpora/animals/text/train.parquet, hash: md5, md5: 3dd, size: 3}
    - {path: data/corpora/animals/text/dev.parquet, hash: md5, md5: 4ee, size: 3}
  fit@animals-metal:
    cmd: python -m flows.steps.fit
    deps:
    - {path: data/corpora/animals/gold/dev.parquet, hash: md5, md5: 5ff, size: 3}
    - {path: data/labels/animals, hash: md5, md5: 7bb.dir, size: 3}
  evaluate@animals:
    cmd: python -m flows.steps.evaluate
    deps:
    - {path: data/corpora/animals/gold/test.parquet, hash: md5, md5: 6aa, size: 3}
  train@animals-metal:
    cmd: python -m flows.steps.train
    params:
      params.yaml:
        end_model: {epochs: 3, learning_rate: 0.001}
        trials: 3
    outs:
    - {path: data/models/animals/metal, hash: md5, md5: 1bb.dir, size: 3}
  train@animals-gold_dev:
    cmd: python -m flows.steps.train
    outs:
    - {path: data/models/animals/gold_dev, hash: md5, md5: 2cc.dir, size: 3}
  train@others-metal:
    cmd: python -m flows.steps.train
    params:
      params.yaml:
        end_model: {epochs: 99}
"""
RUNS = 3 * (1 + 3)  # three supervisions, each with an aggregate and three trials


def runs(root: Path) -> list[Any]:
    store = tracking.open_store(root)
    return store.search(store.experiment("animals"))


def by_trial(root: Path) -> dict[tuple[str, str], Any]:
    found = {(run.data.tags["metal.supervision"], run.data.tags["metal.seed"]): run for run in runs(root)}
    assert len(found) == len(runs(root)), "a trial appears twice"
    return found


def retrain(root: Path, supervision: str, mistakes: list[int]) -> None:
    """Bring about other results of one supervision."""
    paths = artifacts.Paths(root, "animals")
    write_end_model(paths, supervision, mistakes)
    evaluate(paths, "zoo", list(END_MISTAKES))
    summarize(root, ["animals"], "")
