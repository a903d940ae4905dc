"""One training of an end model as a job: inputs from files, checkpoints to go on from, results as files.

A trial's folder belongs to the content of its inputs, the hyperparameters and the code, so that nothing made from
others is ever taken up again. torch is imported by the jobs alone: the process that hands them out stays light.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from flows.artifacts import (
    ArtifactError,
    atomic_directory,
    damaged,
    existing,
    load_arrays,
    parquet_files,
    read_json,
    read_probabilities,
    read_tasks,
    save_arrays,
    write_json,
)
from flows.config import EndModelParams
from flows.processes import local_rank
from flows.workers import Send
from metal.end_model.tokens import Tokens
from metal.tasks import TaskGraph

if TYPE_CHECKING:
    from metal.end_model.network import Encoder

ROOT = Path(__file__).parents[1]
CODE = tuple(
    ROOT / file
    for file in (
        "flows/artifacts.py",
        "flows/checkpoints.py",
        "flows/processes.py",
        "flows/trials.py",
        "flows/workers.py",
        "metal/atomic.py",
        "metal/end_model/network.py",
        "metal/end_model/parallel.py",
        "metal/end_model/parameters.py",
        "metal/end_model/tokens.py",
        "metal/end_model/training.py",
        "metal/end_model/transformer.py",
        "metal/codes.py",
        "metal/indicators.py",
        "metal/label_matrix.py",
        "metal/labels_file.py",
        "metal/npz.py",
        "metal/partitions.py",
        "metal/tasks.py",
        "metal/votes_file.py",
    )
)
"""What decides the outcome of a training besides its inputs: this module and its imports, as for train in dvc.yaml."""

PREDICTED = ("dev", "test")
"""The splits that a trained network predicts."""

CHECKPOINTS = 20
"""A trial is kept at most so often while it trains: with few examples, epochs take less time than writing one down."""


@dataclass(frozen=True)
class Trial:
    """A training: on the texts of `split` with the probabilistic labels of `labels`, from `seed`, kept in `folder`."""

    seed: int
    split: str
    labels: Path
    embeddings: Path
    folder: Path
    params: EndModelParams

    @property
    def finished(self) -> Path:
        """Directory of a finished trial: network.safetensors, predictions.npz, history.json."""
        return self.folder / f"trial_{self.seed}"

    @property
    def checkpoint(self) -> Path:
        """The state of an unfinished trial, at most a twentieth of its epochs old."""
        return self.folder / f"checkpoint_{self.seed}.safetensors"


@dataclass(frozen=True)
class Examples:
    """Texts with their probabilistic labels over F, and how many were left out for want of a vote."""

    ids: list[str]
    tokens: Tokens
    labels: npt.NDArray[np.float64]
    left_out: int


def read_tokens(embeddings: Path, split: str) -> tuple[list[str], Tokens]:
    """Return the ids and tokens of a split's examples."""
    arrays = load_arrays(embeddings / f"tokens_{split}.npz")
    return [str(identifier) for identifier in arrays["examples"]], Tokens(arrays["ids"], arrays["offsets"])


def read_vectors(embeddings: Path) -> npt.NDArray[np.float32]:
    """Return the word vectors, shape (words, dimension)."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = existing(embeddings / "vectors.safetensors")
    try:
        return np.asarray(load_file(path)["vectors"], dtype=np.float32)
    except (SafetensorError, KeyError) as error:
        raise damaged(path, error) from error


def embedding_file(embeddings: Path, params: EndModelParams) -> Path:
    """Return the file with the weights that the network's encoder starts from."""
    return embeddings / ("encoder/model.safetensors" if params.encoder == "transformer" else "vectors.safetensors")


def make_encoder(embeddings: Path, params: EndModelParams) -> Callable[[], Encoder]:
    """Return what makes the network's encoder: an LSTM over the word vectors, or the pre-trained transformer."""
    from metal.end_model.network import BiLSTM
    from metal.end_model.transformer import Transformer

    shape = params.shape
    if params.encoder == "transformer":
        return lambda: Transformer(embeddings / "encoder", shape)
    vectors = read_vectors(embeddings)
    return lambda: BiLSTM(vectors, shape)


def read_examples(embeddings: Path, split: str, labels: Path, *, unvoted: bool) -> tuple[TaskGraph, Examples]:
    """Join the tokens of a split with its labels; examples without a vote only if `unvoted`.

    Raises ArtifactError where labels and tokens are not of the same examples, and where nothing is left.
    """
    tasks = read_tasks(labels)
    labelled, probabilities, voted = read_probabilities(labels, tasks)
    ids, tokens = read_tokens(embeddings, split)
    position = {identifier: row for row, identifier in enumerate(ids)}
    missing = [identifier for identifier in labelled if identifier not in position]
    if missing or len(labelled) != len(ids):
        raise ArtifactError(
            f"{labels} and the tokens of {split} are not of the same examples: {len(labelled)} and {len(ids)}, "
            f"without tokens {missing[:3]}; run dvc repro"
        )
    kept = np.flatnonzero(voted | unvoted)
    if len(kept) == 0:
        raise ArtifactError(f"{labels}: no example of {split} has a vote; mend the sources, or train_unvoted=true")
    rows = np.array([position[labelled[row]] for row in kept], dtype=np.int64)
    examples = Examples([labelled[row] for row in kept], tokens.take(rows), probabilities[kept], len(ids) - len(kept))
    return tasks, examples


def content_key(files: Sequence[Path], params: Mapping[str, Any]) -> str:
    """Return a hash of the files' content, the parameters, and the code and torch that train."""
    from importlib.metadata import version

    digest = hashlib.sha256(json.dumps([dict(params), version("torch")], sort_keys=True).encode())
    for path in (*(part for file in files for part in parquet_files(file)), *CODE):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def run_trial(trial: Trial, send: Send) -> None:
    """Train unless finished, going on from a checkpoint if there is one, and predict dev and test.

    Sends (epoch, loss, seconds) of each epoch, those from before an interruption, too. Of processes that train together
    (`flows.processes`) the first alone predicts and writes.
    """
    if trial.finished.is_dir():
        for epoch in read_json(trial.finished / "history.json")["epochs"]:
            send(tuple(epoch))
        return
    import torch

    from flows.checkpoints import read_checkpoint, write_checkpoint, write_network
    from metal.end_model.parallel import rank_and_size
    from metal.end_model.training import Checkpoint, predict_proba, train

    torch.set_num_threads(1)  # the trials run side by side, one a core
    tasks, examples = read_examples(trial.embeddings, trial.split, trial.labels, unvoted=trial.params.train_unvoted)
    resume = read_checkpoint(trial.checkpoint) if trial.checkpoint.is_file() else None
    for past in resume.history if resume else ():
        send(astuple(past))

    plan = trial.params.plan
    every = math.ceil(plan.epochs(len(examples.ids)) / CHECKPOINTS)

    def on_epoch(checkpoint: Checkpoint) -> None:
        if checkpoint.history[-1].number % every == 0:
            write_checkpoint(trial.checkpoint, checkpoint)
        send(astuple(checkpoint.history[-1]))

    rank, size = rank_and_size()
    device = chosen_device(trial.params.device)
    network, history = train(
        examples.tokens,
        examples.labels,
        encoder=make_encoder(trial.embeddings, trial.params),
        tasks=tasks,
        shape=trial.params.shape,
        plan=plan,
        seed=trial.seed,
        device=f"cuda:{local_rank()}" if device == "cuda" else device,
        resume=resume,
        on_epoch=on_epoch,
    )
    if rank > 0:
        return
    predictions = {split: predict_proba(network, read_tokens(trial.embeddings, split)[1]) for split in PREDICTED}
    with atomic_directory(trial.finished) as directory:
        write_network(directory / "network.safetensors", network, tasks)
        save_arrays(directory / "predictions.npz", **predictions)
        epochs = [astuple(epoch) for epoch in history]
        write_json(directory / "history.json", {"device": device, "processes": size, "epochs": epochs})
    trial.checkpoint.unlink(missing_ok=True)


def chosen_device(device: str) -> str:
    """Return "cpu" or "cuda". Raises ValueError for "cuda" where there is none."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("end_model.device=cuda, but torch sees no CUDA device; set end_model.device=cpu")
    return device
