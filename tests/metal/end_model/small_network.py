"""A network small enough to reckon with by hand."""

from __future__ import annotations

import numpy as np
import torch

from metal.end_model.network import BiLSTM, MultiTaskNetwork
from metal.end_model.parameters import NetworkShape
from metal.end_model.tokens import Tokens
from metal.tasks import Task, TaskGraph

PET = TaskGraph.hierarchy(
    Task("kind", ("bird", "fish")),
    Task("bird", ("owl", "hen", "tit"), parent=("kind", "bird")),
    Task("fish", ("eel", "cod"), parent=("kind", "fish")),
)
TOKENS = Tokens.from_rows([[1, 2, 3, 4], [5], [2, 2]])


def shape(**changes: object) -> NetworkShape:
    settings: dict[str, object] = {
        "encoder": "lstm",
        "hidden": 5,
        "layers": (4,),
        "pooling": "max",
        "dropout": 0.0,
        "input_dropout": 0.0,
        "train_embeddings": False,
    }
    return NetworkShape(**(settings | changes))  # type: ignore[arg-type]


def network(tasks: TaskGraph, **changes: object) -> MultiTaskNetwork:
    torch.manual_seed(3)
    vectors = np.random.default_rng(0).normal(size=(6, 7)).astype(np.float32)
    return MultiTaskNetwork(BiLSTM(vectors, shape(**changes)), tasks, shape(**changes)).eval()


def inputs(tokens: Tokens = TOKENS) -> tuple[torch.Tensor, torch.Tensor]:
    ids, lengths = tokens.padded(np.arange(len(tokens)))
    return torch.from_numpy(ids), torch.from_numpy(lengths)


def lstm(model: MultiTaskNetwork) -> BiLSTM:
    assert isinstance(model.encoder, BiLSTM)
    return model.encoder


def heads_say(model: MultiTaskNetwork, probabilities: list[list[float]]) -> None:
    """Make every head give these probabilities to any text: weights 0, biases their logarithms."""
    for head, values in zip(model.heads, probabilities, strict=True):
        assert isinstance(head, torch.nn.Linear)
        with torch.no_grad():
            head.weight.zero_()
            head.bias.copy_(torch.log(torch.tensor(values)))
