"""Shapes and plans that make no sense are refused, by name."""

from __future__ import annotations

from typing import Any

import pytest

from metal.end_model.parameters import TrainingPlan
from tests.metal.end_model.small_network import shape


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pooling": "sum"}, "unknown pooling 'sum'; known are"),
        ({"hidden": 0}, "at least 1; got hidden=0"),
        ({"layers": (3, 0)}, r"layers=\(3, 0\)"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), not 1.0"),
    ],
)
def test_shapes_that_make_no_sense_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shape(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps must be above 0, not 0"),
        ({"learning_rate": -1.0}, "learning_rate must be above 0"),
        ({"warmup": 1.0}, r"warmup is a fraction of the steps, in \[0, 1\), not 1.0"),
        ({"weight_decay": -0.1}, "weight_decay must not be negative"),
    ],
)
def test_plans_that_make_no_sense_are_refused(changes: dict[str, float], message: str) -> None:
    settings: dict[str, Any] = {
        "steps": 10,
        "batch_size": 4,
        "learning_rate": 0.1,
        "weight_decay": 0.0,
        "warmup": 0.1,
        "clip": 1.0,
    }
    with pytest.raises(ValueError, match=message):
        TrainingPlan(**(settings | changes))
