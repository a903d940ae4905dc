"""The constructor's arguments as parameters: kept, changed, checked and named when they are wrong."""

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest

from metal import LabelModel
from metal.label_model.settings import SETTINGS
from metal.synthetic import random_world
from tests.metal.label_model.test_face import CODES, SPAM


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
