"""Train an end model on probabilistic labels: a fixed number of steps, resumable, the same for a seed.

Nothing here stops early or looks at a second data set: how long to train is a hyperparameter, counted
in optimizer steps, so that a small and a large training set get the same number of updates.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from metal.end_model.network import Encoder, MultiTaskNetwork
from metal.end_model.parallel import differing, loss_function, part, rank_and_size, sum_over_processes
from metal.end_model.parameters import NetworkShape, TrainingPlan
from metal.end_model.tokens import Tokens, batches
from metal.tasks import TaskGraph

Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Epoch:
    """What one epoch showed: its number from 1, the mean loss while training, and its duration in seconds."""

    number: int
    loss: float
    seconds: float


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on: the epochs behind it and the tensors of network and optimizer."""

    history: tuple[Epoch, ...]
    tensors: dict[str, Tensor]


class TrainingError(RuntimeError):
    """A training that cannot go on: the loss is not finite, or a checkpoint does not fit."""


def _optimizer_tensors(network: MultiTaskNetwork, optimizer: torch.optim.AdamW) -> dict[str, Tensor]:
    return {
        f"optimizer.{name}.{key}": value
        for name, parameter in network.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def _restore(network: MultiTaskNetwork, optimizer: torch.optim.AdamW, tensors: Mapping[str, Tensor]) -> None:
    """Load the tensors of a `Checkpoint`. Raises TrainingError naming one that is missing or of another shape."""
    try:
        network.load_state_dict({name: tensors[f"network.{name}"] for name in network.state_dict()})
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                saved = {key: tensors[f"optimizer.{name}.{key}"] for key in ("step", "exp_avg", "exp_avg_sq")}
                # Steps and moments of a fused AdamW lie with the parameter, wherever they were saved.
                optimizer.state[parameter] = {
                    key: tensor.to(parameter.device, copy=True) for key, tensor in saved.items()
                }
                for key in ("exp_avg", "exp_avg_sq"):
                    if saved[key].shape != parameter.shape:
                        found, expected = tuple(saved[key].shape), tuple(parameter.shape)
                        raise ValueError(f"optimizer.{name}.{key} has shape {found}, not {expected}")
    except (KeyError, RuntimeError, ValueError) as error:
        raise TrainingError(f"the checkpoint does not fit this network: {error}. Delete it to train afresh.") from error


def train(
    tokens: Tokens,
    labels: Probabilities,
    *,
    encoder: Callable[[], Encoder],
    tasks: TaskGraph,
    shape: NetworkShape,
    plan: TrainingPlan,
    seed: int,
    device: str = "cpu",
    resume: Checkpoint | None = None,
    on_epoch: Callable[[Checkpoint], None] | None = None,
) -> tuple[MultiTaskNetwork, tuple[Epoch, ...]]:
    """Train a network on texts with soft labels over F; minimises the noise-aware loss that `plan` names.

    Parameters
    ----------
    tokens : n texts; labels (n, |F|), each row a distribution: not negative, summing to 1
    encoder : makes the network's encoder; called once, with the random generator seeded
    resume : go on from this checkpoint; on the CPU, with as many threads, the result is that of an uninterrupted
        run to the last bit; elsewhere up to rounding
    on_epoch : called with a checkpoint after every epoch

    In a group of processes (torch.distributed) all of them call this with the same arguments, and each reads its part
    of every batch. The network is then the same in all, and up to rounding that of a single process; what dropout
    leaves out differs. Only the first process calls `on_epoch`.

    Returns the network, in evaluation mode, and the history of all epochs.
    Raises ValueError for labels that do not fit, TrainingError for a loss that is not finite, and for processes that
    were not given the same.
    """
    n = len(tokens)
    if n == 0:
        raise ValueError("there is no text to train on")
    if labels.shape != (n, len(tasks.feasible)):
        raise ValueError(f"{n} texts need labels of shape {(n, len(tasks.feasible))}, not {labels.shape}")
    if (labels < 0).any():
        row = int(np.argmax((labels < 0).any(axis=1)))
        raise ValueError(f"each row of labels is a distribution over F; row {row} holds {labels[row].min():.6g}")
    if not np.allclose(labels.sum(axis=1), 1, atol=1e-6):
        row = int(np.argmax(np.abs(labels.sum(axis=1) - 1)))
        raise ValueError(f"each row of labels is a distribution over F; row {row} sums to {labels[row].sum():.6g}")
    rank, size = rank_and_size()
    if differences := differing(
        seed=seed,
        plan=plan,
        texts=zlib.crc32(tokens.ids.tobytes()),
        labels=zlib.crc32(labels.tobytes()),
        epochs_behind=len(resume.history) if resume is not None else 0,
    ):
        raise TrainingError(
            f"the {size} processes would not train the same, but {'; '.join(differences)}. "
            "Give all the same files, in a folder that all of them see"
        )
    targets = torch.tensor(labels, dtype=torch.float32, device=device)
    total = plan.epochs(n) * plan.steps_per_epoch(n)

    # The global generator that initialisation and dropout use is seeded inside and put back afterwards.
    with torch.random.fork_rng(devices=[torch.device(device)] if device != "cpu" else []):
        torch.manual_seed(seed)
        network = MultiTaskNetwork(encoder(), tasks, shape).to(device)
        optimizer = torch.optim.AdamW(
            (parameter for parameter in network.parameters() if parameter.requires_grad),
            lr=plan.learning_rate,
            weight_decay=plan.weight_decay,
            fused=True,  # one pass over the word vectors, which are most of the parameters, instead of a dozen
        )
        history: tuple[Epoch, ...] = ()
        if resume is not None:
            _restore(network, optimizer, resume.tensors)
            history = resume.history
        network.train()
        losses_of = loss_function(network, plan.loss)
        mixed = torch.autocast(torch.device(device).type, torch.bfloat16, enabled=plan.precision == "bfloat16")
        for number in range(len(history) + 1, plan.epochs(n) + 1):
            started = time.perf_counter()
            generator = np.random.default_rng([seed, number])  # an epoch depends on its number, not on the past
            torch.manual_seed(int(generator.integers(2**62)) + rank)
            summed = torch.zeros((), dtype=torch.float64, device=device)
            step = (number - 1) * plan.steps_per_epoch(n)
            for positions in batches(tokens.lengths, plan.batch_size, generator):
                mine, counting = part(positions)
                ids, lengths = tokens.padded(mine)
                with mixed:
                    losses = losses_of(
                        torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device), targets[mine]
                    )[:counting]
                optimizer.param_groups[0]["lr"] = plan.rate(step, total)
                optimizer.zero_grad()
                # The gradients of the processes are averaged: their mean is that of the whole batch's mean.
                (losses.sum() * (size / len(positions))).backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
                optimizer.step()
                summed += losses.detach().sum()
                step += 1
            loss = sum_over_processes(summed)
            if not math.isfinite(loss):
                raise TrainingError(
                    f"the loss of epoch {number} is {loss}; lower end_model.learning_rate ({plan.learning_rate})"
                )
            history = (*history, Epoch(number, loss / n, time.perf_counter() - started))
            if on_epoch is not None and rank == 0:
                tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
                on_epoch(Checkpoint(history, tensors | _optimizer_tensors(network, optimizer)))
    return network.eval(), history


def predict_proba(network: MultiTaskNetwork, tokens: Tokens, *, batch_size: int = 256) -> Probabilities:
    """Return P(y | x) over F of each text, shape (n, |F|)."""
    network.eval()
    device = network.get_buffer("membership_0").device
    result = np.zeros((len(tokens), network.get_buffer("membership_0").shape[0]))
    with torch.inference_mode():
        for positions in batches(tokens.lengths, batch_size):
            ids, lengths = tokens.padded(positions)
            scores = network.log_probabilities(torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device))
            result[positions] = torch.softmax(scores.double(), dim=1).cpu().numpy()
    return result
