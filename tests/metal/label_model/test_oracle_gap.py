"""The goals of the accuracy comparison, as far as they need no peer: three draws of every world, n = 1e5."""

import pytest

from tests.benchmarks.__main__ import SEEDS
from tests.benchmarks.accuracy import goals
from tests.benchmarks.scoring import score
from tests.benchmarks.worlds import WORLDS


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_the_label_model_is_near_the_oracle_and_ahead_of_the_majority(name: str) -> None:
    scores = {(name, seed): score(WORLDS[name](seed), 100_000, seed, peers=False) for seed in SEEDS}

    measured = [goal for goal in goals(scores) if goal.met is not None]

    assert len(measured) >= 3
    assert [str(goal) for goal in measured if not goal.met] == []
