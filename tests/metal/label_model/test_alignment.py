"""Label switching: automorphisms against brute force, and fits from mis-signed starts brought back."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal import LabelModel, LabelSpace, Task, TaskGraph
from metal.label_model.acceleration import FixedPoint, Point, accelerated
from metal.label_model.alignment import Mask, best_automorphism, better_than_chance, relations
from metal.label_model.emissions import Floats
from metal.synthetic import World, random_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
PRODUCT = TaskGraph.independent(Task("spam", ("no", "yes")), Task("rude", ("no", "yes")))


def cells(tasks: TaskGraph, covered: list[str]) -> Mask:
    events = [tasks.event(covered, label) for label in tasks.projections(covered)]
    return np.stack(events, axis=1)


def automorphisms(partitions: list[Mask], balance: Floats | None = None) -> list[tuple[int, ...]]:
    """By definition: cells go onto cells, and equals onto equals."""
    r = len(partitions[0])

    def kept(s: tuple[int, ...]) -> bool:
        if balance is not None and not np.array_equal(balance[list(s)], balance):
            return False
        for partition in partitions:
            blocks = {frozenset(np.flatnonzero(column)) for column in partition.T}
            if {frozenset(s[y] for y in block) for block in blocks} != blocks:
                return False
        return True

    return [s for s in permutations(range(r)) if kept(s)]


@pytest.mark.parametrize(
    ("partitions", "balance", "count"),
    [
        ([cells(SPAM, ["spam"])], None, 2),
        ([cells(SPAM, ["spam"])], [0.3, 0.7], 1),
        ([cells(COLOUR, ["colour"])], None, 6),
        ([cells(COLOUR, ["colour"])], [0.3, 0.4, 0.3], 2),
        # Persons with each other, organizations with each other, and both pairs as pairs: 2 * 2 * 2.
        ([cells(KIND, ["kind"]), cells(KIND, list(KIND.names))], None, 8),
        # As in Figure 2: a source that tells persons apart but not organizations keeps the pairs where they are.
        ([cells(KIND, ["kind"]), cells(KIND, ["kind", "person"]), cells(KIND, ["kind", "organization"])], None, 4),
        ([cells(KIND, ["person"])], None, 4),
        # Each task by itself, for two partitions of one kind are told apart by their sources: not swapped.
        ([cells(PRODUCT, ["spam"]), cells(PRODUCT, ["rude"])], None, 4),
        ([np.eye(4, dtype=bool)], None, 24),
    ],
)
def test_the_automorphisms_are_those_of_the_structure(
    partitions: list[Mask], balance: list[float] | None, count: int
) -> None:
    given_balance = None if balance is None else np.array(balance)
    related = relations(partitions, given_balance)

    found = [s for s in permutations(range(len(related))) if np.array_equal(related[np.ix_(s, s)], related)]

    assert found == automorphisms(partitions, given_balance)
    assert len(found) == count


@st.composite
def structures(draw: Any) -> tuple[list[Mask], Floats]:
    r = draw(st.integers(1, 5))
    partitions = draw(st.lists(st.lists(st.integers(0, 2), min_size=r, max_size=r), min_size=1, max_size=3))
    indicators = [np.eye(3, dtype=bool)[labels] for labels in partitions]
    agreement = draw(st.lists(st.integers(0, 9), min_size=r * r, max_size=r * r))
    return indicators, np.array(agreement, dtype=np.float64).reshape(r, r)


@given(structures())
@settings(max_examples=100, deadline=None)
def test_the_best_automorphism_is_that_of_all_tried(structure: tuple[list[Mask], Floats]) -> None:
    partitions, agreement = structure
    occupied = [partition[:, partition.any(axis=0)] for partition in partitions]
    r = np.arange(len(agreement))

    found = best_automorphism(agreement, relations(partitions, None))

    possible = automorphisms(occupied)
    assert tuple(found.tolist()) in possible
    assert agreement[r, found].sum() == max(agreement[r, list(s)].sum() for s in possible)
    if agreement[r, found].sum() == np.trace(agreement):
        assert found.tolist() == r.tolist()  # equals stay as they are


def test_a_large_feasible_set_is_searched_within_its_bound() -> None:
    """Sixty vectors without structure: one assignment. In thirty pairs: found too, among 2^30 * 30!."""
    random = np.random.default_rng(0)
    hidden = random.permutation(60)
    agreement = np.zeros((60, 60))
    agreement[np.arange(60), hidden] = 1 + random.random(60)
    np.testing.assert_array_equal(best_automorphism(agreement, relations([np.eye(60, dtype=bool)], None)), hidden)

    pairs = np.repeat(np.eye(30, dtype=bool), 2, axis=0)
    order = random.permutation(30)
    hidden = (2 * order[:, None] + random.permuted([[0, 1]] * 30, axis=1)).ravel()
    agreement = np.zeros((60, 60))
    agreement[np.arange(60), hidden] = 1 + random.random(60)
    np.testing.assert_array_equal(best_automorphism(agreement, relations([pairs], None)), hidden)


def log_likelihood(model: LabelModel, votes: Any) -> float:
    """Mean of ln P(row), from the tables alone."""
    arrays, _ = model.state()
    codes = votes.codes
    joint = np.log(arrays["balance"]) + sum(arrays[f"member_{i}"][codes[:, i]] for i in range(codes.shape[1]))
    return float(np.logaddexp.reduce(joint, axis=1).mean())


def started_from(order: list[int]) -> Callable[..., FixedPoint]:
    """EM whose start has its labels in another order."""

    def run(step: Any, start: Point, **options: Any) -> FixedPoint:
        return accelerated(step, tuple(part[..., order] for part in start), **options)

    return run


WORLDS: dict[str, tuple[World, dict[str, Any], list[int]]] = {
    "binary": (random_world(SPAM, [["spam"]] * 5, seed=1, balance=[0.35, 0.65]), {}, [1, 0]),
    "binary, tied": (random_world(SPAM, [["spam"]] * 5, seed=2), {"parameterisation": "tied"}, [1, 0]),
    "three classes": (random_world(COLOUR, [["colour"]] * 5, seed=3, accuracy=(0.7, 0.9)), {}, [2, 0, 1]),
    "full tables": (
        random_world(COLOUR, [["colour"]] * 5, seed=4, accuracy=(0.7, 0.9)),
        {"parameterisation": "full", "class_balance": [1 / 3, 1 / 3, 1 / 3]},
        [1, 2, 0],
    ),
    "hierarchy, below one label": (
        random_world(KIND, [["kind"], ["kind", "person"], ["kind", "organization"]] * 4, seed=5, accuracy=(0.8, 0.9)),
        {},
        [1, 0, 2, 3],
    ),
    "hierarchy, at the top": (
        random_world(KIND, [["kind"], list(KIND.names), list(KIND.names)] * 3, seed=6, accuracy=(0.8, 0.9)),
        {},
        [3, 2, 0, 1],
    ),
    "one of two tasks": (
        # The last source covers both, or they would be fitted apart.
        random_world(PRODUCT, [*[["spam"], ["rude"]] * 4, ["spam", "rude"]], seed=7, accuracy=(0.75, 0.9)),
        {},
        [2, 3, 0, 1],
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_mis_signed_start_is_brought_back(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world, options, order = WORLDS[name]
    votes, gold = world.sample(3_000, 0)
    exactly: dict[str, Any] = {"estimator": "mle", "smoothing": 0, "tolerance": 1e-9, "max_iterations": 20_000}

    def fit() -> LabelModel:
        return LabelModel(world.tasks, **(exactly | options)).fit(votes)

    straight = fit()
    monkeypatch.setattr("metal.label_model.likelihood.accelerated", started_from(order))
    brought_back = fit()
    monkeypatch.setattr(
        "metal.label_model.likelihood.best_automorphism", lambda agreement, _: np.arange(len(agreement))
    )
    switched = fit()

    # The defect exists: the same likelihood, and labels that are wrong throughout the exchanged part.
    assert switched.score(votes, gold) < straight.score(votes, gold) - 0.2
    assert log_likelihood(brought_back, votes) == pytest.approx(log_likelihood(switched, votes), abs=1e-10)
    np.testing.assert_allclose(brought_back.predict_proba(votes), straight.predict_proba(votes), atol=1e-4)
    assert brought_back.accuracies_ == pytest.approx(straight.accuracies_, abs=1e-4)
    assert min(brought_back.accuracies_.values()) > 0.5 > min(switched.accuracies_.values())


def test_silence_on_the_frequent_class_is_no_label_switching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Votes for a rare label are mostly wrong, but far better than chance: its precision is .3, its share .05."""
    spaces = tuple(LabelSpace.checked(f"s{i}", ["spam"], [("yes",)], SPAM) for i in range(9))
    tables = tuple(np.array([[0.9, 0.2], [0.1, 0.8]]) for _ in range(9))
    votes, gold = World(SPAM, spaces, tables, np.array([0.95, 0.05])).sample(5_000, 0)
    straight = LabelModel(SPAM, estimator="mle").fit(votes)
    monkeypatch.setattr("metal.label_model.likelihood.accelerated", started_from([1, 0]))

    brought_back = LabelModel(SPAM, estimator="mle").fit(votes)

    assert straight.score(votes, gold) > 0.99
    # .05 * .8 / (.05 * .8 + .95 * .1) = .296
    assert straight.accuracies_["s0"] == pytest.approx(0.296, abs=0.05)
    assert brought_back.accuracies_ == pytest.approx(straight.accuracies_, abs=1e-3)


def test_a_given_balance_is_not_permuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under P = (.2, .8) the two signs are different models: EM's is kept, and the balance is the given one."""
    votes, _ = random_world(SPAM, [["spam"]] * 5, seed=1, balance=[0.2, 0.8]).sample(500, 0)
    monkeypatch.setattr("metal.label_model.likelihood.accelerated", started_from([1, 0]))

    model = LabelModel(SPAM, estimator="mle", class_balance=[0.2, 0.8]).fit(votes)

    np.testing.assert_array_equal(model.balance_, [0.2, 0.8])


def test_dependent_sources_are_permuted_with_their_conditional_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    world = random_world(SPAM, [["spam"]] * 6, seed=8, accuracy=(0.7, 0.9), balance=[0.4, 0.6])
    votes, _ = world.sample(3_000, 0)
    edges = [("source_0", "source_1"), ("source_1", "source_2")]
    straight = LabelModel(SPAM, edges, estimator="mle").fit(votes)
    monkeypatch.setattr("metal.label_model.likelihood.accelerated", started_from([1, 0]))

    np.testing.assert_allclose(
        LabelModel(SPAM, edges, estimator="mle").fit(votes).predict_proba(votes),
        straight.predict_proba(votes),
        atol=1e-3,
    )


def test_moments_take_the_sign_of_each_component_that_is_better_than_chance() -> None:
    related = np.zeros((5, 5), dtype=bool)
    related[:3, :3] = related[3:, 3:] = True
    prior = np.full(5, 0.1)

    np.testing.assert_array_equal(
        better_than_chance(np.array([-0.3, 0.1, -0.1, 0.2, 0.1]), prior, related), [0.3, -0.1, 0.1, 0.2, 0.1]
    )


def test_wls_from_mis_signed_deltas_ends_where_it_ends_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    world = random_world(PRODUCT, [["spam"], ["rude"]] * 4, seed=9)
    exact = world.population()
    straight = LabelModel(PRODUCT, estimator="wls", class_balance=world.balance).fit(exact)
    calls = []

    def mis_signed(moments: Any, prior_precision: float) -> Floats:
        calls.append(prior_precision)
        rates = moments.b * (prior_precision / moments.pi - (1 - prior_precision) / (1 - moments.pi))
        # The first call is the start, the second the prior that the result is held against.
        return np.asarray(-rates if len(calls) == 1 else rates)

    monkeypatch.setattr("metal.label_model.moments.Moments.starting_delta", mis_signed)
    found = LabelModel(PRODUCT, estimator="wls", class_balance=world.balance).fit(exact)

    assert len(calls) == 2
    assert found.accuracies_ == pytest.approx(straight.accuracies_, abs=1e-6)
