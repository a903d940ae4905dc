"""The default on votes of real sources: public label matrices, which are no part of the project.

METAL_LABEL_MATRICES names their folder: `cdr.npz` and `tennis.npz` (train_votes, dev_votes and dev_gold, codes from 1),
`weather_votes.csv` (example, worker, label) and `weather_gold.csv` (example, label). The default is `shared/corpora`
beside the checkout; what needs them is skipped without them.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metal import LabelMatrix, LabelModel, LabelSpace, MajorityVote, Task, TaskGraph
from metal.evaluation import macro_f1, micro_accuracy, negative_log_likelihood
from metal.label_model import SuspectedDependencyWarning, tune

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "label_matrices"


@dataclass(frozen=True)
class Votes:
    """What to fit on, and what to judge by: gold are indices into F."""

    train: LabelMatrix
    dev: LabelMatrix
    gold: np.ndarray


def folder() -> Path:
    path = Path(os.environ.get("METAL_LABEL_MATRICES", FOLDER))
    if not path.is_dir():
        pytest.skip(f"no label matrices in {path}; name their folder in METAL_LABEL_MATRICES")
    return path


def binary(name: str) -> Votes:
    tasks = TaskGraph.single(name, ("one", "two"))
    with np.load(folder() / f"{name}.npz") as held:
        train, dev = (LabelMatrix.from_array(held[f"{split}_votes"], tasks) for split in ("train", "dev"))
        return Votes(train, dev, held["dev_gold"].astype(np.int64) - 1)


def weather(*, tree: bool) -> Votes:
    """Crowd votes on tweets: flat, or as two tasks, whether a tweet is about the weather and how it speaks of it."""
    votes, gold = (pd.read_csv(folder() / f"weather_{part}.csv") for part in ("votes", "gold"))
    labels = sorted(set(votes["label"]))
    sentiments = [label for label in labels if label != "unrelated"]
    vectors: list[tuple[str, ...]] = [(label,) for label in labels]
    if tree:
        tasks = TaskGraph.hierarchy(
            Task("about", ("related", "unrelated")), Task("sentiment", tuple(sentiments), parent=("about", "related"))
        )
        vectors = [("related", x) if x in sentiments else ("unrelated", "N/A") for x in labels]
    else:
        tasks = TaskGraph.single("weather", tuple(labels))
    wide = votes.assign(code=votes["label"].map(labels.index) + 1).pivot_table(
        index="example", columns="worker", values="code", aggfunc="last", fill_value=0
    )
    spaces = [LabelSpace.checked(f"w{worker}", tasks.names, vectors, tasks) for worker in wide.columns]
    matrix = LabelMatrix(wide.to_numpy(dtype=np.int64), spaces, tasks)
    known = gold.drop_duplicates("example").set_index("example")["label"]
    rows = np.flatnonzero(wide.index.isin(known.index))
    truth = [tasks.feasible.index(vectors[labels.index(known[example])]) for example in wide.index[rows]]
    return Votes(matrix, LabelMatrix(matrix.codes[rows], spaces, tasks), np.array(truth))


def smoothed(votes: LabelMatrix) -> np.ndarray:
    """The shares of the votes with half a vote added to every label."""
    counts = np.stack([(votes.codes == k + 1).sum(axis=1) for k in range(len(votes.tasks.feasible))], axis=1) + 0.5
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def scores(probabilities: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Accuracy, macro-F1 and negative log-likelihood."""
    return np.array([score(probabilities, gold) for score in (micro_accuracy, macro_f1, negative_log_likelihood)])


def default(votes: Votes) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        model = LabelModel(votes.train.tasks).fit(votes.train)
    return scores(model.predict_proba(votes.dev), votes.gold)


@pytest.mark.slow
def test_the_default_beats_majority_vote_in_the_mean_of_accuracy_macro_f1_and_likelihood() -> None:
    matrices = [binary("cdr"), binary("tennis"), weather(tree=False)]
    ours = np.array([default(votes) for votes in matrices])
    majority = np.array([scores(MajorityVote(v.train.tasks).predict_proba(v.dev), v.gold) for v in matrices])
    likelihood = np.array([scores(smoothed(v.dev), v.gold)[2] for v in matrices])

    gain = (ours - majority).mean(axis=0)
    assert gain[0] > 0.004
    assert gain[1] > 0.005
    assert (ours[:, :2] > majority[:, :2] - 1e-9).all()
    assert (ours[:, 2] < majority[:, 2]).all()
    assert ours[:, 2].mean() < likelihood.mean() - 0.1


@pytest.mark.slow
def test_weather_is_labelled_as_well_by_two_tasks_as_by_one() -> None:
    flat, tree = default(weather(tree=False)), default(weather(tree=True))

    assert flat[0] > 0.97
    assert tree[:2] == pytest.approx(flat[:2], abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cdr", "tennis", "weather"])
def test_a_hundred_labels_do_no_worse_than_the_default(name: str) -> None:
    """The mean over three draws of a hundred gold labels, judged by the other rows."""
    votes = weather(tree=False) if name == "weather" else binary(name)
    random = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        model = LabelModel(votes.train.tasks, tolerance=1e-4).fit(votes.train)

    gains = []
    for _ in range(3):
        order = random.permutation(len(votes.gold))
        chosen, rest = (
            LabelMatrix(votes.dev.codes[rows], votes.dev.spaces, votes.dev.tasks) for rows in (order[:100], order[100:])
        )
        found = tune(model, votes.train, chosen, votes.gold[order[:100]])
        gold = votes.gold[order[100:]]
        gains.append(scores(found.model.predict_proba(rest), gold) - scores(model.predict_proba(rest), gold))

    accuracy, f1, nll = np.mean(gains, axis=0)
    assert accuracy > -0.01
    assert f1 > -0.01
    assert nll < 0.03
