"""The spectral class balance: exact on exact moments, and the notes' figures on samples."""

import numpy as np
import pytest

from metal import LabelModel, Statistics, Task, TaskGraph
from metal.label_model import NotIdentifiableError
from metal.label_model.spectral import joint_diagonaliser, spectral_balance
from metal.synthetic import World, random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
ALL = list(KIND.names)
PER_TASK = [["kind"], ["person"], ["organization"]]


def alone(world: World) -> tuple[tuple[int, ...], ...]:
    return tuple((i,) for i in range(len(world.spaces)))


@pytest.mark.parametrize(
    ("tasks", "coverage", "kind", "balance"),
    [
        (SPAM, [["spam"]] * 3, "tied", [0.5, 0.5]),
        (SPAM, [["spam"]] * 4, "proj", [0.15, 0.85]),
        (COLOUR, [["colour"]] * 3, "proj", [0.2, 0.3, 0.5]),
        (KIND, [ALL] * 3, "proj", [0.4, 0.3, 0.2, 0.1]),
        (KIND, [ALL] * 3, "tied", [0.25] * 4),
        # A view of two sources: a coarse one and fine ones that only together tell all vectors apart.
        (KIND, [ALL, ALL, ["kind"], ["person"], ["organization"]], "tied", [0.4, 0.3, 0.2, 0.1]),
    ],
)
def test_exact_moments_give_the_exact_balance(
    tasks: TaskGraph, coverage: list[list[str]], kind: str, balance: list[float]
) -> None:
    world = random_world(tasks, coverage, seed=3, kind=kind, balance=balance)

    np.testing.assert_allclose(spectral_balance(world.population(), alone(world)), balance, atol=1e-9)


def test_dependent_sources_share_a_view() -> None:
    """Four sources, two of them dependent: three groups are left, one a view, and the moments stay exact."""
    world = random_world(
        SPAM, [["spam"]] * 4, seed=2, balance=[0.3, 0.7], copies={"source_1": ("source_0", 0.8)}, coverage=(0.5, 0.8)
    )

    found = spectral_balance(world.population(), ((0, 1), (2,), (3,)))

    np.testing.assert_allclose(found, [0.3, 0.7], atol=1e-9)


@pytest.mark.parametrize("estimator", ["wls", "algorithm1"])
def test_moment_estimators_need_no_balance(estimator: str) -> None:
    world = random_world(KIND, [ALL] * 3, seed=4)

    model = LabelModel(KIND, estimator=estimator, tolerance=1e-13).fit(world.population())

    np.testing.assert_allclose(model.balance_, world.balance, atol=1e-9)
    for space, truth in zip(world.spaces, world.precisions(), strict=True):
        np.testing.assert_allclose(model.label_precisions()[space.name], truth, atol=1e-8)


# Largest error for r = 4 and 9 sources, as the notes measured a three-view spectral estimate.
@pytest.mark.parametrize(("n", "published"), [(2_000, 0.100), (20_000, 0.053), (200_000, 0.024)])
def test_the_error_on_samples_is_below_the_published_one(n: int, published: float) -> None:
    errors = []
    for seed in range(5):
        world = random_world(KIND, PER_TASK * 3, seed=seed)
        found = spectral_balance(Statistics.of(world.sample(n, seed)[0]), alone(world))
        errors.append(np.abs(found - world.balance).max())

    # Measured .045, .010 and .003; a standard error of a share alone is near .010, .003 and .001.
    assert np.mean(errors) < 0.6 * published


def test_two_views_are_refused() -> None:
    world = random_world(SPAM, [["spam"]] * 4, seed=1)
    with pytest.raises(NotIdentifiableError, match=r"class balance is not determined.*three independent views"):
        LabelModel(SPAM, [("source_0", "source_1"), ("source_2", "source_3")], estimator="wls").fit(world.population())
    # Coarse votes only: nobody tells doctors from lawyers.
    world = random_world(KIND, [["kind"]] * 5, seed=1)
    with pytest.raises(NotIdentifiableError, match="Give class_balance"):
        LabelModel(KIND, estimator="algorithm1").fit(world.population())


def test_a_single_feasible_vector_is_certain() -> None:
    tasks = TaskGraph.single("spam", ("yes",))
    world = random_world(tasks, [["spam"]] * 3, seed=1)

    np.testing.assert_array_equal(spectral_balance(world.population(), alone(world)), [1.0])


def test_the_diagonaliser_finds_a_planted_basis() -> None:
    random = np.random.default_rng(1)
    planted, _ = np.linalg.qr(random.normal(size=(5, 5)))
    slices = np.stack([planted @ np.diag(random.normal(size=5)) @ planted.T for _ in range(4)])

    found = joint_diagonaliser(slices)

    np.testing.assert_allclose(found.T @ found, np.eye(5), atol=1e-12)
    # The same basis up to order and signs: a signed permutation remains.
    overlap = np.abs(planted.T @ found)
    np.testing.assert_allclose(np.sort(overlap, axis=1)[:, -1], 1, atol=1e-10)
    np.testing.assert_allclose(np.sort(overlap, axis=1)[:, :-1], 0, atol=1e-10)


@pytest.mark.parametrize("estimator", ["wls", "algorithm1"])
def test_check_says_beforehand_that_the_balance_is_not_determined(estimator: str) -> None:
    """Five sources on the task "kind" alone tell person from organization, but not doctor from lawyer."""
    votes, _ = random_world(KIND, [["kind"]] * 5, seed=3).sample(5_000, 3)
    model = LabelModel(KIND, estimator=estimator)

    report = model.check(votes)

    assert not report
    assert report.undetermined == ()
    assert "class balance is NOT determined" in report.explain()
    assert any("Give class_balance, or use estimator='map' or 'mle'" in finding for finding in report.findings)
    assert any("add sources" in remedy for remedy in report.remedies)
    with pytest.raises(NotIdentifiableError, match="class balance is not determined"):
        model.fit(votes)

    # The remedy is one: with the balance, both the check and the fit are content.
    given = LabelModel(KIND, estimator=estimator, class_balance=[0.25] * 4)
    assert given.check(votes)
    given.fit(votes)


def test_check_names_label_vectors_that_no_vote_tells_apart() -> None:
    votes, _ = random_world(KIND, [["kind"]] * 5, seed=3).sample(1_000, 3)
    four = TaskGraph.single("letter", ("a", "b", "c", "d"))
    codes = random_world(four, [["letter"]] * 4, seed=1).sample(1_000, 0)[0].codes

    coarse = LabelModel(KIND).check(votes).notes
    missing = LabelModel(four).check(np.where(codes == 4, 0, codes)).notes

    assert any(note.startswith("no vote tells ['doctor', 'lawyer'] apart") for note in coarse)
    assert any(note.startswith("no vote is ever for ['d']") for note in missing)
    assert not any(note.startswith("no vote") for note in LabelModel(four).check(codes).notes)
