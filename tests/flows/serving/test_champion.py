"""A champion gives way to a model that is better by more than chance explains, and to no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from flows.serving.champion import difference_interval, judge


def right(*counts: int) -> np.ndarray:
    """Return where a model is right: this many yes, then this many no, and so on."""
    return np.concatenate([np.full(n, position % 2 == 0) for position, n in enumerate(counts)])


def test_all_wins_have_a_closed_form() -> None:
    # Clopper and Pearson for d of d: the lower end p solves p^d = .025.
    for d in (5, 6):
        low, high = difference_interval(d, 0, 100)
        assert low == pytest.approx((2 * 0.025 ** (1 / d) - 1) * d / 100)
        assert high == pytest.approx(d / 100)


@given(st.integers(0, 80), st.integers(0, 80))
def test_the_interval_lies_above_zero_where_mcnemars_exact_test_rejects(wins: int, losses: int) -> None:
    low, high = difference_interval(wins, losses, 200)
    assert low <= (wins - losses) / 200 <= high
    if wins + losses:
        assert (low > 0) == (binomtest(wins, wins + losses, alternative="greater").pvalue < 0.025)
    mirrored = difference_interval(losses, wins, 200)
    assert mirrored == pytest.approx((-high, -low))


def test_the_first_model_becomes_champion() -> None:
    verdict = judge(right(0, 10), None)
    assert verdict.promoted
    assert verdict.reason == "champion: there was none before"


@pytest.mark.parametrize(
    ("wins", "losses", "promoted"),
    [(0, 0, False), (5, 0, False), (6, 0, True), (20, 12, False), (24, 8, True), (0, 9, False)],
)
def test_only_a_better_one_takes_its_place(wins: int, losses: int, promoted: bool) -> None:
    challenger, champion = right(wins, losses, 60), ~right(wins, losses, 60)
    challenger[wins + losses :] = champion[wins + losses :] = True  # these say nothing
    verdict = judge(challenger, champion, "version 3")
    assert verdict.promoted == promoted
    assert f"right alone on {wins}, wrong alone on {losses} of {wins + losses + 60} documents" in verdict.reason
    assert verdict.reason.startswith("champion: " if promoted else "not champion: ")
    assert "against version 3" in verdict.reason
