"""Several processes train as one does: two real ones, in double precision, with a batch that one has no part of."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from metal.end_model.network import BiLSTM
from metal.end_model.parallel import differing, part, rank_and_size
from metal.end_model.parameters import NetworkShape, TrainingPlan
from metal.end_model.training import Checkpoint, TrainingError, train
from tests.flows.servers import free_port
from tests.local_imports import ROOT
from tests.metal.end_model.test_training import PET, VECTORS, texts

SHAPE = NetworkShape("lstm", 8, (8,), pooling="max", dropout=0.0, input_dropout=0.0, train_embeddings=True)
PLAN = TrainingPlan(steps=42, batch_size=16, learning_rate=0.02, weight_decay=0.01, warmup=0.2, clip=1.0)
Arrays = dict[str, npt.NDArray[np.float64]]


def trained(seed: int) -> Arrays:
    """Train in double precision on 97 texts: each epoch's last batch is one text, which one of two has no part of."""
    tokens, gold = texts(97)
    told: list[Checkpoint] = []
    torch.set_default_dtype(torch.float64)
    try:
        network, history = train(
            tokens,
            0.9 * np.eye(3)[gold] + 0.1 / 3,
            encoder=lambda: BiLSTM(VECTORS, SHAPE),
            tasks=PET,
            shape=SHAPE,
            plan=PLAN,
            seed=seed,
            on_epoch=told.append,
        )
    finally:
        torch.set_default_dtype(torch.float32)
    moments = [value.flatten() for name, value in told[-1].tensors.items() if "exp_avg" in name] if told else []
    return {
        "losses": np.array([epoch.loss for epoch in history]),
        "weights": torch.cat([value.flatten() for value in network.state_dict().values()]).numpy(),
        "moments": torch.cat(moments).numpy() if moments else np.zeros(0),
        "told": np.array(float(len(told))),
    }


def main(out: str) -> None:
    """Train as one of the processes that the environment tells of; first with seeds of their own, which is refused."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", timeout=timedelta(seconds=240))
    rank = torch.distributed.get_rank()
    try:
        trained(seed=rank)
    except TrainingError as error:
        Path(f"{out}_{rank}.txt").write_text(str(error))
    np.savez(f"{out}_{rank}.npz", allow_pickle=False, **trained(seed=0))
    torch.distributed.destroy_process_group()


def run_two(out: Path) -> None:
    """Run `main` in two processes."""
    port = str(free_port())
    processes = []
    for rank in range(2):
        told = {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        command = [sys.executable, "-m", "tests.metal.end_model.test_parallel", str(out)]
        environment = {**os.environ, **told, "OMP_NUM_THREADS": "1"}
        processes.append(subprocess.Popen(command, env=environment, cwd=ROOT))
    assert [process.wait(timeout=300) for process in processes] == [0, 0]


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    """Up to the order of sums.

    A gradient sums at most 16 texts of some 12 steps in another order: it moves by less than 200 units of rounding,
    2e-14, for entries of size 1. AdamW divides it by the root of its own second moment plus 1e-8, so that an update
    moves by less than .02 (2e-14 / 1e-8) = 4e-8, and 42 of them by less than 2e-6, even where every single gradient
    is that small; so do the losses, means over texts of something that changes by about 1 a unit of weight.
    """
    run_two(tmp_path / "two")
    one = trained(seed=0)
    first, second = (dict(np.load(tmp_path / f"two_{rank}.npz")) for rank in range(2))

    assert len(one["losses"]) == 6  # 7 batches an epoch
    for name in ("losses", "weights", "moments"):
        assert first[name] == pytest.approx(one[name], abs=2e-6), name
    assert one["losses"][-1] < 0.8 * one["losses"][0], "there is something to compare"
    assert second["weights"].tobytes() == first["weights"].tobytes(), "the network is the same in both, to the bit"
    assert second["losses"].tolist() == first["losses"].tolist()
    assert [float(result["told"]) for result in (one, first, second)] == [6, 6, 0], (
        "checkpoints come from the first process alone"
    )
    for rank in range(2):
        text = (tmp_path / f"two_{rank}.txt").read_text()
        assert "the 2 processes would not train the same, but seed: [0, 1]. Give all the same files" in text


def test_the_parts_of_a_batch_are_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = np.arange(10, 17)
    for size in range(1, 10):
        counting: list[int] = []
        for rank in range(size):
            monkeypatch.setattr("metal.end_model.parallel.rank_and_size", lambda rank=rank, size=size: (rank, size))
            mine, count = part(positions)
            assert len(mine) >= 1, "every process takes part in every step"
            counting += mine[:count].tolist()
        assert sorted(counting) == positions.tolist()


def test_alone_there_is_nothing_to_agree_on() -> None:
    assert rank_and_size() == (0, 1)
    assert differing(seed=0) == []
    assert not torch.distributed.is_initialized()


if __name__ == "__main__":
    main(sys.argv[1])
