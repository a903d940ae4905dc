"""The posterior against Bayes' rule, written out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel
from metal.label_model.emissions import Emissions, Unit, starting_precision, tempered, vote_evidence
from metal.label_model.posterior import posterior
from metal.synthetic import random_world
from metal.tasks import Task, TaskGraph

KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
SPAM = TaskGraph.single("spam", ("no", "yes"))


def singles(count: int, k: int) -> tuple[Unit, ...]:
    return tuple(Unit((i,), np.arange(k + 1)[:, None]) for i in range(count))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.booleans())
def test_posterior_equals_brute_force_bayes(seed: int, m: int, use_abstains: bool) -> None:
    world = random_world(
        KIND, [["kind"], ["person"], ["kind", "organization"], ["person", "organization"]][:m], seed=seed
    )
    tables = [table.copy() for table in world.tables]
    if not use_abstains:
        for table in tables:
            table[0] = 1.0
    units = tuple(Unit((i,), np.arange(len(table))[:, None]) for i, table in enumerate(tables))
    logs = tuple(np.log(table) for table in tables)
    codes = np.array(list(product(*(range(len(table)) for table in tables))))

    result = posterior(Emissions(world.balance, units, logs, logs, use_abstains), codes)

    for row, probabilities in zip(codes, result, strict=True):
        joint = [
            world.balance[y] * np.prod([tables[i][code, y] for i, code in enumerate(row)])
            for y in range(len(KIND.feasible))
        ]
        np.testing.assert_allclose(probabilities, np.array(joint) / sum(joint), rtol=1e-10)


def test_a_joint_source_is_not_two_independent_ones() -> None:
    # Two sources that always agree, right in .8: together they are one vote, P = .8, not .64 / (.64 + .04).
    unit = Unit((0, 1), np.array([[0, 0], [1, 1], [2, 2]]))
    table = np.log(np.array([[1.0, 1.0], [0.8, 0.2], [0.2, 0.8]]))
    member = table
    emissions = Emissions(np.array([0.5, 0.5]), (unit,), (table,), (member, member), use_abstains=False)

    np.testing.assert_allclose(posterior(emissions, np.array([[1, 1]])), [[0.8, 0.2]])


def test_a_pattern_never_seen_counts_its_members_as_one_vote() -> None:
    unit = Unit((0, 1), np.array([[0, 0], [1, 1]]))
    table = np.log(np.array([[1.0, 1.0], [0.9, 0.1]]))
    first = np.log(np.array([[1.0, 1.0], [0.8, 0.2], [0.2, 0.8]]))
    second = np.log(np.array([[1.0, 1.0], [0.6, 0.4], [0.4, 0.6]]))
    emissions = Emissions(np.array([0.5, 0.5]), (unit,), (table,), (first, second), use_abstains=False)

    result = posterior(emissions, np.array([[1, 2], [2, 0]]))

    # (1, 2): geometric mean of odds 4 and 2/3; (2, 0): the one that votes, odds 1/4.
    odds = np.sqrt(4 * 2 / 3)
    np.testing.assert_allclose(result, [[odds / (1 + odds), 1 / (1 + odds)], [0.2, 0.8]])


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=12))
def test_patterns_are_found_where_they_are(rows: list[list[int]]) -> None:
    known = np.unique(np.array([[0, 0, 0], *rows[: len(rows) // 2]]), axis=0)
    unit = Unit((2, 0, 1), known)
    codes = np.array(rows)

    found = unit.encode(codes)

    lookup = {tuple(pattern): i for i, pattern in enumerate(known.tolist())}
    assert found.tolist() == [lookup.get((row[2], row[0], row[1]), -1) for row in rows]


def test_a_group_of_thirty_sources_is_encoded_without_overflow() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 7, size=(40, 30))  # 7^30 patterns are possible, beyond 64 bits
    unit = Unit(tuple(range(30)), np.concatenate([np.zeros((1, 30), dtype=np.int64), codes[:20]]))

    assert unit.encode(codes).tolist() == [*range(1, 21), *[-1] * 20]


def test_evidence_of_a_coarse_vote_is_one_set() -> None:
    # rho = .9 on {doctor, lawyer}, pi = .3: alpha / b = 3 inside, beta / b = .1 / .7 outside.
    events = KIND.event(["kind"], ["person"])[None]
    evidence = vote_evidence(np.array([0.9]), events, np.array([0.1, 0.2, 0.3, 0.4]))

    np.testing.assert_allclose(np.exp(evidence), [[3, 3, 1 / 7, 1 / 7]])


def test_a_vote_for_everything_says_nothing() -> None:
    np.testing.assert_array_equal(
        vote_evidence(np.array([0.7]), np.ones((1, 2), dtype=bool), np.array([0.4, 0.6])), [[0, 0]]
    )


@given(st.floats(0.01, 0.99), st.floats(0.51, 0.99))
def test_a_starting_vote_is_never_worse_than_chance(pi: float, prior: float) -> None:
    rho = starting_precision(np.array([pi]), prior)[0]

    assert rho >= prior - 1e-12
    assert rho > pi
    assert rho < 1


def test_tempered_evidence_of_copies_is_that_of_one() -> None:
    member = np.array([[0.0, 0.0], [1.0, -1.0]])
    unit = Unit((0, 1, 2), np.zeros((1, 3), dtype=np.int64))

    result = tempered([member, member, member], unit, np.array([[1, 1, 1], [1, 0, 0], [0, 0, 0]]))

    np.testing.assert_allclose(result, [[1, -1], [1, -1], [0, 0]])


@pytest.mark.parametrize("estimator", ["map", "mle"])
def test_rows_longer_than_a_chunk_and_without_votes(estimator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = random_world(SPAM, [["spam"]] * 4, seed=1)
    votes, _ = world.sample(500, seed=2)
    model = LabelModel(SPAM, estimator=estimator, use_abstains=False).fit(votes)
    whole = model.predict_proba(votes)

    monkeypatch.setattr("metal.label_model.posterior.CHUNK", 7)

    np.testing.assert_array_equal(model.predict_proba(votes), whole)
    np.testing.assert_allclose(whole.sum(axis=1), 1)
    empty = LabelMatrix(np.zeros((2, 4), dtype=np.int8), votes.spaces, SPAM)
    np.testing.assert_allclose(model.predict_proba(empty), [model.balance_] * 2)
    assert model.predict_proba(votes.rows(slice(0, 0))).shape == (0, 2)
