"""The facade: invariants, degenerate input, errors, save and load."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.label_model import NotConvergedWarning, NotFittedError, uniform_balance
from metal.synthetic import random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
COVERAGE = [["kind"], ["person"], ["organization"], ["kind", "person"], ["kind"]]
EDGES = [("source_0", "source_4")]


def models(tasks: TaskGraph, edges: Any = ()) -> list[LabelModel]:
    return [
        LabelModel(tasks, edges),
        LabelModel(tasks, edges, use_abstains=True),
        LabelModel(tasks, edges, estimator="mle", tolerance=1e-3),
        LabelModel(tasks, edges, estimator="mle", parameterisation="tied", tolerance=1e-3),
        LabelModel(tasks, edges, estimator="wls", class_balance=uniform_balance(tasks)),
        # One run an event needs three voters on each; the hierarchy's sources here are too few for that.
        *(
            [LabelModel(tasks, edges, estimator="algorithm1", class_balance=uniform_balance(tasks))]
            if tasks is SPAM
            else []
        ),
    ]


def votes(codes: Any, tasks: TaskGraph = SPAM) -> LabelMatrix:
    return LabelMatrix.from_array(np.array(codes), tasks)


def test_the_readme_s_lines() -> None:
    codes = np.array([[1, 1, 0], [2, 2, 2], [1, 0, 1], [2, 2, 0], [0, 1, 1], [0, 0, 0]])
    matrix = LabelMatrix.from_array(codes, SPAM)
    model = LabelModel(SPAM, dependencies=[("source_0", "source_1")]).fit(matrix)

    proba = model.predict_proba(matrix)
    report = model.check(matrix)

    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert model.predict(matrix).tolist()[:5] == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(proba[5], model.balance_)
    assert not report.identifiable  # two groups
    assert "source_2" in report.explain()


@pytest.mark.parametrize("number", range(5))
def test_permuting_sources_permutes_parameters(number: int) -> None:
    matrix, _ = random_world(KIND, COVERAGE, seed=1).sample(400, 0)
    order = [3, 0, 4, 2, 1]
    shuffled = LabelMatrix(matrix.codes[:, order], [matrix.spaces[i] for i in order], KIND)

    straight, mixed = models(KIND, EDGES)[number].fit(matrix), models(KIND, EDGES)[number].fit(shuffled)

    for name, value in straight.accuracies_.items():
        assert mixed.accuracies_[name] == pytest.approx(value, abs=1e-5)
    np.testing.assert_allclose(mixed.predict_proba(shuffled), straight.predict_proba(matrix), atol=1e-4)


@pytest.mark.parametrize("number", range(5))
def test_renaming_labels_permutes_the_posterior(number: int) -> None:
    """The label model knows no label by its position: swap yes and no everywhere, and the answers swap."""
    matrix, _ = random_world(SPAM, [["spam"]] * 4, seed=2, balance=[0.5, 0.5]).sample(400, 0)
    swapped = LabelMatrix(np.array([0, 2, 1])[matrix.codes], matrix.spaces, SPAM)

    straight, mirrored = models(SPAM)[number].fit(matrix), models(SPAM)[number].fit(swapped)

    np.testing.assert_allclose(mirrored.predict_proba(swapped)[:, ::-1], straight.predict_proba(matrix), atol=1e-4)


@pytest.mark.parametrize("number", range(5))
def test_merged_statistics_give_the_same_model(number: int) -> None:
    matrix, _ = random_world(KIND, COVERAGE, seed=3).sample(300, 0)
    merged = Statistics.of(matrix.rows(slice(0, 100))) + Statistics.of(matrix.rows(slice(100, None)))

    once, parts = models(KIND, EDGES)[number].fit(matrix), models(KIND, EDGES)[number].fit(merged)

    np.testing.assert_array_equal(once.predict_proba(matrix), parts.predict_proba(matrix))
    assert once.accuracies_ == parts.accuracies_


@pytest.mark.parametrize("number", range(5))
def test_a_hierarchy_of_one_task_equals_the_single_task(number: int) -> None:
    matrix, _ = random_world(SPAM, [["spam"]] * 4, seed=4).sample(300, 0)
    hierarchy = TaskGraph.hierarchy(Task("spam", ("no", "yes")))
    same = LabelMatrix(matrix.codes, matrix.spaces, hierarchy)

    single, tree = models(SPAM)[number].fit(matrix), models(hierarchy)[number].fit(same)

    np.testing.assert_array_equal(single.predict_proba(matrix), tree.predict_proba(same))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=8),
    st.sampled_from([0, 1, 2, 3]),
    st.booleans(),
)
def test_nothing_but_distributions_comes_out(rows: list[list[int]], number: int, joint: bool) -> None:
    """Whatever few rows go in, with whatever dead, constant and equal columns, no NaN comes out."""
    matrix = votes([*rows, [1, 0, 2, 0]])
    edges = [("source_0", "source_1"), ("source_1", "source_2")] if joint else []
    model = models(SPAM, edges)[number]
    model.max_iterations = 20_000
    everything = votes([[a, b, c, d] for a in range(3) for b in range(3) for c in range(3) for d in range(3)])

    probabilities = model.fit(matrix).predict_proba(everything)

    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()
    assert all(0 <= value <= 1 for value in model.accuracies_.values())
    json.dumps([model.accuracies_, model.balance_.tolist()], allow_nan=False)


def test_dead_constant_and_equal_sources_are_named() -> None:
    model = LabelModel(SPAM, class_balance=[0.5, 0.5]).fit(votes([[0, 1, 2, 2], [0, 1, 1, 1], [0, 1, 0, 0]]))

    assert model.report_.messages == (
        "source 'source_0' never votes: its accuracy is assumed, not estimated",
        "source 'source_1' always votes no: that tells nothing",
        "sources 'source_2' and 'source_3' vote alike on every row: drop one, or declare the dependency",
    )
    assert model.accuracies_["source_0"] == pytest.approx(0.7)


@pytest.mark.parametrize("m", [1, 2])
def test_one_or_two_sources_are_judged_by_the_prior(m: int) -> None:
    model = LabelModel(SPAM, class_balance=[0.5, 0.5]).fit(votes([[1] * m, [2] * m, [1] * m]))

    assert f"only {m} source(s) vote" in model.report_.messages[-1]
    assert model.predict(votes([[1] * m, [2] * m])).tolist() == [0, 1]


def test_one_row_is_enough_to_label_it() -> None:
    model = LabelModel(SPAM).fit(votes([[1, 1, 2]]))

    assert model.predict(votes([[1, 1, 2]])).tolist() == [0]


@pytest.mark.parametrize("number", range(5))
def test_nothing_to_fit_is_an_error(number: int) -> None:
    for codes in (np.zeros((3, 2), dtype=int), np.zeros((0, 2), dtype=int)):
        with pytest.raises(ValueError, match="nothing to fit: no source votes"):
            models(SPAM)[number].fit(LabelMatrix.from_array(codes, SPAM))


def test_unipolar_sources_find_the_balance_and_each_other() -> None:
    """Unipolar sources on a skewed class: silence is evidence, and dropping it costs accuracy (mle)."""
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], [("yes",) if i % 4 else ("no",)], SPAM) for i in range(12)]
    world = random_world(SPAM, [["spam"]], seed=0)
    tables = tuple(
        np.array([[1 - a, 1 - b], [a, b]]) for a, b in ((0.1, 0.5) if i % 4 else (0.5, 0.1) for i in range(12))
    )
    world = type(world)(SPAM, tuple(spaces), tables, np.array([0.7, 0.3]))
    matrix, gold = world.sample(20_000, 1)
    oracle = (world.posterior(matrix.codes).argmax(axis=1) == gold).mean()

    model = LabelModel(SPAM, estimator="mle").fit(matrix)

    assert (model.predict(matrix) == gold).mean() > oracle - 0.005
    np.testing.assert_allclose(model.balance_, [0.7, 0.3], atol=0.02)


def test_the_same_votes_give_the_same_model() -> None:
    matrix, _ = random_world(KIND, COVERAGE, seed=5).sample(200, 0)
    for first, second in zip(models(KIND, EDGES), models(KIND, EDGES), strict=True):
        np.testing.assert_array_equal(first.fit(matrix).predict_proba(matrix), second.fit(matrix).predict_proba(matrix))


def test_votes_with_other_columns_are_refused() -> None:
    model = LabelModel(SPAM).fit(votes([[1, 2], [1, 1]]))

    with pytest.raises(ValueError, match=r"fitted on \['source_0', 'source_1'\], given \['a', 'b'\]"):
        model.predict_proba(LabelMatrix.from_array(np.array([[1, 2]]), SPAM, names=["a", "b"]))
    narrow = [LabelSpace.checked(f"source_{i}", ["spam"], [("no",)], SPAM) for i in range(2)]
    with pytest.raises(ValueError, match="their label spaces or tasks differ"):
        model.predict_proba(LabelMatrix(np.array([[1, 1]]), narrow, SPAM))
    with pytest.raises(ValueError, match="the votes are over"):
        model.predict_proba(votes([[1, 2]], KIND))
    with pytest.raises(ValueError, match="the votes are over"):
        model.fit(votes([[1, 2]], KIND))


def test_asking_before_fitting_is_an_error() -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        LabelModel(SPAM).predict_proba(votes([[1]]))


def test_dependencies_are_never_ignored() -> None:
    with pytest.raises(ValueError, match="unknown source 'ghost'"):
        LabelModel(SPAM, [("source_0", "ghost")]).fit(votes([[1, 2]]))
    with pytest.raises(ValueError, match="cannot depend on itself"):
        LabelModel(SPAM, [("source_0", "source_0")]).fit(votes([[1, 2]]))
    matrix, _ = random_world(SPAM, [["spam"]] * 4, seed=7).sample(300, 0)
    for free, tied in zip(models(SPAM), models(SPAM, [("source_0", "source_1")]), strict=True):
        assert np.abs(free.fit(matrix).predict_proba(matrix) - tied.fit(matrix).predict_proba(matrix)).max() > 1e-3


def test_stopping_early_warns_and_is_reported() -> None:
    matrix, _ = random_world(SPAM, [["spam"]] * 4, seed=8).sample(300, 0)
    model = LabelModel(SPAM, estimator="mle", max_iterations=2)

    with pytest.warns(NotConvergedWarning, match="stopped after 2 iterations"):
        model.fit(matrix)

    assert not model.report_.converged
    assert "not converged" in model.report_.messages[-1]


@pytest.mark.parametrize(
    ("settings_", "said"),
    [
        ({"estimator": "magic"}, r"unknown estimator 'magic'; known are \['map', 'mle', 'wls', 'algorithm1'\]"),
        ({"parameterisation": "loose"}, "unknown parameterisation 'loose'"),
        ({"shrinkage": 1.5}, r"shrinkage must lie in \[0, 1\]"),
        ({"prior_precision": 0.5}, "better than chance"),
        ({"prior_strength": -1.0}, "must not be negative"),
        ({"smoothing": np.nan}, "must not be negative or infinite"),
        ({"max_iterations": 0}, "max_iterations must be at least 1"),
        ({"class_balance": [0.5, 0.4]}, "must sum to one; it sums to 0.9"),
        ({"class_balance": [1.0, 0.0]}, r"P\(Y = \('yes',\)\) is 0.0"),
        ({"class_balance": [np.nan, 1.0]}, "must be positive"),
        ({"class_balance": [1.0]}, "must have 2 entries"),
    ],
)
def test_wrong_settings_are_named(settings_: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LabelModel(SPAM, **settings_)


def test_check_leaves_out_labels_that_never_occur() -> None:
    # Three sources could vote; one never does, so two are left, and a declared dependency on it falls away.
    matrix = votes([[1, 2, 0], [2, 1, 0], [1, 0, 0]])
    model = LabelModel(SPAM, [("source_0", "source_2")])

    report = model.check(matrix)

    assert report.undetermined == ("source_0", "source_1")
    with pytest.raises(ValueError, match="unknown source"):
        LabelModel(SPAM, [("source_0", "ghost")]).check(matrix)
    with pytest.raises(ValueError, match="no source votes"):
        LabelModel(SPAM).check(votes([[0, 0]]))


def test_check_names_what_the_votes_are_too_few_for() -> None:
    """Four sources determine each other by structure; one that guesses is not told from chance, however many votes."""
    world = random_world(SPAM, [["spam"]] * 4, seed=1, accuracy=(0.8, 0.9))
    guess = np.array([[0.4, 0.4], [0.3, 0.3], [0.3, 0.3]])
    world = type(world)(SPAM, world.spaces, (*world.tables[:3], guess), world.balance)
    matrix, _ = world.sample(5_000, 1)

    few, many = LabelModel(SPAM).check(matrix.rows(slice(0, 5))), LabelModel(SPAM).check(matrix)

    assert many.identifiable
    assert many.weak == ("source_3",)
    assert few.identifiable
    assert few.weak == world.sample(1, 0)[0].names
    assert "too few votes to tell the accuracies of ['source_3']" in many.explain()
    assert many.to_dict()["weak"] == ["source_3"]
    # In an exact population nothing is too small to see, but a guess has no covariance at all.
    assert LabelModel(SPAM).check(world.population()).weak == ("source_3",)
