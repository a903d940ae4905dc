import numpy as np
import pytest

from metal.label_matrix import LabelSpace
from metal.synthetic import World, random_world, tied_table
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)


def test_tied_table_by_hand() -> None:
    space = LabelSpace.checked("s", ["person"], KIND.projections(["person"]), KIND)

    # Coverage .5, accuracy .8: .4 on the label that holds, .1 shared by the two others, .5 abstains.
    expected = [[0.5, 0.5, 0.5, 0.5], [0.4, 0.05, 0.05, 0.05], [0.05, 0.4, 0.05, 0.05], [0.05, 0.05, 0.4, 0.4]]
    np.testing.assert_allclose(tied_table(space, KIND, accuracy=0.8, coverage=0.5), expected)


def copying() -> World:
    spaces = tuple(LabelSpace.checked(name, ["spam"], SPAM.feasible, SPAM) for name in ("a", "b"))
    table = np.array([[0.0, 0.0], [0.9, 0.2], [0.1, 0.8]])
    other = np.array([[0.5, 0.5], [0.3, 0.2], [0.2, 0.3]])
    return World(SPAM, spaces, (table, other), np.array([0.6, 0.4]), {"b": ("a", 0.5)})


def test_likelihood_and_posterior_of_a_copy_by_hand() -> None:
    codes = np.array([[1, 1], [1, 2]])

    # P(a=1, b=1 | y) = P(a=1|y) (.5 + .5 P'(b=1|y)); P(a=1, b=2 | y) = P(a=1|y) .5 P'(b=2|y).
    expected = [[0.9 * 0.65, 0.2 * 0.6], [0.9 * 0.1, 0.2 * 0.15]]
    np.testing.assert_allclose(copying().likelihood(codes), expected)
    first = 0.6 * 0.9 * 0.65
    np.testing.assert_allclose(copying().posterior(codes)[0, 0], first / (first + 0.4 * 0.2 * 0.6))


def test_population_holds_all_probability_and_samples_follow_it() -> None:
    world = copying()
    population = world.population()
    votes, gold = world.sample(200_000, seed=3)

    assert population.n == pytest.approx(1)
    assert not ((population.rows == [0, 0]).all(axis=1)).any()  # a never abstains
    shares = np.array([(votes.codes == row).all(axis=1).mean() for row in population.rows])
    # Five standard errors of a share at n = 200,000 are at most .0056.
    np.testing.assert_allclose(shares, population.counts, atol=0.0056)
    assert gold.mean() == pytest.approx(0.4, abs=0.0056)


def test_samples_are_repeatable_and_differ_by_seed() -> None:
    world = random_world(KIND, [["kind"], ["person"], ["organization"]], seed=1, kind="proj")

    first, again, other = (world.sample(50, seed)[0].codes for seed in (4, 4, 5))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_tables_of_a_drawn_world_respect_its_ranges() -> None:
    world = random_world(
        KIND, [["kind"], ["person"]] * 5, seed=2, kind="proj", accuracy=(0.7, 0.8), coverage=(0.2, 0.4)
    )

    for space, table in zip(world.spaces, world.tables, strict=True):
        votes = 1 - table[0]
        right = (table[1:] * space.events(KIND)).sum(axis=0)
        assert ((votes >= 0.2) & (votes <= 0.4)).all()
        assert ((right / votes >= 0.7 - 1e-12) & (right / votes <= 0.8 + 1e-12)).all()


def test_precisions_are_bayes_rule() -> None:
    world = copying()

    # a: P(no | voted no) = .6 x .9 / (.6 x .9 + .4 x .2)
    np.testing.assert_allclose(world.precisions()[0], [0.54 / 0.62, 0.32 / 0.38])


def test_wrong_worlds_are_refused() -> None:
    world = copying()
    with pytest.raises(ValueError, match="table of source 'a'"):
        World(SPAM, world.spaces[:1], (np.ones((3, 2)),), world.balance)
    with pytest.raises(ValueError, match="'b' cannot copy 'c'"):
        World(SPAM, world.spaces, world.tables, world.balance, {"b": ("c", 0.5)})
    with pytest.raises(ValueError, match=r"rate in \[0, 1\]"):
        World(SPAM, world.spaces, world.tables, world.balance, {"b": ("a", 1.5)})
    with pytest.raises(ValueError, match="kind must be"):
        random_world(SPAM, [["spam"]], seed=0, kind="full")


def test_a_chain_of_copies_by_hand() -> None:
    """c copies b, which copies a: the edges are a-b and b-c, and b's accuracy is a mixture of a's and its own."""
    spaces = tuple(LabelSpace.checked(name, ["spam"], SPAM.feasible, SPAM) for name in ("c", "a", "b"))
    good = np.array([[0.0, 0.0], [0.9, 0.1], [0.1, 0.9]])
    coin = np.full((3, 2), [[0.0], [0.5], [0.5]])
    world = World(SPAM, spaces, (coin, good, coin), np.array([0.5, 0.5]), {"b": ("a", 0.5), "c": ("b", 0.5)})

    votes, gold = world.sample(100_000, seed=5)

    assert world.dependencies == (("a", "b"), ("b", "c"))
    # .9; half of .9 and half of .5; half of that and half of .5
    assert world.accuracies() == pytest.approx({"a": 0.9, "b": 0.7, "c": 0.6})
    right = (votes.codes == gold[:, None] + 1).mean(axis=0)
    np.testing.assert_allclose(right, [0.6, 0.9, 0.7], atol=0.008)  # five standard errors
    population = world.population()
    shares = np.array([(votes.codes == row).all(axis=1).mean() for row in population.rows])
    np.testing.assert_allclose(shares, population.counts, atol=0.008)
    with pytest.raises(ValueError, match=r"'c' cannot copy 'b'.*listed before its children"):
        World(SPAM, spaces, (coin, good, coin), np.array([0.5, 0.5]), {"c": ("b", 0.5), "b": ("a", 0.5)})
