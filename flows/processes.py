"""One training on several processes: those that `torchrun` started, on one machine or more.

    torchrun --nproc-per-node 2 -m flows.steps.train --application relation --supervision metal

torchrun tells its processes of each other in environment variables; without them a process is on its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

TOLD = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun tells every process."""

START = "torchrun --nproc-per-node N -m flows.steps.train --application NAME --supervision NAME"


def process_count() -> int:
    """Return how many processes were started together, 1 if this one was started by itself.

    Raises ValueError where a part of torchrun's variables is set and another is missing, or is no number.
    """
    if not {"RANK", "WORLD_SIZE"} & os.environ.keys():
        return 1
    if missing := [name for name in TOLD if name not in os.environ]:
        given = [f"{name}={os.environ[name]}" for name in TOLD if name in os.environ]
        raise ValueError(
            f"{', '.join(given)} without {', '.join(missing)}: to train on several processes, start them with "
            f"{START}; to train in one, unset {' and '.join(name for name in TOLD if name in os.environ)}"
        )
    if not os.environ["WORLD_SIZE"].isdecimal() or int(os.environ["WORLD_SIZE"]) < 1:
        raise ValueError(f"WORLD_SIZE={os.environ['WORLD_SIZE']!r} must be a number of processes; use {START}")
    return int(os.environ["WORLD_SIZE"])


@contextmanager
def process_group(device: str, *, batch_size: int) -> Iterator[None]:
    """Join the processes that were started together, if there are several, for as long as this lasts.

    device : that of end_model.device; gradients go from GPU to GPU by NCCL, and from CPU to CPU by gloo
    Raises ValueError where a machine has fewer CUDA devices than processes, and for batches with fewer texts.
    """
    count = process_count()
    if count == 1:
        yield
        return
    import torch
    import torch.distributed as dist

    here = int(os.environ["LOCAL_WORLD_SIZE"])
    cuda = device != "cpu" and torch.cuda.is_available()
    if cuda and torch.cuda.device_count() < here:
        raise ValueError(
            f"{here} processes on a machine with {torch.cuda.device_count()} CUDA devices; "
            f"start as many: torchrun --nproc-per-node {torch.cuda.device_count()}, or set end_model.device=cpu"
        )
    if batch_size < count:
        raise ValueError(f"end_model.batch_size={batch_size} cannot be shared by {count} processes; start fewer")
    if cuda:
        torch.cuda.set_device(local_rank())
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def local_rank() -> int:
    """Return the number of this process on its machine: that of its CUDA device."""
    return int(os.environ.get("LOCAL_RANK", "0"))
