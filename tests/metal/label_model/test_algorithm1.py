"""Algorithm 1: exact on exact moments, refuses what it cannot determine, and never diverges."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.label_model import NotIdentifiableError, PoorFitWarning
from metal.label_model.algorithm1 import complete
from metal.label_model.moments import Moments, without_odd_cycle
from metal.synthetic import World, copying_world, random_world, tied_table

SPAM = TaskGraph.single("spam", ("no", "yes"))
COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
ALL = list(KIND.names)


def unipolar_world() -> World:
    labels = ["yes", "yes", "yes", "no", "no"]
    spaces = tuple(LabelSpace.checked(f"s{i}", ["spam"], [(label,)], SPAM) for i, label in enumerate(labels))
    tables = [tied_table(space, SPAM, 0.6 + 0.07 * i, 0.3 + 0.1 * i) for i, space in enumerate(spaces)]
    # One label only: wrong votes, too, go to it.
    wrong = [0.05 + 0.02 * i for i in range(5)]
    for table, rate, space in zip(tables, wrong, spaces, strict=True):
        outside = ~space.events(SPAM)[0]
        table[:, outside] = [[1 - rate], [rate]]
    return World(SPAM, spaces, tuple(tables), np.array([0.35, 0.65]))


def silent_never(world: World) -> World:
    """Return the world with sources that always vote."""
    return World(
        world.tasks,
        world.spaces,
        tuple(np.concatenate([np.zeros((1, t.shape[1])), t[1:] / t[1:].sum(axis=0)]) for t in world.tables),
        world.balance,
    )


WORLDS = {
    "three binary": random_world(SPAM, [["spam"]] * 3, seed=4),
    "skewed": random_world(SPAM, [["spam"]] * 4, seed=5, balance=[0.1, 0.9]),
    "always voting": silent_never(random_world(SPAM, [["spam"]] * 4, seed=6)),
    "unipolar": unipolar_world(),
    "three labels": random_world(COLOUR, [["colour"]] * 3, seed=7),
    "three labels, always voting": silent_never(random_world(COLOUR, [["colour"]] * 3, seed=8)),
    "hierarchy, coarse": random_world(KIND, [["kind"]] * 3, seed=9),
    "hierarchy, full": random_world(KIND, [ALL] * 3, seed=10),
    "hierarchy, mixed": random_world(KIND, [ALL, ALL, ALL, ["kind"], ["kind"], ["kind"]], seed=11),
}


def error(model: LabelModel, world: World) -> float:
    found = model.label_precisions()
    return max(
        float(np.abs(np.array(found[space.name]) - truth).max())
        for space, truth in zip(world.spaces, world.precisions(), strict=True)
    )


@pytest.mark.parametrize("name", WORLDS)
def test_exact_moments_give_exact_parameters(name: str) -> None:
    world = WORLDS[name]
    model = LabelModel(world.tasks, estimator="algorithm1", class_balance=world.balance, tolerance=1e-13)

    model.fit(world.population())

    assert error(model, world) < 1e-8
    rows = world.population().rows
    votes = LabelMatrix(rows, world.spaces, world.tasks)
    np.testing.assert_allclose(model.predict_proba(votes), world.posterior(rows), atol=1e-7)


def test_dependent_sources_are_masked() -> None:
    world = random_world(SPAM, [["spam"]] * 6, seed=5, copies={"source_1": ("source_0", 0.7)})
    model = LabelModel(
        SPAM, world.dependencies, estimator="algorithm1", class_balance=world.balance, tolerance=1e-13
    ).fit(world.population())

    for i in (0, 2, 3, 4, 5):  # source_1's own table is mixed with its original's
        np.testing.assert_allclose(model.label_precisions()[f"source_{i}"], world.precisions()[i], atol=1e-8)


def test_it_completes_a_planted_inverse() -> None:
    """Sigma^-1 + z z^T = K with K block-diagonal by construction: z comes back from any start with its signs."""
    random = np.random.default_rng(3)
    z = random.uniform(0.3, 1.0, 7) * np.array([1, -1, 1, 1, -1, 1, -1])
    block = np.array([0, 0, 1, 2, 2, 3, 4])
    omega = block[:, None] != block[None, :]
    inverse = np.where(omega, 0.0, 5 * np.eye(7) + 0.5) - np.outer(z, z)

    for seed in (0, 1):
        start = np.sign(z) * random.uniform(0.1, 2.0, 7)
        found = complete(np.linalg.inv(inverse), inverse, omega, start, seed=seed, max_iterations=2000, tolerance=1e-14)

        assert found.converged
        np.testing.assert_allclose(found.z, z, atol=1e-11)


def test_without_a_minimum_it_comes_to_rest_and_says_so() -> None:
    """Three votes, residual correlations .9, .9 and -.1: as z_0 grows and the others shrink, z_0 z_a fits both of its
    pairs exactly and z_1 z_2 goes to zero from above, which is as near as it comes to the wanted -.1.
    """
    inverse = np.array([[2.0, -0.9, -0.9], [-0.9, 2.0, 0.1], [-0.9, 0.1, 2.0]])
    omega = ~np.eye(3, dtype=bool)

    found = complete(
        np.linalg.inv(inverse), inverse, omega, np.full(3, 0.5), seed=0, max_iterations=2_000, tolerance=1e-8
    )

    assert found.converged
    assert found.z[0] > 20
    assert found.z[0] * found.z[1] == pytest.approx(0.9, rel=0.01)


@pytest.mark.parametrize("n", [100, 300, 1_000, 3_000])
def test_it_converges_on_few_rows(n: int) -> None:
    ends = []
    for seed in range(12):
        world = random_world(SPAM, [["spam"]] * 6, seed=seed)
        model = LabelModel(SPAM, estimator="algorithm1", class_balance=world.balance).fit(world.sample(n, seed)[0])
        assert model.report_.converged
        ends.append(any("falls for ever without a minimum" in message for message in model.report_.messages))

    # How most samples of a hundred rows end, and hardly one of a thousand.
    assert sum(ends) >= 6 if n == 100 else n == 300 or sum(ends) <= 1


def test_an_even_cycle_is_not_enough() -> None:
    """Two groups leave Omega bipartite; so do, joined by nothing else, sources of one event each."""
    world = random_world(SPAM, [["spam"]] * 4, seed=1)
    edges = [("source_0", "source_1"), ("source_2", "source_3")]
    with pytest.raises(NotIdentifiableError, match=r"do not determine \['source_0=no', 'source_0=yes', .*three groups"):
        LabelModel(SPAM, edges, estimator="algorithm1", class_balance=world.balance).fit(world.population())
    with pytest.raises(NotIdentifiableError, match="three groups"):
        LabelModel(SPAM, edges, estimator="wls", class_balance=world.balance).fit(world.population())

    # Each event of the hierarchy has one voter: related events determine them (wls), a run per event cannot.
    world = random_world(KIND, [["kind"], ["person"], ["organization"]], seed=4)
    with pytest.raises(NotIdentifiableError, match=r"'source_1=lawyer'.*use estimator='wls'"):
        LabelModel(KIND, estimator="algorithm1", class_balance=world.balance).fit(world.population())
    LabelModel(KIND, estimator="wls", class_balance=world.balance).fit(world.population())


def test_odd_cycles() -> None:
    triangle, path = np.ones((3, 3)) - np.eye(3), np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    square = np.roll(np.eye(4), 1, axis=0) + np.roll(np.eye(4), -1, axis=0)

    assert without_odd_cycle(triangle > 0).tolist() == []
    assert without_odd_cycle(path > 0).tolist() == [0, 1, 2]
    assert without_odd_cycle(square > 0).tolist() == [0, 1, 2, 3]
    assert without_odd_cycle(np.zeros((1, 1)) > 0).tolist() == [0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=5, max_size=5), min_size=1, max_size=10),
    st.sampled_from(["algorithm1", "wls"]),
    st.booleans(),
)
@pytest.mark.filterwarnings("ignore::metal.label_model.NotConvergedWarning")
def test_whatever_comes_in_no_nan_comes_out(rows: list[list[int]], estimator: str, given_: bool) -> None:
    matrix = LabelMatrix.from_array(np.array([*rows, [1, 0, 2, 0, 1]]), SPAM)
    model = LabelModel(SPAM, estimator=estimator, class_balance=[0.4, 0.6] if given_ else None)
    try:
        probabilities = model.fit(matrix).predict_proba(matrix)
    except NotIdentifiableError:
        return

    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()
    assert all(0 <= value <= 1 for value in model.accuracies_.values())


def rmse(model: LabelModel, world: World) -> float:
    found = model.label_precisions()
    pairs = zip(world.spaces, world.precisions(), strict=True)
    return float(np.sqrt(np.mean(np.concatenate([(np.array(found[s.name]) - t) ** 2 for s, t in pairs]))))


@pytest.mark.parametrize("coverage", [(0.9999, 0.99999), (0.02, 0.05)])
def test_rare_votes_and_rare_silence_do_not_spoil_the_inverse(coverage: tuple[float, float]) -> None:
    """Next to its yes, the no of a source that hardly ever abstains is collinear; its inverse is all noise."""
    errors: dict[str, list[float]] = {"algorithm1": [], "wls": []}
    for seed in range(4):
        world = random_world(SPAM, [["spam"]] * 12, seed=seed, coverage=coverage, balance=[0.5, 0.5])
        votes = Statistics.of(world.sample(20_000, seed)[0])
        for estimator, found in errors.items():
            found.append(rmse(LabelModel(SPAM, estimator=estimator, class_balance=world.balance).fit(votes), world))

    assert np.mean(errors["algorithm1"]) < 1.2 * np.mean(errors["wls"])


def test_equal_columns_are_one_and_it_is_said() -> None:
    world = random_world(SPAM, [["spam"]] * 4, seed=2)
    votes, _ = world.sample(2_000, 0)
    twice = LabelMatrix.from_array(np.column_stack([votes.codes, votes.codes[:, 1]]), SPAM)

    for estimator in ("algorithm1", "wls"):
        once = LabelModel(SPAM, estimator=estimator, class_balance=world.balance).fit(votes)
        both = LabelModel(SPAM, estimator=estimator, class_balance=world.balance).fit(twice)

        for name, value in once.accuracies_.items():
            assert both.accuracies_[name] == pytest.approx(value)
        assert both.accuracies_["source_4"] == pytest.approx(once.accuracies_["source_1"])
        assert any("'source_1' and 'source_4' vote alike" in message for message in both.report_.messages)
        assert any("source_4=no equals source_1=no on every row" in message for message in both.report_.messages)


def test_the_seed_orders_steps_and_hardly_more() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 6, seed=3).sample(3_000, 0)

    def fit(seed: int) -> Any:
        return LabelModel(SPAM, estimator="algorithm1", class_balance=[0.5, 0.5], seed=seed, tolerance=1e-10).fit(votes)

    np.testing.assert_array_equal(fit(0).predict_proba(votes), fit(0).predict_proba(votes))
    np.testing.assert_allclose(fit(0).predict_proba(votes), fit(7).predict_proba(votes), atol=1e-6)


def test_moments_leave_out_what_says_nothing() -> None:
    """source_0 never abstains (its last label goes), source_1 is constant, source_2 votes a sure event."""
    tasks = TaskGraph([Task("a", ("x",)), Task("b", ("0", "1"))], [("x", "0"), ("x", "1")])
    spaces = [
        LabelSpace.checked("both", ["b"], [("0",), ("1",)], tasks),
        LabelSpace.checked("constant", ["b"], [("1",)], tasks),
        LabelSpace.checked("sure", ["a"], [("x",)], tasks),
        LabelSpace.checked("some", ["b"], [("0",), ("1",)], tasks),
    ]
    votes = LabelMatrix(np.array([[1, 1, 1, 0], [2, 1, 0, 1], [1, 1, 0, 2]]), spaces, tasks)

    moments = Moments.of(Statistics.of(votes), ((0,), (1,), (2,), (3,)), np.array([0.3, 0.7]))

    assert moments.owners == ((0, 1), (3, 1), (3, 2))
    np.testing.assert_allclose(moments.b, [2 / 3, 1 / 3, 1 / 3])
    # C of the events "0" and "1" is -.3 x .7, of an event with itself .3 x .7.
    np.testing.assert_allclose(moments.structure, 0.21 * np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))
    assert moments.apart.tolist() == [[False, True, True], [True, False, False], [True, False, False]]


@pytest.mark.parametrize("seed", [1, 4, 7])  # 1 a Heywood case, the others minima in which every source is near chance
def test_a_minimum_that_explains_nothing_is_warned_of_at_the_call(seed: int) -> None:
    """Copies all but imply each other, and of 3,000 rows their inverse is noise: 12 to 33 points below wls."""
    world = copying_world([2] * 6, seed=seed)
    votes, gold = world.sample(3_000, seed + 10)
    wls, model = (LabelModel(world.tasks, world.dependencies, estimator=name) for name in ("wls", "algorithm1"))

    with pytest.warns(PoorFitWarning, match=r"leaves \d+% of the covariance between groups of sources unexplained"):
        model.fit(votes)
    assert any("Use estimator='wls' or 'map', or more rows" in message for message in model.report_.messages)
    assert model.score(votes, gold) < wls.fit(votes).score(votes, gold) - 0.1


def test_a_good_fit_is_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", PoorFitWarning)
        for seed in range(10):
            world = random_world(SPAM, [["spam"]] * 8, seed=seed, accuracy=(0.6, 0.95))
            LabelModel(SPAM, estimator="algorithm1", class_balance=world.balance).fit(world.sample(1_000, seed)[0])
        world = copying_world([2] * 6, seed=1)
        LabelModel(world.tasks, world.dependencies, estimator="algorithm1").fit(world.sample(100_000, 1)[0])
