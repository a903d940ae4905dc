"""Groups that are no cliques: the likelihood factorises over the junction tree, and is exact."""

import json
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal import LabelMatrix, LabelModel, Statistics, Task, TaskGraph
from metal.label_model import SuspectedDependencyWarning
from metal.label_model.emissions import make_units
from metal.label_model.junction import Junction
from metal.label_model.posterior import normalise
from metal.label_model.uncertainty import uncertainty
from tests.metal.label_model.dependent_worlds import (
    GRAPHS,
    DependentWorld,
    dependent_world,
    graph_of,
    random_edges,
)

TWO_TASKS = TaskGraph.hierarchy(
    Task("kind", ("person", "thing")), Task("person", ("doctor", "lawyer"), parent=("kind", "person"))
)


def fitted(world: DependentWorld, votes: Any, **options: Any) -> LabelModel:
    exact = {"smoothing": 0.0, "tolerance": 1e-12, "max_iterations": 50_000} if isinstance(votes, Statistics) else {}
    return LabelModel(world.tasks, world.dependencies, estimator="mle", **{**exact, **options}).fit(votes)


def everything(world: DependentWorld) -> LabelMatrix:
    return LabelMatrix(world.rows, world.spaces, world.tasks)


# The likelihood determines a path and a star by themselves; the others need two independent sources more.
@pytest.mark.parametrize(
    ("name", "more"),
    [
        pytest.param(
            name,
            0 if name in ("path of 5", "star of 7") else 2,
            marks=[pytest.mark.slow] if name == "K3,3" else [],
        )
        for name in GRAPHS
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_exact_moments_give_exact_parameters(name: str, more: int, given: bool) -> None:
    """Case 10 among them: P(Y | row) of every row, and every accuracy, by nothing but the votes' distribution."""
    m, edges = GRAPHS[name]
    world = dependent_world(m + more, edges, seed=3)

    model = fitted(world, world.population(), class_balance=world.balance if given else None)

    assert model.report_.converged
    np.testing.assert_allclose(model.predict_proba(everything(world)), world.posterior(), atol=1e-8)
    np.testing.assert_allclose(list(model.accuracies_.values()), world.accuracies(), atol=1e-8)
    np.testing.assert_allclose(model.balance_, world.balance, atol=1e-8)


@pytest.mark.parametrize("abstains", [True, False])
def test_case_10_the_path_of_five_is_determined_by_the_likelihood(abstains: bool) -> None:
    m, edges = GRAPHS["path of 5"]
    world = dependent_world(m, edges, seed=5, abstains=abstains)

    model = fitted(world, world.population(), class_balance=world.balance)

    np.testing.assert_allclose(model.predict_proba(everything(world)), world.posterior(), atol=1e-8)


def test_case_10_is_judged_by_what_the_estimator_uses() -> None:
    m, edges = GRAPHS["path of 5"]
    world = dependent_world(m, edges, seed=5, abstains=False)
    votes, _ = world.sample(2_000, 1)

    by = {
        name: LabelModel(world.tasks, world.dependencies, estimator=name, class_balance=world.balance).check(votes)
        for name in ("mle", "wls")
    }

    assert (by["mle"].identifiable, by["mle"].rank) == (True, (18, 18))
    assert by["mle"].explain().startswith("The accuracies are determined by the likelihood")
    assert not by["wls"].identifiable
    names = [space.name for space in world.spaces]
    assert f"moments between groups (wls, algorithm1) do not determine {names}" in by["mle"].notes
    # A balance to be learned is one parameter more, and determined, too.
    assert LabelModel(world.tasks, world.dependencies, estimator="mle").check(votes).rank == (19, 19)


def test_several_tasks_and_a_path() -> None:
    """Cells are those of the group's coverage set: three feasible vectors, sources on both tasks."""
    world = dependent_world(5, ((0, 1), (1, 2)), seed=1, tasks=TWO_TASKS)

    model = fitted(world, world.population(), class_balance=world.balance)

    np.testing.assert_allclose(model.predict_proba(everything(world)), world.posterior(), atol=1e-8)


def test_the_fit_is_the_product_of_cliques_over_separators() -> None:
    """Against the formula itself, from a fitted state: P(row | y) = prod P(C | y) / prod P(S | y), written out."""
    m, edges = GRAPHS["two triangles that share an edge"]
    world = dependent_world(m + 1, edges, seed=2)
    model = fitted(world, world.sample(2_000, 0)[0])
    (found,) = model.uncertainty(world.population()).parts
    units = found.junction.units
    assert [unit.columns for unit in units] == [(0, 1, 2), (1, 2, 3), (4,)]
    rows = world.rows[np.all([unit.encode(world.rows) >= 0 for unit in units], axis=0)]

    joint = np.ones((len(rows), 2))
    for unit, marginal in zip(units, found.marginals, strict=True):
        joint *= marginal[unit.encode(rows)]
    first, pairs = found.marginals[0], units[0].patterns[:, 1:]
    joint /= np.stack([first[(pairs == row[1:3]).all(axis=1)].sum(axis=0) for row in rows])

    shown = np.prod(
        [table[unit.encode(rows)] for unit, table in zip(units, found.tables, strict=True)], axis=0, dtype=np.float64
    )
    np.testing.assert_allclose(shown, joint, atol=1e-15)
    np.testing.assert_allclose(
        model.predict_proba(LabelMatrix(rows, world.spaces, world.tasks)),
        normalise(np.log(joint * model.balance_))[0],
        atol=1e-6,
    )
    # Both cliques say the same of what they share, and of each source what `state` says.
    second = [found.marginals[1][(units[1].patterns[:, :2] == pair).all(axis=1)].sum(axis=0) for pair in pairs]
    np.testing.assert_allclose(second, [first[(pairs == pair).all(axis=1)].sum(axis=0) for pair in pairs], atol=1e-12)
    arrays, _ = model.state()
    np.testing.assert_allclose(np.exp(arrays["member_1"]).sum(axis=0), 1, atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 0.8), st.sampled_from([0.0, 0.1, 2.0]), st.booleans())
def test_the_likelihood_never_falls_on_any_graph(seed: int, share: float, smoothing: float, learned: bool) -> None:
    world = dependent_world(5, random_edges(5, share, seed), seed=seed)
    votes, _ = world.sample(200, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        model = fitted(
            world, votes, smoothing=smoothing, tolerance=1e-3, class_balance=None if learned else world.balance
        )

    assert np.diff(model.report_.objective).min(initial=0) > -1e-10
    proba = model.predict_proba(everything(world))
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    if smoothing == 0 and (proba.max(axis=1) < 1).all():
        # The trace is the mean log-likelihood of the very model that predicts: sum over y of p times the tables.
        (found,) = model.uncertainty(Statistics.of(votes)).parts
        shown = np.prod(
            [t[u.encode(votes.codes)] for u, t in zip(found.junction.units, found.tables, strict=True)], axis=0
        )
        assert np.log(shown @ model.balance_).mean() >= model.report_.objective[-1] - 1e-9


@pytest.mark.parametrize("smoothing", [0.0, 5.0])
def test_which_clique_is_the_root_makes_no_difference(smoothing: float) -> None:
    """The order of the columns decides the root; the hyper Dirichlet prior does not see it."""
    m, edges = GRAPHS["path of 5"]
    world = dependent_world(m, edges, seed=7)
    votes, _ = world.sample(3_000, 1)
    order = [3, 0, 4, 1, 2]
    turned = LabelMatrix(votes.codes[:, order], [votes.spaces[i] for i in order], world.tasks)
    options: dict[str, Any] = {"smoothing": smoothing, "tolerance": 1e-10, "max_iterations": 20_000}

    one, other = fitted(world, votes, **options), fitted(world, turned, **options)

    assert graph_of(world).factors[0].columns == (0, 1)
    np.testing.assert_allclose(one.predict_proba(votes), other.predict_proba(turned), atol=1e-6)
    assert one.report_.objective[-1] == pytest.approx(other.report_.objective[-1], abs=1e-10)


def test_a_clique_stays_one_joint_source() -> None:
    world = dependent_world(5, ((0, 1), (0, 2), (1, 2)), seed=8)
    votes, _ = world.sample(1_000, 1)
    (found,) = fitted(world, votes).uncertainty(votes).parts

    seen = np.concatenate([np.zeros((1, 3), dtype=int), votes.codes[:, :3]])
    assert [(unit.columns, unit.given) for unit in found.junction.units] == [((0, 1, 2), 0), ((3,), 0), ((4,), 0)]
    np.testing.assert_array_equal(found.junction.units[0].patterns, np.unique(seen, axis=0))
    np.testing.assert_allclose(found.tables[0].sum(axis=0), 1)


def test_a_pattern_never_seen_adds_its_own_members_as_one_vote() -> None:
    """(source_1, source_2) never disagree in these rows; a row where they do counts source_2 for itself."""
    codes = np.array([[1, 1, 1], [2, 2, 2], [1, 2, 2], [2, 1, 1], [1, 1, 0], [0, 2, 2], [2, 2, 0]] * 30)
    tasks = TaskGraph.single("spam", ("no", "yes"))
    votes = LabelMatrix.from_array(codes, tasks)
    edges = [("source_0", "source_1"), ("source_1", "source_2")]
    model = LabelModel(tasks, edges, estimator="mle", class_balance=[0.5, 0.5]).fit(votes)
    arrays, _ = model.state()
    logs = {u: arrays[f"table_{u}"] for u in (0, 1)}
    first = arrays["patterns_0"].tolist().index([1, 1])

    [proba] = model.predict_proba(LabelMatrix(np.array([[1, 1, 2]]), votes.spaces, tasks))

    expected = logs[0][first] + arrays["member_2"][2]
    np.testing.assert_allclose(proba, np.exp(expected) / np.exp(expected).sum(), atol=1e-12)


def test_the_model_survives_its_state() -> None:
    m, edges = GRAPHS["cycle of 4"]
    world = dependent_world(m + 1, edges, seed=9)
    votes, _ = world.sample(500, 1)
    model = fitted(world, votes)
    arrays, description = model.state()

    again = LabelModel.from_state(arrays, json.loads(json.dumps(description)))

    np.testing.assert_array_equal(again.predict_proba(everything(world)), model.predict_proba(everything(world)))


def test_large_cliques_cost_what_was_seen_of_them() -> None:
    """Two cliques of nine sources that share one, five labels: 6^9 patterns each are possible, 2,000 rows are seen."""
    tasks = TaskGraph.single("colour", tuple("abcde"))
    random = np.random.default_rng(0)
    gold = random.integers(5, size=2_000)
    noise = random.integers(1, 6, size=(2_000, 21))
    codes = np.where(random.random((2_000, 21)) < 0.5, gold[:, None] + 1, noise)
    codes[random.random(codes.shape) < 0.3] = 0
    edges = [(f"source_{i}", f"source_{j}") for part in (range(9), range(8, 17)) for i in part for j in part if i < j]

    model = LabelModel(tasks, edges, estimator="mle").fit(LabelMatrix.from_array(codes, tasks))

    units = [name for name in model.state()[0] if name.startswith("table_")]
    assert len(units) == 2 + 4
    assert all(len(model.state()[0][name]) <= 2_001 for name in units)
    assert (model.predict(LabelMatrix.from_array(codes, tasks)) == gold).mean() > 0.7


def bound(world: DependentWorld, n: int) -> float:
    """The least root mean square error of P(vote | y) at n rows, balance learned, from the information at the truth."""
    statistics = world.population()
    factors = graph_of(world).factors
    units = make_units(statistics, [f.columns for f in factors], [f.given for f in factors])
    tables = []
    for unit in units:
        place = unit.encode(world.rows)
        joint = np.zeros((len(unit.patterns), len(world.balance)))
        np.add.at(joint, place, world.likelihood)
        tables.append(joint / np.maximum(unit.by_separator(joint)[unit.run], 1e-300))
    # The tables give back the field that they were taken from.
    shown = np.prod([t[u.encode(world.rows)] for u, t in zip(units, tables, strict=True)], axis=0)
    np.testing.assert_allclose(shown, world.likelihood, atol=1e-14)
    sizes = [len(space.labels) for space in world.spaces]
    for i, table in enumerate(Junction.of(units).members(tables, sizes)):
        np.testing.assert_allclose(table, world.table(i), atol=1e-14)
    found = uncertainty(statistics, units, tables, world.balance, parameterisation="proj", learn_balance=True)
    return found.table_error(n)


def error(world: DependentWorld, n: int, replicates: int) -> float:
    squares = []
    for seed in range(replicates):
        model = fitted(world, world.sample(n, seed)[0])
        arrays, _ = model.state()
        gaps = [(np.exp(arrays[f"member_{i}"]) - world.table(i))[1:] ** 2 for i in range(len(world.spaces))]
        squares.append(np.mean(np.concatenate([gap.ravel() for gap in gaps])))
    return float(np.sqrt(np.mean(squares)))


SAMPLED = {"path of 5 and two": ("path of 5", 2), "star of 7 and one": ("star of 7", 1)}


def test_samples_of_a_path_are_near_the_bound_in_a_short_run() -> None:
    name, more = SAMPLED["path of 5 and two"]
    m, edges = GRAPHS[name]
    world = dependent_world(m + more, edges, seed=3)

    # Twelve samples know the root mean square error to about 10%.
    assert error(world, 10_000, 12) / bound(world, 10_000) == pytest.approx(1, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLED)
def test_samples_are_near_the_bound(name: str) -> None:
    graph, more = SAMPLED[name]
    m, edges = GRAPHS[graph]
    world = dependent_world(m + more, edges, seed=3)

    assert error(world, 20_000, 80) / bound(world, 20_000) == pytest.approx(1, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLED)
def test_intervals_cover_as_they_say(name: str) -> None:
    graph, more = SAMPLED[name]
    m, edges = GRAPHS[graph]
    world = dependent_world(m + more, edges, seed=3)
    covered = []
    for seed in range(300):
        model = fitted(world, world.sample(8_000, seed)[0])
        gap = np.abs(np.array(list(model.accuracies_.values())) - world.accuracies())
        covered.append(gap < 1.96 * np.array(list(model.standard_errors_.values())))

    # 2,100 intervals or more, seven or eight to a sample: known to about half a percent.
    assert 0.93 < np.mean(covered) < 0.97
