"""The end model: a shared encoder, shared linear layers, and one linear head a task (section 5).

The paper's encoder is the bidirectional LSTM here; `metal.end_model.transformer` has a pre-trained one.
The heads are the factors of one log-linear model over the feasible label vectors F,

    q(y | x) = prod_t q_t(y_t | x) / sum_{y' in F} prod_t q_t(y'_t | x),

exact, as F is small, and this is what is predicted. Two losses under probabilistic labels P(y) over F:

joint : the cross-entropy -sum_y P(y) log q(y | x), of what is predicted
tasks : the paper's, the sum of the tasks' expected losses (eq. 6); a task counts as much as it is probable that it
    applies, so nothing is learned where a label is N/A

In a hierarchy the product down the tree sums to 1 and they are the same. In any other feasible set the second reads
nothing of P but each task's marginals, and trains each head as if it stood alone; what tells one vector from another
in several tasks, as that several of them do not apply, then counts several times over. Where P spreads over vectors,
their product may be greatest at one that P gives little, however well the heads have learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from metal.end_model.parameters import NetworkShape
from metal.tasks import TaskGraph


class Encoder(nn.Module):
    """What turns a batch of texts, ids (batch, time) and lengths (batch,), into vectors (batch, `width`).

    Ids stand before a text's length, padding after it: what stands there has no influence.
    """

    width: int


class BiLSTM(Encoder):
    """The paper's encoder: a bidirectional LSTM over word vectors, its states pooled.

    vectors : embeddings (vocabulary, dimension), float32; id 0 also pads
    """

    def __init__(self, vectors: npt.NDArray[np.float32], shape: NetworkShape) -> None:
        super().__init__()
        if shape.hidden is None:
            raise ValueError("an LSTM needs its number of hidden units; hidden is not set")
        self.input_dropout = shape.input_dropout
        self.embedding = nn.Embedding(vectors.shape[0], vectors.shape[1])
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(np.array(vectors, dtype=np.float32)))
        self.embedding.weight.requires_grad_(shape.train_embeddings)
        # Two one-way LSTMs, the second over reversed texts: padding then always comes last and is masked
        # away, which is exact and, unpacked, three times as fast on a CPU as packed sequences.
        dimension = vectors.shape[1]
        self.forward_lstm = nn.LSTM(dimension, shape.hidden, batch_first=True)
        self.backward_lstm = nn.LSTM(dimension, shape.hidden, batch_first=True)
        self.forward_pool = Pooling(shape.hidden, shape.pooling)
        self.backward_pool = Pooling(shape.hidden, shape.pooling)
        self.width = self.forward_pool.width + self.backward_pool.width

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return one vector a text, (batch, width)."""
        steps = torch.arange(ids.shape[1], device=ids.device)
        inside = steps < lengths.unsqueeze(1)
        embedded = drop_tokens(self.embedding(ids), self.input_dropout if self.training else 0.0)
        reverse = torch.where(inside, lengths.unsqueeze(1) - 1 - steps, steps)
        backward = embedded.gather(1, reverse.unsqueeze(2).expand_as(embedded))
        return torch.cat(
            [
                self.forward_pool(self.forward_lstm(embedded)[0], inside),
                self.backward_pool(self.backward_lstm(backward)[0], inside),
            ],
            dim=1,
        )


class Pooling(nn.Module):
    """The states of a text, (batch, time, size), become one vector, (batch, width), by one of `POOLINGS`."""

    def __init__(self, size: int, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.width = size * (2 if kind == "max_mean" else 1)
        self.attention = nn.Linear(size, 1, bias=False) if kind == "attention" else None

    def forward(self, states: Tensor, inside: Tensor) -> Tensor:
        """Pool the states where the mask `inside` (batch, time) holds."""
        outside = ~inside.unsqueeze(2)
        if self.attention is not None:
            scores = self.attention(states).masked_fill(outside, -torch.inf)
            return (torch.softmax(scores, dim=1) * states).sum(dim=1)
        pooled = []
        if self.kind in ("max", "max_mean"):
            pooled.append(states.masked_fill(outside, -torch.inf).amax(dim=1))
        if self.kind in ("mean", "max_mean"):
            pooled.append(states.masked_fill(outside, 0).sum(dim=1) / inside.sum(dim=1, keepdim=True))
        return torch.cat(pooled, dim=1)


def drop_tokens(embedded: Tensor, share: float) -> Tensor:
    """Return embeddings (batch, time, size) with this share of the tokens set to 0, the others scaled up for it."""
    if share <= 0:
        return embedded
    kept = torch.rand(embedded.shape[:2], device=embedded.device) >= share
    return embedded * (kept.unsqueeze(2) / (1 - share))


class MultiTaskNetwork(nn.Module):
    """Shared encoder and task heads; every output is over the feasible vectors F of `tasks`."""

    def __init__(self, encoder: Encoder, tasks: TaskGraph, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = encoder
        width = encoder.width
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

    def forward(self, ids: Tensor, lengths: Tensor) -> list[Tensor]:
        """Return each task's log probabilities over its `TaskGraph.choices`, (batch, labels) a task."""
        hidden = self.shared(self.encoder(ids, lengths))
        return [torch.log_softmax(head(hidden), dim=1) for head in self.heads]

    def log_probabilities(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return log P(y | x) over F, shape (batch, |F|).

        The product of the tasks' conditionals, restricted to F and normalised there; in a hierarchy
        the product down the tree sums to 1 already.
        """
        return self._over_feasible(self(ids, lengths))

    def _over_feasible(self, scores: list[Tensor]) -> Tensor:
        summed = [task @ member.T.to(task) for task, member in zip(scores, self._memberships(), strict=True)]
        return torch.log_softmax(torch.stack(summed).sum(dim=0), dim=1)

    def losses(self, ids: Tensor, lengths: Tensor, labels: Tensor, loss: str) -> Tensor:
        """Return each text's expected loss under its soft label, shape (batch,).

        labels (batch, |F|), each row summing to 1; `loss`, one of `LOSSES`:

        - "tasks" : sum_t sum_v P(Y_t = v) * -log q_t(v | x), v over the labels of task t's head (eq. 6)
        - "joint" : sum_y P(y) * -log q(y | x), y over F and q as `log_probabilities` has it. It is the former plus
          log sum_{y in F} prod_t q_t(y_t | x), and in a hierarchy, where that is 0, the former itself.
        """
        scores = self(ids, lengths)
        with torch.autocast(labels.device.type, enabled=False):  # probabilities keep all of their digits
            if loss == "joint":
                return -(labels * self._over_feasible(scores)).sum(dim=1)
            losses = [
                -((labels @ member) * task).sum(dim=1) for task, member in zip(scores, self._memberships(), strict=True)
            ]
            return torch.stack(losses).sum(dim=0)
