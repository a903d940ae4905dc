"""Structure learning: decompositions known exactly, and precision and recall on synthetic graphs."""

from typing import Any

import numpy as np
import pytest

from metal import LabelMatrix, TaskGraph
from metal.label_model import LabelModel, suggest_structure
from metal.label_model.structure_robust_pca import decompose
from metal.synthetic import World, copying_world, random_world

METHODS = ["robust_pca", "likelihood"]
SPAM = TaskGraph.single("spam", ("no", "yes"))


def test_a_sparse_and_a_low_rank_part_are_told_apart() -> None:
    """S - L is planted: rank one, spread out, and two entries off the diagonal."""
    random = np.random.default_rng(0)
    z = random.choice([-1.0, 1.0], size=40) * random.uniform(0.1, 0.2, size=40)
    sparse = np.eye(40)
    sparse[3, 7] = sparse[7, 3] = 0.5
    sparse[1, 30] = sparse[30, 1] = -0.4

    found, low = decompose(sparse - np.outer(z, z), np.eye(40, dtype=bool), 40**-0.5, tolerance=1e-10)

    off = ~np.eye(40, dtype=bool)
    assert {tuple(sorted(pair)) for pair in np.argwhere((np.abs(found) > 0.05) & off)} == {(3, 7), (1, 30)}
    np.testing.assert_allclose(found - low, sparse - np.outer(z, z), atol=1e-8)
    assert np.linalg.eigvalsh(low)[0] > -1e-8
    assert np.linalg.eigvalsh(low)[-2] < 0.1 * np.linalg.eigvalsh(low)[-1]


@pytest.mark.parametrize("method", METHODS)
def test_exactly_the_copies_are_suggested(method: str) -> None:
    """Siblings that copy the same source are independent given it: no edge joins them."""
    world = copying_world([2, 2, 3], seed=1, m=10)

    found = suggest_structure(world.sample(5_000, seed=2)[0], method=method)

    assert {tuple(sorted(edge)) for edge in found.dependencies} == {tuple(sorted(e)) for e in world.dependencies}
    assert found.groups == 6  # of ten sources seven are in three groups
    assert [edge.strength for edge in found.edges] == sorted((e.strength for e in found.edges), reverse=True)


@pytest.mark.parametrize("method", METHODS)
def test_independent_sources_suggest_nothing(method: str) -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 8, seed=3).sample(5_000, seed=4)

    found = suggest_structure(votes, method=method)

    assert found.dependencies == ()
    assert found.groups == 8
    assert "Declare none" in found.explain()


def test_the_text_names_evidence_and_warns_of_too_many_edges() -> None:
    found = suggest_structure(copying_world([5], seed=5, m=6).sample(5_000, seed=6)[0])

    text = found.explain()

    assert "4 dependencies suggested by robust_pca from 5000 rows of 6 sources" in text
    assert "source_0 - source_1: strength" in text
    assert "over-specification" in text
    assert "would leave 2 independent groups of 6" in text
    assert "Do not declare them all" in text


def test_a_suggestion_is_not_adopted_by_itself() -> None:
    votes, _ = copying_world([2], seed=7, m=6).sample(3_000, seed=8)
    model = LabelModel(votes.tasks)

    found = suggest_structure(votes)
    told = LabelModel(votes.tasks, found.dependencies).fit(votes)

    assert model.dependencies == ()
    assert told.dependencies == (("source_0", "source_1"),)


@pytest.mark.parametrize("method", METHODS)
def test_permuting_sources_permutes_the_edges(method: str) -> None:
    votes, _ = copying_world([2, 3], seed=9, m=7).sample(3_000, seed=10)
    order = [4, 6, 0, 2, 5, 1, 3]
    mixed = LabelMatrix(votes.codes[:, order], [votes.spaces[i] for i in order], votes.tasks)

    straight, turned = (suggest_structure(v, method=method).dependencies for v in (votes, mixed))

    assert {frozenset(edge) for edge in straight} == {frozenset(edge) for edge in turned}


def test_what_cannot_be_learned_from_is_named() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 4, seed=11).sample(200, seed=12)
    twins = LabelMatrix(votes.codes[:, [0, 1, 2, 2]], votes.spaces, SPAM)

    with pytest.raises(ValueError, match=r"\['source_2', 'source_3'\] determine each other"):
        suggest_structure(twins)
    with pytest.raises(ValueError, match=r"unknown method 'guess'; known are \['robust_pca', 'likelihood'\]"):
        suggest_structure(votes, method="guess")
    with pytest.raises(ValueError, match="no source votes"):
        suggest_structure(LabelMatrix.from_array(np.zeros((3, 4), dtype=int), SPAM))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("codes", [np.ones((50, 4), dtype=int), np.ones((1, 3), dtype=int), np.array([[1], [2], [0]])])
def test_votes_that_cannot_show_a_dependency_show_none(method: str, codes: Any) -> None:
    """Sources that always vote one value, and a single one, whichever way it votes."""
    assert suggest_structure(LabelMatrix.from_array(codes, SPAM), method=method).dependencies == ()


def test_votes_without_a_task_graph_are_refused() -> None:
    with pytest.raises(TypeError, match=r"got ndarray: wrap codes by LabelMatrix.from_array"):
        suggest_structure(np.ones((5, 3), dtype=int))  # type: ignore[arg-type]


def precision_and_recall(worlds: list[World], n: int, method: str) -> tuple[float, float]:
    """Return the precision and the recall of suggested edges, pooled over worlds."""
    hits = suggested = true = 0
    for seed, world in enumerate(worlds):
        found = {frozenset(edge) for edge in suggest_structure(world.sample(n, seed)[0], method=method).dependencies}
        truth = {frozenset(edge) for edge in world.dependencies}
        hits, suggested, true = hits + len(found & truth), suggested + len(found), true + len(truth)
    return hits / max(suggested, 1), hits / true


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_precision_and_recall_on_synthetic_graphs(method: str) -> None:
    """Pairs, stars and triples of 12 sources, weak copying and strong: recall grows with n, precision stays."""
    shapes = [([2, 2, 2], 0.3, 2), ([2, 2, 2], 0.8, 2), ([4], 0.6, 2), ([3, 3], 0.5, 3)]
    worlds = [copying_world(groups, seed=s, m=12, rate=rate, k=k) for groups, rate, k in shapes for s in (1, 2)]

    measured = {n: precision_and_recall(worlds, n, method) for n in (500, 2_000, 20_000)}

    assert measured[20_000] == (1.0, 1.0)
    assert min(precision for precision, _ in measured.values()) > 0.9
    assert measured[500][1] <= measured[2_000][1] <= measured[20_000][1]
