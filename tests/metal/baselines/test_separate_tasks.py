"""Separate models: the product of single-task models down the hierarchy, and never an infeasible vector."""

from __future__ import annotations

import numpy as np
import pytest

from metal.baselines import SeparateTasks
from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel, NotFittedError
from metal.tasks import Task, TaskGraph

PET = TaskGraph.hierarchy(Task("kind", ("bird", "fish")), Task("bird", ("owl", "hen"), parent=("kind", "bird")))
# F: (bird, owl), (bird, hen), (fish, N/A)


def votes(n: int = 400, seed: int = 0) -> LabelMatrix:
    """Six sources, each right with probability .8 where it votes, wrong evenly else."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(1, 4, n)
    shift = generator.integers(1, 3, (n, 6)) * (generator.random((n, 6)) > 0.8)
    codes = (truth[:, None] - 1 + shift) % 3 + 1
    return LabelMatrix.from_array(codes * (generator.random((n, 6)) < 0.7), PET)


def test_it_multiplies_the_single_task_models() -> None:
    matrix = votes()
    settings = {"estimator": "map", "shrinkage": 0.5, "class_balance": None}
    separate = SeparateTasks(PET, estimator="map", shrinkage=0.5).fit(matrix)
    kind_votes, bird_votes = task_votes(matrix, "kind"), task_votes(matrix, "bird")
    kind = LabelModel(kind_votes.tasks, **settings).fit(kind_votes).predict_proba(kind_votes)  # type: ignore[arg-type]
    bird = LabelModel(bird_votes.tasks, **settings).fit(bird_votes).predict_proba(bird_votes)  # type: ignore[arg-type]

    # `bird` ranges over owl, hen and N/A; given that it applies, owl and hen share what N/A leaves.
    given = bird[:, :2] / bird[:, :2].sum(axis=1, keepdims=True)
    expected = np.column_stack([kind[:, 0] * given[:, 0], kind[:, 0] * given[:, 1], kind[:, 1]])
    assert separate.predict_proba(matrix) == pytest.approx(expected, abs=1e-12)


def test_a_balance_over_label_vectors_is_each_tasks_marginal() -> None:
    model = SeparateTasks(PET, class_balance=[0.5, 0.2, 0.3], shrinkage=0.5).fit(votes())

    assert model.models_["kind"].balance_ == pytest.approx([0.7, 0.3])
    assert model.models_["bird"].balance_ == pytest.approx([0.5, 0.2, 0.3])


def test_one_task_is_the_label_model_itself() -> None:
    single = TaskGraph.single("spam", ("no", "yes"))
    codes = np.random.default_rng(1).integers(0, 3, (200, 4))
    matrix = LabelMatrix.from_array(codes, single)

    alone = SeparateTasks(single, shrinkage=0.5).fit(matrix)
    model = LabelModel(single, shrinkage=0.5).fit(matrix)

    assert alone.predict_proba(matrix) == pytest.approx(model.predict_proba(matrix), abs=1e-12)
    assert alone.accuracies_ == pytest.approx(model.accuracies_)


def test_it_predicts_only_when_fitted() -> None:
    with pytest.raises(NotFittedError):
        SeparateTasks(PET).predict_proba(votes())
