"""A pre-trained transformer as the encoder of the end model, in place of the paper's LSTM.

Any encoder that `transformers` loads from a folder: its configuration and its weights as safetensors. It reads the
word pieces of its own tokenizer; heads and loss are those of `metal.end_model.network`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from metal.end_model.network import Encoder, Pooling, drop_tokens
from metal.end_model.parameters import NetworkShape


class TransformerError(ValueError):
    """A transformer that cannot be used: the library is missing, or the folder does not hold an encoder."""


class Transformer(Encoder):
    """A pre-trained encoder, its last states pooled; all of it learns, its token vectors only if the shape says so.

    folder : of config.json and model.safetensors; nothing in it is executed
    Raises TransformerError if the folder holds no encoder, or the library is not installed.
    """

    def __init__(self, folder: Path, shape: NetworkShape) -> None:
        super().__init__()
        self.input_dropout = shape.input_dropout
        self.body = _load(folder)
        self.body.get_input_embeddings().weight.requires_grad_(shape.train_embeddings)
        self.pool = Pooling(self.body.config.hidden_size, shape.pooling)
        self.width = self.pool.width

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return one vector a text, (batch, width)."""
        inside = torch.arange(ids.shape[1], device=ids.device) < lengths.unsqueeze(1)
        embedded = drop_tokens(self.body.get_input_embeddings()(ids), self.input_dropout if self.training else 0.0)
        states = self.body(inputs_embeds=embedded, attention_mask=inside.long()).last_hidden_state
        pooled: Tensor = self.pool(states, inside)
        return pooled


def _load(folder: Path) -> Any:
    try:
        from transformers import AutoModel
        from transformers.utils import logging
    except ImportError as error:
        raise TransformerError(
            "a transformer needs the library `transformers`: pip install 'metal[transformer]'"
        ) from error
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        body = AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise TransformerError(f"{folder} holds no encoder that `transformers` can load: {error}") from error
    if hasattr(body, "pooler"):
        body.pooler = None  # pooled here instead; its weights would be saved and never learn
    return body
