"""The end model on documents: text, tokens, network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metal.application import Application
from metal.atomic import write_text
from metal.end_model.network import BiLSTM, MultiTaskNetwork
from metal.end_model.parameters import NetworkShape
from metal.end_model.tokens import Tokens, word_pieces, words
from metal.end_model.training import predict_proba
from metal.end_model.transformer import Transformer
from metal.serving.documents import Scorer, ScorerError, Shown
from metal.tasks import TaskGraph

NETWORK, VOCABULARY, ENCODER = "network.safetensors", "vocabulary.json", "encoder"


class EndScorer(Scorer):
    """A trained network and what cuts a document's text into its tokens.

    files : folder of network.safetensors, and vocabulary.json (of an LSTM) or the folder encoder (of a transformer)
    max_tokens : how much of a text is read
    Raises ScorerError where the network was trained for another task graph, or a file is not what it should be.
    """

    def __init__(self, application: Application[Any], columns: Mapping[str, str], files: Path, max_tokens: int) -> None:
        super().__init__(application, columns)
        self.files = files
        self.max_tokens = max_tokens
        self.network = read_network(files)
        graph = network_header(files)["task_graph"]
        if TaskGraph.from_dict(graph) != application.tasks:
            raise ScorerError(f"the network was trained for other tasks than application {application.name!r} has")
        self.pieces: str | None = None
        self.vocabulary: list[str] = []
        if self.network.shape.encoder == "transformer":
            self.pieces = (files / ENCODER / "tokenizer.json").read_text(encoding="utf-8")
        else:
            self.vocabulary = json.loads((files / VOCABULARY).read_text(encoding="utf-8"))

    def tokens(self, documents: pd.DataFrame) -> Tokens:
        """Return the documents' tokens. Raises DocumentError as `score`."""
        texts = [text for _, text in Shown(self.rows(documents), "text", self.application.text)]
        if self.pieces is not None:
            return word_pieces(texts, self.pieces, max_tokens=self.max_tokens)[0]
        return Tokens.encode([words(text) for text in texts], self.vocabulary, max_tokens=self.max_tokens)

    def score(self, documents: pd.DataFrame) -> pd.DataFrame:
        """Return the answers."""
        return pd.DataFrame(self.answers(predict_proba(self.network, self.tokens(documents))), index=documents.index)

    def save(self, folder: Path, corpus: str) -> None:
        """Write what `load` reads."""
        shutil.copyfile(self.files / NETWORK, folder / NETWORK)
        if self.pieces is None:
            write_text(folder / VOCABULARY, json.dumps(self.vocabulary, ensure_ascii=False))
        else:
            shutil.copytree(self.files / ENCODER, folder / ENCODER)
        self.describe(folder, "end", corpus, {"max_tokens": self.max_tokens})

    @classmethod
    def load(
        cls, folder: Path, application: Application[Any], columns: Mapping[str, str], settings: Mapping[str, Any]
    ) -> EndScorer:
        """Read what `save` wrote."""
        return cls(application, columns, folder, int(settings["max_tokens"]))


def network_header(files: Path) -> dict[str, Any]:
    """Return the network's shape and task graph, as its file's header holds them. Raises ScorerError for others."""
    from safetensors import SafetensorError, safe_open

    path = files / NETWORK
    try:
        with safe_open(path, framework="numpy") as file:
            return dict(json.loads(file.metadata()["metal"]))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ScorerError(f"{path} holds no trained network: {error}") from error


def read_network(files: Path) -> MultiTaskNetwork:
    """Return the trained network, in evaluation mode. Raises ScorerError for a file that holds none."""
    from safetensors.torch import load_file

    header = network_header(files)
    shape, tasks = NetworkShape(**header["shape"]), TaskGraph.from_dict(header["task_graph"])
    tensors = load_file(files / NETWORK)
    try:
        if shape.encoder == "transformer":
            network = MultiTaskNetwork(Transformer(files / ENCODER, shape), tasks, shape)
        else:
            size = tuple(tensors["encoder.embedding.weight"].shape)
            network = MultiTaskNetwork(BiLSTM(np.zeros(size, dtype=np.float32), shape), tasks, shape)
        network.load_state_dict(tensors)
    except (KeyError, RuntimeError) as error:
        raise ScorerError(f"{files / NETWORK} does not fit the shape in its header: {error}") from error
    return network.eval()
