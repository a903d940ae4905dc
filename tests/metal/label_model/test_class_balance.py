"""Class balances out of a development set: counted, and rectified by what the model guesses."""

import numpy as np
import pytest

from metal.label_model import counted_balance, rectified_balance
from tests.metal.label_model.test_model import SPAM


def test_guesses_take_off_what_the_gold_rows_have_too_much_of() -> None:
    """Of ten gold rows eight are "no", by guesses that are all right; of 1,000 rows half are."""
    gold = np.array([0] * 8 + [1] * 2)
    right = np.eye(2)[gold]

    found = rectified_balance(gold, right, np.array([0.5, 0.5]), 1_000, SPAM)

    # Counted with one more of each, 9 / 12; guesses are gold, so lambda = 1 / (1 + 10 / 1000), of .8 - .5.
    assert found == pytest.approx([0.75 - 0.3 / 1.01, 0.25 + 0.3 / 1.01])
    # Guesses that are always wrong tell as much, and those that are alike everywhere nothing.
    assert rectified_balance(gold, 1 - right, np.array([0.5, 0.5]), 1_000, SPAM) == pytest.approx(found)
    flat = rectified_balance(gold, np.full((10, 2), 0.5), np.array([0.9, 0.1]), 1_000, SPAM)
    np.testing.assert_array_equal(flat, counted_balance(gold, SPAM))
    none = rectified_balance(gold[:0], right[:0], np.array([0.9, 0.1]), 1_000, SPAM)
    np.testing.assert_array_equal(none, [0.5, 0.5])


def test_rectified_balance_is_positive_and_closer_than_counts() -> None:
    """Root mean square error over 200 draws of 50 gold rows, of guesses that are right on nine rows of ten."""
    random = np.random.default_rng(0)
    truth = (random.random(5_000) < 0.1).astype(int)
    guesses = np.eye(2)[np.where(random.random(5_000) < 0.9, truth, 1 - truth)]
    errors = []
    for _ in range(200):
        rows = random.choice(5_000, 50, replace=False)
        mended = rectified_balance(truth[rows], guesses[rows], guesses.mean(axis=0), 5_000, SPAM)
        assert (mended > 0).all()
        assert mended.sum() == pytest.approx(1)
        errors.append([x[1] - truth.mean() for x in (mended, counted_balance(truth[rows], SPAM))])

    ours, counted = np.sqrt(np.square(errors).mean(axis=0))
    assert ours < 0.9 * counted


def test_counted_balance_is_smoothed() -> None:
    # (3 + 1, 0 + 1) / 5
    np.testing.assert_allclose(counted_balance(np.array([0, 0, 0]), SPAM), [0.8, 0.2])
    np.testing.assert_allclose(counted_balance(np.array([], dtype=int), SPAM), [0.5, 0.5])
    with pytest.raises(ValueError, match=r"indices 0\.\.1 into F; got 0\.\.2"):
        counted_balance(np.array([0, 2]), SPAM)
    with pytest.raises(ValueError, match="pseudocount must be positive"):
        counted_balance(np.array([0]), SPAM, pseudocount=0)
