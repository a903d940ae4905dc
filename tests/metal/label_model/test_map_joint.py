"""Dependent sources under "map": joint sources, and copies that nobody declared."""

import math
import warnings
from itertools import product

import numpy as np
import pytest
from scipy import optimize

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, TaskGraph
from metal.label_model import SuspectedDependencyWarning, residual_dependencies
from metal.synthetic import copying_world
from tests.metal.label_model.dependent_worlds import GRAPHS, dependent_world
from tests.metal.label_model.test_estimators import SPAM
from tests.metal.label_model.test_map_em import EVEN, together, unanimous


@pytest.mark.parametrize("strength", [0.0, 5.0])
def test_a_joint_source_is_pulled_towards_one_vote_of_its_members(strength: float) -> None:
    """Sources 0 and 1 are declared dependent, source 2 is not, and all say "yes" throughout; s = .5.

    With q the posterior of a row, a source has rho = .5 (10 q + kappa .7) / (10 + kappa) + .35, the pair, whose prior
    is one such vote, J = .5 (10 q + kappa rho) / (10 + kappa) + .5 rho; and q is what the pair and source 2 make.
    """
    model = LabelModel(
        SPAM,
        [("source_0", "source_1")],
        class_balance=EVEN,
        shrinkage=0.5,
        prior_strength=strength,
        vote_correlation=0,
        tolerance=1e-12,
    ).fit(unanimous(10, 3, silent=1))

    def half_way(q: float, prior: float) -> float:
        return 0.5 * (10 * q + strength * prior) / (10 + strength) + 0.5 * prior

    def row(q: float) -> float:
        rho = half_way(q, 0.7)
        return together(half_way(q, rho), rho)

    q = optimize.brentq(lambda q: row(q) - q, 0.700001, 0.9999)
    assert model.predict_proba(unanimous(1, 3))[0, 1] == pytest.approx(q, abs=1e-9)
    precision = (10 * q + strength * 0.7) / (10 + strength)
    assert model.label_precisions()["source_1"][1] == pytest.approx(precision, abs=1e-9)


@pytest.mark.parametrize("patterns", [[[1, 1]] * 5, [[1, 0]] * 2 + [[0, 1]] * 3], ids=["copies", "exclusive"])
@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        # The pair speaks on half of the rows: .5 * 1.4 = .7 of "yes" and .5 * .6 = .3 of "no" are not silent.
        (5, 0.3),
        # P(0 | yes) = 1 - 5/6 * 1.4 < 0 is floored at a hundredth of 1/6, P(0 | no) = 1 - 5/6 * .6 = 1/2.
        (1, 0.01 / (0.01 + 3)),
    ],
)
def test_silence_of_a_joint_source_is_what_its_patterns_leave(
    patterns: list[list[int]], silent: int, expected: float
) -> None:
    """s = 1 and even balance: each pattern of the pair is one vote, .7 / .5 = 1.4 times as likely under "yes" as at

    all, .6 times under "no"; so the pair is worth what one source is that votes wherever either does.
    """
    spaces = [LabelSpace.checked(name, ["spam"], [("yes",)], SPAM) for name in ("a", "b")]
    votes = LabelMatrix(np.array(patterns + [[0, 0]] * silent), spaces, SPAM)
    model = LabelModel(SPAM, [("a", "b")], class_balance=EVEN, shrinkage=1.0, use_abstains=True).fit(votes)

    found = model.predict_proba(votes)[:, 1]

    np.testing.assert_allclose(found[:5], 0.7)
    np.testing.assert_allclose(found[5:], expected)


def rare_pairs(pairs: int, seed: int) -> tuple[LabelMatrix, np.ndarray, list[tuple[str, str]]]:
    """Pairs of sources of one label that rest on the same evidence, each pair silent on nine rows of ten and more."""
    tasks = TaskGraph.single("colour", ("red", "green", "blue", "grey"))
    random = np.random.default_rng(seed)
    gold = random.choice(4, 3_000, p=[0.15, 0.25, 0.2, 0.4])
    spaces, columns, edges = [], [], []
    for i in range(pairs):
        seen = random.random(3_000) < np.where(gold == i % 4, 0.09, 0.01)
        names = (f"pair_{i}_a", f"pair_{i}_b")
        for name in names:
            spaces.append(LabelSpace.checked(name, ["colour"], [tasks.feasible[i % 4]], tasks))
            columns.append(seen & (random.random(3_000) < 0.7))
        edges.append(names)
    return LabelMatrix(np.stack(columns, axis=1).astype(int), spaces, tasks), gold, edges


@pytest.mark.parametrize("shrinkage", [0.5, 0.9])
@pytest.mark.parametrize("use_abstains", [True, False])
def test_declaring_rare_pairs_costs_nothing(shrinkage: float, use_abstains: bool) -> None:
    """Silence whose table is drawn from the silent rows' own posterior calls nearly all of them grey: .40 for .75."""
    for seed in range(2):
        votes, gold, edges = rare_pairs(20, seed)
        spoken = votes.codes.any(axis=1)
        ignoring, declaring = (
            LabelModel(votes.tasks, pairs, shrinkage=shrinkage, use_abstains=use_abstains).fit(votes).predict(votes)
            for pairs in ((), edges)
        )
        assert (ignoring == gold)[spoken].mean() > 0.7
        assert (declaring == gold)[spoken].mean() > (ignoring == gold)[spoken].mean() - 0.02


@pytest.mark.parametrize("name", GRAPHS)
def test_declaring_dependencies_that_are_there_costs_nothing(name: str) -> None:
    """Paths, stars, cycles and cliques, under every pull that is meant for votes that no model explains."""
    m, edges = GRAPHS[name]
    world = dependent_world(m, edges, seed=0)
    votes, gold = world.sample(3_000, 0)
    for options in product((None, 0.5, 0.9), (None, True)):
        shrinkage, use_abstains = options
        ignoring, declaring = (
            LabelModel(world.tasks, pairs, shrinkage=shrinkage, use_abstains=use_abstains).fit(votes).score(votes, gold)
            for pairs in ((), world.dependencies)
        )
        assert declaring > ignoring - 0.02, options


def test_a_pattern_never_seen_is_a_vote_too() -> None:
    """s = 1, rho = 1: what two units say counts as one of them. The pair's new pattern, yes and no, says nothing."""
    model = LabelModel(SPAM, [("source_0", "source_1")], class_balance=EVEN, shrinkage=1.0, vote_correlation=1.0).fit(
        unanimous(10, 3, silent=1)
    )

    odds = (7 / 3) ** 0.5
    new = LabelMatrix.from_array(np.array([[2, 1, 2]]), SPAM)
    assert model.predict_proba(new)[0, 1] == pytest.approx(odds / (1 + odds))


def test_a_copy_that_nobody_declared_counts_for_its_weight() -> None:
    """s = 1 and even balance: the log odds of a row are log(7 / 3) times its votes, each by its weight."""
    votes, _ = copying_world([4], seed=8, m=8).sample(20_000, seed=1)
    alone = tuple((i,) for i in range(8))
    weights = residual_dependencies(Statistics.of(votes), alone).weights(alone)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        model = LabelModel(votes.tasks, class_balance=EVEN, shrinkage=1.0, vote_correlation=0).fit(votes)

    probabilities = model.predict_proba(votes)

    signs = np.where(votes.codes == 2, 1.0, np.where(votes.codes == 1, -1.0, 0.0))
    np.testing.assert_allclose(
        np.log(probabilities[:, 1] / probabilities[:, 0]), math.log(7 / 3) * signs @ weights, atol=1e-9
    )
    assert weights[:4].max() < 0.5
