"""What decides a training besides its data: the network's shape and the plan of its steps. Light to import."""

from __future__ import annotations

import math
from dataclasses import dataclass

POOLINGS = ("max", "mean", "attention", "max_mean")
"""How the states of an encoder over a text become one vector."""

ENCODERS = ("lstm", "transformer")
"""What reads a text: the paper's bidirectional LSTM, or a pre-trained transformer."""

LOSSES = ("joint", "tasks")
"""What is minimised: the cross-entropy of whole label vectors, or the paper's sum over tasks (`MultiTaskNetwork`)."""

PRECISIONS = ("float32", "bfloat16")
"""What a training step computes in; weights, their updates and predictions are float32 always."""


@dataclass(frozen=True)
class NetworkShape:
    """The size of a network.

    encoder : one of `ENCODERS`
    hidden : units of the LSTM in each direction; None for a transformer, which brings its own size
    layers : units of each shared linear layer, in order; may be empty
    pooling : one of `POOLINGS`
    dropout : of the shared layers' inputs; `input_dropout` : of whole tokens (an embedding becomes 0)
    train_embeddings : whether the vectors of the tokens learn too
    """

    encoder: str
    hidden: int | None
    layers: tuple[int, ...]
    pooling: str
    dropout: float
    input_dropout: float
    train_embeddings: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if self.encoder not in ENCODERS:
            raise ValueError(f"unknown encoder {self.encoder!r}; known are {list(ENCODERS)}")
        if (self.hidden is None) != (self.encoder == "transformer"):
            raise ValueError(
                "hidden is the size of an LSTM, and null for a transformer; "
                f"got hidden={self.hidden} for {self.encoder!r}"
            )
        if (self.hidden is not None and self.hidden < 1) or any(units < 1 for units in self.layers):
            raise ValueError(f"hidden units must be at least 1; got hidden={self.hidden}, layers={self.layers}")
        if self.pooling not in POOLINGS:
            raise ValueError(f"unknown pooling {self.pooling!r}; known are {list(POOLINGS)}")
        for name in ("dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), not {getattr(self, name)}")


@dataclass(frozen=True)
class TrainingPlan:
    """How to train.

    steps : optimizer steps; rounded up to whole epochs
    batch_size : texts a step
    learning_rate : its peak, reached after `warmup` (a fraction) of the steps, then falling to 0 as a cosine
    weight_decay : of AdamW, on everything
    clip : greatest norm of a step's gradient
    loss : one of `LOSSES`; in a hierarchy of tasks they are the same
    precision : one of `PRECISIONS`; bfloat16 is torch's automatic mixed precision
    """

    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    warmup: float
    clip: float
    loss: str = "joint"
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if not 0 <= self.warmup < 1:
            raise ValueError(f"warmup is a fraction of the steps, in [0, 1), not {self.warmup}")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay must not be negative, but is {self.weight_decay}")
        if self.loss not in LOSSES:
            raise ValueError(f"unknown loss {self.loss!r}; known are {list(LOSSES)}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"unknown precision {self.precision!r}; known are {list(PRECISIONS)}")

    def epochs(self, n: int) -> int:
        """Return the number of passes over n texts."""
        return math.ceil(self.steps / self.steps_per_epoch(n))

    def steps_per_epoch(self, n: int) -> int:
        """Return the number of batches of n texts."""
        return math.ceil(n / self.batch_size)

    def rate(self, step: int, total: int) -> float:
        """Return the learning rate of step 0 <= step < total: linear up, then a half cosine down to 0."""
        rising = self.warmup * total
        if step < rising:
            return self.learning_rate * (step + 1) / (rising + 1)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - rising) / (total - rising)))
