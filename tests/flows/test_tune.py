"""The search on the development split: seeded, resumable, blind to the test split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

import flows.tune as tune_module
from flows.artifacts import ArtifactError, Paths
from flows.config import EndModelParams, load_config
from flows.tune import Job, run_job, tune
from tests.flows.invented_pets import PARAMS, invent
from tests.local_imports import ROOT

SMALL = replace(PARAMS, steps=410, hidden=32, layers=[], learning_rate=0.005)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """The invented corpus where the pipeline's artifacts lie, without anything of the test split."""
    found = Paths(tmp_path, "pets")
    invent(tmp_path / "made")
    (tmp_path / "made" / "embeddings" / "tokens_test.npz").unlink()
    for name, split in (("gold_dev", "dev"), ("metal", "train")):
        found.labels(name).mkdir(parents=True)
        (tmp_path / "made" / "labels" / f"{split}.parquet").rename(found.labels(name) / f"{split}.parquet")
    found.embeddings.parent.mkdir(parents=True)
    (tmp_path / "made" / "embeddings").rename(found.embeddings)
    return found


def search(paths: Paths, storage: str, candidates: int, fixed: EndModelParams = SMALL) -> tuple[EndModelParams, float]:
    return tune(
        paths,
        paths.root / storage,
        fixed,
        supervisions=("metal",),
        candidates=candidates,
        seeds=1,
        folds=2,
        seed=0,
        workers=2,
    )


def test_a_search_that_stopped_goes_on_as_if_it_had_not(paths: Paths) -> None:
    whole = search(paths, "whole.db", 2)
    search(paths, "stopped.db", 1)
    study = only_study(paths.root / "stopped.db")
    study.ask()  # a candidate that was being tried when the process was killed
    assert search(paths, "stopped.db", 2) == whole
    tried = [
        [trial.user_attrs["params"] for trial in only_study(paths.root / name).trials if trial.user_attrs]
        for name in ("whole.db", "stopped.db")
    ]
    assert tried[0] == tried[1]
    assert EndModelParams(**tried[0][0]) == SMALL  # what is in use comes first
    assert len(tried[0]) == 2
    trained = len(only_study(paths.root / "whole.db").trials)
    assert search(paths, "whole.db", 2) == whole
    assert search(paths, "whole.db", 2, replace(SMALL, dropout=0.3)) == whole  # also with another section in use
    assert len(only_study(paths.root / "whole.db").trials) == trained, "a finished search trains nothing"


@pytest.mark.parametrize("where", ["ask", "run_parallel"])
def test_a_search_killed_at_its_first_candidate_tries_what_is_in_use_all_the_same(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(optuna.Study if where == "ask" else tune_module, where, die)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                search(paths, "killed.db", 1)
    search(paths, "killed.db", 1)
    trials = only_study(paths.root / "killed.db").trials
    (tried,) = [trial.user_attrs["params"] for trial in trials if trial.user_attrs]
    assert EndModelParams(**tried) == SMALL
    assert not [trial for trial in trials if trial.state == optuna.trial.TrialState.WAITING]


def test_the_search_favours_no_supervision(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(ROOT / "params.yaml")
    searched: list[str] = []

    def tune(*_: Any, supervisions: Sequence[str], **__: Any) -> tuple[EndModelParams, float]:
        searched.extend(supervisions)
        return config.end_model, 0.5

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(tune_module, "tune", tune)
    monkeypatch.setattr("sys.argv", ["tune"])

    tune_module.main()

    assert searched == list(config.supervisions)


def only_study(storage: Path) -> optuna.Study:
    url = f"sqlite:///{storage}"
    (name,) = optuna.get_all_study_names(url)
    return optuna.load_study(study_name=name, storage=url)


@pytest.mark.parametrize("given", [{"hidden": 128}, {"layers": [64, 32]}, {"pooling": "max_mean"}])
def test_what_could_not_be_drawn_is_refused_rather_than_replaced(paths: Paths, given: dict[str, Any]) -> None:
    (name,) = given

    with pytest.raises(ArtifactError, match=rf"end_model\.{name}=.* is not searched; start from "):
        search(paths, "refused.db", 1, replace(SMALL, **given))


def test_gold_is_scored_on_the_fold_that_was_held_out(paths: Paths) -> None:
    gold = paths.labels("gold_dev") / "dev.parquet"
    counted = [
        run_job(Job("gold_dev", 0, fold, 4, gold, gold, paths.embeddings, PARAMS), lambda told: None)[1]
        for fold in range(4)
    ]
    assert sorted(counted) == [7, 7, 8, 8]  # 30 examples, each held out once


def test_probabilistic_labels_are_scored_on_all_of_dev(paths: Paths) -> None:
    job = Job(
        *("metal", 0, 0, 1, paths.labels("metal") / "train.parquet", paths.labels("gold_dev") / "dev.parquet"),
        *(paths.embeddings, PARAMS),
    )
    right, total = run_job(job, lambda told: None)
    assert total == 30
    assert right >= 27  # the telling word is in every text
