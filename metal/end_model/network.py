"""The end model: a shared bidirectional LSTM, shared linear layers, and one linear head a task (section 5).

The loss is the expected multi-task loss under probabilistic labels (eq. 6 of the paper): a task
counts as much as it is probable that it applies, so nothing is learned where a label is N/A.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from metal.end_model.parameters import NetworkShape
from metal.tasks import TaskGraph


class MultiTaskNetwork(nn.Module):
    """Shared encoder and task heads; every output is over the feasible vectors F of `tasks`.

    vectors : embeddings (vocabulary, dimension), float32; id 0 also pads
    Reads ids (batch, time) and lengths (batch,); what stands after a text's length has no influence.
    """

    def __init__(self, vectors: npt.NDArray[np.float32], tasks: TaskGraph, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(vectors.shape[0], vectors.shape[1])
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(np.array(vectors, dtype=np.float32)))
        self.embedding.weight.requires_grad_(shape.train_embeddings)
        # Two one-way LSTMs, the second over reversed texts: padding then always comes last and is masked
        # away, which is exact and, unpacked, three times as fast on a CPU as packed sequences.
        dimension = vectors.shape[1]
        self.forward_lstm = nn.LSTM(dimension, shape.hidden, batch_first=True)
        self.backward_lstm = nn.LSTM(dimension, shape.hidden, batch_first=True)
        if shape.pooling == "attention":
            self.attention_forward = nn.Linear(shape.hidden, 1, bias=False)
            self.attention_backward = nn.Linear(shape.hidden, 1, bias=False)
        width = shape.hidden * (4 if shape.pooling == "max_mean" else 2)
        shared: list[nn.Module] = [nn.Dropout(shape.dropout)]
        for units in shape.layers:
            shared += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(shape.dropout)]
            width = units
        self.shared = nn.Sequential(*shared)
        self.heads = nn.ModuleList(nn.Linear(width, len(tasks.choices(task))) for task in tasks.names)
        for index, membership in enumerate(tasks.memberships()):
            self.register_buffer(f"membership_{index}", torch.tensor(membership, dtype=torch.float32), persistent=False)

    def _memberships(self) -> list[Tensor]:
        return [self.get_buffer(f"membership_{index}") for index in range(len(self.heads))]

    def _pool(self, states: Tensor, inside: Tensor, attention: nn.Module | None) -> Tensor:
        outside = ~inside.unsqueeze(2)
        if attention is not None:
            scores = attention(states).masked_fill(outside, -torch.inf)
            return (torch.softmax(scores, dim=1) * states).sum(dim=1)
        pooled = []
        if self.shape.pooling in ("max", "max_mean"):
            pooled.append(states.masked_fill(outside, -torch.inf).amax(dim=1))
        if self.shape.pooling in ("mean", "max_mean"):
            pooled.append(states.masked_fill(outside, 0).sum(dim=1) / inside.sum(dim=1, keepdim=True))
        return torch.cat(pooled, dim=1)

    def forward(self, ids: Tensor, lengths: Tensor) -> list[Tensor]:
        """Return each task's log probabilities over its `TaskGraph.choices`, (batch, labels) a task."""
        steps = torch.arange(ids.shape[1], device=ids.device)
        inside = steps < lengths.unsqueeze(1)
        embedded = self.embedding(ids)
        if self.training and self.shape.input_dropout > 0:
            kept = torch.rand(ids.shape, device=ids.device) >= self.shape.input_dropout
            embedded = embedded * (kept.unsqueeze(2) / (1 - self.shape.input_dropout))
        reverse = torch.where(inside, lengths.unsqueeze(1) - 1 - steps, steps)
        backward = embedded.gather(1, reverse.unsqueeze(2).expand_as(embedded))
        attends = self.shape.pooling == "attention"
        encoded = torch.cat(
            [
                self._pool(self.forward_lstm(embedded)[0], inside, self.attention_forward if attends else None),
                self._pool(self.backward_lstm(backward)[0], inside, self.attention_backward if attends else None),
            ],
            dim=1,
        )
        hidden = self.shared(encoded)
        return [torch.log_softmax(head(hidden), dim=1) for head in self.heads]

    def log_probabilities(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return log P(y | x) over F, shape (batch, |F|).

        The product of the tasks' conditionals, restricted to F and normalised there; in a hierarchy
        the product down the tree sums to 1 already.
        """
        scores = [task @ member.T for task, member in zip(self(ids, lengths), self._memberships(), strict=True)]
        return torch.log_softmax(torch.stack(scores).sum(dim=0), dim=1)

    def losses(self, ids: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """Return each text's expected loss under its soft label, shape (batch,) (eq. 6).

        labels (batch, |F|), each row summing to 1. The loss of a text is
        sum_t sum_v P(Y_t = v) * -log q_t(v | x), v over the labels of task t's head.
        """
        losses = [
            -((labels @ member) * task).sum(dim=1)
            for task, member in zip(self(ids, lengths), self._memberships(), strict=True)
        ]
        return torch.stack(losses).sum(dim=0)
