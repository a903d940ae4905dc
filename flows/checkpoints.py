"""Networks and the states of unfinished trainings as safetensors files: tensors, and JSON in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from flows.artifacts import damaged, existing, write_bytes
from metal.end_model.network import MultiTaskNetwork
from metal.end_model.training import Checkpoint, Epoch
from metal.tasks import TaskGraph


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write all that a training needs to go on, atomically."""
    _write(path, checkpoint.tensors, {"history": [astuple(epoch) for epoch in checkpoint.history]})


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote. Raises ArtifactError for a damaged file."""
    tensors, header = _read(path)
    return Checkpoint(tuple(Epoch(*epoch) for epoch in header["history"]), tensors)


def write_network(path: Path, network: MultiTaskNetwork, tasks: TaskGraph) -> None:
    """Write a trained network, atomically; the header's `metal` holds its `shape` and `task_graph`."""
    _write(path, network.state_dict(), {"shape": asdict(network.shape), "task_graph": tasks.to_dict()})


def _write(path: Path, tensors: Mapping[str, torch.Tensor], header: Mapping[str, Any]) -> None:
    content = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_bytes(path, save(content, {"metal": json.dumps(header, sort_keys=True)}))


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    try:
        with safe_open(existing(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["metal"])  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, error) from error
