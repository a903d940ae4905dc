"""The facade among its neighbours: scikit-learn's conventions, the forms of votes and gold, scores."""

import inspect
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.label_model.settings import SETTINGS
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


def test_every_constructor_argument_is_a_parameter() -> None:
    arguments = list(inspect.signature(LabelModel).parameters)

    assert list(LabelModel(SPAM).get_params()) == arguments == ["tasks", "dependencies", *SETTINGS]


def test_parameters_are_kept_as_they_came() -> None:
    balance, edges = np.array([0.4, 0.6]), [["source_0", "source_1"]]
    model = LabelModel(SPAM, edges, estimator="mle", class_balance=balance)

    copy = LabelModel(**model.get_params())

    assert copy.class_balance is balance
    assert copy.dependencies is edges
    assert copy.tasks is SPAM
    np.testing.assert_array_equal(
        copy.fit(CODES).predict_proba(CODES), LabelModel(**copy.get_params()).fit(CODES).predict_proba(CODES)
    )


def test_set_params_takes_effect_at_the_next_fit_or_changes_nothing() -> None:
    model = LabelModel(SPAM).fit(CODES)
    before = model.predict_proba(CODES)

    assert model.set_params(estimator="mle", class_balance=[0.9, 0.1]) is model
    np.testing.assert_array_equal(model.predict_proba(CODES), before)
    np.testing.assert_array_equal(
        model.fit(CODES).predict_proba(CODES),
        LabelModel(SPAM, estimator="mle", class_balance=[0.9, 0.1]).fit(CODES).predict_proba(CODES),
    )
    with pytest.raises(ValueError, match=r"no parameter \['shrinkag'\]; it has \['tasks', 'dependencies', 'estimator'"):
        model.set_params(shrinkag=0.5)
    with pytest.raises(ValueError, match=r"shrinkage must lie in \[0, 1\]"):
        model.set_params(estimator="wls", shrinkage=2)
    assert model.get_params()["estimator"] == "mle"


def test_settings_that_were_changed_by_hand_are_checked_by_fit() -> None:
    model = LabelModel(SPAM)
    model.estimator = "magic"

    with pytest.raises(ValueError, match="unknown estimator 'magic'"):
        model.fit(CODES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((("no", "yes"),), "tasks must be a TaskGraph"),
        ((SPAM, "source_0"), "dependencies must be a list of pairs"),
        ((SPAM, (pair for pair in [("source_0", "source_1")])), "dependencies must be a list of pairs"),
        ((SPAM, {"source_0": "source_1"}), "dependencies must be a list of pairs"),
    ],
)
def test_arguments_of_the_wrong_kind_are_named(arguments: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        LabelModel(*arguments)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("shrinkage", "x", "shrinkage must be a number or None; got 'x'"),
        ("prior_strength", None, "prior_strength must be a number; got None"),
        ("tolerance", True, "tolerance must be a number; got True"),
        ("max_iterations", 2.5, r"max_iterations must be a whole number; got 2\.5"),
        ("max_distinct_rows", 1e6, "max_distinct_rows must be a whole number or None; got 1000000"),
        ("seed", "a", "seed must be a whole number; got 'a'"),
        ("use_abstains", "no", "use_abstains must be True or False or None; got 'no'"),
        ("unipolar_correction", 0, "unipolar_correction must be True or False; got 0"),
    ],
)
def test_settings_of_the_wrong_kind_are_named(setting: str, value: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        LabelModel(SPAM, **{setting: value})


def test_settings_may_be_numpy_s() -> None:
    LabelModel(SPAM, shrinkage=np.float32(0.5), seed=np.int64(1), use_abstains=np.bool_(True)).fit(CODES)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must not be negative; got -1"):
        LabelModel(SPAM, seed=-1)


@pytest.mark.parametrize(
    "edges", [[5], pd.DataFrame([["source_0", "source_1"]]), [[["source_0"], "source_1"]], [(0, 1)]]
)
def test_dependencies_that_are_no_pairs_of_names_are_named(edges: Any) -> None:
    for use in (LabelModel(SPAM, edges).fit, LabelModel(SPAM, edges).check):
        with pytest.raises(ValueError, match=r"a dependency is a pair of source names|names unknown source"):
            use(CODES)


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


@pytest.mark.parametrize("estimator", ["wls", "mle"])
def test_what_was_fitted_stays_when_settings_change(estimator: str) -> None:
    votes = random_world(SPAM, [["spam"]] * 4, seed=1, accuracy=(0.7, 0.9), balance=[0.4, 0.6]).sample(500, 0)[0]
    untouched = LabelModel(SPAM, estimator=estimator).fit(votes)
    changed = LabelModel(SPAM, estimator=estimator).fit(votes)
    _, state = changed.state()

    changed.set_params(class_balance=[0.9, 0.1], parameterisation="tied", estimator="map", seed=7)

    assert changed.state()[1] == state
    assert changed.standard_errors_ == untouched.standard_errors_
    np.testing.assert_array_equal(changed.predict_proba(votes), untouched.predict_proba(votes))
    if estimator == "mle":
        ours, theirs = (model.uncertainty(votes).parts[0].information for model in (changed, untouched))
        np.testing.assert_array_equal(ours, theirs)
    again = LabelModel.from_state(*changed.state())
    assert (again.estimator, again.class_balance, again.seed) == (estimator, None, 0)


def test_a_fit_does_not_see_what_becomes_of_the_caller_s_arrays() -> None:
    votes = random_world(SPAM, [["spam"]] * 4, seed=1, accuracy=(0.7, 0.9), balance=[0.4, 0.6]).sample(500, 0)[0]
    balance, edges = np.array([0.4, 0.6]), [["source_0", "source_1"]]
    model = LabelModel(SPAM, edges, estimator="mle", class_balance=balance).fit(votes)

    balance[:] = 0.9, 0.1
    edges.append(["source_2", "source_3"])

    _, description = model.state()
    assert description["settings"]["class_balance"] == [0.4, 0.6]
    assert description["dependencies"] == [["source_0", "source_1"]]
