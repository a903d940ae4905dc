"""What must not change the answer, on random votes: orders, names, partitions, counts, and how a task is written."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from tests.metal.label_model.random_votes import KIND, SPAM, label_matrices, task_graphs

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
# Started alike and run for so many steps, two fits that mean the same agree to rounding, converged or not. Few of EM's:
# where votes tell little, extrapolations stretch rounding.
FITS: list[dict[str, Any]] = [
    {"estimator": "map", "shrinkage": 0.7, "vote_correlation": 0.0, "max_iterations": 20},
    {"estimator": "mle", "max_iterations": 5},
    {"estimator": "mle", "parameterisation": "tied", "max_iterations": 5},
]
each_fit = pytest.mark.parametrize("options", FITS, ids=["map", "mle", "tied"])


def fit(tasks: TaskGraph, votes: Any, options: dict[str, Any], edges: Any = ()) -> LabelModel | None:
    """Fit, or None where nothing votes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return LabelModel(tasks, edges, **options).fit(votes)
        except ValueError as error:
            if "nothing to fit" not in str(error):
                raise
            return None


def votes_on_any_graph(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test of (options, votes) on random votes over random task graphs."""
    return each_fit(QUICK(given(votes=task_graphs().flatmap(label_matrices))(test)))  # type: ignore[no-any-return]


@votes_on_any_graph
def test_the_order_of_rows_and_how_they_are_counted_tell_nothing(options: dict[str, Any], votes: LabelMatrix) -> None:
    """Exactly: shuffled rows, merged partitions, and distinct rows with their counts are the same statistics."""
    model = fit(votes.tasks, votes, options)
    if model is None:
        return
    order = np.random.default_rng(0).permutation(len(votes))
    cut = len(votes) // 2
    rows, counts = np.unique(votes.codes, axis=0, return_counts=True)
    for same in (
        votes.rows(order),
        Statistics.of(votes.rows(slice(0, cut))) + Statistics.of(votes.rows(slice(cut, None))),
        Statistics(rows, counts, votes.spaces, votes.tasks),
    ):
        again = fit(votes.tasks, same, options)
        assert again is not None
        np.testing.assert_array_equal(again.predict_proba(votes), model.predict_proba(votes))
        assert again.accuracies_ == model.accuracies_


@votes_on_any_graph
def test_permuting_sources_permutes_their_parameters(options: dict[str, Any], votes: LabelMatrix) -> None:
    order = np.random.default_rng(1).permutation(votes.shape[1])
    shuffled = LabelMatrix(votes.codes[:, order], [votes.spaces[i] for i in order], votes.tasks)

    model, mixed = fit(votes.tasks, votes, options), fit(votes.tasks, shuffled, options)

    if model is not None and mixed is not None:
        np.testing.assert_allclose(mixed.predict_proba(shuffled), model.predict_proba(votes), atol=1e-6)
        assert mixed.accuracies_ == pytest.approx(model.accuracies_, abs=1e-6)


@votes_on_any_graph
def test_permuting_dependent_sources_does_too(options: dict[str, Any], votes: LabelMatrix) -> None:
    """A path of three, so that the junction tree has another root; two steps, as extrapolations depend on the root."""
    edges = list(pairwise(votes.names[:3]))
    order = np.random.default_rng(2).permutation(votes.shape[1])
    shuffled = LabelMatrix(votes.codes[:, order], [votes.spaces[i] for i in order], votes.tasks)
    steps = options | {"max_iterations": 2}

    model, mixed = fit(votes.tasks, votes, steps, edges), fit(votes.tasks, shuffled, steps, edges)

    if model is not None and mixed is not None:
        np.testing.assert_allclose(mixed.predict_proba(shuffled), model.predict_proba(votes), atol=1e-6)


@votes_on_any_graph
def test_predictions_are_feasible_vectors(options: dict[str, Any], votes: LabelMatrix) -> None:
    model = fit(votes.tasks, votes, options)
    if model is not None:
        assert all(0 <= y < len(votes.tasks.feasible) for y in model.predict(votes))
        assert model.predict_proba(votes).shape == (len(votes), len(votes.tasks.feasible))


@votes_on_any_graph
def test_a_state_is_the_model_to_the_bit(options: dict[str, Any], votes: LabelMatrix) -> None:
    model = fit(votes.tasks, votes, options)
    if model is not None:
        again = LabelModel.from_state(*model.state())
        np.testing.assert_array_equal(again.predict_proba(votes), model.predict_proba(votes))


@each_fit
@QUICK
@given(votes=label_matrices(SPAM))
def test_a_hierarchy_of_one_task_is_the_single_task(options: dict[str, Any], votes: LabelMatrix) -> None:
    tree = TaskGraph.hierarchy(Task("spam", ("no", "yes")))
    model, same = fit(SPAM, votes, options), fit(tree, LabelMatrix(votes.codes, votes.spaces, tree), options)

    if model is not None and same is not None:
        assert same.accuracies_ == model.accuracies_


@each_fit
@QUICK
@given(votes=label_matrices(SPAM))
def test_a_coarse_vote_counts_once_and_not_once_a_leaf(options: dict[str, Any], votes: LabelMatrix) -> None:
    """Sources of `kind` alone, over four leaves, label kinds as they would over two classes, and leaves evenly."""
    names = {"no": "person", "yes": "organization"}
    coarse = [LabelSpace(s.name, ("kind",), tuple((names[label],) for (label,) in s.labels)) for s in votes.spaces]
    # Pseudo-votes are given for each vector: two leaves a kind.
    single = fit(SPAM, votes, options | {"smoothing": 0.2, "class_balance": [0.4, 0.6]})
    halves = options | {"smoothing": 0.1, "class_balance": [0.2, 0.2, 0.3, 0.3]}
    model = fit(KIND, LabelMatrix(votes.codes, coarse, KIND), halves)

    if model is not None and single is not None:
        proba = model.predict_proba(LabelMatrix(votes.codes, coarse, KIND))
        np.testing.assert_allclose(KIND.marginal(proba, "kind"), single.predict_proba(votes), atol=1e-6)
        np.testing.assert_allclose(proba[:, ::2], proba[:, 1::2], atol=1e-9)
        assert model.accuracies_ == pytest.approx(single.accuracies_, abs=1e-6)


@each_fit
@QUICK
@given(data=st.data())
def test_tasks_without_structure_are_as_fitted_separately(options: dict[str, Any], data: st.DataObject) -> None:
    """Given a balance under which the tasks are independent, a source of one says nothing of the other."""
    tasks = TaskGraph.independent(Task("spam", ("no", "yes")), Task("rude", ("no", "yes")))
    first, second = data.draw(label_matrices(SPAM)), data.draw(label_matrices(SPAM))
    n = min(len(first), len(second))
    parts = {"spam": (first.rows(slice(0, n)), [0.4, 0.6]), "rude": (second.rows(slice(0, n)), [0.7, 0.3])}
    spaces = [LabelSpace(f"{t}_{s.name}", (t,), s.labels) for t, (votes, _) in parts.items() for s in votes.spaces]
    together = LabelMatrix(np.hstack([votes.codes for votes, _ in parts.values()]), spaces, tasks)
    balance = np.outer([0.4, 0.6], [0.7, 0.3]).ravel()

    model = fit(tasks, together, options | {"class_balance": balance})

    for task, (votes, share) in parts.items():
        alone = fit(SPAM, votes, options | {"class_balance": share})
        if model is not None and alone is not None:
            found = tasks.marginal(model.predict_proba(together), task)
            np.testing.assert_allclose(found, alone.predict_proba(votes), atol=1e-10)


def test_equal_rows_have_equal_labels_whatever_stands_between_them() -> None:
    votes = LabelMatrix.from_array(np.array([[1, 2, 0], [2, 2, 1], [1, 2, 0], [0, 0, 0], [2, 2, 1]]), SPAM)
    proba = LabelModel(SPAM).fit(votes).predict_proba(votes)

    np.testing.assert_array_equal(proba[[0, 1]], proba[[2, 4]])
