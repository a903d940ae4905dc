"""Maximum likelihood against the Cramer-Rao bound, in settings like those of the notes' table."""

import numpy as np
import pytest

from metal import LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.label_model.emissions import make_units
from metal.label_model.uncertainty import uncertainty
from metal.synthetic import World, random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PER_TASK = [["kind"], ["person"], ["organization"]]


def unipolar(m: int) -> World:
    """m sources that vote rarely, and one label only."""
    random = np.random.default_rng(1)
    spaces, tables = [], []
    for i in range(m):
        yes = i % 2
        spaces.append(LabelSpace.checked(f"source_{i}", ["spam"], [("yes",) if yes else ("no",)], SPAM))
        rate, accuracy = random.uniform(0.1, 0.4), random.uniform(0.65, 0.9)
        votes = rate * (np.array([1 - accuracy, accuracy]) if yes else np.array([accuracy, 1 - accuracy]))
        tables.append(np.stack([1 - votes, votes]))
    return World(SPAM, tuple(spaces), tuple(tables), np.array([0.6, 0.4]))


SETTINGS = {
    "binary, m = 10, dense": (random_world(SPAM, [["spam"]] * 10, seed=1, coverage=(0.8, 0.95)), "proj"),
    "binary, m = 25, sparse, unipolar": (unipolar(25), "proj"),
    "hierarchy, mixed coverage, tied truth": (random_world(KIND, PER_TASK * 3, seed=1), "tied"),
    "hierarchy, proj truth": (random_world(KIND, PER_TASK * 3, seed=1, kind="proj"), "proj"),
}


def bound(world: World, parameterisation: str, n: int, learned: bool) -> float:
    """The least root mean square error of P(vote | y) at n rows: the information at the truth, on many rows."""
    statistics = Statistics.of(world.sample(200_000, 77)[0])
    units = make_units(statistics, tuple((i,) for i in range(len(world.spaces))))
    found = uncertainty(
        statistics,
        units,
        world.tables,
        world.balance,
        parameterisation=parameterisation,
        learn_balance=learned,
    )
    return found.table_error(n)


def error(world: World, parameterisation: str, n: int, learned: bool, replicates: int) -> float:
    squares = []
    for seed in range(replicates):
        model = LabelModel(
            world.tasks,
            estimator="mle",
            parameterisation=parameterisation,
            class_balance=None if learned else world.balance,
        ).fit(world.sample(n, seed)[0])
        assert model.report_.converged
        arrays, _ = model.state()
        gaps = [(np.exp(arrays[f"member_{i}"]) - table)[1:] ** 2 for i, table in enumerate(world.tables)]
        squares.append(np.mean(np.concatenate([gap.ravel() for gap in gaps])))
    return float(np.sqrt(np.mean(squares)))


@pytest.mark.slow
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize(("n", "replicates"), [(10_000, 120), (100_000, 60)])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_likelihood_is_efficient(name: str, n: int, replicates: int, learned: bool) -> None:
    world, parameterisation = SETTINGS[name]

    ratio = error(world, parameterisation, n, learned, replicates) / bound(world, parameterisation, n, learned)

    assert ratio == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_likelihood_is_near_the_bound_in_a_short_run(name: str) -> None:
    world, parameterisation = SETTINGS[name]

    ratio = error(world, parameterisation, 10_000, True, 8) / bound(world, parameterisation, 10_000, True)

    # Eight samples know the root mean square error to about 10%.
    assert ratio == pytest.approx(1, abs=0.3)
