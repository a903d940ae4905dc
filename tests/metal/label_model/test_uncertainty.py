"""Standard errors: the information against a numeric Hessian, the errors against simulation."""

import json
import warnings
from typing import Any

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel, Statistics, Task, TaskGraph
from metal.label_model import NotConvergedWarning, SuspectedDependencyWarning
from metal.label_model.emissions import make_units
from metal.label_model.uncertainty import BlockUncertainty, uncertainty
from metal.synthetic import World, random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PER_TASK = [["kind"], ["person"], ["organization"]]


def fitted(world: World, votes: Any, **options: Any) -> LabelModel:
    return LabelModel(
        world.tasks, world.dependencies, estimator="mle", smoothing=0, tolerance=1e-10, max_iterations=50_000, **options
    ).fit(votes)


def log_likelihood(found: BlockUncertainty, statistics: Statistics, step: Any) -> float:
    """Mean log-likelihood with the parameters moved by `step` (P,), from nothing but the tables."""
    tables, balance, k = [table.copy() for table in found.tables], found.balance.copy(), 0
    for table, block in zip(tables, found.blocks, strict=True):
        for up, down, region in zip(block.up, block.down, block.regions, strict=True):
            table[up] += step[k] * region
            table[down] -= step[k] * region
            k += 1
    if found.balance_reference is not None:
        for y in range(len(balance)):
            if y != found.balance_reference:
                balance[y] += step[k]
                balance[found.balance_reference] -= step[k]
                k += 1
    shown = [table[unit.encode(statistics.rows)] for unit, table in zip(found.junction.units, tables, strict=True)]
    return float(statistics.counts @ np.log(np.prod(shown, axis=0) @ balance)) / statistics.n


@pytest.mark.parametrize(
    ("tasks", "coverage", "parameterisation", "learned", "joint"),
    [
        (SPAM, [["spam"]] * 4, "proj", True, False),
        (SPAM, [["spam"]] * 4, "tied", False, False),
        (SPAM, [["spam"]] * 4, "full", True, True),
        (KIND, [*PER_TASK, ["kind", "person"]], "tied", True, False),
        (KIND, PER_TASK, "proj", False, False),
        # A star: the two copies are independent given their original, whose table all three share.
        (SPAM, [["spam"]] * 5, "proj", True, "star"),
    ],
)
def test_the_information_is_the_negative_hessian(
    tasks: TaskGraph, coverage: list[list[str]], parameterisation: str, learned: bool, joint: bool | str
) -> None:
    copies = {"source_1": ("source_0", 0.5)} if joint else {}
    if joint == "star":
        copies["source_2"] = ("source_0", 0.4)
    world = random_world(tasks, coverage, seed=1, copies=copies)
    statistics = Statistics.of(world.sample(500, 1)[0])
    model = fitted(
        world, statistics, parameterisation=parameterisation, class_balance=None if learned else world.balance
    )

    (found,) = model.uncertainty(statistics).parts

    count, h = len(found.information), 1e-4
    units = np.eye(count) * h
    hessian = np.zeros((count, count))
    for i in range(count):
        for j in range(i + 1):
            corners = [
                a * b * log_likelihood(found, statistics, a * units[i] + b * units[j]) for a in (1, -1) for b in (1, -1)
            ]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * h * h)
    # Central differences err by h^2 times fourth derivatives, the largest of which are those of rare votes.
    np.testing.assert_allclose(found.information, -hessian, atol=1e-4 * np.abs(hessian).max())


def test_a_known_label_gives_the_binomial_error_by_hand() -> None:
    """Two oracles reveal Y, so that source_0's parameters are those of plain proportions.

    It always votes, right at rate a on either label, balance .5: its accuracy has variance a (1 - a) / n.
    """
    a = 0.8
    oracle = np.array([[0.0, 0.0], [1 - 1e-6, 1e-6], [1e-6, 1 - 1e-6]])
    table = np.array([[0.0, 0.0], [a, 1 - a], [1 - a, a]])
    spaces = random_world(SPAM, [["spam"]] * 3, seed=1).spaces
    world = World(SPAM, spaces, (table, oracle, oracle), np.array([0.5, 0.5]))
    statistics = world.population()

    found = uncertainty(
        statistics,
        make_units(statistics, ((0,), (1,), (2,))),
        world.tables,
        world.balance,
        parameterisation="tied",
        learn_balance=True,
    )

    assert found.standard_errors(400)["source_0"] == pytest.approx(np.sqrt(a * (1 - a) / 400), rel=1e-3)


def simulate(world: World, n: int, replicates: int, **options: Any) -> tuple[Any, Any]:
    """Return accuracies and standard errors (replicates, m) of fits to samples of a world."""
    found, errors = [], []
    for seed in range(replicates):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotConvergedWarning)
            model = LabelModel(world.tasks, world.dependencies, **{"estimator": "mle", **options}).fit(
                world.sample(n, seed)[0]
            )
        found.append(list(model.accuracies_.values()))
        errors.append(list(model.standard_errors_.values()))
    return np.array(found), np.array(errors)


def accuracies(world: World) -> Any:
    """P(vote correct | voted) of the sources of a world without copies."""
    result = []
    for space, table in zip(world.spaces, world.tables, strict=True):
        joint = table[1:] * world.balance
        result.append(float((joint * space.events(world.tasks)).sum() / joint.sum()))
    return np.array(result)


def test_errors_agree_with_the_parametric_bootstrap() -> None:
    """Fit once, sample worlds from the fit, fit those: their spread is the standard error."""
    truth = random_world(SPAM, [["spam"]] * 6, seed=2)
    votes, _ = truth.sample(2_000, 0)
    model = LabelModel(SPAM, estimator="mle").fit(votes)
    arrays, _ = model.state()
    tables = [np.exp(arrays[f"member_{i}"]) for i in range(6)]
    world = World(SPAM, votes.spaces, tuple(t / t.sum(axis=0) for t in tables), model.balance_)

    again, _ = simulate(world, 2_000, 150)

    # The spread of 150 draws is itself known to 6%.
    ratio = np.array(list(model.standard_errors_.values())) / again.std(axis=0, ddof=1)
    assert ratio.mean() == pytest.approx(1, abs=0.08)
    np.testing.assert_allclose(ratio, 1, atol=0.25)


WORLDS: dict[str, tuple[World, dict[str, Any]]] = {
    "binary": (random_world(SPAM, [["spam"]] * 8, seed=3), {}),
    "balance given": (
        random_world(SPAM, [["spam"]] * 8, seed=3, balance=[0.3, 0.7]),
        {"class_balance": [0.3, 0.7]},
    ),
    "hierarchy, tied": (random_world(KIND, PER_TASK * 3, seed=4), {"parameterisation": "tied"}),
    "hierarchy, proj": (random_world(KIND, PER_TASK * 3, seed=4, kind="proj"), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover_as_they_say(name: str) -> None:
    world, options = WORLDS[name]

    found, errors = simulate(world, 4_000, 400, **options)

    covered = np.abs(found - accuracies(world)) < 1.96 * errors
    # 3,200 intervals or more, eight or nine to a sample: known to about half a percent.
    assert 0.93 < covered.mean() < 0.97


def test_intervals_cover_in_a_short_run() -> None:
    world, options = WORLDS["binary"]
    found, errors = simulate(world, 4_000, 60, **options)

    # 480 intervals: two standard errors are .02.
    assert 0.92 < (np.abs(found - accuracies(world)) < 1.96 * errors).mean() < 0.98


def test_what_votes_leave_open_has_an_infinite_error() -> None:
    world = random_world(SPAM, [["spam"]] * 2, seed=1)
    model = fitted(world, world.population())

    assert model.standard_errors_ == {"source_0": np.inf, "source_1": np.inf}


@pytest.mark.filterwarnings("ignore::metal.label_model.NotConvergedWarning")  # one of the 80 samples
@pytest.mark.parametrize("estimator", ["wls", "algorithm1"])
@pytest.mark.parametrize("given", [True, False])
def test_moment_estimators_have_bootstrap_errors(estimator: str, given: bool) -> None:
    world = random_world(SPAM, [["spam"]] * 6, seed=5, balance=[0.4, 0.6])
    options: dict[str, Any] = {"estimator": estimator, "class_balance": world.balance if given else None}
    estimates = [
        list(LabelModel(SPAM, **options).fit(world.sample(2_000, seed)[0]).accuracies_.values()) for seed in range(80)
    ]

    model = LabelModel(SPAM, **options).fit(world.sample(2_000, 0)[0])

    ratio = np.array(list(model.standard_errors_.values())) / np.std(estimates, axis=0, ddof=1)
    # Both sides are spreads, of 100 and of 80 draws.
    np.testing.assert_allclose(ratio, 1, atol=0.5)
    assert ratio.mean() == pytest.approx(1, abs=0.2)
    assert LabelModel(SPAM, **options).fit(world.sample(2_000, 0)[0]).standard_errors_ == model.standard_errors_


@pytest.mark.parametrize("estimator", ["map", "mle", "wls", "algorithm1"])
def test_a_dependency_is_named_once_whatever_the_estimator(estimator: str) -> None:
    """By the fit, and not again by the fits of the bootstrap."""
    copies = {"source_1": ("source_0", 0.9)}
    world = random_world(SPAM, [["spam"]] * 8, seed=4, balance=[0.4, 0.6], accuracy=(0.7, 0.9), copies=copies)
    votes, _ = world.sample(5_000, 0)
    model = LabelModel(SPAM, estimator=estimator, class_balance=[0.4, 0.6])

    with pytest.warns(SuspectedDependencyWarning, match="source_0-source_1"):
        model.fit(votes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(np.isfinite(error) for error in model.standard_errors_.values())


@pytest.mark.parametrize("estimator", ["map", "mle", "wls"])
def test_a_source_that_never_votes_has_an_infinite_error(estimator: str) -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 7, seed=1, accuracy=(0.7, 0.9), balance=[0.4, 0.6]).sample(2_000, 0)
    codes = votes.codes.copy()
    codes[:, 3] = 0
    model = LabelModel(SPAM, estimator=estimator, shrinkage=0.9 if estimator == "map" else None)
    model.fit(LabelMatrix(codes, votes.spaces, SPAM))

    errors = model.standard_errors_
    assert errors.pop("source_3") == np.inf
    assert 0 < min(errors.values()) < max(errors.values()) < 0.1


def test_errors_survive_the_state_once_asked_for() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 3, seed=1).sample(500, 0)
    model = LabelModel(SPAM, estimator="mle").fit(votes)
    before = json.loads(json.dumps(model.state()[1]))
    errors = model.standard_errors_
    arrays, after = model.state()

    assert not hasattr(LabelModel.from_state(arrays, before), "standard_errors_")
    assert LabelModel.from_state(arrays, json.loads(json.dumps(after))).standard_errors_ == errors


def test_too_many_parameters_are_refused() -> None:
    names = tuple("abcdefghijklmnopqrst")
    tasks = TaskGraph.single("letter", names)
    votes, _ = random_world(tasks, [["letter"]] * 3, seed=1).sample(50_000, 0)
    model = LabelModel(tasks, estimator="mle", tolerance=1e-3).fit(votes)

    with pytest.raises(ValueError, match=r"model of \['letter'\] has 1218 free parameters in 3 sources; .*up to 1000"):
        _ = model.standard_errors_
    with pytest.raises(ValueError, match="not those of the fit"):
        model.uncertainty(LabelMatrix(votes.codes[:, :2], votes.spaces[:2], tasks))
