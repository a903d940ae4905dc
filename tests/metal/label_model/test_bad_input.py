"""Bad votes and bad structure, case by case: a named error or a documented outcome, from every estimator."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, TaskGraph
from metal.label_model import NotConvergedWarning, NotIdentifiableError, SuspectedDependencyWarning
from metal.synthetic import random_world
from tests.metal.label_model.random_votes import ESTIMATORS, KIND, SPAM

pytestmark = pytest.mark.parametrize("estimator", ESTIMATORS)
LIKELIHOODS = ("map", "mle")


def model(estimator: str, tasks: TaskGraph = SPAM, **options: Any) -> LabelModel:
    return LabelModel(tasks, estimator=estimator, **options)


def telling(n: int = 2_000, m: int = 4) -> np.ndarray[Any, np.dtype[Any]]:
    """Votes of m independent sources that moments are content with."""
    world = random_world(SPAM, [["spam"]] * m, seed=1, accuracy=(0.7, 0.9), balance=[0.4, 0.6])
    return world.sample(n, 0)[0].codes.astype(np.int64)


def fitted(estimator: str, codes: Any, edges: Any = ()) -> tuple[LabelModel, Any]:
    """Fit without a numerical warning, and return the probabilities of the same votes."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", NotConvergedWarning)
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        found = LabelModel(SPAM, edges, estimator=estimator, class_balance=[0.4, 0.6]).fit(codes)
        proba = found.predict_proba(codes)
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    return found, proba


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([[1, np.nan], [1, 2]], r"source 'source_1' voted nan \(row 0\)"),
        ([[1, 2], [0.5, 2]], r"source 'source_0' voted 0\.5 \(row 1\)"),
        ([[1, 2], [np.inf, 2]], r"source 'source_0' voted inf \(row 1\)"),
        ([[1, 1e300], [1, 2]], r"source 'source_1' voted 1e\+300 \(row 0\)"),
        (
            [[1, 2], [1, 3]],
            r"source 'source_1' voted 3 on tasks \['spam'\] \(row 1\); its labels are 1\.\.2, 0 abstains",
        ),
        ([[1, -1], [1, 2]], r"source 'source_1' voted -1 .* 0 abstains"),
        ([["yes", "no"]], "votes must be integer codes, 0 for abstain"),
        ([[1 + 1j, 2]], "votes must be integer codes, 0 for abstain"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), "votes must be integer codes, 0 for abstain"),
        ([1, 2], r"votes must have shape \(n, m\); got \(2,\)"),
        (np.ones((2, 2, 2), dtype=int), r"votes must have shape \(n, m\); got \(2, 2, 2\)"),
        (np.zeros((3, 2), dtype=int), "nothing to fit: no source votes on any of the 3 rows"),
        (np.zeros((0, 2), dtype=int), "nothing to fit: no source votes on any of the 0 rows"),
        (np.zeros((3, 0), dtype=int), "nothing to fit: no source votes on any of the 3 rows"),
        (sparse.csr_array(np.array([[1, 5], [0, 2]])), r"source 'source_1' voted 5"),
        (sparse.csr_array(np.array([[1, np.nan], [0, 2]])), r"source 'source_1' voted nan \(row 0\)"),
        (pd.DataFrame({"a": [1, None], "b": [1, 2]}), r"source 'a' voted nothing \(row 1, missing\)"),
        (pd.DataFrame({"a": [1, 2], "b": pd.array([pd.NA, 1], dtype="Int64")}), r"source 'b' voted nothing \(row 0"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"source names must differ; doubled: \['a'\]"),
    ],
    ids=str,
)
def test_wrong_votes_are_named(estimator: str, codes: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        model(estimator).fit(codes if not isinstance(codes, list) else np.array(codes))


def test_label_matrices_hold_no_fractions_either(estimator: str) -> None:
    space = LabelSpace.checked("s", ["spam"], [("no",), ("yes",)], SPAM)
    for codes in (np.array([[1.5]]), np.array([[np.nan]]), sparse.csr_array(np.array([[np.nan]]))):
        with pytest.raises(ValueError, match=r"source 's' voted (1\.5|nan) \(row 0\)"):
            model(estimator).fit(LabelMatrix(codes, [space], SPAM))
    assert LabelMatrix(np.array([[2.0]]), [space], SPAM).codes.tolist() == [[2]]


@pytest.mark.parametrize(
    ("tasks", "labels", "said"),
    [
        (("spam",), (("maybe",),), r"label \('maybe',\) on tasks \['spam'\] contradicts the feasible set"),
        (("ham",), (("no",),), "covers unknown task 'ham'"),
        (("spam",), (), "at least one task and one label"),
        ((), ((),), "at least one task and one label"),
        (("spam",), (("no",), ("no",)), "each label once"),
    ],
)
def test_a_source_that_contradicts_the_feasible_set_is_refused(
    estimator: str, tasks: tuple[str, ...], labels: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        model(estimator).fit(LabelMatrix(np.array([[1]]), [LabelSpace("s", tasks, labels)], SPAM))


def test_a_lawyer_of_an_organization_is_no_label(estimator: str) -> None:
    with pytest.raises(ValueError, match=r"\('organization', 'lawyer'\) .* contradicts the feasible set"):
        LabelSpace.checked(estimator, ["kind", "person"], [("organization", "lawyer")], KIND)


def test_a_source_that_never_votes_changes_nothing_for_the_others(estimator: str) -> None:
    codes = telling()
    alone, proba = fitted(estimator, codes)

    beside, same = fitted(estimator, np.hstack([codes, np.zeros((len(codes), 1), dtype=int)]))

    np.testing.assert_allclose(same, proba, atol=1e-6)
    assert [beside.accuracies_[name] for name in alone.accuracies_] == pytest.approx(list(alone.accuracies_.values()))
    assert "source 'source_4' never votes: its accuracy is assumed, not estimated" in beside.report_.messages


def test_a_source_that_always_votes_the_same_is_named(estimator: str) -> None:
    codes = np.hstack([telling(), np.ones((2_000, 1), dtype=int)])

    found, proba = fitted(estimator, codes)

    assert "source 'source_4' always votes no: that tells nothing" in found.report_.messages
    _, without = fitted(estimator, codes[:, :4])
    assert (proba.argmax(axis=1) == without.argmax(axis=1)).mean() > 0.999
    # "map" tempers rows by the number of their votes (vote_correlation), which is one more.
    np.testing.assert_allclose(proba, without, atol=0.05 if estimator == "map" else 0.01)


def test_duplicate_sources_are_named(estimator: str) -> None:
    codes = telling()

    found, _ = fitted(estimator, np.hstack([codes, codes[:, :1]]))

    assert (
        "sources 'source_0' and 'source_4' vote alike on every row: drop one, or declare the dependency"
        in found.report_.messages
    )
    # Declared, the copy says nothing new.
    _, declared = fitted(estimator, np.hstack([codes, codes[:, :1]]), [("source_0", "source_4")])
    _, alone = fitted(estimator, codes)
    assert (declared.argmax(axis=1) == alone.argmax(axis=1)).mean() > 0.99


@pytest.mark.parametrize("m", [1, 2])
def test_one_or_two_sources_rest_on_the_prior_or_are_refused(estimator: str, m: int) -> None:
    codes = telling(m=4)[:, :m]
    if estimator in LIKELIHOODS:
        found, proba = fitted(estimator, codes)
        assert any(f"only {m} source(s) vote" in message for message in found.report_.messages)
        agreed = (codes == codes[:, :1]).all(axis=1) & (codes[:, 0] > 0)
        assert (proba.argmax(axis=1)[agreed] == codes[agreed, 0] - 1).all()
        return
    with pytest.raises(NotIdentifiableError, match=r"do not determine \['source_0=no', 'source_0=yes'"):
        fitted(estimator, codes)


def test_one_row_is_labelled_or_refused(estimator: str) -> None:
    if estimator == "map":
        assert fitted(estimator, np.array([[1, 1, 2, 1]]))[1].argmax(axis=1).tolist() == [0]
        return
    if estimator == "mle":  # every label explains one row as well as any other: the balance is all there is
        np.testing.assert_allclose(fitted(estimator, np.array([[1, 1, 2, 1]]))[1], [[0.4, 0.6]], atol=1e-6)
        return
    with pytest.raises(NotIdentifiableError, match="every source is silent, constant or says nothing"):
        fitted(estimator, np.array([[1, 1, 2, 1]]))


def test_moments_are_singular_without_harm(estimator: str) -> None:
    """A copy, a contradiction of it, a constant, and sources that never abstain: Sigma_O has no inverse."""
    codes = np.random.default_rng(3).integers(1, 3, (500, 4))
    codes[:, 1:] = np.where(np.random.default_rng(4).random((500, 3)) < 0.8, codes[:, :1], codes[:, 1:])
    singular = np.hstack([codes, codes[:, :1], 3 - codes[:, 1:2], np.full((500, 1), 2)])

    found, _ = fitted(estimator, singular)

    assert all(0 <= value <= 1 for value in found.accuracies_.values())


@pytest.mark.parametrize(
    ("balance", "said"),
    [
        ([0.5, 0.4], "class_balance must sum to one; it sums to 0.9"),
        ([1.0, 0.0], r"class_balance must be positive: P\(Y = \('yes',\)\) is 0.0"),
        ([1.5, -0.5], "class_balance must be positive"),
        ([np.nan, 0.5], "class_balance must be positive"),
        ([0.2, 0.3, 0.5], r"class_balance must have 2 entries"),
        ("dev", "class_balance must be 2 numbers; got 'dev'"),
    ],
)
def test_a_class_balance_that_is_none_is_refused(estimator: str, balance: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        model(estimator, class_balance=balance)


def test_votes_of_other_columns_than_fitted_are_refused(estimator: str) -> None:
    found, _ = fitted(estimator, telling())
    other = LabelMatrix.from_array(telling(), SPAM, names=["a", "b", "c", "d"])

    with pytest.raises(ValueError, match=r"fitted on \['source_0', .*\], given \['a', 'b', 'c', 'd'\]"):
        found.predict_proba(other)
    with pytest.raises(ValueError, match="given \\['source_0', 'source_1', 'source_2'\\]"):
        found.predict_proba(telling()[:, :3])


def test_counts_that_are_none_are_refused(estimator: str) -> None:
    votes = LabelMatrix.from_array(np.array([[1, 2]]), SPAM)
    for count in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="counts of vote rows must be finite and not negative"):
            model(estimator).fit(Statistics(votes.codes, np.array([count]), votes.spaces, SPAM))
    with pytest.raises(ValueError, match="nothing to fit"):
        model(estimator).fit(Statistics(votes.codes, np.array([0.0]), votes.spaces, SPAM))
