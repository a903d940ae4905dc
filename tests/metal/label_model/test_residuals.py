"""The residual check: which pairs of sources are suspected, on exact moments, samples and several documents."""

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.label_model import SuspectedDependencyWarning, residual_dependencies
from metal.label_model.residuals import robust_factors, starting_factors
from metal.label_model.vote_moments import vote_moments
from metal.synthetic import World, copying_world, random_world, unipolar_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PER_TASK = [["kind"], ["person"], ["organization"]]


def alone(m: int) -> tuple[tuple[int, ...], ...]:
    return tuple((i,) for i in range(m))


@pytest.mark.parametrize("kind", ["tied", "proj"])
def test_exact_moments_leave_no_residual(kind: str) -> None:
    """Rank r - 1 explains every covariance between independent sources, whatever their tables and the balance."""
    population = random_world(KIND, PER_TASK * 2, seed=1, kind=kind).population()
    votes = vote_moments(population, alone(6))

    found = robust_factors(votes, starting_factors(votes), max_iterations=20_000, tolerance=1e-13)

    assert starting_factors(votes).shape[1] == 3
    np.testing.assert_allclose(found[votes.between], votes.covariance[votes.between], atol=1e-8)


def test_a_copied_pair_is_the_only_residual_of_exact_moments() -> None:
    """Six binary sources of which two agree: the other entries fit exactly, as if the pair had not been there.

    n is set to a million, so that the copies' residual is far outside and loses its weight.
    """
    world = random_world(SPAM, [["spam"]] * 6, seed=2, copies={"source_1": ("source_0", 0.7)})
    population = world.population()
    population = Statistics(population.rows, population.counts * 1e6, population.spaces, SPAM)
    votes = vote_moments(population, alone(6))

    left = np.abs(votes.covariance - robust_factors(votes, starting_factors(votes), tolerance=1e-12))
    copies = np.isin(votes.owner, [0, 1])
    pair = copies[:, None] & copies[None, :]

    assert left[votes.between & ~pair].max() < 1e-3
    assert left[votes.between & pair].min() > 0.01


@pytest.mark.parametrize("n", [1_000, 30_000])
@pytest.mark.parametrize(
    "world",
    [
        random_world(SPAM, [["spam"]] * 10, seed=3, kind="proj", balance=[0.15, 0.85]),
        random_world(KIND, PER_TASK * 4, seed=4, kind="proj"),
        unipolar_world([0.3, 0.7], seed=5),
        unipolar_world([0.2] * 5, seed=6),
    ],
    ids=["binary", "hierarchy", "unipolar", "five classes"],
)
def test_independent_sources_are_not_suspected(world: World, n: int) -> None:
    """Silence, skew, unipolar sources and confusion matrices are no dependency. Chance of a false alarm: 1%."""
    votes, _ = world.sample(n, seed=1)

    assert residual_dependencies(Statistics.of(votes), alone(len(world.spaces))).suspected == ()


def by_type(world: World, sizes: tuple[int, ...], n: int, seed: int) -> LabelMatrix:
    """Return votes on documents of as many types as there are sizes: each source votes on one type's alone."""
    votes, _ = world.sample(n, seed)
    codes = votes.codes.copy()
    kind = np.random.default_rng(seed).integers(len(sizes), size=n)
    codes[kind[:, None] != np.repeat(np.arange(len(sizes)), sizes)[None, :]] = 0
    return LabelMatrix(codes, votes.spaces, votes.tasks)


@pytest.mark.parametrize("sizes", [(6, 6), (4, 4, 4)], ids=str)
@pytest.mark.parametrize(
    "world",
    [
        random_world(SPAM, [["spam"]] * 12, seed=1),
        random_world(SPAM, [["spam"]] * 12, seed=1, balance=[0.15, 0.85]),
        unipolar_world([0.5, 0.5], seed=2, m=12),
    ],
    ids=["binary", "skewed", "unipolar"],
)
def test_sources_of_other_documents_are_not_suspected(world: World, sizes: tuple[int, ...]) -> None:
    """Who sees which document joins those of one type and keeps apart those of two, but is no dependency."""
    statistics = Statistics.of(by_type(world, sizes, 5_000, seed=3))
    found = residual_dependencies(statistics, alone(12))

    assert found.suspected == ()
    np.testing.assert_array_equal(found.weights(alone(12)), 1.0)
    # Maximum likelihood would take the silence of the other type's sources for evidence.
    assert not found.borne_out
    part = vote_moments(statistics, alone(12)).part
    assert len(set(part)) == len(sizes)


def test_copies_are_suspected_among_sources_of_several_documents() -> None:
    copies = {"source_1": ("source_0", 0.8), "source_8": ("source_6", 0.8)}
    world = random_world(SPAM, [["spam"]] * 12, seed=1, copies=copies)
    votes = by_type(world, (6, 6), 10_000, seed=3)

    found = residual_dependencies(Statistics.of(votes), alone(12))

    assert {(pair.first, pair.second) for pair in found.suspected} == {
        ("source_0", "source_1"),
        ("source_6", "source_8"),
    }


def test_a_source_that_sees_all_documents_joins_none_of_the_others() -> None:
    """The last source votes on both types: the pairs across still never meet, and are not suspected."""
    world = random_world(SPAM, [["spam"]] * 13, seed=1, accuracy=(0.7, 0.9))
    votes, _ = world.sample(5_000, 3)
    codes = votes.codes.copy()
    kind = np.random.default_rng(4).random(5_000) < 0.5
    codes[:, :6][kind], codes[:, 6:12][~kind] = 0, 0
    first = {f"source_{i}" for i in range(6)}

    found = residual_dependencies(Statistics.of(LabelMatrix(codes, votes.spaces, SPAM)), alone(13))

    assert not [pair for pair in found.suspected if (pair.first in first) is not (pair.second in first)]


@pytest.mark.parametrize("groups", [[2] * 6, [7]], ids=["six pairs", "star of seven"])
def test_exactly_the_copies_are_suspected_and_none_once_declared(groups: list[int]) -> None:
    world = copying_world(groups, seed=7)
    statistics = Statistics.of(world.sample(10_000, seed=1)[0])
    model = LabelModel(world.tasks)

    with pytest.warns(SuspectedDependencyWarning, match=r"covary more than the model explains: source_0-source_\d"):
        model.fit(statistics)
    found = residual_dependencies(statistics, alone(20))
    told = LabelModel(world.tasks, world.dependencies).fit(statistics)

    # Copies of one source covary with each other, too: all pairs inside a group.
    first, expected = 0, set()
    for size in groups:
        expected |= {(f"source_{i}", f"source_{j}") for i in range(first, first + size) for j in range(first, i)}
        first += size
    assert {frozenset((pair.first, pair.second)) for pair in found.suspected} == {frozenset(e) for e in expected}
    assert "declare the dependencies that are real" in model.report_.messages[-1]
    assert not any("covary" in message for message in told.report_.messages)


def test_weights_are_the_design_effect() -> None:
    """Three sources that copy a fourth: each counts for 1 / (1 + sum of its correlations); the others for 1."""
    votes, _ = copying_world([4], seed=8, m=8).sample(20_000, seed=1)
    found = residual_dependencies(Statistics.of(votes), alone(8))

    np.testing.assert_allclose(found.weights(alone(8)), 1 / (1 + found.excess.sum(axis=1)))
    assert (found.weights(alone(8))[:4] < 0.5).all()
    np.testing.assert_array_equal(found.weights(alone(8))[4:], 1.0)
    np.testing.assert_allclose(found.excess, found.excess.T)


def test_few_votes_are_neither_suspected_nor_trusted() -> None:
    for codes in ([[1, 2, 1]], [[1, 0, 0], [0, 2, 0]], [[1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]]):
        found = residual_dependencies(
            Statistics.of(LabelMatrix.from_array(np.array(codes), SPAM)), alone(len(codes[0]))
        )

        assert found.suspected == ()
        assert not found.borne_out
    with pytest.raises(ValueError, match="no source votes on any of the 2 rows"):
        residual_dependencies(Statistics.of(LabelMatrix.from_array(np.zeros((2, 3), dtype=int), SPAM)), alone(3))


def test_many_distinct_rows_are_sampled_and_tell_the_same() -> None:
    """60 sources of 5 labels: the check counts on a part of the rows, and still finds the one copy."""
    tasks = TaskGraph.single("kind", tuple("abcde"))
    world = random_world(tasks, [["kind"]] * 60, seed=10, accuracy=(0.4, 0.7), copies={"source_9": ("source_5", 0.8)})
    found = residual_dependencies(Statistics.of(world.sample(40_000, seed=1)[0]), alone(60))

    assert [(pair.first, pair.second) for pair in found.suspected] == [("source_5", "source_9")]


def test_unipolar_copies_are_found_by_their_common_votes() -> None:
    """Sources of one label agree wherever both vote; that they vote together so often gives them away."""
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], [("yes",) if i % 2 else ("no",)], SPAM) for i in range(12)]
    tables = [
        np.array([[0.6, 0.9], [0.4, 0.1]]) if i % 2 == 0 else np.array([[0.9, 0.6], [0.1, 0.4]]) for i in range(12)
    ]
    world = World(SPAM, tuple(spaces), tuple(tables), np.array([0.5, 0.5]), {"s2": ("s0", 0.8), "s3": ("s1", 0.8)})

    found = residual_dependencies(Statistics.of(world.sample(20_000, seed=1)[0]), alone(12))

    assert {(pair.first, pair.second) for pair in found.suspected} == {("s0", "s2"), ("s1", "s3")}
    assert (found.weights(alone(12))[:4] < 0.7).all()


@pytest.mark.parametrize(("k", "checked"), [(25, True), (100, False)])
def test_more_parameters_than_a_fit_is_tried_for_are_said_not_fitted(k: int, checked: bool) -> None:
    """Six sources of k labels have 6 k (k - 1) parameters: 3,600 of 25 labels, 59,400 of 100."""
    tasks = TaskGraph.single("kind", [str(i) for i in range(k)])
    votes = random_world(tasks, [["kind"]] * 6, seed=1, accuracy=(0.6, 0.8)).sample(6_000, seed=1)[0]

    found = residual_dependencies(Statistics.of(votes), alone(6))

    assert (found.unchecked == "") is checked
    if not checked:
        assert "of 600 votes and 100 classes there are 59400 parameters, more than 16000" in found.unchecked
        assert not found.borne_out
        np.testing.assert_array_equal(found.weights(alone(6)), 1.0)
