"""One test for each defect known of published label models: that it is none here.

Where a test needs no sampling it runs on a world's population, every row with its probability, and is exact.
"""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from metal import LabelMatrix, LabelModel, LabelSpace, Statistics, Task, TaskGraph
from metal.baselines.task_votes import task_votes
from metal.dependencies import DependencyGraph
from metal.identifiability import generic_rank
from metal.synthetic import World, random_world, tied_table, unipolar_world
from tests.metal.label_model.dependent_worlds import dependent_world

SPAM = TaskGraph.single("spam", ("no", "yes"))
COLOUR = TaskGraph.single("colour", ("red", "green", "blue"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def exact(world: World, estimator: str = "mle") -> LabelModel:
    """Fit on the population, told of the dependencies; maximum likelihood learns the balance, moments are given it."""
    given = None if estimator == "mle" else world.balance
    return LabelModel(
        world.tasks,
        world.dependencies,
        estimator=estimator,
        class_balance=given,
        smoothing=0,
        tolerance=1e-12,
        max_iterations=100_000,
    ).fit(world.population())


def every_row(world: World) -> LabelMatrix:
    return LabelMatrix(world.population().rows, world.spaces, world.tasks)


def expected_accuracy(world: World, probabilities: np.ndarray) -> float:
    """P(argmax = Y) over the population, for probabilities of each of its rows."""
    rows = world.population().rows
    joint = world.likelihood(rows) * world.balance
    return float(joint[np.arange(len(rows)), probabilities.argmax(axis=1)].sum())


def test_silence_is_evidence_at_prediction() -> None:
    """Abstains dropped at prediction: of unipolar sources on skewed classes, silence is most of what they say.

    Eight sources for a class of 20% vote on half of its rows and on 15% of the others. c votes multiply the odds by
    (.5 / .15)^c and silence by (.5 / .85)^(8 - c): "yes" from 4 votes on. Without silence it would be from 2 votes on.
    """
    spaces = tuple(LabelSpace.checked(f"s{i}", ["spam"], [("yes",)], SPAM) for i in range(8))
    world = World(SPAM, spaces, (np.array([[0.85, 0.5], [0.15, 0.5]]),) * 8, np.array([0.8, 0.2]))
    rows = every_row(world)

    probabilities = exact(world).predict_proba(rows)

    np.testing.assert_allclose(probabilities, world.posterior(rows.codes), atol=1e-5)
    count = rows.codes.sum(axis=1)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), count >= 4)
    dropped = np.stack([count < 2, count >= 2], axis=1)
    # .8 P(Bin(8, .15) < t) + .2 P(Bin(8, .5) >= t) at t = 4 and t = 2.
    assert expected_accuracy(world, probabilities) == pytest.approx(0.91026, abs=1e-5)
    assert expected_accuracy(world, dropped) == pytest.approx(0.71872, abs=1e-5)


def test_the_balance_is_estimated_by_default() -> None:
    """Uniform balance by default: at 20/80 it costs points; a default model finds the balance, and exactly so."""
    world = random_world(SPAM, [["spam"]] * 6, seed=2, balance=[0.2, 0.8])
    votes, gold = world.sample(20_000, seed=3)
    default, uniform = LabelModel(SPAM).fit(votes), LabelModel(SPAM, class_balance=[0.5, 0.5]).fit(votes)

    np.testing.assert_allclose(exact(world).balance_, world.balance, atol=1e-6)
    # The standard error of the balance at 20,000 rows is near .005 here.
    np.testing.assert_allclose(default.balance_, world.balance, atol=0.02)
    assert (default.predict(votes) == gold).mean() > (uniform.predict(votes) == gold).mean() + 0.005


def test_a_model_with_dependencies_predicts() -> None:
    """Prediction impossible after fitting dependencies: here it is Bayes' rule, on patterns never seen, too."""
    world = random_world(SPAM, [["spam"]] * 6, seed=3, copies={"source_1": ("source_0", 0.6)})
    rows = every_row(world)
    few = LabelModel(SPAM, world.dependencies).fit(world.sample(30, seed=1)[0])

    np.testing.assert_allclose(exact(world).predict_proba(rows), world.posterior(rows.codes), atol=1e-5)
    np.testing.assert_allclose(few.predict_proba(rows).sum(axis=1), 1)


def test_separators_divide() -> None:
    """Separators with the wrong sign: of a path 0-1-2 the middle must be counted once.

    P(v0, v1, v2 | y) = P(v0, v1 | y) P(v1, v2 | y) / P(v1 | y); multiplied instead, source 1 would count three times.
    """
    world = dependent_world(5, ((0, 1), (1, 2)), seed=4, coupling=2.0)
    model = LabelModel(
        world.tasks, world.dependencies, estimator="mle", smoothing=0, tolerance=1e-12, max_iterations=100_000
    ).fit(world.population())
    rows = LabelMatrix(world.rows, world.spaces, world.tasks)

    np.testing.assert_allclose(model.predict_proba(rows), world.posterior(), atol=1e-5)

    codes, like = world.rows, world.likelihood

    def marginal(*columns: int) -> np.ndarray:
        """P(the codes of these columns | y) of every row."""
        same = (codes[:, None, list(columns)] == codes[None, :, list(columns)]).all(axis=2)
        return np.asarray(same.astype(float) @ like)

    alone = marginal(3) * marginal(4)
    np.testing.assert_allclose(marginal(0, 1) * marginal(1, 2) / marginal(1) * alone, like, atol=1e-12)
    wrong = marginal(0, 1) * marginal(1, 2) * marginal(1) * alone * world.balance
    assert np.abs(wrong / wrong.sum(axis=1, keepdims=True) - model.predict_proba(rows)).max() > 0.1


def test_the_junction_tree_is_a_maximum_spanning_tree() -> None:
    """Minimum instead of maximum: cliques abc, bcd, cde share bc, cd and (the first and last) c.

    The minimum tree takes c and leaves b or d in cliques that are not joined through cliques with it.
    """
    edges = [("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d"), ("c", "e"), ("d", "e")]
    tree = DependencyGraph(list("abcde"), edges).junction_tree

    assert tree.cliques == (("a", "b", "c"), ("b", "c", "d"), ("c", "d", "e"))
    assert [tree.separator(edge) for edge in tree.edges] == [("b", "c"), ("c", "d")]


@pytest.mark.parametrize("estimator", ["wls", "algorithm1", "mle"])
@pytest.mark.parametrize("kind", ["unipolar", "never silent"])
def test_no_moments_are_singular(estimator: str, kind: str) -> None:
    """Singular moments: a column of a source that never votes so, or columns that sum to one."""
    if kind == "unipolar":
        world = unipolar_world([0.4, 0.6], seed=5, m=6)
    else:
        drawn = random_world(SPAM, [["spam"]] * 5, seed=5, balance=[0.4, 0.6])
        loud = tuple(np.concatenate([[[0.0, 0.0]], t[1:] / t[1:].sum(axis=0)]) for t in drawn.tables)
        world = replace(drawn, tables=loud)

    model = exact(world, estimator)

    for space, truth in zip(world.spaces, world.precisions(), strict=True):
        np.testing.assert_allclose(model.label_precisions()[space.name], truth, atol=1e-5)


def test_gradients_do_not_diverge() -> None:
    """Divergence to NaN at the default step: votes of one row in a thousand beside votes of nine in ten."""
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], SPAM.feasible, SPAM) for i in range(6)]
    rates = [0.001, 0.9, 0.001, 0.9, 0.5, 0.002]
    tables = tuple(tied_table(space, SPAM, 0.8, rate) for space, rate in zip(spaces, rates, strict=True))
    world = World(SPAM, tuple(spaces), tables, np.array([0.3, 0.7]))

    model = LabelModel(SPAM, estimator="algorithm1", class_balance=world.balance).fit(world.population())

    # Tied votes are right at a rate that depends on the class; both labels of each source come out.
    for space, truth in zip(world.spaces, world.precisions(), strict=True):
        np.testing.assert_allclose(model.label_precisions()[space.name], truth, atol=1e-3)
    assert np.isfinite(model.predict_proba(every_row(world))).all()


def test_rare_sources_keep_their_tables() -> None:
    """Tables clipped to [.01, .99]: of a vote cast at rates .004 and .0001 a clipped table says nothing at all."""
    common = random_world(SPAM, [["spam"]] * 5, seed=6, balance=[0.5, 0.5])
    rare = LabelSpace.checked("rare", ["spam"], [("yes",)], SPAM)
    table = np.array([[0.9999, 0.996], [0.0001, 0.004]])
    world = World(SPAM, (*common.spaces, rare), (*common.tables, table), common.balance)
    alone = LabelMatrix(np.array([[0, 0, 0, 0, 0, 1]]), world.spaces, SPAM)

    probability = exact(world).predict_proba(alone)

    np.testing.assert_allclose(probability, world.posterior(alone.codes), atol=1e-4)
    assert probability[0, 1] > 0.9
    clipped = replace(world, tables=(*common.tables, np.array([[0.99, 0.99], [0.01, 0.01]])))
    assert clipped.posterior(alone.codes)[0, 1] < 0.6


def test_a_partial_vote_counts_once() -> None:
    """Partial votes counted once a leaf: "person" covers two of four leaves, and is one vote of odds .7 to .3.

    Counted for each leaf its evidence would be squared, and the odds 49 to 9.
    """
    space = LabelSpace.checked("coarse", ["kind"], [("person",), ("organization",)], KIND)
    votes = LabelMatrix(np.array([[1], [2]]), [space], KIND)
    model = LabelModel(KIND, shrinkage=1.0, class_balance=[0.25] * 4).fit(votes)

    np.testing.assert_allclose(model.predict_proba(votes)[0], [0.35, 0.35, 0.15, 0.15], atol=1e-12)
    assert Statistics.of(votes).cooccurrences.shape == (2, 2)  # a column a vote, not a leaf


def test_every_prediction_is_feasible() -> None:
    """Task marginals combined into infeasible vectors: labelled task by task some rows are; jointly none can be."""
    world = random_world(KIND, [["kind"], ["person"], ["organization"]] * 3, seed=7, accuracy=(0.6, 0.8))
    votes, _ = world.sample(5_000, seed=1)
    joint = LabelModel(KIND).fit(votes).predict_proba(votes)
    apart, together = [], []
    for task in KIND.names:
        single = task_votes(votes, task)
        apart.append(LabelModel(single.tasks, estimator="mle").fit(single).predict(single))
        together.append(KIND.task_codes(task)[joint.argmax(axis=1)])

    def infeasible(chosen: list[np.ndarray]) -> float:
        feasible = np.stack([KIND.task_codes(task) for task in KIND.names], axis=1)
        return float((~(np.stack(chosen, axis=1)[:, None] == feasible).all(axis=2).any(axis=1)).mean())

    assert infeasible(apart) > 0.005
    assert infeasible(together) == 0


def test_second_moments_do_not_tell_confusion_matrices() -> None:
    """Full k x k tables claimed from second moments: for k = 3 these fix them but for a rotation; the third do.

    With u_i = (T_i - b_i) sqrt(p), covariances are u_i u_j^T: the same for u_i R, if R is a rotation that leaves
    sqrt(p) where it is.
    """
    first = random_world(COLOUR, [["colour"]] * 3, seed=11, kind="proj", accuracy=(0.6, 0.8))
    root = np.sqrt(first.balance)
    frame = np.linalg.qr(np.column_stack([root, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))[0]
    turn = np.array([[1, 0, 0], [0, np.cos(0.15), -np.sin(0.15)], [0, np.sin(0.15), np.cos(0.15)]])
    rotation = frame @ turn @ frame.T
    tables = tuple(
        (t @ first.balance)[:, None] + ((t - (t @ first.balance)[:, None]) * root) @ rotation / root
        for t in first.tables
    )
    second = replace(first, tables=tables)

    same = [world.population().cooccurrences for world in (first, second)]

    np.testing.assert_allclose(same[0], same[1], atol=1e-12)
    assert max(np.abs(a - b).max() for a, b in zip(first.tables, second.tables, strict=True)) > 0.05
    for world in (first, second):
        for space, truth in zip(world.spaces, world.precisions(), strict=True):
            np.testing.assert_allclose(exact(world).label_precisions()[space.name], truth, atol=1e-4)
    # Three sources, three free votes, three classes: 27 parameters with the balance known.
    orders = [generic_rank(COLOUR, first.spaces, parameterisation="full", order=order)[:2] for order in (2, 3)]
    assert orders == [(26, 27), (27, 27)]


def test_a_failed_check_is_false() -> None:
    """An identifiability check whose failure value is truthy: `if model.check(votes)` must mean what it says."""
    votes = LabelMatrix.from_array(np.array([[1, 2, 1], [2, 2, 0], [1, 0, 2], [0, 1, 1]]), SPAM)

    passed = LabelModel(SPAM).check(votes)
    failed = LabelModel(SPAM, [("source_0", "source_1")]).check(votes)

    assert (bool(passed), bool(failed)) == (passed.identifiable, failed.identifiable) == (True, False)
    assert "NOT determined" in failed.explain()


@pytest.mark.parametrize("estimator", ["map", "mle", "wls", "algorithm1"])
def test_the_default_seed_is_fixed(estimator: str) -> None:
    """Random default seed: equal votes give equal models, to the bit, and the global generator is left alone."""
    votes, _ = random_world(SPAM, [["spam"]] * 6, seed=8).sample(1_000, seed=1)

    np.random.seed(1)  # noqa: NPY002
    first = LabelModel(SPAM, estimator=estimator).fit(votes)
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    second = LabelModel(SPAM, estimator=estimator).fit(votes)

    np.testing.assert_array_equal(first.predict_proba(votes), second.predict_proba(votes))
    assert drawn == expected


def test_sparse_votes_stay_sparse() -> None:
    """Densifying sparse input: fit and predict need less memory than the dense votes, of one byte each, would."""
    random = np.random.default_rng(9)
    n, m, cast = 200_000, 200, 20_000
    gold = random.integers(1, 3, size=n)
    row, column = random.integers(n, size=cast), random.integers(m, size=cast)
    code = np.where(random.random(cast) < 0.8, gold[row], 3 - gold[row])
    votes = sparse.coo_array((code, (row, column)), shape=(n, m)).tocsr()
    votes.data = np.minimum(votes.data, 2)  # a place drawn twice

    tracemalloc.start()
    probabilities = LabelModel(SPAM).fit(votes).predict_proba(votes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert probabilities.shape == (n, 2)
    assert peak < n * m


def test_saving_writes_and_loading_reads(tmp_path: Path) -> None:
    """Save and load that do no I/O: what is loaded is in files, and labels as before."""
    votes, _ = random_world(SPAM, [["spam"]] * 4, seed=10).sample(500, seed=1)
    model = LabelModel(SPAM, [("source_0", "source_1")]).fit(votes)

    model.save(tmp_path / "model")

    assert any(file.stat().st_size for file in (tmp_path / "model").iterdir())
    np.testing.assert_array_equal(LabelModel.load(tmp_path / "model").predict_proba(votes), model.predict_proba(votes))
