import numpy as np
import pytest
from scipy import optimize

from metal.baselines import DataProgramming
from metal.baselines.task_votes import task_votes
from metal.label_matrix import LabelMatrix
from metal.label_model import NotConvergedWarning, NotFittedError
from metal.synthetic import random_world
from metal.tasks import Task, TaskGraph

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
COVERAGE = [["kind"], ["person"], ["organization"]] * 2


def test_it_is_one_single_task_model_a_task_multiplied_down_the_tree() -> None:
    votes, _ = random_world(KIND, COVERAGE, seed=1).sample(300, 0)
    balance = np.array([0.4, 0.3, 0.2, 0.1])

    joint = DataProgramming(KIND, class_balance=balance).fit(votes).predict_proba(votes)

    single = {}
    for task in KIND.names:
        alone = task_votes(votes, task)
        marginal = KIND.marginal(balance[None], task)[0]
        single[task] = DataProgramming(alone.tasks, class_balance=marginal).fit(alone).predict_proba(alone)
    kind, person, organization = single["kind"], single["person"][:, :2], single["organization"][:, :2]
    person, organization = (p / p.sum(axis=1, keepdims=True) for p in (person, organization))
    np.testing.assert_allclose(joint, np.hstack([kind[:, :1] * person, kind[:, 1:] * organization]), rtol=1e-10)


def test_without_a_hierarchy_it_is_the_product_over_the_feasible_set() -> None:
    """Two tasks, three of four vectors feasible; a silent row: the marginals (.5, .5) and (.7, .3), renormalised."""
    pair = TaskGraph([Task("a", ("x", "y")), Task("b", ("u", "v"))], [("x", "u"), ("x", "v"), ("y", "u")])
    votes = LabelMatrix.from_array(np.array([[1, 2], [3, 3], [0, 0]]), pair)

    result = DataProgramming(pair, class_balance=[0.2, 0.3, 0.5]).fit(votes).predict_proba(votes)

    np.testing.assert_allclose(result[2], np.array([0.5 * 0.7, 0.5 * 0.3, 0.5 * 0.7]) / 0.85)


def test_its_posterior_is_bayes_rule_with_one_accuracy_a_source() -> None:
    votes, _ = random_world(SPAM, [["spam"]] * 3, seed=2).sample(200, 0)
    model = DataProgramming(SPAM, class_balance=[0.3, 0.7]).fit(votes)
    a = model.models_["spam"].accuracies

    result = model.predict_proba(LabelMatrix(np.array([[1, 2, 0], [0, 0, 0]]), votes.spaces, SPAM))

    no, yes = 0.3 * a[0] * (1 - a[1]), 0.7 * (1 - a[0]) * a[1]
    np.testing.assert_allclose(result, [[no / (no + yes), yes / (no + yes)], [0.3, 0.7]])


def test_two_agreeing_sources_by_hand() -> None:
    """Equal votes of two sources: a = (1 - s) q + .7 s with q = a^2 / (a^2 + (1 - a)^2); kappa weighs nothing.

    The votes say q of each source; the posterior trusts a.
    """
    votes = LabelMatrix.from_array(np.array([[1, 1], [2, 2]] * 500_000), SPAM)
    model = DataProgramming(SPAM, shrinkage=0.5, prior_strength=1e-6, tolerance=1e-12).fit(votes)
    root = optimize.brentq(lambda a: 0.5 * a**2 / (a**2 + (1 - a) ** 2) + 0.35 - a, 0.71, 0.999)

    assert model.models_["spam"].accuracies == pytest.approx([root, root], abs=1e-6)
    assert model.accuracies_["source_0"] == pytest.approx(root**2 / (root**2 + (1 - root) ** 2), abs=1e-6)


def test_it_recovers_accuracies_where_its_assumptions_hold() -> None:
    world = random_world(SPAM, [["spam"]] * 8, seed=3, balance=[0.5, 0.5])
    model = DataProgramming(SPAM, shrinkage=0).fit(world.sample(50_000, 1)[0])

    # Tied binary sources with a balanced class: precision is accuracy. Standard errors here are near .004.
    truth = [float(precision.mean()) for precision in world.precisions()]
    np.testing.assert_allclose(list(model.accuracies_.values()), truth, atol=0.02)


def test_every_prediction_is_a_distribution_and_silence_gets_the_balance() -> None:
    votes, _ = random_world(KIND, COVERAGE, seed=4).sample(100, 0)
    model = DataProgramming(KIND, class_balance=[0.4, 0.3, 0.2, 0.1]).fit(votes)

    silent = model.predict_proba(LabelMatrix(np.zeros((1, 6), dtype=int), votes.spaces, KIND))

    np.testing.assert_allclose(model.predict_proba(votes).sum(axis=1), 1)
    np.testing.assert_allclose(silent, [[0.4, 0.3, 0.2, 0.1]])


def test_wrong_use_is_refused() -> None:
    votes = LabelMatrix.from_array(np.array([[1, 2]]), SPAM)
    with pytest.raises(ValueError, match="class_balance must sum to one"):
        DataProgramming(SPAM, class_balance=[0.5, 0.6])
    with pytest.raises(ValueError, match="class_balance must be positive"):
        DataProgramming(SPAM, class_balance=[0.5, np.nan])
    with pytest.raises(ValueError, match="max_iterations must be at least 1"):
        DataProgramming(SPAM, max_iterations=0)
    with pytest.raises(NotFittedError, match="call fit"):
        DataProgramming(SPAM).predict_proba(votes)
    with pytest.warns(NotConvergedWarning, match="stopped after 1 iterations"):
        DataProgramming(SPAM, max_iterations=1).fit(LabelMatrix.from_array(np.array([[1, 1], [2, 1]]), SPAM))
    with pytest.raises(ValueError, match=r"shrinkage must lie in \[0, 1\]"):
        DataProgramming(SPAM, shrinkage=2)
    with pytest.raises(ValueError, match="prior_strength be positive"):
        DataProgramming(SPAM, prior_strength=0)
    with pytest.raises(ValueError, match="nothing to fit"):
        DataProgramming(SPAM).fit(LabelMatrix.from_array(np.zeros((2, 2), dtype=int), SPAM))
    with pytest.raises(ValueError, match="the votes are over"):
        DataProgramming(KIND).fit(votes)
    other = LabelMatrix.from_array(np.array([[1]]), SPAM)
    with pytest.raises(ValueError, match="not those of the fit"):
        DataProgramming(SPAM).fit(votes).predict_proba(other)
