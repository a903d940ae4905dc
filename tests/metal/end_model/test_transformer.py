"""The pre-trained encoder: the library's own states, pooled; padding without influence; weights read safely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from metal.end_model.network import MultiTaskNetwork
from metal.end_model.parameters import NetworkShape, TrainingPlan
from metal.end_model.tokens import Tokens, word_pieces
from metal.end_model.training import Checkpoint, predict_proba, train
from metal.end_model.transformer import Transformer, TransformerError
from metal.tasks import TaskGraph
from tests.metal.end_model.tiny_encoder import PIECES, write_tiny_encoder

PET = TaskGraph.single("pet", ("bird", "fish"))
SHAPE = NetworkShape(
    encoder="transformer", hidden=None, layers=(), pooling="mean", dropout=0.0, input_dropout=0.0, train_embeddings=True
)
PLAN = TrainingPlan(steps=60, batch_size=16, learning_rate=0.01, weight_decay=0.0, warmup=0.1, clip=1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_encoder(tmp_path_factory.mktemp("encoder"))


def pieces(texts: list[str], folder: Path, max_tokens: int = 16) -> tuple[Tokens, tuple[str, ...], int]:
    return word_pieces(texts, (folder / "tokenizer.json").read_text(), max_tokens=max_tokens)


def test_texts_become_the_encoders_own_pieces(folder: Path) -> None:
    tokens, vocabulary, cut = pieces(["owls a", "hen", ""], folder)

    assert vocabulary == tuple(PIECES)
    assert [[PIECES[i] for i in tokens[row]] for row in range(3)] == [
        ["[CLS]", "owl", "##s", "a", "[SEP]"],
        ["[CLS]", "hen", "[SEP]"],
        ["[CLS]", "[SEP]"],
    ]
    assert cut == 0


def test_a_long_text_is_cut_with_its_end_marker_kept(folder: Path) -> None:
    tokens, _, cut = pieces(["owl hen eel cod", "owl"], folder, max_tokens=4)

    assert [PIECES[i] for i in tokens[0]] == ["[CLS]", "owl", "hen", "[SEP]"]
    assert cut == 1


def test_the_vector_of_a_text_is_the_mean_of_the_librarys_last_states(folder: Path) -> None:
    from transformers import AutoModel

    tokens, _, _ = pieces(["owls a hen", "cod"], folder)
    encoder = Transformer(folder, SHAPE).eval()
    oracle = AutoModel.from_pretrained(folder).eval()
    ids, lengths = tokens.padded(np.arange(2))

    vectors = encoder(torch.from_numpy(ids), torch.from_numpy(lengths))

    for row in range(2):  # one text at a time, so that there is no padding to mask
        states = oracle(torch.from_numpy(tokens[row].astype(np.int64))[None]).last_hidden_state[0]
        assert vectors[row].tolist() == pytest.approx(states.mean(dim=0).tolist(), abs=1e-5)


def test_what_stands_in_the_padding_has_no_influence(folder: Path) -> None:
    tokens, _, _ = pieces(["owls a hen", "cod"], folder)
    encoder = Transformer(folder, SHAPE).eval()
    ids, lengths = tokens.padded(np.arange(2))
    other = ids.copy()
    other[1, int(lengths[1]) :] = 5

    first = encoder(torch.from_numpy(ids), torch.from_numpy(lengths))
    assert torch.allclose(first, encoder(torch.from_numpy(other), torch.from_numpy(lengths)), atol=1e-6)


def test_it_learns_resumes_and_keeps_token_vectors_that_shall_not_learn(folder: Path) -> None:
    texts = [f"a {word} a" for word in ("owl", "hen", "eel", "cod") * 20]
    tokens, _, _ = pieces(texts, folder)
    labels = np.eye(2)[[0, 0, 1, 1] * 20]
    frozen = NetworkShape(**{**vars(SHAPE), "train_embeddings": False})
    kept: list[Checkpoint] = []

    def run(resume: Checkpoint | None = None) -> MultiTaskNetwork:
        return train(
            tokens,
            labels,
            encoder=lambda: Transformer(folder, frozen),
            tasks=PET,
            shape=frozen,
            plan=PLAN,
            seed=0,
            resume=resume,
            on_epoch=kept.append if resume is None else None,
        )[0]

    network = run()
    assert np.array_equal(predict_proba(network, tokens).argmax(axis=1), labels.argmax(axis=1))
    before = Transformer(folder, frozen).body.get_input_embeddings().weight
    assert isinstance(network.encoder, Transformer)
    assert torch.equal(network.encoder.body.get_input_embeddings().weight, before)
    # As on_epoch keeps live tensors, the last state alone is certain to be that of its epoch.
    resumed = run(kept[-1])
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), resumed.parameters(), strict=True))


def test_a_folder_without_an_encoder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TransformerError, match=f"{tmp_path} holds no encoder"):
        Transformer(tmp_path, SHAPE)


def test_pickled_weights_are_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")

    with pytest.raises(TransformerError, match="holds no encoder"):
        Transformer(tmp_path, SHAPE)


@pytest.mark.parametrize(("encoder", "hidden"), [("lstm", None), ("transformer", 8)])
def test_a_size_that_does_not_belong_to_the_encoder_is_refused(encoder: str, hidden: int | None) -> None:
    with pytest.raises(ValueError, match="null for a transformer"):
        NetworkShape(**{**vars(SHAPE), "encoder": encoder, "hidden": hidden})
