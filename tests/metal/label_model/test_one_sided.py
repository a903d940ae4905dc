"""Votes for one side only, as of keyword sources for one class: what is not said must speak for the other."""

import warnings
from itertools import product

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel, LabelSpace, MajorityVote, Statistics, Task, TaskGraph
from metal.label_model import OneSidedVotesWarning, SuspectedDependencyWarning
from metal.label_model.one_sided import OneSided

SPAM = TaskGraph.single("spam", ("no", "yes"))
KIND = TaskGraph.single("kind", ("person", "place", "other"))
TREE = TaskGraph.hierarchy(
    Task("about", ("related", "unrelated")), Task("mood", ("good", "bad"), parent=("about", "related"))
)


def keywords(
    tasks: TaskGraph, labels: list[str], n: int, seen: float, copies: int, balance: list[float] | None = None
) -> tuple[LabelMatrix, np.ndarray]:
    """Draw sources of one label each, found on a share of its rows and on a third as many of others.

    The last `copies` follow the first source of their label on four rows of five.
    """
    random = np.random.default_rng(1)
    names = tasks.vector_names
    gold = random.choice(len(names), size=n, p=balance)
    own = np.array([names.index(label) for label in labels])
    codes = (random.random((n, len(own))) < np.where(gold[:, None] == own, seen, 0.3 * seen)).astype(int)
    for i in range(len(own) - copies, len(own)):
        copied = random.random(n) < 0.8
        codes[copied, i] = codes[copied, int(np.flatnonzero(own == own[i])[0])]
    spaces = [LabelSpace.checked(f"s{i}", tasks.names, [(label,)], tasks) for i, label in enumerate(labels)]
    return LabelMatrix(codes, spaces, tasks), gold


def fitted(votes: LabelMatrix, **options: object) -> LabelModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspectedDependencyWarning)
        return LabelModel(votes.tasks, **options).fit(votes)  # type: ignore[arg-type]


def majority_accuracy(votes: LabelMatrix, gold: np.ndarray) -> float:
    """The accuracy of majority vote that draws for ties: of a row, the chance that its gold wins."""
    share = MajorityVote(votes.tasks, winner_takes_all=True).predict_proba(votes)
    return float(share[np.arange(len(gold)), gold].mean())


@pytest.mark.parametrize(("m", "copies"), [(4, 0), (10, 0), (10, 1), (10, 3)])
@pytest.mark.parametrize("seen", [0.2, 0.5])
@pytest.mark.parametrize("yes", [0.2, 0.5])
def test_sources_of_one_class_do_not_label_every_row_with_it(m: int, copies: int, seen: float, yes: float) -> None:
    """Copies or not, without any balance: nobody votes "no", so that whoever is deaf to silence never says it."""
    votes, gold = keywords(SPAM, ["yes"] * m, 4_000, seen, copies, [1 - yes, yes])
    model = fitted(votes)

    assert 0.1 < (model.predict(votes) == 0).mean() < 0.99
    assert model.score(votes, gold) > majority_accuracy(votes, gold) + 0.05


@pytest.mark.parametrize("yes", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("copies", [0, 3])
def test_a_balance_that_is_given_says_how_many_rows_silence_stands_for(yes: float, copies: int) -> None:
    """Also where the one side is the larger: that is what votes for it alone cannot tell."""
    votes, gold = keywords(SPAM, ["yes"] * 10, 4_000, 0.3, copies, [1 - yes, yes])
    model = fitted(votes, class_balance=[1 - yes, yes])

    assert model.score(votes, gold) > majority_accuracy(votes, gold) + 0.02


@pytest.mark.parametrize("against", [0.0, 0.02])
def test_a_vote_now_and_then_for_the_other_side_changes_little(against: float) -> None:
    votes, gold = keywords(SPAM, ["yes"] * 9 + ["no"], 4_000, 0.5, 2)
    codes = votes.codes.copy()
    codes[np.random.default_rng(0).random(len(codes)) >= against / 0.5, -1] = 0
    few = LabelMatrix(codes, votes.spaces, SPAM)

    assert fitted(few).score(few, gold) > majority_accuracy(few, gold) + 0.05


def test_a_class_that_no_source_names_is_predicted_from_silence() -> None:
    votes, gold = keywords(KIND, ["person", "place"] * 4, 2_000, 0.5, 2)
    with pytest.warns(OneSidedVotesWarning, match="give class_balance, or add sources for the other side"):
        default = fitted(votes)
    with warnings.catch_warnings():
        warnings.simplefilter("error", OneSidedVotesWarning)
        deaf, told = fitted(votes, use_abstains=False), fitted(votes, class_balance=[0.3, 0.3, 0.4])

    assert any("is as class_balance says: add sources for the other side" in note for note in told.report_.messages)
    assert default.score(votes, gold) > majority_accuracy(votes, gold) + 0.05
    said = [message for message in default.report_.messages if "silence is taken for evidence" in message]
    assert len(said) == 1
    assert "votes speak for person against other, and hardly any the other way round, and so in 1 other" in said[0]
    assert "give class_balance, or add sources for the other side" in said[0]
    assert not any("silence is taken" in message for message in deaf.report_.messages)
    assert any("votes speak for person against other" in note for note in default.check(votes).notes)


def test_votes_for_both_sides_leave_the_default_deaf_to_silence() -> None:
    votes, _ = keywords(SPAM, ["no", "yes"] * 2, 2_000, 0.5, 0)
    default, deaf = (fitted(votes, use_abstains=use, shrinkage=0.9) for use in (None, False))

    np.testing.assert_array_equal(default.predict_proba(votes), deaf.predict_proba(votes))
    assert not any("silence is taken" in message for message in default.report_.messages)
    assert not any("votes speak for" in note for note in default.check(votes).notes)


def test_only_the_silence_of_the_one_side_is_evidence() -> None:
    """The mood of what is related: all say "good", none "bad", while both sides of "about" are voted for.

    So a row without votes looks bad rather than good, and no more unrelated than it did.
    """
    random = np.random.default_rng(0)
    gold = random.integers(3, size=3_000)  # good, bad, unrelated
    about = np.where(random.random((3_000, 3)) < 0.8, np.where(gold == 2, 2, 1)[:, None], 0)
    good = random.random((3_000, 3)) < np.where(gold[:, None] == 0, 0.6, 0.1)
    spaces = [LabelSpace.checked(f"a{i}", ["about"], [("related",), ("unrelated",)], TREE) for i in range(3)]
    spaces += [LabelSpace.checked(f"m{i}", ["mood"], [("good",)], TREE) for i in range(3)]
    votes = LabelMatrix(np.concatenate([about, good], axis=1).astype(int), spaces, TREE)
    assert OneSided.of(Statistics.of(votes)).sources.tolist() == [False] * 3 + [True] * 3

    default, deaf = (fitted(votes, use_abstains=use, shrinkage=0.9) for use in (None, False))

    silent = LabelMatrix(np.zeros((1, 6), dtype=int), spaces, TREE)
    heard, unheard = default.predict_proba(silent)[0], deaf.predict_proba(silent)[0]
    assert unheard[0] > unheard[1]
    assert heard[1] > 2 * heard[0]
    assert default.score(votes, gold) > deaf.score(votes, gold) + 0.1


@pytest.mark.parametrize(
    ("about", "mood", "pairs", "sources"),
    [
        # F = good, bad, unrelated; how often "related" and "unrelated", "good" and "bad" are voted, a source each task.
        ([20, 20], [0, 0], [], []),
        ([20, 20], [20, 20], [], []),
        ([20, 20], [20, 0], [("good", "bad")], ["mood"]),
        ([20, 20], [21, 1], [], []),
        # No source of a single label: what chooses among labels has other reasons to be silent.
        ([0, 0], [21, 1], [], []),
        ([20, 0], [20, 20], [("good", "unrelated"), ("bad", "unrelated")], ["about"]),
        # 19 + 1 votes speak for good against unrelated and one the other way round: not more than twenty to one.
        ([1, 1], [19, 0], [("good", "bad")], ["mood"]),
        ([1, 1], [20, 0], [("good", "bad"), ("good", "unrelated")], ["mood"]),
    ],
)
def test_where_votes_are_one_sided_by_hand(
    about: list[int], mood: list[int], pairs: list[tuple[str, str]], sources: list[str]
) -> None:
    spaces = [
        LabelSpace.checked("about", ["about"], [("related",), ("unrelated",)], TREE),
        LabelSpace.checked("mood", ["mood"], [("good",), ("bad",)], TREE),
    ]
    rows = [[code, 0] for code, times in enumerate(about, 1) for _ in range(times)]
    rows += [[0, code] for code, times in enumerate(mood, 1) for _ in range(times)]

    found = OneSided.of(Statistics.of(LabelMatrix(np.array(rows), spaces, TREE)))

    names = TREE.vector_names
    assert [(names[y], names[other]) for y, other in np.argwhere(found.pairs)] == pairs
    assert [space.name for space, one in zip(spaces, found.sources, strict=True) if one] == sources
    assert bool(found) == bool(pairs)


@pytest.mark.slow
def test_the_figures_of_one_sided_votes() -> None:
    """Over 135 worlds, the table in the label model's README: mean accuracy by the share of the side that is voted."""
    expected = {  # majority vote, deaf to silence, the default, and told the balance
        0.2: [0.404, 0.247, 0.761, 0.846],
        0.5: [0.587, 0.510, 0.754, 0.758],
        0.8: [0.772, 0.777, 0.634, 0.844],
    }
    for yes, row in expected.items():
        options: list[dict[str, object]] = [{"use_abstains": False}, {}, {"class_balance": [1 - yes, yes]}]
        found: list[list[float]] = []
        for m, seen, false, copies in product((4, 10), (0.1, 0.3, 0.6), (0.1, 0.3, 0.6), (0, 1, 3)):
            if copies < m - 1:
                votes, gold = uneven_keywords(m, seen, false, copies, yes, seed=len(found))
                ours = [fitted(votes, **told).score(votes, gold) for told in options]
                found.append([majority_accuracy(votes, gold), *ours])
        scores = np.array(found)
        np.testing.assert_allclose(scores.mean(axis=0), row, atol=0.01)
        assert len(scores) == 45
        if yes < 0.8:
            assert (scores[:, 2:] > scores[:, :1]).all()
        assert (scores[:, 3] > scores[:, 0] - 0.05).all()


def uneven_keywords(
    m: int, seen: float, false: float, copies: int, yes: float, seed: int
) -> tuple[LabelMatrix, np.ndarray]:
    """Draw keyword sources for "yes" of uneven rates; the first is followed by some on four rows of five."""
    random = np.random.default_rng(seed)
    gold = (random.random(4_000) < yes).astype(int)
    found = np.minimum(seen * np.exp(random.uniform(-0.4, 0.4, m)), 0.95)
    wrong = np.minimum(found * false * np.exp(random.uniform(-0.4, 0.4, m)), 0.9 * found)
    codes = (random.random((4_000, m)) < np.where(gold[:, None] == 1, found, wrong)).astype(int)
    for i in range(1, copies + 1):
        copied = random.random(4_000) < 0.8
        codes[copied, i] = codes[copied, 0]
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], [("yes",)], SPAM) for i in range(m)]
    return LabelMatrix(codes, spaces, SPAM), gold
