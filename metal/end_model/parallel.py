"""One training shared by several processes, each with its part of every batch: torch's DistributedDataParallel.

The processes belong to torch.distributed's default group, where there is one; whoever starts them makes it. Without a
group, or with one process in it, everything here is what a single process does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch.distributed as dist
from torch import Tensor, nn

from metal.end_model.network import MultiTaskNetwork


def rank_and_size() -> tuple[int, int]:
    """Return this process's number, from 0, and how many they are."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def part(positions: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Return which texts of a batch this process reads, and how many of them, the first ones, count.

    Every second text of two processes: lengths are alike then. Where a batch has fewer texts than there are processes,
    some read one that does not count, as all must take part in every step.
    """
    rank, size = rank_and_size()
    mine = positions[rank::size]
    return (mine, len(mine)) if len(mine) else (positions[:1], 0)


def loss_function(network: MultiTaskNetwork, loss: str) -> nn.Module:
    """Return the network's `losses`, of this kind, as a module, whose gradients are averaged over the processes."""
    module = _Losses(network, loss)
    return nn.parallel.DistributedDataParallel(module) if rank_and_size()[1] > 1 else module


class _Losses(nn.Module):
    """`MultiTaskNetwork.losses` as a forward pass, which is what torch wraps."""

    def __init__(self, network: MultiTaskNetwork, loss: str) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(self, ids: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        return self.network.losses(ids, lengths, labels, self.loss)


def sum_over_processes(value: Tensor) -> float:
    """Return the sum of every process's number."""
    if rank_and_size()[1] > 1:
        dist.all_reduce(value)
    return float(value)


def differing(**facts: Any) -> list[str]:
    """Return the names of the facts that are not the same in all processes, with their values."""
    _, size = rank_and_size()
    if size == 1:
        return []
    told: list[dict[str, Any]] = [{}] * size
    dist.all_gather_object(told, facts)
    return [
        f"{name}: {[each[name] for each in told]}" for name in facts if any(each[name] != facts[name] for each in told)
    ]
