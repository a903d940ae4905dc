"""The estimators against known truth: exact moments, samples, dependent sources."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from metal.baselines import MajorityVote
from metal.label_model import LabelModel, NotIdentifiableError, SuspectedDependencyWarning
from metal.label_model.likelihood import tied_table
from metal.synthetic import World, random_world
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PER_TASK = [["kind"], ["person"], ["organization"]]


def error(model: LabelModel, world: World) -> float:
    """Return the largest error of a label's precision."""
    found = model.label_precisions()
    return max(
        float(np.abs(np.array(found[space.name]) - truth).max())
        for space, truth in zip(world.spaces, world.precisions(), strict=True)
    )


def accuracy(model: LabelModel | MajorityVote, world: World, n: int = 20_000) -> float:
    votes, gold = world.sample(n, seed=99)
    return float((model.predict_proba(votes).argmax(axis=1) == gold).mean())


@pytest.mark.parametrize("parameterisation", ["tied", "proj", "full"])
def test_mle_recovers_binary_sources_and_balance_from_exact_moments(parameterisation: str) -> None:
    world = random_world(SPAM, [["spam"]] * 4, seed=1)

    model = LabelModel(
        SPAM, estimator="mle", parameterisation=parameterisation, smoothing=0, tolerance=1e-13, max_iterations=5000
    ).fit(world.population())

    assert error(model, world) < 1e-8
    np.testing.assert_allclose(model.balance_, world.balance, atol=1e-8)


@pytest.mark.parametrize(
    ("kind", "parameterisation", "coverage"),
    [
        ("tied", "tied", PER_TASK * 2),
        # Confusion matrices by cell need three sources that tell each pair apart (case 14, and full coverage).
        ("proj", "proj", [["kind", "person", "organization"]] * 3 + [["kind"]]),
    ],
)
def test_mle_recovers_a_hierarchy_from_exact_moments(
    kind: str, parameterisation: str, coverage: list[list[str]]
) -> None:
    world = random_world(KIND, coverage, seed=3, kind=kind)

    model = LabelModel(
        KIND, estimator="mle", parameterisation=parameterisation, smoothing=0, tolerance=1e-13, max_iterations=20_000
    ).fit(world.population())

    assert error(model, world) < 1e-8
    np.testing.assert_allclose(model.balance_, world.balance, atol=1e-8)


@pytest.mark.parametrize(("tasks", "coverage"), [(SPAM, [["spam"]] * 4), (KIND, PER_TASK * 2)], ids=["binary", "tasks"])
def test_map_without_its_pull_recovers_tied_sources_from_exact_moments(
    tasks: TaskGraph, coverage: list[list[str]]
) -> None:
    world = random_world(tasks, coverage, seed=1)
    unpulled = LabelModel(
        tasks, shrinkage=0, prior_strength=0, use_abstains=True, class_balance=world.balance, tolerance=1e-13
    )

    assert error(unpulled.fit(world.population()), world) < 1e-8


def test_wls_recovers_tied_sources_from_exact_moments() -> None:
    for tasks, coverage in ((SPAM, [["spam"]] * 3), (KIND, PER_TASK)):
        world = random_world(tasks, coverage, seed=4)

        model = LabelModel(tasks, estimator="wls", class_balance=world.balance, tolerance=1e-13).fit(world.population())

        assert error(model, world) < 1e-8


def test_wls_masks_dependent_sources() -> None:
    """With the dependency declared the moments of the others are exact, whatever the copies do."""
    world = random_world(SPAM, [["spam"]] * 5, seed=5, copies={"source_1": ("source_0", 0.7)})
    told = LabelModel(SPAM, world.dependencies, estimator="wls", class_balance=world.balance, tolerance=1e-13)
    ignoring = LabelModel(SPAM, estimator="wls", class_balance=world.balance, tolerance=1e-13)
    population = world.population()

    truth = world.precisions()[2:]
    errors = [
        max(
            np.abs(np.array(model.fit(population).label_precisions()[f"source_{i + 2}"]) - truth[i]).max()
            for i in range(3)
        )
        for model in (told, ignoring)
    ]

    assert errors[0] < 1e-8
    assert errors[1] > 0.01


def test_wls_refuses_what_no_other_group_votes_on() -> None:
    world = random_world(SPAM, [["spam"]] * 2, seed=6)

    with pytest.raises(NotIdentifiableError, match=r"do not determine \['source_0=no', .*estimator='map'"):
        LabelModel(SPAM, [("source_0", "source_1")], estimator="wls", class_balance=world.balance).fit(
            world.population()
        )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["tied", "proj", "full"]), st.sampled_from([0.0, 0.1, 2.0]), st.booleans())
def test_likelihood_never_falls(seed: int, parameterisation: str, smoothing: float, joint: bool) -> None:
    world = random_world(KIND, [*PER_TASK, ["kind", "person"]], seed=seed, kind="proj")
    votes, _ = world.sample(300, seed)
    edges = [("source_0", "source_3")] if joint else []

    model = LabelModel(
        KIND, edges, estimator="mle", parameterisation=parameterisation, smoothing=smoothing, tolerance=1e-3
    ).fit(votes)

    assert len(model.report_.objective) > 1
    assert np.diff(model.report_.objective).min() > -1e-10


def test_tied_table_is_the_constrained_optimum() -> None:
    """Newton's tables against scipy's general optimiser on the same objective."""
    random = np.random.default_rng(7)
    masks = np.stack([KIND.event(["person"], label) for label in KIND.projections(["person"])])
    counts = random.uniform(1, 20, size=(4, 4))

    table = tied_table(counts, masks, None)

    def loss(theta: np.ndarray) -> float:
        votes = np.where(masks, theta[:3, None], theta[3:, None])
        rest = 1 - votes.sum(axis=0)
        if (theta <= 0).any() or (rest <= 0).any():
            return 1e9
        return -float((counts[1:] * np.log(votes)).sum() + counts[0] @ np.log(rest))

    best = optimize.minimize(
        loss, np.full(6, 0.1), method="Nelder-Mead", options={"maxiter": 40_000, "fatol": 1e-13, "xatol": 1e-10}
    )
    found = -float((counts * np.log(table)).sum())
    np.testing.assert_allclose(table.sum(axis=0), 1)
    assert found == pytest.approx(best.fun, abs=1e-6)
    # Tied: the same rate wherever the label holds, and the same wherever it does not.
    for row, mask in zip(table[1:], masks, strict=True):
        assert np.ptp(row[mask]) == 0
        assert np.ptp(row[~mask]) == 0


@pytest.mark.parametrize("silence", [0.0, 1e-15, 1e-12])
def test_what_never_occurs_does_not_move_a_tied_table(silence: float) -> None:
    """Silence that is there by rounding alone, and a label that nobody votes: the last label that is takes the rest."""
    votes = np.array([[1.2, 4.1, 2.1, 0.9], [0.9, 1.1, 1.0, 0.2], [0.5, 0.4, 0.1, 0.1]])
    masks = np.eye(4, dtype=bool)

    def loss(theta: np.ndarray) -> float:
        rates = np.where(masks[:2], theta[:2, None], theta[2:, None])
        rest = 1 - rates.sum(axis=0)
        if (theta <= 0).any() or (rest <= 0).any():
            return 1e9
        return -float((votes[:2] * np.log(rates)).sum() + votes[2] @ np.log(rest))

    best = optimize.minimize(
        loss, np.full(4, 0.2), method="Nelder-Mead", options={"maxiter": 10_000, "fatol": 1e-13, "xatol": 1e-10}
    ).x
    counts = np.concatenate([np.full((1, 4), silence), votes, np.zeros((1, 4))])
    for table in (tied_table(counts[:4], masks[:3], None), tied_table(counts, masks, None)[:4]):
        np.testing.assert_allclose(table[1:3], np.where(masks[:2], best[:2, None], best[2:, None]), atol=1e-6)
        np.testing.assert_allclose(table.sum(axis=0), 1)
        assert table[0].max() == 0


@pytest.mark.parametrize(
    ("estimator", "kind", "parameterisation"),
    [("mle", "proj", "proj"), ("mle", "tied", "tied"), ("wls", "tied", "tied")],
)
def test_error_falls_like_the_root_of_n(estimator: str, kind: str, parameterisation: str) -> None:
    world = random_world(SPAM, [["spam"]] * 8, seed=8, kind=kind)
    balance = world.balance if estimator == "wls" else None

    def rmse(n: int) -> float:
        squares = []
        for seed in range(6):
            model = LabelModel(SPAM, estimator=estimator, parameterisation=parameterisation, class_balance=balance)
            model.fit(world.sample(n, seed)[0])
            found = model.label_precisions()
            squares += [
                (np.array(found[space.name]) - truth) ** 2
                for space, truth in zip(world.spaces, world.precisions(), strict=True)
            ]
        return float(np.sqrt(np.mean(squares)))

    # 64 times the rows, an eighth of the error; a factor of 1.7 is left for chance over six draws.
    assert 8 / 1.7 < rmse(1_000) / rmse(64_000) < 8 * 1.7


@pytest.mark.parametrize("estimator", ["map", "mle", "wls"])
def test_dependencies_declared_beat_dependencies_ignored(estimator: str) -> None:
    """Ten of sixteen sources copy one: declared, they are one joint source; ignored, ten votes.

    "map" notices the copies itself and counts them for less, which is as good here: ten sources have more joint
    patterns than 20,000 rows tell apart.
    """
    copies = {f"source_{i}": ("source_0", 0.8) for i in range(1, 10)}
    world = random_world(
        SPAM, [["spam"]] * 16, seed=9, accuracy=(0.6, 0.75), coverage=(0.6, 0.9), balance=[0.5, 0.5], copies=copies
    )
    votes, _ = world.sample(20_000, seed=1)
    balance = world.balance if estimator == "wls" else None
    test_votes, gold = world.sample(20_000, seed=99)
    oracle = float((world.posterior(test_votes.codes).argmax(axis=1) == gold).mean())

    told = accuracy(LabelModel(SPAM, world.dependencies, estimator=estimator, class_balance=balance).fit(votes), world)
    with pytest.warns(SuspectedDependencyWarning, match="source_0-source_"):
        ignorant = LabelModel(SPAM, estimator=estimator, class_balance=balance).fit(votes)
    ignored = accuracy(ignorant, world)

    if estimator == "map":
        assert ignored > accuracy(MajorityVote(SPAM), world) + 0.02
    else:
        assert told > ignored + 0.05
    assert told > accuracy(MajorityVote(SPAM), world) + 0.02
    assert told > oracle - {"map": 0.02, "mle": 0.04, "wls": 0.02}[estimator]
