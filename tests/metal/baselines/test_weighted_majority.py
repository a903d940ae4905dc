import numpy as np
import pytest

from metal.baselines import DataProgramming, MajorityVote, WeightedMajorityVote
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


def votes(rows: list[list[int]], tasks: TaskGraph = SPAM) -> LabelMatrix:
    return LabelMatrix.from_array(np.array(rows), tasks)


def test_weights_are_log_odds_of_agreement_by_hand() -> None:
    """Of five rows the majorities are 1, 1, 2, 1, 1, with which the sources agree 5, 4 and 3 times.

    With two pseudo-votes of which one agrees: 6/7, 5/7, 4/7. No label moves under the log-odds of these, so the weights
    stay. The first against the second has odds 6 to (5/2), and silence says nothing.
    """
    model = WeightedMajorityVote(SPAM).fit(votes([[1, 1, 1], [1, 1, 2], [2, 2, 1], [1, 2, 1], [1, 1, 1]]))

    assert model.accuracies_ == pytest.approx({"source_0": 6 / 7, "source_1": 5 / 7, "source_2": 4 / 7})
    np.testing.assert_allclose(model.predict_proba(votes([[1, 2, 0]])), [[6 / 8.5, 2.5 / 8.5]])
    np.testing.assert_allclose(model.predict_proba(votes([[0, 0, 0]])), [[1 / 2, 1 / 2]])


def test_unequal_sources_are_weighed_better_than_counted() -> None:
    world = random_world(SPAM, [["spam"]] * 9, seed=1, accuracy=(0.6, 0.95), coverage=(0.8, 0.9), balance=[0.5, 0.5])
    sample, gold = world.sample(20_000, 1)
    weighted = WeightedMajorityVote(SPAM).fit(sample)

    def accuracy(model: MajorityVote | WeightedMajorityVote) -> float:
        return float((model.predict_proba(sample).argmax(axis=1) == gold).mean())

    assert accuracy(weighted) > accuracy(MajorityVote(SPAM)) + 0.005
    truth = [float(precision.mean()) for precision in world.precisions()]
    assert np.corrcoef(list(weighted.accuracies_.values()), truth)[0, 1] > 0.95


def test_its_probabilities_are_those_of_data_programming_with_its_accuracies() -> None:
    sample, _ = random_world(KIND, [["kind"], ["person"], ["organization"]] * 2, seed=2).sample(500, 0)
    weighted, soft = WeightedMajorityVote(KIND).fit(sample), DataProgramming(KIND).fit(sample)

    soft.models_ = weighted.models_

    np.testing.assert_allclose(weighted.predict_proba(sample), soft.predict_proba(sample))
    np.testing.assert_allclose(weighted.predict_proba(sample).sum(axis=1), 1)


def test_renaming_labels_renames_the_answer() -> None:
    sample, _ = random_world(SPAM, [["spam"]] * 4, seed=3).sample(300, 0)
    swapped = LabelMatrix(np.array([0, 2, 1])[sample.codes], sample.spaces, SPAM)

    straight, mirrored = WeightedMajorityVote(SPAM).fit(sample), WeightedMajorityVote(SPAM).fit(swapped)

    np.testing.assert_allclose(mirrored.predict_proba(swapped)[:, ::-1], straight.predict_proba(sample))


def test_wrong_use_is_refused() -> None:
    with pytest.raises(ValueError, match="max_iterations must be at least 1; got 0"):
        WeightedMajorityVote(SPAM, max_iterations=0)
    with pytest.raises(NotFittedError, match="call fit"):
        WeightedMajorityVote(SPAM).predict_proba(votes([[1]]))
    with pytest.raises(ValueError, match="nothing to fit"):
        WeightedMajorityVote(SPAM).fit(votes([[0, 0]]))
    with pytest.raises(ValueError, match="the votes are over"):
        WeightedMajorityVote(KIND).fit(votes([[1]]))
    with pytest.raises(ValueError, match="not those of the fit"):
        WeightedMajorityVote(SPAM).fit(votes([[1, 2]])).predict_proba(votes([[1]]))
    sample, _ = random_world(SPAM, [["spam"]] * 5, seed=4).sample(300, 0)
    with pytest.warns(NotConvergedWarning, match=r"\['spam'\] still moved after 2 rounds"):
        WeightedMajorityVote(SPAM, max_iterations=2).fit(sample)
