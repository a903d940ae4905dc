"""The facade among its neighbours: scikit-learn's conventions, the forms of votes and gold, scores."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.synthetic import random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
CODES = np.array([[1, 1, 0], [2, 2, 2], [1, 0, 1], [2, 2, 0], [0, 1, 1], [0, 0, 0]])


def test_the_documented_lines_work_as_written() -> None:
    tasks = TaskGraph.hierarchy(
        Task("kind", ("person", "organization")),
        Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
        Task("organization", ("hospital", "office"), parent=("kind", "organization")),
    )
    single = TaskGraph.single("spam", ("no", "yes"))
    for codes in (CODES, sparse.csr_array(CODES), pd.DataFrame(CODES, columns=[f"source_{i}" for i in range(3)])):
        votes = LabelMatrix.from_array(codes, single)
        model = LabelModel(single, dependencies=[("source_0", "source_1")]).fit(votes)
        proba = model.predict_proba(votes)
        report = model.check(votes)

        assert len(tasks.feasible) == 4
        assert model.class_balance is None
        assert model.estimator == "map"
        assert proba.shape == (6, 2)
        np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)
        assert report.identifiable is False  # two groups
        assert "source_2" in report.explain()


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ([[1, 2], [1]], r"votes must have shape \(n, m\), each row as many codes"),
        (iter([]), "the votes come in no batch at all"),
    ],
)
def test_votes_of_no_shape_are_named(votes: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LabelModel(SPAM).fit(votes)


def test_scikit_learn_can_clone_validate_and_search() -> None:
    base = pytest.importorskip("sklearn.base")
    selection = pytest.importorskip("sklearn.model_selection")
    matrix, gold = random_world(SPAM, [["spam"]] * 5, seed=1, accuracy=(0.7, 0.9)).sample(300, 0)
    model = LabelModel(SPAM, [("source_0", "source_1")], shrinkage=0.7, class_balance=(0.5, 0.5)).fit(matrix)

    clone = base.clone(model)

    assert clone.get_params() == model.get_params()
    assert not hasattr(clone, "accuracies_")
    by_hand = [
        base.clone(model).fit(matrix.codes[train]).score(matrix.codes[test], gold[test])
        for train, test in selection.KFold(3).split(matrix.codes)
    ]
    np.testing.assert_array_equal(selection.cross_val_score(model, matrix.codes, gold, cv=selection.KFold(3)), by_hand)
    search = selection.GridSearchCV(LabelModel(SPAM), {"shrinkage": [0.5, 0.9]}, cv=selection.KFold(2))
    assert search.fit(pd.DataFrame(matrix.codes), gold).best_params_["shrinkage"] in (0.5, 0.9)


@pytest.mark.parametrize(
    "wrap",
    [
        np.asarray,
        lambda codes: codes.astype(float),
        lambda codes: codes.astype(np.uint8),
        lambda codes: codes.tolist(),
        sparse.csr_array,
        sparse.coo_matrix,
        lambda codes: pd.DataFrame(codes, columns=[f"source_{i}" for i in range(codes.shape[1])]),
    ],
)
def test_every_form_of_votes_is_the_same_to_every_method(wrap: Any) -> None:
    matrix, gold = random_world(SPAM, [["spam"]] * 4, seed=2).sample(200, 0)
    same, given = LabelModel(SPAM).fit(matrix), wrap(matrix.codes)
    model = LabelModel(SPAM).fit(given)

    assert model.accuracies_ == same.accuracies_
    np.testing.assert_array_equal(model.predict_proba(given), same.predict_proba(matrix))
    assert model.score(given, gold) == same.score(matrix, gold)
    assert model.check(given) == same.check(matrix)
    assert LabelModel(SPAM).fit(Statistics.of(matrix)).accuracies_ == same.accuracies_


def test_plain_codes_take_the_place_of_the_named_columns_of_the_fit() -> None:
    frame = pd.DataFrame(CODES, columns=["a", "b", "c"])
    model = LabelModel(SPAM).fit(frame)

    np.testing.assert_array_equal(model.predict_proba(CODES), model.predict_proba(frame))
    with pytest.raises(ValueError, match=r"fitted on \['a', 'b', 'c'\], given \['c', 'b', 'a'\]"):
        model.predict_proba(frame[["c", "b", "a"]])
    with pytest.raises(ValueError, match=r"fitted on \['a', 'b', 'c'\], given \['source_0', 'source_1'\]"):
        model.predict_proba(CODES[:, :2])


def test_plain_codes_are_no_votes_in_label_spaces_of_their_own() -> None:
    """Code 1 of a unipolar source means yes; as an index into F it would mean no."""
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], [("yes",)], SPAM) for i in range(3)]
    model = LabelModel(SPAM).fit(LabelMatrix(np.array([[1, 0, 1], [0, 0, 0]]), spaces, SPAM))

    with pytest.raises(ValueError, match=r"source 's0' with labels .* of its own"):
        model.predict_proba(np.array([[1, 0, 1]]))


@pytest.mark.parametrize("wrong", ["votes.parquet.csv", {"source_0": [1]}, 3, None])
def test_what_is_no_votes_is_refused_by_kind(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError, FileNotFoundError), match="votes"):
        LabelModel(SPAM).fit(wrong)


def test_gold_is_indices_names_or_vectors() -> None:
    matrix, gold = random_world(KIND, [list(KIND.names)] * 4, seed=3).sample(60, 0)
    model = LabelModel(KIND).fit(matrix)
    expected = float((model.predict(matrix) == gold).mean())
    vectors = [KIND.feasible[i] for i in gold]

    assert model.score(matrix, gold) == expected
    assert model.score(matrix, gold.tolist()) == expected
    assert model.score(matrix, [KIND.vector_names[i] for i in gold]) == expected
    assert model.score(matrix, vectors) == expected
    assert model.score(matrix, pd.DataFrame(vectors, columns=list(KIND.names))[["organization", "kind", "person"]]) == (
        expected
    )
    spam = LabelModel(SPAM).fit(CODES)
    assert spam.score(CODES, pd.Series(["no", "yes", "no", "yes", "no", "no"])) == spam.score(CODES, [0, 1, 0, 1, 0, 0])


def test_scores_are_those_of_the_evaluation() -> None:
    model = LabelModel(SPAM, class_balance=[0.5, 0.5]).fit(CODES)
    proba = model.predict_proba(CODES)
    gold = np.array([0, 1, 0, 0, 0, 0])
    # Predicted 0 1 0 1 0 0: five of six right. F1 of no: 2*4/(5+4), of yes: 2*1/(1+2).
    assert model.predict(CODES).tolist() == [0, 1, 0, 1, 0, 0]
    assert model.score(CODES, gold) == pytest.approx(5 / 6)
    assert model.score(CODES, gold, "macro_f1") == pytest.approx((8 / 9 + 2 / 3) / 2)
    assert model.score(CODES, gold, "log_likelihood") == pytest.approx(np.log(proba[np.arange(6), gold]).mean())


@pytest.mark.parametrize(
    ("gold", "metric", "said"),
    [
        ([0, 1, 0, 1, 0, 2], "accuracy", r"gold of row 5 is 2; indices into F are 0\.\.1"),
        ([0, 1, 0, 1, 0, -1], "accuracy", "gold of row 5 is -1"),
        (["no", "yes", "maybe", "no", "no", "no"], "accuracy", "gold of row 2 is 'maybe', which is not feasible"),
        ([0.0, 1.0, np.nan, 0, 0, 0], "accuracy", "gold of row 0 is '0.0'"),
        ([0, 1], "accuracy", r"gold must have shape \(6,\) or \(6, 1\)"),
        ([0] * 6, "auc", r"unknown metric 'auc'; known are \['accuracy', 'macro_f1', 'log_likelihood'\]"),
        (pd.DataFrame({"ham": ["no"] * 6}), "accuracy", r"gold has no column \['spam'\]"),
    ],
)
def test_wrong_gold_is_named(gold: Any, metric: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LabelModel(SPAM).fit(CODES).score(CODES, gold, metric)


def test_no_rows_have_labels_but_no_score() -> None:
    model = LabelModel(SPAM).fit(CODES)

    assert model.predict_proba(CODES[:0]).shape == (0, 2)
    with pytest.raises(ValueError, match="no rows"):
        model.score(CODES[:0], np.array([], dtype=int))


def test_check_refuses_votes_over_another_task_graph() -> None:
    """Over two classes three sources are enough; asked of a model over four vectors, that would be no answer."""
    other = LabelMatrix.from_array(CODES, SPAM)

    with pytest.raises(ValueError, match=r"the votes are over .*'spam'.*, the model over .*'kind'"):
        LabelModel(KIND).check(other)
    with pytest.raises(ValueError, match="the votes are over"):
        LabelModel(KIND).check(Statistics.of(other))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LabelModel(SPAM).check(other)
