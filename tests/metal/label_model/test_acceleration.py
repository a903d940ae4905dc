"""Accelerated iteration: same fixed points as the plain one, never worse on the way, far fewer steps."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metal import LabelModel, Statistics, Task, TaskGraph
from metal.label_model.acceleration import Point, accelerated
from metal.label_model.fitting import blocks_under, estimated
from metal.synthetic import copying_world, random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def test_a_geometric_sequence_is_summed_in_one_extrapolation() -> None:
    """F(x) = .9 x + .05 has r = -.1 (x - .5), v = .01 (x - .5), so a = -10 and x' = .5 exactly."""

    def step(point: Point) -> tuple[Point, float]:
        return (0.9 * point[0] + 0.05,), -float(abs(point[0][0] - 0.5))

    found = accelerated(step, (np.array([0.9]),), max_iterations=100, tolerance=1e-9)

    assert found.converged
    assert found.iterations == 3
    assert found.point[0][0] == pytest.approx(0.5, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
@example(475, 5)  # so flat that extrapolations would grow past ten thousand steps
def test_it_ends_where_plain_em_ends(seed: int, parts: int) -> None:
    """EM for the weights of a mixture with known components: concave, so there is one optimum."""
    random = np.random.default_rng(seed)
    density = random.dirichlet(np.ones(12), size=parts)
    counts = random.multinomial(500, random.dirichlet(np.ones(parts)) @ density) / 500

    def step(point: Point) -> tuple[Point, float]:
        mixed = point[0] @ density
        return (point[0] * (density @ (counts / mixed)),), float(counts @ np.log(mixed))

    start: Point = (np.full(parts, 1 / parts),)
    found = accelerated(step, start, max_iterations=100_000, tolerance=1e-9)
    plain = start
    for _ in range(20_000):
        plain, _ = step(plain)

    assert found.converged
    # Rounding of the sum to one is stretched by a^2, at most 256^2.
    assert np.diff(found.trace).min(initial=0.0) >= -1e-10
    assert (found.point[0] >= 0).all()
    assert found.point[0].sum() == pytest.approx(1)
    assert step(found.point)[1] == pytest.approx(step(plain)[1], abs=1e-6)


def test_a_probability_that_stays_at_zero_up_to_rounding_stops_no_extrapolation() -> None:
    """x <- .99 x + .01 again, beside an entry that is 0 and 1e-17 by turns, which extrapolates to -5e-15."""

    def step(point: Point) -> tuple[Point, float]:
        x, rest = point[0]
        return (np.array([0.99 * x + 0.01, 0.0 if rest > 0 else 1e-17]),), -abs(1 - float(x))

    found = accelerated(step, (np.array([0.0, 0.0]),), max_iterations=1_000, tolerance=1e-9)

    assert found.converged
    assert found.iterations < 30
    np.testing.assert_allclose(found.point[0], [1, 0], atol=1e-6)


def test_the_limit_is_kept() -> None:
    def step(point: Point) -> tuple[Point, float]:
        return (point[0] - 0.1 * point[0] ** 2,), -float(point[0][0])

    for limit in range(1, 7):
        found = accelerated(step, (np.array([0.9]),), max_iterations=limit, tolerance=1e-30)
        assert found.iterations <= limit
        assert not found.converged


@pytest.mark.parametrize("parameterisation", ["tied", "proj"])
def test_weak_sources_converge_well_below_the_limit(parameterisation: str) -> None:
    """Sources barely better than chance: plain EM takes 3,109 passes ("proj"), three times the limit."""
    world = random_world(SPAM, [["spam"]] * 10, seed=1, accuracy=(0.5, 0.65))
    votes, _ = world.sample(5_000, 0)

    model = LabelModel(SPAM, estimator="mle", parameterisation=parameterisation).fit(votes)
    careful = LabelModel(
        SPAM, estimator="mle", parameterisation=parameterisation, tolerance=1e-9, max_iterations=20_000
    ).fit(votes)

    assert model.report_.converged
    assert model.report_.iterations < 500
    # Per row: a difference of a hundredth in the log-likelihood of all 5,000.
    assert model.report_.objective[-1] == pytest.approx(careful.report_.objective[-1], abs=2e-6)


def test_a_hierarchy_converges_well_below_the_limit() -> None:
    for seed in range(3):
        world = random_world(KIND, [["kind"], ["person"], ["organization"]] * 3, seed=seed, kind="proj")

        model = LabelModel(KIND, estimator="mle").fit(world.sample(1_000, seed)[0])

        assert model.report_.converged
        assert model.report_.iterations < 300


@pytest.mark.parametrize(("estimator", "shrinkage"), [("mle", None), ("map", 0.9), ("map", 0.5)])
@pytest.mark.parametrize("declared", [False, True])
def test_from_where_a_fit_of_fewer_rows_ended_em_comes_to_the_same_rest(
    estimator: str, shrinkage: float | None, declared: bool
) -> None:
    """As the refits of the bootstrap set out; joint sources show patterns that the earlier rows did not have."""
    world = copying_world([2] * 3, seed=1, m=8)
    few, more = (Statistics.of(world.sample(n, seed)[0]) for n, seed in ((4_000, 1), (8_000, 2)))
    edges = world.dependencies if declared else ()
    params = LabelModel(world.tasks, edges, estimator=estimator, shrinkage=shrinkage, tolerance=1e-8).get_params()
    (before,), (block,) = blocks_under(params, few), blocks_under(params, few + more)

    cold = estimated(params, block, None)
    warm = estimated(params, block, None, estimated(params, before, None))

    assert warm.iterations < cold.iterations or estimator == "map"  # which shrinks, and is as quick from the prior
    assert warm.accuracies(few + more) == pytest.approx(cold.accuracies(few + more), abs=1e-5)
